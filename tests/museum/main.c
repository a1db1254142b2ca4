/* SPDX-License-Identifier: BSD-2-Clause */
/* tuntapsim with broken drivers: `tuntapsim-museum explore --driver never-woken-reader tun-reader-down`. */
#include <subcommand.h>

#include "variants.h"

int
main(int argc, char **argv)
{
    native_kexts_offer(museum_variants);
    return subcommand_main(argc, argv);
}
