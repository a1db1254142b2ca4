/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifconfig.h"

#include <string.h>

#include <system.h>

/*
 * Darwin's numbers and layouts (facts: kpi-ifnet.md 21.3, 21.4; constants.md). They are spelled as
 * offsets because the host's own headers of the same names mean other things.
 */
#define REQUEST_SET_FLAGS UINT32_C(0x80206910)
#define REQUEST_GET_FLAGS UINT32_C(0xc0206911)
#define REQUEST_SET_MTU UINT32_C(0x80206934)
#define REQUEST_SET_LLADDR UINT32_C(0x8020693c)
#define REQUEST_ADD_ADDRESS UINT32_C(0x8040691a)
#define REQUEST_ADD_ADDRESS6 UINT32_C(0x8080691a)
#define REQUEST_GET_STATUS UINT32_C(0xc331693d)

enum {
    FLAG_UP = 0x1,
    FAMILY_LINK = 18,
    NAME_BYTES = 16,
    VALUE_OFFSET = 16, /* of the union in struct ifreq */
    IFREQ_BYTES = 32,
    ALIAS_BYTES = 64, /* struct ifaliasreq: name, address, destination, mask */
    ALIAS_DESTINATION = 32,
    ALIAS_MASK = 48,
    ALIAS6_BYTES = 128, /* struct in6_aliasreq: name, address, destination, mask, flags, lifetimes */
    ALIAS6_MASK = 72,
    ALIAS6_VALID_LIFETIME = 120,
    SOCKADDR_IN_BYTES = 16,
    SOCKADDR_IN6_BYTES = 28,
    STATUS_OFFSET = 16, /* of the text in struct ifstat */
    IFSTAT_BYTES = 817
};

/* A socket for one request, as ifconfig does it. */
static int
request(struct process *process, int domain, unsigned long command, const char *name, void *data)
{
    int socket = ksim_system_socket(process, domain, KSIM_SOCK_DGRAM, 0);
    int result;

    if (socket < 0)
        return socket;
    strncpy(data, name, NAME_BYTES);
    result = ksim_system_ioctl(process, socket, command, data);
    ksim_system_close(process, socket);
    return result;
}

static int
change_flags(struct process *process, const char *name, uint16_t set, uint16_t clear)
{
    uint8_t data[IFREQ_BYTES] = {0};
    uint16_t flags;
    int result = request(process, KSIM_AF_INET, REQUEST_GET_FLAGS, name, data);

    if (result < 0)
        return result;
    memcpy(&flags, data + VALUE_OFFSET, sizeof(flags));
    flags = (uint16_t)((flags & ~clear) | set);
    memset(data, 0, sizeof(data));
    memcpy(data + VALUE_OFFSET, &flags, sizeof(flags));
    return request(process, KSIM_AF_INET, REQUEST_SET_FLAGS, name, data);
}

int
ifconfig_up(struct process *process, const char *name)
{
    return change_flags(process, name, FLAG_UP, 0);
}

int
ifconfig_down(struct process *process, const char *name)
{
    return change_flags(process, name, 0, FLAG_UP);
}

int
ifconfig_mtu(struct process *process, const char *name, int mtu)
{
    uint8_t data[IFREQ_BYTES] = {0};
    int32_t value = mtu;

    memcpy(data + VALUE_OFFSET, &value, sizeof(value));
    return request(process, KSIM_AF_INET, REQUEST_SET_MTU, name, data);
}

int
ifconfig_lladdr(struct process *process, const char *name, const uint8_t lladdr[6])
{
    uint8_t data[IFREQ_BYTES] = {0};

    data[VALUE_OFFSET] = 6; /* sa_len carries the length of the address here */
    data[VALUE_OFFSET + 1] = FAMILY_LINK;
    memcpy(data + VALUE_OFFSET + 2, lladdr, 6);
    return request(process, KSIM_AF_INET, REQUEST_SET_LLADDR, name, data);
}

static void
put_sockaddr_in(uint8_t *out, const uint8_t address[4])
{
    out[0] = SOCKADDR_IN_BYTES;
    out[1] = KSIM_AF_INET;
    memcpy(out + 4, address, 4);
}

static void
put_prefix(uint8_t *out, size_t bytes, unsigned prefix_bits)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned bits = prefix_bits > 8 * i ? prefix_bits - (unsigned)(8 * i) : 0;

        out[i] = bits >= 8 ? 0xff : (uint8_t)(0xff00u >> bits);
    }
}

int
ifconfig_inet(struct process *process, const char *name, const uint8_t address[4],
              unsigned prefix_bits, const uint8_t destination[4])
{
    uint8_t data[ALIAS_BYTES] = {0};
    uint8_t mask[4];

    put_prefix(mask, sizeof(mask), prefix_bits);
    put_sockaddr_in(data + VALUE_OFFSET, address);
    if (destination != NULL)
        put_sockaddr_in(data + ALIAS_DESTINATION, destination);
    put_sockaddr_in(data + ALIAS_MASK, mask);
    data[ALIAS_MASK + 1] = 0; /* ifconfig leaves the mask's family unset */
    return request(process, KSIM_AF_INET, REQUEST_ADD_ADDRESS, name, data);
}

int
ifconfig_inet6(struct process *process, const char *name, const uint8_t address[16],
               unsigned prefix_bits)
{
    uint8_t data[ALIAS6_BYTES] = {0};

    data[VALUE_OFFSET] = SOCKADDR_IN6_BYTES;
    data[VALUE_OFFSET + 1] = KSIM_AF_INET6;
    memcpy(data + VALUE_OFFSET + 8, address, 16);
    data[ALIAS6_MASK] = SOCKADDR_IN6_BYTES;
    data[ALIAS6_MASK + 1] = KSIM_AF_INET6;
    put_prefix(data + ALIAS6_MASK + 8, 16, prefix_bits);
    memset(data + ALIAS6_VALID_LIFETIME, 0xff, 8); /* valid and preferred for ever */
    return request(process, KSIM_AF_INET6, REQUEST_ADD_ADDRESS6, name, data);
}

int
ifconfig_status(struct process *process, const char *name, char status[IFCONFIG_STATUS_BYTES])
{
    uint8_t data[IFSTAT_BYTES] = {0};
    int result = request(process, KSIM_AF_INET, REQUEST_GET_STATUS, name, data);

    memcpy(status, data + STATUS_OFFSET, IFCONFIG_STATUS_BYTES);
    status[IFCONFIG_STATUS_BYTES - 1] = '\0';
    return result;
}
