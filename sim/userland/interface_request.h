/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef INTERFACE_REQUEST_H
#define INTERFACE_REQUEST_H

/*
 * Darwin's interface requests as bytes (facts: kpi-ifnet.md 21.3, 21.4; constants.md). They are spelled as
 * numbers and offsets because the host's own headers of the same names mean other things.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process;

#define REQUEST_SET_FLAGS UINT32_C(0x80206910)
#define REQUEST_GET_FLAGS UINT32_C(0xc0206911)
#define REQUEST_GET_METRIC UINT32_C(0xc0206917)
#define REQUEST_SET_METRIC UINT32_C(0x80206918)
#define REQUEST_GET_MTU UINT32_C(0xc0206933)
#define REQUEST_SET_MTU UINT32_C(0x80206934)
#define REQUEST_SET_LLADDR UINT32_C(0x8020693c)
#define REQUEST_GET_CAPABILITIES UINT32_C(0xc020695b)
#define REQUEST_ADD_ADDRESS UINT32_C(0x8040691a)
#define REQUEST_DELETE_ADDRESS UINT32_C(0x80206919)
#define REQUEST_ADD_ADDRESS6 UINT32_C(0x8080691a)
#define REQUEST_DELETE_ADDRESS6 UINT32_C(0x81206919)
#define REQUEST_GET_MEDIA UINT32_C(0xc02c6938)          /* of a 64-bit program */
#define REQUEST_GET_EXTENDED_MEDIA UINT32_C(0xc02c6948) /* from 10.14 on */
#define REQUEST_SET_MEDIA UINT32_C(0xc0206937)
#define REQUEST_GET_STATUS UINT32_C(0xc331693d)

enum {
    INTERFACE_NAME_BYTES = 16,
    FAMILY_LINK = 18,
    IFREQ_BYTES = 32,
    IFREQ_VALUE = 16, /* of the union in struct ifreq */
    ALIAS_BYTES = 64, /* struct ifaliasreq: name, address, destination, mask */
    ALIAS_ADDRESS = 16,
    ALIAS_DESTINATION = 32,
    ALIAS_MASK = 48,
    ALIAS6_BYTES = 128, /* struct in6_aliasreq: name, address, destination, mask, flags, lifetimes */
    ALIAS6_ADDRESS = 16,
    ALIAS6_DESTINATION = 44,
    ALIAS6_MASK = 72,
    ALIAS6_VALID_LIFETIME = 120,
    IFREQ6_BYTES = 288,
    SOCKADDR_IN_BYTES = 16,
    SOCKADDR_IN6_BYTES = 28,
    IFSTAT_BYTES = 817,
    IFSTAT_TEXT = 16,
    MEDIA_BYTES = 44, /* struct ifmediareq of a 64-bit program */
    MEDIA_CURRENT = 16,
    MEDIA_STATUS = 24,
    MEDIA_ACTIVE = 28,
    MEDIA_COUNT = 32,
    MEDIA_LIST = 36
};

/* IFF_ bits. */
enum {
    FLAG_UP = 0x1, FLAG_BROADCAST = 0x2, FLAG_DEBUG = 0x4, FLAG_LOOPBACK = 0x8,
    FLAG_POINTOPOINT = 0x10, FLAG_NOARP = 0x80
};

/*
 * A datagram socket, one request, close, as ifconfig does it: 0 or -errno. Puts the name into `data`, which
 * has the size that the command says. On a thread of `process`.
 */
int interface_request(struct process *process, int domain, unsigned long command, const char *name,
                      void *data);

/* A struct sockaddr_in, a struct sockaddr_in6, and the mask of a prefix in `bytes` bytes. */
void put_sockaddr_in(uint8_t *out, const uint8_t address[4]);
void put_sockaddr_in6(uint8_t *out, const uint8_t address[16]);
void put_prefix(uint8_t *out, size_t bytes, unsigned prefix_bits);

/*
 * What medium an interface has, as MEDIA_BYTES from `data`: by the extended request, or by the old one on a kernel
 * that has no other, as ifconfig asks. 0 or -errno of the old one.
 */
int interface_get_media(struct process *process, const char *name, uint8_t *data);

#endif
