/* SPDX-License-Identifier: BSD-2-Clause */
/* ping and ping6, as network_cmds has them: one echo a second, times of the virtual clock. */
#include <string.h>

#include <system.h>

#include "command_list.h"
#include "echo_desk.h"
#include "host_address.h"
#include "terminal.h"

#define SECOND_NS UINT64_C(1000000000)

enum {
    ICMP_BYTES = 8,
    PAYLOAD_DEFAULT = 56, PAYLOAD6_DEFAULT = 8, PAYLOAD_MAX = 65507,
    TIMESTAMP_BYTES = 8, /* what the payload needs for a time to be measured */
    WAIT_LAST_NS_PER_S = 10, /* seconds to wait for the last answer when none came */
    SEEN_BITS = 65536,
    EXIT_NO_ANSWER = 2, EXIT_USAGE = 64, EXIT_NO_HOST = 68
};

struct ping {
    struct command_call *call;
    const char *host;
    struct ksim_inet_address to;
    struct echo_customer customer;
    uint64_t interval_ns, deadline_ns; /* 0 = none */
    int64_t count;
    size_t payload_bytes;
    bool quiet;
    uint64_t sent, received, repeated, missed_most;
    uint64_t sent_ns[SEEN_BITS];
    uint8_t seen[SEEN_BITS / 8];
    uint64_t least_us, most_us, sum_us, squares_us; /* round-trip times; squares of microseconds */
    uint8_t payload[PAYLOAD_MAX + 1];
};

/* --- words ------------------------------------------------------------------------------------- */

static int
usage(struct command_call *call, bool inet6)
{
    if (inet6)
        command_print(call, "usage: ping6 [-q] [-c count] [-i wait] [-s packetsize] host\n");
    else
        command_print(call, "usage: ping [-q] [-c count] [-i wait] [-s packetsize] [-t timeout] "
                            "host\n");
    return inet6 ? COMMAND_FAILED : EXIT_USAGE;
}

static int
refuse(struct command_call *call, const char *what, const char *word)
{
    command_print(call, "%s: invalid %s: `%s'\n", call->argv[0], what, word);
    return EXIT_USAGE;
}

/* One option with its argument; 0 or the exit status. */
static int
take_option(struct ping *ping, const char *option, const char *argument)
{
    struct command_call *call = ping->call;
    bool inet6 = ping->to.family == 6;
    uint64_t duration_ns;
    int64_t number;

    if (argument == NULL)
        return usage(call, inet6);
    switch (option[1]) {
    case 'c':
        if (!command_number(argument, 1, INT32_MAX, &ping->count))
            return refuse(call, "count of packets to transmit", argument);
        return 0;
    case 'i':
        if (!command_seconds(argument, &ping->interval_ns) || ping->interval_ns == 0)
            return refuse(call, "timing interval", argument);
        return 0;
    case 's':
        if (!command_number(argument, 0, PAYLOAD_MAX, &number))
            return refuse(call, "packet size", argument);
        ping->payload_bytes = (size_t)number;
        return 0;
    case 't':
        if (inet6)
            return usage(call, inet6);
        if (!command_seconds(argument, &duration_ns) || duration_ns == 0)
            return refuse(call, "timeout", argument);
        ping->deadline_ns = ksim_system_time_ns() + duration_ns;
        return 0;
    default:
        return usage(call, inet6);
    }
}

static int
take_words(struct ping *ping)
{
    struct command_call *call = ping->call;
    bool inet6 = ping->to.family == 6;
    int i = 1, status;

    for (; i < call->argc && call->argv[i][0] == '-'; i++) {
        if (strcmp(call->argv[i], "-q") == 0) {
            ping->quiet = true;
            continue;
        }
        status = take_option(ping, call->argv[i], i + 1 < call->argc ? call->argv[i + 1] : NULL);
        if (status != 0)
            return status;
        i++;
    }
    if (i + 1 != call->argc)
        return usage(call, inet6);
    ping->host = call->argv[i];
    if (inet6 ? !host_parse6(ping->host, &ping->to) : !host_parse4(ping->host, &ping->to)) {
        if (inet6)
            command_print(call, "ping6: nodename nor servname provided, or not known\n");
        else
            command_print(call, "ping: cannot resolve %s: Unknown host\n", ping->host);
        return inet6 ? COMMAND_FAILED : EXIT_NO_HOST;
    }
    return 0;
}

/* --- sending ------------------------------------------------------------------------------------ */

static bool
is_measured(const struct ping *ping)
{
    return ping->payload_bytes >= TIMESTAMP_BYTES;
}

/* The payload begins with the time, seconds and microseconds. */
static void
stamp(struct ping *ping)
{
    uint64_t now_us = ksim_system_calendar_ns() / 1000;
    uint32_t numbers[2] = {(uint32_t)(now_us / 1000000), (uint32_t)(now_us % 1000000)};

    for (int i = 0; i < TIMESTAMP_BYTES; i++)
        ping->payload[i] = (uint8_t)(numbers[i / 4] >> (24 - 8 * (i % 4)));
}

static void
send_one(struct ping *ping)
{
    uint16_t sequence = (uint16_t)ping->sent;
    int error;

    if (is_measured(ping))
        stamp(ping);
    ping->sent_ns[sequence] = ksim_system_time_ns();
    ping->seen[sequence / 8] &= (uint8_t)~(1u << (sequence % 8));
    error = ksim_echo_send(ping->call->kernel, &ping->to, ping->customer.identifier, sequence,
                           ping->payload, ping->payload_bytes);
    if (error != 0)
        command_print(ping->call, "%s: %s: %s\n", ping->call->argv[0],
                      ping->to.family == 6 ? "sendmsg" : "sendto", ksim_error_text(error));
    if (error != 0 && ping->to.family == 6)
        command_print(ping->call, "ping6: wrote %s %zu chars, ret=-1\n", ping->host,
                      ping->payload_bytes + ICMP_BYTES);
    ping->sent++;
}

/* --- answers ------------------------------------------------------------------------------------ */

static void
note_time(struct ping *ping, uint64_t trip_us)
{
    if (ping->sum_us == 0 && ping->squares_us == 0)
        ping->least_us = trip_us;
    ping->least_us = trip_us < ping->least_us ? trip_us : ping->least_us;
    ping->most_us = trip_us > ping->most_us ? trip_us : ping->most_us;
    ping->sum_us += trip_us;
    ping->squares_us += trip_us * trip_us;
}

static void
print_reply(struct ping *ping, const struct echo_reply *reply, uint64_t trip_us, bool again)
{
    struct ksim_interface_status interface;
    char text[HOST_TEXT_BYTES];
    const char *scope = NULL;
    bool inet6 = reply->family == 6;

    if (inet6 && host_is_link_local(reply->from)) {
        for (unsigned i = 0; scope == NULL && ksim_system_interface(i, &interface); i++)
            scope = interface.index == ping->to.interface_index ? interface.name : NULL;
    }
    host_text(text, reply->family, reply->from, scope);
    command_print(ping->call, inet6 ? "%zu bytes from %s, icmp_seq=%u hlim=%u"
                                    : "%zu bytes from %s: icmp_seq=%u ttl=%u",
                  reply->bytes + ICMP_BYTES, text, reply->sequence, reply->hop_limit);
    if (is_measured(ping))
        command_print(ping->call, " time=%llu.%03llu ms", (unsigned long long)(trip_us / 1000),
                      (unsigned long long)(trip_us % 1000));
    if (again)
        command_print(ping->call, inet6 ? "(DUP!)" : " (DUP!)");
    command_print(ping->call, "\n");
}

static void
take_reply(struct ping *ping, const struct echo_reply *reply)
{
    uint64_t trip_us = (reply->came_ns - ping->sent_ns[reply->sequence]) / 1000;
    uint8_t *seen = &ping->seen[reply->sequence / 8];
    uint8_t bit = (uint8_t)(1u << (reply->sequence % 8));
    bool again = (*seen & bit) != 0;

    if (is_measured(ping))
        note_time(ping, trip_us);
    if (again)
        ping->repeated++;
    else
        ping->received++;
    *seen |= bit;
    if (!ping->quiet)
        print_reply(ping, reply, trip_us, again);
}

/* --- the end ------------------------------------------------------------------------------------ */

static uint64_t
square_root(uint64_t square)
{
    uint64_t root = 0;

    for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1) {
        if ((root + bit) * (root + bit) <= square)
            root += bit;
    }
    return root;
}

static void
print_times(struct ping *ping)
{
    uint64_t count = ping->received + ping->repeated, mean = ping->sum_us / count;
    uint64_t square_mean = ping->squares_us / count;
    uint64_t values[4] = {ping->least_us, mean, ping->most_us,
                          square_mean > mean * mean ? square_root(square_mean - mean * mean) : 0};

    command_print(ping->call, "round-trip min/avg/max/%s = ",
                  ping->to.family == 6 ? "std-dev" : "stddev");
    for (int i = 0; i < 4; i++)
        command_print(ping->call, "%s%llu.%03llu", i == 0 ? "" : "/",
                      (unsigned long long)(values[i] / 1000),
                      (unsigned long long)(values[i] % 1000));
    command_print(ping->call, " ms\n");
}

static int
finish(struct ping *ping)
{
    uint64_t lost = ping->sent > ping->received ? ping->sent - ping->received : 0;

    command_print(ping->call, "\n--- %s %s statistics ---\n", ping->host,
                  ping->to.family == 6 ? "ping6" : "ping");
    command_print(ping->call, "%llu packets transmitted, %llu packets received, ",
                  (unsigned long long)ping->sent, (unsigned long long)ping->received);
    if (ping->repeated != 0)
        command_print(ping->call, "+%llu duplicates, ", (unsigned long long)ping->repeated);
    if (ping->sent != 0) {
        uint64_t tenths = (lost * 2000 + ping->sent) / (ping->sent * 2);

        command_print(ping->call, "%llu.%llu%% packet loss", (unsigned long long)(tenths / 10),
                      (unsigned long long)(tenths % 10));
    }
    command_print(ping->call, "\n");
    if (ping->received != 0 && is_measured(ping))
        print_times(ping);
    return ping->received != 0 ? COMMAND_OK : EXIT_NO_ANSWER;
}

static bool
is_interrupted(const struct ping *ping)
{
    return ksim_process_signals_caught(ping->call->process, KSIM_SIGINT) != 0 ||
           (ping->deadline_ns != 0 && ksim_system_time_ns() >= ping->deadline_ns);
}

/*
 * Waits until `until_ns` and prints what comes meanwhile. True: the answers that were wanted are there, or
 * somebody stopped it.
 */
static bool
wait_until(struct ping *ping, uint64_t until_ns)
{
    struct echo_reply reply;

    if (ping->deadline_ns != 0 && ping->deadline_ns < until_ns)
        until_ns = ping->deadline_ns;
    for (;;) {
        unsigned came = ping->customer.came;
        uint64_t now_ns;

        while (echo_customer_take(&ping->customer, &reply)) {
            take_reply(ping, &reply);
            if (ping->count != 0 && ping->received >= (uint64_t)ping->count)
                return true;
        }
        now_ns = ksim_system_time_ns();
        if (is_interrupted(ping))
            return true;
        if (now_ns >= until_ns)
            return false;
        (void)ksim_system_sleep_unless(ping->call->process, &ping->customer.came, came,
                                       until_ns - now_ns);
    }
}

/* One more answer is missing than ever before: ping says so, for IPv4. */
static void
note_missing(struct ping *ping)
{
    if (ping->sent < ping->received + 1 + ping->missed_most + 1)
        return;
    ping->missed_most = ping->sent - ping->received - 1;
    if (!ping->quiet && ping->to.family == 4)
        command_print(ping->call, "Request timeout for icmp_seq %u\n",
                      (unsigned)(uint16_t)(ping->sent - 2));
}

static void
ping_until_done(struct ping *ping)
{
    uint64_t next_ns = ksim_system_time_ns();
    bool last = false;

    send_one(ping);
    next_ns += ping->interval_ns;
    while (!wait_until(ping, next_ns)) {
        if (ping->count == 0 || ping->sent < (uint64_t)ping->count) {
            send_one(ping);
            next_ns = ksim_system_time_ns() + ping->interval_ns;
        } else if (last) {
            break;
        } else {
            /* Nothing more to send: twice the longest time, or long when nothing ever came. */
            last = true;
            next_ns = ksim_system_time_ns() +
                      (ping->received != 0
                           ? (2 * ping->most_us / 1000000 + (ping->most_us < 500000)) * SECOND_NS
                           : WAIT_LAST_NS_PER_S * SECOND_NS);
        }
        note_missing(ping);
    }
}

static void
leave_desk(void *argument)
{
    struct ping *ping = argument;

    echo_desk_leave(terminal_echo_desk(ping->call->terminal), &ping->customer);
}

static void
print_begin4(struct ping *ping)
{
    char text[HOST_TEXT_BYTES];

    command_print(ping->call, "PING %s (%s): %zu data bytes\n", ping->host,
                  host_text(text, 4, ping->to.bytes, NULL), ping->payload_bytes);
}

/* The first line of ping6 says where the packets will come from; false: there is no way to the host. */
static bool
print_begin6(struct ping *ping)
{
    struct ksim_route_way way;
    char source[HOST_TEXT_BYTES], target[HOST_TEXT_BYTES];
    int result = ksim_system_route_way(6, ping->to.bytes, ping->to.interface_index, &way);
    const char *scope = host_is_link_local(ping->to.bytes) ? way.interface : NULL;

    if (result < 0) {
        command_print(ping->call, "ping6: UDP connect: %s\n", ksim_error_text(-result));
        return false;
    }
    command_print(ping->call, "PING6(%zu=40+8+%zu bytes) %s --> %s\n", 48 + ping->payload_bytes,
                  ping->payload_bytes, host_text(source, 6, way.source, scope),
                  host_text(target, 6, ping->to.bytes, scope));
    return true;
}

static int
run_either(struct command_call *call, uint8_t family)
{
    struct ping *ping = command_keep(call, sizeof(*ping));
    int status;

    ping->call = call;
    ping->to.family = family;
    ping->interval_ns = SECOND_NS;
    ping->payload_bytes = family == 4 ? PAYLOAD_DEFAULT : PAYLOAD6_DEFAULT;
    status = take_words(ping);
    if (status != 0)
        return status;
    for (size_t i = TIMESTAMP_BYTES; i < ping->payload_bytes; i++)
        ping->payload[i] = (uint8_t)i;
    ping->customer.identifier = (uint16_t)ksim_process_pid(call->process);
    ping->customer.family = family;
    ksim_signal_set(call->process, KSIM_SIGINT, KSIM_SIGNAL_CATCH);
    if (family == 4)
        print_begin4(ping);
    else if (!print_begin6(ping))
        return COMMAND_FAILED;
    echo_desk_enter(terminal_echo_desk(call->terminal), call->kernel, &ping->customer);
    command_at_end(call, leave_desk, ping);
    ping_until_done(ping);
    return finish(ping);
}

static int
run_ping(struct command_call *call)
{
    return run_either(call, 4);
}

static int
run_ping6(struct command_call *call)
{
    return run_either(call, 6);
}

const struct command command_ping = {
    "ping", "[-q] [-c COUNT] [-i SECONDS] [-s BYTES] [-t SECONDS] HOST",
    "ask a host for echoes; ends with SIGINT", run_ping};
const struct command command_ping6 = {"ping6", "[-q] [-c COUNT] [-i SECONDS] [-s BYTES] HOST",
                                      "the same with IPv6", run_ping6};
