/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * /dev/bpf0 .. /dev/bpf15 (kpi-ifnet.md section 20, bpf(4)). Packets gather in the store buffer; a
 * read gets the hold buffer, which is the store buffer once it was full, timed out or immediate.
 */

#include <bpf_device.h>

#include <bpf_filter.h>
#include <clock.h>
#include <device.h>
#include <interface_internal.h>
#include <uio.h>

#include <miscfs/devfs/devfs.h>
#include <net/ethernet.h>
#include <sys/fcntl.h>
#include <sys/filio.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/vnode.h>

#define BPF_MAJOR 23
#define BUFFER_DEFAULT 4096
#define HEADER_USED_BYTES 18 /* of struct bpf_hdr */
#define WRITE_MAX 2048

struct bpf_device *
ksim_bpf_device(dev_t device)
{
    uint32_t number = (uint32_t)minor(device);

    return number < BPF_DEVICES ? ksim_current()->bpf->devices[number] : NULL;
}

static void
device_wake(struct bpf_device *device)
{
    wakeup(device);
    selwakeup((struct selinfo *)(void *)device->selinfo);
}

/* The store buffer becomes the hold buffer. */
static void
device_rotate(struct bpf_device *device)
{
    device->hold = device->store;
    device->hold_bytes = device->store_bytes;
    device->store = machine_allocate(device->buffer_bytes, "bpf buffer");
    device->store_bytes = 0;
}

static void
record_write(struct bpf_device *device, const struct bpf_packet *packet, uint32_t kept,
             uint32_t header_bytes)
{
    unsigned char *at = device->store + device->store_bytes;
    struct bpf_hdr header;

    machine_fill(&header, 0, sizeof(header));
    header.bh_tstamp.tv_sec = (int)(KSIM_BOOT_CALENDAR_SECONDS + packet->time_ns / 1000000000);
    header.bh_tstamp.tv_usec = (int)(packet->time_ns / 1000 % 1000000);
    header.bh_caplen = kept;
    header.bh_datalen = (uint32_t)packet->length_bytes;
    header.bh_hdrlen = (uint16_t)header_bytes;
    machine_fill(at, 0, header_bytes);
    machine_copy(at, &header, HEADER_USED_BYTES);
    machine_copy(at + header_bytes, packet->bytes, kept);
    device->store_bytes += header_bytes + kept;
}

/* catchpacket; bpf_lock is held. */
static void
device_deliver(void *context, const struct bpf_packet *packet)
{
    struct bpf_device *device = context;
    uint32_t bytes = (uint32_t)packet->length_bytes;
    uint32_t kept = ksim_bpf_filter_run(device->filter, packet->bytes, bytes);
    uint32_t link = device->listener.header_bytes;
    uint32_t header_bytes = ((link + HEADER_USED_BYTES + 3) & ~3U) - link;
    size_t padded = (device->store_bytes + 3) & ~(size_t)3;

    device->received++;
    if (kept == 0)
        return;
    kept = kept < bytes ? kept : bytes;
    if (header_bytes + kept > device->buffer_bytes)
        kept = device->buffer_bytes - header_bytes;
    if (padded + header_bytes + kept > device->buffer_bytes) {
        if (device->hold != NULL) {
            device->dropped++;
            return;
        }
        device_rotate(device);
        device_wake(device);
    } else {
        machine_fill(device->store + device->store_bytes, 0, padded - device->store_bytes);
        device->store_bytes = padded;
    }
    record_write(device, packet, kept, header_bytes);
    if (device->immediate)
        device_wake(device);
}

static void
device_gone(void *context)
{
    struct bpf_device *device = context;

    device->gone = true;
    device_wake(device);
}

/* --- switch entries ------------------------------------------------------------------------------*/

static int
bpf_open(dev_t number, int flags, int format, struct proc *process)
{
    struct bpf_system *system = ksim_current()->bpf;
    struct bpf_device *device;

    (void)flags;
    (void)format;
    (void)process;
    if ((uint32_t)minor(number) >= BPF_DEVICES)
        return ENXIO;
    if (ksim_bpf_device(number) != NULL)
        return EBUSY;
    device = ksim_interface_zalloc(sizeof(*device), "bpf device");
    device->buffer_bytes = BUFFER_DEFAULT;
    device->listener.deliver = device_deliver;
    device->listener.gone = device_gone;
    device->listener.context = device;
    system->devices[minor(number)] = device;
    return 0;
}

static void
device_free(struct bpf_device *device)
{
    selthreadclear((struct selinfo *)(void *)device->selinfo);
    if (device->store != NULL)
        machine_free(device->store);
    if (device->hold != NULL)
        machine_free(device->hold);
    if (device->filter != NULL)
        machine_free(device->filter);
    machine_free(device);
}

static int
bpf_close(dev_t number, int flags, int format, struct proc *process)
{
    struct bpf_device *device = ksim_bpf_device(number);

    (void)flags;
    (void)format;
    (void)process;
    if (device == NULL)
        return ENXIO;
    if (device->promiscuous && device->listener.record != NULL)
        ifnet_set_promiscuous(device->listener.record->interface, 0);
    ksim_bpf_listener_unbind(&device->listener);
    ksim_current()->bpf->devices[minor(number)] = NULL;
    device_free(device);
    return 0;
}

/* Waits until there is a hold buffer; bpf_lock is held. */
static int
hold_wait(struct bpf_device *device, bool nonblocking)
{
    struct bpf_system *system = ksim_current()->bpf;
    struct timespec timeout = {(time_t)(device->timeout_ns / 1000000000),
                               (long)(device->timeout_ns % 1000000000)};
    int error;

    while (device->hold == NULL) {
        if (device->store_bytes != 0 && (device->immediate || nonblocking || device->gone)) {
            device_rotate(device);
            break;
        }
        if (device->gone || device->listener.record == NULL)
            return ENXIO;
        if (nonblocking)
            return EWOULDBLOCK;
        error = msleep(device, system->lock, PZERO | PCATCH, "bpf",
                       device->timeout_ns != 0 ? &timeout : NULL);
        if (error == EWOULDBLOCK) {
            if (device->hold == NULL && device->store_bytes == 0)
                return EWOULDBLOCK;
            if (device->hold == NULL)
                device_rotate(device);
        } else if (error != 0) {
            return error;
        }
    }
    return 0;
}

static int
bpf_read(dev_t number, struct uio *uio, int flags)
{
    struct bpf_system *system = ksim_current()->bpf;
    struct bpf_device *device = ksim_bpf_device(number);
    unsigned char *buffer;
    size_t bytes;
    int error;

    if (device == NULL)
        return ENXIO;
    lck_mtx_lock(system->lock);
    if (uio_resid(uio) != (user_ssize_t)device->buffer_bytes) {
        lck_mtx_unlock(system->lock);
        return EINVAL;
    }
    error = hold_wait(device, (flags & IO_NDELAY) != 0);
    if (error != 0) {
        lck_mtx_unlock(system->lock);
        /* A timeout without a packet is an empty read. */
        return error == EWOULDBLOCK && (flags & IO_NDELAY) == 0 ? 0 : error;
    }
    buffer = device->hold;
    bytes = device->hold_bytes;
    device->hold = NULL;
    device->hold_bytes = 0;
    lck_mtx_unlock(system->lock);
    error = uiomove((const char *)buffer, (int)bytes, uio);
    machine_free(buffer);
    return error;
}

/* What the user wrote as one packet. */
static int
packet_take(struct uio *uio, size_t bytes, mbuf_t *out)
{
    mbuf_t packet = NULL;
    int error;

    if (mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &packet) != 0)
        return ENOBUFS;
    if (mbuf_mclget(MBUF_WAITOK, MBUF_TYPE_DATA, &packet) != 0) {
        mbuf_freem(packet);
        return ENOBUFS;
    }
    mbuf_setlen(packet, bytes);
    mbuf_pkthdr_setlen(packet, bytes);
    error = uiomove(mbuf_data(packet), (int)bytes, uio);
    if (error != 0) {
        mbuf_freem(packet);
        return error;
    }
    *out = packet;
    return 0;
}

/* How much of a written packet becomes the destination; what bpfattach was told does not matter. */
static int
write_header_bytes(uint32_t link_type, size_t *header_bytes)
{
    switch (link_type) {
    case DLT_EN10MB:
        *header_bytes = ETHER_HDR_LEN;
        return 0;
    case DLT_NULL:
    case DLT_RAW:
        *header_bytes = 0;
        return 0;
    default:
        return EIO;
    }
}

static int
packet_send(const struct bpf_device *device, ifnet_t interface, mbuf_t packet, size_t header_bytes)
{
    struct sockaddr destination;

    if (device->header_complete)
        return ksim_interface_output(interface, PF_INET, packet, NULL, NULL, true);
    machine_fill(&destination, 0, sizeof(destination));
    destination.sa_len = (unsigned char)sizeof(destination);
    destination.sa_family = AF_UNSPEC;
    machine_copy(destination.sa_data, mbuf_data(packet), header_bytes);
    mbuf_adj(packet, (int)header_bytes);
    return ksim_interface_output(interface, PF_INET, packet, NULL, &destination, false);
}

static int
bpf_write(dev_t number, struct uio *uio, int flags)
{
    struct bpf_device *device = ksim_bpf_device(number);
    size_t bytes = (size_t)uio_resid(uio);
    ifnet_t interface;
    mbuf_t packet = NULL;
    size_t header_bytes;
    int error;

    (void)flags;
    if (device == NULL || device->listener.record == NULL)
        return ENXIO;
    interface = device->listener.record->interface;
    if ((interface->flags & IFF_UP) == 0)
        return ENETDOWN;
    if (bytes == 0)
        return 0;
    if (bytes > WRITE_MAX)
        return EIO;
    error = write_header_bytes(device->listener.link_type, &header_bytes);
    if (error != 0)
        return error;
    /* Shorter than its header counts as longer than the mtu: the difference is unsigned. */
    if ((uint32_t)(bytes - header_bytes) > interface->mtu)
        return EMSGSIZE;
    error = packet_take(uio, bytes, &packet);
    return error != 0 ? error : packet_send(device, interface, packet, header_bytes);
}

static int
bpf_select(dev_t number, int which, void *link, struct proc *process)
{
    struct bpf_system *system = ksim_current()->bpf;
    struct bpf_device *device = ksim_bpf_device(number);
    int ready;

    if (device == NULL)
        return ENXIO;
    if (which == FWRITE)
        return 1;
    lck_mtx_lock(system->lock);
    ready = device->hold != NULL || device->gone ||
            (device->store_bytes != 0 && (device->immediate || device->timeout_ns != 0));
    if (!ready)
        selrecord(process, (struct selinfo *)(void *)device->selinfo, link);
    lck_mtx_unlock(system->lock);
    return ready;
}

void
ksim_bpf_devices_boot(struct ksim *kernel)
{
    static const struct cdevsw entry = {
        .d_open = bpf_open,     .d_close = bpf_close,  .d_read = bpf_read, .d_write = bpf_write,
        .d_ioctl = ksim_bpf_device_ioctl, .d_stop = eno_stop, .d_reset = eno_reset,
        .d_select = bpf_select, .d_mmap = eno_mmap,    .d_strategy = eno_strat};
    int i;

    (void)kernel;
    ksim_device_reserve(BPF_MAJOR, &entry);
    for (i = 0; i < BPF_DEVICES; i++)
        devfs_make_node(makedev(BPF_MAJOR, i), DEVFS_CHAR, UID_ROOT, GID_WHEEL, 0600, "bpf%d", i);
}
