/* SPDX-License-Identifier: BSD-2-Clause */
/* if_ioctl: the commands both kinds know. What the argument is depends on the command and on who
 * asks; SIOCSIFFLAGS comes with NULL from inside the kernel, the address commands with an ifaddr.
 * */
#include <libkern/libkern.h>
#include <net/if.h>
#include <sys/errno.h>
#include <sys/sockio.h>

#include "ifnet.h"
#include "kind.h"
#include "session.h"

#define STATUS_BYTES sizeof(((struct ifstat *)0)->ascii)

static errno_t
ioctl_flags(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    (void)interface;
    (void)argument;
    tuntap_session_flags_changed(unit);
    return 0;
}

static errno_t
ioctl_mtu(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    const struct ifreq *request = argument;

    (void)unit;
    if (request == NULL || !tt_mtu_acceptable(request->ifr_mtu)) {
        return EINVAL;
    }
    /* The kernel stores nothing itself. */
    return ifnet_set_mtu(interface, (u_int32_t)request->ifr_mtu);
}

/* Addresses and groups are the stack's business; an error here would undo them. */
static errno_t
ioctl_accept(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    (void)unit;
    (void)interface;
    (void)argument;
    return 0;
}

/* A line for every cause with a count, as many as there is room for: no half lines. */
static void
status_print_causes(char *text, size_t capacity, const struct tt_counters *counters)
{
    size_t length = 0;
    bool fits = true;
    u_int32_t cause;

    for (cause = 0; cause < TT_CAUSE_COUNT && fits; cause++) {
        size_t printed;

        if (counters->packets[cause] == 0) {
            continue;
        }
        printed = (size_t)snprintf(text + length, capacity - length,
            "\t%s: %llu packets, %llu bytes\n", tt_cause_name((enum tt_cause)cause),
            (unsigned long long)counters->packets[cause],
            (unsigned long long)counters->bytes[cause]);
        fits = printed < capacity - length;
        length += fits ? printed : 0;
        text[length] = '\0';
    }
}

static errno_t
ioctl_status(struct tuntap_unit *unit, ifnet_t interface, void *argument)
{
    struct ifstat *status = argument;
    struct tt_counters counters;
    char owner[TUNTAP_OWNER_BYTES];
    enum tt_unit_state state;
    u_int32_t queued;
    pid_t pid;
    int printed;

    (void)interface;
    if (status == NULL) {
        return EINVAL;
    }
    tuntap_unit_lock(unit);
    counters = unit->counters;
    memcpy(owner, unit->owner_name, sizeof(owner));
    state = unit->life.state;
    queued = tt_queue_count(&unit->queue);
    pid = unit->owner_pid;
    tuntap_unit_unlock(unit);

    printed = snprintf(status->ascii, STATUS_BYTES, "\topened by %s (pid %d), %s, %u queued\n",
        owner, pid, tt_unit_state_name(state), queued);
    if (printed > 0 && (size_t)printed < STATUS_BYTES) {
        status_print_causes(status->ascii + printed, STATUS_BYTES - (size_t)printed, &counters);
    }
    return 0;
}

static const struct tuntap_interface_ioctl common_ioctls[] = {
    {SIOCSIFFLAGS, ioctl_flags},
    {SIOCSIFMTU, ioctl_mtu},
    {SIOCGIFSTATUS, ioctl_status},
    {SIOCSIFADDR, ioctl_accept},
    {SIOCAIFADDR, ioctl_accept},
    {SIOCDIFADDR, ioctl_accept},
    {SIOCSIFDSTADDR, ioctl_accept},
    {SIOCADDMULTI, ioctl_accept},
    {SIOCDELMULTI, ioctl_accept},
    {0, NULL},
};

static const struct tuntap_interface_ioctl *
ioctl_find(const struct tuntap_interface_ioctl *table, u_long command)
{
    for (; table->command != 0; table++) {
        if (table->command == command) {
            return table;
        }
    }
    return NULL;
}

errno_t
tuntap_interface_ioctl(ifnet_t interface, u_long command, void *argument)
{
    struct tuntap_unit *unit = ifnet_softc(interface);
    const struct tuntap_interface_ioctl *entry = ioctl_find(common_ioctls, command);

    if (entry == NULL) {
        entry = ioctl_find(tuntap_kind.interface_ioctls, command);
    }
    return entry != NULL ? entry->handle(unit, interface, argument) : EOPNOTSUPP;
}
