/* SPDX-License-Identifier: BSD-2-Clause */
#include "address.h"

#include <libkern/libkern.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet6/in6_var.h>
#include <sys/kpi_socket.h>
#include <sys/socket.h>
#include <sys/sockio.h>

union address_request {
    struct ifreq inet;
    struct in6_ifreq inet6;
};

/* The request that deletes it, 0 for a family that is not ours to delete (AF_LINK). */
static u_long
request_fill(union address_request *request, ifnet_t interface, ifaddr_t address)
{
    memset(request, 0, sizeof(*request));
    switch (ifaddr_address_family(address)) {
    case AF_INET:
        (void)snprintf(request->inet.ifr_name, sizeof(request->inet.ifr_name), "%s%u",
            ifnet_name(interface), ifnet_unit(interface));
        (void)ifaddr_address(address, &request->inet.ifr_addr, sizeof(request->inet.ifr_addr));
        return SIOCDIFADDR;
    case AF_INET6:
        (void)snprintf(request->inet6.ifr_name, sizeof(request->inet6.ifr_name), "%s%u",
            ifnet_name(interface), ifnet_unit(interface));
        (void)ifaddr_address(address, (struct sockaddr *)&request->inet6.ifr_ifru.ifru_addr,
            sizeof(request->inet6.ifr_ifru.ifru_addr));
        return SIOCDIFADDR_IN6;
    default:
        return 0;
    }
}

static void
address_remove(ifnet_t interface, ifaddr_t address)
{
    union address_request request;
    u_long command = request_fill(&request, interface, address);
    socket_t socket;

    /* A datagram socket may be had by everybody; the request is made in the kernel's name. */
    if (command == 0 ||
        sock_socket(ifaddr_address_family(address), SOCK_DGRAM, 0, NULL, NULL, &socket) != 0) {
        return;
    }
    (void)sock_ioctl(socket, command, &request);
    sock_close(socket);
}

void
tuntap_addresses_remove(ifnet_t interface)
{
    ifaddr_t *addresses;
    u_int32_t i;

    if (ifnet_get_address_list(interface, &addresses) != 0) {
        return;
    }
    for (i = 0; addresses[i] != NULL; i++) {
        address_remove(interface, addresses[i]);
    }
    ifnet_free_address_list(addresses);
}
