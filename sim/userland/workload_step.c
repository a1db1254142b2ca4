/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <inet_host.h>
#include <system.h>

#include "bench_packet.h"
#include "foreign_hand.h"
#include "ifconfig.h"
#include "native_kexts.h"
#include "workload_address.h"
#include "workload_configd.h"
#include "workload_lladdr.h"
#include "workload_run.h"

#define FIONBIO    0x8004667eUL
#define FIOASYNC   0x8004667dUL
#define FIONREAD   0x4004667fUL
#define TIOCSPGRP  0x80047476UL
#define TUNSIFHEAD 0x80047460UL

enum { NS_PER_MS = 1000000, WRITE_BYTES = 64, NUMBER_BYTES = 4, SEND_BYTES = 24, FAULT_OFFSET = 20, UDP_BYTES = 8,
       SETTLE_MS = 5000, UNLOAD_TRIES = 1000, UNLOAD_WAIT_MS = 10, READS_MAX = 64, WRITES_MAX = 600, ERRORS_MAX = 8,
       PASSED_OVER = INT32_MIN };

const char *
workload_act_name(enum workload_act act)
{
    static const char *const names[] = {
#define ACT_NAME(act, word) word,
        WORKLOAD_ACTS(ACT_NAME)
#undef ACT_NAME
    };

    return names[act];
}

const char *
workload_unit(const struct workload_run *run)
{
    return run->workload->device == PACKET_DEVICE_TAP ? "tap0" : "tun0";
}

static const char *
bundle_id(const struct workload_run *run)
{
    const char *kext = run->workload->device == PACKET_DEVICE_TAP ? "tap" : "tun";

    return native_kext_image(kext)->bundle_id;
}

static struct workload_process *
process_of(const struct workload_actor *actor)
{
    return &actor->run->processes[actor->process];
}

/* --- packets -------------------------------------------------------------------------------------- */

static void
number_put(uint8_t *at, unsigned number)
{
    for (int i = 0; i < NUMBER_BYTES; i++)
        at[i] = (uint8_t)(number >> (8 * i));
}

static unsigned
number_get(const uint8_t *at)
{
    unsigned number = 0;

    for (int i = 0; i < NUMBER_BYTES; i++)
        number |= (unsigned)at[i] << (8 * i);
    return number;
}

/* The bytes behind the number are a pattern that tells a packet from all others. */
static bool
pattern_check(const uint8_t *payload, size_t bytes, unsigned number)
{
    for (size_t i = NUMBER_BYTES; i < bytes; i++) {
        if (payload[i] != (uint8_t)(number * 31 + i))
            return false;
    }
    return true;
}

static void
pattern_put(uint8_t *payload, size_t bytes, unsigned number)
{
    number_put(payload, number);
    for (size_t i = NUMBER_BYTES; i < bytes; i++)
        payload[i] = (uint8_t)(number * 31 + i);
}

/* A packet that the workload had the Mac send came out of the device. */
static void
judge_packet(const struct workload_actor *actor, const uint8_t *payload, size_t bytes)
{
    struct workload_run *run = actor->run;
    unsigned number = number_get(payload);
    struct workload_send *send = &run->sends[number % WORKLOAD_SENDS_MAX];

    if (number >= run->send_count || bytes != SEND_BYTES || !pattern_check(payload, bytes, number)) {
        machine_finding(MACHINE_CONTRACT, "workload: a packet was read with other bytes than were sent");
    } else if (send->read) {
        machine_finding(MACHINE_CONTRACT, "workload: a packet was read twice");
    } else if (send->begin < run->session.opened && send->end < run->session.addressed) {
        /* The stack cannot have found this session's interface: it had no address yet. */
        machine_finding(MACHINE_CONTRACT, "workload: a packet of one session was read in another");
    } else if (send->end < run->down_begin && actor->read_begin > run->down_end) {
        machine_finding(MACHINE_CONTRACT,
                        "workload: a packet of before the interface went down was read after it");
    }
    send->read = true;
}

/* Was it a packet that the workload sent? The Mac sends others of its own accord. */
static void
judge_read(struct workload_actor *actor, size_t bytes)
{
    struct workload_run *run = actor->run;
    const size_t header = bench_packet_header_bytes(run->workload->device);
    const uint8_t *packet = actor->packet;

    if (process_of(actor)->head && bytes > 4 && packet[0] == 0 && packet[3] != 0) {
        packet += 4;
        bytes -= 4;
    }
    if (!bench_packet_is_ours(packet, bytes, run->workload->device))
        return;
    if (run->workload->device == PACKET_DEVICE_TAP)
        workload_lladdr_judge(packet);
    judge_packet(actor, packet + header, bytes - header);
}

void
workload_hear(void *context, const struct ksim_inet_address *from, uint16_t from_port,
              const uint8_t *payload, size_t bytes)
{
    struct workload_run *run = context;
    unsigned number = bytes < NUMBER_BYTES ? 0 : number_get(payload);

    (void)from;
    (void)from_port;
    if (number == 0 || number > run->write_count || !pattern_check(payload, bytes, number))
        machine_finding(MACHINE_CONTRACT, "workload: a packet was heard with other bytes than were written");
    else if (run->heard[number % WORKLOAD_SENDS_MAX])
        machine_finding(MACHINE_CONTRACT, "workload: a packet was heard twice");
    run->heard[number % WORKLOAD_SENDS_MAX] = true;
}

static int
send_packets(struct workload_actor *actor, int count)
{
    struct workload_run *run = actor->run;
    struct ksim_inet_address peer = {.family = 4};
    int error = 0;

    memcpy(peer.bytes, bench_peer_ip4, sizeof(bench_peer_ip4));
    for (int i = 0; i < count && run->send_count < WORKLOAD_SENDS_MAX; i++) {
        unsigned number = run->send_count++;
        uint8_t payload[SEND_BYTES];

        pattern_put(payload, sizeof(payload), number);
        run->sends[number] = (struct workload_send){.begin = machine_steps(run->machine), .end = UINT64_MAX};
        error = ksim_udp_send(run->kernel, &peer, BENCH_PORT, BENCH_PORT, payload, sizeof(payload));
        run->sends[number].end = machine_steps(run->machine);
        run->sends[number].sent = error == 0;
    }
    return -error;
}

/* --- calls ------------------------------------------------------------------------------------------ */

static int64_t
step_open(struct workload_actor *actor, int flags)
{
    struct workload_run *run = actor->run;
    struct workload_process *process = process_of(actor);
    uint64_t begin;
    char path[16];
    int fd;

    if (process->fd >= 0)
        return PASSED_OVER;
    begin = machine_steps(run->machine);
    snprintf(path, sizeof(path), "/dev/%s", workload_unit(run));
    run->opening++;
    fd = ksim_system_open(process->process, path, KSIM_O_RDWR | flags);
    run->opening--;
    if (fd >= 0) {
        process->fd = fd;
        process->head = false;
        run->session.opened = machine_steps(run->machine);
        /* An address may have been given before this thread came here: then as early as it can have been. */
        run->session.addressed = run->address_begin >= begin ? begin : UINT64_MAX;
    }
    return fd < 0 ? fd : 0;
}

static int64_t
step_close(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    int fd = process->fd;

    process->fd = process->spare;
    process->spare = -1;
    return ksim_system_close(process->process, fd);
}

static int64_t
step_dup(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    int fd;

    if (process->spare >= 0)
        return PASSED_OVER;
    fd = ksim_system_dup(process->process, process->fd);
    /* Another thread may have done the same meanwhile: no third one is kept. */
    if (fd >= 0 && process->spare >= 0)
        return ksim_system_close(process->process, fd);
    /* Or it has closed what this is a copy of. */
    if (fd >= 0)
        *(process->fd < 0 ? &process->fd : &process->spare) = fd;
    return fd < 0 ? fd : 0;
}

static int64_t
step_read(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    int64_t length;

    actor->read_begin = machine_steps(actor->run->machine);
    length = ksim_system_read(process->process, process->fd, actor->packet, sizeof(actor->packet));

    if (length > 0)
        judge_read(actor, (size_t)length);
    return length;
}

static int64_t
step_read_to_end(struct workload_actor *actor)
{
    int64_t result;
    int reads = 0;

    do
        result = step_read(actor);
    while (result >= 0 && ++reads < READS_MAX);
    return result;
}

static int64_t
step_write(struct workload_actor *actor, uint16_t port)
{
    struct workload_run *run = actor->run;
    struct workload_process *process = process_of(actor);
    const size_t header = bench_packet_header_bytes(run->workload->device);
    const unsigned number = ++run->write_count;

    int64_t result;

    bench_packet_make(actor->packet, WRITE_BYTES, run->workload->device, port);
    pattern_put(actor->packet + header, WRITE_BYTES - header, number);
    result = ksim_system_write(process->process, process->fd, actor->packet, WRITE_BYTES);
    run->taken[number % WORKLOAD_SENDS_MAX] = result > 0;
    return result;
}

/* Packets that the stack drops, for their checksum is wrong, until there is no room for more: how many. */
static int64_t
step_fill(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    const enum packet_device device = actor->run->workload->device;
    int64_t result = 0;
    int writes = 0;

    bench_packet_make(actor->packet, WRITE_BYTES, device, BENCH_PORT);
    actor->packet[bench_packet_header_bytes(device) - UDP_BYTES - 1] ^= 1;
    while (result >= 0 && writes < WRITES_MAX) {
        result = ksim_system_write(process->process, process->fd, actor->packet, WRITE_BYTES);
        writes += result >= 0;
    }
    return result >= 0 || result == -KSIM_ENOBUFS ? writes : result;
}

/* With memory that ends in the middle. */
static int64_t
step_bad_buffer(struct workload_actor *actor, enum workload_act act)
{
    struct workload_process *process = process_of(actor);
    int64_t result;

    ksim_user_fault_at(process->process, actor->packet, sizeof(actor->packet), FAULT_OFFSET);
    if (act == WORKLOAD_READ_FAULT)
        result = ksim_system_read(process->process, process->fd, actor->packet, sizeof(actor->packet));
    else
        result = step_write(actor, BENCH_PORT);
    ksim_user_unmap(process->process, actor->packet);
    return result;
}

static int64_t
step_select(struct workload_actor *actor, bool reading)
{
    struct workload_process *process = process_of(actor);
    struct ksim_fd_set set = {{0}};

    set.bits[process->fd / 64] |= UINT64_C(1) << process->fd % 64;
    return ksim_system_select(process->process, process->fd + 1, reading ? &set : NULL,
                              reading ? NULL : &set, NULL, -1);
}

static int64_t
step_ioctl(struct workload_actor *actor, unsigned long request, int value)
{
    struct workload_process *process = process_of(actor);

    /* Whoever has it open has the same session. */
    for (int i = 0; request == TUNSIFHEAD && i < WORKLOAD_PROCESSES; i++)
        actor->run->processes[i].head = true;
    actor->run->head_calls += request == TUNSIFHEAD;
    return ksim_system_ioctl(process->process, process->fd, request, &value);
}

static int64_t
step_revoke(struct workload_actor *actor)
{
    char path[16];

    snprintf(path, sizeof(path), "/dev/%s", workload_unit(actor->run));
    return ksim_system_revoke(process_of(actor)->process, path);
}

static int64_t
step_user(struct workload_actor *actor, unsigned uid)
{
    ksim_process_set_uid(process_of(actor)->process, uid);
    return 0;
}

static int64_t
step_rise(struct workload_actor *actor, enum workload_act act)
{
    struct workload_run *run = actor->run;
    struct process *process = process_of(actor)->process;
    int64_t result;

    run->rising++;
    run->rises++;
    result = act == WORKLOAD_UP ? ifconfig_up(process, workload_unit(run))
                                      : workload_address_give(run, process);
    run->rising--;
    return result;
}

/* XNU clears the flag and then calls the driver: when it is set again in between, the driver was never down. */
static int64_t
step_down(struct workload_actor *actor)
{
    struct workload_run *run = actor->run;
    const uint64_t begin = machine_steps(run->machine);
    const unsigned rises = run->rises;
    const bool alone = run->rising == 0;
    int result = ifconfig_down(process_of(actor)->process, workload_unit(run));

    if (result == 0 && alone && rises == run->rises) {
        run->down_begin = begin;
        run->down_end = machine_steps(run->machine);
    }
    return result;
}

static int64_t
step_lladdr(struct workload_actor *actor)
{
    if (actor->run->workload->device != PACKET_DEVICE_TAP)
        return PASSED_OVER;
    return ifconfig_lladdr(process_of(actor)->process, workload_unit(actor->run), workload_lladdr_other);
}

static int64_t
step_status(struct workload_actor *actor)
{
    char status[IFCONFIG_STATUS_BYTES];

    return ifconfig_status(process_of(actor)->process, workload_unit(actor->run), status);
}

static int64_t
step_capture(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    struct bpf_client client;
    char error[BPF_ERROR_BYTES];

    if (process->capture.fd >= 0)
        return PASSED_OVER;
    if (process->capture_buffer == NULL)
        process->capture_buffer = malloc(BPF_BUFFER_BYTES);
    if (process->capture_buffer == NULL)
        abort();
    /* What went wrong has words for people only. */
    if (!bpf_client_open(&client, process->process, workload_unit(actor->run), process->capture_buffer, false,
                         error))
        return -KSIM_ENXIO;
    /* Another thread may have done the same meanwhile: no second one is kept. */
    if (process->capture.fd >= 0)
        bpf_client_close(&client);
    else
        process->capture = client;
    return 0;
}

static int64_t
step_capture_end(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    struct bpf_client client;

    if (process->capture.fd < 0)
        return PASSED_OVER;
    client = process->capture;
    process->capture.fd = -1;
    bpf_client_close(&client);
    return 0;
}

static void
child_thread(void *argument)
{
    const struct workload_child *child = argument;

    (void)ksim_system_sleep(child->process, child->life_ns);
    ksim_system_exit(child->process);
}

/* A child that has what its parent has open, lives so long and closes it by its end. */
static int64_t
step_fork(struct workload_actor *actor, int life_ms)
{
    struct workload_run *run = actor->run;
    struct workload_child *child;
    struct process *process;

    if (run->child_count == WORKLOAD_CHILDREN_MAX)
        return PASSED_OVER;
    process = ksim_system_fork(process_of(actor)->process);
    if (process == NULL)
        return -KSIM_ESRCH;
    child = &run->children[run->child_count++];
    *child = (struct workload_child){process, (uint64_t)life_ms * NS_PER_MS};
    workload_thread_start(run, process, "child", child_thread, child);
    return 0;
}

/*
 * Not while the interface is being made: whoever takes it away between the driver's ifnet_attach and its bpfattach leaves
 * a bpf_if that no KPI can undo, whatever the driver does.
 */
static int64_t
step_detach(const struct workload_run *run)
{
    bool is_open = false;

    for (unsigned i = 0; i < WORKLOAD_PROCESSES; i++)
        is_open = is_open || run->processes[i].fd >= 0;
    return is_open && run->opening == 0 ? -foreign_hand_detach(workload_unit(run)) : PASSED_OVER;
}

bool
workload_needs_descriptor(enum workload_act act)
{
    switch (act) {
    case WORKLOAD_DUP:
    case WORKLOAD_CLOSE:
    case WORKLOAD_READ:
    case WORKLOAD_READ_TO_END:
    case WORKLOAD_READ_FAULT:
    case WORKLOAD_WRITE:
    case WORKLOAD_WRITE_FAULT:
    case WORKLOAD_FILL:
    case WORKLOAD_SELECT_READ:
    case WORKLOAD_SELECT_WRITE:
    case WORKLOAD_NONBLOCK:
    case WORKLOAD_ASYNC:
    case WORKLOAD_HEAD:
    case WORKLOAD_READABLE:
    case WORKLOAD_OWNER:
        return true;
    default:
        return false;
    }
}

static int64_t
step_device(struct workload_actor *actor, const struct workload_step *step)
{
    switch (step->act) {
    case WORKLOAD_OPEN:
        return step_open(actor, 0);
    case WORKLOAD_OPEN_NONBLOCK:
        return step_open(actor, KSIM_O_NONBLOCK);
    case WORKLOAD_CLOSE:
        return step_close(actor);
    case WORKLOAD_DUP:
        return step_dup(actor);
    case WORKLOAD_READ:
        return step_read(actor);
    case WORKLOAD_READ_TO_END:
        return step_read_to_end(actor);
    case WORKLOAD_WRITE:
        return step_write(actor, step->argument != 0 ? (uint16_t)step->argument : BENCH_PORT);
    case WORKLOAD_READ_FAULT:
    case WORKLOAD_WRITE_FAULT:
        return step_bad_buffer(actor, step->act);
    case WORKLOAD_FILL:
        return step_fill(actor);
    case WORKLOAD_SELECT_READ:
    case WORKLOAD_SELECT_WRITE:
        return step_select(actor, step->act == WORKLOAD_SELECT_READ);
    case WORKLOAD_NONBLOCK:
        return step_ioctl(actor, FIONBIO, step->argument);
    case WORKLOAD_ASYNC:
        return step_ioctl(actor, FIOASYNC, step->argument);
    case WORKLOAD_HEAD:
        return step_ioctl(actor, TUNSIFHEAD, step->argument);
    case WORKLOAD_READABLE:
        return step_ioctl(actor, FIONREAD, 0);
    case WORKLOAD_OWNER:
        return step_ioctl(actor, TIOCSPGRP, step->argument);
    default:
        return PASSED_OVER;
    }
}

static int64_t
step_call(struct workload_actor *actor, const struct workload_step *step)
{
    struct workload_run *run = actor->run;
    struct process *process = process_of(actor)->process;

    switch (step->act) {
    case WORKLOAD_LOAD:
        return ksim_kext_load(run->kernel, bundle_id(run));
    case WORKLOAD_UNLOAD:
        return ksim_kext_unload(run->kernel, bundle_id(run));
    case WORKLOAD_ADDRESS6:
        return workload_address6_give(run, process);
    case WORKLOAD_ADDRESSES:
        return workload_address_judge(run);
    case WORKLOAD_ADDRESS:
    case WORKLOAD_UP:
        return step_rise(actor, step->act);
    case WORKLOAD_DOWN:
        return step_down(actor);
    case WORKLOAD_CONFIGURE:
        return workload_configd_up(run, process);
    case WORKLOAD_STILL_UP:
        return workload_configd_look(run, process);
    case WORKLOAD_MTU:
        return ifconfig_mtu(process, workload_unit(run), step->argument);
    case WORKLOAD_LLADDR:
        return step_lladdr(actor);
    case WORKLOAD_STATUS:
        return step_status(actor);
    case WORKLOAD_SEND:
        return send_packets(actor, step->argument);
    case WORKLOAD_CAPTURE:
        return step_capture(actor);
    case WORKLOAD_CAPTURE_END:
        return step_capture_end(actor);
    case WORKLOAD_DETACH:
        return step_detach(run);
    case WORKLOAD_REVOKE:
        return step_revoke(actor);
    case WORKLOAD_USER:
        return step_user(actor, (unsigned)step->argument);
    case WORKLOAD_SIGNAL:
        return ksim_system_kill(run->processes[step->argument].process, KSIM_SIGUSR1);
    case WORKLOAD_KILL:
        return ksim_system_kill(run->processes[step->argument].process, KSIM_SIGKILL);
    case WORKLOAD_FORK:
        return step_fork(actor, step->argument);
    case WORKLOAD_WAIT:
        return ksim_system_sleep(process, (uint64_t)step->argument * NS_PER_MS);
    default:
        return step_device(actor, step);
    }
}

/* --- a step ------------------------------------------------------------------------------------------ */

static void
result_text(const struct workload_step *step, int64_t result, char text[WORKLOAD_RESULT_BYTES])
{
    if (result == PASSED_OVER)
        snprintf(text, WORKLOAD_RESULT_BYTES, "passed over");
    else if (workload_is_kext_call(step->act))
        snprintf(text, WORKLOAD_RESULT_BYTES, "%s",
                 result == KSIM_KEXT_OK ? "done" : ksim_kext_result_text((int)result));
    else if (result < 0)
        snprintf(text, WORKLOAD_RESULT_BYTES, "%s", ksim_error_text((int)-result));
    else
        snprintf(text, WORKLOAD_RESULT_BYTES, "%lld", (long long)result);
}

void
workload_step_do(struct workload_actor *actor, const struct workload_step *step,
                 char text[WORKLOAD_RESULT_BYTES])
{
    struct workload_run *run = actor->run;
    struct workload_process *process = process_of(actor);
    const int fd = process->fd;
    const bool head = process->head;
    const unsigned head_calls = run->head_calls;
    int64_t result = PASSED_OVER;

    actor->fd = workload_needs_descriptor(step->act) ? fd : -1;
    if (!workload_needs_descriptor(step->act) || fd >= 0)
        result = step_call(actor, step);
    actor->fd = -1;
    result_text(step, result, text);
    /* Closed by another thread meanwhile, its number may have been another file's, which answers what it likes. */
    if (run->workload->shape->releases && workload_needs_descriptor(step->act) && step->act != WORKLOAD_CLOSE &&
        process->fd != fd)
        return;
    /* Its session may have ended meanwhile and another one begun, which has not the mode of the last. */
    if (result != PASSED_OVER &&
        !workload_answer_is_allowed(run, step, head || process->head || run->head_calls != head_calls, result))
        machine_finding(MACHINE_CONTRACT, "workload: %s answered: %s", workload_act_name(step->act),
                        text);
}

/* --- for the run ------------------------------------------------------------------------------------ */

void
workload_settle(struct workload_actor *actor)
{
    struct workload_run *run = actor->run;
    struct workload_process *process = process_of(actor);
    int on = 1, off = 0;

    if (process->fd < 0)
        return;
    if (run->workload->device == PACKET_DEVICE_TAP) {
        bench_packet_make_arp(actor->packet);
        (void)ksim_system_write(process->process, process->fd, actor->packet, BENCH_ARP_BYTES);
    }
    ksim_system_sleep(process->process, (uint64_t)SETTLE_MS * NS_PER_MS);
    (void)ksim_system_ioctl(process->process, process->fd, FIONBIO, &on);
    while (ksim_system_read(process->process, process->fd, actor->packet, sizeof(actor->packet)) >= 0)
        continue;
    (void)ksim_system_ioctl(process->process, process->fd, FIONBIO, &off);
}

void
workload_drain(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    int on = 1;

    ksim_system_sleep(process->process, (uint64_t)SETTLE_MS * NS_PER_MS);
    if (process->fd < 0 || ksim_system_ioctl(process->process, process->fd, FIONBIO, &on) < 0)
        return;
    while (step_read(actor) >= 0)
        continue;
}

int
workload_readable(struct workload_actor *actor)
{
    struct workload_process *process = process_of(actor);
    int bytes = 0;

    if (process->fd >= 0)
        (void)ksim_system_ioctl(process->process, process->fd, FIONREAD, &bytes);
    return bytes;
}

int
workload_unload(struct workload_run *run, struct process *process)
{
    int result = KSIM_KEXT_NOT_FOUND;

    for (int tries = 0; tries < UNLOAD_TRIES && ksim_kext_is_loaded(run->kernel, bundle_id(run));
         tries++) {
        result = ksim_kext_unload(run->kernel, bundle_id(run));
        if (result != KSIM_KEXT_OK)
            ksim_system_sleep(process, (uint64_t)UNLOAD_WAIT_MS * NS_PER_MS);
    }
    return result;
}
