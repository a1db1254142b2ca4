/* SPDX-License-Identifier: BSD-2-Clause */
/* sscanf for kexts of others: other_kpi.h. */
#include "other_kpi.h"

#include <ksim.h>

#include <string.h>

struct scan {
    const char *begin, *text;
    const char *format;
    va_list arguments;
};

/* One conversion: %[*][width][length]kind */
struct conversion {
    bool kept; /* no * */
    size_t width;
    int bytes; /* of an integer */
    char kind;
    const char *set_begin, *set_end; /* of %[ */
    bool set_inverted;
};

static bool
is_space(char character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static int
digit_of(char character)
{
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    if (character >= 'a' && character <= 'f') {
        return character - 'a' + 10;
    }
    return character >= 'A' && character <= 'F' ? character - 'A' + 10 : 99;
}

static int
length_take(const char **format)
{
    int bytes = (int)sizeof(int);

    for (;; (*format)++) {
        switch (**format) {
        case 'h':
            bytes /= 2;
            break;
        case 'l':
        case 'q':
        case 'z':
        case 't':
        case 'j':
            bytes = (int)sizeof(long);
            break;
        default:
            return bytes;
        }
    }
}

/* The set of %[: a ] that comes first belongs to it. False: it has no end. */
static bool
set_take(struct conversion *conversion, const char **format)
{
    conversion->set_inverted = **format == '^';
    *format += conversion->set_inverted;
    conversion->set_begin = *format;
    *format += **format == ']';
    while (**format != ']') {
        if (**format == '\0') {
            return false;
        }
        (*format)++;
    }
    conversion->set_end = (*format)++;
    return true;
}

static bool
conversion_take(struct conversion *conversion, const char **format)
{
    machine_fill(conversion, 0, sizeof(*conversion));
    conversion->kept = **format != '*';
    *format += !conversion->kept;
    while (**format >= '0' && **format <= '9') {
        conversion->width = conversion->width * 10 + (size_t)(*(*format)++ - '0');
    }
    conversion->bytes = length_take(format);
    conversion->kind = **format;
    if (conversion->kind == '\0') {
        return false;
    }
    (*format)++;
    return conversion->kind != '[' || set_take(conversion, format);
}

static void
integer_store(struct scan *scan, const struct conversion *conversion, uint64_t value)
{
    void *target;

    if (conversion->kept) {
        target = va_arg(scan->arguments, void *);
        machine_copy(target, &value, (size_t)conversion->bytes);
    }
}

/* --- numbers ----------------------------------------------------------------------------------- */

static int
base_of(char kind)
{
    return kind == 'x' || kind == 'X' || kind == 'p' ? 16 : kind == 'o' ? 8 : kind == 'i' ? 0 : 10;
}

/* Steps over 0x, and settles a base that the number itself tells. */
static int
prefix_take(const char **text, size_t *room, int base)
{
    const bool zero = *room > 0 && **text == '0';

    if ((base == 0 || base == 16) && zero && *room > 2 && ((*text)[1] | 0x20) == 'x' &&
        digit_of((*text)[2]) < 16) {
        *text += 2;
        *room -= 2;
        return 16;
    }
    return base != 0 ? base : zero ? 8 : 10;
}

static bool
integer_scan(struct scan *scan, struct conversion *conversion)
{
    size_t room = conversion->width == 0 ? SIZE_MAX : conversion->width;
    const char *text = scan->text;
    uint64_t value = 0;
    bool negative = *text == '-', any = false;
    int base;

    if (room > 0 && (*text == '-' || *text == '+')) {
        text++;
        room--;
    }
    base = prefix_take(&text, &room, base_of(conversion->kind));
    for (; room > 0 && digit_of(*text) < base; room--, any = true) {
        value = value * (uint64_t)base + (uint64_t)digit_of(*text++);
    }
    if (!any) {
        return false;
    }
    scan->text = text;
    if (conversion->kind == 'p') {
        conversion->bytes = (int)sizeof(void *);
    }
    integer_store(scan, conversion, negative ? 0 - value : value);
    return true;
}

/* --- characters -------------------------------------------------------------------------------- */

static bool
set_has(const struct conversion *conversion, char character)
{
    for (const char *at = conversion->set_begin; at < conversion->set_end; at++) {
        if (at + 2 < conversion->set_end && at[1] == '-') {
            if (character >= at[0] && character <= at[2]) {
                return !conversion->set_inverted;
            }
            at += 2;
        } else if (*at == character) {
            return !conversion->set_inverted;
        }
    }
    return conversion->set_inverted;
}

static bool
is_wanted(const struct conversion *conversion, char character)
{
    return conversion->kind == 'c' || (conversion->kind == 's' ? !is_space(character) : set_has(conversion, character));
}

static bool
characters_scan(struct scan *scan, const struct conversion *conversion)
{
    const size_t limit = conversion->width != 0 ? conversion->width : conversion->kind == 'c' ? 1 : SIZE_MAX;
    size_t length = 0;
    char *target;

    while (length < limit && scan->text[length] != '\0' && is_wanted(conversion, scan->text[length])) {
        length++;
    }
    if (length == 0 || (conversion->kind == 'c' && length < limit)) {
        return false;
    }
    if (conversion->kept) {
        target = va_arg(scan->arguments, char *);
        machine_copy(target, scan->text, length);
        if (conversion->kind != 'c') {
            target[length] = '\0';
        }
    }
    scan->text += length;
    return true;
}

/* --- the whole --------------------------------------------------------------------------------- */

static void
spaces_skip(const char **text)
{
    while (is_space(**text)) {
        (*text)++;
    }
}

/* 1: converted, 0: matched, -1: no more. */
static int
conversion_scan(struct scan *scan, struct conversion *conversion)
{
    bool good;

    if (conversion->kind == 'n') {
        integer_store(scan, conversion, (uint64_t)(scan->text - scan->begin));
        return 0;
    }
    if (conversion->kind != 'c' && conversion->kind != '[') {
        spaces_skip(&scan->text);
    }
    switch (conversion->kind) {
    case '%':
        return *scan->text == '%' && scan->text++ != NULL ? 0 : -1;
    case 'c':
    case 's':
    case '[':
        good = characters_scan(scan, conversion);
        break;
    case 'd':
    case 'i':
    case 'o':
    case 'p':
    case 'u':
    case 'x':
    case 'X':
        good = integer_scan(scan, conversion);
        break;
    default:
        good = false;
    }
    return good ? conversion->kept : -1;
}

int
vsscanf(const char *text, const char *format, va_list arguments)
{
    struct scan scan = {.begin = text, .text = text};
    struct conversion conversion;
    bool ended = false;
    int count = 0;

    va_copy(scan.arguments, arguments);
    while (*format != '\0' && !ended) {
        if (is_space(*format)) {
            spaces_skip(&format);
            spaces_skip(&scan.text);
        } else if (*format != '%') {
            ended = *scan.text != *format;
            scan.text += !ended;
            format++;
        } else {
            int matched = -1;

            format++;
            if (conversion_take(&conversion, &format)) {
                matched = conversion_scan(&scan, &conversion);
            }
            ended = matched < 0;
            count += matched > 0;
        }
    }
    va_end(scan.arguments);
    return ended && count == 0 && *scan.text == '\0' ? -1 : count;
}

int
sscanf(const char *text, const char *format, ...)
{
    va_list arguments;
    int count;

    va_start(arguments, format);
    count = vsscanf(text, format, arguments);
    va_end(arguments);
    return count;
}
