/* SPDX-License-Identifier: BSD-2-Clause */
#include <limits.h>
#include <string.h>

#include "machine.h"
#include "sanitizer.h"

/* What stands between the % and the letter. */
struct conversion {
    bool left, zero, sign, space, alternate;
    int width;
    int precision; /* -1 = none */
    int size;      /* -2 char, -1 short, 0 int, 1 long, 2 long long, size_t or intmax_t */
    char letter;
};

struct sink {
    char *buffer;
    size_t room; /* of buffer, with its NUL */
    size_t length;
};

static void
put_bytes(struct sink *sink, const char *bytes, size_t count)
{
    if (sink->length + 1 < sink->room) {
        size_t fits = sink->room - 1 - sink->length;

        memcpy(sink->buffer + sink->length, bytes, count < fits ? count : fits);
    }
    sink->length += count;
}

static void
put_many(struct sink *sink, char byte, int count)
{
    while (count-- > 0)
        put_bytes(sink, &byte, 1);
}

/* Prefix (sign, 0x), zeros, body: padded to the width on the side the conversion says. */
static void
put_field(struct sink *sink, const struct conversion *conversion, const char *prefix, int zeros,
          const char *body, size_t body_bytes)
{
    int used = (int)strlen(prefix) + zeros + (int)body_bytes;
    int blanks = conversion->width > used ? conversion->width - used : 0;

    if (!conversion->left)
        put_many(sink, ' ', blanks);
    put_bytes(sink, prefix, strlen(prefix));
    put_many(sink, '0', zeros);
    put_bytes(sink, body, body_bytes);
    if (conversion->left)
        put_many(sink, ' ', blanks);
}

static void
put_number(struct sink *sink, const struct conversion *conversion, uint64_t value,
           const char *prefix, unsigned base)
{
    const char *digits = conversion->letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char body[24]; /* 22 octal digits at most */
    size_t at = sizeof(body);
    int used, zeros = 0;

    for (uint64_t rest = value; rest != 0; rest /= base)
        body[--at] = digits[rest % base];
    if (value == 0 && conversion->precision != 0)
        body[--at] = '0';
    used = (int)(sizeof(body) - at);
    if (conversion->precision > used)
        zeros = conversion->precision - used;
    else if (conversion->precision < 0 && conversion->zero && !conversion->left)
        zeros = conversion->width - used - (int)strlen(prefix);
    if (conversion->letter == 'o' && conversion->alternate && zeros <= 0 &&
        (at == sizeof(body) || body[at] != '0'))
        zeros = 1;
    put_field(sink, conversion, prefix, zeros < 0 ? 0 : zeros, body + at, sizeof(body) - at);
}

static void
put_signed(struct sink *sink, const struct conversion *conversion, int64_t value)
{
    const char *prefix = conversion->sign ? "+" : conversion->space ? " " : "";
    uint64_t magnitude = (uint64_t)value;

    if (value < 0) {
        prefix = "-";
        magnitude = 0 - magnitude;
    }
    put_number(sink, conversion, magnitude, prefix, 10);
}

static void
put_unsigned(struct sink *sink, const struct conversion *conversion, uint64_t value)
{
    unsigned base = conversion->letter == 'o' ? 8 : conversion->letter == 'u' ? 10 : 16;
    const char *prefix = "";

    if (base == 16 && conversion->alternate && value != 0)
        prefix = conversion->letter == 'X' ? "0X" : "0x";
    put_number(sink, conversion, value, prefix, base);
}

static void
put_string(struct sink *sink, const struct conversion *conversion, const char *string)
{
    size_t bytes = 0;

    if (string == NULL)
        string = "(null)";
    while ((conversion->precision < 0 || bytes < (size_t)conversion->precision) &&
           string[bytes] != '\0')
        bytes++;
    put_field(sink, conversion, "", 0, string, bytes);
}

static void
put_pointer(struct sink *sink, const struct conversion *conversion, const void *pointer)
{
    char name[96];

    name[0] = '<';
    machine_describe(name + 1, sizeof(name) - 2, pointer);
    strcat(name, ">");
    put_field(sink, conversion, "", 0, name, strlen(name));
}

/* --- reading the format ----------------------------------------------------------------------- */

static const char *
read_flags(const char *format, struct conversion *conversion)
{
    for (;; format++) {
        if (*format == '-')
            conversion->left = true;
        else if (*format == '0')
            conversion->zero = true;
        else if (*format == '+')
            conversion->sign = true;
        else if (*format == ' ')
            conversion->space = true;
        else if (*format == '#')
            conversion->alternate = true;
        else
            return format;
    }
}

static const char *
read_number(const char *format, int *number)
{
    long value = 0;

    for (; *format >= '0' && *format <= '9'; format++) {
        if (value < INT_MAX / 10 - 1)
            value = value * 10 + (*format - '0');
    }
    *number = (int)value;
    return format;
}

static const char *
read_size(const char *format, struct conversion *conversion)
{
    for (;; format++) {
        if (*format == 'h')
            conversion->size--;
        else if (*format == 'l')
            conversion->size++;
        else if (*format == 'z' || *format == 'j' || *format == 't' || *format == 'q')
            conversion->size = 2;
        else
            return format;
    }
}

/* va_list can be an array type, so the callee needs it inside a struct to change the caller's. */
struct argument_list {
    va_list list;
};

static const char *
read_conversion(const char *format, struct conversion *conversion, struct argument_list *arguments)
{
    memset(conversion, 0, sizeof(*conversion));
    conversion->precision = -1;
    format = read_flags(format, conversion);
    if (*format == '*') {
        conversion->width = va_arg(arguments->list, int);
        if (conversion->width < 0) {
            conversion->left = true;
            conversion->width = conversion->width == INT_MIN ? 0 : -conversion->width;
        }
        format++;
    } else {
        format = read_number(format, &conversion->width);
    }
    if (*format == '.') {
        if (*++format == '*') {
            conversion->precision = va_arg(arguments->list, int);
            format++;
        } else {
            format = read_number(format, &conversion->precision);
        }
    }
    format = read_size(format, conversion);
    conversion->letter = *format;
    return *format == '\0' ? format : format + 1;
}

static int64_t
take_signed(const struct conversion *conversion, struct argument_list *arguments)
{
    if (conversion->size >= 2)
        return va_arg(arguments->list, long long);
    if (conversion->size == 1)
        return va_arg(arguments->list, long);
    if (conversion->size == 0)
        return va_arg(arguments->list, int);
    if (conversion->size == -1)
        return (short)va_arg(arguments->list, int);
    return (signed char)va_arg(arguments->list, int);
}

static uint64_t
take_unsigned(const struct conversion *conversion, struct argument_list *arguments)
{
    if (conversion->size >= 2)
        return va_arg(arguments->list, unsigned long long);
    if (conversion->size == 1)
        return va_arg(arguments->list, unsigned long);
    if (conversion->size == 0)
        return va_arg(arguments->list, unsigned);
    if (conversion->size == -1)
        return (unsigned short)va_arg(arguments->list, unsigned);
    return (unsigned char)va_arg(arguments->list, unsigned);
}

/* False for a letter that is none of these. */
static bool
convert(struct sink *sink, const struct conversion *conversion, struct argument_list *arguments)
{
    char byte;

    switch (conversion->letter) {
    case 'd':
    case 'i':
        put_signed(sink, conversion, take_signed(conversion, arguments));
        return true;
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        put_unsigned(sink, conversion, take_unsigned(conversion, arguments));
        return true;
    case 'c':
        byte = (char)va_arg(arguments->list, int);
        put_field(sink, conversion, "", 0, &byte, 1);
        return true;
    case 's':
        put_string(sink, conversion, va_arg(arguments->list, const char *));
        return true;
    case 'p':
        put_pointer(sink, conversion, va_arg(arguments->list, const void *));
        return true;
    case '%':
        put_bytes(sink, "%", 1);
        return true;
    default:
        return false;
    }
}

int
machine_format_list(char *buffer, size_t bytes, const char *format, va_list arguments)
{
    struct sink sink = {buffer, bytes, 0};
    struct argument_list list;
    struct conversion conversion;

    /* A report reads names that other fibers wrote; see machine_copy. */
    sanitizer_ignore_begin();
    va_copy(list.list, arguments);
    while (*format != '\0') {
        const char *percent = strchr(format, '%');
        size_t plain = percent == NULL ? strlen(format) : (size_t)(percent - format);

        put_bytes(&sink, format, plain);
        if (percent == NULL)
            break;
        format = read_conversion(percent + 1, &conversion, &list);
        if (!convert(&sink, &conversion, &list))
            put_bytes(&sink, percent, (size_t)(format - percent));
    }
    va_end(list.list);
    if (bytes > 0)
        buffer[sink.length < bytes ? sink.length : bytes - 1] = '\0';
    sanitizer_ignore_end();
    return sink.length > INT_MAX ? INT_MAX : (int)sink.length;
}

int
machine_format(char *buffer, size_t bytes, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = machine_format_list(buffer, bytes, format, arguments);
    va_end(arguments);
    return length;
}
