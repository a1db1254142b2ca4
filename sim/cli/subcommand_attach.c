/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <attach.h>
#include <machine.h>

#include "host_clock.h"
#include "host_tap.h"
#include "kernel_option.h"
#include "number_text.h"
#include "subcommand.h"

enum { OPTION_DEVICE = 1000, OPTION_HOST_TAP, OPTION_ADDRESS, OPTION_ADDRESS6, OPTION_PEER, OPTION_MTU,
       OPTION_OUT, OPTION_KERNEL, OPTION_HELP };

static const struct option long_options[] = {
    {"device", required_argument, NULL, OPTION_DEVICE},
    {"dev", required_argument, NULL, OPTION_DEVICE},
    {"host-tap", required_argument, NULL, OPTION_HOST_TAP},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"address6", required_argument, NULL, OPTION_ADDRESS6},
    {"peer", required_argument, NULL, OPTION_PEER},
    {"mtu", required_argument, NULL, OPTION_MTU},
    {"out", required_argument, NULL, OPTION_OUT},
    {"kernel", required_argument, NULL, OPTION_KERNEL},
    {"help", no_argument, NULL, OPTION_HELP},
    {NULL, 0, NULL, 0},
};

static volatile sig_atomic_t interrupted;

struct session {
    struct attach_options options;
    const char *host_tap;
    bool has_peer;
    int fd;
};

static void
print_help(void)
{
    puts("usage: tuntapsim attach --dev DEVICE --host-tap NAME [--address A.B.C.D/N] [--address6 A/N]\n"
         "                        [--peer A.B.C.D] [--mtu N] [--out FILE.pcap] [--kernel darwinN]\n"
         "\n"
         "Joins /dev/DEVICE of an emulated Mac and the interface NAME of this host, in real time, until\n"
         "it is interrupted (^C): what one side sends the other receives. Linux; needs the right to make\n"
         "interfaces. A tapN is joined with a tap of the host, a tunN with a tun.\n"
         "\n"
         "  --address A/N    IPv4 address of the Mac; default 10.9.0.1/24\n"
         "  --peer A         the other end of a tun; default the Mac's address with its last bits changed\n"
         "  --address6 A/N   IPv6 address of the Mac; default fd09::1/64\n"
         "  --out FILE       what tcpdump on the Mac sees, as a capture\n"
         "\n"
         "Exit status: 0 ended by the user, 1 the emulated machine failed, 2 bad input or no interface.");
}

/* --- the wire ---------------------------------------------------------------------------------- */

static int64_t
wire_receive(void *context, void *buffer, size_t bytes)
{
    struct session *session = context;
    ssize_t length = read(session->fd, buffer, bytes);

    if (length >= 0)
        return length;
    /* EIO: the host's interface is not up yet. */
    return errno == EAGAIN || errno == EINTR || errno == EIO ? 0 : -errno;
}

static int
wire_send(void *context, const void *packet, size_t bytes)
{
    struct session *session = context;

    return write(session->fd, packet, bytes) == (ssize_t)bytes ? 0 : -errno;
}

static uint64_t
wire_wait(void *context, uint64_t timeout_ns)
{
    struct session *session = context;
    struct pollfd poll_fd = {.fd = session->fd, .events = POLLIN};
    uint64_t begin_ns = host_clock_ns();
    int ready = poll(&poll_fd, 1, (int)((timeout_ns + 999999) / 1000000));

    /* A tap that is down is always "ready", with an error: do not spin on it. */
    if (ready > 0 && (poll_fd.revents & POLLIN) == 0)
        usleep((useconds_t)(timeout_ns / 1000));
    return host_clock_ns() - begin_ns;
}

static bool
wire_ended(void *context)
{
    (void)context;
    return interrupted != 0;
}

static void
say_ready(void *context)
{
    struct session *session = context;

    printf("%s of an emulated Mac is attached to %s; ^C ends it\n", session->options.device,
           session->host_tap);
    fflush(stdout);
}

static void
note_interrupt(int signal)
{
    interrupted = signal;
}

/* --- arguments --------------------------------------------------------------------------------- */

static bool
complain(const char *option, const char *text)
{
    fprintf(stderr, "tuntapsim: attach: %s: not understood: %s\n", option, text);
    return false;
}

static bool
parse_number(const char *option, const char *text, unsigned least, unsigned most, unsigned *value)
{
    uint64_t number;

    if (!number_text_parse(text, least, most, &number))
        return complain(option, text);
    *value = (unsigned)number;
    return true;
}

/* "ADDRESS/PREFIX" of a family. */
static bool
parse_address(const char *option, int family, const char *text, uint8_t *address, unsigned *prefix)
{
    const char *slash = strchr(text, '/');
    char host[INET6_ADDRSTRLEN];

    if (slash == NULL || (size_t)(slash - text) >= sizeof(host))
        return complain(option, text);
    memcpy(host, text, (size_t)(slash - text));
    host[slash - text] = '\0';
    if (inet_pton(family, host, address) != 1)
        return complain(option, text);
    return parse_number(option, slash + 1, 1, family == AF_INET ? 32 : 128, prefix);
}

static bool
parse_option(struct session *session, int option)
{
    struct attach_options *options = &session->options;
    unsigned mtu;

    switch (option) {
    case OPTION_DEVICE:
        options->device = optarg;
        return true;
    case OPTION_HOST_TAP:
        session->host_tap = optarg;
        return true;
    case OPTION_ADDRESS:
        return parse_address("--address", AF_INET, optarg, options->ip4, &options->ip4_prefix);
    case OPTION_ADDRESS6:
        return parse_address("--address6", AF_INET6, optarg, options->ip6, &options->ip6_prefix);
    case OPTION_PEER:
        session->has_peer = true;
        return inet_pton(AF_INET, optarg, options->ip4_peer) == 1 || complain("--peer", optarg);
    case OPTION_MTU:
        if (!parse_number("--mtu", optarg, 72, 65535, &mtu))
            return false;
        options->mtu = (int)mtu;
        return true;
    case OPTION_OUT:
        options->out_path = optarg;
        return true;
    case OPTION_KERNEL:
        return kernel_option_parse("attach", optarg, &options->darwin_major);
    default:
        return false; /* getopt has said why */
    }
}

static void
set_defaults(struct session *session)
{
    struct attach_options *options = &session->options;

    options->has_ip4 = options->has_ip6 = true;
    parse_address("--address", AF_INET, "10.9.0.1/24", options->ip4, &options->ip4_prefix);
    parse_address("--address6", AF_INET6, "fd09::1/64", options->ip6, &options->ip6_prefix);
}

static int
run(struct session *session)
{
    const struct attach_wire wire = {wire_receive, wire_send, wire_wait, wire_ended, session};
    const struct sigaction action = {.sa_handler = note_interrupt};
    struct attach_result result;
    char error[ATTACH_ERROR_BYTES];
    int status = EXIT_STATUS_OK;

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!attach_run(&session->options, &wire, say_ready, &result, error)) {
        fprintf(stderr, "tuntapsim: attach: %s\n", error);
        return EXIT_STATUS_BAD_INPUT;
    }
    printf("to the Mac %" PRIu64 " packets, %" PRIu64 " refused; from the Mac %" PRIu64 ", %" PRIu64
           " not taken\n", result.to_mac, result.to_mac_refused, result.from_mac,
           result.from_mac_lost);
    if (result.outcome != MACHINE_OK) {
        fputs(result.report, stderr);
        status = EXIT_STATUS_FAILED;
    }
    attach_result_free(&result);
    return status;
}

int
subcommand_attach(int argc, char **argv)
{
    struct session session = {.fd = -1};
    char error[HOST_TAP_ERROR_BYTES];
    int option, status;

    set_defaults(&session);
    optind = 1;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == OPTION_HELP) {
            print_help();
            return EXIT_STATUS_OK;
        }
        if (!parse_option(&session, option))
            return EXIT_STATUS_BAD_INPUT;
    }
    if (optind != argc || session.options.device == NULL || session.host_tap == NULL) {
        fputs("tuntapsim: attach: --dev and --host-tap are needed, and nothing else; see --help\n",
              stderr);
        return EXIT_STATUS_BAD_INPUT;
    }
    if (!session.has_peer) {
        memcpy(session.options.ip4_peer, session.options.ip4, sizeof(session.options.ip4));
        session.options.ip4_peer[3] ^= 3;
    }
    session.fd = host_tap_open(session.host_tap, strncmp(session.options.device, "tap", 3) == 0, error);
    if (session.fd < 0) {
        fprintf(stderr, "tuntapsim: attach: %s\n", error);
        return EXIT_STATUS_BAD_INPUT;
    }
    status = run(&session);
    close(session.fd);
    return status;
}
