/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_stack.h>

#include <net/if_dl.h>

/* --- IPv4 ---------------------------------------------------------------------------------------- */

uint32_t
inet4_address_value(const struct inet4_address *address)
{
    return wire_swap32(address->address.sin_addr.s_addr);
}

struct inet4_address *
inet4_address_find(uint32_t address)
{
    struct inet4_address *at;

    for (at = inet_current()->addresses4; at != NULL; at = at->next) {
        if (address != 0 && inet4_address_value(at) == address) {
            return at;
        }
    }
    return NULL;
}

struct inet4_address *
inet4_address_first(ifnet_t interface)
{
    struct inet4_address *at;

    for (at = inet_current()->addresses4; at != NULL; at = at->next) {
        if (at->head.interface == interface && inet4_address_value(at) != 0) {
            return at;
        }
    }
    return NULL;
}

bool
inet4_is_broadcast(ifnet_t interface, uint32_t address)
{
    const struct inet4_address *at;
    uint32_t own;

    if (address == 0xffffffffU || address == 0) {
        return true;
    }
    if ((interface->flags & IFF_BROADCAST) == 0) {
        return false;
    }
    for (at = inet_current()->addresses4; at != NULL; at = at->next) {
        own = inet4_address_value(at);
        if (at->head.interface != interface || own == 0) {
            continue;
        }
        if (wire_swap32(at->destination.sin_addr.s_addr) == address) {
            return true;
        }
        /* The subnet's and the class network's: all ones, and the old all zeros. */
        if (at->subnet_mask < 0xfffffffeU &&
            (address == (own | ~at->subnet_mask) || address == (own & at->subnet_mask) ||
             address == (own | ~at->net_mask) || address == (own & at->net_mask))) {
            return true;
        }
    }
    return false;
}

void
inet4_sockaddr(struct sockaddr_in *out, uint32_t address)
{
    machine_fill(out, 0, sizeof(*out));
    out->sin_len = sizeof(*out);
    out->sin_family = AF_INET;
    out->sin_addr.s_addr = wire_swap32(address);
}

/* --- IPv6 ---------------------------------------------------------------------------------------- */

struct inet6_address *
inet6_address_find(const uint8_t *address, ifnet_t scope)
{
    struct inet6_address *at;

    for (at = inet_current()->addresses6; at != NULL; at = at->next) {
        if (!at->duplicated && wire_same(at->bytes, address, 16) &&
            (!inet6_is_link_local(address) || scope == NULL || at->head.interface == scope)) {
            return at;
        }
    }
    return NULL;
}

static unsigned
common_bits(const uint8_t *left, const uint8_t *right)
{
    unsigned bits = 0;

    while (bits < 128 && wire_same_prefix(left, right, bits + 1)) {
        bits++;
    }
    return bits;
}

/* Link-local destinations, groups included, want a link-local source; others a global one. */
struct inet6_address *
inet6_address_source(ifnet_t interface, const uint8_t *destination)
{
    const bool local = inet6_is_scoped(destination);
    struct inet6_address *at, *best = NULL;
    unsigned score, best_score = 0;

    for (at = inet_current()->addresses6; at != NULL; at = at->next) {
        if (at->head.interface != interface || at->duplicated) {
            continue;
        }
        score = 1 + common_bits(at->bytes, destination);
        if (inet6_is_link_local(at->bytes) == local) {
            score += 1000;
        }
        if (score > best_score) {
            best_score = score;
            best = at;
        }
    }
    return best;
}

struct inet6_address *
inet6_address_link_local(ifnet_t interface)
{
    struct inet6_address *at;

    for (at = inet_current()->addresses6; at != NULL; at = at->next) {
        if (at->head.interface == interface && inet6_is_link_local(at->bytes) && !at->duplicated) {
            return at;
        }
    }
    return NULL;
}

bool
inet6_is_unspecified(const uint8_t *address)
{
    static const uint8_t unspecified[16];

    return wire_same(address, unspecified, 16);
}

void
inet6_solicited_node(const uint8_t *address, uint8_t *group)
{
    static const uint8_t prefix[16] = {0xff, 0x02, [11] = 1, [12] = 0xff};

    machine_copy(group, prefix, 16);
    machine_copy(group + 13, address + 13, 3);
}

/* xnu keeps the interface index in the second 16-bit word of a scoped address. */
void
inet6_sockaddr(struct sockaddr_in6 *out, const uint8_t *address, ifnet_t interface)
{
    uint8_t bytes[16];

    machine_copy(bytes, address, 16);
    if (interface != NULL && inet6_is_scoped(address)) {
        wire_store16(bytes + 2, interface->index);
    }
    machine_fill(out, 0, sizeof(*out));
    out->sin6_len = sizeof(*out);
    out->sin6_family = AF_INET6;
    machine_copy(&out->sin6_addr, bytes, 16);
}

void
inet6_sockaddr_bytes(const struct sockaddr_in6 *in, uint8_t *address)
{
    machine_copy(address, &in->sin6_addr, 16);
    if (inet6_is_scoped(address)) {
        address[2] = 0;
        address[3] = 0;
    }
}

/* --- hardware ------------------------------------------------------------------------------------ */

bool
inet_link_address(ifnet_t interface, uint8_t *link)
{
    const struct interface_link_address *storage = &interface->link_storage;
    struct sockaddr_dl header;

    if (interface->link_address == NULL || interface->address_bytes != WIRE_LINK_BYTES) {
        return false;
    }
    machine_copy(&header, storage->address.bytes, sizeof(header));
    if (header.sdl_alen != WIRE_LINK_BYTES) {
        return false;
    }
    machine_copy(link,
                 storage->address.bytes + offsetof(struct sockaddr_dl, sdl_data) + header.sdl_nlen,
                 WIRE_LINK_BYTES);
    return true;
}
