/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifconfig.h"

#include <string.h>

#include <system.h>

#include "interface_request.h"

static int
change_flags(struct process *process, const char *name, uint16_t set, uint16_t clear)
{
    uint8_t data[IFREQ_BYTES] = {0};
    uint16_t flags;
    int result = interface_request(process, KSIM_AF_INET, REQUEST_GET_FLAGS, name, data);

    if (result < 0)
        return result;
    memcpy(&flags, data + IFREQ_VALUE, sizeof(flags));
    flags = (uint16_t)((flags & ~clear) | set);
    memset(data, 0, sizeof(data));
    memcpy(data + IFREQ_VALUE, &flags, sizeof(flags));
    return interface_request(process, KSIM_AF_INET, REQUEST_SET_FLAGS, name, data);
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

    memcpy(data + IFREQ_VALUE, &value, sizeof(value));
    return interface_request(process, KSIM_AF_INET, REQUEST_SET_MTU, name, data);
}

int
ifconfig_lladdr(struct process *process, const char *name, const uint8_t lladdr[6])
{
    uint8_t data[IFREQ_BYTES] = {0};

    data[IFREQ_VALUE] = 6; /* sa_len carries the length of the address here */
    data[IFREQ_VALUE + 1] = FAMILY_LINK;
    memcpy(data + IFREQ_VALUE + 2, lladdr, 6);
    return interface_request(process, KSIM_AF_INET, REQUEST_SET_LLADDR, name, data);
}

int
ifconfig_inet(struct process *process, const char *name, const uint8_t address[4],
              unsigned prefix_bits, const uint8_t destination[4])
{
    uint8_t data[ALIAS_BYTES] = {0};
    uint8_t mask[4];

    put_prefix(mask, sizeof(mask), prefix_bits);
    put_sockaddr_in(data + IFREQ_VALUE, address);
    if (destination != NULL)
        put_sockaddr_in(data + ALIAS_DESTINATION, destination);
    put_sockaddr_in(data + ALIAS_MASK, mask);
    data[ALIAS_MASK + 1] = 0; /* ifconfig leaves the mask's family unset */
    return interface_request(process, KSIM_AF_INET, REQUEST_ADD_ADDRESS, name, data);
}

int
ifconfig_inet6(struct process *process, const char *name, const uint8_t address[16],
               unsigned prefix_bits)
{
    uint8_t data[ALIAS6_BYTES] = {0};

    put_sockaddr_in6(data + ALIAS6_ADDRESS, address);
    data[ALIAS6_MASK] = SOCKADDR_IN6_BYTES;
    data[ALIAS6_MASK + 1] = KSIM_AF_INET6;
    put_prefix(data + ALIAS6_MASK + 8, 16, prefix_bits);
    memset(data + ALIAS6_VALID_LIFETIME, 0xff, 8); /* valid and preferred for ever */
    return interface_request(process, KSIM_AF_INET6, REQUEST_ADD_ADDRESS6, name, data);
}

int
ifconfig_status(struct process *process, const char *name, char status[IFCONFIG_STATUS_BYTES])
{
    uint8_t data[IFSTAT_BYTES] = {0};
    int result = interface_request(process, KSIM_AF_INET, REQUEST_GET_STATUS, name, data);

    memcpy(status, data + IFSTAT_TEXT, IFCONFIG_STATUS_BYTES);
    status[IFCONFIG_STATUS_BYTES - 1] = '\0';
    return result;
}
