/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <host_memory.h>
#include <inet_host.h>
#include <machine.h>
#include <system.h>
#include <tape.h>

#include "bench_packet.h"
#include "ifconfig.h"
#include "native_kexts.h"
#include "workload.h"

/* Half of what the driver's queue holds. */
enum { BURST = 64, WARM_UP_BURSTS = 2, RENEW_BURSTS = 1024, WAIT_NS = 1000000 };

struct bench {
    struct ksim *kernel;
    struct process *process;
    enum packet_device device;
    int fd;
    const struct bench_path *path; /* NULL: a life cycle */
    const struct bench_budget *budget;
    struct bench_result *result;
    uint64_t heard; /* packets that the IP stack gave to the program on BENCH_PORT */
    uint8_t packet[BENCH_BYTES_MAX + 16];
};

static const char *
device_name(const struct bench *bench)
{
    return bench->device == PACKET_DEVICE_TAP ? "tap0" : "tun0";
}

static void
require(const char *what, int64_t result)
{
    if (result < 0)
        machine_fail(MACHINE_CONTRACT, "bench: %s: %s", what, ksim_error_text((int)-result));
}

static bool
is_spent(const struct bench_budget *budget, const struct bench_result *result)
{
    return budget->count != 0 ? result->count >= budget->count : result->ns >= budget->for_ns;
}

/* --- the Mac ------------------------------------------------------------------------------------ */

static void
load(struct bench *bench)
{
    const char *kext = bench->device == PACKET_DEVICE_TAP ? "tap" : "tun";
    int result = ksim_kext_load(bench->kernel, native_kext_image(kext)->bundle_id);

    if (result != KSIM_KEXT_OK)
        machine_fail(MACHINE_CONTRACT, "bench: kextload: %s", ksim_kext_result_text(result));
}

static void
unload(struct bench *bench)
{
    const char *kext = bench->device == PACKET_DEVICE_TAP ? "tap" : "tun";
    const char *bundle_id = native_kext_image(kext)->bundle_id;
    int result;

    /* The kernel finishes the detach in its own thread; until then the kext says that it is busy. */
    while ((result = ksim_kext_unload(bench->kernel, bundle_id)) == KSIM_KEXT_START_STOP)
        ksim_system_sleep(bench->process, WAIT_NS);
    if (result != KSIM_KEXT_OK)
        machine_fail(MACHINE_CONTRACT, "bench: kextunload: %s", ksim_kext_result_text(result));
}

static void
bring_up(struct bench *bench, int open_flags)
{
    const char *name = device_name(bench);
    const bool tap = bench->device == PACKET_DEVICE_TAP;

    bench->fd = ksim_system_open(bench->process, tap ? "/dev/tap0" : "/dev/tun0", open_flags);
    require("open", bench->fd);
    if (tap)
        require("ifconfig lladdr", ifconfig_lladdr(bench->process, name, bench_mac_lladdr));
    require("ifconfig inet", ifconfig_inet(bench->process, name, bench_mac_ip4, tap ? 24 : 32,
                                           tap ? NULL : bench_peer_ip4));
    require("ifconfig up", ifconfig_up(bench->process, name));
}

/* A tap's Mac learns the peer's link address. */
static void
introduce(struct bench *bench)
{
    uint8_t arp[BENCH_ARP_BYTES];

    if (bench->device != PACKET_DEVICE_TAP)
        return;
    bench_packet_make_arp(arp);
    require("write of an ARP request",
            ksim_system_write(bench->process, bench->fd, arp, sizeof(arp)));
}

/* Reads what else the Mac sends. */
static void
drain(struct bench *bench)
{
    machine_wait_idle("bench");
    while (ksim_system_read(bench->process, bench->fd, bench->packet, sizeof(bench->packet)) >= 0)
        continue;
}

/* --- packets ------------------------------------------------------------------------------------ */

static void
hear(void *context, const struct ksim_inet_address *from, uint16_t from_port,
     const uint8_t *payload, size_t bytes)
{
    struct bench *bench = context;

    (void)from;
    (void)from_port;
    (void)payload;
    (void)bytes;
    bench->heard++;
}

static void
write_burst(struct bench *bench)
{
    const size_t bytes = bench->path->bytes;
    const uint64_t heard = bench->heard;

    for (int i = 0; i < BURST; i++)
        require("write", ksim_system_write(bench->process, bench->fd, bench->packet, bytes));
    machine_wait_idle("bench");
    if (bench->heard != heard + BURST)
        machine_fail(MACHINE_CONTRACT, "bench: a written packet did not reach the stack");
}

static void
read_burst(struct bench *bench)
{
    static const uint8_t payload[BENCH_BYTES_MAX];
    struct ksim_inet_address peer = {.family = 4};
    const size_t bytes = bench->path->bytes - bench_packet_header_bytes(bench->device);
    int64_t length;
    int error, got = 0;

    memcpy(peer.bytes, bench_peer_ip4, sizeof(bench_peer_ip4));
    for (int i = 0; i < BURST; i++) {
        error = ksim_udp_send(bench->kernel, &peer, BENCH_PORT, BENCH_PORT, payload, bytes);
        require("send", -error);
    }
    while (got < BURST) {
        length = ksim_system_read(bench->process, bench->fd, bench->packet, sizeof(bench->packet));
        require("read of a sent packet", length);
        got += bench_packet_is_ours(bench->packet, (size_t)length, bench->device);
    }
}

static void
packets_thread(void *argument)
{
    struct bench *bench = argument;
    const struct bench_path *path = bench->path;
    struct bench_result *result = bench->result;
    void (*burst)(struct bench *) = path->direction == BENCH_WRITE ? write_burst : read_burst;
    uint64_t begin_ns;

    load(bench);
    bring_up(bench, KSIM_O_RDWR | KSIM_O_NONBLOCK);
    require("ifconfig mtu", ifconfig_mtu(bench->process, device_name(bench), BENCH_BYTES_MAX));
    require("bind", -ksim_udp_listen(bench->kernel, BENCH_PORT, hear, bench));
    for (unsigned bursts = 0; !is_spent(bench->budget, result); bursts++) {
        /* What the Mac knows of the peer ends after minutes of its own time. */
        if (bursts % RENEW_BURSTS == 0) {
            introduce(bench);
            drain(bench);
            bench_packet_make(bench->packet, path->bytes, bench->device, BENCH_PORT);
        }
        begin_ns = bench->budget->clock_ns();
        burst(bench);
        if (bursts >= WARM_UP_BURSTS) {
            result->ns += bench->budget->clock_ns() - begin_ns;
            result->count += BURST;
        }
    }
    ksim_udp_close(bench->kernel, BENCH_PORT);
    require("close", ksim_system_close(bench->process, bench->fd));
    unload(bench);
    ksim_system_exit(bench->process);
}

/* --- a life ------------------------------------------------------------------------------------- */

static void
echo_once(struct bench *bench)
{
    int64_t length;

    bench_packet_make(bench->packet, BENCH_BYTES_MIN, bench->device, BENCH_PORT_ECHO);
    require("write", ksim_system_write(bench->process, bench->fd, bench->packet, BENCH_BYTES_MIN));
    do {
        length = ksim_system_read(bench->process, bench->fd, bench->packet, sizeof(bench->packet));
        require("read", length);
    } while (!bench_packet_is_ours(bench->packet, (size_t)length, bench->device));
}

static void
cycle_thread(void *argument)
{
    struct bench *bench = argument;

    load(bench);
    bring_up(bench, KSIM_O_RDWR);
    introduce(bench);
    echo_once(bench);
    require("close", ksim_system_close(bench->process, bench->fd));
    unload(bench);
    ksim_system_exit(bench->process);
}

/* --- machines ----------------------------------------------------------------------------------- */

static struct machine *
boot(struct bench *bench)
{
    const struct machine_config config = {.max_steps = UINT64_MAX};
    struct machine *machine = machine_create(&config);

    bench->kernel = machine != NULL ? ksim_create(machine, NULL) : NULL;
    if (bench->kernel == NULL) {
        fputs("tuntapsim: cannot boot an emulated Mac\n", stderr);
        abort();
    }
    machine_enter(machine);
    native_kexts_register(bench->kernel);
    machine_leave(machine);
    return machine;
}

static bool
run_machine(struct bench *bench, void (*body)(void *), char error[BENCH_ERROR_BYTES])
{
    struct machine *machine = boot(bench);
    bool good;

    machine_enter(machine);
    bench->process = ksim_process_create(bench->kernel, "bench", 0);
    ksim_thread_run(bench->process, "bench", body, bench);
    machine_leave(machine);
    if (machine_run(machine) == MACHINE_OK) {
        machine_enter(machine);
        ksim_audit(bench->kernel);
        machine_leave(machine);
    }
    good = machine_outcome(machine) == MACHINE_OK;
    if (!good)
        snprintf(error, BENCH_ERROR_BYTES, "%.*s", (int)strcspn(machine_report(machine), "\n"),
                 machine_report(machine));
    machine_destroy(machine);
    return good;
}

bool
bench_packets(const struct bench_path *path, const struct bench_budget *budget,
              struct bench_result *result, char error[BENCH_ERROR_BYTES])
{
    struct bench bench = {.device = path->device, .path = path, .budget = budget, .result = result};

    memset(result, 0, sizeof(*result));
    return run_machine(&bench, packets_thread, error);
}

bool
bench_boots(const struct bench_budget *budget, struct bench_result *result,
            char error[BENCH_ERROR_BYTES])
{
    struct bench bench = {.fd = -1};
    uint64_t begin_ns = budget->clock_ns();

    memset(result, 0, sizeof(*result));
    while (!is_spent(budget, result)) {
        struct machine *machine = boot(&bench);

        if (machine_outcome(machine) != MACHINE_OK) {
            snprintf(error, BENCH_ERROR_BYTES, "%s", machine_report(machine));
            machine_destroy(machine);
            return false;
        }
        machine_destroy(machine);
        result->count++;
        result->ns = budget->clock_ns() - begin_ns;
    }
    return true;
}

bool
bench_explorations(const char *name, const struct bench_budget *budget, struct bench_result *result,
                   char error[BENCH_ERROR_BYTES])
{
    struct workload workload;
    uint64_t begin_ns;
    bool good = true;

    memset(result, 0, sizeof(*result));
    if (!workload_find(&workload, name, error))
        return false;
    begin_ns = budget->clock_ns();
    while (good && !is_spent(budget, result)) {
        struct workload_result run;
        struct tape_seed seed;

        tape_seed_start(&seed, result->count);
        workload_run(&workload, &(struct workload_options){.feeder = &seed.feeder}, &run);
        good = run.outcome == MACHINE_OK;
        if (!good)
            snprintf(error, BENCH_ERROR_BYTES, "%.*s", (int)strcspn(text_bytes(&run.report), "\n"),
                     text_bytes(&run.report));
        workload_result_free(&run);
        result->count++;
        result->ns = budget->clock_ns() - begin_ns;
    }
    workload_end(&workload);
    return good;
}

bool
bench_cycles(enum packet_device device, const struct bench_budget *budget,
             struct bench_result *result, size_t *memory_bytes, char error[BENCH_ERROR_BYTES])
{
    struct bench bench = {.device = device};
    size_t held_bytes = host_memory_high_water_restart();
    uint64_t begin_ns = budget->clock_ns();
    bool good = true;

    memset(result, 0, sizeof(*result));
    while (good && !is_spent(budget, result)) {
        good = run_machine(&bench, cycle_thread, error);
        result->count++;
        result->ns = budget->clock_ns() - begin_ns;
    }
    *memory_bytes = host_memory_high_water_bytes() - held_bytes;
    return good;
}
