/* SPDX-License-Identifier: BSD-2-Clause */

#include <ioctl.h>

#include <bridge.h>
#include <inet.h>
#include <interface_internal.h>
#include <process.h>
#include <protocol.h>
#include <uio.h>

#include <net/if_dl.h>
#include <net/net_kev.h>
#include <sys/sockio.h>

/* Not in the public headers (kpi-ifnet.md 21.4; constants.md for the rest). */
enum {
    COMMAND_GIFCONF = 0xc0106924,
    COMMAND_GIFMEDIA32 = 0xc0286938,
    COMMAND_GIFMEDIA64 = 0xc02c6938,
    COMMAND_GIFXMEDIA32 = 0xc0286948,
    COMMAND_GIFXMEDIA64 = 0xc02c6948,
    COMMAND_SIFPHYADDR = 0x8040693e,
    COMMAND_DIFPHYADDR = 0x80206941,
    COMMAND_SIFVLAN = 0x8020697e,
    COMMAND_SIFBOND = 0x80206946,
    COMMAND_GIFVLAN = 0xc020697f,
    COMMAND_GIFBOND = 0xc0206947,
    COMMAND_GIFPSRCADDR = 0xc020693f,
    COMMAND_GIFPDSTADDR = 0xc0206940,
    COMMAND_GIFLLADDR = 0xc020699e
};

#define FLAGS_NOT_SETTABLE                                                                         \
    (IFF_BROADCAST | IFF_POINTOPOINT | IFF_RUNNING | IFF_OACTIVE | IFF_SIMPLEX | IFF_MULTICAST |   \
     IFF_ALLMULTI)

#define UNIT_MAX 1000000

struct ioctl_call {
    ifnet_t interface;
    int domain;
    unsigned long command;
    void *data;
    struct ifreq *request; /* the same as data */
};

struct ioctl_row {
    unsigned long command;
    bool privileged;
    int (*handle)(struct ioctl_call *call);
};

static int
pass_to_driver(struct ioctl_call *call)
{
    return ksim_interface_ioctl(call->interface, (protocol_family_t)call->domain, call->command,
                                call->data);
}

static void
post(struct ioctl_call *call, uint32_t code)
{
    ksim_interface_post(call->interface, KEV_DL_SUBCLASS, code, NULL, 0);
}

static int
flags_set(struct ioctl_call *call)
{
    int error;

    ifnet_set_flags(call->interface, (u_int16_t)call->request->ifr_flags,
                    (u_int16_t)~FLAGS_NOT_SETTABLE);
    error = pass_to_driver(call);
    if (ksim_interface_profile()->sifflags_error_returned && error != 0)
        return error;
    post(call, KEV_DL_SIFFLAGS);
    call->interface->last_change_ns = machine_now_ns();
    return 0;
}

static int
flags_get(struct ioctl_call *call)
{
    call->request->ifr_flags = (short)call->interface->flags;
    return 0;
}

static int
mtu_set(struct ioctl_call *call)
{
    int error;

    if (call->request->ifr_mtu < IF_MINMTU || call->request->ifr_mtu > IF_MAXMTU)
        return EINVAL;
    error = pass_to_driver(call);
    if (error == 0)
        post(call, KEV_DL_SIFMTU);
    return error;
}

static int
mtu_get(struct ioctl_call *call)
{
    call->request->ifr_mtu = (int)call->interface->mtu;
    return 0;
}

static int
metric_set(struct ioctl_call *call)
{
    call->interface->metric = (uint32_t)call->request->ifr_metric;
    post(call, KEV_DL_SIFMETRICS);
    return 0;
}

static int
metric_get(struct ioctl_call *call)
{
    call->request->ifr_metric = (int)call->interface->metric;
    return 0;
}

static int
capabilities_get(struct ioctl_call *call)
{
    call->request->ifr_reqcap = (int)call->interface->capabilities_supported;
    call->request->ifr_curcap = (int)call->interface->capabilities_enabled;
    return 0;
}

static int
capabilities_set(struct ioctl_call *call)
{
    if (((uint32_t)call->request->ifr_reqcap & ~call->interface->capabilities_supported) != 0)
        return EINVAL;
    return pass_to_driver(call);
}

static int
link_address_get(struct ioctl_call *call)
{
    const struct sockaddr_dl *link =
        (const struct sockaddr_dl *)(const void *)call->interface->link_address->address;

    if (link->sdl_alen == 0 || link->sdl_alen > sizeof(call->request->ifr_addr.sa_data))
        return EADDRNOTAVAIL;
    machine_copy(call->request->ifr_addr.sa_data, LLADDR(link), link->sdl_alen);
    call->request->ifr_addr.sa_family = AF_LINK;
    call->request->ifr_addr.sa_len = link->sdl_alen;
    return 0;
}

static int
multicast_change(struct ioctl_call *call)
{
    const struct sockaddr *address = &call->request->ifr_addr;
    bool join = call->command == SIOCADDMULTI;
    int error;

    if ((call->interface->flags & IFF_MULTICAST) == 0)
        return EOPNOTSUPP;
    if (ksim_interface_profile()->generation != KSIM_GENERATION_A &&
        address->sa_family != AF_LINK && address->sa_family != AF_UNSPEC)
        return EINVAL;
    if (join)
        error = ksim_interface_multicast_join(call->interface, address, NULL);
    else
        error = ksim_interface_multicast_leave(call->interface, address);
    if (error == 0)
        post(call, join ? KEV_DL_ADDMULTI : KEV_DL_DELMULTI);
    return error;
}

/* The extended forms reach the driver as the plain ones. */
static int
media_get(struct ioctl_call *call)
{
    if (ksim_interface_profile()->ioctl_extended_media && call->command == COMMAND_GIFXMEDIA32)
        call->command = COMMAND_GIFMEDIA32;
    if (ksim_interface_profile()->ioctl_extended_media && call->command == COMMAND_GIFXMEDIA64)
        call->command = COMMAND_GIFMEDIA64;
    return pass_to_driver(call);
}

static int
status_get(struct ioctl_call *call)
{
    struct ifstat *status = call->data;

    status->ascii[0] = '\0';
    return pass_to_driver(call);
}

/* Commands of a protocol domain; what it does not know goes to the driver. */
static int
domain_control(struct ioctl_call *call, struct process *caller)
{
    const struct protocol_domain *domain =
        ksim_protocol_domain_find((protocol_family_t)call->domain);
    int error = EOPNOTSUPP;

    if (domain != NULL && domain->control != NULL)
        error = domain->control(caller, call->command, call->data, call->interface);
    if (error != EOPNOTSUPP && error != ENOTSUP)
        return error;
    if (ksim_interface_profile()->ioctl_raw_addresses_stop &&
        (call->command == SIOCAIFADDR || call->command == SIOCDIFADDR))
        return EOPNOTSUPP;
    return pass_to_driver(call);
}

static const struct ioctl_row rows[] = {
    {SIOCSIFFLAGS, true, flags_set},
    {SIOCGIFFLAGS, false, flags_get},
    {SIOCSIFMTU, true, mtu_set},
    {SIOCGIFMTU, false, mtu_get},
    {SIOCSIFMETRIC, true, metric_set},
    {SIOCGIFMETRIC, false, metric_get},
    {SIOCSIFCAP, true, capabilities_set},
    {SIOCGIFCAP, false, capabilities_get},
    {SIOCSIFLLADDR, true, pass_to_driver},
    {COMMAND_GIFLLADDR, false, link_address_get},
    {SIOCADDMULTI, true, multicast_change},
    {SIOCDELMULTI, true, multicast_change},
    {COMMAND_GIFMEDIA32, false, media_get},
    {COMMAND_GIFMEDIA64, false, media_get},
    {COMMAND_GIFXMEDIA32, false, media_get},
    {COMMAND_GIFXMEDIA64, false, media_get},
    {SIOCGIFSTATUS, false, status_get},
    {SIOCSIFMEDIA, true, pass_to_driver},
    {COMMAND_SIFPHYADDR, true, pass_to_driver},
    {COMMAND_DIFPHYADDR, true, pass_to_driver},
    {SIOCSIFGENERIC, true, pass_to_driver},
    {SIOCSIFALTMTU, true, pass_to_driver},
    {COMMAND_SIFVLAN, true, pass_to_driver},
    {COMMAND_SIFBOND, true, pass_to_driver},
    {SIOCSIFPHYS, true, pass_to_driver},
    {SIOCGIFDEVMTU, false, pass_to_driver},
    {SIOCGIFGENERIC, false, pass_to_driver},
    {COMMAND_GIFVLAN, false, pass_to_driver},
    {COMMAND_GIFBOND, false, pass_to_driver},
    {COMMAND_GIFPSRCADDR, false, pass_to_driver},
    {COMMAND_GIFPDSTADDR, false, pass_to_driver},
};

/* What a domain handles and only root may ask for. */
static const unsigned long privileged_domain_commands[] = {
    SIOCSIFADDR,         SIOCAIFADDR,          SIOCDIFADDR,
    SIOCSIFDSTADDR,      SIOCSIFBRDADDR,       SIOCSIFNETMASK,
    KSIM_SIOCPROTOATTACH, KSIM_SIOCPROTODETACH, KSIM_SIOCPROTOATTACH_IN6,
    SIOCIFCREATE,        SIOCIFDESTROY,
    KSIM_SIOCPROTODETACH_IN6, KSIM_SIOCLL_START, 0x8080691a /* SIOCAIFADDR_IN6 */,
    0x81206919 /* SIOCDIFADDR_IN6 */, 0x8120690c /* SIOCSIFADDR_IN6 */,
};

static const struct ioctl_row *
row_find(unsigned long command)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].command == command)
            return &rows[i];
    }
    return NULL;
}

static bool
domain_command_is_privileged(unsigned long command)
{
    const size_t count =
        sizeof(privileged_domain_commands) / sizeof(privileged_domain_commands[0]);
    size_t i;

    for (i = 0; i < count; i++) {
        if (privileged_domain_commands[i] == command)
            return true;
    }
    return false;
}

bool
ksim_ioctl_privileged(struct process *caller)
{
    return caller == NULL || caller->uid == 0;
}

/* --- SIOCGIFCONF ---------------------------------------------------------------------------------*/

struct ifconf_job {
    struct ifreq *requests;
    uint32_t room, used;
};

static int
ifconf_interface(ifnet_t interface, void *context)
{
    struct ifconf_job *job = context;
    struct __ifaddr *address;
    struct ifreq *request;

    ksim_interface_lock_shared(interface);
    for (address = interface->addresses; address != NULL; address = address->next) {
        if (job->used + sizeof(*request) <= job->room && address->address != NULL) {
            request = (struct ifreq *)(void *)((char *)job->requests + job->used);
            machine_fill(request, 0, sizeof(*request));
            machine_copy(request->ifr_name, interface->xname, sizeof(request->ifr_name));
            machine_copy(&request->ifr_addr, address->address, sizeof(request->ifr_addr));
        }
        job->used += (uint32_t)sizeof(*request);
    }
    ksim_interface_unlock(interface);
    return 0;
}

uint32_t
ksim_ifconf(struct ifreq *requests, uint32_t bytes)
{
    struct ifconf_job job = {requests, bytes, 0};

    ksim_interfaces_each(ifconf_interface, &job);
    return job.used;
}

struct ifconf_argument {
    int32_t length;
    int32_t padding;
    uint64_t buffer;
};

static int
ifconf_command(struct process *caller, struct ifconf_argument *argument)
{
    uint32_t room = argument->length > 0 ? (uint32_t)argument->length : 0, used;
    struct ifreq *requests;
    int error = 0;

    requests = ksim_interface_zalloc(room + sizeof(*requests), "ifconf");
    used = ksim_ifconf(requests, room);
    used = used < room ? used : room - room % (uint32_t)sizeof(*requests);
    if (caller == NULL)
        machine_copy((void *)(uintptr_t)argument->buffer, requests, used);
    else
        error = ksim_copy_out(requests, argument->buffer, used);
    argument->length = (int32_t)used;
    machine_free(requests);
    return error;
}

/* --- entry ---------------------------------------------------------------------------------------*/

static bool
is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/*
 * ifunit: a name is something without digits and a unit in decimal, so "tap00" means tap0. False when
 * there is no unit, something behind it, or it is out of range.
 */
static bool
name_take(char *name, const void *data)
{
    char given[IFNAMSIZ];
    uint32_t unit = 0;
    size_t digits, i;

    machine_copy(given, data, sizeof(given));
    given[IFNAMSIZ - 1] = '\0';
    for (digits = 0; given[digits] != '\0' && !is_digit(given[digits]);)
        digits++;
    if (digits == 0 || given[digits] == '\0')
        return false;
    for (i = digits; is_digit(given[i]) && unit <= UNIT_MAX; i++)
        unit = unit * 10 + (uint32_t)(given[i] - '0');
    if (given[i] != '\0' || unit > UNIT_MAX)
        return false;
    given[digits] = '\0';
    machine_format(name, IFNAMSIZ, "%s%u", given, unit);
    return true;
}

/* Interfaces that come and go at a user's wish: bridges. A unit that was chosen is written back. */
static int
clone_command(struct ioctl_call *call, struct process *caller)
{
    char name[IFNAMSIZ];
    int error;

    if (!ksim_ioctl_privileged(caller))
        return EPERM;
    machine_copy(name, call->request->ifr_name, sizeof(name));
    name[IFNAMSIZ - 1] = '\0';
    if (call->command == SIOCIFDESTROY)
        return ksim_interface_clone_destroy(name);
    error = ksim_interface_clone_create(name);
    if (error == 0)
        machine_copy(call->request->ifr_name, name, IFNAMSIZ);
    return error;
}

int
ksim_ifioctl(struct process *caller, int domain, unsigned long command, void *data)
{
    struct ioctl_call call = {.domain = domain, .command = command, .data = data, .request = data};
    const struct ioctl_row *row = row_find(command);
    char name[IFNAMSIZ];
    bool privileged = row != NULL ? row->privileged : domain_command_is_privileged(command);
    int error;

    if (command == COMMAND_GIFCONF)
        return ifconf_command(caller, data);
    if (IOCPARM_LEN(command) < IFNAMSIZ)
        return EOPNOTSUPP;
    if (command == SIOCIFCREATE || command == SIOCIFDESTROY)
        return clone_command(&call, caller);
    call.interface = name_take(name, data) ? ksim_interface_find(name) : NULL;
    if (call.interface == NULL)
        return ENXIO;
    if (privileged && !ksim_ioctl_privileged(caller))
        error = EPERM;
    else if (row != NULL)
        error = row->handle(&call);
    else
        error = domain_control(&call, caller);
    ksim_interface_io_end(call.interface);
    return error;
}
