/* SPDX-License-Identifier: BSD-2-Clause */
#include "signal_words.h"

#include <string.h>

#include "command.h"

enum { SIGNAL_COUNT = 32 };

/* By number. */
static const char *const names[SIGNAL_COUNT] = {
    "",     "HUP",  "INT", "QUIT", "ILL",  "TRAP", "ABRT", "EMT",    "FPE",  "KILL", "BUS",
    "SEGV", "SYS",  "PIPE", "ALRM", "TERM", "URG",  "STOP", "TSTP",   "CONT", "CHLD", "TTIN",
    "TTOU", "IO",   "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "INFO", "USR1", "USR2"};

int
signal_of_word(const char *word)
{
    int64_t number;

    if (command_number(word, 1, SIGNAL_COUNT - 1, &number))
        return (int)number;
    if (strncmp(word, "SIG", 3) == 0)
        word += 3;
    for (int signal = 1; signal < SIGNAL_COUNT; signal++) {
        if (strcmp(names[signal], word) == 0)
            return signal;
    }
    return 0;
}
