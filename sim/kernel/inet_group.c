/* SPDX-License-Identifier: BSD-2-Clause */
#include <icmp.h>
#include <icmp6.h>

static size_t
address_bytes(uint8_t family)
{
    return family == 4 ? 4 : 16;
}

static struct inet_group **
group_find(ifnet_t interface, uint8_t family, const uint8_t *address)
{
    struct inet_group **link = &inet_current()->groups;

    while (*link != NULL &&
           ((*link)->interface != interface || (*link)->family != family ||
            !wire_same((*link)->address, address, address_bytes(family)))) {
        link = &(*link)->next;
    }
    return link;
}

static void
group_sockaddr(struct sockaddr_in6 *storage, ifnet_t interface, uint8_t family,
               const uint8_t *address)
{
    struct sockaddr_in address4;

    if (family == 4) {
        inet4_sockaddr(&address4, wire_load32(address));
        machine_fill(storage, 0, sizeof(*storage));
        machine_copy(storage, &address4, sizeof(address4));
    } else {
        inet6_sockaddr(storage, address, interface);
    }
}

static void
group_report(ifnet_t interface, uint8_t family, const uint8_t *address, bool join)
{
    if (family == 4) {
        ksim_igmp_report(interface, wire_load32(address), join);
    } else {
        ksim_mld_report(interface, address, join);
    }
}

bool
inet_group_member(ifnet_t interface, uint8_t family, const uint8_t *address)
{
    return *group_find(interface, family, address) != NULL;
}

errno_t
inet_group_join(ifnet_t interface, uint8_t family, const uint8_t *address)
{
    struct inet_group **link = group_find(interface, family, address), *made;
    struct sockaddr_in6 group;
    errno_t error;

    if (*link != NULL) {
        (*link)->users++;
        return 0;
    }
    group_sockaddr(&group, interface, family, address);
    error = ksim_interface_multicast_join(interface, (struct sockaddr *)&group, NULL);
    if (error != 0) {
        return error;
    }
    link = group_find(interface, family, address);
    if (*link != NULL) {
        /* The driver ran, and another thread joined meanwhile: one membership is enough. */
        (*link)->users++;
        (void)ksim_interface_multicast_leave(interface, (struct sockaddr *)&group);
        return 0;
    }
    made = machine_allocate(sizeof(*made), "inet group");
    machine_fill(made, 0, sizeof(*made));
    made->interface = interface;
    made->family = family;
    machine_copy(made->address, address, address_bytes(family));
    made->users = 1;
    *link = made;
    group_report(interface, family, address, true);
    return 0;
}

static void
group_end(struct inet_group **link)
{
    struct inet_group *gone = *link;
    struct sockaddr_in6 group;

    *link = gone->next;
    group_sockaddr(&group, gone->interface, gone->family, gone->address);
    (void)ksim_interface_multicast_leave(gone->interface, (struct sockaddr *)&group);
    machine_free(gone);
}

void
inet_group_leave(ifnet_t interface, uint8_t family, const uint8_t *address)
{
    struct inet_group **link = group_find(interface, family, address);

    if (*link == NULL || --(*link)->users != 0) {
        return;
    }
    group_report(interface, family, address, false);
    link = group_find(interface, family, address);
    if (*link != NULL && (*link)->users == 0) {
        group_end(link);
    }
}

void
inet_groups_forget(ifnet_t interface, uint8_t family)
{
    struct inet_group **link = &inet_current()->groups;

    while (*link != NULL) {
        if ((*link)->interface == interface && (*link)->family == family) {
            group_end(link);
            link = &inet_current()->groups;
        } else {
            link = &(*link)->next;
        }
    }
}

/* --- of programs --------------------------------------------------------------------------------- */

static errno_t
program_group(const struct ksim_inet_address *group, const char *name, ifnet_t *interface)
{
    const bool right = group->family == 4   ? group->bytes[0] >> 4 == 14
                       : group->family == 6 ? inet6_is_multicast(group->bytes)
                                            : false;

    if (!right) {
        return EINVAL;
    }
    *interface = ksim_interface_find(name);
    return *interface == NULL ? ENXIO : 0;
}

int
ksim_group_join(struct ksim *ksim, const struct ksim_inet_address *group,
                const char *interface_name)
{
    struct inet_group *joined;
    ifnet_t interface;
    errno_t error = program_group(group, interface_name, &interface);

    (void)ksim;
    if (error != 0) {
        return error;
    }
    error = inet_group_join(interface, group->family, group->bytes);
    joined = *group_find(interface, group->family, group->bytes);
    if (error == 0 && joined != NULL) {
        joined->programs++;
    }
    ksim_interface_io_end(interface);
    return error;
}

int
ksim_group_leave(struct ksim *ksim, const struct ksim_inet_address *group,
                 const char *interface_name)
{
    struct inet_group *joined;
    ifnet_t interface;
    errno_t error = program_group(group, interface_name, &interface);

    (void)ksim;
    if (error != 0) {
        return error;
    }
    joined = *group_find(interface, group->family, group->bytes);
    if (joined == NULL || joined->programs == 0) {
        error = EADDRNOTAVAIL;
    } else {
        joined->programs--;
        inet_group_leave(interface, group->family, group->bytes);
    }
    ksim_interface_io_end(interface);
    return error;
}
