/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap's MAP_ANON is outside ISO C and POSIX; each libc has its own word for "show it". */
#define _DEFAULT_SOURCE  1
#define _DARWIN_C_SOURCE 1

#include <sys/mman.h>

#include "machine.h"

void *
machine_image_map(size_t bytes)
{
    void *image = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);

    return image == MAP_FAILED ? NULL : image;
}

bool
machine_image_protect(void *address, size_t bytes, unsigned allowed)
{
    int protection = PROT_NONE;

    if ((allowed & MACHINE_IMAGE_READ) != 0)
        protection |= PROT_READ;
    if ((allowed & MACHINE_IMAGE_WRITE) != 0)
        protection |= PROT_WRITE;
    if ((allowed & MACHINE_IMAGE_EXECUTE) != 0)
        protection |= PROT_EXEC;
    return mprotect(address, bytes, protection) == 0;
}

void
machine_image_unmap(void *image, size_t bytes)
{
    (void)munmap(image, bytes);
}
