/* SPDX-License-Identifier: BSD-2-Clause */
#include "write_input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ifconfig.h>
#include <machine.h>
#include <native_kexts.h>
#include <system.h>

#include "fuzz_input.h"
#include "oracle.h"

#define TUNSIFHEAD UINT32_C(0x80047460)

enum {
    MS_NS = 1000000,
    UNLOAD_TRIES = 6000,
    PIECES_MAX = 4,
    HEAD_BYTES = 4,
    ETHER_BYTES = 14,
    TAG_BYTES = 4,
    IP4_BYTES = 20,
    IP6_BYTES = 40,
    DARWIN_AF_INET = 2,
    DARWIN_AF_INET6 = 30
};

struct writer {
    struct fuzz_input input;
    struct ksim *kernel;
    struct process *process;
    const char *name; /* of the kext */
    char interface[8];
    bool tap, head, finished;
    int fd, mtu;
};

/* One write(2) or writev(2). */
struct write_call {
    const uint8_t *bytes; /* in the input */
    size_t length, faulty; /* faulty == length: none */
    unsigned count;
    struct ksim_iovec pieces[PIECES_MAX];
};

/* --- what the manual allows ------------------------------------------------------------------------- */

static uint64_t
reason(int error, bool applies)
{
    return applies ? UINT64_C(1) << error : 0;
}

static uint64_t
reasons_of_frame(const struct writer *writer, const struct write_call *call)
{
    bool typed = call->length >= ETHER_BYTES;
    bool tagged = typed && call->bytes[12] == 0x81 && call->bytes[13] == 0;
    size_t header = tagged ? ETHER_BYTES + TAG_BYTES : ETHER_BYTES;

    return reason(KSIM_EINVAL, call->length < header) |
           reason(KSIM_EMSGSIZE, call->length > (size_t)writer->mtu + header);
}

static bool
family_is_wrong(const uint8_t *bytes, bool head)
{
    unsigned version = bytes[head ? HEAD_BYTES : 0] >> 4;
    unsigned family = version == 4 ? DARWIN_AF_INET : DARWIN_AF_INET6;

    if (version != 4 && version != 6)
        return true;
    return head && (bytes[0] != 0 || bytes[1] != 0 || bytes[2] != 0 || bytes[3] != family);
}

static uint64_t
reasons_of_packet(const struct writer *writer, const struct write_call *call)
{
    size_t head = writer->head ? HEAD_BYTES : 0;
    bool six = call->length > head && call->bytes[head] >> 4 == 6;

    return reason(KSIM_EINVAL, call->length < head + (six ? IP6_BYTES : IP4_BYTES)) |
           reason(KSIM_EMSGSIZE, call->length > (size_t)writer->mtu + head) |
           reason(KSIM_EAFNOSUPPORT, call->length > head && family_is_wrong(call->bytes, writer->head));
}

/* The errors that may be answered, a bit for each number; none: it has to be taken. */
static uint64_t
reasons_of(const struct writer *writer, const struct write_call *call)
{
    uint64_t reasons = writer->tap ? reasons_of_frame(writer, call) : reasons_of_packet(writer, call);

    return reasons | reason(KSIM_EFAULT, call->faulty < call->length);
}

/* --- a write ---------------------------------------------------------------------------------------- */

static void
piece_add(struct writer *writer, struct write_call *call, size_t begin, size_t end)
{
    size_t bytes = end - begin;
    struct ksim_iovec *piece = &call->pieces[call->count++];

    piece->base = malloc(bytes);
    piece->bytes = bytes;
    if (piece->base == NULL && bytes != 0)
        abort();
    if (bytes != 0)
        memcpy(piece->base, call->bytes + begin, bytes);
    if (call->faulty >= begin && call->faulty < end)
        ksim_user_fault_at(writer->process, piece->base, bytes, call->faulty - begin);
}

static void
call_take(struct writer *writer, struct write_call *call)
{
    unsigned shape = fuzz_input_u8(&writer->input), cuts = shape & 3;
    size_t wanted = fuzz_input_u16(&writer->input) % (WRITE_BYTES_MAX + 1), at[PIECES_MAX - 1], begin = 0;
    size_t faulty = SIZE_MAX;

    memset(call, 0, sizeof(*call));
    for (unsigned cut = 0; cut < cuts; cut++)
        at[cut] = fuzz_input_u16(&writer->input);
    if ((shape & 4) != 0)
        faulty = fuzz_input_u16(&writer->input);
    call->bytes = fuzz_input_bytes(&writer->input, wanted, &call->length);
    call->faulty = faulty < call->length ? faulty : call->length;
    for (unsigned cut = 0; cut < cuts; cut++) {
        size_t end = begin + at[cut] % (call->length - begin + 1);

        piece_add(writer, call, begin, end);
        begin = end;
    }
    piece_add(writer, call, begin, call->length);
}

static void
call_end(struct writer *writer, struct write_call *call)
{
    for (unsigned i = 0; i < call->count; i++) {
        if (call->pieces[i].bytes != 0)
            ksim_user_unmap(writer->process, call->pieces[i].base);
        free(call->pieces[i].base);
    }
}

static struct ksim_interface_status
status_of(const struct writer *writer)
{
    struct ksim_interface_status status;

    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        if (strcmp(status.name, writer->interface) == 0)
            return status;
    }
    ORACLE(false, "%s is gone while its device is open", writer->interface);
    abort();
}

static void
write_and_judge(struct writer *writer)
{
    struct ksim_interface_status before = status_of(writer), after;
    struct write_call call;
    uint64_t reasons;
    int64_t result;

    call_take(writer, &call);
    reasons = reasons_of(writer, &call);
    result = call.count > 1 ? ksim_system_writev(writer->process, writer->fd, call.pieces, (int)call.count)
                            : ksim_system_write(writer->process, writer->fd, call.pieces[0].base, call.length);
    if (reasons == 0)
        ORACLE(result == (int64_t)call.length, "%" PRId64 " for a good packet of %zu bytes", result, call.length);
    else
        ORACLE(result < 0 && result > -64 && (reasons >> -result & 1) != 0,
               "%" PRId64 " for %zu bytes where the manual allows the errors %" PRIx64, result, call.length, reasons);
    ksim_system_sleep(writer->process, MS_NS);
    after = status_of(writer);
    ORACLE(after.packets_in - before.packets_in == (reasons == 0),
           "%" PRIu64 " packets came in by a write that answered %" PRId64, after.packets_in - before.packets_in, result);
    call_end(writer, &call);
}

/* --- the machine ------------------------------------------------------------------------------------ */

static void
writer_open(struct writer *writer)
{
    static const int mtus[] = {1500, 72, 9000, 65535};
    static const uint8_t ours[4] = {10, 7, 0, 1}, peer[4] = {10, 7, 0, 2};
    uint8_t mode = fuzz_input_u8(&writer->input);
    char path[16];
    int head, error;

    snprintf(writer->interface, sizeof(writer->interface), "%s0", writer->name);
    snprintf(path, sizeof(path), "/dev/%s", writer->interface);
    writer->head = !writer->tap && (mode & 1) != 0;
    writer->mtu = mtus[mode >> 1 & 3];
    head = writer->head;
    writer->fd = ksim_system_open(writer->process, path, KSIM_O_RDWR);
    ORACLE(writer->fd >= 0, "open: %d", writer->fd);
    error = ifconfig_inet(writer->process, writer->interface, ours, writer->tap ? 24 : 32, writer->tap ? NULL : peer);
    ORACLE(error == 0, "the address: %d", error);
    error = ifconfig_mtu(writer->process, writer->interface, writer->mtu);
    ORACLE(error == 0, "the MTU: %d", error);
    error = ifconfig_up(writer->process, writer->interface);
    ORACLE(error == 0, "up: %d", error);
    error = writer->tap ? 0 : ksim_system_ioctl(writer->process, writer->fd, TUNSIFHEAD, &head);
    ORACLE(error == 0, "TUNSIFHEAD: %d", error);
}

static void
writer_thread(void *argument)
{
    struct writer *writer = argument;
    const char *bundle = native_kext_image(writer->name)->bundle_id;
    int result = ksim_kext_load(writer->kernel, bundle);

    ORACLE(result == KSIM_KEXT_OK, "kextload: %x", (unsigned)result);
    writer_open(writer);
    for (unsigned i = 0; i < WRITE_COUNT_MAX && !fuzz_input_is_empty(&writer->input); i++)
        write_and_judge(writer);
    result = ksim_system_close(writer->process, writer->fd);
    ORACLE(result == 0, "close: %d", result);
    result = KSIM_KEXT_START_STOP;
    for (unsigned i = 0; i < UNLOAD_TRIES && result == KSIM_KEXT_START_STOP; i++) {
        result = ksim_kext_unload(writer->kernel, bundle);
        ksim_system_sleep(writer->process, 10 * MS_NS);
    }
    ORACLE(result == KSIM_KEXT_OK, "kextunload: %x", (unsigned)result);
    writer->finished = true;
    ksim_system_exit(writer->process);
}

void
write_input_run(bool tap, const uint8_t *bytes, size_t length)
{
    const struct machine_config config = {.poison_seed = 42};
    const struct ksim_options options = {.darwin_major = 0};
    struct writer writer = {.input = fuzz_input_of(bytes, length), .name = tap ? "tap" : "tun", .tap = tap};
    struct machine *machine = machine_create(&config);

    if (machine == NULL)
        abort();
    writer.kernel = ksim_create(machine, &options);
    if (writer.kernel == NULL)
        abort();
    machine_enter(machine);
    native_kexts_register(writer.kernel);
    writer.process = ksim_process_create(writer.kernel, "writer", 0);
    ksim_thread_run(writer.process, "main", writer_thread, &writer);
    machine_leave(machine);
    if (machine_run(machine) == MACHINE_OK) {
        machine_enter(machine);
        ksim_audit(writer.kernel);
        machine_leave(machine);
    }
    ORACLE(machine_outcome(machine) == MACHINE_OK, "%s: %s", machine_outcome_name(machine_outcome(machine)),
           machine_report(machine));
    ORACLE(writer.finished, "the writer did not come to its end");
    machine_destroy(machine);
}
