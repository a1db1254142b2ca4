/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Plumbers and protocol domains (kpi-ifnet.md sections 16.3 and 16.4).
 */

#include <protocol.h>

#include <interface_internal.h>
#include <kext.h>
#include <panic.h>
#include <thread.h>

#define DOMAINS 8
#define FAMILY_MASK 0xffff

struct plumber {
    struct plumber *next;
    protocol_family_t family;
    ifnet_family_t interface_family;
    proto_plumb_handler attach;
    proto_unplumb_handler detach;
    const char *owner;
};

struct protocol_system {
    lck_grp_t *lock_group;
    lck_mtx_t *family_lock; /* proto_family_mutex: held while a plumber runs */
    struct plumber *plumbers;
    struct protocol_domain domains[DOMAINS];
    uint32_t domain_count;
};

static struct protocol_system *
protocol_system(void)
{
    return ksim_current()->protocols;
}

void
ksim_protocols_boot(struct ksim *kernel)
{
    struct protocol_system *system = ksim_interface_zalloc(sizeof(*system), "protocol system");

    system->lock_group = lck_grp_alloc_init("proto_family", LCK_GRP_ATTR_NULL);
    system->family_lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    kernel->protocols = system;
}

void
ksim_protocols_audit(struct ksim *kernel)
{
    const struct plumber *plumber;

    for (plumber = kernel->protocols->plumbers; plumber != NULL; plumber = plumber->next) {
        if (plumber->owner != NULL)
            machine_finding(MACHINE_LEAK,
                            "%s left its plumber for protocol family %u and interface family %u "
                            "registered", plumber->owner, plumber->family,
                            plumber->interface_family);
    }
}

/* --- domains -------------------------------------------------------------------------------------*/

const struct protocol_domain *
ksim_protocol_domain_find(protocol_family_t family)
{
    struct protocol_system *system = protocol_system();
    uint32_t i;

    for (i = 0; i < system->domain_count; i++) {
        if (system->domains[i].family == family)
            return &system->domains[i];
    }
    return NULL;
}

errno_t
ksim_protocol_domain_register(const struct protocol_domain *domain)
{
    struct protocol_system *system = protocol_system();

    if (ksim_protocol_domain_find(domain->family) != NULL)
        return EEXIST;
    if (system->domain_count == DOMAINS)
        return ENOBUFS;
    system->domains[system->domain_count++] = *domain;
    return 0;
}

void
ksim_protocol_domains_each(void (*step)(const struct protocol_domain *domain, void *context),
                           void *context)
{
    struct protocol_system *system = protocol_system();
    uint32_t i;

    for (i = 0; i < system->domain_count; i++)
        step(&system->domains[i], context);
}

errno_t
ksim_protocol_input(protocol_family_t family, mbuf_t packets)
{
    const struct protocol_domain *domain = ksim_protocol_domain_find(family);
    const char *owner;
    mbuf_t next;

    if (domain == NULL || domain->input == NULL) {
        if (ksim_current()->profile->proto_input_null_faults)
            ksim_panic_fault(0, "proto_input for a family without handler");
        return -1;
    }
    owner = ksim_thread_set_owner(NULL);
    if (domain->takes_lists) {
        domain->input(family, packets);
        packets = NULL;
    }
    for (; packets != NULL; packets = next) {
        next = mbuf_nextpkt(packets);
        mbuf_setnextpkt(packets, NULL);
        domain->input(family, packets);
    }
    ksim_thread_set_owner(owner);
    return 0;
}

errno_t
proto_input(protocol_family_t family, mbuf_t packets)
{
    ksim_kpi_enter("proto_input", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    return ksim_protocol_input(family, packets);
}

errno_t
proto_inject(protocol_family_t family, mbuf_t packets)
{
    const struct protocol_domain *domain;

    ksim_kpi_enter("proto_inject", KPI_MAY_BLOCK);
    domain = ksim_protocol_domain_find(family);
    if (domain == NULL || domain->input == NULL)
        return ENOENT;
    if (packets == NULL)
        ksim_panic_fault(0, "proto_inject of no packet");
    ksim_interface_input_inject(family, packets);
    return 0;
}

/* --- plumbers ------------------------------------------------------------------------------------*/

static struct plumber *
plumber_find(protocol_family_t family, ifnet_family_t interface_family)
{
    struct plumber *plumber;

    for (plumber = protocol_system()->plumbers; plumber != NULL; plumber = plumber->next) {
        if (plumber->family == (family & FAMILY_MASK) &&
            plumber->interface_family == (interface_family & FAMILY_MASK))
            return plumber;
    }
    return NULL;
}

errno_t
ksim_protocol_plumber_register(protocol_family_t family, ifnet_family_t interface_family,
                               proto_plumb_handler attach, proto_unplumb_handler detach)
{
    struct protocol_system *system = protocol_system();
    struct plumber *plumber;
    errno_t error = 0;

    if (attach == NULL)
        return EINVAL;
    lck_mtx_lock(system->family_lock);
    /* The arguments are compared as they are, what is stored is masked. */
    for (plumber = system->plumbers; plumber != NULL; plumber = plumber->next) {
        if (plumber->family == family && plumber->interface_family == interface_family)
            error = EEXIST;
    }
    if (error == 0) {
        plumber = ksim_interface_zalloc(sizeof(*plumber), "protocol plumber");
        plumber->family = family;
        plumber->interface_family = interface_family & FAMILY_MASK;
        plumber->attach = attach;
        plumber->detach = detach;
        plumber->owner = ksim_thread_owner();
        plumber->next = system->plumbers;
        system->plumbers = plumber;
    }
    lck_mtx_unlock(system->family_lock);
    return error;
}

errno_t
proto_register_plumber(protocol_family_t family, ifnet_family_t interface_family,
                       proto_plumb_handler attach, proto_unplumb_handler detach)
{
    ksim_kpi_enter("proto_register_plumber", KPI_MAY_BLOCK);
    if (machine_fault("proto_register_plumber"))
        return ENOMEM;
    return ksim_protocol_plumber_register(family, interface_family, attach, detach);
}

void
proto_unregister_plumber(protocol_family_t family, ifnet_family_t interface_family)
{
    struct protocol_system *system = protocol_system();
    struct plumber **each, *plumber;

    ksim_kpi_enter("proto_unregister_plumber", KPI_MAY_BLOCK);
    lck_mtx_lock(system->family_lock);
    for (each = &system->plumbers; (plumber = *each) != NULL; each = &plumber->next) {
        if (plumber->family == family && plumber->interface_family == interface_family) {
            *each = plumber->next;
            machine_free(plumber);
            break;
        }
    }
    lck_mtx_unlock(system->family_lock);
}

errno_t
ksim_protocol_plumb(protocol_family_t family, ifnet_t interface)
{
    struct protocol_system *system = protocol_system();
    struct plumber *plumber;
    const char *previous;
    errno_t error = ENXIO;

    lck_mtx_lock(system->family_lock);
    plumber = plumber_find(family, interface->family);
    if (plumber != NULL) {
        previous = ksim_kext_call_begin(plumber->owner, "plumber attach");
        error = plumber->attach(interface, family);
        ksim_kext_call_end(previous);
    }
    lck_mtx_unlock(system->family_lock);
    return error;
}

errno_t
ksim_protocol_unplumb(protocol_family_t family, ifnet_t interface)
{
    struct protocol_system *system = protocol_system();
    struct plumber *plumber;
    const char *previous;
    errno_t error = 0;

    lck_mtx_lock(system->family_lock);
    plumber = plumber_find(family, interface->family);
    if (plumber != NULL && plumber->detach != NULL) {
        previous = ksim_kext_call_begin(plumber->owner, "plumber detach");
        plumber->detach(interface, family);
        ksim_kext_call_end(previous);
    } else {
        error = ifnet_detach_protocol(interface, family);
    }
    lck_mtx_unlock(system->family_lock);
    return error;
}
