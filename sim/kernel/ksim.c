/* SPDX-License-Identifier: BSD-2-Clause */
#include "ksim.h"

#include "bpf.h"
#include "device.h"
#include "ethernet_lan.h"
#include "ethernet_nic.h"
#include "event.h"
#include "file.h"
#include "inet.h"
#include "interface.h"
#include "kext.h"
#include "lock.h"
#include "mbuf.h"
#include "memory.h"
#include "null_device.h"
#include "panic.h"
#include "process.h"
#include "profile.h"
#include "protocol.h"
#include "socket.h"
#include "system.h"
#include "thread.h"
#include "thread_call.h"

/* Each needs those before it. */
static void (*const boots[])(struct ksim *) = {
    ksim_traps_boot,
    ksim_threads_boot,  ksim_processes_boot, ksim_locks_boot,     ksim_memory_boot,
    ksim_thread_calls_boot,
    ksim_mbufs_boot,    ksim_devices_boot,   ksim_files_boot,     ksim_kexts_boot,
    ksim_events_boot,   ksim_protocols_boot, ksim_bpf_boot,       ksim_interfaces_boot,
    ksim_inet_boot,     ksim_bpf_devices_boot, ksim_null_device_boot,
};

/* The first finding is the one that is reported, so causes come before their consequences. */
static void (*const audits[])(struct ksim *) = {
    ksim_threads_audit,  ksim_kexts_audit,     ksim_files_audit, ksim_interfaces_audit,
    ksim_protocols_audit, ksim_sockets_audit,  ksim_bpf_audit,   ksim_inet_audit,
    ksim_events_audit,   ksim_mbufs_audit,     ksim_devices_audit, ksim_memory_audit,
    ksim_locks_audit,    ksim_processes_audit, ksim_thread_calls_audit,
};

struct ksim *
ksim_create(struct machine *machine, const struct ksim_options *options)
{
    const struct ksim_profile *profile =
        ksim_profile_find(options == NULL ? 0 : options->darwin_major);
    struct ksim *kernel;

    if (profile == NULL) {
        return NULL;
    }
    machine_enter(machine);
    kernel = machine_allocate(sizeof(*kernel), "kernel");
    machine_fill(kernel, 0, sizeof(*kernel));
    kernel->machine = machine;
    kernel->profile = profile;
    kernel->input_late = options != NULL && options->input_late;
    /* Before 12 interfaces of KPIs older than Skywalk are spared (kpi-ifnet 3). */
    kernel->input_on_caller = options != NULL && options->net_async_off && profile->darwin_major >= 21;
    machine_set_kernel(machine, kernel);
    machine_set_report_hook(machine, ksim_locks_report);
    for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
        boots[i](kernel);
    }
    if (options != NULL && options->ethernet) {
        ksim_lan_boot(kernel);
        ksim_ethernet_nic_boot(kernel);
    }
    machine_leave(machine);
    return kernel;
}

void
ksim_audit(struct ksim *kernel)
{
    enum machine_outcome outcome = machine_outcome(kernel->machine);

    if (outcome != MACHINE_OK && outcome != MACHINE_HANG) {
        return;
    }
    for (size_t i = 0; i < sizeof(audits) / sizeof(audits[0]); i++) {
        audits[i](kernel);
    }
}

const char *
ksim_os_version(const struct ksim *kernel)
{
    return kernel->profile->os_version;
}

const char *
ksim_kernel_version(const struct ksim *kernel)
{
    return kernel->profile->kernel_version;
}

int
ksim_darwin_major(const struct ksim *kernel)
{
    return kernel->profile->darwin_major;
}
