/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_IP_NAT_H
#define KSIM_IP_NAT_H

/*
 * Network address translation, the part of pf that `nat on en0 from tun0:network to any -> (en0)`
 * asks for (pf.conf(5)). Each flow that leaves through the rule's interface gets a state: TCP and
 * UDP their source port and ICMP echo its identifier changed to the next free one of 50001 to 65535 (pf
 * takes a random one), other protocols only the address. Packets that come back for a state are
 * changed the other way, and so are ICMP errors about it, in both directions, down to the packet
 * they quote. Checksums are adjusted by the difference (RFC 1624), so a packet that was wrong stays so.
 *
 * A state ends some time after its last packet, in virtual time: pf's default timeouts. There may be
 * 10,000 (pf's default limit); a flow that finds neither state nor port is refused. pf numbers states by
 * both ends of a flow, so one port may serve several. Nothing is filtered: what no rule names passes.
 */

#include <inet_stack.h>
#include <nat_host.h>

enum {
    NAT_RULES_MAX = 32,
    NAT_STATES_MAX = 10000,
    NAT_PORT_FIRST = 50001,
    NAT_PORT_LAST = 65535
};

/* How far a TCP end, or either end of other protocols, has come. */
enum nat_progress { NAT_NOTHING, NAT_OPENING, NAT_ESTABLISHED, NAT_CLOSING, NAT_RESET };

struct nat_state {
    struct nat_state *next; /* newest first */
    ifnet_t interface;      /* whose rule made it */
    uint8_t protocol;
    uint32_t inside, mapped, remote;
    uint16_t inside_port, mapped_port, remote_port; /* ICMP: the identifier twice, and 0 */
    uint64_t until_ns;
    enum nat_progress progress[2]; /* of the inside, of the remote */
};

struct nat_system {
    bool enabled;
    struct ksim_nat_rule rules[NAT_RULES_MAX];
    unsigned rule_count;
    struct nat_state *states;
    unsigned state_count;
    uint16_t next_port;
};

/* Boot with the stack. */
void ksim_nat_boot(struct inet_system *inet);

enum nat_verdict { NAT_PASSED, NAT_TRANSLATED, NAT_REFUSED };

/*
 * A whole IPv4 packet leaves through an interface: `datagram` is changed in place. Fragments, and ICMP that
 * is neither echo nor an error, pass as they are. A flow that a rule names and that finds no address, port
 * or room for a state is refused.
 */
enum nat_verdict ksim_nat_output(ifnet_t interface, uint8_t *datagram, size_t bytes);

/* A packet came in: true when it belonged to a state and was changed. Fragments pass. */
bool ksim_nat_input(uint8_t *datagram, size_t bytes);

/* True when fragments that came in for this destination have to be joined before they are routed. */
bool ksim_nat_joins(ifnet_t interface, uint32_t destination);

/* Forgets all states; their number. */
unsigned ksim_nat_flush(void);

/* --- ip_nat_packet.c ------------------------------------------------------------------------------- */

/* What translation reads and changes in one packet; pointers into it. */
struct nat_view {
    uint8_t *header; /* IPv4 */
    uint8_t *message;
    size_t message_bytes;
    uint8_t protocol;
    bool error;       /* an ICMP error: `quoted` is set */
    uint16_t source_port, destination_port;
    uint8_t tcp_flags;
    struct nat_quote {
        uint8_t *header, *message;
        size_t message_bytes;
        uint8_t protocol;
        uint32_t source, destination;
        uint16_t source_port, destination_port;
    } quoted;
};

/* Reads a packet; false for a fragment, or one too short to tell. */
bool nat_view_read(struct nat_view *view, uint8_t *datagram, size_t bytes);
/* Changes an end of the packet, with the checksums of both headers. */
void nat_view_set_source(struct nat_view *view, uint32_t address, uint16_t port);
void nat_view_set_destination(struct nat_view *view, uint32_t address, uint16_t port);
/* The same in the packet that an ICMP error quotes, with the checksum of the error. */
void nat_view_set_quoted_source(struct nat_view *view, uint32_t address, uint16_t port);
void nat_view_set_quoted_destination(struct nat_view *view, uint32_t address, uint16_t port);

#endif
