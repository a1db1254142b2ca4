/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_H
#define KSIM_H

/*
 * The emulated kernel's one context. Kernel files are compiled like the kernel itself: with -nostdinc against
 * sim/kernel/include, plus sim/machine/machine.h as the only door to the host. Each subsystem
 * owns one opaque record that hangs from struct ksim; its own header declares
 *     void ksim_<subsystem>_boot(struct ksim *);    make the record; called once, in the order below
 *     void ksim_<subsystem>_audit(struct ksim *);   report what was left behind with machine_finding
 * There is no destroy: all memory is the machine's and goes with it.
 */

#include <machine.h>

struct ksim_profile;

struct ksim {
    struct machine *machine;
    const struct ksim_profile *profile; /* profile.h: what differs between releases */
    struct memory_system *memory;       /* memory.h: OSMalloc, _MALLOC */
    struct thread_system *threads;      /* thread.h: threads, wait channels, locks held */
    struct thread_call_system *thread_calls; /* thread_call.h: calls made later, bsd_timeout */
    struct lock_system *locks;          /* lock.h: groups, lck_mtx, lck_rw, lck_spin, order graph */
    struct mbuf_system *mbufs;          /* mbuf.h */
    struct process_system *processes;   /* process.h: processes, signals, credentials */
    struct device_system *devices;      /* device.h: cdevsw and devfs */
    struct file_system *files;          /* file.h: descriptors, open files, select */
    struct kext_system *kexts;          /* kext.h: load and unload */
    struct protocol_system *protocols;  /* protocol.h: plumbers, domain input handlers */
    struct interface_system *interfaces; /* interface.h: ifnet/dlil */
    struct bpf_system *bpf;             /* bpf.h */
    struct event_system *events;        /* event.h: kernel events posted */
    struct inet_system *inet;           /* inet.h: IPv4, ARP, ICMP, UDP, IPv6, ND */
    struct lan_system *lan;             /* ethernet_lan.h: what en0 is plugged into, or NULL */
    struct ethernet_nic *nic;           /* ethernet_nic.h: en0, or NULL */
    bool input_late;      /* input threads may begin late (interface_input.c) */
    bool input_on_caller; /* ifnet_input does the work of input threads (interface_input.c) */
};

static inline struct ksim *
ksim_current(void)
{
    return (struct ksim *)machine_kernel();
}

/* What a KPI promises to its caller about blocking; checked on entry by ksim_kpi_enter (thread.h). */
enum ksim_kpi_rule {
    KPI_ANY_CONTEXT = 0, /* never blocks */
    KPI_MAY_BLOCK = 1,   /* a spin lock held at entry is a MACHINE_CONTRACT failure */
    KPI_CALLS_BACK = 2   /* may call the driver back: a driver lock held at entry is one as well */
};

/* First statement of every KPI function: preemption point and context check. `name` is a literal. */
void ksim_kpi_check(const char *name, unsigned rules);

static inline void
ksim_kpi_enter(const char *name, unsigned rules)
{
    if (rules != KPI_ANY_CONTEXT) {
        ksim_kpi_check(name, rules);
    }
    machine_yield(name);
}

#endif
