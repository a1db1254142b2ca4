/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ROUTE_LIST_H
#define ROUTE_LIST_H

/*
 * The routing table as netstat -r and route get show it. The emulated kernel decides by its addresses,
 * neighbours and static routes; on a Mac each of them is an entry of the table, and so it is here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host_address.h"

enum { ROUTE_LIST_MAX = 512, ROUTE_FLAGS_BYTES = 12 };

struct route_entry {
    uint8_t family;
    uint8_t network[16];
    unsigned prefix_bits;
    char gateway[HOST_TEXT_BYTES]; /* as it is printed */
    char flags[ROUTE_FLAGS_BYTES]; /* letters of netstat: U up, G gateway, H host, S static ... */
    char interface[24];
    char scope[24]; /* of a link-local network; "" = none */
    int64_t expires_s; /* seconds from now; -1 = never */
};

struct route_list {
    size_t count;
    struct route_entry entries[ROUTE_LIST_MAX];
};

/* All entries, by family and address, the shorter prefix first. Must run on a thread. */
void route_list_make(struct route_list *list);

/* The longest match, or NULL. */
const struct route_entry *route_list_match(const struct route_list *list, uint8_t family,
                                           const uint8_t *address);

#endif
