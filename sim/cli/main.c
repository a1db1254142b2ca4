/* SPDX-License-Identifier: BSD-2-Clause */
#include "subcommand.h"

int
main(int argc, char **argv)
{
    return subcommand_main(argc, argv);
}
