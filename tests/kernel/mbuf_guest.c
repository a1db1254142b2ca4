/* SPDX-License-Identifier: BSD-2-Clause */

#include "mbuf_guest.h"

#include <mbuf.h>
#include <profile.h>
#include <sys/errno.h>
#include <sys/socket.h>

#define TEXT_OF_(number) #number
#define TEXT_OF(number) TEXT_OF_(number)
#define EXPECT(condition)                                        \
    do {                                                         \
        if (!(condition))                                        \
            return "line " TEXT_OF(__LINE__) ": " #condition;    \
    } while (0)

/* A packet of one cluster with these bytes. */
static mbuf_t
packet_of(const void *bytes, size_t length)
{
    mbuf_t m = NULL;

    if (mbuf_getpacket(MBUF_WAITOK, &m) != 0)
        return NULL;
    mbuf_setlen(m, length);
    mbuf_pkthdr_setlen(m, length);
    machine_copy(mbuf_data(m), bytes, length);
    return m;
}

static uint64_t
live_total(void)
{
    const struct mbuf_live *live = &ksim_current()->mbufs->live;

    return live->mbufs + live->clusters[0] + live->clusters[1] + live->clusters[2] + live->clusters[3];
}

const char *
mbuf_guest_geometry(void)
{
    const struct ksim_profile *profile = ksim_current()->profile;

    EXPECT(mbuf_get_mlen() == profile->mlen_bytes);
    EXPECT(mbuf_get_mhlen() == profile->mhlen_bytes);
    EXPECT(mbuf_get_minclsize() == profile->mlen_bytes + profile->mhlen_bytes);
    return NULL;
}

const char *
mbuf_guest_allocate(void)
{
    uint64_t before = live_total();
    mbuf_t head = NULL, m = NULL;
    unsigned int chunks = 1;

    EXPECT(mbuf_allocpacket_list(3, MBUF_DONTWAIT, 1500, &chunks, &head) == 0);
    EXPECT(live_total() == before + 6);
    EXPECT(mbuf_freem_list(head) == 3);
    /* More than one slab, and back again in the order of freeing. */
    head = NULL;
    for (int i = 0; i < 100; i++) {
        EXPECT(mbuf_gethdr(MBUF_DONTWAIT, MBUF_TYPE_DATA, &m) == 0);
        mbuf_setnextpkt(m, head);
        head = m;
    }
    EXPECT(mbuf_freem_list(head) == 100);
    EXPECT(live_total() == before);
    return NULL;
}

/* --- header ------------------------------------------------------------------------------------- */

const char *
mbuf_guest_tags(void)
{
    mbuf_tag_id_t id = 0, other = 0, again = 0;
    void *data = NULL, *found = NULL;
    size_t length = 0;
    mbuf_t m = NULL, plain = NULL;

    EXPECT(mbuf_tag_id_find("org.example.tun", &id) == 0);
    EXPECT(mbuf_tag_id_find("org.example.tap", &other) == 0);
    EXPECT(mbuf_tag_id_find("org.example.tun", &again) == 0);
    EXPECT(id == again && id != other);
    EXPECT(mbuf_tag_id_find(NULL, &id) == EINVAL);
    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == 0);
    EXPECT(mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &plain) == 0);
    EXPECT(mbuf_tag_find(m, id, 7, &length, &found) == ENOENT);
    EXPECT(mbuf_tag_allocate(m, id, 7, 24, MBUF_WAITOK, &data) == 0 && data != NULL);
    machine_fill(data, 5, 24);
    EXPECT(mbuf_tag_allocate(m, id, 7, 24, MBUF_WAITOK, &found) == EEXIST);
    EXPECT(mbuf_tag_allocate(m, id, 8, 0, MBUF_WAITOK, &found) == EINVAL);
    EXPECT(mbuf_tag_allocate(m, id, 8, 70000, MBUF_WAITOK, &found) == EINVAL);
    EXPECT(mbuf_tag_allocate(m, id + 1000, 8, 4, MBUF_WAITOK, &found) == EINVAL);
    EXPECT(mbuf_tag_allocate(plain, id, 8, 4, MBUF_WAITOK, &found) == EINVAL);
    EXPECT(mbuf_tag_allocate(NULL, id, 8, 4, MBUF_WAITOK, &found) == EINVAL);
    EXPECT(mbuf_tag_allocate(m, other, 7, 4, MBUF_DONTWAIT, &found) == 0);
    EXPECT(mbuf_tag_find(m, id, 7, &length, &found) == 0 && found == data && length == 24);
    EXPECT(mbuf_tag_find(m, id, 7, NULL, &found) == EINVAL);
    mbuf_tag_free(m, id, 7);
    mbuf_tag_free(m, id, 7);
    EXPECT(mbuf_tag_find(m, id, 7, &length, &found) == ENOENT && found == NULL);
    EXPECT(mbuf_tag_find(m, other, 7, &length, &found) == 0);
    mbuf_freem(m);
    mbuf_freem(plain);
    EXPECT(machine_live_count("mbuf tag") == 0);
    return NULL;
}

const char *
mbuf_guest_tags_travel(void)
{
    mbuf_tag_id_t id = 0;
    void *data = NULL;
    size_t length = 0;
    mbuf_t m = NULL, copy = NULL, head = NULL;

    EXPECT(mbuf_tag_id_find("org.example.tun", &id) == 0);
    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == 0);
    EXPECT(mbuf_tag_allocate(m, id, 1, 4, MBUF_WAITOK, &data) == 0);
    machine_fill(data, 9, 4);
    EXPECT(mbuf_dup(m, MBUF_WAITOK, &copy) == 0);
    EXPECT(mbuf_tag_find(copy, id, 1, &length, &data) == 0 && length == 4 && *(char *)data == 9);
    EXPECT(mbuf_tag_find(m, id, 1, &length, &data) == 0);
    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &head) == 0);
    EXPECT(mbuf_copy_pkthdr(head, m) == 0);
    EXPECT(mbuf_tag_find(m, id, 1, &length, &data) == ENOENT);
    EXPECT(mbuf_tag_find(head, id, 1, &length, &data) == 0);
    EXPECT(mbuf_prepend(&head, 40, MBUF_WAITOK) == 0);
    EXPECT(mbuf_tag_find(head, id, 1, &length, &data) == 0);
    mbuf_freem(m);
    mbuf_freem(copy);
    mbuf_freem(head);
    EXPECT(machine_live_count("mbuf tag") == 0);
    return NULL;
}

const char *
mbuf_guest_traffic_class(void)
{
    mbuf_t m = NULL, plain = NULL;

    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == 0);
    EXPECT(mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &plain) == 0);
    EXPECT(mbuf_get_traffic_class(m) == MBUF_TC_BE);
    EXPECT(mbuf_set_traffic_class(m, MBUF_TC_VO) == 0);
    EXPECT(mbuf_get_traffic_class(m) == MBUF_TC_VO);
    EXPECT(mbuf_set_traffic_class(m, 4) == EINVAL);
    EXPECT(mbuf_set_traffic_class(plain, MBUF_TC_VO) == EINVAL);
    EXPECT(mbuf_set_traffic_class(NULL, MBUF_TC_VO) == EINVAL);
    EXPECT(mbuf_get_traffic_class(plain) == MBUF_TC_BE);
    EXPECT(mbuf_get_traffic_class(NULL) == MBUF_TC_BE);
    EXPECT(mbuf_is_traffic_class_privileged(m) == 0);
    mbuf_freem(m);
    mbuf_freem(plain);
    return NULL;
}

const char *
mbuf_guest_tso(void)
{
    mbuf_tso_request_flags_t request = 1;
    u_int32_t value = 0;
    mbuf_t m = NULL;

    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == 0);
    EXPECT(mbuf_get_tso_requested(m, &request, &value) == 0 && request == 0);
    m->packet.csum_flags |= MBUF_TSO_IPV4;
    m->packet.segment_bytes = 1448;
    EXPECT(mbuf_get_tso_requested(m, &request, &value) == 0 && request == MBUF_TSO_IPV4 && value == 1448);
    EXPECT(mbuf_get_tso_requested(m, NULL, &value) == EINVAL);
    EXPECT(mbuf_get_tso_requested(NULL, &request, &value) == EINVAL);
    mbuf_freem(m);
    return NULL;
}

const char *
mbuf_guest_physical(void)
{
    mbuf_t m = NULL, small = NULL;
    addr64_t cluster;
    uint8_t *data;

    EXPECT(mbuf_getpacket(MBUF_WAITOK, &m) == 0);
    EXPECT(mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &small) == 0);
    data = mbuf_data(m);
    cluster = mbuf_data_to_physical(data);
    EXPECT(cluster != 0);
    EXPECT(mbuf_data_to_physical(data + 100) == cluster + 100);
    EXPECT(mbuf_data_to_physical(mbuf_data(small)) != 0);
    EXPECT(mbuf_data_to_physical(&m) == 0);
    mbuf_freem(m);
    mbuf_freem(small);
    return NULL;
}

const char *
mbuf_guest_stats(void)
{
    struct mbuf_stat stats;
    mbuf_t m = NULL;
    uint32_t before;

    mbuf_stats(&stats);
    before = stats.mbufs;
    EXPECT(mbuf_getpacket(MBUF_WAITOK, &m) == 0);
    mbuf_stats(&stats);
    EXPECT(stats.mbufs == before + 1 && stats.mclbytes == 2048 && stats.bigmclbytes == 4096 && stats.msize == 256);
    EXPECT(stats.clusters > stats.clfree && stats.bigclusters >= stats.bigclfree);
    EXPECT(stats.mlen == mbuf_get_mlen() && stats.mhlen == mbuf_get_mhlen());
    EXPECT(stats.minclsize == mbuf_get_minclsize() && stats.mtypes[MBUF_TYPE_DATA] == before + 1);
    mbuf_freem(m);
    return NULL;
}

/* --- checksums ---------------------------------------------------------------------------------- */

/* ICMP echo request 10.0.0.1 -> 10.0.0.2 with 4 bytes of data; the IPv4 header sums to 0. */
static const uint8_t ping[32] = {0x45, 0,    0,    32,   0x12, 0x34, 0, 0, 64,  1, 0x54, 0xa5, 10,  0,   0, 1,
                                 10,   0,    0,    2,    8,    0,    0, 0, 0,   1, 0,    1,    'a', 'b', 'c', 'd'};

/* UDP 10.0.0.1:1 -> 10.0.0.2:2, three bytes of data. */
static const uint8_t datagram[31] = {0x45, 0, 0, 31, 0, 0, 0, 0,  64, 17, 0, 0, 10, 0, 0,  1,
                                     10,   0, 0, 2,  0, 1, 0, 2, 0,  11, 0, 0, 'x', 'y', 'z'};

/* UDP fe80::1 -> fe80::2 behind a hop-by-hop header, one byte of data. */
static const uint8_t datagram6[57] = {0x60, 0, 0, 0, 0, 17, 0, 64, 0xfe, 0x80, 0, 0, 0, 0, 0,  0, 0, 0, 0,
                                      0,    0, 0, 0, 1, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                      0,    2, 17, 0, 1, 4, 0, 0, 0, 0, 0, 1, 0, 2, 0, 9, 0, 0, 'q'};

/* The plain sum of some bytes as 16-bit words. */
static uint32_t
words_sum(const uint8_t *bytes, size_t count)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static uint32_t
word_at(const void *bytes)
{
    const uint8_t *at = bytes;

    return ((uint32_t)at[0] << 8) | at[1];
}

const char *
mbuf_guest_inet_cksum(void)
{
    mbuf_t m = packet_of(ping, sizeof(ping)), plain = NULL;
    u_int16_t sum = 1;

    EXPECT(m != NULL);
    EXPECT(mbuf_inet_cksum(m, 0, 0, 20, &sum) == 0);
    EXPECT(word_at(&sum) == (~words_sum(ping, 20) & 0xffff));
    EXPECT(mbuf_inet_cksum(m, 0, 20, 12, &sum) == 0 && word_at(&sum) == (~words_sum(ping + 20, 12) & 0xffff));
    EXPECT(mbuf_inet_cksum(m, 0, 20, 0, &sum) == 0 && word_at(&sum) == 0xffff);
    EXPECT(mbuf_inet_cksum(m, 17, 20, 12, &sum) == 0);
    EXPECT(word_at(&sum) == (~words_sum((uint8_t[]){0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 12, 8, 0,
                                                    0, 0, 0, 1, 0, 1, 'a', 'b', 'c', 'd'}, 26) & 0xffff));
    EXPECT(mbuf_inet_cksum(m, 0, 20, 13, &sum) == EINVAL);
    EXPECT(mbuf_inet_cksum(m, 0, 0xffffffff, 2, &sum) == EINVAL);
    EXPECT(mbuf_inet_cksum(NULL, 0, 0, 0, &sum) == EINVAL);
    EXPECT(mbuf_inet_cksum(m, 0, 0, 0, NULL) == EINVAL);
    EXPECT(mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &plain) == 0);
    EXPECT(mbuf_inet_cksum(plain, 0, 0, 0, &sum) == EINVAL);
    mbuf_freem(m);
    mbuf_freem(plain);
    return NULL;
}

const char *
mbuf_guest_inet6_cksum(void)
{
    mbuf_t m = packet_of(datagram6, sizeof(datagram6));
    uint8_t pseudo[32 + 4 + 9];
    u_int16_t sum = 0;

    EXPECT(m != NULL);
    machine_copy(pseudo, datagram6 + 8, 32);
    machine_copy(pseudo + 32, (uint8_t[]){0, 9, 0, 17}, 4);
    machine_copy(pseudo + 36, datagram6 + 48, 9);
    EXPECT(mbuf_inet6_cksum(m, 17, 48, 9, &sum) == 0);
    EXPECT(word_at(&sum) == (~words_sum(pseudo, sizeof(pseudo)) & 0xffff));
    EXPECT(mbuf_inet6_cksum(m, 17, 48, 10, &sum) == EINVAL);
    mbuf_freem(m);
    return NULL;
}

/* Cut at each place, also odd ones, the sum is the same. */
const char *
mbuf_guest_cksum_odd_pieces(void)
{
    for (size_t cut = 0; cut <= sizeof(ping); cut++) {
        mbuf_t head = packet_of(ping, sizeof(ping)), tail = NULL;
        u_int16_t sum = 0;

        EXPECT(head != NULL && mbuf_split(head, cut, MBUF_WAITOK, &tail) == 0);
        head->next = tail;
        mbuf_pkthdr_setlen(head, sizeof(ping));
        EXPECT(mbuf_inet_cksum(head, 0, 3, sizeof(ping) - 3, &sum) == 0);
        EXPECT(word_at(&sum) == (~words_sum(ping + 3, sizeof(ping) - 3) & 0xffff));
        mbuf_freem(head);
    }
    return NULL;
}

const char *
mbuf_guest_finalize_inet(void)
{
    mbuf_t m = packet_of(datagram, sizeof(datagram));
    mbuf_csum_request_flags_t request = 0;
    u_int16_t sum = 0;
    u_int32_t value;
    uint8_t *data;

    EXPECT(m != NULL);
    data = mbuf_data(m);
    /* The stack leaves the sum of the pseudo header in the field, and its place in csum_data. */
    sum = (u_int16_t)words_sum((uint8_t[]){10, 0, 0, 1, 10, 0, 0, 2, 0, 17, 0, 11}, 12);
    data[26] = (uint8_t)(sum >> 8);
    data[27] = (uint8_t)sum;
    EXPECT(mbuf_set_csum_requested(m, MBUF_CSUM_REQ_IP | MBUF_CSUM_REQ_UDP, 6) == 0);
    mbuf_outbound_finalize(m, PF_INET, 0);
    EXPECT(mbuf_inet_cksum(m, 0, 0, 20, &sum) == 0 && sum == 0);
    EXPECT(mbuf_inet_cksum(m, 17, 20, 11, &sum) == 0 && sum == 0);
    EXPECT(mbuf_get_csum_requested(m, &request, &value) == 0 && request == 0);
    EXPECT(word_at(data + 26) != 0);
    mbuf_outbound_finalize(m, PF_UNIX, 0);
    mbuf_freem(m);
    return NULL;
}

const char *
mbuf_guest_finalize_inet6(void)
{
    mbuf_t m = packet_of(datagram6, sizeof(datagram6));
    uint8_t pseudo[36];
    uint8_t *data;
    uint32_t partial;
    u_int16_t sum = 1;

    EXPECT(m != NULL);
    data = mbuf_data(m);
    machine_copy(pseudo, datagram6 + 8, 32);
    machine_copy(pseudo + 32, (uint8_t[]){0, 9, 0, 17}, 4);
    partial = words_sum(pseudo, sizeof(pseudo));
    data[54] = (uint8_t)(partial >> 8);
    data[55] = (uint8_t)partial;
    mbuf_outbound_finalize(m, PF_INET6, 0);
    EXPECT(word_at(data + 54) == partial); /* nothing was asked for */
    EXPECT(mbuf_set_csum_requested(m, MBUF_CSUM_REQ_UDPIPV6, 6) == 0);
    mbuf_outbound_finalize(m, PF_INET6, 0);
    EXPECT(mbuf_inet6_cksum(m, 17, 48, 9, &sum) == 0 && sum == 0);
    mbuf_freem(m);
    return NULL;
}

/* --- memory ------------------------------------------------------------------------------------- */

/* The first bytes of a fresh cluster. Nobody wrote them: for valgrind they are made defined. */
static void
fresh_bytes_read(mbuf_t m, uint8_t bytes[64])
{
    machine_unpoison(mbuf_data(m), 64);
    machine_copy(bytes, mbuf_data(m), 64);
}

/* Fresh payload is not zero, and bytes of the last owner never come back. */
const char *
mbuf_guest_poison(void)
{
    mbuf_t m = NULL;
    uint8_t first[64];
    bool all_zero = true;

    EXPECT(mbuf_getpacket(MBUF_WAITOK, &m) == 0);
    fresh_bytes_read(m, first);
    mbuf_freem(m);
    for (size_t i = 0; i < sizeof(first); i++)
        all_zero = all_zero && first[i] == 0;
    EXPECT(!all_zero);
    return NULL;
}

const char *
mbuf_guest_poison_again(void)
{
    mbuf_t m = NULL;
    uint8_t first[64], again[64];

    EXPECT(mbuf_getpacket(MBUF_WAITOK, &m) == 0);
    fresh_bytes_read(m, first);
    mbuf_freem(m);
    for (int i = 0; i < 100; i++) {
        EXPECT(mbuf_getpacket(MBUF_WAITOK, &m) == 0);
        fresh_bytes_read(m, again);
        EXPECT(machine_compare(first, again, sizeof(first)) == 0);
        machine_fill(mbuf_data(m), i, 2048);
        mbuf_freem(m);
    }
    return NULL;
}

const char *
mbuf_guest_shapes(void)
{
    static uint8_t bytes[20000], back[20000];
    static const size_t lengths[] = {1, 9, 20, 40, 80, 300, 1500, 9000, 20000};
    uint64_t before = live_total();

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    for (int shape = 0; shape < MBUF_SHAPES; shape++) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            mbuf_t keeper = NULL;
            mbuf_t m = mbuf_shape_packet((enum mbuf_shape)shape, bytes, lengths[i], MBUF_WAITOK, &keeper);

            EXPECT(m != NULL);
            EXPECT((keeper != NULL) == (shape == MBUF_SHAPE_SHARED));
            EXPECT(mbuf_handover_check(m, "shape", false));
            EXPECT(mbuf_pkthdr_len(m) == lengths[i]);
            EXPECT(mbuf_copydata(m, 0, lengths[i], back) == 0);
            EXPECT(machine_compare(bytes, back, lengths[i]) == 0);
            EXPECT(shape != MBUF_SHAPE_SHARED || mbuf_leadingspace(m) == 0);
            EXPECT(shape != MBUF_SHAPE_PLAIN || mbuf_leadingspace(m) == 16);
            mbuf_freem(m);
            mbuf_freem(keeper);
        }
    }
    EXPECT(live_total() == before);
    return NULL;
}

static unsigned released_calls;

static void
buffer_released(caddr_t buffer, u_int size, caddr_t argument)
{
    released_calls += buffer == argument && size == 100;
}

const char *
mbuf_guest_attached(void)
{
    char *buffer = machine_allocate(100, "test buffer");
    mbuf_t m = NULL, copy = NULL;

    released_calls = 0;
    EXPECT(mbuf_attachcluster(MBUF_WAITOK, MBUF_TYPE_DATA, &m, buffer, buffer_released, 100, buffer) == 0);
    mbuf_setlen(m, 100);
    mbuf_pkthdr_setlen(m, 100);
    EXPECT(mbuf_copym(m, 50, 50, MBUF_WAITOK, &copy) == 0);
    EXPECT((char *)mbuf_data(copy) == buffer + 50);
    mbuf_freem(m);
    EXPECT(released_calls == 0);
    mbuf_freem(copy);
    EXPECT(released_calls == 1);
    machine_free(buffer);
    return NULL;
}

const char *
mbuf_guest_cluster_round(void)
{
    uint64_t before = live_total();

    for (size_t bytes = 1; bytes <= 16384; bytes = bytes * 3 + 1) {
        size_t size = bytes;
        caddr_t address = NULL;

        EXPECT(mbuf_alloccluster(MBUF_WAITOK, &size, &address) == 0 && size >= bytes);
        machine_fill(address, 0, size);
        mbuf_freecluster(address, size);
    }
    EXPECT(live_total() == before);
    return NULL;
}

/* --- ledger ------------------------------------------------------------------------------------- */

static bool
text_contains(const char *text, const char *part)
{
    for (; *text != '\0'; text++) {
        size_t i = 0;

        while (part[i] != '\0' && text[i] == part[i])
            i++;
        if (part[i] == '\0')
            return true;
    }
    return false;
}

const char *
mbuf_guest_history(void)
{
    mbuf_t m = NULL, second = NULL;
    char text[400], few[10];

    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == 0);
    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &second) == 0);
    mbuf_setnextpkt(m, second);
    mbuf_history_note_list(m, "first event");
    EXPECT(mbuf_history_text(m, text, sizeof(text)) < (int)sizeof(text));
    EXPECT(text_contains(text, ": mbuf_gethdr at step ") && text_contains(text, ", first event at step "));
    for (int i = 0; i < 5; i++)
        mbuf_history_note(m, "handed on");
    (void)mbuf_history_text(m, text, sizeof(text));
    EXPECT(text_contains(text, "mbuf_gethdr at step ") && text_contains(text, ", ..., handed on"));
    EXPECT(!text_contains(text, "first event"));
    (void)mbuf_history_text(second, text, sizeof(text));
    EXPECT(text_contains(text, "first event"));
    EXPECT(mbuf_history_text(m, few, sizeof(few)) > 10);
    EXPECT(mbuf_history_report(m, text, sizeof(text)) == mbuf_history_text(m, few, sizeof(few)));
    mbuf_history_hand_over(m, "to me");
    mbuf_history_hand_over(second, "to you");
    (void)mbuf_history_report(m, text, sizeof(text));
    EXPECT(text_contains(text, "handed on at step ") && text_contains(text, "\n    handed over: to me at step "));
    EXPECT(!text_contains(text, "to you"));
    for (int i = 0; i < 2; i++)
        mbuf_history_hand_over(second, "back");
    (void)mbuf_history_report(second, text, sizeof(text));
    EXPECT(text_contains(text, "\n    handed over: back at step ") && !text_contains(text, "to you"));
    mbuf_freem_list(m);
    return NULL;
}

const char *
mbuf_guest_handover_good(void)
{
    mbuf_t m = packet_of(ping, sizeof(ping)), second = packet_of(ping, sizeof(ping));

    EXPECT(m != NULL && second != NULL);
    EXPECT(mbuf_handover_check(m, "test", false));
    mbuf_setnextpkt(m, second);
    EXPECT(mbuf_handover_check(m, "test", true));
    (void)mbuf_freem_list(m);
    return NULL;
}

/* --- failures ----------------------------------------------------------------------------------- */

const char *
mbuf_guest_failures(void)
{
    mbuf_t m = NULL;
    mbuf_tag_id_t id = 0;
    size_t size = 2048;
    caddr_t address = NULL;
    unsigned int chunks = 0;
    uint64_t before = live_total();

    EXPECT(mbuf_get(MBUF_DONTWAIT, MBUF_TYPE_DATA, &m) == ENOMEM && m == NULL);
    EXPECT(mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m) == ENOMEM && m == NULL);
    EXPECT(mbuf_getpacket(MBUF_DONTWAIT, &m) == EWOULDBLOCK && m == NULL);
    EXPECT(mbuf_getpacket(MBUF_WAITOK, &m) == ENOMEM && m == NULL);
    EXPECT(mbuf_allocpacket(MBUF_DONTWAIT, 1500, &chunks, &m) == ENOMEM && m == NULL);
    EXPECT(mbuf_mclget(MBUF_DONTWAIT, MBUF_TYPE_DATA, &m) == ENOMEM && m == NULL);
    EXPECT(mbuf_alloccluster(MBUF_DONTWAIT, &size, &address) == ENOMEM && size == 0);
    EXPECT(mbuf_tag_id_find("org.example.none", &id) == ENOMEM);
    EXPECT(live_total() == before);
    return NULL;
}
