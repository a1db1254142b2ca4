/* SPDX-License-Identifier: BSD-2-Clause */
#include "route_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>

#include "interface_request.h"

static unsigned
family_bits(uint8_t family)
{
    return family == 4 ? 32 : 128;
}

static unsigned
mask_bits(const uint8_t *mask, unsigned most)
{
    unsigned bits = 0;

    while (bits < most && (mask[bits / 8] >> (7 - bits % 8) & 1) != 0)
        bits++;
    return bits;
}

static void
cut_to_prefix(uint8_t network[16], unsigned bits)
{
    for (unsigned bit = bits; bit < 128; bit++)
        network[bit / 8] &= (uint8_t)~(0x80u >> (bit % 8));
}

/* A new entry, or NULL when the list is full. */
static struct route_entry *
add(struct route_list *list, uint8_t family, const uint8_t *address, unsigned bits,
    const char *flags, const char *interface)
{
    struct route_entry *entry;

    if (list->count == ROUTE_LIST_MAX)
        return NULL;
    entry = &list->entries[list->count++];
    memset(entry, 0, sizeof(*entry));
    entry->family = family;
    memcpy(entry->network, address, family == 4 ? 4 : 16);
    cut_to_prefix(entry->network, bits);
    entry->prefix_bits = bits;
    snprintf(entry->flags, sizeof(entry->flags), "%s", flags);
    snprintf(entry->interface, sizeof(entry->interface), "%s", interface);
    if (family == 6 && host_is_link_local(address))
        snprintf(entry->scope, sizeof(entry->scope), "%s", interface);
    entry->expires_s = -1;
    return entry;
}

static void
gateway_link(struct route_entry *entry, unsigned index)
{
    if (entry != NULL)
        snprintf(entry->gateway, sizeof(entry->gateway), "link#%u", index);
}

/* Without leading zeros, as netstat and arp write link addresses. */
static void
gateway_link_address(struct route_entry *entry, const uint8_t *bytes)
{
    if (entry != NULL)
        snprintf(entry->gateway, sizeof(entry->gateway), "%x:%x:%x:%x:%x:%x", bytes[0], bytes[1],
                 bytes[2], bytes[3], bytes[4], bytes[5]);
}

static void
gateway_host(struct route_entry *entry, uint8_t family, const uint8_t *bytes)
{
    if (entry != NULL)
        host_text(entry->gateway, family, bytes, NULL);
}

/* --- addresses --------------------------------------------------------------------------------- */

static void
add_address4(struct route_list *list, const struct ksim_interface_status *interface,
             const struct ksim_address_status *address)
{
    unsigned bits = mask_bits(address->netmask, 32);

    if ((interface->flags & FLAG_POINTOPOINT) != 0) {
        if (address->has_destination)
            gateway_host(add(list, 4, address->destination, 32, "UH", interface->name), 4,
                         address->address);
    } else if ((interface->flags & FLAG_LOOPBACK) != 0) {
        gateway_host(add(list, 4, address->address, bits, "UCS", interface->name), 4,
                     address->address);
        gateway_host(add(list, 4, address->address, 32, "UH", interface->name), 4,
                     address->address);
    } else {
        if (bits < 32)
            gateway_link(add(list, 4, address->address, bits, "UCS", interface->name),
                         interface->index);
        gateway_link(add(list, 4, address->address, 32, "UCS", interface->name),
                     interface->index);
    }
}

static void
add_address6(struct route_list *list, const struct ksim_interface_status *interface,
             const struct ksim_address_status *address)
{
    bool scoped = host_is_link_local(address->address);
    unsigned bits = mask_bits(address->netmask, 128);
    struct route_entry *own;

    if (address->has_destination)
        gateway_host(add(list, 6, address->destination, 128, "UH", interface->name), 6,
                     address->address);
    else if (bits < 128)
        gateway_link(add(list, 6, address->address, bits, scoped ? "UCI" : "UC", interface->name),
                     interface->index);
    own = add(list, 6, address->address, 128, scoped ? "UHLI" : "UHL", interface->name);
    if (own == NULL)
        return;
    snprintf(own->interface, sizeof(own->interface), "lo0");
    if (interface->has_link_address)
        gateway_link_address(own, interface->link_address);
    else
        gateway_link(own, interface->index);
}

static void
add_interfaces(struct route_list *list)
{
    struct ksim_interface_status interface;
    struct ksim_address_status address;

    for (unsigned i = 0; ksim_system_interface(i, &interface); i++) {
        for (unsigned j = 0; ksim_system_interface_address(interface.name, j, &address); j++) {
            if (address.family == 4)
                add_address4(list, &interface, &address);
            else
                add_address6(list, &interface, &address);
        }
    }
}

/* --- neighbours and static routes -------------------------------------------------------------- */

static unsigned
index_of(const char *name)
{
    struct ksim_interface_status status;

    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        if (strcmp(status.name, name) == 0)
            return status.index;
    }
    return 0;
}

static void
add_neighbours(struct route_list *list)
{
    struct ksim_neighbour_status status;
    uint64_t now_ns = ksim_system_time_ns();

    for (unsigned i = 0; ksim_system_neighbour(i, &status); i++) {
        struct route_entry *entry =
            add(list, status.family, status.address, family_bits(status.family),
                status.state == KSIM_NEIGHBOUR_DEAD ? "UHRLWI" : "UHLWI", status.interface);

        if (entry == NULL)
            return;
        if (status.state == KSIM_NEIGHBOUR_KNOWN)
            gateway_link_address(entry, status.link_address);
        else
            gateway_link(entry, index_of(status.interface));
        if (status.family == 4)
            entry->expires_s =
                status.until_ns > now_ns ? (int64_t)((status.until_ns - now_ns) / 1000000000) : 0;
    }
}

static void
add_statics(struct route_list *list)
{
    struct ksim_route_status status;

    for (unsigned i = 0; ksim_system_route(i, &status); i++) {
        bool host = status.prefix_bits == family_bits(status.family);
        char flags[ROUTE_FLAGS_BYTES];
        struct route_entry *entry;

        snprintf(flags, sizeof(flags), "U%s%sS%s", status.has_gateway ? "G" : "", host ? "H" : "",
                 host ? "" : "c");
        entry = add(list, status.family, status.network, status.prefix_bits, flags,
                    status.interface);
        if (entry == NULL)
            return;
        if (status.has_gateway)
            gateway_host(entry, status.family, status.gateway);
        else
            snprintf(entry->gateway, sizeof(entry->gateway), "%s", status.interface);
    }
}

/* --- list --------------------------------------------------------------------------------------- */

static int
compare(const void *left, const void *right)
{
    const struct route_entry *one = left, *other = right;
    int order = one->family - other->family;

    if (order == 0)
        order = memcmp(one->network, other->network, sizeof(one->network));
    if (order == 0)
        order = (int)one->prefix_bits - (int)other->prefix_bits;
    if (order == 0)
        order = strcmp(one->interface, other->interface);
    return order != 0 ? order : strcmp(one->flags, other->flags);
}

void
route_list_make(struct route_list *list)
{
    list->count = 0;
    add_interfaces(list);
    add_neighbours(list);
    add_statics(list);
    qsort(list->entries, list->count, sizeof(list->entries[0]), compare);
}

const struct route_entry *
route_list_match(const struct route_list *list, uint8_t family, const uint8_t *address)
{
    const struct route_entry *best = NULL;
    uint8_t cut[16];

    for (size_t i = 0; i < list->count; i++) {
        const struct route_entry *entry = &list->entries[i];

        memset(cut, 0, sizeof(cut));
        memcpy(cut, address, family == 4 ? 4 : 16);
        cut_to_prefix(cut, entry->prefix_bits);
        if (entry->family == family && memcmp(cut, entry->network, sizeof(cut)) == 0 &&
            (best == NULL || entry->prefix_bits > best->prefix_bits))
            best = entry;
    }
    return best;
}
