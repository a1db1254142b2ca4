/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The interface subsystem: boot with lo0, finding interfaces, the audit.
 */

#include <interface_internal.h>

#include <bpf.h>
#include <protocol.h>
#include <thread.h>

#include <net/if_types.h>
#include <sys/kern_event.h>
#include <sys/sockio.h>

#define LOOPBACK_MTU 16384
#define EACH_MAX 256
#define FAMILY_ID_FIRST 1000

struct string_ids {
    struct string_ids *next;
    uint32_t id;
    char name[]; /* with its NUL */
};

/* --- lo0 -----------------------------------------------------------------------------------------*/

/* What goes out comes in: the family travels in front of the packet's header pointer. */
static errno_t
loopback_output(ifnet_t interface, mbuf_t packets)
{
    struct ifnet_stat_increment_param counted;
    mbuf_t packet;

    machine_fill(&counted, 0, sizeof(counted));
    for (packet = packets; packet != NULL; packet = mbuf_nextpkt(packet)) {
        /* What a framer loops keeps its interface (lo_output), by which it is known as broadcast. */
        if (mbuf_pkthdr_rcvif(packet) == NULL)
            mbuf_pkthdr_setrcvif(packet, interface);
        mbuf_pkthdr_setheader(packet, mbuf_data(packet));
        counted.packets_in++;
        counted.packets_out++;
        counted.bytes_in += (u_int32_t)mbuf_pkthdr_len(packet);
        counted.bytes_out += (u_int32_t)mbuf_pkthdr_len(packet);
    }
    return ifnet_input(interface, packets, &counted);
}

static errno_t
loopback_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    const unsigned char *bytes = mbuf_data(packet);

    (void)interface;
    (void)header;
    if (mbuf_len(packet) == 0)
        return ENOENT;
    switch (bytes[0] >> 4) {
    case 4:
        *family = PF_INET;
        return 0;
    case 6:
        *family = PF_INET6;
        return 0;
    default:
        return ENOENT;
    }
}

static errno_t
loopback_add_proto(ifnet_t interface, protocol_family_t family,
                   const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    (void)interface;
    (void)family;
    (void)descriptors;
    (void)count;
    return 0;
}

static errno_t
loopback_del_proto(ifnet_t interface, protocol_family_t family)
{
    (void)interface;
    (void)family;
    return 0;
}

static errno_t
loopback_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    switch (command) {
    case SIOCSIFMTU:
        interface->mtu = (uint32_t)((const struct ifreq *)argument)->ifr_mtu;
        return 0;
    case SIOCSIFADDR:
    case SIOCSIFFLAGS:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
        return 0;
    default:
        return EOPNOTSUPP;
    }
}

static errno_t
loopback_protocol_input(ifnet_t interface, protocol_family_t family, mbuf_t packets)
{
    (void)interface;
    return ksim_protocol_input(family, packets);
}

static errno_t
loopback_plumb(ifnet_t interface, protocol_family_t family)
{
    struct ifnet_attach_proto_param parameters;

    machine_fill(&parameters, 0, sizeof(parameters));
    return ksim_protocol_attach(interface, family, &parameters, loopback_protocol_input);
}

/* Boot runs outside every thread, so lo0 is put together by hand: nothing may block here. */
static void
loopback_boot(struct interface_system *system)
{
    struct ifnet_init_params init;
    ifnet_t interface = NULL;

    machine_fill(&init, 0, sizeof(init));
    init.name = "lo";
    init.family = IFNET_FAMILY_LOOPBACK;
    init.type = IFT_LOOP;
    init.output = loopback_output;
    init.demux = loopback_demux;
    init.add_proto = loopback_add_proto;
    init.del_proto = loopback_del_proto;
    init.ioctl = loopback_ioctl;
    ksim_interface_allocate(&init, &interface);
    ksim_interface_list_insert(interface);
    ksim_interface_link_address_build(interface, NULL);
    interface->protocols_ready = true;
    interface->references++;
    interface->mtu = LOOPBACK_MTU;
    interface->flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK | IFF_MULTICAST;
    interface->state = INTERFACE_ATTACHED | INTERFACE_READY;
    system->loopback = interface;
    ksim_protocol_plumber_register(PF_INET, IFNET_FAMILY_LOOPBACK, loopback_plumb, NULL);
    ksim_protocol_plumber_register(PF_INET6, IFNET_FAMILY_LOOPBACK, loopback_plumb, NULL);
    loopback_plumb(interface, PF_INET);
    loopback_plumb(interface, PF_INET6);
}

void
ksim_interfaces_boot(struct ksim *kernel)
{
    struct interface_system *system = ksim_interface_zalloc(sizeof(*system), "interface system");

    kernel->interfaces = system;
    system->lock_group = lck_grp_alloc_init("dlil", LCK_GRP_ATTR_NULL);
    system->dlil_lock = lck_mtx_alloc_init(system->lock_group, LCK_ATTR_NULL);
    system->head_lock = lck_rw_alloc_init(system->lock_group, LCK_ATTR_NULL);
    ksim_interface_detacher_boot(system);
    system->main_input = ksim_interface_input_start(NULL, false);
    loopback_boot(system);
}

/* --- finding -------------------------------------------------------------------------------------*/

ifnet_t
ksim_interface_loopback(void)
{
    return ksim_interfaces()->loopback;
}

ifnet_t
ksim_interface_peek(const char *name)
{
    struct __ifnet *each;

    for (each = ksim_interfaces()->attached; each != NULL; each = each->next_attached) {
        if (ksim_text_equal(each->xname, name))
            return each;
    }
    return NULL;
}

ifnet_t
ksim_interface_find(const char *name)
{
    struct interface_system *system = ksim_interfaces();
    ifnet_t interface;

    /* dlil_lock makes a look-up wait for an attach under way. */
    lck_mtx_lock(system->dlil_lock);
    lck_rw_lock_shared(system->head_lock);
    interface = ksim_interface_peek(name);
    if (interface != NULL && !ksim_interface_io_begin(interface))
        interface = NULL;
    lck_rw_unlock_shared(system->head_lock);
    lck_mtx_unlock(system->dlil_lock);
    return interface;
}

ifnet_t
ksim_interface_find_index(uint32_t index)
{
    struct interface_system *system = ksim_interfaces();
    struct __ifnet *each;

    lck_rw_lock_shared(system->head_lock);
    for (each = system->attached; each != NULL && each->index != index;)
        each = each->next_attached;
    if (each != NULL && !ksim_interface_io_begin(each))
        each = NULL;
    lck_rw_unlock_shared(system->head_lock);
    return each;
}

int
ksim_interfaces_each(int (*visit)(ifnet_t interface, void *context), void *context)
{
    struct interface_system *system = ksim_interfaces();
    ifnet_t held[EACH_MAX];
    struct __ifnet *each;
    size_t count = 0, i;
    int result = 0;

    lck_rw_lock_shared(system->head_lock);
    for (each = system->attached; each != NULL && count < EACH_MAX; each = each->next_attached) {
        if (ksim_interface_io_begin(each))
            held[count++] = each;
    }
    lck_rw_unlock_shared(system->head_lock);
    for (i = 0; i < count; i++) {
        if (result == 0)
            result = visit(held[i], context);
        ksim_interface_io_end(held[i]);
    }
    return result;
}

errno_t
ifnet_find_by_name(const char *name, ifnet_t *out)
{
    ifnet_t interface;

    ksim_kpi_enter("ifnet_find_by_name", KPI_MAY_BLOCK);
    if (name == NULL || out == NULL)
        return EINVAL;
    *out = NULL;
    interface = ksim_interface_find(name);
    if (interface == NULL)
        return ENXIO;
    ksim_interface_retain(interface);
    ksim_interface_io_end(interface);
    *out = interface;
    return 0;
}

errno_t
ifnet_list_get(ifnet_family_t family, ifnet_t **list, u_int32_t *count)
{
    struct interface_system *system = ksim_interfaces();
    struct __ifnet *each;
    size_t room = 1;

    ksim_kpi_enter("ifnet_list_get", KPI_MAY_BLOCK);
    if (list == NULL || count == NULL)
        return EINVAL;
    *count = 0;
    lck_rw_lock_shared(system->head_lock);
    for (each = system->attached; each != NULL; each = each->next_attached)
        room++;
    *list = ksim_interface_zalloc(room * sizeof(ifnet_t), "interface list");
    for (each = system->attached; each != NULL; each = each->next_attached) {
        if (family != IFNET_FAMILY_ANY && each->family != family)
            continue;
        ksim_interface_retain(each);
        (*list)[(*count)++] = each;
    }
    lck_rw_unlock_shared(system->head_lock);
    if (*count == 0) {
        machine_free(*list);
        *list = NULL;
        return ENXIO;
    }
    return 0;
}

void
ifnet_list_free(ifnet_t *list)
{
    size_t i;

    ksim_kpi_enter("ifnet_list_free", KPI_MAY_BLOCK);
    if (list == NULL)
        return;
    for (i = 0; list[i] != NULL; i++)
        ksim_interface_drop(list[i]);
    machine_free(list);
}

/* --- ids of strings ------------------------------------------------------------------------------*/

/* One counter for interface families, mbuf tags and vendor codes: the same string, the same id. */
uint32_t
ksim_string_id_find(const char *string)
{
    struct interface_system *system = ksim_interfaces();
    struct string_ids *entry, **tail = &system->string_ids;
    size_t bytes = ksim_text_bytes(string) + 1;
    uint32_t id = FAMILY_ID_FIRST;

    for (; *tail != NULL; tail = &(*tail)->next) {
        if (ksim_text_equal((*tail)->name, string))
            return (*tail)->id;
        id = (*tail)->id + 1;
    }
    entry = ksim_interface_zalloc(sizeof(*entry) + bytes, "string id");
    entry->id = id;
    machine_copy(entry->name, string, bytes);
    *tail = entry;
    return id;
}

bool
ksim_string_id_is_known(uint32_t id)
{
    const struct string_ids *entry = ksim_interfaces()->string_ids;

    while (entry != NULL && entry->id != id)
        entry = entry->next;
    return entry != NULL;
}

errno_t
ifnet_interface_family_find(const char *module, ifnet_family_t *family)
{
    ksim_kpi_enter("ifnet_interface_family_find", KPI_MAY_BLOCK);
    if (module == NULL || family == NULL)
        return EINVAL;
    if (machine_fault("ifnet_interface_family_find"))
        return ENOMEM;
    *family = ksim_string_id_find(module);
    return 0;
}

errno_t
kev_vendor_code_find(const char *vendor, u_int32_t *code)
{
    ksim_kpi_enter("kev_vendor_code_find", KPI_MAY_BLOCK);
    if (vendor == NULL || code == NULL || ksim_text_bytes(vendor) >= KEV_VENDOR_CODE_MAX_STR_LEN)
        return EINVAL;
    *code = ksim_string_id_find(vendor);
    return 0;
}

/* --- audit ---------------------------------------------------------------------------------------*/

bool
ksim_interfaces_idle(void)
{
    const struct interface_system *system = ksim_interfaces();

    return ksim_interface_detacher_idle(system) && ksim_interface_input_idle(system);
}

/* Released by whoever allocated it, never attached, and lost for ever: a leak of the kernel's own. */
static bool
lost_by_kernel(const struct __ifnet *interface)
{
    return ksim_interface_profile()->allocate_leak_never_attached && interface->references == 0 &&
           (interface->state & (INTERFACE_ATTACHED | INTERFACE_DETACHING)) == 0;
}

/* lo0 stays, but with nothing of a kext on it: allocate and attach hold one reference each. */
static void
audit_loopback(const struct __ifnet *interface)
{
    const uint32_t own = 2 + ksim_bpf_record_count(interface);

    if (interface->references > own)
        machine_finding(MACHINE_LEAK, "interface %s: %u references were never released",
                        interface->xname, interface->references - own);
}

/* What a kext left on an interface that still exists. */
static void
audit_guests(const struct __ifnet *interface)
{
    const struct interface_protocol *protocol;
    const struct __ifnet_filter *filter;

    for (filter = interface->filters; filter != NULL; filter = filter->next) {
        if (filter->owner != NULL)
            machine_finding(MACHINE_LEAK, "interface %s: a filter of %s is still attached",
                            interface->xname, filter->owner);
    }
    for (protocol = interface->protocols; protocol != NULL; protocol = protocol->next) {
        if (protocol->owner != NULL)
            machine_finding(MACHINE_LEAK, "interface %s: protocol %u of %s is still attached",
                            interface->xname, protocol->family, protocol->owner);
    }
}

static void
audit_interface(const struct __ifnet *interface)
{
    const char *name = interface->xname;

    if (interface->io_references != 0)
        machine_finding(MACHINE_LEAK, "interface %s: %u IO references were never given back", name,
                        interface->io_references);
    if (interface->in_use && !lost_by_kernel(interface))
        machine_finding(MACHINE_LEAK, "interface %s of %s is still %s", name,
                        interface->owner != NULL ? interface->owner : "the kernel",
                        (interface->state & INTERFACE_DETACHING) != 0  ? "being detached"
                        : (interface->state & INTERFACE_ATTACHED) != 0 ? "attached"
                                                                      : "allocated");
    else if (interface->references > ksim_bpf_record_count(interface))
        machine_finding(MACHINE_LEAK, "interface %s: %u references were never released", name,
                        interface->references - ksim_bpf_record_count(interface));
}

void
ksim_interfaces_audit(struct ksim *kernel)
{
    const struct interface_system *system = kernel->interfaces;
    const struct __ifnet *each;

    ksim_interface_multicasts_audit(system);
    for (each = system->known; each != NULL; each = each->next_known) {
        audit_guests(each);
        if (each == system->loopback)
            audit_loopback(each);
        else if (!each->built_in)
            audit_interface(each);
    }
}
