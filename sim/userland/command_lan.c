/* SPDX-License-Identifier: BSD-2-Clause */
/* lan: what somebody does on the other machines of the Ethernet. Not a program of the Mac's. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <lan_host.h>
#include <system.h>

#include "command_list.h"

#define WAIT_NS 1000000000ULL
#define STEP_NS 100000ULL

enum { IDENTIFIER = 0x6c61, PAYLOAD_BYTES = 56 };

struct hearing {
    struct ksim *kernel;
    uint16_t sequence;
    bool heard;
    uint8_t from[4], hop_limit;
    size_t bytes;
};

static void
hear(void *context, const char *name, const uint8_t from[4], uint16_t identifier,
     uint16_t sequence, uint8_t hop_limit, size_t bytes)
{
    struct hearing *hearing = context;

    (void)name;
    if (identifier != IDENTIFIER || sequence != hearing->sequence || hearing->heard)
        return;
    hearing->heard = true;
    memcpy(hearing->from, from, 4);
    hearing->hop_limit = hop_limit;
    hearing->bytes = bytes;
}

static void
stop_hearing(void *argument)
{
    struct hearing *hearing = argument;

    ksim_lan_echo_listen(hearing->kernel, NULL, NULL);
}

static bool
address_take(const char *text, uint8_t address[4])
{
    struct in_addr parsed;

    if (inet_aton(text, &parsed) == 0)
        return false;
    memcpy(address, &parsed.s_addr, 4);
    return true;
}

/* One request, with the words of ping -c 1 -t 1. */
static int
lan_ping(struct command_call *call, const char *host, const char *to)
{
    struct ksim_lan_host known = {0};
    uint16_t sequence;
    struct hearing *hearing = command_keep(call, sizeof(*hearing));
    uint64_t until_ns = ksim_system_time_ns() + WAIT_NS;
    uint8_t address[4];
    int error;

    if (!address_take(to, address)) {
        command_print(call, "ping: cannot resolve %s: Unknown host\n", to);
        return 68; /* EX_NOHOST */
    }
    (void)ksim_lan_host_find(call->kernel, host, &known);
    sequence = (uint16_t)known.seen.echo_replies;
    *hearing = (struct hearing){.kernel = call->kernel, .sequence = sequence};
    ksim_lan_echo_listen(call->kernel, hear, hearing);
    command_at_end(call, stop_hearing, hearing);
    error = ksim_lan_ping(call->kernel, host, address, IDENTIFIER, sequence, PAYLOAD_BYTES);
    if (error != 0) {
        command_print(call, "lan: %s: %s\n", host, ksim_error_text(error));
        return COMMAND_FAILED;
    }
    while (!hearing->heard && ksim_system_time_ns() < until_ns)
        (void)ksim_system_sleep(call->process, STEP_NS);
    if (!hearing->heard) {
        command_print(call, "%s: no answer from %s\n", host, to);
        return 2;
    }
    command_print(call, "%s: %u bytes from %u.%u.%u.%u: ttl=%u\n", host,
                  (unsigned)hearing->bytes + 8, hearing->from[0], hearing->from[1],
                  hearing->from[2], hearing->from[3], hearing->hop_limit);
    return COMMAND_OK;
}

static int
lan_route(struct command_call *call, const char *host, const char *network, const char *gateway)
{
    const char *slash = strchr(network, '/');
    char text[32] = {0};
    uint8_t to[4], through[4];
    int64_t bits = 32;
    int error;

    strncpy(text, network, sizeof(text) - 1);
    if (slash != NULL && (size_t)(slash - network) < sizeof(text))
        text[slash - network] = '\0';
    if ((slash != NULL && !command_number(slash + 1, 0, 32, &bits)) || !address_take(text, to) ||
        !address_take(gateway, through))
        return command_usage(call);
    error = ksim_lan_route_add(call->kernel, host, to, (unsigned)bits, through);
    if (error != 0) {
        command_print(call, "lan: %s: %s\n", host, ksim_error_text(error));
        return COMMAND_FAILED;
    }
    return COMMAND_OK;
}

static void
print_host(struct command_call *call, const struct ksim_lan_host *host)
{
    const uint8_t *at = host->address, *link = host->link;

    command_print(call, "%s %u.%u.%u.%u/%u %02x:%02x:%02x:%02x:%02x:%02x frames %llu\n", host->name,
                  at[0], at[1], at[2], at[3], host->prefix_bits, link[0], link[1], link[2], link[3],
                  link[4], link[5], (unsigned long long)host->seen.frames);
}

/* What a host saw last: who it was, as far as the host can tell. */
static int
lan_seen(struct command_call *call, const char *name)
{
    struct ksim_lan_host host;
    const struct ksim_lan_seen *seen = &host.seen;

    if (!ksim_lan_host_find(call->kernel, name, &host)) {
        command_print(call, "lan: %s: no such host\n", name);
        return COMMAND_FAILED;
    }
    command_print(call, "%s: %llu echo requests, %llu echo replies, last packet from %u.%u.%u.%u\n",
                  name, (unsigned long long)seen->echo_requests,
                  (unsigned long long)seen->echo_replies, seen->last_source[0],
                  seen->last_source[1], seen->last_source[2], seen->last_source[3]);
    return COMMAND_OK;
}

static int
run_lan(struct command_call *call)
{
    struct ksim_lan_host host;

    if (call->argc == 1) {
        for (unsigned i = 0; ksim_lan_host_at(call->kernel, i, &host); i++)
            print_host(call, &host);
        return COMMAND_OK;
    }
    if (call->argc == 3 && strcmp(call->argv[1], "cable") == 0) {
        ksim_lan_cable(call->kernel, strcmp(call->argv[2], "in") == 0);
        return COMMAND_OK;
    }
    if (call->argc == 3 && strcmp(call->argv[2], "seen") == 0)
        return lan_seen(call, call->argv[1]);
    if (call->argc == 4 && strcmp(call->argv[2], "ping") == 0)
        return lan_ping(call, call->argv[1], call->argv[3]);
    if (call->argc == 5 && strcmp(call->argv[2], "route") == 0)
        return lan_route(call, call->argv[1], call->argv[3], call->argv[4]);
    return command_usage(call);
}

const struct command command_lan = {
    "lan", "[HOST ping ADDRESS | HOST seen | HOST route NETWORK/BITS GATEWAY | cable in|out]",
    "do something on another machine of the Ethernet, or list them", run_lan};
