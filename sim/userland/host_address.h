/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef HOST_ADDRESS_H
#define HOST_ADDRESS_H

/* Addresses as people type them, and as programs print them. There is no resolver: numbers only. */

#include <stdbool.h>
#include <stdint.h>

#include <inet_host.h>

enum { HOST_TEXT_BYTES = 72 };

/* "10.1.2.3"; "fd00::1" or "fe80::1%tap0". False for anything else, or no interface of that name. */
bool host_parse4(const char *word, struct ksim_inet_address *address);
bool host_parse6(const char *word, struct ksim_inet_address *address);

/* The same the other way; `scope` the interface of a link-local address, or NULL. */
const char *host_text(char text[HOST_TEXT_BYTES], uint8_t family, const uint8_t *bytes,
                      const char *scope);

bool host_is_link_local(const uint8_t *bytes);

#endif
