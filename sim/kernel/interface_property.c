/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Accessors (kpi-ifnet.md section 6). Reads take no lock, as in XNU.
 */

#include <interface_internal.h>

#include <net/net_kev.h>
#include <sys/time.h>

#define OFFLOAD_KNOWN                                                                              \
    (IFNET_CSUM_IP | IFNET_CSUM_TCP | IFNET_CSUM_UDP | IFNET_CSUM_FRAGMENT | IFNET_IP_FRAGMENT |   \
     IFNET_CSUM_TCPIPV6 | IFNET_CSUM_UDPIPV6 | IFNET_IPV6_FRAGMENT | IFNET_VLAN_TAGGING |          \
     IFNET_VLAN_MTU | IFNET_MULTIPAGES | IFNET_TSO_IPV4 | IFNET_TSO_IPV6)

/* A getter that answers `missing` for no interface. */
#define INTERFACE_GETTER(type, function, missing, value)                                           \
    type function(ifnet_t interface)                                                               \
    {                                                                                              \
        ksim_kpi_enter(#function, KPI_ANY_CONTEXT);                                                \
        return interface == NULL ? (missing) : (value);                                            \
    }

INTERFACE_GETTER(void *, ifnet_softc, NULL, interface->softc)
INTERFACE_GETTER(const char *, ifnet_name, NULL, interface->name)
INTERFACE_GETTER(ifnet_family_t, ifnet_family, 0, interface->family)
INTERFACE_GETTER(u_int8_t, ifnet_type, 0, interface->type)
INTERFACE_GETTER(u_int32_t, ifnet_index, 0xffffffffU, interface->index)
INTERFACE_GETTER(u_int32_t, ifnet_unit, 0xffffffffU, interface->unit)
INTERFACE_GETTER(u_int16_t, ifnet_flags, 0, interface->flags)
INTERFACE_GETTER(u_int32_t, ifnet_mtu, 0, interface->mtu)
INTERFACE_GETTER(u_int8_t, ifnet_hdrlen, 0, interface->header_bytes)
INTERFACE_GETTER(u_int8_t, ifnet_addrlen, 0, interface->address_bytes)
INTERFACE_GETTER(u_int32_t, ifnet_metric, 0, interface->metric)
INTERFACE_GETTER(u_int64_t, ifnet_baudrate, 0, interface->baudrate)
INTERFACE_GETTER(ifnet_offload_t, ifnet_offload, 0, interface->offload)
INTERFACE_GETTER(u_int32_t, ifnet_capabilities_supported, 0, interface->capabilities_supported)
INTERFACE_GETTER(u_int32_t, ifnet_capabilities_enabled, 0, interface->capabilities_enabled)
INTERFACE_GETTER(u_int32_t, ifnet_get_link_mib_data_length, 0, interface->link_mib_bytes)

/* A setter that stores whatever it gets. */
#define INTERFACE_SETTER(function, type, store)                                                    \
    errno_t function(ifnet_t interface, type value)                                                \
    {                                                                                              \
        ksim_kpi_enter(#function, KPI_ANY_CONTEXT);                                                \
        if (interface == NULL)                                                                     \
            return EINVAL;                                                                         \
        store;                                                                                     \
        return 0;                                                                                  \
    }

INTERFACE_SETTER(ifnet_set_mtu, u_int32_t, interface->mtu = value)
INTERFACE_SETTER(ifnet_set_hdrlen, u_int8_t, interface->header_bytes = value)
INTERFACE_SETTER(ifnet_set_addrlen, u_int8_t, interface->address_bytes = value)
INTERFACE_SETTER(ifnet_set_metric, u_int32_t, interface->metric = value)
INTERFACE_SETTER(ifnet_set_baudrate, u_int64_t, interface->baudrate = value)

errno_t
ifnet_set_offload(ifnet_t interface, ifnet_offload_t offload)
{
    ksim_kpi_enter("ifnet_set_offload", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_lock_exclusive(interface);
    interface->offload = offload & OFFLOAD_KNOWN;
    ksim_interface_unlock(interface);
    ksim_interface_post(interface, KEV_DL_SUBCLASS, KEV_DL_IFCAP_CHANGED, NULL, 0);
    return 0;
}

errno_t
ifnet_set_capabilities_supported(ifnet_t interface, u_int32_t capabilities, u_int32_t mask)
{
    ksim_kpi_enter("ifnet_set_capabilities_supported", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_lock_exclusive(interface);
    interface->capabilities_supported =
        (capabilities & mask) | (interface->capabilities_supported & ~mask);
    ksim_interface_unlock(interface);
    return 0;
}

errno_t
ifnet_set_capabilities_enabled(ifnet_t interface, u_int32_t capabilities, u_int32_t mask)
{
    uint32_t wanted;
    errno_t error = 0;

    ksim_kpi_enter("ifnet_set_capabilities_enabled", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_lock_exclusive(interface);
    wanted = (capabilities & mask) | (interface->capabilities_enabled & ~mask);
    if ((wanted & ~interface->capabilities_supported) != 0)
        error = EINVAL;
    else
        interface->capabilities_enabled = wanted;
    ksim_interface_unlock(interface);
    return error;
}

errno_t
ifnet_set_tso_mtu(ifnet_t interface, sa_family_t family, u_int32_t mtu)
{
    ksim_kpi_enter("ifnet_set_tso_mtu", KPI_ANY_CONTEXT);
    if (interface == NULL || mtu < interface->mtu)
        return EINVAL;
    if (family == AF_INET && (interface->offload & IFNET_TSO_IPV4) != 0)
        interface->tso_v4_mtu = mtu;
    else if (family == AF_INET6 && (interface->offload & IFNET_TSO_IPV6) != 0)
        interface->tso_v6_mtu = mtu;
    else
        return EINVAL;
    return 0;
}

errno_t
ifnet_get_tso_mtu(ifnet_t interface, sa_family_t family, u_int32_t *mtu)
{
    ksim_kpi_enter("ifnet_get_tso_mtu", KPI_ANY_CONTEXT);
    if (interface == NULL || mtu == NULL)
        return EINVAL;
    if (family == AF_INET && (interface->offload & IFNET_TSO_IPV4) != 0)
        *mtu = interface->tso_v4_mtu;
    else if (family == AF_INET6 && (interface->offload & IFNET_TSO_IPV6) != 0)
        *mtu = interface->tso_v6_mtu;
    else
        return EINVAL;
    return 0;
}

errno_t
ifnet_set_link_mib_data(ifnet_t interface, void *data, u_int32_t bytes)
{
    ksim_kpi_enter("ifnet_set_link_mib_data", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    interface->link_mib = data;
    interface->link_mib_bytes = bytes;
    return 0;
}

errno_t
ifnet_get_link_mib_data(ifnet_t interface, void *data, u_int32_t *bytes)
{
    ksim_kpi_enter("ifnet_get_link_mib_data", KPI_MAY_BLOCK);
    if (interface == NULL)
        return EINVAL;
    if (interface->link_mib == NULL)
        return ENOTSUP;
    if (*bytes < interface->link_mib_bytes)
        return EMSGSIZE;
    *bytes = interface->link_mib_bytes;
    machine_copy(data, interface->link_mib, interface->link_mib_bytes);
    return 0;
}

/* --- statistics ----------------------------------------------------------------------------------*/

errno_t
ifnet_stat_increment(ifnet_t interface, const struct ifnet_stat_increment_param *counts)
{
    struct ifnet_stats_param *total;

    ksim_kpi_enter("ifnet_stat_increment", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_touch(counts, "ifnet_stat_increment without counts");
    total = &interface->statistics;
    total->packets_in += counts->packets_in;
    total->bytes_in += counts->bytes_in;
    total->errors_in += counts->errors_in;
    total->packets_out += counts->packets_out;
    total->bytes_out += counts->bytes_out;
    total->errors_out += counts->errors_out;
    total->collisions += counts->collisions;
    total->dropped += counts->dropped;
    interface->last_change_ns = machine_now_ns();
    return 0;
}

errno_t
ifnet_stat_increment_in(ifnet_t interface, u_int32_t packets, u_int32_t bytes, u_int32_t errors)
{
    ksim_kpi_enter("ifnet_stat_increment_in", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    interface->statistics.packets_in += packets;
    interface->statistics.bytes_in += bytes;
    interface->statistics.errors_in += errors;
    interface->last_change_ns = machine_now_ns();
    return 0;
}

errno_t
ifnet_stat_increment_out(ifnet_t interface, u_int32_t packets, u_int32_t bytes, u_int32_t errors)
{
    ksim_kpi_enter("ifnet_stat_increment_out", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    interface->statistics.packets_out += packets;
    interface->statistics.bytes_out += bytes;
    interface->statistics.errors_out += errors;
    interface->last_change_ns = machine_now_ns();
    return 0;
}

errno_t
ifnet_set_stat(ifnet_t interface, const struct ifnet_stats_param *statistics)
{
    ksim_kpi_enter("ifnet_set_stat", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_touch(statistics, "ifnet_set_stat without statistics");
    interface->statistics = *statistics;
    interface->last_change_ns = machine_now_ns();
    return 0;
}

errno_t
ifnet_stat(ifnet_t interface, struct ifnet_stats_param *statistics)
{
    ksim_kpi_enter("ifnet_stat", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    ksim_interface_touch(statistics, "ifnet_stat without statistics");
    *statistics = interface->statistics;
    return 0;
}

errno_t
ifnet_touch_lastchange(ifnet_t interface)
{
    ksim_kpi_enter("ifnet_touch_lastchange", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    interface->last_change_ns = machine_now_ns();
    return 0;
}

errno_t
ifnet_lastchange(ifnet_t interface, struct timeval *time)
{
    ksim_kpi_enter("ifnet_lastchange", KPI_ANY_CONTEXT);
    if (interface == NULL)
        return EINVAL;
    time->tv_sec = (time_t)(interface->last_change_ns / 1000000000);
    time->tv_usec = (suseconds_t)(interface->last_change_ns / 1000 % 1000000);
    return 0;
}
