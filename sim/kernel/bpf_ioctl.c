/* SPDX-License-Identifier: BSD-2-Clause */

#include <bpf_device.h>

#include <bpf_filter.h>
#include <interface_internal.h>
#include <uio.h>

#include <net/if.h>
#include <sys/filio.h>
#include <sys/ioccom.h>

#define BUFFER_MIN 32
#define BUFFER_MAX 0x80000

/* bpf(4); the kernel headers do not have them. */
struct bpf_timeval {
    int64_t seconds;
    int32_t microseconds, padding;
};

struct bpf_program_argument {
    uint32_t count, padding;
    uint64_t instructions;
};

struct bpf_statistics {
    uint32_t received, dropped;
};

struct bpf_version_number {
    uint16_t major, minor;
};

#pragma pack(push, 4)
struct bpf_list {
    uint32_t count;
    uint64_t list;
};
#pragma pack(pop)

#define COMMAND_GBLEN _IOR('B', 102, uint32_t)
#define COMMAND_SBLEN _IOWR('B', 102, uint32_t)
#define COMMAND_SETF _IOW('B', 103, struct bpf_program_argument)
#define COMMAND_FLUSH _IO('B', 104)
#define COMMAND_PROMISC _IO('B', 105)
#define COMMAND_GDLT _IOR('B', 106, uint32_t)
#define COMMAND_GETIF _IOR('B', 107, struct ifreq)
#define COMMAND_SETIF _IOW('B', 108, struct ifreq)
#define COMMAND_SRTIMEOUT _IOW('B', 109, struct bpf_timeval)
#define COMMAND_GRTIMEOUT _IOR('B', 110, struct bpf_timeval)
#define COMMAND_GSTATS _IOR('B', 111, struct bpf_statistics)
#define COMMAND_IMMEDIATE _IOW('B', 112, uint32_t)
#define COMMAND_VERSION _IOR('B', 113, struct bpf_version_number)
#define COMMAND_GHDRCMPLT _IOR('B', 116, uint32_t)
#define COMMAND_SHDRCMPLT _IOW('B', 117, uint32_t)
#define COMMAND_GSEESENT _IOR('B', 118, uint32_t)
#define COMMAND_SSEESENT _IOW('B', 119, uint32_t)
#define COMMAND_SDLT _IOW('B', 120, uint32_t)
#define COMMAND_GDLTLIST _IOWR('B', 121, struct bpf_list)
#define COMMAND_SETFNR _IOW('B', 126, struct bpf_program_argument)

static void
device_flush(struct bpf_device *device)
{
    if (device->hold != NULL)
        machine_free(device->hold);
    device->hold = NULL;
    device->hold_bytes = device->store_bytes = 0;
    device->received = device->dropped = 0;
}

static int
buffer_set(struct bpf_device *device, uint32_t *bytes)
{
    if (device->listener.record != NULL)
        return EINVAL;
    if (*bytes > BUFFER_MAX)
        *bytes = BUFFER_MAX;
    if (*bytes < BUFFER_MIN)
        *bytes = BUFFER_MIN;
    device->buffer_bytes = *bytes;
    return 0;
}

static int
filter_set(struct bpf_device *device, const struct bpf_program_argument *argument, bool flush)
{
    struct bpf_insn *filter = NULL;
    size_t bytes = argument->count * sizeof(*filter);

    if (argument->count > BPF_PROGRAM_MAX)
        return EINVAL;
    if (argument->count != 0) {
        filter = machine_allocate(bytes, "bpf filter");
        if (ksim_copy_in(argument->instructions, filter, bytes) != 0 ||
            !ksim_bpf_filter_valid(filter, argument->count)) {
            machine_free(filter);
            return EINVAL;
        }
    }
    if (device->filter != NULL)
        machine_free(device->filter);
    device->filter = filter;
    if (flush)
        device_flush(device);
    return 0;
}

static int
interface_set(struct bpf_device *device, struct ifreq *request)
{
    errno_t error;

    request->ifr_name[IFNAMSIZ - 1] = '\0';
    error = ksim_bpf_listener_bind(&device->listener, request->ifr_name, 0, true);
    if (error != 0)
        return error;
    if (device->store == NULL)
        device->store = machine_allocate(device->buffer_bytes, "bpf buffer");
    device->gone = false;
    device_flush(device);
    return 0;
}

static int
link_type_set(struct bpf_device *device, uint32_t link_type)
{
    if (device->listener.record == NULL)
        return EINVAL;
    if (ksim_bpf_listener_bind(&device->listener, device->listener.record->interface->xname,
                               link_type, false) != 0)
        return EINVAL;
    device_flush(device);
    return 0;
}

static int
link_type_list(struct bpf_device *device, struct bpf_list *list)
{
    const struct bpf_interface *record;
    uint32_t count = 0;

    if (device->listener.record == NULL)
        return EINVAL;
    for (record = ksim_current()->bpf->records; record != NULL; record = record->next) {
        if (record->interface != device->listener.record->interface)
            continue;
        if (list->list != 0) {
            if (count >= list->count)
                return ENOMEM;
            if (ksim_copy_out(&record->link_type, list->list + count * sizeof(uint32_t),
                              sizeof(uint32_t)) != 0)
                return EFAULT;
        }
        count++;
    }
    list->count = count;
    return 0;
}

static int
promiscuous_set(struct bpf_device *device)
{
    errno_t error;

    if (device->listener.record == NULL)
        return EINVAL;
    if (device->promiscuous)
        return 0;
    error = ifnet_set_promiscuous(device->listener.record->interface, 1);
    device->promiscuous = error == 0;
    return error;
}

/* Commands that read or write one number of the device. */
static int
number_command(struct bpf_device *device, unsigned long command, uint32_t *number)
{
    switch (command) {
    case COMMAND_GBLEN:
        *number = device->buffer_bytes;
        return 0;
    case COMMAND_SBLEN:
        return buffer_set(device, number);
    case COMMAND_GDLT:
        *number = device->listener.link_type;
        return device->listener.record != NULL ? 0 : EINVAL;
    case COMMAND_SDLT:
        return link_type_set(device, *number);
    case COMMAND_IMMEDIATE:
        device->immediate = *number != 0;
        return 0;
    case COMMAND_GHDRCMPLT:
        *number = device->header_complete;
        return 0;
    case COMMAND_SHDRCMPLT:
        device->header_complete = *number != 0;
        return 0;
    case COMMAND_GSEESENT:
        *number = !device->listener.ignores_sent;
        return 0;
    case COMMAND_SSEESENT:
        device->listener.ignores_sent = *number == 0;
        return 0;
    case FIONREAD:
        *number = (uint32_t)(device->hold != NULL ? device->hold_bytes : device->store_bytes);
        return 0;
    default:
        return EINVAL;
    }
}

static void
timeout_set(struct bpf_device *device, const struct bpf_timeval *time)
{
    device->timeout_ns =
        (uint64_t)time->seconds * 1000000000 + (uint64_t)time->microseconds * 1000;
}

static void
timeout_get(const struct bpf_device *device, struct bpf_timeval *time)
{
    time->seconds = (int64_t)(device->timeout_ns / 1000000000);
    time->microseconds = (int32_t)(device->timeout_ns / 1000 % 1000000);
    time->padding = 0;
}

static int
interface_get(const struct bpf_device *device, struct ifreq *request)
{
    if (device->listener.record == NULL)
        return EINVAL;
    machine_copy(request->ifr_name, device->listener.record->interface->xname, IFNAMSIZ);
    return 0;
}

int
ksim_bpf_device_ioctl(dev_t number, unsigned long command, caddr_t data, int flags,
                      struct proc *process)
{
    struct bpf_device *device = ksim_bpf_device(number);
    void *argument = data;

    (void)flags;
    (void)process;
    if (device == NULL)
        return ENXIO;
    switch (command) {
    case COMMAND_SETF:
    case COMMAND_SETFNR:
        return filter_set(device, argument, command == COMMAND_SETF);
    case COMMAND_FLUSH:
        device_flush(device);
        return 0;
    case COMMAND_PROMISC:
        return promiscuous_set(device);
    case COMMAND_GETIF:
        return interface_get(device, argument);
    case COMMAND_SETIF:
        return interface_set(device, argument);
    case COMMAND_SRTIMEOUT:
        timeout_set(device, argument);
        return 0;
    case COMMAND_GRTIMEOUT:
        timeout_get(device, argument);
        return 0;
    case COMMAND_GSTATS:
        *(struct bpf_statistics *)argument =
            (struct bpf_statistics){device->received, device->dropped};
        return 0;
    case COMMAND_VERSION:
        *(struct bpf_version_number *)argument = (struct bpf_version_number){1, 1};
        return 0;
    case COMMAND_GDLTLIST:
        return link_type_list(device, argument);
    default:
        return number_command(device, command, argument);
    }
}
