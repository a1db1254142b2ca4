/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPLAY_GUEST_H
#define REPLAY_GUEST_H

/*
 * The half of the replayer that calls the mbuf KPI; compiled against sim/kernel/include. Only plain
 * types cross to the half that reads files and compares (replay.c), which is compiled against libc.
 * All functions run on the machine that is entered.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REPLAY_HANDLES = 16, REPLAY_OUTS = 3, REPLAY_CHAIN = 256 };

/* A sequence under replay; zero it before the first call of each sequence. */
struct replay_guest {
    void *handles[REPLAY_HANDLES]; /* mbuf_t */
    void *scratch;                 /* bytes of the last copydata */
};

enum replay_kind { REPLAY_ERRNO, REPLAY_VALUE, REPLAY_VOID };

struct replay_out {
    const char *name;
    uint64_t value;
    bool hexadecimal;
};

struct replay_result {
    enum replay_kind kind;
    int64_t value; /* errno with Darwin's numbers, or the value */
    struct replay_out outs[REPLAY_OUTS];
    size_t out_count;
    const uint8_t *bytes; /* copydata: what was copied; valid until the next call */
    size_t byte_count;
};

/* Runs one operation; false: there is none of that name. */
bool replay_guest_call(struct replay_guest *guest, const char *operation, const int64_t *arguments,
                       struct replay_result *result);

/* The end of a sequence: unlinks the packets of all handles and frees them. */
void replay_guest_end(struct replay_guest *guest);

struct replay_mbuf {
    int64_t offset, len, max, lead, trail;
    bool external, shared;
    uint32_t flags, type;
    const uint8_t *data;
};

struct replay_packet {
    bool length_unknown; /* in: the header was never written, so its length is not to be read */
    bool has_header;
    int64_t length;
    int next_packet; /* a handle, REPLAY_HANDLES = an mbuf without one, -1 = NULL */
    size_t count;
    struct replay_mbuf mbufs[REPLAY_CHAIN];
};

/* What can be seen of a handle through the KPI; false when it is NULL. */
bool replay_guest_look(const struct replay_guest *guest, int handle, struct replay_packet *packet);

/* mbufs, 2K, 4K and 16K clusters in use, free functions run. */
void replay_guest_live(uint64_t live[5]);

/* mbuf_get_mlen, mbuf_get_mhlen, mbuf_get_minclsize. */
void replay_guest_sizes(uint32_t sizes[3]);

/* "EINVAL" for 22. */
const char *replay_guest_error_name(int error);

#endif
