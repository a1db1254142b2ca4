/* SPDX-License-Identifier: BSD-2-Clause */
#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf_host.h>
#include <machine.h>
#include <system.h>
#include <tape.h>

#include "capture_load.h"
#include "device_name.h"
#include "native_kexts.h"

#define NS_PER_SECOND UINT64_C(1000000000)

/* From opening the device to the first packet: enough for ifconfig and the stack's announcements. */
#define SETUP_NS (NS_PER_SECOND / 100)

/* How long the stack may go on talking after the last packet: longer than a neighbour's retries. */
#define SETTLE_NS (10 * NS_PER_SECOND)

enum { READ_BUFFER_BYTES = 66000, DEVICE_NAME_BYTES = 16, IP4_PREFIX = 24, IP6_PREFIX = 64 };

struct replay {
    const struct replay_options *options;
    struct replay_result *result;
    struct capture capture;
    enum packet_device device;
    struct packet_target target;
    struct capture_writer *writer;
    struct ksim *kernel;
    struct process *process;
    int fd;
    bool reader_done;
    uint64_t first_time_ns; /* of the capture */
    uint64_t start_ns;      /* virtual time at which the first packet was due */
    uint8_t read_buffer[READ_BUFFER_BYTES];
};

static void
count(struct replay_traffic *traffic, struct packet_view packet, enum packet_device device)
{
    traffic->packets++;
    traffic->bytes += packet.length_bytes;
    traffic->by_kind[packet_kind_of(packet, device)]++;
}

/* A step of the program that must not fail: what a person would see on a terminal. */
static void
require(struct replay *replay, const char *what, int64_t result)
{
    if (result < 0)
        machine_fail(MACHINE_CONTRACT, "replay: %s %s: %s", what, replay->options->device,
                     ksim_error_text((int)-result));
}

static void
record(void *context, uint64_t time_ns, bool outbound, const uint8_t *bytes, size_t length_bytes)
{
    struct replay *replay = context;
    uint64_t shifted_ns = replay->first_time_ns + time_ns;

    if (outbound)
        replay->result->seen_out++;
    else
        replay->result->seen_in++;
    if (replay->writer != NULL)
        capture_writer_put(replay->writer,
                           shifted_ns > replay->start_ns ? shifted_ns - replay->start_ns : 0, bytes,
                           length_bytes, length_bytes);
}

static void
reader_thread(void *argument)
{
    struct replay *replay = argument;
    int64_t bytes;

    while ((bytes = ksim_system_read(replay->process, replay->fd, replay->read_buffer,
                                     sizeof(replay->read_buffer))) >= 0) {
        struct packet_view packet = {replay->read_buffer, (size_t)bytes};

        count(&replay->result->received, packet, replay->device);
    }
    if (bytes != -KSIM_EIO) /* the interface going down is how it ends */
        require(replay, "read from", bytes);
    replay->reader_done = true;
}

static void
configure(struct replay *replay)
{
    const struct replay_options *options = replay->options;
    const struct packet_target *target = &replay->target;
    uint8_t peer[4];

    if (options->mtu != 0)
        require(replay, "ifconfig mtu", ifconfig_mtu(replay->process, options->device, options->mtu));
    if (replay->device == PACKET_DEVICE_TAP && target->has_lladdr)
        require(replay, "ifconfig lladdr",
                ifconfig_lladdr(replay->process, options->device, target->lladdr));
    if (target->has_ip4) {
        memcpy(peer, target->ip4, sizeof(peer));
        peer[3] ^= 3; /* the other end of the link: .1 for .2 and the reverse */
        require(replay, "ifconfig inet",
                ifconfig_inet(replay->process, options->device, target->ip4,
                              replay->device == PACKET_DEVICE_TAP ? IP4_PREFIX : 32,
                              replay->device == PACKET_DEVICE_TAP ? NULL : peer));
    }
    if (target->has_ip6)
        require(replay, "ifconfig inet6",
                ifconfig_inet6(replay->process, options->device, target->ip6, IP6_PREFIX));
    require(replay, "ifconfig up", ifconfig_up(replay->process, options->device));
}

static void
write_packets(struct replay *replay)
{
    const struct capture *capture = &replay->capture;
    struct replay_result *result = replay->result;

    for (size_t i = 0; i < capture->count; i++) {
        const struct capture_packet *captured = &capture->packets[i];
        uint64_t due_ns = replay->start_ns + (captured->time_ns - replay->first_time_ns);
        struct packet_view packet;
        int64_t written;

        if (captured->time_ns >= replay->first_time_ns && due_ns > ksim_system_time_ns())
            ksim_system_sleep(replay->process, due_ns - ksim_system_time_ns());
        if (replay->options->progress != NULL)
            replay->options->progress(replay->options->progress_context, i + 1, capture->count);
        if (!packet_view_for_device(capture->link, replay->device,
                                    (struct packet_view){captured->bytes, captured->captured_bytes},
                                    &packet)) {
            result->unfit++;
            continue;
        }
        count(&result->offered, packet, replay->device);
        written = ksim_system_write(replay->process, replay->fd, packet.bytes, packet.length_bytes);
        if (written == (int64_t)packet.length_bytes) {
            count(&result->delivered, packet, replay->device);
        } else {
            result->refused++;
            result->refused_by_errno[written < 0 ? -written % REPLAY_ERRNO_MAX : 0]++;
        }
    }
}

static void
writer_thread(void *argument)
{
    struct replay *replay = argument;
    const char *device = replay->options->device;
    const struct ksim_kext_image *kext =
        native_kext_image(replay->device == PACKET_DEVICE_TAP ? "tap" : "tun");
    struct ksim_capture *tcpdump;
    char path[sizeof("/dev/") + DEVICE_NAME_BYTES];
    int link, loaded = ksim_kext_load(replay->kernel, kext->bundle_id);

    if (loaded != KSIM_KEXT_OK)
        machine_fail(MACHINE_CONTRACT, "replay: kextload: %s", ksim_kext_result_text(loaded));
    snprintf(path, sizeof(path), "/dev/%s", device);
    replay->start_ns = ksim_system_time_ns() + SETUP_NS;
    replay->fd = ksim_system_open(replay->process, path, KSIM_O_RDWR);
    require(replay, "open", replay->fd);
    require(replay, "tcpdump on",
            ksim_capture_open(replay->kernel, device, record, replay, &tcpdump, &link));
    configure(replay);
    ksim_thread_run(replay->process, "reader", reader_thread, replay);
    write_packets(replay);
    ksim_system_sleep(replay->process, SETTLE_NS);
    ksim_inet_statistics(replay->kernel, &replay->result->stack);
    ifconfig_status(replay->process, device, replay->result->status);
    require(replay, "ifconfig down", ifconfig_down(replay->process, device));
    while (!replay->reader_done)
        ksim_system_sleep(replay->process, NS_PER_SECOND / 1000);
    ksim_capture_close(tcpdump);
    require(replay, "close", ksim_system_close(replay->process, replay->fd));
    /* The kernel finishes the detach in its own thread; until then the kext says that it is busy. */
    while ((loaded = ksim_kext_unload(replay->kernel, kext->bundle_id)) == KSIM_KEXT_START_STOP)
        ksim_system_sleep(replay->process, NS_PER_SECOND / 100);
    if (loaded != KSIM_KEXT_OK)
        machine_fail(MACHINE_CONTRACT, "replay: kextunload: %s", ksim_kext_result_text(loaded));
    ksim_system_exit(replay->process);
}

static bool
load_capture(struct replay *replay, char error[REPLAY_ERROR_BYTES])
{
    struct capture *capture = &replay->capture;
    struct packet_view packet;
    char name[32];

    if (!capture_load(capture, replay->options->in_path, error))
        return false;
    if (!packet_link_fits(capture->link, replay->device)) {
        snprintf(error, REPLAY_ERROR_BYTES, "%s: a %s takes no packets of link type %s",
                 replay->options->in_path, replay->device == PACKET_DEVICE_TAP ? "tap" : "tun",
                 capture_link_name(capture->link, name, sizeof(name)));
        capture_free(capture);
        return false;
    }
    replay->first_time_ns = capture->count > 0 ? capture->packets[0].time_ns : 0;
    for (size_t i = 0; i < capture->count; i++) {
        struct packet_view whole = {capture->packets[i].bytes, capture->packets[i].captured_bytes};

        if (packet_view_for_device(capture->link, replay->device, whole, &packet))
            packet_target_learn(&replay->target, packet, replay->device);
    }
    replay->result->captured = capture->count;
    return true;
}

/* Boots the machine, runs the program on it to the end, and audits what is left. */
static void
run_machine(struct replay *replay)
{
    struct replay_result *result = replay->result;
    struct tape_seed tape;
    struct machine_config config = {.feeder = &tape.feeder, .poison_seed = replay->options->seed};
    struct machine *machine;

    tape_seed_start(&tape, replay->options->seed);
    machine = machine_create(&config);
    replay->kernel = machine != NULL ? ksim_create(machine, NULL) : NULL;
    if (replay->kernel == NULL) {
        fputs("tuntapsim: out of memory\n", stderr);
        abort();
    }
    machine_enter(machine);
    native_kexts_register(replay->kernel);
    replay->process = ksim_process_create(replay->kernel, "replay", 0);
    ksim_thread_run(replay->process, "writer", writer_thread, replay);
    machine_leave(machine);
    if (machine_run(machine) == MACHINE_OK) {
        machine_enter(machine);
        ksim_audit(replay->kernel);
        machine_leave(machine);
    }
    result->outcome = (int)machine_outcome(machine);
    if (result->outcome != MACHINE_OK)
        result->report = strdup(machine_report(machine));
    machine_enter(machine);
    result->virtual_ns = machine_now_ns();
    machine_leave(machine);
    result->steps = machine_steps(machine);
    result->console_bytes = strlen(machine_console_text(machine));
    machine_destroy(machine);
}

enum replay_verdict
replay_run(const struct replay_options *options, struct replay_result *result,
           char error[REPLAY_ERROR_BYTES])
{
    enum replay_verdict verdict = REPLAY_BAD_INPUT;
    struct replay *replay = calloc(1, sizeof(*replay));
    int link;

    memset(result, 0, sizeof(*result));
    snprintf(error, REPLAY_ERROR_BYTES, "out of memory");
    if (replay == NULL)
        return REPLAY_BAD_INPUT;
    replay->options = options;
    replay->result = result;
    if (!device_name_parse(options->device, &replay->device, error, REPLAY_ERROR_BYTES) ||
        !load_capture(replay, error))
        goto free_replay;
    link = replay->device == PACKET_DEVICE_TAP ? CAPTURE_LINK_ETHERNET : CAPTURE_LINK_NULL;
    if (options->out_path != NULL) {
        replay->writer = capture_writer_open(options->out_path, link, error);
        if (replay->writer == NULL)
            goto free_capture;
    }
    run_machine(replay);
    verdict = REPLAY_DONE;
    if (replay->writer != NULL && !capture_writer_commit(replay->writer, error))
        verdict = REPLAY_BAD_INPUT;

free_capture:
    capture_free(&replay->capture);
free_replay:
    free(replay);
    return verdict;
}

void
replay_result_free(struct replay_result *result)
{
    free(result->report);
    result->report = NULL;
}

bool
replay_result_balances(const struct replay_result *result)
{
    uint64_t refused = 0;

    for (int i = 0; i < REPLAY_ERRNO_MAX; i++)
        refused += result->refused_by_errno[i];
    return result->captured == result->offered.packets + result->unfit &&
           result->offered.packets == result->delivered.packets + result->refused &&
           result->refused == refused;
}
