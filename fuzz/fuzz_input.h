/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

/*
 * The bytes of one input, taken from the front. Total: behind the last byte every number is 0 and
 * every view is empty, so that each prefix of an input is an input and a minimiser may cut anywhere.
 * Numbers are little-endian. Nothing is copied; views live as long as the input.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fuzz_input {
    const uint8_t *next;
    size_t left_bytes;
};

static inline struct fuzz_input
fuzz_input_of(const uint8_t *bytes, size_t length_bytes)
{
    return (struct fuzz_input){bytes, length_bytes};
}

static inline bool
fuzz_input_is_empty(const struct fuzz_input *input)
{
    return input->left_bytes == 0;
}

uint8_t fuzz_input_u8(struct fuzz_input *input);
uint16_t fuzz_input_u16(struct fuzz_input *input);
uint32_t fuzz_input_u32(struct fuzz_input *input);
uint64_t fuzz_input_u64(struct fuzz_input *input);

/* A number below count, of one byte if count is at most 256, else of four. 0 if count is 0. */
uint32_t fuzz_input_below(struct fuzz_input *input, uint32_t count);

/* The next length_bytes of the input, or fewer: *got says how many. Never NULL. */
const uint8_t *fuzz_input_bytes(struct fuzz_input *input, size_t length_bytes, size_t *got);

#endif
