/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_version.h"

enum { MAJOR_DIGITS = 4, FIELDS = 3, LEVEL_DIGITS = 3, LEVEL_MAXIMUM = 255, FIELD_LIMIT = 10000 };

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

/* What follows the numbers: the end (a release, after all stages) or a stage with its level; -1: neither. */
static int
stage_take(const char *text)
{
    static const char stages[] = "dabf";
    int stage = 0, level;

    if (is_end(*text)) {
        return (int)(sizeof(stages) - 1) << 8;
    }
    while (stages[stage] != *text) {
        if (stages[stage] == '\0') {
            return -1;
        }
        stage++;
    }
    text += text[0] == 'f' && text[1] == 'c' ? 2 : 1;
    if (digits_take(&text, LEVEL_DIGITS, &level) == 0 || level > LEVEL_MAXIMUM || !is_end(*text)) {
        return -1;
    }
    return stage << 8 | level;
}

int64_t
ksim_kext_version_number(const char *text, int field_digits)
{
    int most = MAJOR_DIGITS, value, stage;
    int64_t number = 0;
    bool more = true;

    if (!is_digit(*text)) {
        return -1;
    }
    for (int field = 0; field < FIELDS; field++) {
        value = 0;
        if (more) {
            (void)digits_take(&text, most, &value);
            more = *text == '.' && field + 1 < FIELDS;
            text += more;
            most = field_digits;
        }
        number = number * FIELD_LIMIT + value;
    }
    stage = stage_take(text);
    return stage < 0 ? -1 : number << 11 | stage;
}

bool
ksim_kext_version_valid(const char *text, int field_digits)
{
    return ksim_kext_version_number(text, field_digits) >= 0;
}
