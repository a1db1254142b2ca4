/* SPDX-License-Identifier: BSD-2-Clause */

#include <interface_internal.h>

#include <kext.h>
#include <mbuf.h>

errno_t
ksim_callback_output(ifnet_t interface, mbuf_t packet)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "output");
    errno_t error;

    mbuf_history_hand_over(packet, "if_output");
    error = interface->callbacks.output(interface, packet);
    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
                     const char *link_destination, const char *frame_type)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "framer");
    errno_t error = interface->callbacks.framer(interface, packet, destination, link_destination,
                                                frame_type);

    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "demux");
    errno_t error = interface->callbacks.demux(interface, packet, header, family);

    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_add_proto(ifnet_t interface, protocol_family_t family,
                        const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "add_proto");
    errno_t error = interface->callbacks.add_proto(interface, family, descriptors, count);

    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_del_proto(ifnet_t interface, protocol_family_t family)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "del_proto");
    errno_t error = interface->callbacks.del_proto(interface, family);

    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_check_multi(ifnet_t interface, const struct sockaddr *address)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "check_multi");
    errno_t error = interface->callbacks.check_multi(interface, address);

    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "ioctl");
    errno_t error = interface->callbacks.ioctl(interface, command, argument);

    ksim_kext_call_end(previous);
    return error;
}

errno_t
ksim_callback_set_bpf_tap(ifnet_t interface, bpf_tap_mode mode, bpf_packet_func callback)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "set_bpf_tap");
    errno_t error = interface->callbacks.set_bpf_tap(interface, mode, callback);

    ksim_kext_call_end(previous);
    return error;
}

void
ksim_callback_event(ifnet_t interface, const struct kev_msg *message)
{
    const char *previous = ksim_kext_call_begin(interface->owner, "event");

    interface->callbacks.event(interface, message);
    ksim_kext_call_end(previous);
}

void
ksim_callback_detached(ifnet_t interface, ifnet_detached_func detached, const char *owner)
{
    const char *previous = ksim_kext_call_begin(owner, "detached");

    detached(interface);
    ksim_kext_call_end(previous);
}
