/* SPDX-License-Identifier: BSD-2-Clause */
#include "attach.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf_host.h>
#include <machine.h>
#include <system.h>

#include "capture_file.h"
#include "device_name.h"
#include "ifconfig.h"
#include "native_kexts.h"

#define NS_PER_MILLISECOND UINT64_C(1000000)

/* The longest wait on the wire: how late a timer of the Mac or the end of the session may be seen. */
#define WAIT_NS (10 * NS_PER_MILLISECOND)

enum { PACKET_BYTES = 66000, PATH_BYTES = 32, BURST = 64 };

struct attach {
    const struct attach_options *options;
    const struct attach_wire *wire;
    void (*ready)(void *context);
    struct attach_result *result;
    enum packet_device device;
    struct capture_writer *writer;
    struct ksim *kernel;
    struct process *process;
    int fd;
    uint8_t packet[PACKET_BYTES];
};

/* A step of the program that must not fail. */
static void
require(struct attach *attach, const char *what, int64_t result)
{
    if (result < 0)
        machine_fail(MACHINE_CONTRACT, "attach: %s %s: %s", what, attach->options->device,
                     ksim_error_text((int)-result));
}

static void
record(void *context, uint64_t time_ns, bool outbound, const uint8_t *bytes, size_t length_bytes)
{
    struct attach *attach = context;

    (void)outbound;
    capture_writer_put(attach->writer, time_ns, bytes, length_bytes, length_bytes);
}

static void
configure(struct attach *attach)
{
    const struct attach_options *options = attach->options;
    bool tap = attach->device == PACKET_DEVICE_TAP;

    if (options->mtu != 0)
        require(attach, "ifconfig mtu", ifconfig_mtu(attach->process, options->device, options->mtu));
    if (options->has_ip4)
        require(attach, "ifconfig inet",
                ifconfig_inet(attach->process, options->device, options->ip4,
                              tap ? options->ip4_prefix : 32, tap ? NULL : options->ip4_peer));
    if (options->has_ip6)
        require(attach, "ifconfig inet6",
                ifconfig_inet6(attach->process, options->device, options->ip6, options->ip6_prefix));
    require(attach, "ifconfig up", ifconfig_up(attach->process, options->device));
}

/* From the wire into the device: true when something was there. */
static bool
carry_in(struct attach *attach)
{
    const struct attach_wire *wire = attach->wire;
    int64_t length;
    int packets = 0;

    for (; packets < BURST; packets++) {
        length = wire->receive(wire->context, attach->packet, sizeof(attach->packet));
        if (length <= 0)
            break;
        if (ksim_system_write(attach->process, attach->fd, attach->packet, (size_t)length) == length)
            attach->result->to_mac++;
        else
            attach->result->to_mac_refused++;
    }
    return packets > 0;
}

/* From the device onto the wire. */
static bool
carry_out(struct attach *attach)
{
    const struct attach_wire *wire = attach->wire;
    int64_t length;
    int packets = 0;

    for (; packets < BURST; packets++) {
        length = ksim_system_read(attach->process, attach->fd, attach->packet, sizeof(attach->packet));
        if (length < 0)
            break;
        attach->result->from_mac++;
        if (wire->send(wire->context, attach->packet, (size_t)length) != 0)
            attach->result->from_mac_lost++;
    }
    if (packets < BURST && length != -KSIM_EWOULDBLOCK)
        require(attach, "read from", length);
    return packets > 0;
}

/* Nothing to carry: what the wire waited for passes on the Mac as well. */
static void
let_time_pass(struct attach *attach)
{
    const struct attach_wire *wire = attach->wire;
    uint64_t passed_ns;

    machine_wait_idle("attach");
    if (carry_out(attach))
        return;
    passed_ns = wire->wait(wire->context, WAIT_NS);
    ksim_system_sleep(attach->process, passed_ns > 0 ? passed_ns : 1);
}

static void
shuttle(struct attach *attach)
{
    while (!attach->wire->ended(attach->wire->context)) {
        bool in = carry_in(attach);
        bool out = carry_out(attach);

        if (!in && !out)
            let_time_pass(attach);
    }
}

static void
load(struct attach *attach, const char *bundle_id)
{
    int result = ksim_kext_load(attach->kernel, bundle_id);

    if (result != KSIM_KEXT_OK)
        machine_fail(MACHINE_CONTRACT, "attach: kextload: %s", ksim_kext_result_text(result));
}

static void
unload(struct attach *attach, const char *bundle_id)
{
    int result;

    /* The kernel finishes the detach in its own thread; until then the kext says that it is busy. */
    while ((result = ksim_kext_unload(attach->kernel, bundle_id)) == KSIM_KEXT_START_STOP)
        ksim_system_sleep(attach->process, WAIT_NS);
    if (result != KSIM_KEXT_OK)
        machine_fail(MACHINE_CONTRACT, "attach: kextunload: %s", ksim_kext_result_text(result));
}

static void
attach_thread(void *argument)
{
    struct attach *attach = argument;
    const char *device = attach->options->device;
    const char *bundle_id =
        native_kext_image(attach->device == PACKET_DEVICE_TAP ? "tap" : "tun")->bundle_id;
    struct ksim_capture *tcpdump = NULL;
    char path[PATH_BYTES];
    int link;

    load(attach, bundle_id);
    snprintf(path, sizeof(path), "/dev/%s", device);
    attach->fd = ksim_system_open(attach->process, path, KSIM_O_RDWR | KSIM_O_NONBLOCK);
    require(attach, "open", attach->fd);
    if (attach->writer != NULL)
        require(attach, "tcpdump on",
                ksim_capture_open(attach->kernel, device, record, attach, &tcpdump, &link));
    configure(attach);
    attach->ready(attach->wire->context);
    shuttle(attach);
    if (tcpdump != NULL)
        ksim_capture_close(tcpdump);
    require(attach, "close", ksim_system_close(attach->process, attach->fd));
    unload(attach, bundle_id);
    ksim_system_exit(attach->process);
}

static void
run_machine(struct attach *attach)
{
    struct attach_result *result = attach->result;
    const struct machine_config config = {.max_steps = UINT64_MAX};
    const struct ksim_options options = {.darwin_major = attach->options->darwin_major};
    struct machine *machine = machine_create(&config);

    attach->kernel = machine != NULL ? ksim_create(machine, &options) : NULL;
    if (attach->kernel == NULL) {
        fputs("tuntapsim: cannot boot an emulated Mac\n", stderr);
        abort();
    }
    machine_enter(machine);
    native_kexts_register(attach->kernel);
    attach->process = ksim_process_create(attach->kernel, "attach", 0);
    ksim_thread_run(attach->process, "shuttle", attach_thread, attach);
    machine_leave(machine);
    if (machine_run(machine) == MACHINE_OK) {
        machine_enter(machine);
        ksim_audit(attach->kernel);
        machine_leave(machine);
    }
    result->outcome = (int)machine_outcome(machine);
    if (result->outcome != MACHINE_OK)
        result->report = strdup(machine_report(machine));
    machine_enter(machine);
    result->virtual_ns = machine_now_ns();
    machine_leave(machine);
    machine_destroy(machine);
}

bool
attach_run(const struct attach_options *options, const struct attach_wire *wire,
           void (*ready)(void *context), struct attach_result *result,
           char error[ATTACH_ERROR_BYTES])
{
    struct attach *attach = calloc(1, sizeof(*attach));
    bool done = false;

    memset(result, 0, sizeof(*result));
    snprintf(error, ATTACH_ERROR_BYTES, "out of memory");
    if (attach == NULL)
        return false;
    attach->options = options;
    attach->wire = wire;
    attach->ready = ready;
    attach->result = result;
    if (!device_name_parse(options->device, &attach->device, error, ATTACH_ERROR_BYTES))
        goto free_attach;
    if (options->out_path != NULL) {
        attach->writer = capture_writer_open(options->out_path,
                                             attach->device == PACKET_DEVICE_TAP
                                                 ? CAPTURE_LINK_ETHERNET : CAPTURE_LINK_NULL,
                                             error);
        if (attach->writer == NULL)
            goto free_attach;
    }
    run_machine(attach);
    done = attach->writer == NULL || capture_writer_commit(attach->writer, error);

free_attach:
    free(attach);
    return done;
}

void
attach_result_free(struct attach_result *result)
{
    free(result->report);
    result->report = NULL;
}
