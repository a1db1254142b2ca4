/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_IF_DL_H
#define KPI_NET_IF_DL_H

/* Link-layer addresses: sdl_data holds sdl_nlen bytes of name, then sdl_alen bytes of address. */

#include <sys/cdefs.h>
#include <sys/types.h>

struct sockaddr_dl {
    uint8_t sdl_len;
    uint8_t sdl_family;
    uint16_t sdl_index;
    uint8_t sdl_type;
    uint8_t sdl_nlen;
    uint8_t sdl_alen;
    uint8_t sdl_slen;
    char sdl_data[12];
};

#define LLADDR(address) ((char *)&((address)->sdl_data[0]) + (address)->sdl_nlen)

#endif
