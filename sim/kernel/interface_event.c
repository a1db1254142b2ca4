/* SPDX-License-Identifier: BSD-2-Clause */

#include <interface_internal.h>

#include <event.h>
#include <protocol.h>
#include <kext.h>

#include <net/net_kev.h>
#include <sys/kern_event.h>

#define EVENT_HEADER_BYTES 24 /* struct kern_event_msg without event_data */
#define PROTOCOLS_TOLD 16

/* References on the attached protocols, so that none of the interface's locks is held while they run. */
static uint32_t
protocols_hold(ifnet_t interface, struct interface_protocol **held)
{
    struct interface_protocol *protocol;
    uint32_t count = 0;

    ksim_interface_lock_shared(interface);
    for (protocol = interface->protocols; protocol != NULL && count < PROTOCOLS_TOLD;
         protocol = protocol->next) {
        if (protocol->detached)
            continue;
        ksim_protocol_retain(protocol);
        held[count++] = protocol;
    }
    ksim_interface_unlock(interface);
    return count;
}

static void
protocols_tell(ifnet_t interface, const struct kev_msg *message)
{
    struct interface_protocol *held[PROTOCOLS_TOLD];
    uint32_t count = protocols_hold(interface, held);
    const char *previous;
    uint32_t i;

    for (i = 0; i < count; i++) {
        if (held[i]->event != NULL) {
            previous = ksim_kext_call_begin(held[i]->owner, "event");
            held[i]->event(interface, held[i]->family, message);
            ksim_kext_call_end(previous);
        }
        ksim_protocol_release(held[i]);
    }
}

errno_t
ksim_interface_event_deliver(ifnet_t interface, struct kev_msg *message)
{
    ksim_interface_filter_event(interface, message);
    if (ksim_interface_io_begin(interface)) {
        protocols_tell(interface, message);
        if (interface->callbacks.event != NULL)
            ksim_callback_event(interface, message);
        ksim_interface_io_end(interface);
    }
    return ksim_event_post(message);
}

void
ksim_interface_post(ifnet_t interface, uint32_t subclass, uint32_t code,
                    struct net_event_data *data, uint32_t bytes)
{
    struct net_event_data plain;
    struct kev_msg message;

    if (data == NULL) {
        data = &plain;
        bytes = sizeof(plain);
    }
    machine_fill(&message, 0, sizeof(message));
    machine_fill(data, 0, sizeof(*data));
    data->if_family = interface->family;
    data->if_unit = interface->unit;
    machine_copy(data->if_name, interface->name, ksim_text_bytes(interface->name));
    message.vendor_code = KEV_VENDOR_APPLE;
    message.kev_class = KEV_NETWORK_CLASS;
    message.kev_subclass = subclass;
    message.event_code = code;
    message.dv[0].data_length = bytes;
    message.dv[0].data_ptr = data;
    ksim_interface_event_deliver(interface, &message);
}

errno_t
ifnet_event(ifnet_t interface, struct kern_event_msg *event)
{
    struct kev_msg message;

    ksim_kpi_enter("ifnet_event", KPI_MAY_BLOCK | KPI_CALLS_BACK);
    if (interface == NULL || event == NULL)
        return EINVAL;
    machine_fill(&message, 0, sizeof(message));
    message.vendor_code = event->vendor_code;
    message.kev_class = event->kev_class;
    message.kev_subclass = event->kev_subclass;
    message.event_code = event->event_code;
    /* Not validated: a total_size below the header's becomes a huge length. */
    message.dv[0].data_length = event->total_size - EVENT_HEADER_BYTES;
    message.dv[0].data_ptr = event->event_data;
    return ksim_interface_event_deliver(interface, &message);
}
