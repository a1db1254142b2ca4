/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SIGNAL_WORDS_H
#define SIGNAL_WORDS_H

/* Signals by name, with Darwin's numbers. */

/* The signal of "INT", "SIGINT" or "2"; 0 for anything else. */
int signal_of_word(const char *word);

#endif
