/* SPDX-License-Identifier: BSD-2-Clause */
/* tcpdump: packets of an interface, through /dev/bpf and libpcap's filter compiler. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>

#include "bpf_client.h"
#include "capture_load.h"
#include "clock_text.h"
#include "command_list.h"
#include "interface_request.h"
#include "packet_text.h"
#include "terminal.h"

enum { SNAPSHOT_BYTES = 262144, FILTER_BYTES = 2048, PATH_BYTES = 1024, LINK_NAME_BYTES = 32 };

struct tcpdump {
    struct command_call *call;
    const char *interface, *write_path, *read_path;
    const char *direction; /* "in", "inout"; "out" BPF has not */
    int64_t count; /* 0 = no limit */
    bool hex, no_stamp, no_promiscuous;
    struct packet_text_options text;
    char filter[FILTER_BYTES];
    struct bpf_program program;
    bool has_program;
    struct bpf_client bpf;
    struct capture_writer *writer;
    int64_t captured;
    uint8_t buffer[BPF_BUFFER_BYTES];
};

/* --- words ------------------------------------------------------------------------------------- */

static int
usage(struct command_call *call)
{
    command_print(call, "usage: tcpdump [-enpqtx] [-c count] [-i interface] [-Q in|out|inout] [-r file] "
                        "[-w file] [expression]\n");
    return COMMAND_FAILED;
}

static bool
take_letter(struct tcpdump *dump, char letter)
{
    switch (letter) {
    case 'e':
        dump->text.link_header = true;
        return true;
    case 'n':
        dump->text.names = false;
        return true;
    case 'p':
        dump->no_promiscuous = true;
        return true;
    case 't':
        dump->no_stamp = true;
        return true;
    case 'x':
        dump->hex = true;
        return true;
    case 'S': /* numbers of TCP are absolute anyhow */
    case 'U':
    case 'l':
        return true;
    default:
        return false;
    }
}

/* One word of options; *at goes behind its argument. */
static bool
take_option(struct tcpdump *dump, int *at)
{
    struct command_call *call = dump->call;

    for (const char *letter = call->argv[*at] + 1; *letter != '\0'; letter++) {
        const char *argument = letter[1] != '\0' ? letter + 1
                               : *at + 1 < call->argc ? call->argv[*at + 1]
                                                      : NULL;

        if (take_letter(dump, *letter))
            continue;
        if (strchr("ciQrw", *letter) == NULL || argument == NULL)
            return false;
        if (*letter == 'c' && !command_number(argument, 1, INT32_MAX, &dump->count))
            return false;
        if (*letter == 'i')
            dump->interface = argument;
        else if (*letter == 'Q')
            dump->direction = argument;
        else if (*letter == 'r')
            dump->read_path = argument;
        else if (*letter == 'w')
            dump->write_path = argument;
        *at += letter[1] == '\0';
        break;
    }
    (*at)++;
    return true;
}

static bool
take_words(struct tcpdump *dump)
{
    struct command_call *call = dump->call;
    size_t length = 0;
    int at = 1;

    while (at < call->argc && call->argv[at][0] == '-') {
        if (!take_option(dump, &at))
            return false;
    }
    for (; at < call->argc; at++) {
        int more = snprintf(dump->filter + length, FILTER_BYTES - length, "%s%s",
                            length == 0 ? "" : " ", call->argv[at]);

        if (more < 0 || (size_t)more >= FILTER_BYTES - length)
            return false;
        length += (size_t)more;
    }
    return true;
}

/* Files are those of the folder in which the session runs, and no others. */
static bool
path_is_allowed(struct tcpdump *dump, const char *path)
{
    if (path[0] != '/' && strstr(path, "..") == NULL)
        return true;
    command_print(dump->call, "tcpdump: %s: Permission denied\n", path);
    return false;
}

/* --- filter ------------------------------------------------------------------------------------ */

static bool
compile_filter(struct tcpdump *dump, int link)
{
    pcap_t *dead = pcap_open_dead(link, SNAPSHOT_BYTES);
    bool good = dead != NULL && pcap_compile(dead, &dump->program, dump->filter, 1,
                                             PCAP_NETMASK_UNKNOWN) == 0;

    if (!good)
        command_print(dump->call, "tcpdump: %s\n",
                      dead != NULL ? pcap_geterr(dead) : "out of memory");
    dump->has_program = good;
    if (dead != NULL)
        pcap_close(dead);
    return good;
}

/* --- packets ----------------------------------------------------------------------------------- */

static void
print_packet(struct tcpdump *dump, int link, const struct bpf_client_packet *packet)
{
    struct text line = {0};
    char stamp[CLOCK_TEXT_BYTES];

    if (!dump->no_stamp)
        text_add(&line, "%s ", clock_text_stamp(stamp, packet->calendar_ns));
    packet_text_add(&line, link, packet->bytes, packet->captured, packet->original, &dump->text);
    text_add(&line, "\n");
    if (dump->hex) {
        size_t header = link == CAPTURE_LINK_ETHERNET ? 14 : link == CAPTURE_LINK_NULL ? 4 : 0;

        if (packet->captured > header)
            packet_text_add_hex(&line, packet->bytes + header, packet->captured - header);
    }
    command_print(dump->call, "%s", text_bytes(&line));
    text_free(&line);
}

static void
take_packet(struct tcpdump *dump, int link, const struct bpf_client_packet *packet)
{
    dump->captured++;
    if (dump->writer != NULL)
        capture_writer_put(dump->writer, packet->calendar_ns, packet->bytes, packet->captured,
                           packet->original);
    else
        print_packet(dump, link, packet);
}

static const char *
plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

static void
print_statistics(struct tcpdump *dump)
{
    uint32_t received = 0, dropped = 0;

    command_print(dump->call, "%lld packet%s captured\n", (long long)dump->captured,
                  plural((uint64_t)dump->captured));
    if (!bpf_client_statistics(&dump->bpf, &received, &dropped))
        return;
    command_print(dump->call, "%u packet%s received by filter\n", received, plural(received));
    command_print(dump->call, "%u packet%s dropped by kernel\n", dropped, plural(dropped));
}

static void
print_link(struct tcpdump *dump, const char *before, int link)
{
    char buffer[LINK_NAME_BYTES];
    const char *description = link == CAPTURE_LINK_ETHERNET ? "Ethernet"
                              : link == CAPTURE_LINK_NULL   ? "BSD loopback"
                              : link == CAPTURE_LINK_LOOP   ? "OpenBSD loopback"
                                                            : "Raw IP";

    command_print(dump->call, "%s, link-type %s (%s)", before,
                  capture_link_name(link, buffer, sizeof(buffer)), description);
}

/* --- from an interface -------------------------------------------------------------------------- */

static bool
choose_interface(struct tcpdump *dump)
{
    struct ksim_interface_status status;
    char *name = command_keep(dump->call, INTERFACE_NAME_BYTES * 2);

    for (unsigned i = 0; dump->interface == NULL && ksim_system_interface(i, &status); i++) {
        if ((status.flags & FLAG_UP) != 0 && (status.flags & FLAG_LOOPBACK) == 0) {
            memcpy(name, status.name, sizeof(status.name));
            dump->interface = name;
        }
    }
    if (dump->interface == NULL)
        command_print(dump->call, "tcpdump: no suitable device found\n");
    return dump->interface != NULL;
}

static bool
set_direction(struct tcpdump *dump)
{
    const char *direction = dump->direction;

    if (direction == NULL || strcmp(direction, "inout") == 0)
        return true;
    if (strcmp(direction, "in") == 0)
        return bpf_client_only_received(&dump->bpf) == 0;
    if (strcmp(direction, "out") == 0)
        command_print(dump->call, "tcpdump: %s: pcap_setdirection() failed: Setting direction to "
                                  "PCAP_D_OUT is not supported on BPF\n", dump->interface);
    else
        command_print(dump->call, "tcpdump: unknown capture direction `%s'\n", direction);
    return false;
}

static bool
open_writer(struct tcpdump *dump)
{
    char error[CAPTURE_ERROR_BYTES];

    if (dump->write_path == NULL)
        return true;
    if (!path_is_allowed(dump, dump->write_path))
        return false;
    if (!terminal_may_write(dump->call->terminal, dump->write_path)) {
        command_print(dump->call, "tcpdump: %s: Permission denied\n", dump->write_path);
        return false;
    }
    dump->writer = capture_writer_open(dump->write_path, dump->bpf.link, error);
    if (dump->writer == NULL)
        command_print(dump->call, "tcpdump: %s\n", error);
    return dump->writer != NULL;
}

static void
print_listening(struct tcpdump *dump)
{
    char text[64 + INTERFACE_NAME_BYTES * 2];

    if (dump->write_path == NULL)
        command_print(dump->call, "tcpdump: verbose output suppressed, use -v or -vv for full "
                                  "protocol decode\n");
    snprintf(text, sizeof(text), "%slistening on %s", dump->write_path != NULL ? "tcpdump: " : "",
             dump->interface);
    print_link(dump, text, dump->bpf.link);
    command_print(dump->call, ", capture size %d bytes\n", SNAPSHOT_BYTES);
}

static int
capture_until_done(struct tcpdump *dump)
{
    struct bpf_client_packet packet;
    int result = 1;

    while (result == 1 && (dump->count == 0 || dump->captured < dump->count)) {
        result = bpf_client_next(&dump->bpf, &packet);
        if (result == 1)
            take_packet(dump, dump->bpf.link, &packet);
    }
    if (result == -KSIM_ENXIO || result == -KSIM_EIO)
        command_print(dump->call, "tcpdump: pcap_loop: The interface went down\n");
    else if (result < 0 && result != -KSIM_EINTR)
        command_print(dump->call, "tcpdump: pcap_loop: read: %s\n", ksim_error_text(-result));
    return result < 0 && result != -KSIM_EINTR ? COMMAND_FAILED : COMMAND_OK;
}

static int
dump_interface(struct tcpdump *dump)
{
    struct command_call *call = dump->call;
    char error[CAPTURE_ERROR_BYTES];
    int status;

    if (!choose_interface(dump))
        return COMMAND_FAILED;
    ksim_signal_set(call->process, KSIM_SIGINT, KSIM_SIGNAL_CATCH);
    ksim_signal_set(call->process, KSIM_SIGTERM, KSIM_SIGNAL_CATCH);
    if (!bpf_client_open(&dump->bpf, call->process, dump->interface, dump->buffer,
                         !dump->no_promiscuous, error)) {
        command_print(call, "tcpdump: %s\n", error);
        return COMMAND_FAILED;
    }
    if (!set_direction(dump) || !compile_filter(dump, dump->bpf.link) || !open_writer(dump))
        return COMMAND_FAILED;
    status = bpf_client_filter(&dump->bpf, &dump->program);
    if (status < 0) {
        command_print(call, "tcpdump: BIOCSETF: %s\n", ksim_error_text(-status));
        return COMMAND_FAILED;
    }
    print_listening(dump);
    status = capture_until_done(dump);
    print_statistics(dump);
    if (dump->writer != NULL && !capture_writer_commit(dump->writer, error)) {
        command_print(call, "tcpdump: %s\n", error);
        status = COMMAND_FAILED;
    }
    dump->writer = NULL;
    bpf_client_close(&dump->bpf);
    return status;
}

/* --- from a file -------------------------------------------------------------------------------- */

/* The file itself, or the one of that name among the captures. */
static bool
load(struct tcpdump *dump, struct capture *capture, char error[CAPTURE_ERROR_BYTES])
{
    char path[PATH_BYTES], ignored[CAPTURE_ERROR_BYTES];
    const char *captures = terminal_captures(dump->call->terminal);

    if (capture_load(capture, dump->read_path, error))
        return true;
    if (captures == NULL)
        return false;
    snprintf(path, sizeof(path), "%s/%s", captures, dump->read_path);
    return capture_load(capture, path, ignored);
}

static int
dump_file(struct tcpdump *dump)
{
    char error[CAPTURE_ERROR_BYTES], text[PATH_BYTES + 32];
    struct capture capture;

    if (!path_is_allowed(dump, dump->read_path))
        return COMMAND_FAILED;
    if (!load(dump, &capture, error)) {
        command_print(dump->call, "tcpdump: %s\n", error);
        return COMMAND_FAILED;
    }
    snprintf(text, sizeof(text), "reading from file %s", dump->read_path);
    print_link(dump, text, capture.link);
    command_print(dump->call, "\n");
    if (!compile_filter(dump, capture.link)) {
        capture_free(&capture);
        return COMMAND_FAILED;
    }
    for (size_t i = 0; i < capture.count && (dump->count == 0 || dump->captured < dump->count);
         i++) {
        const struct capture_packet *from = &capture.packets[i];
        struct bpf_client_packet packet = {from->time_ns, from->bytes, from->captured_bytes,
                                           from->original_bytes};
        struct pcap_pkthdr header = {.caplen = (bpf_u_int32)from->captured_bytes,
                                     .len = (bpf_u_int32)from->original_bytes};

        if (pcap_offline_filter(&dump->program, &header, from->bytes) != 0)
            take_packet(dump, capture.link, &packet);
    }
    capture_free(&capture);
    return COMMAND_OK;
}

static void
release(void *argument)
{
    struct tcpdump *dump = argument;

    capture_writer_abandon(dump->writer);
    if (dump->has_program)
        pcap_freecode(&dump->program);
}

static int
run_tcpdump(struct command_call *call)
{
    struct tcpdump *dump = command_keep(call, sizeof(*dump));

    dump->call = call;
    dump->text.names = true;
    dump->bpf.fd = -1;
    if (!take_words(dump))
        return usage(call);
    command_at_end(call, release, dump);
    return dump->read_path != NULL ? dump_file(dump) : dump_interface(dump);
}

const struct command command_tcpdump = {
    "tcpdump", "[-enptx] [-c COUNT] [-i INTERFACE] [-Q in | inout] [-r FILE] [-w FILE] [FILTER]",
    "print or write the packets of an interface (or of a file); ends with SIGINT", run_tcpdump};
