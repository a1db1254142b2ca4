/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_SYMBOL_H
#define HOST_SYMBOL_H

#include <stddef.h>

/*
 * The name of the function of this program that has the address; NULL when it is in none, or the program has no table of its
 * symbols. It lives as long as the process. Names of static functions and of sealed kexts are in it too.
 */
const char *host_symbol(const void *address);

#endif
