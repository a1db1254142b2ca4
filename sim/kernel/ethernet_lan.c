/* SPDX-License-Identifier: BSD-2-Clause */
#include <ethernet_lan.h>

#include <ethernet_nic.h>
#include <thread.h>

#include <sys/errno.h>

#define WIRE_DELAY_NS 250000

/* --- switches ------------------------------------------------------------------------------------ */

static void
switch_learn(struct lan_switch *device, const uint8_t *link, unsigned port)
{
    struct lan_learned *entry = NULL;

    if ((link[0] & 1) != 0) {
        return;
    }
    for (unsigned i = 0; i < LAN_ADDRESSES && entry == NULL; i++) {
        if (device->learned[i].used && wire_same(device->learned[i].link, link, WIRE_LINK_BYTES)) {
            entry = &device->learned[i];
        }
    }
    if (entry == NULL) {
        entry = &device->learned[device->next];
        device->next = (device->next + 1) % LAN_ADDRESSES;
    }
    entry->used = true;
    entry->port = port;
    machine_copy(entry->link, link, WIRE_LINK_BYTES);
}

/* True with the port that a frame goes to alone; false: to all. */
static bool
switch_find(const struct lan_switch *device, const uint8_t *link, unsigned *port)
{
    for (unsigned i = 0; i < LAN_ADDRESSES; i++) {
        if (device->learned[i].used && wire_same(device->learned[i].link, link, WIRE_LINK_BYTES)) {
            *port = device->learned[i].port;
            return true;
        }
    }
    return false;
}

static void
frame_deliver(struct lan_system *lan, const struct lan_frame *frame)
{
    struct lan_switch *device = &lan->switches[frame->segment];
    unsigned port, only = 0;
    bool one;

    switch_learn(device, frame->data + WIRE_LINK_BYTES, frame->from_port);
    one = switch_find(device, frame->data, &only);
    if (frame->segment == 0 && frame->from_port != LAN_PORT_MAC && (!one || only == LAN_PORT_MAC)) {
        ksim_ethernet_nic_receive(frame->data, frame->bytes);
    }
    for (unsigned i = 0; i < LAN_STATIONS; i++) {
        for (unsigned leg = 0; leg < LAN_LEGS; leg++) {
            port = 1 + LAN_LEGS * i + leg;
            if (lan->stations[i].legs[leg].used &&
                lan->stations[i].legs[leg].segment == frame->segment && port != frame->from_port &&
                (!one || only == port)) {
                lan_station_receive(&lan->stations[i], leg, frame->data, frame->bytes);
            }
        }
    }
}

/* --- wires --------------------------------------------------------------------------------------- */

void
lan_transmit(unsigned segment, unsigned from_port, const uint8_t *data, size_t bytes)
{
    struct lan_system *lan = ksim_current()->lan;
    size_t room = bytes < LAN_FRAME_LEAST_BYTES ? LAN_FRAME_LEAST_BYTES : bytes;
    struct lan_frame *frame;

    if (bytes > LAN_FRAME_MOST_BYTES || bytes < WIRE_ETHERNET_BYTES) {
        return;
    }
    frame = machine_allocate(sizeof(*frame) + room, "ethernet frame");
    frame->next = NULL;
    frame->due_ns = machine_now_ns() + WIRE_DELAY_NS;
    frame->segment = segment;
    frame->from_port = from_port;
    frame->bytes = room;
    machine_fill(frame->data, 0, room);
    machine_copy(frame->data, data, bytes);
    if (lan->first == NULL) {
        lan->first = frame;
    } else {
        lan->last->next = frame;
    }
    lan->last = frame;
    if (machine_fiber_blocked(lan->mover)) {
        machine_wake(lan->mover);
    }
}

/* Between the look at the queue and machine_block nothing yields, so no frame is overlooked. */
static void
mover_body(void *argument, wait_result_t result)
{
    struct lan_system *lan = argument;
    struct lan_frame *frame;

    (void)result;
    for (;;) {
        frame = lan->first;
        if (frame == NULL || frame->due_ns > machine_now_ns()) {
            (void)machine_block("lan", lan, frame == NULL ? 0 : frame->due_ns);
            continue;
        }
        lan->first = frame->next;
        frame_deliver(lan, frame);
        machine_free(frame);
    }
}

/* --- the network --------------------------------------------------------------------------------- */

static void
leg_make(struct lan_station *station, unsigned leg, unsigned segment, uint8_t last_byte,
         uint32_t address)
{
    static const uint8_t documentation[WIRE_LINK_BYTES] = {0x00, 0x00, 0x5e, 0x00, 0x53, 0x00};
    struct lan_leg *made = &station->legs[leg];

    made->used = true;
    made->segment = segment;
    made->address = address;
    made->prefix_bits = 24;
    machine_copy(made->link, documentation, WIRE_LINK_BYTES);
    made->link[5] = last_byte;
}

static struct lan_station *
station_make(struct lan_system *lan, unsigned index, const char *name)
{
    struct lan_station *station = &lan->stations[index];

    machine_format(station->name, sizeof(station->name), "%s", name);
    station->index = index;
    return station;
}

static void
route_set(struct lan_station *station, uint32_t gateway)
{
    station->routes[0] = (struct lan_route){0, 0, gateway};
    station->route_count = 1;
}

void
ksim_lan_boot(struct ksim *kernel)
{
    struct lan_system *lan = machine_allocate(sizeof(*lan), "lan");
    struct lan_station *station;
    struct thread *thread;

    machine_fill(lan, 0, sizeof(*lan));
    kernel->lan = lan;
    station = station_make(lan, 0, "desk");
    leg_make(station, 0, 0, 0x20, 0xc0a80114);
    route_set(station, 0xc0a80101);
    station = station_make(lan, 1, "router");
    station->forwards = true;
    leg_make(station, 0, 0, 0xfe, 0xc0a80101);
    leg_make(station, 1, 1, 0xfd, 0xcb007101);
    station = station_make(lan, 2, "outside");
    leg_make(station, 0, 1, 0x05, 0xcb007105);
    route_set(station, 0xcb007101);
    thread = ksim_thread_create("lan", true, mover_body, lan);
    lan->mover = thread->fiber;
    thread_deallocate((thread_t)thread);
}
