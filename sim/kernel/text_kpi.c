/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings for kexts of others: other_kpi.h. */
#include "other_kpi.h"

#include <ksim.h>

#include <string.h>
#include <sys/socket.h>

char *
strncpy(char *to, const char *from, size_t bytes)
{
    const size_t length = strnlen(from, bytes);

    machine_copy(to, from, length);
    machine_fill(to + length, 0, bytes - length);
    return to;
}

char *
strncat(char *to, const char *from, size_t bytes)
{
    const size_t length = strnlen(from, bytes);
    char *end = to + strlen(to);

    machine_copy(end, from, length);
    end[length] = '\0';
    return to;
}

char *
strchr(const char *string, int character)
{
    for (; *string != (char)character; string++) {
        if (*string == '\0') {
            return NULL;
        }
    }
    return __DECONST(char *, string);
}

static int
lower(char character)
{
    return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : (unsigned char)character;
}

int
strncasecmp(const char *left, const char *right, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        const int difference = lower(left[i]) - lower(right[i]);

        if (difference != 0 || left[i] == '\0') {
            return difference;
        }
    }
    return 0;
}

int
strcasecmp(const char *left, const char *right)
{
    return strncasecmp(left, right, SIZE_MAX);
}

/* --- inet_ntop --------------------------------------------------------------------------------- */

enum { INET6_WORDS = 8, INET6_TEXT_BYTES = 46 };

static const char *
text_give(const char *whole, char *text, unsigned bytes)
{
    const size_t length = strlen(whole) + 1;

    if (length > bytes) {
        return NULL;
    }
    machine_copy(text, whole, length);
    return text;
}

/* The longest run of zero words, two at least; the first of several. */
static int
zeros_find(const unsigned words[INET6_WORDS], int *longest)
{
    int best = -1;

    *longest = 1;
    for (int i = 0, run = 0; i < INET6_WORDS; i++) {
        run = words[i] == 0 ? run + 1 : 0;
        if (run > *longest) {
            *longest = run;
            best = i - run + 1;
        }
    }
    return best;
}

static const char *
inet6_text(const unsigned char *bytes, char *text, unsigned room)
{
    unsigned words[INET6_WORDS];
    char whole[INET6_TEXT_BYTES];
    size_t length = 0;
    int zeros, run;

    for (int i = 0; i < INET6_WORDS; i++) {
        words[i] = (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
    }
    zeros = zeros_find(words, &run);
    for (int i = 0; i < INET6_WORDS; i++) {
        const bool mapped = i == 6 && zeros == 0 && (run == 6 || (run == 5 && words[5] == 0xffff));

        if (i == zeros) {
            length += (size_t)machine_format(whole + length, sizeof(whole) - length, "::");
            i += run - 1;
        } else if (mapped) {
            length += (size_t)machine_format(whole + length, sizeof(whole) - length, "%s%u.%u.%u.%u",
                                             run == 6 ? "" : ":", bytes[12], bytes[13], bytes[14], bytes[15]);
            break;
        } else {
            const bool behind = i == 0 || (zeros >= 0 && i == zeros + run);

            length += (size_t)machine_format(whole + length, sizeof(whole) - length, "%s%x",
                                             behind ? "" : ":", words[i]);
        }
    }
    return text_give(whole, text, room);
}

const char *
inet_ntop(int family, const void *address, char *text, unsigned bytes)
{
    const unsigned char *octets = address;
    char whole[16];

    if (family == AF_INET6) {
        return inet6_text(octets, text, bytes);
    }
    if (family != AF_INET) {
        return NULL;
    }
    (void)machine_format(whole, sizeof(whole), "%u.%u.%u.%u", octets[0], octets[1], octets[2], octets[3]);
    return text_give(whole, text, bytes);
}
