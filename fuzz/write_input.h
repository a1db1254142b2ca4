/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_WRITE_INPUT_H
#define FUZZ_WRITE_INPUT_H

/*
 * An input of fuzz_write_tun and fuzz_write_tap: writes into the device of the shipped driver on a machine of its own.
 *
 *     byte 0      bit 0: tun: TUNSIFHEAD; bits 1-2: the MTU: 1500, 72, 9000, 65535
 *     each write  byte 0: bits 0-1: how many cuts (0: write, else writev); bit 2: a byte of it faults
 *                 2 bytes: the length, modulo WRITE_BYTES_MAX + 1; 2 for each cut: where; 2: the byte that faults
 *                 its bytes
 *
 * Any bytes are an input (fuzz_input.h); numbers are little-endian. At most WRITE_COUNT_MAX writes are made; the last
 * may be cut short. Each piece stands in memory of exactly its size. seeds/_write.py writes the same.
 *
 * Oracle: each write answers what kext_glue/tuntap_ioctls.h allows for its bytes; the interface has counted it as
 * received if, and only if, it was taken; the machine ends with nothing left behind.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WRITE_BYTES_MAX = 9100, WRITE_COUNT_MAX = 16 };

/* Boots, runs the whole input on tun0 or tap0, unloads and audits; ends the process when the oracle says so. */
void write_input_run(bool tap, const uint8_t *bytes, size_t length);

#endif
