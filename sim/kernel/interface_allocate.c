/* SPDX-License-Identifier: BSD-2-Clause */

#include <interface_internal.h>

#include <ether.h>
#include <panic.h>
#include <thread.h>

#define IFT_LARGEST 0xff
#define UNIT_LARGEST 32767

static bool
uniqueid_equal(const struct __ifnet *interface, const unsigned char *bytes, size_t count)
{
    return interface->uniqueid_bytes == count &&
           (count == 0 || machine_compare(interface->uniqueid, bytes, count) == 0);
}

static ifnet_t
interface_create(struct interface_system *system, ifnet_family_t family,
                 const unsigned char *uniqueid, size_t bytes)
{
    /* The record outlives the kext that asked for it first. */
    const char *owner = ksim_thread_set_owner(NULL);
    struct __ifnet *interface = ksim_interface_zalloc(sizeof(*interface), "ifnet");

    interface->family = family;
    interface->lock = lck_rw_alloc_init(system->lock_group, LCK_ATTR_NULL);
    interface->reference_lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    interface->filter_lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    interface->address_lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    interface->uniqueid = machine_allocate(bytes + 1, "ifnet uniqueid");
    machine_copy(interface->uniqueid, uniqueid, bytes);
    interface->uniqueid_bytes = bytes;
    interface->next_known = system->known;
    system->known = interface;
    ksim_thread_set_owner(owner);
    return interface;
}

/*
 * dlil_if_acquire: the record for (family, unique id), in use from now on. EBUSY while the record, or
 * from 10.13.4 one of the same name, is in use.
 */
static errno_t
interface_acquire(ifnet_family_t family, const unsigned char *uniqueid, size_t bytes,
                  const char *xname, ifnet_t *out)
{
    struct interface_system *system = ksim_interfaces();
    const struct ksim_profile *profile = ksim_interface_profile();
    struct __ifnet *interface, *match = NULL;
    errno_t error = 0;

    if (uniqueid == NULL || bytes == 0) {
        bytes = 0;
        uniqueid = (const unsigned char *)xname;
        if (!profile->allocate_null_uniqueid_matches)
            bytes = ksim_text_bytes(xname);
    }
    lck_mtx_lock(system->dlil_lock);
    for (interface = system->known; interface != NULL; interface = interface->next_known) {
        if (interface->family != family)
            continue;
        if (profile->allocate_same_name_ebusy && interface->in_use &&
            ksim_text_equal(interface->xname, xname))
            error = EBUSY;
        if (!uniqueid_equal(interface, uniqueid, bytes))
            continue;
        if (!interface->in_use)
            match = interface;
        else if (bytes != 0)
            error = EBUSY;
    }
    if (error == 0) {
        if (match == NULL)
            match = interface_create(system, family, uniqueid, bytes);
        else
            match->reused = true;
        match->in_use = true;
        *out = match;
    }
    lck_mtx_unlock(system->dlil_lock);
    return error;
}

static errno_t
init_params_check(const struct ifnet_init_params *init)
{
    if (init->family == 0 || init->name == NULL || ksim_text_bytes(init->name) >= IFNAMSIZ)
        return EINVAL;
    if (init->type == 0 || init->type > IFT_LARGEST || init->output == NULL)
        return EINVAL;
    if (ksim_interface_profile()->allocate_unit_limit && init->unit > UNIT_LARGEST)
        return EINVAL;
    return 0;
}

static errno_t
ioctl_missing(ifnet_t interface, unsigned long command, void *argument)
{
    (void)interface;
    (void)command;
    (void)argument;
    return EOPNOTSUPP;
}

static void
callbacks_fill(ifnet_t interface, const struct ifnet_init_params *init)
{
    struct interface_callbacks *callbacks = &interface->callbacks;

    callbacks->output = init->output;
    callbacks->demux = init->demux;
    callbacks->add_proto = init->add_proto;
    callbacks->del_proto = init->del_proto;
    callbacks->check_multi = init->check_multi;
    callbacks->framer = init->framer;
    callbacks->ioctl = init->ioctl != NULL ? init->ioctl : ioctl_missing;
    callbacks->set_bpf_tap = init->set_bpf_tap;
    callbacks->detached = init->detach;
    callbacks->event = init->event;
    interface->frame_by_ether = init->framer == ether_frameout;
    interface->softc = init->softc;
}

static void
identity_fill(ifnet_t interface, const struct ifnet_init_params *init, const char *xname)
{
    machine_fill(interface->name, 0, sizeof(interface->name));
    machine_copy(interface->name, init->name, ksim_text_bytes(init->name));
    machine_copy(interface->xname, xname, sizeof(interface->xname));
    interface->unit = (uint32_t)(int16_t)init->unit; /* a short in XNU */
    interface->type = (uint8_t)init->type;
    interface->owner = ksim_thread_owner();
    machine_free(interface->broadcast);
    interface->broadcast = NULL;
    interface->broadcast_bytes = 0;
    if (init->broadcast_addr != NULL && init->broadcast_len != 0) {
        interface->broadcast_bytes = init->broadcast_len;
        interface->broadcast = machine_allocate(init->broadcast_len, "ifnet broadcast address");
        machine_copy(interface->broadcast, init->broadcast_addr, init->broadcast_len);
    }
}

errno_t
ksim_interface_allocate(const struct ifnet_init_params *init, ifnet_t *out)
{
    char xname[24];
    ifnet_t interface = NULL;
    errno_t error;

    error = init_params_check(init);
    if (error != 0)
        return error;
    machine_fill(xname, 0, sizeof(xname));
    machine_format(xname, sizeof(xname), "%s%u", init->name, init->unit);
    error = interface_acquire(init->family, init->uniqueid, init->uniqueid_len, xname, &interface);
    if (error != 0)
        return error;
    callbacks_fill(interface, init);
    identity_fill(interface, init, xname);
    interface->stubbed = false;
    if (!ksim_interface_profile()->allocate_eflags_persist)
        interface->eflags = 0;
    lck_mtx_lock(interface->reference_lock);
    if (ksim_interface_profile()->generation == KSIM_GENERATION_C)
        interface->state = INTERFACE_EMBRYONIC;
    /* The last life's reference of attach may be dropped only now: it was in use until just before. */
    interface->references++;
    lck_mtx_unlock(interface->reference_lock);
    *out = interface;
    return 0;
}

errno_t
ifnet_allocate(const struct ifnet_init_params *init, ifnet_t *out)
{
    ksim_kpi_enter("ifnet_allocate", KPI_MAY_BLOCK);
    if (init == NULL || out == NULL)
        ksim_panic_fault(0, "ifnet_allocate without parameters");
    if (machine_fault("ifnet_allocate"))
        return ENOMEM;
    return ksim_interface_allocate(init, out);
}
