/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_INTERFACE_INTERNAL_H
#define KSIM_INTERFACE_INTERNAL_H

/*
 * What the interface_*.c files share. Nobody else includes this.
 */

#include <interface.h>
#include <panic.h>
#include <profile.h>
#include <sys/errno.h>

struct kev_msg;

static inline struct interface_system *
ksim_interfaces(void)
{
    return ksim_current()->interfaces;
}

static inline const struct ksim_profile *
ksim_interface_profile(void)
{
    return ksim_current()->profile;
}

/*
 * 10.6 waits for every thread inside the interface layer before it changes anything (section 4.3), so
 * a lock held meanwhile that a callback wants is a deadlock.
 */
static inline unsigned
ksim_interface_reader_rule(void)
{
    return ksim_interface_profile()->generation == KSIM_GENERATION_A ? KPI_CALLS_BACK : 0;
}

/* A page fault when the kernel uses a pointer that it does not check. */
static inline void
ksim_interface_touch(const void *pointer, const char *what)
{
    if (pointer == NULL)
        ksim_panic_fault(0, what);
}

static inline size_t
ksim_text_bytes(const char *text)
{
    size_t bytes = 0;

    while (text[bytes] != '\0')
        bytes++;
    return bytes;
}

static inline bool
ksim_text_equal(const char *left, const char *right)
{
    size_t bytes = ksim_text_bytes(left);

    return bytes == ksim_text_bytes(right) && machine_compare(left, right, bytes) == 0;
}

static inline void *
ksim_interface_zalloc(size_t bytes, const char *kind)
{
    void *memory = machine_allocate(bytes, kind);

    machine_fill(memory, 0, bytes);
    return memory;
}

/* --- interface_allocate.c ------------------------------------------------------------------------*/

/* ifnet_allocate without the KPI entry and its fault point. */
errno_t ksim_interface_allocate(const struct ifnet_init_params *init, ifnet_t *out);

/* --- interface_lifetime.c ------------------------------------------------------------------------*/

/* Marks the record not-in-use: the last step of a final detach, or of a release never attached. */
void ksim_interface_recycle(ifnet_t interface);
/* Adds, drops a KPI reference without the KPI entry. Dropping past zero panics. */
void ksim_interface_retain(ifnet_t interface);
void ksim_interface_drop(ifnet_t interface);
/* Waits until no thread is inside the driver. Logs once for each wait. */
void ksim_interface_io_drain(ifnet_t interface);
/*
 * A thread that was woken for work begins it at once, 1 ms, 50 ms or 1.5 s later: the first `count` of them are the
 * tape's choice. `lock` (NULL: none) is held, and given up meanwhile.
 */
enum { INTERFACE_LATE_COUNT = 4, INTERFACE_INPUT_LATE_COUNT = 3 };
void ksim_interface_start_late(const char *label, uint32_t count, lck_mtx_t *lock);

/* --- interface_attach.c --------------------------------------------------------------------------*/

/* Link address record for `interface` from a sockaddr_dl or NULL; puts it first in the list. */
void ksim_interface_link_address_build(ifnet_t interface, const struct sockaddr_dl *address);
/* Puts the interface on the list of attached ones. dlil_lock and head_lock exclusive are held. */
void ksim_interface_list_insert(ifnet_t interface);

/* --- interface_detach.c --------------------------------------------------------------------------*/

/* Starts the detacher thread. */
void ksim_interface_detacher_boot(struct interface_system *system);
bool ksim_interface_detacher_idle(const struct interface_system *system);
/* darwin10: the last protocol of a detaching interface went; its caller finishes the detach. */
void ksim_interface_use_reached_zero(ifnet_t interface);

/* --- interface_input.c ---------------------------------------------------------------------------*/

/* Makes the input thread of an interface (NULL = main); with `wait` returns once it has run. */
struct interface_input_thread *ksim_interface_input_start(ifnet_t interface, bool wait);
/* Tells it to end; with `wait` returns when it has. Queued packets are freed. No lock held. */
void ksim_interface_input_stop(ifnet_t interface, bool wait);
bool ksim_interface_input_idle(const struct interface_system *system);
/* How many packets wait for it. Any context. */
uint32_t ksim_interface_input_count(ifnet_t interface);
/* Packets of an interface are processed on this thread, as its input thread would (the bridge). */
void ksim_interface_input_now(ifnet_t interface, mbuf_t packets);
/* proto_inject: the packet runs through its domain on the main input thread. */
void ksim_interface_input_inject(protocol_family_t family, mbuf_t packets);
/* Hands one demuxed packet, or a list for one protocol, to the protocol (dlil_ifproto_input). */
void ksim_interface_input_deliver(struct interface_protocol *protocol, mbuf_t packets);

/* --- interface_multicast.c -----------------------------------------------------------------------*/

/* darwin10, when the last use is gone: all memberships leave the interface; holders keep the records. */
void ksim_interface_multicasts_forget(ifnet_t interface);
/* Reports references on memberships that were never released. */
void ksim_interface_multicasts_audit(const struct interface_system *system);

/* --- interface_filter.c --------------------------------------------------------------------------*/

/* iflt_attach with its arguments checked; `internal`: a filter of the kernel's own. ENOMEM, ENXIO. */
errno_t ksim_interface_filter_attach(ifnet_t interface, const struct iff_filter *callbacks,
                                     bool internal, interface_filter_t *out);
/* 0: go on with *packet; EJUSTRETURN: consumed; other: free it. No lock held. */
errno_t ksim_interface_filter_input(ifnet_t interface, protocol_family_t family, mbuf_t *packet,
                                    char **header);
errno_t ksim_interface_filter_output(ifnet_t interface, protocol_family_t family, mbuf_t *packet);
void ksim_interface_filter_event(ifnet_t interface, const struct kev_msg *message);
/* Merges the filters' answers into a running result (section 13). True: stop here. */
bool ksim_interface_filter_ioctl(ifnet_t interface, protocol_family_t family,
                                 unsigned long command, void *argument, errno_t *result);
/* Final detach: every filter goes, its detached function is called. */
void ksim_interface_filters_remove(ifnet_t interface);

/* --- interface_callback.c ------------------------------------------------------------------------*/

/*
 * The calls into the driver. Each runs the driver's function as its kext (thread.h) and nothing
 * else: references, locks and NULL checks are the caller's, as kpi-ifnet.md section 24 lists them.
 */
errno_t ksim_callback_output(ifnet_t interface, mbuf_t packet);
errno_t ksim_callback_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
                             const char *link_destination, const char *frame_type);
errno_t ksim_callback_demux(ifnet_t interface, mbuf_t packet, char *header,
                            protocol_family_t *family);
errno_t ksim_callback_add_proto(ifnet_t interface, protocol_family_t family,
                                const struct ifnet_demux_desc *descriptors, u_int32_t count);
errno_t ksim_callback_del_proto(ifnet_t interface, protocol_family_t family);
errno_t ksim_callback_check_multi(ifnet_t interface, const struct sockaddr *address);
errno_t ksim_callback_ioctl(ifnet_t interface, unsigned long command, void *argument);
errno_t ksim_callback_set_bpf_tap(ifnet_t interface, bpf_tap_mode mode, bpf_packet_func callback);
void ksim_callback_event(ifnet_t interface, const struct kev_msg *message);
/* `detached` and `owner` are passed because the record may be recycled while the call runs. */
void ksim_callback_detached(ifnet_t interface, ifnet_detached_func detached, const char *owner);

/* --- interface_event.c ---------------------------------------------------------------------------*/

/* Filters, protocols, driver, userland, in this order, on this thread. */
errno_t ksim_interface_event_deliver(ifnet_t interface, struct kev_msg *message);

#endif
