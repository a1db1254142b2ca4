/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BPF_FILTER_H
#define KSIM_BPF_FILTER_H

/*
 * The filter machine of bpf (McCanne and Jacobson, USENIX 1993; bpf(4)): a program over one packet that
 * says how many bytes of it to keep.
 */

#include <ksim.h>
#include <net/bpf.h>

#define BPF_PROGRAM_MAX 512 /* instructions */

/*
 * True when the program can be run on any packet: known instructions, forward jumps within it, memory
 * cells 0 to 15, no division by the constant 0, a return at its end.
 */
bool ksim_bpf_filter_valid(const struct bpf_insn *program, uint32_t count);

/*
 * Bytes to keep, 0 = refused. A program without instructions (NULL) keeps everything. A load
 * beyond the packet and a division by zero refuse it. `program` is valid.
 */
uint32_t ksim_bpf_filter_run(const struct bpf_insn *program, const unsigned char *packet,
                             uint32_t bytes);

#endif
