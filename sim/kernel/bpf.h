/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BPF_H
#define KSIM_BPF_H

/*
 * Berkeley packet filter (kpi-ifnet.md section 20): what a driver registers with bpfattach, what it
 * hands over with bpf_tap_in, bpf_tap_out or the callback of set_bpf_tap, and who listens.
 *
 * Three kinds of listeners share the rules of attach and detach:
 *   struct bpf_listener  host code (the capture of `tuntapsim replay`)
 *   /dev/bpf0 .. 15      programs, through BIOCSETIF and read
 * The first listener on the primary link type makes the kernel call the driver's set_bpf_tap with
 * mode 3; the last one gone, with mode 0 and NULL. bpf_lock is held in both calls.
 */

#include <interface.h>
#include <net/bpf.h>

enum bpf_direction { BPF_DIRECTION_IN = 0, BPF_DIRECTION_OUT = 1 };

/* One packet at the moment it passed. `bytes` are contiguous and valid during the call only. */
struct bpf_packet {
    uint64_t time_ns; /* virtual time */
    ifnet_t interface;
    uint32_t link_type; /* DLT_ */
    enum bpf_direction direction;
    const unsigned char *bytes; /* link header first */
    size_t length_bytes;
};

struct bpf_listener;

/* Called with bpf_lock held: may not call into interfaces or bpf. */
typedef void (*bpf_deliver_func)(void *context, const struct bpf_packet *packet);
/* The interface went away (bpfdetach); the listener is detached already and stays allocated. */
typedef void (*bpf_gone_func)(void *context);

void ksim_bpf_boot(struct ksim *kernel);
void ksim_bpf_audit(struct ksim *kernel);

/*
 * A listener on interface `name`; link_type 0 = the primary one. ENXIO: no such interface, or the
 * driver never called bpfattach (BIOCSETIF). ENETDOWN: not up, profiles before darwin11.
 * The listener is the caller's until ksim_bpf_listener_close. Thread context when the driver has a
 * set_bpf_tap function.
 */
errno_t ksim_bpf_listener_open(const char *name, uint32_t link_type, bpf_deliver_func deliver,
                               bpf_gone_func gone, void *context, struct bpf_listener **out);
void ksim_bpf_listener_close(struct bpf_listener *listener);
uint32_t ksim_bpf_listener_link_type(const struct bpf_listener *listener);

/* True when anybody listens: what bpf_peers_present would say. */
bool ksim_bpf_has_listener(ifnet_t interface);

/* How many link types are attached: bpf holds a KPI reference on the interface for each. */
uint32_t ksim_bpf_record_count(const struct __ifnet *interface);

/* The interface is being detached: drop its records, tell listeners (bpfdetach). */
void ksim_bpf_interface_detach(ifnet_t interface);

/* The cdevsw entry of /dev/bpf; made at boot when the device layer is up (major 23). */
void ksim_bpf_devices_boot(struct ksim *kernel);

#endif
