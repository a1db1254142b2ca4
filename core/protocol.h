/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protocol.h - which network protocols are attached to one interface, and what each wants to
 * receive.
 *
 * tap: a protocol comes with descriptors (Ethernet II type, SAP, SNAP) and a frame goes to the
 * protocol that has its descriptor. tun: a protocol is its family number and comes without
 * descriptors.
 *
 * Numbers of families are the kernel's protocol_family_t; 0 (PF_UNSPEC) is nobody. The table
 * lives in the caller's memory; the caller serialises changes. Locks: none inside. An entry is
 * filled first and its family, which makes it visible, is stored last; removal clears the family
 * first.
 */
#ifndef TT_PROTOCOL_H
#define TT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "frame.h"

#define TT_PROTOCOL_COUNT_MAX 16u      /* protocols on one interface */
#define TT_PROTOCOL_DEMUX_COUNT_MAX 8u /* descriptors of one protocol (IPv4 has two) */

struct tt_protocol {
    uint32_t family; /* 0: the slot is free */
    uint32_t demux_count;
    struct tt_demux demux[TT_PROTOCOL_DEMUX_COUNT_MAX];
};

struct tt_protocol_table {
    struct tt_protocol protocols[TT_PROTOCOL_COUNT_MAX];
};

/* Empties a table of unknown contents. */
void tt_protocol_table_init(struct tt_protocol_table *table);

/* True if no family and no descriptor is there twice and every descriptor is well formed. */
bool tt_protocol_table_validate(const struct tt_protocol_table *table);

/* Attaches a protocol with demux_count descriptors (copied; 0 for tun and for a protocol that
 * only sends). TT_EINVAL: family 0, a malformed descriptor, the same one twice, or NULL with a
 * count. TT_EEXIST: the family is attached, or another protocol has one of the descriptors.
 * TT_ENOBUFS: more descriptors or protocols than fit. On error the table is as before. */
enum tt_error tt_protocol_add(struct tt_protocol_table *table, uint32_t family,
    const struct tt_demux *demux, size_t demux_count);

/* Detaches it. TT_ENOENT if it is not attached (0 never is). */
enum tt_error tt_protocol_remove(struct tt_protocol_table *table, uint32_t family);

/* Is it attached? The question of tun's demux. */
bool tt_protocol_attached(const struct tt_protocol_table *table, uint32_t family);

/* The family that wants a frame with this descriptor, 0 if nobody does (glue: ENOENT, the frame
 * is dropped). A SNAP frame goes to the protocol that has its SNAP descriptor, else to one that
 * asked for the SAP AA AA 03. */
uint32_t tt_protocol_lookup(const struct tt_protocol_table *table, const struct tt_demux *demux);

/* Number of protocols attached. */
uint32_t tt_protocol_count(const struct tt_protocol_table *table);

#endif
