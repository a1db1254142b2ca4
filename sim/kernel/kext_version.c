/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_version.h"

enum { MAJOR_DIGITS = 4, FIELDS = 3, LEVEL_DIGITS = 3, LEVEL_MAXIMUM = 255 };

static bool
is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool
is_end(char character)
{
    return character == '\0' || character == ' ' || (character >= '\t' && character <= '\r');
}

/* Up to `most` digits from *text on; returns how many, *value what they say. */
static int
digits_take(const char **text, int most, int *value)
{
    int count = 0;

    *value = 0;
    while (count < most && is_digit(**text)) {
        *value = *value * 10 + (**text - '0');
        (*text)++;
        count++;
    }
    return count;
}

/* What follows the numbers: the end, or a stage with its level. */
static bool
stage_valid(const char *text)
{
    int level;

    if (is_end(*text)) {
        return true;
    }
    if (*text != 'd' && *text != 'a' && *text != 'b' && *text != 'f') {
        return false;
    }
    text += text[0] == 'f' && text[1] == 'c' ? 2 : 1;
    return digits_take(&text, LEVEL_DIGITS, &level) > 0 && level <= LEVEL_MAXIMUM && is_end(*text);
}

bool
ksim_kext_version_valid(const char *text, int field_digits)
{
    int most = MAJOR_DIGITS, value;

    if (!is_digit(*text)) {
        return false;
    }
    for (int field = 0; field < FIELDS; field++) {
        (void)digits_take(&text, most, &value);
        if (*text != '.' || field + 1 == FIELDS) {
            break;
        }
        text++;
        most = field_digits;
    }
    return stage_valid(text);
}
