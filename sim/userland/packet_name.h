/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PACKET_NAME_H
#define PACKET_NAME_H

/*
 * A packet of a capture by what people call it. A name is "FILE:N", the N-th packet (from 1) of a capture
 * in the folder, or a word that the folder's file NAMES explains: lines "WORD FILE:N what it is",
 * with `#` before commentary.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKET_NAME_ERROR_BYTES 512

struct packet_named {
    int link; /* CAPTURE_LINK_..., or another DLT number */
    uint8_t *bytes;
    size_t length;
};

/* False and one line in `error`, and then nothing is held. Free with packet_named_free. */
bool packet_name_load(struct packet_named *packet, const char *folder, const char *name,
                      char error[PACKET_NAME_ERROR_BYTES]);
void packet_named_free(struct packet_named *packet);

#endif
