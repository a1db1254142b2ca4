/* SPDX-License-Identifier: BSD-2-Clause */
#include "interface_request.h"

#include <string.h>

#include <system.h>

int
interface_request(struct process *process, int domain, unsigned long command, const char *name,
                  void *data)
{
    int socket = ksim_system_socket(process, domain, KSIM_SOCK_DGRAM, 0);
    int result;

    if (socket < 0)
        return socket;
    strncpy(data, name, INTERFACE_NAME_BYTES);
    result = ksim_system_ioctl(process, socket, command, data);
    ksim_system_close(process, socket);
    return result;
}

void
put_sockaddr_in(uint8_t *out, const uint8_t address[4])
{
    out[0] = SOCKADDR_IN_BYTES;
    out[1] = KSIM_AF_INET;
    memcpy(out + 4, address, 4);
}

void
put_sockaddr_in6(uint8_t *out, const uint8_t address[16])
{
    out[0] = SOCKADDR_IN6_BYTES;
    out[1] = KSIM_AF_INET6;
    memcpy(out + 8, address, 16);
}

void
put_prefix(uint8_t *out, size_t bytes, unsigned prefix_bits)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned bits = prefix_bits > 8 * i ? prefix_bits - (unsigned)(8 * i) : 0;

        out[i] = bits >= 8 ? 0xff : (uint8_t)(0xff00u >> bits);
    }
}

int
interface_get_media(struct process *process, const char *name, uint8_t *data)
{
    int result = interface_request(process, KSIM_AF_INET, REQUEST_GET_EXTENDED_MEDIA, name, data);

    return result == 0 ? 0
                       : interface_request(process, KSIM_AF_INET, REQUEST_GET_MEDIA, name, data);
}
