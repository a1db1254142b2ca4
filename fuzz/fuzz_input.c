/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz_input.h"

static uint64_t
take(struct fuzz_input *input, unsigned bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < bytes && input->left_bytes > 0; i++) {
        number |= (uint64_t)*input->next++ << 8 * i;
        input->left_bytes--;
    }
    return number;
}

uint8_t
fuzz_input_u8(struct fuzz_input *input)
{
    return (uint8_t)take(input, 1);
}

uint16_t
fuzz_input_u16(struct fuzz_input *input)
{
    return (uint16_t)take(input, 2);
}

uint32_t
fuzz_input_u32(struct fuzz_input *input)
{
    return (uint32_t)take(input, 4);
}

uint64_t
fuzz_input_u64(struct fuzz_input *input)
{
    return take(input, 8);
}

uint32_t
fuzz_input_below(struct fuzz_input *input, uint32_t count)
{
    uint64_t number = take(input, count <= 256 ? 1 : 4);

    return count == 0 ? 0 : (uint32_t)(number % count);
}

const uint8_t *
fuzz_input_bytes(struct fuzz_input *input, size_t length_bytes, size_t *got)
{
    static const uint8_t nothing[1];
    const uint8_t *bytes = input->left_bytes == 0 ? nothing : input->next;

    *got = length_bytes < input->left_bytes ? length_bytes : input->left_bytes;
    if (*got > 0)
        input->next += *got;
    input->left_bytes -= *got;
    return bytes;
}
