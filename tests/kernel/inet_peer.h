/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INET_PEER_H
#define INET_PEER_H

/*
 * The other end of the wire, for tests of the IP stack. A body runs on a thread of a fresh world with the
 * interface nv0 up: 10.0.0.1/24, fd00::1/64 and fe80::11:22ff:fe33:4455 on Ethernet, or
 * 10.0.0.1 -> 10.0.0.2 and fd00::1/64 without a link layer. The peer is 10.0.0.2 and fd00::2; on
 * Ethernet it has introduced itself by ARP and ND, so that answers come at once. What was sent until
 * then is forgotten.
 *
 * Bodies run on a fiber, which Check must not leave by longjmp: expectations write down what was wrong
 * and go on; the test fails when the body has ended. Then the machine is audited as well.
 */

#include <inet_host.h>

#include "inet_build.h"
#include "inet_wire.h"
#include "world.h"

#define US4 UINT32_C(0x0a000001)
#define PEER4 UINT32_C(0x0a000002)
#define STRANGER4 UINT32_C(0x0a000063) /* on the subnet, unknown */
#define FAR4 UINT32_C(0xc0a80509)      /* 192.168.5.9: no route */
#define SECOND_NS UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)

extern const uint8_t us6[16], peer6[16], local6[16], peer_local6[16], stranger6[16];
extern const uint8_t nobody6[16], all_nodes6[16], us_solicited6[16];
extern const uint8_t us_link[6], peer_link[6], broadcast_link[6];

/* --- running ------------------------------------------------------------------------------------ */

/* In a fresh world (suite_main's fixture has begun one). */
void peer_run(void (*body)(void));
void peer_run_point_to_point(void (*body)(void));
/* Both, one after the other. */
void peer_run_both(void (*body)(void));
/* Without any interface: the body creates and destroys. */
void peer_run_bare(void (*body)(void));

/* A body with a test that runs it. */
#define PEER_TEST(name, run)                                                                       \
    static void name##_body(void);                                                                 \
    START_TEST(name)                                                                               \
    {                                                                                              \
        run(name##_body);                                                                          \
    }                                                                                              \
    END_TEST                                                                                       \
    static void name##_body(void)

/* --- expectations ------------------------------------------------------------------------------- */

#define expect(condition) peer_expect((condition), #condition, __FILE__, __LINE__)
#define expect_int(value, wanted)                                                                  \
    peer_expect_int((long long)(value), (long long)(wanted), #value " is " #wanted, __FILE__,      \
                    __LINE__)
#define expect_bytes(value, wanted, bytes)                                                         \
    peer_expect_bytes((value), (wanted), (bytes), #value " are " #wanted, __FILE__, __LINE__)
/* Since the last such line one packet arrived and this became of it, and nothing else of any. */
#define expect_fate(name) peer_expect_fate(INET_COUNT_##name, 1, __FILE__, __LINE__)
#define expect_fates(name, many) peer_expect_fate(INET_COUNT_##name, (many), __FILE__, __LINE__)
/* No frame left the interface that a test has not taken yet. */
#define expect_silence() peer_expect_silence(0, __FILE__, __LINE__)

bool peer_expect(bool condition, const char *words, const char *file, int line);
bool peer_expect_int(long long value, long long wanted, const char *words, const char *file,
                     int line);
bool peer_expect_bytes(const void *value, const void *wanted, size_t bytes, const char *words,
                       const char *file, int line);
void peer_expect_fate(enum ksim_inet_counter fate, unsigned many, const char *file, int line);
void peer_expect_silence(unsigned wire, const char *file, int line);

/* A counter, since the last peer_mark (or the start of the body). */
uint64_t counted(enum ksim_inet_counter counter);
void peer_mark(void);

/* --- the wire ----------------------------------------------------------------------------------- */

/* Lets every other thread run: a virtual millisecond. */
void settle(void);
void sleep_ns(uint64_t duration_ns);
/* Throws away what was sent. */
void forget_sent(void);

/* A frame as it is, and an IP packet in the frame that its kind of interface and address want. */
void arrive_frame(unsigned wire, const uint8_t *frame, size_t bytes);
void arrive(const uint8_t *packet, size_t bytes);
void arrive_on(unsigned wire, const uint8_t *packet, size_t bytes);

/* An IPv4 or IPv6 packet around a payload, built and handed in. */
void arrive4(const struct ip4_fields *fields, const void *payload, size_t bytes);
void arrive6(const struct ip6_fields *fields, const void *payload, size_t bytes);
void arrive_arp(unsigned operation, const uint8_t sender_link[6], uint32_t sender,
                const uint8_t target_link[6], uint32_t target);
/* An echo request from the peer to us. */
void arrive_ping(uint16_t sequence);
void arrive_ping6(uint16_t sequence);

/*
 * The next packet the kernel sent, behind its link header, when it is IPv4, IPv6 or ARP; otherwise an
 * expectation fails and an empty packet comes back. `length` is the packet's, `frame` the whole.
 */
struct sent {
    const uint8_t *bytes;
    size_t length;
    const uint8_t *frame;
    unsigned type; /* Ethernet type */
};
struct sent take_sent(void);
struct sent take_sent_on(unsigned wire);
/* The same, and checks header checksum and length, and that it is this protocol's. */
struct sent take_ip4(uint8_t protocol);
struct sent take_ip6(uint8_t next);

/* --- configuration ------------------------------------------------------------------------------ */

/* An ioctl on a socket of the domain; data begins with 16 bytes for the name. 0 or -errno. */
int configure(int domain, unsigned long command, const char *name, void *data);

struct ksim_inet_address address4(uint32_t address);
struct ksim_inet_address address6(const uint8_t *address, unsigned interface_index);

#endif
