/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_NET_KPI_INTERFACE_H
#define KPI_NET_KPI_INTERFACE_H

/*
 * Network interfaces. The functions that may end in the driver's own ioctl, detached or add_proto
 * call-backs must not be called with a lock held that those take. 0 or an error number.
 */

#include <net/if_var.h>
#include <sys/cdefs.h>
#include <sys/kernel_types.h>
#include <sys/socket.h>
#include <sys/types.h>

struct sockaddr;
struct sockaddr_dl;
struct kern_event_msg;
struct kev_msg;
struct ifnet_demux_desc;
struct timeval;

typedef u_int32_t ifnet_family_t;
typedef u_int32_t ifnet_offload_t;
typedef u_int32_t protocol_family_t;
typedef u_int32_t bpf_tap_mode;

enum {
    IFNET_FAMILY_ANY       = 0,
    IFNET_FAMILY_LOOPBACK  = 1,
    IFNET_FAMILY_ETHERNET  = 2,
    IFNET_FAMILY_SLIP      = 3,
    IFNET_FAMILY_TUN       = 4,
    IFNET_FAMILY_VLAN      = 5,
    IFNET_FAMILY_PPP       = 6,
    IFNET_FAMILY_PVC       = 7,
    IFNET_FAMILY_DISC      = 8,
    IFNET_FAMILY_MDECAP    = 9,
    IFNET_FAMILY_GIF       = 10,
    IFNET_FAMILY_FAITH     = 11,
    IFNET_FAMILY_STF       = 12,
    IFNET_FAMILY_FIREWIRE  = 13,
    IFNET_FAMILY_BOND      = 14,
    IFNET_FAMILY_CELLULAR  = 15,
    IFNET_FAMILY_6LOWPAN   = 16,
    IFNET_FAMILY_UNUSED_16 = 16,
    IFNET_FAMILY_UTUN      = 17,
    IFNET_FAMILY_IPSEC     = 18
};

enum {
    IFNET_CSUM_IP       = 0x1,
    IFNET_CSUM_TCP      = 0x2,
    IFNET_CSUM_UDP      = 0x4,
    IFNET_CSUM_FRAGMENT = 0x8,
    IFNET_IP_FRAGMENT   = 0x10,
    IFNET_CSUM_TCPIPV6  = 0x20,
    IFNET_CSUM_UDPIPV6  = 0x40,
    IFNET_IPV6_FRAGMENT = 0x80,
    IFNET_VLAN_TAGGING  = 0x10000,
    IFNET_VLAN_MTU      = 0x20000,
    IFNET_MULTIPAGES    = 0x100000,
    IFNET_TSO_IPV4      = 0x200000,
    IFNET_TSO_IPV6      = 0x400000
};

enum {
    BPF_MODE_DISABLED     = 0,
    BPF_MODE_INPUT        = 1,
    BPF_MODE_OUTPUT       = 2,
    BPF_MODE_INPUT_OUTPUT = 3
};

#define IFNET_MAX_FRAME_TYPE_BUFFER_SIZE 16
#define IFNET_MAX_LINKADDR_BUFFER_SIZE   16

/* --- what a driver supplies ------------------------------------------------------------------- */

typedef errno_t (*bpf_packet_func)(ifnet_t interface, mbuf_t packet);
/* Send. The packet is the driver's from then on, also when it fails. */
typedef errno_t (*ifnet_output_func)(ifnet_t interface, mbuf_t packet);
typedef errno_t (*ifnet_ioctl_func)(ifnet_t interface, unsigned long command, void *data);
typedef errno_t (*ifnet_set_bpf_tap)(ifnet_t interface, bpf_tap_mode mode,
    bpf_packet_func callback);
/* The last call-back of an interface: ifnet_release may follow, and its memory is free again. */
typedef void (*ifnet_detached_func)(ifnet_t interface);
/* Which protocol an incoming packet is for; ENOENT drops it. */
typedef errno_t (*ifnet_demux_func)(ifnet_t interface, mbuf_t packet, char *frame_header,
    protocol_family_t *protocol);
typedef void (*ifnet_event_func)(ifnet_t interface, const struct kev_msg *event);
/* Put the link header before the packet. EJUSTRETURN: taken over; another error: it is freed. */
typedef errno_t (*ifnet_framer_func)(ifnet_t interface, mbuf_t *packet,
    const struct sockaddr *destination, const char *destination_link_address,
    const char *frame_type);
typedef errno_t (*ifnet_add_proto_func)(ifnet_t interface, protocol_family_t protocol,
    const struct ifnet_demux_desc *demux, u_int32_t demux_count);
typedef errno_t (*ifnet_del_proto_func)(ifnet_t interface, protocol_family_t protocol);
typedef errno_t (*ifnet_check_multi)(ifnet_t interface, const struct sockaddr *address);

struct ifnet_stat_increment_param {
    uint32_t packets_in;
    uint32_t bytes_in;
    uint32_t errors_in;
    uint32_t packets_out;
    uint32_t bytes_out;
    uint32_t errors_out;
    uint32_t collisions;
    uint32_t dropped;
};

struct ifnet_init_params {
    const void *uniqueid;
    uint32_t uniqueid_len;
    const char *name;
    uint32_t unit;
    ifnet_family_t family;
    uint32_t type;
    ifnet_output_func output;
    ifnet_demux_func demux;
    ifnet_add_proto_func add_proto;
    ifnet_del_proto_func del_proto;
    ifnet_check_multi check_multi;
    ifnet_framer_func framer;
    void *softc;
    ifnet_ioctl_func ioctl;
    ifnet_set_bpf_tap set_bpf_tap;
    ifnet_detached_func detach;
    ifnet_event_func event;
    const void *broadcast_addr;
    uint32_t broadcast_len;
};

struct ifnet_stats_param {
    uint64_t packets_in;
    uint64_t bytes_in;
    uint64_t multicasts_in;
    uint64_t errors_in;
    uint64_t packets_out;
    uint64_t bytes_out;
    uint64_t multicasts_out;
    uint64_t errors_out;
    uint64_t collisions;
    uint64_t dropped;
    uint64_t no_protocol;
};

/* How frames of a protocol look, for add_proto. */
struct ifnet_demux_desc {
    uint32_t type;
    void *data;
    uint32_t datalen;
};

/* --- what a protocol supplies ----------------------------------------------------------------- */

/* Packets of the protocol, as a list. They are the protocol's. */
typedef errno_t (*proto_media_input)(ifnet_t interface, protocol_family_t protocol, mbuf_t packet,
    char *header);
/* Resolve the destination before output. EJUSTRETURN: taken over. */
typedef errno_t (*proto_media_preout)(ifnet_t interface, protocol_family_t protocol, mbuf_t *packet,
    const struct sockaddr *destination, void *route, char *frame_type,
    char *link_layer_destination);
typedef void (*proto_media_event)(ifnet_t interface, protocol_family_t protocol,
    const struct kev_msg *event);
typedef errno_t (*proto_media_ioctl)(ifnet_t interface, protocol_family_t protocol,
    unsigned long command, void *argument);
typedef errno_t (*proto_media_detached)(ifnet_t interface, protocol_family_t protocol);
typedef errno_t (*proto_media_resolve_multi)(ifnet_t interface,
    const struct sockaddr *protocol_address, struct sockaddr_dl *link_address,
    size_t link_address_length);
typedef errno_t (*proto_media_send_arp)(ifnet_t interface, u_short operation,
    const struct sockaddr_dl *sender_hardware, const struct sockaddr *sender_protocol,
    const struct sockaddr_dl *target_hardware, const struct sockaddr *target_protocol);

struct ifnet_attach_proto_param {
    struct ifnet_demux_desc *demux_array;
    uint32_t demux_count;
    proto_media_input input;
    proto_media_preout pre_output;
    proto_media_event event;
    proto_media_ioctl ioctl;
    ifnet_del_proto_func detached;
    proto_media_resolve_multi resolve;
    proto_media_send_arp send_arp;
};

__BEGIN_DECLS

/* --- life ------------------------------------------------------------------------------------- */

/* The driver holds one reference; dropped with ifnet_release. */
errno_t ifnet_allocate(const struct ifnet_init_params *parameters, ifnet_t *interface)
    KPI_SYMBOL(ifnet_allocate);
errno_t ifnet_reference(ifnet_t interface) KPI_SYMBOL(ifnet_reference);
errno_t ifnet_release(ifnet_t interface) KPI_SYMBOL(ifnet_release);
errno_t ifnet_attach(ifnet_t interface, const struct sockaddr_dl *link_address)
    KPI_SYMBOL(ifnet_attach);
/* Starts the end; done when the detached call-back has run, on another thread. */
errno_t ifnet_detach(ifnet_t interface) KPI_SYMBOL(ifnet_detach);
errno_t ifnet_interface_family_find(const char *module, ifnet_family_t *family)
    KPI_SYMBOL(ifnet_interface_family_find);

/* --- properties ------------------------------------------------------------------------------- */

void *ifnet_softc(ifnet_t interface) KPI_SYMBOL(ifnet_softc);
const char *ifnet_name(ifnet_t interface) KPI_SYMBOL(ifnet_name);
ifnet_family_t ifnet_family(ifnet_t interface) KPI_SYMBOL(ifnet_family);
u_int32_t ifnet_unit(ifnet_t interface) KPI_SYMBOL(ifnet_unit);
u_int32_t ifnet_index(ifnet_t interface) KPI_SYMBOL(ifnet_index);
u_int8_t ifnet_type(ifnet_t interface) KPI_SYMBOL(ifnet_type);
errno_t ifnet_set_flags(ifnet_t interface, u_int16_t flags, u_int16_t mask)
    KPI_SYMBOL(ifnet_set_flags);
u_int16_t ifnet_flags(ifnet_t interface) KPI_SYMBOL(ifnet_flags);
errno_t ifnet_set_capabilities_supported(ifnet_t interface, u_int32_t capabilities, u_int32_t mask)
    KPI_SYMBOL(ifnet_set_capabilities_supported);
u_int32_t ifnet_capabilities_supported(ifnet_t interface) KPI_SYMBOL(ifnet_capabilities_supported);
errno_t ifnet_set_capabilities_enabled(ifnet_t interface, u_int32_t capabilities, u_int32_t mask)
    KPI_SYMBOL(ifnet_set_capabilities_enabled);
u_int32_t ifnet_capabilities_enabled(ifnet_t interface) KPI_SYMBOL(ifnet_capabilities_enabled);
errno_t ifnet_set_offload(ifnet_t interface, ifnet_offload_t offload) KPI_SYMBOL(ifnet_set_offload);
ifnet_offload_t ifnet_offload(ifnet_t interface) KPI_SYMBOL(ifnet_offload);
errno_t ifnet_set_tso_mtu(ifnet_t interface, sa_family_t family, u_int32_t mtu)
    KPI_SYMBOL(ifnet_set_tso_mtu);
errno_t ifnet_get_tso_mtu(ifnet_t interface, sa_family_t family, u_int32_t *mtu)
    KPI_SYMBOL(ifnet_get_tso_mtu);
errno_t ifnet_set_link_mib_data(ifnet_t interface, void *data, u_int32_t bytes)
    KPI_SYMBOL(ifnet_set_link_mib_data);
errno_t ifnet_get_link_mib_data(ifnet_t interface, void *data, u_int32_t *bytes)
    KPI_SYMBOL(ifnet_get_link_mib_data);
u_int32_t ifnet_get_link_mib_data_length(ifnet_t interface)
    KPI_SYMBOL(ifnet_get_link_mib_data_length);
errno_t ifnet_set_addrlen(ifnet_t interface, u_int8_t bytes) KPI_SYMBOL(ifnet_set_addrlen);
u_int8_t ifnet_addrlen(ifnet_t interface) KPI_SYMBOL(ifnet_addrlen);
errno_t ifnet_set_hdrlen(ifnet_t interface, u_int8_t bytes) KPI_SYMBOL(ifnet_set_hdrlen);
u_int8_t ifnet_hdrlen(ifnet_t interface) KPI_SYMBOL(ifnet_hdrlen);
errno_t ifnet_set_mtu(ifnet_t interface, u_int32_t mtu) KPI_SYMBOL(ifnet_set_mtu);
u_int32_t ifnet_mtu(ifnet_t interface) KPI_SYMBOL(ifnet_mtu);
errno_t ifnet_set_metric(ifnet_t interface, u_int32_t metric) KPI_SYMBOL(ifnet_set_metric);
u_int32_t ifnet_metric(ifnet_t interface) KPI_SYMBOL(ifnet_metric);
errno_t ifnet_set_baudrate(ifnet_t interface, u_int64_t bits_per_second)
    KPI_SYMBOL(ifnet_set_baudrate);
u_int64_t ifnet_baudrate(ifnet_t interface) KPI_SYMBOL(ifnet_baudrate);
errno_t ifnet_set_promiscuous(ifnet_t interface, int on) KPI_SYMBOL(ifnet_set_promiscuous);

/* --- link-layer address ----------------------------------------------------------------------- */

errno_t ifnet_set_lladdr(ifnet_t interface, const void *address, size_t bytes)
    KPI_SYMBOL(ifnet_set_lladdr);
errno_t ifnet_lladdr_copy_bytes(ifnet_t interface, void *address, size_t bytes)
    KPI_SYMBOL(ifnet_lladdr_copy_bytes);
errno_t ifnet_llbroadcast_copy_bytes(ifnet_t interface, void *address, size_t size, size_t *bytes)
    KPI_SYMBOL(ifnet_llbroadcast_copy_bytes);
errno_t ifnet_resolve_multicast(ifnet_t interface, const struct sockaddr *protocol_address,
    struct sockaddr *link_address, size_t size) KPI_SYMBOL(ifnet_resolve_multicast);

/* --- traffic ---------------------------------------------------------------------------------- */

/*
 * Hand up a list of packets, each with a packet header whose header pointer points at the link
 * header. The list is the stack's from then on, also when it fails. `statistics` may be NULL.
 */
errno_t ifnet_input(ifnet_t interface, mbuf_t first,
    const struct ifnet_stat_increment_param *statistics) KPI_SYMBOL(ifnet_input);
errno_t ifnet_output(ifnet_t interface, protocol_family_t protocol, mbuf_t packet, void *route,
    const struct sockaddr *destination) KPI_SYMBOL(ifnet_output);
errno_t ifnet_output_raw(ifnet_t interface, protocol_family_t protocol, mbuf_t packet)
    KPI_SYMBOL(ifnet_output_raw);
errno_t ifnet_ioctl(ifnet_t interface, protocol_family_t protocol, unsigned long command,
    void *argument) KPI_SYMBOL(ifnet_ioctl);
errno_t ifnet_event(ifnet_t interface, struct kern_event_msg *event) KPI_SYMBOL(ifnet_event);

errno_t ifnet_stat_increment(ifnet_t interface, const struct ifnet_stat_increment_param *counts)
    KPI_SYMBOL(ifnet_stat_increment);
errno_t ifnet_stat_increment_in(ifnet_t interface, u_int32_t packets, u_int32_t bytes,
    u_int32_t errors) KPI_SYMBOL(ifnet_stat_increment_in);
errno_t ifnet_stat_increment_out(ifnet_t interface, u_int32_t packets, u_int32_t bytes,
    u_int32_t errors) KPI_SYMBOL(ifnet_stat_increment_out);
errno_t ifnet_set_stat(ifnet_t interface, const struct ifnet_stats_param *statistics)
    KPI_SYMBOL(ifnet_set_stat);
errno_t ifnet_stat(ifnet_t interface, struct ifnet_stats_param *statistics) KPI_SYMBOL(ifnet_stat);
errno_t ifnet_touch_lastchange(ifnet_t interface) KPI_SYMBOL(ifnet_touch_lastchange);
errno_t ifnet_lastchange(ifnet_t interface, struct timeval *time) KPI_SYMBOL(ifnet_lastchange);

/* --- protocols -------------------------------------------------------------------------------- */

errno_t ifnet_attach_protocol(ifnet_t interface, protocol_family_t protocol,
    const struct ifnet_attach_proto_param *parameters) KPI_SYMBOL(ifnet_attach_protocol);
errno_t ifnet_detach_protocol(ifnet_t interface, protocol_family_t protocol)
    KPI_SYMBOL(ifnet_detach_protocol);

/* --- finding ---------------------------------------------------------------------------------- */

/* The interface is returned with a reference. */
errno_t ifnet_find_by_name(const char *name, ifnet_t *interface) KPI_SYMBOL(ifnet_find_by_name);
errno_t ifnet_list_get(ifnet_family_t family, ifnet_t **interfaces, u_int32_t *count)
    KPI_SYMBOL(ifnet_list_get);
void ifnet_list_free(ifnet_t *interfaces) KPI_SYMBOL(ifnet_list_free);

/* --- addresses -------------------------------------------------------------------------------- */

/* A list that ends with NULL, each with a reference; freed whole with ifnet_free_address_list. */
errno_t ifnet_get_address_list(ifnet_t interface, ifaddr_t **addresses)
    KPI_SYMBOL(ifnet_get_address_list);
errno_t ifnet_get_address_list_family(ifnet_t interface, ifaddr_t **addresses, sa_family_t family)
    KPI_SYMBOL(ifnet_get_address_list_family);
void ifnet_free_address_list(ifaddr_t *addresses) KPI_SYMBOL(ifnet_free_address_list);
errno_t ifaddr_reference(ifaddr_t address) KPI_SYMBOL(ifaddr_reference);
errno_t ifaddr_release(ifaddr_t address) KPI_SYMBOL(ifaddr_release);
sa_family_t ifaddr_address_family(ifaddr_t address) KPI_SYMBOL(ifaddr_address_family);
errno_t ifaddr_address(ifaddr_t address, struct sockaddr *out, u_int32_t size)
    KPI_SYMBOL(ifaddr_address);
errno_t ifaddr_dstaddress(ifaddr_t address, struct sockaddr *out, u_int32_t size)
    KPI_SYMBOL(ifaddr_dstaddress);
errno_t ifaddr_netmask(ifaddr_t address, struct sockaddr *out, u_int32_t size)
    KPI_SYMBOL(ifaddr_netmask);
ifnet_t ifaddr_ifnet(ifaddr_t address) KPI_SYMBOL(ifaddr_ifnet);

errno_t ifnet_add_multicast(ifnet_t interface, const struct sockaddr *group,
    ifmultiaddr_t *membership) KPI_SYMBOL(ifnet_add_multicast);
errno_t ifnet_remove_multicast(ifmultiaddr_t membership) KPI_SYMBOL(ifnet_remove_multicast);
errno_t ifnet_get_multicast_list(ifnet_t interface, ifmultiaddr_t **memberships)
    KPI_SYMBOL(ifnet_get_multicast_list);
void ifnet_free_multicast_list(ifmultiaddr_t *memberships) KPI_SYMBOL(ifnet_free_multicast_list);
errno_t ifmaddr_reference(ifmultiaddr_t membership) KPI_SYMBOL(ifmaddr_reference);
errno_t ifmaddr_release(ifmultiaddr_t membership) KPI_SYMBOL(ifmaddr_release);
errno_t ifmaddr_address(ifmultiaddr_t membership, struct sockaddr *out, u_int32_t size)
    KPI_SYMBOL(ifmaddr_address);
errno_t ifmaddr_lladdress(ifmultiaddr_t membership, struct sockaddr *out, u_int32_t size)
    KPI_SYMBOL(ifmaddr_lladdress);
ifnet_t ifmaddr_ifnet(ifmultiaddr_t membership) KPI_SYMBOL(ifmaddr_ifnet);

__END_DECLS

#endif
