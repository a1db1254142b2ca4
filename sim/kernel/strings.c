/* SPDX-License-Identifier: BSD-2-Clause */
#include "memory.h"

#include <ksim.h>

#include <libkern/libkern.h>
#include <limits.h>
#include <string.h>
#include <sys/random.h>

/* --- memory ------------------------------------------------------------------------------------ */

void *
memcpy(void *to, const void *from, size_t bytes)
{
    machine_copy(to, from, bytes);
    return to;
}

void *
memmove(void *to, const void *from, size_t bytes)
{
    machine_copy(to, from, bytes);
    return to;
}

void *
memset(void *to, int byte, size_t bytes)
{
    machine_fill(to, byte, bytes);
    return to;
}

int
memcmp(const void *left, const void *right, size_t bytes)
{
    return machine_compare(left, right, bytes);
}

void
bcopy(const void *from, void *to, size_t bytes)
{
    machine_copy(to, from, bytes);
}

void
bzero(void *to, size_t bytes)
{
    machine_fill(to, 0, bytes);
}

int
bcmp(const void *left, const void *right, size_t bytes)
{
    return machine_compare(left, right, bytes);
}

/* --- strings ----------------------------------------------------------------------------------- */

size_t
strnlen(const char *string, size_t limit)
{
    size_t length = 0;

    while (length < limit && string[length] != '\0') {
        length++;
    }
    return length;
}

size_t
strlen(const char *string)
{
    return strnlen(string, SIZE_MAX);
}

int
strncmp(const char *left, const char *right, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        unsigned char l = (unsigned char)left[i];
        unsigned char r = (unsigned char)right[i];

        if (l != r || l == '\0') {
            return l - r;
        }
    }
    return 0;
}

int
strcmp(const char *left, const char *right)
{
    return strncmp(left, right, SIZE_MAX);
}

size_t
strlcpy(char *to, const char *from, size_t size)
{
    size_t length = strlen(from);

    if (size > 0) {
        size_t copied = length < size - 1 ? length : size - 1;

        machine_copy(to, from, copied);
        to[copied] = '\0';
    }
    return length;
}

size_t
strlcat(char *to, const char *from, size_t size)
{
    size_t used = strnlen(to, size);

    if (used == size) {
        return size + strlen(from);
    }
    return used + strlcpy(to + used, from, size - used);
}

/* --- text -------------------------------------------------------------------------------------- */

int
vprintf(const char *format, va_list arguments)
{
    ksim_kpi_enter("printf", KPI_ANY_CONTEXT);
    machine_console_list(format, arguments);
    return 0;
}

int
printf(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    return 0;
}

int
vsnprintf(char *buffer, size_t size, const char *format, va_list arguments)
{
    return machine_format_list(buffer, size, format, arguments);
}

int
snprintf(char *buffer, size_t size, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = machine_format_list(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

/* --- numbers ----------------------------------------------------------------------------------- */

int
ffs(unsigned int value)
{
    for (int bit = 0; bit < 32; bit++) {
        if ((value & (1U << bit)) != 0) {
            return bit + 1;
        }
    }
    return 0;
}

uint32_t
crc32(uint32_t crc, const void *buffer, size_t bytes)
{
    const unsigned char *byte = buffer;

    crc = ~crc;
    while (bytes-- > 0) {
        crc ^= *byte++;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0);
        }
    }
    return ~crc;
}

static int
digit_value(char character)
{
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    if (character >= 'a' && character <= 'z') {
        return character - 'a' + 10;
    }
    if (character >= 'A' && character <= 'Z') {
        return character - 'A' + 10;
    }
    return 36;
}

/* The digits of a number without sign; *negative is set for a minus. Saturates at ULONG_MAX. */
static unsigned long
digits_parse(const char *string, char **end, int base, bool *negative)
{
    const char *cursor = string;
    unsigned long value = 0;
    bool any = false;

    while (*cursor == ' ' || (*cursor >= '\t' && *cursor <= '\r')) {
        cursor++;
    }
    *negative = *cursor == '-';
    cursor += *cursor == '-' || *cursor == '+';
    if ((base == 0 || base == 16) && cursor[0] == '0' && (cursor[1] == 'x' || cursor[1] == 'X') &&
        digit_value(cursor[2]) < 16) {
        cursor += 2;
        base = 16;
    }
    if (base == 0) {
        base = *cursor == '0' ? 8 : 10;
    }
    for (; digit_value(*cursor) < base; cursor++, any = true) {
        if (__builtin_mul_overflow(value, (unsigned long)base, &value) ||
            __builtin_add_overflow(value, (unsigned long)digit_value(*cursor), &value)) {
            value = ULONG_MAX;
        }
    }
    if (end != NULL) {
        *end = __DECONST(char *, any ? cursor : string);
    }
    return value;
}

u_long
strtoul(const char *string, char **end, int base)
{
    bool negative;
    unsigned long value = digits_parse(string, end, base, &negative);

    return negative ? -value : value;
}

long
strtol(const char *string, char **end, int base)
{
    bool negative;
    unsigned long value = digits_parse(string, end, base, &negative);

    if (negative) {
        return value > (unsigned long)LONG_MAX ? LONG_MIN : -(long)value;
    }
    return value > (unsigned long)LONG_MAX ? LONG_MAX : (long)value;
}

/* --- random ------------------------------------------------------------------------------------ */

/* splitmix64 on a state that starts with a choice of the tape. */
static uint64_t
random_word(void)
{
    struct random_state *state = ksim_random_state();
    uint64_t word;

    if (!state->seeded) {
        state->seeded = true;
        state->word += (uint64_t)machine_choose(CHOICE_WORKLOAD, 0x10000, "read_random") << 32;
    }
    state->word += 0x9e3779b97f4a7c15ULL;
    word = state->word;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ULL;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebULL;
    return word ^ (word >> 31);
}

void
read_random(void *buffer, u_int bytes)
{
    unsigned char *byte = buffer;
    uint64_t word = 0;

    /* Yarrow of 10.6 takes a mutex; later generators do not, but old systems are supported. */
    ksim_kpi_enter("read_random", KPI_MAY_BLOCK);
    for (u_int i = 0; i < bytes; i++) {
        if (i % 8 == 0) {
            word = random_word();
        }
        byte[i] = (unsigned char)(word >> (8 * (i % 8)));
    }
}

u_int32_t
random(void)
{
    ksim_kpi_enter("random", KPI_ANY_CONTEXT);
    return (u_int32_t)random_word() & 0x7fffffff;
}
