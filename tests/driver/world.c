/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <native_kexts.h>

#include "built_kexts.h"

static const uint8_t our_ip4[4] = {10, 7, 0, 1};
static const uint8_t peer_ip4[4] = {10, 7, 0, 2};

struct program {
    struct world world;
    world_body body;
    bool load_by_hand;
    bool finished;
};

static void
program_thread(void *argument)
{
    struct program *program = argument;
    struct world *world = &program->world;

    if (!program->load_by_hand) {
        ck_assert_int_eq(world_load(world, "tun"), KSIM_KEXT_OK);
        ck_assert_int_eq(world_load(world, "tap"), KSIM_KEXT_OK);
    }
    program->body(world);
    if (!program->load_by_hand) {
        world_unload_patiently(world, "tap");
        world_unload_patiently(world, "tun");
    }
    program->finished = true;
    ksim_system_exit(world->root);
}

enum machine_outcome
world_outcome(const struct world_options *options, world_body body, char **report)
{
    struct machine_config config = {.feeder = options->feeder, .poison_seed = 42};
    struct ksim_options kernel_options = {.darwin_major = options->darwin_major};
    struct program program = {.body = body, .load_by_hand = options->load_by_hand};
    struct machine *machine = machine_create(&config);
    enum machine_outcome outcome;

    ck_assert_ptr_nonnull(machine);
    program.world.machine = machine;
    program.world.argument = options->argument;
    program.world.kernel = ksim_create(machine, &kernel_options);
    ck_assert_ptr_nonnull(program.world.kernel);
    machine_enter(machine);
    built_kexts_use();
    native_kexts_register(program.world.kernel);
    program.world.root = ksim_process_create(program.world.kernel, "test", 0);
    ksim_thread_run(program.world.root, "main", program_thread, &program);
    machine_leave(machine);
    if (machine_run(machine) == MACHINE_OK) {
        machine_enter(machine);
        ksim_audit(program.world.kernel);
        machine_leave(machine);
        ck_assert(program.finished);
    }
    outcome = machine_outcome(machine);
    if (report != NULL)
        *report = strdup(machine_report(machine));
    machine_destroy(machine);
    return outcome;
}

void
world_run_with(const struct world_options *options, world_body body)
{
    char *report;
    enum machine_outcome outcome = world_outcome(options, body, &report);

    ck_assert_msg(outcome == MACHINE_OK, "%s\n%s", machine_outcome_name(outcome), report);
    free(report);
}

void
world_run(world_body body)
{
    world_run_with(&(struct world_options){.feeder = NULL}, body);
}

void
world_run_seed(uint64_t seed, world_body body)
{
    struct tape_seed tape;
    char *report;
    enum machine_outcome outcome;

    tape_seed_start(&tape, seed);
    outcome = world_outcome(&(struct world_options){.feeder = &tape.feeder}, body, &report);
    ck_assert_msg(outcome == MACHINE_OK, "seed %llu: %s\n%s", (unsigned long long)seed,
                  machine_outcome_name(outcome), report);
    free(report);
}

int
world_load(struct world *world, const char *name)
{
    return ksim_kext_load(world->kernel, native_kext_image(name)->bundle_id);
}

int
world_unload(struct world *world, const char *name)
{
    return ksim_kext_unload(world->kernel, native_kext_image(name)->bundle_id);
}

void
world_unload_patiently(struct world *world, const char *name)
{
    int result;

    for (int tries = 0; tries < 6000; tries++) {
        result = world_unload(world, name);
        if (result != KSIM_KEXT_START_STOP)
            break;
        world_sleep_ms(world, 10);
    }
    ck_assert_int_eq(result, KSIM_KEXT_OK);
}

int
world_open(struct world *world, const char *name)
{
    char path[32];

    snprintf(path, sizeof(path), "/dev/%s", name);
    return ksim_system_open(world->root, path, KSIM_O_RDWR);
}

int
world_open_patiently(struct world *world, const char *name)
{
    int fd = world_open(world, name);

    for (int waited_ms = 0; fd == -KSIM_EBUSY; waited_ms++) {
        ck_assert_int_lt(waited_ms, 60000);
        world_sleep_ms(world, 1);
        fd = world_open(world, name);
    }
    ck_assert_msg(fd >= 0, "open of %s: %s", name, ksim_error_text(-fd));
    return fd;
}

void
world_close(struct world *world, int fd)
{
    ck_assert_int_eq(ksim_system_close(world->root, fd), 0);
}

int
world_open_up(struct world *world, const char *name)
{
    int fd = world_open_patiently(world, name);
    bool tap = strncmp(name, "tap", 3) == 0;

    ck_assert_int_eq(ifconfig_inet(world->root, name, our_ip4, tap ? 24 : 32,
                                   tap ? NULL : peer_ip4), 0);
    ck_assert_int_eq(ifconfig_up(world->root, name), 0);
    return fd;
}

int64_t
world_read(struct world *world, int fd, void *buffer, size_t bytes)
{
    return ksim_system_read(world->root, fd, buffer, bytes);
}

int64_t
world_write(struct world *world, int fd, const void *bytes, size_t length)
{
    return ksim_system_write(world->root, fd, bytes, length);
}

int
world_ioctl_int(struct world *world, int fd, unsigned long request, int *value)
{
    return ksim_system_ioctl(world->root, fd, request, value);
}

void
world_sleep_ms(struct world *world, unsigned milliseconds)
{
    ksim_system_sleep(world->root, (uint64_t)milliseconds * WORLD_MS_NS);
}

static void
thread_entry(void *argument)
{
    struct world_thread *thread = argument;

    thread->body(thread);
    thread->done = true;
}

void
world_thread_start(struct world_thread *thread, const char *name)
{
    thread->done = false;
    ksim_thread_run(thread->process, name, thread_entry, thread);
}

void
world_thread_join(struct world_thread *thread)
{
    for (int waited_ms = 0; !thread->done; waited_ms++) {
        ck_assert_int_lt(waited_ms, 60000);
        world_sleep_ms(thread->world, 1);
    }
}

void
world_thread_read(struct world_thread *thread)
{
    thread->result =
        ksim_system_read(thread->process, thread->fd, thread->buffer, sizeof(thread->buffer));
}

static uint16_t
internet_checksum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

static void
put_u16(uint8_t *out, unsigned value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
}

size_t
world_echo_request(uint8_t *out, uint16_t sequence, size_t payload_bytes)
{
    size_t icmp_bytes = 8 + payload_bytes, total = 20 + icmp_bytes;
    uint8_t *icmp = out + 20;

    memset(out, 0, 28);
    out[0] = 0x45;
    put_u16(out + 2, (unsigned)total);
    put_u16(out + 4, sequence);
    out[8] = 64;
    out[9] = 1;
    memcpy(out + 12, peer_ip4, 4);
    memcpy(out + 16, our_ip4, 4);
    put_u16(out + 10, internet_checksum(out, 20));
    icmp[0] = 8;
    put_u16(icmp + 4, 0x7475);
    put_u16(icmp + 6, sequence);
    for (size_t i = 0; i < payload_bytes; i++)
        icmp[8 + i] = (uint8_t)(i + sequence);
    put_u16(icmp + 2, internet_checksum(icmp, icmp_bytes));
    return total;
}

size_t
world_echo_frame(uint8_t *out, const uint8_t to[6], uint16_t sequence, size_t payload_bytes)
{
    static const uint8_t from[6] = {2, 0, 0, 0, 0, 0x99};

    memcpy(out, to, 6);
    memcpy(out + 6, from, 6);
    put_u16(out + 12, 0x0800);
    return 14 + world_echo_request(out + 14, sequence, payload_bytes);
}
