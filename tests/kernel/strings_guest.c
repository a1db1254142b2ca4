/* SPDX-License-Identifier: BSD-2-Clause */

/* The kernel's C library and its atomic operations: kpi-rest.md 4.9. */

#include "guest.h"

#include <libkern/OSAtomic.h>
#include <libkern/libkern.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>

void
strings_memory(void *argument)
{
    char text[] = "abcdef";
    char other[8];

    (void)argument;
    memcpy(other, text, 7);
    say("same", memcmp(text, other, 7) == 0);
    memmove(text + 1, text, 5);
    say_text(text);
    bcopy(text + 1, text, 5);
    say_text(text);
    memset(text, 'x', 3);
    say_text(text);
    bzero(text, 2);
    say("zeroed", text[0] == 0 && text[1] == 0 && text[2] == 'x');
    say("order", memcmp("a", "b", 1) < 0 && bcmp("b", "a", 1) != 0);
    say("unsigned", memcmp("\x80", "\x01", 1) > 0);
}

void
strings_copies(void *argument)
{
    char text[8];

    (void)argument;
    say("length", strlcpy(text, "0123456789", sizeof(text)));
    say_text(text);
    say("length", strlcpy(text, "ab", sizeof(text)));
    say("length", strlcat(text, "cdefghij", sizeof(text)));
    say_text(text);
    say("length", strlcat(text, "zz", 4)); /* no end within 4 bytes */
    say("length", strlcpy(text, "xyz", 0));
    say_text(text);
}

void
strings_compare(void *argument)
{
    (void)argument;
    say("equal", strcmp("tun", "tun"));
    say("less", strcmp("tap", "tun") < 0);
    say("shorter", strcmp("tu", "tun") < 0);
    say("high", strcmp("\xff", "a") > 0);
    say("first", strncmp("tun0", "tun1", 3));
    say("length", strlen("hello"));
    say("limit", strnlen("hello", 3));
}

void
strings_format(void *argument)
{
    char text[8];

    (void)argument;
    say("length", snprintf(text, sizeof(text), "%s%d", "interface", 7));
    say_text(text);
    say("length", snprintf(text, sizeof(text), "%04x", 0xab));
    say_text(text);
    say("length", snprintf(NULL, 0, "%u", 12345U));
}

void
strings_console(void *argument)
{
    (void)argument;
    say("printf", printf("%s says %d\n", "guest", 5));
}

static void
say_number(const char *text, int base)
{
    char *end;

    say("value", strtol(text, &end, base));
    say("used", end - text);
}

void
strings_numbers(void *argument)
{
    (void)argument;
    say("ffs", ffs(0));
    say("ffs", ffs(0x80000000U));
    say("crc", crc32(0, "123456789", 9) == 0xcbf43926U);
    say_number("  -12x", 10);
    say_number("0x1Fg", 0);
    say_number("017", 0);
    say_number("z", 36);
    say_number("none", 10);
    say("max", strtol("99999999999999999999", NULL, 10) == LONG_MAX);
    say("min", strtol("-99999999999999999999", NULL, 10) == LONG_MIN);
    say("wraps", strtoul("-1", NULL, 10) == ULONG_MAX);
    say("plain", (long long)strtoul("+42", NULL, 10));
}

void
strings_random(void *argument)
{
    unsigned char first[16];
    unsigned char second[16];

    (void)argument;
    read_random(first, sizeof(first));
    read_random(second, sizeof(second));
    say("differ", memcmp(first, second, sizeof(first)) != 0);
    say("first", first[0]);
    say("positive", (int)random() >= 0);
}

void
atomics(void *argument)
{
    SInt32 number = 5;
    SInt64 large = 1;
    UInt32 bits = 0xf0;
    UInt64 word = 3;
    UInt8 bytes[2] = {0, 0};
    void *pointer = NULL;

    (void)argument;
    say("old", OSAddAtomic(3, &number));
    say("old", OSIncrementAtomic(&number));
    say("old", OSDecrementAtomic(&number));
    say("now", number);
    say("old", OSAddAtomic64(1LL << 40, &large));
    say("now", large == (1LL << 40) + 1);
    say("old", OSBitOrAtomic(0x0f, &bits));
    say("old", OSBitAndAtomic(0x3c, &bits));
    say("old", OSBitXorAtomic(0xff, &bits));
    say("now", bits);
    say("swap", OSCompareAndSwap(1, 2, &bits));
    say("swap", OSCompareAndSwap(0xc3, 2, &bits));
    say("now", bits);
    say("swap", OSCompareAndSwap64(3, 4, &word) && word == 4);
    say("swap", OSCompareAndSwapPtr(NULL, &pointer, &pointer) && pointer == &pointer);
    say("was", OSTestAndSet(9, bytes));
    say("was", OSTestAndSet(9, bytes));
    say("byte", bytes[1]);
    say("clear", OSTestAndClear(9, bytes));
    say("clear", OSTestAndClear(9, bytes));
}
