/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program writes into /dev/tap0, from boot to unload: write_input.h. */
#include "write_input.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    write_input_run(true, bytes, length);
    return 0;
}
