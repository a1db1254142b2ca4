/* SPDX-License-Identifier: BSD-2-Clause */
#include "clock_text.h"

#include <stdbool.h>

#include <machine.h>

#define NS_PER_SECOND UINT64_C(1000000000)

enum { SECONDS_PER_DAY = 86400, EPOCH_YEAR = 1970 };

static bool
is_leap(unsigned year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned
month_days(unsigned month, unsigned year)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return days[month] + (month == 1 && is_leap(year) ? 1 : 0);
}

const char *
clock_text_listing(char text[CLOCK_TEXT_BYTES], uint64_t calendar_ns)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t seconds = calendar_ns / NS_PER_SECOND;
    unsigned days = (unsigned)(seconds / SECONDS_PER_DAY);
    unsigned of_day = (unsigned)(seconds % SECONDS_PER_DAY);
    unsigned year = EPOCH_YEAR, month = 0;

    for (; days >= (is_leap(year) ? 366u : 365u); year++)
        days -= is_leap(year) ? 366u : 365u;
    for (; days >= month_days(month, year); month++)
        days -= month_days(month, year);
    machine_format(text, CLOCK_TEXT_BYTES, "%.3s %2u %02u:%02u", months + month * 3, days + 1,
                   of_day / 3600, of_day / 60 % 60);
    return text;
}

const char *
clock_text_stamp(char text[CLOCK_TEXT_BYTES], uint64_t calendar_ns)
{
    unsigned of_day = (unsigned)(calendar_ns / NS_PER_SECOND % SECONDS_PER_DAY);

    machine_format(text, CLOCK_TEXT_BYTES, "%02u:%02u:%02u.%06u", of_day / 3600, of_day / 60 % 60,
                   of_day % 60, (unsigned)(calendar_ns / 1000 % 1000000));
    return text;
}
