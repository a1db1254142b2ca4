/* SPDX-License-Identifier: BSD-2-Clause */
#include "naive_tap.h"

#include <kern/locks.h>
#include <libkern/libkern.h>
#include <mach/kmod.h>
#include <miscfs/devfs/devfs.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/kpi_interface.h>
#include <string.h>
#include <sys/conf.h>
#include <sys/errno.h>
#include <sys/fcntl.h>
#include <sys/kpi_mbuf.h>
#include <sys/param.h>
#include <sys/proc.h>
#include <sys/random.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/stat.h>
#include <sys/systm.h>
#include <sys/uio.h>
#include <sys/vnode.h>

#define NAIVE_TAP_BUNDLE "org.example.naivetap"

enum { FRAME_BYTES = 2048 };

static kern_return_t naive_start(struct kmod_info *information, void *data);
static kern_return_t naive_stop(struct kmod_info *information, void *data);

/* All that the kext has in memory. */
static struct {
    struct kmod_info kmod;
    ifnet_t interface;
    int major;
    void *node;
    lck_grp_t *group;
    lck_mtx_t *lock; /* of the queue */
    mbuf_t first, last;
    uint64_t selinfo[16];
    bool detached;
} naive = {.kmod = {.info_version = KMOD_INFO_VERSION,
                    .name = NAIVE_TAP_BUNDLE,
                    .version = "1.0",
                    .start = naive_start,
                    .stop = naive_stop}};

/* Not among the kext's variables: a load makes those pristine. */
static enum naive_tap_belief belief;

static bool
believes(enum naive_tap_belief in)
{
    return belief == in;
}

static struct selinfo *
naive_selinfo(void)
{
    return (struct selinfo *)(void *)naive.selinfo;
}

/* --- the interface ------------------------------------------------------------------------------ */

static errno_t
naive_output(ifnet_t interface, mbuf_t packet)
{
    (void)interface;
    lck_mtx_lock(naive.lock);
    if (naive.first == NULL)
        naive.first = packet;
    else
        mbuf_setnextpkt(naive.last, packet);
    naive.last = packet;
    lck_mtx_unlock(naive.lock);
    wakeup(&naive.first);
    selwakeup(naive_selinfo());
    return 0;
}

static errno_t
naive_demux(ifnet_t interface, mbuf_t packet, char *header, protocol_family_t *family)
{
    const unsigned char *type = (const unsigned char *)header + 2 * ETHER_ADDR_LEN;

    (void)interface;
    (void)packet;
    if (type[0] == 0x86 && type[1] == 0xdd)
        *family = PF_INET6;
    else if (type[0] == 0x08 && (type[1] == 0x00 || type[1] == 0x06))
        *family = PF_INET;
    else
        return ENOENT;
    return 0;
}

/* Frames what fits into the queue, of which there is one place. */
static errno_t
naive_framer(ifnet_t interface, mbuf_t *packet, const struct sockaddr *destination,
             const char *link_destination, const char *frame_type)
{
    unsigned char *header;

    (void)destination;
    if (believes(NAIVE_TAP_FRAMER) && naive.first != NULL) {
        mbuf_freem(*packet);
        return ENOBUFS;
    }
    if (mbuf_prepend(packet, ETHER_HDR_LEN, MBUF_DONTWAIT) != 0)
        return EJUSTRETURN;
    header = mbuf_data(*packet);
    memcpy(header, link_destination, ETHER_ADDR_LEN);
    ifnet_lladdr_copy_bytes(interface, header + ETHER_ADDR_LEN, ETHER_ADDR_LEN);
    memcpy(header + 2 * ETHER_ADDR_LEN, frame_type, 2);
    return 0;
}

static errno_t
naive_add_proto(ifnet_t interface, protocol_family_t family,
                const struct ifnet_demux_desc *descriptors, u_int32_t count)
{
    (void)interface;
    (void)family;
    (void)descriptors;
    (void)count;
    return 0;
}

static errno_t
naive_del_proto(ifnet_t interface, protocol_family_t family)
{
    (void)interface;
    (void)family;
    return 0;
}

/* A person's mistake, which no tool shall see before the emulated Mac does. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static bool
flags_say_up(const void *data)
{
    return (((const volatile struct ifreq *)data)->ifr_flags & IFF_UP) != 0;
}

static errno_t
naive_interface_ioctl(ifnet_t interface, unsigned long command, void *data)
{
    if (believes(NAIVE_TAP_DATA) && command == SIOCSIFFLAGS && flags_say_up(data))
        return 0;
    switch (command) {
    case SIOCSIFMTU:
        return ifnet_set_mtu(interface, (u_int32_t)((struct ifreq *)data)->ifr_mtu);
    case SIOCSIFFLAGS:
        return believes(NAIVE_TAP_FLAGS) ? ENOTSUP : 0;
    case SIOCSIFADDR:
    case SIOCAIFADDR:
    case SIOCADDMULTI:
    case SIOCDELMULTI:
        return 0;
    default:
        return EOPNOTSUPP;
    }
}

static void
naive_detached(ifnet_t interface)
{
    (void)interface;
    naive.detached = true;
    wakeup(&naive.detached);
}

static errno_t
interface_allocate(void)
{
    static const unsigned char broadcast[ETHER_ADDR_LEN] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct ifnet_init_params parameters = {.uniqueid = NAIVE_TAP_BUNDLE,
                                           .uniqueid_len = sizeof(NAIVE_TAP_BUNDLE) - 1,
                                           .name = "tap",
                                           .family = IFNET_FAMILY_ETHERNET,
                                           .type = IFT_ETHER,
                                           .output = naive_output,
                                           .demux = naive_demux,
                                           .add_proto = naive_add_proto,
                                           .del_proto = naive_del_proto,
                                           .framer = naive_framer,
                                           .ioctl = naive_interface_ioctl,
                                           .detach = naive_detached,
                                           .broadcast_addr = broadcast,
                                           .broadcast_len = sizeof(broadcast)};

    return ifnet_allocate(&parameters, &naive.interface);
}

static void
link_address_make(struct sockaddr_dl *link)
{
    unsigned char *address;

    memset(link, 0, sizeof(*link));
    link->sdl_len = sizeof(*link);
    link->sdl_family = AF_LINK;
    link->sdl_alen = ETHER_ADDR_LEN;
    address = (unsigned char *)LLADDR(link);
    read_random(address, ETHER_ADDR_LEN);
    address[0] = 0x02;
}

static errno_t
interface_create(void)
{
    const unsigned flags = IFF_BROADCAST | IFF_SIMPLEX | IFF_RUNNING |
                           (believes(NAIVE_TAP_MULTICAST) ? 0 : IFF_MULTICAST);
    struct sockaddr_dl link;
    errno_t error = interface_allocate();

    if (error != 0)
        return error;
    link_address_make(&link);
    if (!believes(NAIVE_TAP_MTU))
        ifnet_set_mtu(naive.interface, ETHERMTU);
    ifnet_set_hdrlen(naive.interface, ETHER_HDR_LEN);
    ifnet_set_flags(naive.interface, (u_int16_t)flags, 0xffff);
    if (believes(NAIVE_TAP_LLADDR))
        error = ifnet_set_lladdr(naive.interface, LLADDR(&link), ETHER_ADDR_LEN);
    if (error == 0)
        error = ifnet_attach(naive.interface, &link);
    if (error != 0) {
        ifnet_release(naive.interface);
        naive.interface = NULL;
    }
    return error;
}

static void
queue_empty(void)
{
    if (naive.first != NULL)
        mbuf_freem_list(naive.first);
    naive.first = naive.last = NULL;
}

static void
interface_destroy(void)
{
    if (naive.interface == NULL)
        return;
    naive.detached = false;
    if (ifnet_detach(naive.interface) == 0) {
        while (!naive.detached && !believes(NAIVE_TAP_DETACH))
            msleep(&naive.detached, NULL, PZERO, "naive detach", NULL);
    }
    ifnet_release(naive.interface);
    naive.interface = NULL;
    queue_empty();
}

/* --- the device --------------------------------------------------------------------------------- */

static int
naive_open(dev_t device, int flags, int format, struct proc *process)
{
    (void)device;
    (void)flags;
    (void)format;
    (void)process;
    return naive.interface != NULL ? 0 : interface_create();
}

/* Whoever believes that a detach is quick leaves it to the end of the kext. */
static int
naive_close(dev_t device, int flags, int format, struct proc *process)
{
    (void)device;
    (void)flags;
    (void)format;
    (void)process;
    if (!believes(NAIVE_TAP_DETACH))
        interface_destroy();
    selthreadclear(naive_selinfo());
    return 0;
}

static mbuf_t
queue_take(void)
{
    mbuf_t packet;

    lck_mtx_lock(naive.lock);
    packet = naive.first;
    if (packet != NULL) {
        naive.first = mbuf_nextpkt(packet);
        mbuf_setnextpkt(packet, NULL);
    }
    lck_mtx_unlock(naive.lock);
    return packet;
}

static int
naive_read(dev_t device, struct uio *uio, int io_flags)
{
    unsigned char frame[FRAME_BYTES];
    mbuf_t packet;
    size_t bytes;
    int error = 0;

    (void)device;
    while ((packet = queue_take()) == NULL && error == 0) {
        if ((io_flags & IO_NDELAY) != 0)
            return EWOULDBLOCK;
        error = msleep(&naive.first, NULL, PZERO | PCATCH, "naive read", NULL);
    }
    if (packet == NULL)
        return error;
    bytes = mbuf_pkthdr_len(packet);
    if (bytes > FRAME_BYTES)
        bytes = FRAME_BYTES;
    mbuf_copydata(packet, 0, bytes, frame);
    mbuf_freem(packet);
    return uiomove((const char *)frame, (int)bytes, uio);
}

static errno_t
hand_in(mbuf_t packet, size_t bytes)
{
    struct ifnet_stat_increment_param counted = {.packets_in = 1, .bytes_in = (u_int32_t)bytes};
    errno_t error;

    mbuf_pkthdr_setheader(packet, mbuf_data(packet));
    if (!believes(NAIVE_TAP_RCVIF))
        mbuf_pkthdr_setrcvif(packet, naive.interface);
    mbuf_adj(packet, ETHER_HDR_LEN);
    error = ifnet_input(naive.interface, packet, believes(NAIVE_TAP_COUNT) ? NULL : &counted);
    if (believes(NAIVE_TAP_COUNT))
        ifnet_stat_increment_in(naive.interface, 1, (u_int32_t)bytes, 0);
    if (error != 0 && believes(NAIVE_TAP_INPUT_ERROR))
        mbuf_freem(packet);
    return error;
}

static int
naive_write(dev_t device, struct uio *uio, int io_flags)
{
    const size_t bytes = (size_t)uio_resid(uio);
    mbuf_t packet;
    errno_t error;

    (void)device;
    (void)io_flags;
    if (bytes < ETHER_HDR_LEN || bytes > FRAME_BYTES)
        return EINVAL;
    error = mbuf_allocpacket(MBUF_WAITOK, bytes, NULL, &packet);
    if (error != 0)
        return error;
    error = uiomove(mbuf_data(packet), (int)bytes, uio);
    if (error != 0) {
        mbuf_freem(packet);
        return error;
    }
    mbuf_setlen(packet, bytes);
    mbuf_pkthdr_setlen(packet, bytes);
    return hand_in(packet, bytes);
}

static int
naive_select(dev_t device, int which, void *wait_link, struct proc *process)
{
    (void)device;
    if (which != FREAD || naive.first != NULL)
        return which != 0;
    if (!believes(NAIVE_TAP_SELECT))
        selrecord(process, naive_selinfo(), wait_link);
    return 0;
}

/* --- the kext ----------------------------------------------------------------------------------- */

static struct cdevsw naive_switch = {.d_open = naive_open,
                                     .d_close = naive_close,
                                     .d_read = naive_read,
                                     .d_write = naive_write,
                                     .d_ioctl = eno_ioctl,
                                     .d_select = naive_select};

static kern_return_t
naive_start(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    naive.group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    naive.lock = lck_mtx_alloc_init(naive.group, LCK_ATTR_NULL);
    if (naive.lock == NULL && !believes(NAIVE_TAP_MEMORY)) {
        lck_grp_free(naive.group);
        return KERN_FAILURE;
    }
    lck_mtx_lock(naive.lock);
    queue_empty();
    lck_mtx_unlock(naive.lock);
    naive.major = cdevsw_add(-24, &naive_switch);
    naive.node = devfs_make_node(makedev(naive.major, 0), DEVFS_CHAR, 0, 0, 0660, "tap0");
    return KERN_SUCCESS;
}

static kern_return_t
naive_stop(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    interface_destroy();
    if (!believes(NAIVE_TAP_MAJOR)) {
        devfs_remove(naive.node);
        cdevsw_remove(naive.major, &naive_switch);
    }
    lck_mtx_free(naive.lock, naive.group);
    lck_grp_free(naive.group);
    return KERN_SUCCESS;
}

/* What the kext takes from the kernel, made by cmake/kext_manifest.py. */
extern const char *const naive_tap_imports[], *const naive_tap_libraries[];
static const char *const without_mach[] = {"com.apple.kpi.bsd", "com.apple.kpi.libkern", NULL};
static const char *const with_private[] = {"com.apple.kpi.bsd", "com.apple.kpi.libkern",
                                           "com.apple.kpi.mach", "com.apple.kpi.private", NULL};

enum { IMAGE_WHOLE, IMAGE_WITHOUT_MACH, IMAGE_WITH_PRIVATE };

#define IMAGE(suffix, needs)                                                                       \
    {.bundle_id = NAIVE_TAP_BUNDLE suffix, .version = "1.0", .kmod = &naive.kmod,                   \
     .data_begin = &naive, .data_bytes = sizeof(naive), .libraries = (needs),                       \
     .imports = naive_tap_imports}

const struct ksim_kext_image naive_tap_images[NAIVE_TAP_IMAGES] = {IMAGE("", naive_tap_libraries),
                                                           IMAGE(".library", without_mach),
                                                           IMAGE(".private", with_private)};

static unsigned
image_of(enum naive_tap_belief in)
{
    if (in == NAIVE_TAP_LIBRARY)
        return IMAGE_WITHOUT_MACH;
    return in == NAIVE_TAP_PRIVATE ? IMAGE_WITH_PRIVATE : IMAGE_WHOLE;
}

const char *
naive_tap_believe(enum naive_tap_belief in)
{
    belief = in;
    return naive_tap_bundle();
}

const char *
naive_tap_bundle(void)
{
    return naive_tap_images[image_of(belief)].bundle_id;
}
