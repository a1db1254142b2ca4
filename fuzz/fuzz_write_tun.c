/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program writes into /dev/tun0, from boot to unload: write_input.h. */
#include "write_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    write_input_run(false, bytes, length);
    return 0;
}
