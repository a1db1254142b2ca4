/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_fragment.h>

#include <icmp.h>
#include <icmp6.h>

#define SECOND_NS 1000000000ULL

enum { LIFETIME4_SECONDS = 30, LIFETIME6_SECONDS = 60 };

struct fragment_piece {
    struct fragment_piece *next; /* by offset */
    struct inet_packet *packet;
    struct inet_fragment place;
};

struct inet_datagram {
    struct inet_datagram *next;
    struct inet_fragment_key key;
    struct fragment_piece *pieces;
    unsigned count;
    bool end_known;
    size_t end_bytes;
    uint64_t until_ns;
};

static void
datagram_free(struct inet_datagram *datagram)
{
    struct fragment_piece *piece;

    while ((piece = datagram->pieces) != NULL) {
        datagram->pieces = piece->next;
        inet_packet_free(piece->packet);
        machine_free(piece);
    }
    machine_free(datagram);
}

static struct inet_datagram **
datagram_find(const struct inet_fragment_key *key)
{
    struct inet_datagram **link = &inet_current()->datagrams;

    while (*link != NULL) {
        const struct inet_fragment_key *at = &(*link)->key;

        if (at->family == key->family && at->protocol == key->protocol &&
            at->identification == key->identification && at->scope == key->scope &&
            wire_same(at->source, key->source, 16) &&
            wire_same(at->destination, key->destination, 16)) {
            break;
        }
        link = &(*link)->next;
    }
    return link;
}

static bool
limits_reached(bool new_datagram)
{
    const struct inet_datagram *at;
    unsigned datagrams = new_datagram, pieces = 1;

    for (at = inet_current()->datagrams; at != NULL; at = at->next) {
        datagrams++;
        pieces += at->count;
    }
    return datagrams > FRAGMENT_DATAGRAM_LIMIT || pieces > FRAGMENT_LIMIT;
}

static struct inet_datagram *
datagram_create(const struct inet_fragment_key *key)
{
    struct inet_system *inet = inet_current();
    struct inet_datagram *made = machine_allocate(sizeof(*made), "inet datagram");
    const uint64_t lifetime = key->family == 4 ? LIFETIME4_SECONDS : LIFETIME6_SECONDS;

    machine_fill(made, 0, sizeof(*made));
    made->key = *key;
    made->until_ns = machine_now_ns() + lifetime * SECOND_NS;
    made->next = inet->datagrams;
    inet->datagrams = made;
    return made;
}

/* Of a whole datagram with its headers. */
static size_t
length_limit(uint8_t family)
{
    return family == 4 ? WIRE_IP4_MAXIMUM : 65535 + WIRE_IP6_BYTES;
}

/* What can be said of a piece alone. */
static bool
piece_is_possible(const struct inet_fragment_key *key, const struct inet_fragment *place)
{
    const size_t end = place->offset_bytes + place->payload_bytes;

    if (place->header_bytes + end > length_limit(key->family) || (place->payload_bytes == 0 && place->offset_bytes + place->more != 0)) {
        return false;
    }
    return !place->more || place->payload_bytes % 8 == 0;
}

/* Where the piece goes; FRAGMENT_KEPT when it fits between its neighbours. */
static enum inet_fragment_result
piece_place(struct inet_datagram *datagram, const struct inet_fragment *place,
            struct fragment_piece ***where)
{
    const size_t end = place->offset_bytes + place->payload_bytes;
    struct fragment_piece **link = &datagram->pieces;
    const struct fragment_piece *before = NULL;

    while (*link != NULL && (*link)->place.offset_bytes < place->offset_bytes) {
        before = *link;
        link = &(*link)->next;
    }
    if (before != NULL &&
        before->place.offset_bytes + before->place.payload_bytes > place->offset_bytes) {
        return FRAGMENT_OVERLAPS;
    }
    if (*link != NULL && (*link)->place.offset_bytes < end) {
        return FRAGMENT_OVERLAPS;
    }
    if (!place->more && ((datagram->end_known && datagram->end_bytes != end) || *link != NULL)) {
        return FRAGMENT_BAD;
    }
    if (datagram->end_known && end > datagram->end_bytes) {
        return FRAGMENT_BAD;
    }
    *where = link;
    return FRAGMENT_KEPT;
}

static bool
datagram_is_complete(const struct inet_datagram *datagram)
{
    const struct fragment_piece *at;
    size_t reached = 0;

    for (at = datagram->pieces; at != NULL; at = at->next) {
        if (at->place.offset_bytes != reached) {
            return false;
        }
        reached += at->place.payload_bytes;
    }
    return datagram->end_known && reached == datagram->end_bytes;
}

/*
 * Takes a complete datagram apart; NULL when it is too long with the first piece's headers or there is no
 * memory (then nothing is left of it).
 */
static struct inet_packet *
datagram_join(struct inet_datagram **link, struct inet_fragment *first)
{
    struct inet_datagram *datagram = *link;
    const struct fragment_piece *at = datagram->pieces;
    const size_t length = at->place.header_bytes + datagram->end_bytes;
    struct inet_packet *whole = NULL;

    *first = at->place;
    *link = datagram->next;
    if (length <= length_limit(datagram->key.family)) {
        whole = inet_packet_allocate(at->packet->interface, length);
    }
    if (whole != NULL) {
        whole->group = at->packet->group;
        machine_copy(whole->bytes, at->packet->bytes, first->header_bytes);
        for (; at != NULL; at = at->next) {
            machine_copy(whole->bytes + first->header_bytes + at->place.offset_bytes,
                         at->packet->bytes + at->place.payload_at, at->place.payload_bytes);
        }
    } else {
        inet_count_many(INET_COUNT_FRAGMENTS_EXPIRED, datagram->count);
    }
    datagram_free(datagram);
    return whole;
}

static void
piece_insert(struct inet_datagram *datagram, struct fragment_piece **where,
             struct inet_packet *packet, const struct inet_fragment *place)
{
    struct fragment_piece *piece = machine_allocate(sizeof(*piece), "inet fragment");

    piece->packet = packet;
    piece->place = *place;
    piece->next = *where;
    *where = piece;
    datagram->count++;
    if (!place->more) {
        datagram->end_known = true;
        datagram->end_bytes = place->offset_bytes + place->payload_bytes;
    }
}

enum inet_fragment_result
inet_fragment_add(const struct inet_fragment_key *key, struct inet_packet *packet,
                  const struct inet_fragment *fragment, struct inet_packet **whole,
                  struct inet_fragment *first)
{
    struct inet_datagram **link = datagram_find(key), *datagram = *link;
    struct fragment_piece **where;
    enum inet_fragment_result result;

    if (!piece_is_possible(key, fragment)) {
        return FRAGMENT_BAD;
    }
    if (limits_reached(datagram == NULL)) {
        return FRAGMENT_BEYOND_LIMIT;
    }
    if (machine_fault("inet fragment")) {
        return FRAGMENT_NO_MEMORY;
    }
    if (datagram == NULL) {
        datagram = datagram_create(key);
        link = datagram_find(key);
        inet_timer_need(datagram->until_ns);
    }
    result = piece_place(datagram, fragment, &where);
    if (result == FRAGMENT_KEPT) {
        piece_insert(datagram, where, packet, fragment);
    } else if (result == FRAGMENT_OVERLAPS && key->family == 6) {
        *link = datagram->next;
        inet_count_many(INET_COUNT_FRAGMENTS_EXPIRED, datagram->count);
        datagram_free(datagram);
    }
    if (result != FRAGMENT_KEPT || !datagram_is_complete(datagram)) {
        return result;
    }
    *whole = datagram_join(link, first);
    return *whole == NULL ? FRAGMENT_KEPT : FRAGMENT_COMPLETE;
}

/* Time exceeded goes back when the first piece is there to be quoted. */
static void
datagram_expire(struct inet_datagram *datagram)
{
    const struct fragment_piece *first = datagram->pieces;

    inet_count_many(INET_COUNT_FRAGMENTS_EXPIRED, datagram->count);
    if (first != NULL && first->place.offset_bytes == 0) {
        if (datagram->key.family == 4) {
            struct ip_header header = {0};

            header.header_bytes = first->place.header_bytes;
            header.total_bytes = first->place.payload_at + first->place.payload_bytes;
            header.protocol = datagram->key.protocol;
            header.source = wire_load32(datagram->key.source);
            header.destination = wire_load32(datagram->key.destination);
            header.group = first->packet->group || header.destination >> 28 == 14 ||
                           inet4_is_broadcast(first->packet->interface, header.destination);
            ksim_icmp_error(first->packet, &header, ICMP_TYPE_TIME_EXCEEDED, ICMP_CODE_REASSEMBLY,
                            0);
        } else {
            ksim_icmp6_error(first->packet, ICMP6_TYPE_TIME_EXCEEDED, ICMP6_CODE_REASSEMBLY, 0);
        }
    }
    datagram_free(datagram);
}

uint64_t
inet_fragments_tick(uint64_t now_ns)
{
    struct inet_datagram **link = &inet_current()->datagrams, *overdue;
    uint64_t next_ns = 0;

    while (*link != NULL) {
        if ((*link)->until_ns <= now_ns) {
            overdue = *link;
            *link = overdue->next;
            datagram_expire(overdue);
            /* The driver may have run: begin again. */
            link = &inet_current()->datagrams;
            next_ns = 0;
            continue;
        }
        if (next_ns == 0 || (*link)->until_ns < next_ns) {
            next_ns = (*link)->until_ns;
        }
        link = &(*link)->next;
    }
    return next_ns;
}

void
inet_fragments_forget(ifnet_t interface, uint8_t family)
{
    struct inet_datagram **link = &inet_current()->datagrams, *at;

    while ((at = *link) != NULL) {
        if ((family == 0 || at->key.family == family) &&
            (interface == NULL || at->pieces == NULL ||
             at->pieces->packet->interface == interface)) {
            *link = at->next;
            inet_count_many(INET_COUNT_FRAGMENTS_EXPIRED, at->count);
            datagram_free(at);
        } else {
            link = &at->next;
        }
    }
}

void
inet_fragments_drain(void)
{
    inet_fragments_forget(NULL, 0);
}
