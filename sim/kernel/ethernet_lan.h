/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_ETHERNET_LAN_H
#define KSIM_ETHERNET_LAN_H

/*
 * The wires, switches and hosts behind en0; lan_host.h says what there is. Hosts are no part of the
 * emulated kernel: they share nothing with it but the frames. One kernel thread moves all frames,
 * which are delivered in the order of the time they are due, first sent first.
 */

#include <inet_wire.h>
#include <ksim.h>
#include <lan_host.h>

struct fiber;

enum {
    LAN_SEGMENTS = 2,
    LAN_STATIONS = 3,
    LAN_LEGS = 2,
    LAN_NEIGHBOURS = 16,
    LAN_ROUTES = 8,
    LAN_ADDRESSES = 64, /* that a switch remembers */
    LAN_FRAME_LEAST_BYTES = 60,
    LAN_FRAME_MOST_BYTES = 1514,
    LAN_PORT_MAC = 0, /* port of the Mac in segment 0 */
    LAN_NAME_BYTES = 16
};

/* One plug of a host. Its port number is 1 + 2 * station + leg. */
struct lan_leg {
    bool used;
    unsigned segment;
    uint8_t link[WIRE_LINK_BYTES];
    uint32_t address;
    unsigned prefix_bits;
};

struct lan_neighbour {
    bool used, known;
    unsigned leg;
    uint32_t address;
    uint8_t link[WIRE_LINK_BYTES];
    uint8_t *held; /* one IP packet that waits for the answer; a newer one takes its place */
    size_t held_bytes;
};

struct lan_route {
    uint32_t network;
    unsigned prefix_bits;
    uint32_t gateway;
};

struct lan_station {
    char name[LAN_NAME_BYTES];
    unsigned index;
    struct lan_leg legs[LAN_LEGS];
    bool forwards;
    struct lan_route routes[LAN_ROUTES];
    unsigned route_count;
    struct lan_neighbour neighbours[LAN_NEIGHBOURS];
    unsigned next_neighbour; /* to be forgotten for a new one */
    uint16_t next_identification;
    uint16_t udp_port; /* it sent from last */
    struct ksim_lan_seen seen;
};

struct lan_frame {
    struct lan_frame *next;
    uint64_t due_ns;
    unsigned segment, from_port;
    size_t bytes;
    uint8_t data[];
};

struct lan_learned {
    bool used;
    uint8_t link[WIRE_LINK_BYTES];
    unsigned port;
};

struct lan_switch {
    struct lan_learned learned[LAN_ADDRESSES];
    unsigned next; /* to be forgotten for a new one */
};

struct lan_system {
    struct lan_switch switches[LAN_SEGMENTS];
    struct lan_station stations[LAN_STATIONS];
    struct lan_frame *first, *last; /* on the wires, by due time */
    struct fiber *mover;
    ksim_lan_echo_listener echo_listener;
    void *echo_context;
};

/* Makes the LAN and its thread. After threads; before the NIC. */
void ksim_lan_boot(struct ksim *kernel);

/*
 * A frame leaves a plug: copied, padded to 60 bytes, and delivered later on the LAN's thread. Any thread,
 * no lock needed; never blocks. More than 1514 bytes do not fit on the wire: the frame is lost.
 */
void lan_transmit(unsigned segment, unsigned from_port, const uint8_t *frame, size_t bytes);

/* --- lan_station.c ------------------------------------------------------------------------------- */

/* A frame arrives at a plug. */
void lan_station_receive(struct lan_station *station, unsigned leg, const uint8_t *frame,
                         size_t bytes);
/*
 * Sends an IP packet that begins at `datagram` (checksums done) on its way: route, ARP, frame. False:
 * no route.
 */
bool lan_station_send(struct lan_station *station, const uint8_t *datagram, size_t bytes);
/* The leg whose network has this address, or whose gateway leads there; -1: none. */
int lan_station_route(const struct lan_station *station, uint32_t destination, uint32_t *next_hop);
/* Builds an IP packet around a message and sends it from the address of the leg that leads there. */
bool lan_station_send_message(struct lan_station *station, uint32_t destination, uint8_t protocol,
                              const uint8_t *message, size_t bytes);
/* The address a packet to `destination` would carry as its source; 0: no route. */
uint32_t lan_station_source(const struct lan_station *station, uint32_t destination);

/* --- lan_service.c ------------------------------------------------------------------------------- */

/* What a host does with an IP packet that is for it: header accepted, `bytes` its total length. */
void lan_service_input(struct lan_station *station, const uint8_t *datagram, size_t bytes);
/* An ICMP error about a packet. Never about an ICMP error. */
void lan_service_error(struct lan_station *station, const uint8_t *datagram, size_t bytes,
                       uint8_t type, uint8_t code);

#endif
