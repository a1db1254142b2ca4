/* SPDX-License-Identifier: BSD-2-Clause */
/* /dev/bpf as a program uses it: kpi-ifnet.md section 20, bpf(4). */

#include "naive_driver.h"
#include "scene.h"

#include <bpf_filter.h>
#include <interface.h>
#include <process.h>
#include <system.h>
#include <thread.h>

#include <net/bpf.h>
#include <net/if.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/filio.h>
#include <sys/ioccom.h>
#include <sys/socket.h>

struct timeval64 {
    int64_t seconds;
    int32_t microseconds, padding;
};
struct program {
    uint32_t count, padding;
    uint64_t instructions;
};
#pragma pack(push, 4)
struct link_types {
    uint32_t count;
    uint64_t list;
};
#pragma pack(pop)

#define GBLEN _IOR('B', 102, uint32_t)
#define SBLEN _IOWR('B', 102, uint32_t)
#define SETF _IOW('B', 103, struct program)
#define FLUSH _IO('B', 104)
#define PROMISC _IO('B', 105)
#define GDLT _IOR('B', 106, uint32_t)
#define GETIF _IOR('B', 107, struct ifreq)
#define SETIF _IOW('B', 108, struct ifreq)
#define SRTIMEOUT _IOW('B', 109, struct timeval64)
#define GRTIMEOUT _IOR('B', 110, struct timeval64)
#define GSTATS _IOR('B', 111, uint64_t)
#define IMMEDIATE _IOW('B', 112, uint32_t)
#define VERSION _IOR('B', 113, uint32_t)
#define GHDRCMPLT _IOR('B', 116, uint32_t)
#define SHDRCMPLT _IOW('B', 117, uint32_t)
#define GSEESENT _IOR('B', 118, uint32_t)
#define SSEESENT _IOW('B', 119, uint32_t)
#define SDLT _IOW('B', 120, uint32_t)
#define GDLTLIST _IOWR('B', 121, struct link_types)
#define SETFNR _IOW('B', 126, struct program)

static struct naive_driver driver;
static struct process *process;
static unsigned char buffer[4096];

static int
open_bpf(void)
{
    process = ksim_process_current();
    return ksim_system_open(process, "/dev/bpf0", KSIM_O_RDWR);
}

static void
begin(void)
{
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    bpfattach(driver.interface, DLT_EN10MB, 14);
}

static void
end(int fd)
{
    expect_equal(ksim_system_close(process, fd), 0);
    naive_destroy(&driver);
}

static int
control(int fd, unsigned long command, void *data)
{
    return -ksim_system_ioctl(process, fd, command, data);
}

static int
number(int fd, unsigned long command, uint32_t value)
{
    return control(fd, command, &value);
}

static uint32_t
get(int fd, unsigned long command)
{
    uint32_t value = 0xdead;

    expect_equal(control(fd, command, &value), 0);
    return value;
}

static int
set_interface(int fd, const char *name)
{
    struct ifreq request;

    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, name, strlen(name));
    return control(fd, SETIF, &request);
}

static int
ready(void)
{
    int fd = open_bpf();

    expect(fd >= 0);
    expect_equal(set_interface(fd, "nv0"), 0);
    expect_equal(number(fd, IMMEDIATE, 1), 0);
    return fd;
}

static void
tap(bool out, unsigned type)
{
    mbuf_t packet = naive_frame(&driver, naive_address, type, 46);
    void *header = (unsigned char *)mbuf_data(packet) - 14;

    if (out)
        bpf_tap_out(driver.interface, 0, packet, header, 14);
    else
        bpf_tap_in(driver.interface, 0, packet, header, 14);
    mbuf_freem(packet);
}

/* --- setting up ----------------------------------------------------------------------------------*/

static void
a_device_has_one_user_and_needs_an_interface(void)
{
    int fd;

    begin();
    fd = open_bpf();
    expect_equal(ksim_system_open(process, "/dev/bpf0", KSIM_O_RDWR), -EBUSY);
    expect_equal(set_interface(fd, "no0"), ENXIO);
    expect_equal(set_interface(fd, "lo0"), ENXIO);
    expect_equal(number(fd, GDLT, 0), EINVAL);
    expect_equal(number(fd, SDLT, DLT_EN10MB), EINVAL);
    expect_equal(control(fd, PROMISC, NULL), EINVAL);
    expect_equal(control(fd, GETIF, buffer), EINVAL);
    expect_equal(control(fd, GDLTLIST, buffer), EINVAL);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), -ENXIO);
    expect_equal(ksim_system_write(process, fd, buffer, 60), -ENXIO);
    expect_equal(control(fd, _IO('B', 99), NULL), EINVAL);
    end(fd);
}

static void
numbers_are_kept(void)
{
    struct timeval64 time = {2, 500000, 0};
    uint32_t value = 100;
    int fd;

    begin();
    fd = open_bpf();
    expect_equal(get(fd, GBLEN), 4096);
    expect_equal(control(fd, SBLEN, &value), 0);
    expect_equal(get(fd, GBLEN), 100);
    value = 1;
    control(fd, SBLEN, &value);
    expect_equal(value, 32);
    value = 0xffffffff;
    control(fd, SBLEN, &value);
    expect_equal(value, 0x80000);
    expect_equal(get(fd, VERSION), 1 | 1 << 16);
    expect_equal(control(fd, SRTIMEOUT, &time), 0);
    memset(&time, 0, sizeof(time));
    expect_equal(control(fd, GRTIMEOUT, &time), 0);
    expect(time.seconds == 2 && time.microseconds == 500000);
    expect_equal(get(fd, GHDRCMPLT), 0);
    number(fd, SHDRCMPLT, 5);
    expect_equal(get(fd, GHDRCMPLT), 1);
    expect_equal(get(fd, GSEESENT), 1);
    number(fd, SSEESENT, 0);
    expect_equal(get(fd, GSEESENT), 0);
    expect_equal(get(fd, FIONREAD), 0);
    end(fd);
}

static void
link_types_can_be_listed_and_chosen(void)
{
    uint32_t types[4] = {99, 99, 99, 99};
    struct link_types list = {0, 0};
    struct ifreq request;
    mbuf_t packet;
    int fd;

    begin();
    bpf_attach(driver.interface, DLT_RAW, 0, NULL, NULL);
    fd = ready();
    ksim_user_map(process, types, sizeof(types));
    expect_equal(get(fd, GDLT), DLT_EN10MB);
    expect_equal(control(fd, GDLTLIST, &list), 0);
    expect_equal(list.count, 2);
    list.list = (uint64_t)(uintptr_t)types;
    list.count = 1;
    expect_equal(control(fd, GDLTLIST, &list), ENOMEM);
    list.count = 4;
    expect_equal(control(fd, GDLTLIST, &list), 0);
    expect(list.count == 2 && types[0] == DLT_EN10MB && types[1] == DLT_RAW && types[2] == 99);
    list.list = 8;
    expect_equal(control(fd, GDLTLIST, &list), EFAULT);
    expect_equal(number(fd, SDLT, 77), EINVAL);
    expect_equal(number(fd, SDLT, DLT_RAW), 0);
    expect_equal(get(fd, GDLT), DLT_RAW);
    packet = naive_frame(&driver, naive_address, 0x0800, 46);
    bpf_tap_in(driver.interface, DLT_RAW, packet, NULL, 0);
    mbuf_freem(packet);
    expect_equal(get(fd, FIONREAD), 20 + 46); /* 18, rounded up to 4 behind no link header */
    expect_equal(control(fd, GETIF, &request), 0);
    expect(strcmp(request.ifr_name, "nv0") == 0);
    expect_equal(number(fd, SBLEN, 100), EINVAL); /* too late */
    ksim_user_unmap(process, types);
    end(fd);
}

/* --- reading -------------------------------------------------------------------------------------*/

static void
a_record_has_a_header_and_the_frame(void)
{
    struct bpf_hdr *header = (struct bpf_hdr *)(void *)buffer;
    int fd;

    begin();
    fd = ready();
    tap(false, 0x0800);
    expect_equal(get(fd, FIONREAD), 18 + 60);
    expect_equal(ksim_system_read(process, fd, buffer, 100), -EINVAL); /* must ask for it all */
    expect_equal(ksim_system_read(process, fd, buffer, 4096), 18 + 60);
    expect_equal(header->bh_hdrlen, 18); /* the packet behind the link header is aligned */
    expect(header->bh_caplen == 60 && header->bh_datalen == 60);
    expect(memcmp(buffer + 18, naive_address, 6) == 0);
    tap(false, 0x0800);
    tap(true, 0x0806);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), 80 + 78); /* the second is aligned */
    expect_equal(get(fd, FIONREAD), 0);
    end(fd);
}

static void
sent_packets_can_be_hidden(void)
{
    int fd;

    begin();
    fd = ready();
    number(fd, SSEESENT, 0);
    tap(true, 0x0800);
    expect_equal(get(fd, FIONREAD), 0);
    tap(false, 0x0800);
    expect_equal(get(fd, FIONREAD), 78);
    expect_equal(control(fd, FLUSH, NULL), 0);
    expect_equal(get(fd, FIONREAD), 0);
    end(fd);
}

static int64_t result;

static void
reader(void *argument)
{
    int fd = *(int *)argument;

    result = ksim_system_read(process, fd, buffer, 4096);
}

static void
a_reader_sleeps_until_a_packet_comes(void)
{
    int fd;

    begin();
    fd = ready();
    result = -1;
    scene_thread("reader", reader, &fd);
    scene_pause();
    expect_equal(result, -1);
    tap(false, 0x0800);
    scene_pause();
    expect_equal(result, 78);
    end(fd);
}

static void
a_full_buffer_wakes_the_reader_and_the_next_one_drops(void)
{
    uint32_t value = 200, counts[2];
    unsigned i;
    int fd;

    begin();
    fd = open_bpf();
    control(fd, SBLEN, &value);
    set_interface(fd, "nv0");
    for (i = 0; i < 6; i++)
        tap(false, 0x0800); /* two fit in each of two buffers */
    expect_equal(control(fd, GSTATS, counts), 0);
    expect(counts[0] == 6 && counts[1] == 2);
    expect_equal(ksim_system_read(process, fd, buffer, 200), 158);
    tap(false, 0x0800);
    expect_equal(ksim_system_read(process, fd, buffer, 200), 158);
    end(fd);
}

static void
a_long_packet_is_cut_to_the_buffer(void)
{
    struct bpf_hdr *header = (struct bpf_hdr *)(void *)buffer;
    uint32_t value = 50;
    int fd;

    begin();
    fd = open_bpf();
    control(fd, SBLEN, &value);
    set_interface(fd, "nv0");
    number(fd, IMMEDIATE, 1);
    tap(false, 0x0800);
    expect_equal(ksim_system_read(process, fd, buffer, 50), 50);
    expect(header->bh_caplen == 32 && header->bh_datalen == 60);
    end(fd);
}

static void
a_timeout_ends_a_read(void)
{
    struct timeval64 time = {0, 1000, 0};
    struct ksim_fd_set set = {{0}};
    int fd;

    begin();
    fd = open_bpf();
    set_interface(fd, "nv0");
    control(fd, SRTIMEOUT, &time);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), 0);
    tap(false, 0x0800);
    set.bits[0] = 1ULL << fd;
    expect_equal(ksim_system_select(process, fd + 1, &set, NULL, NULL, 0), 1);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), 78);
    ksim_system_fcntl(process, fd, KSIM_F_SETFL, KSIM_O_NONBLOCK);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), -EWOULDBLOCK);
    set.bits[0] = 1ULL << fd;
    expect_equal(ksim_system_select(process, fd + 1, &set, NULL, NULL, 0), 0);
    set.bits[0] = 1ULL << fd;
    expect_equal(ksim_system_select(process, fd + 1, NULL, &set, NULL, 0), 1);
    end(fd);
}

static void
readers_get_enxio_when_the_interface_goes(void)
{
    int fd;

    begin();
    fd = ready();
    result = -1;
    scene_thread("reader", reader, &fd);
    scene_pause();
    naive_destroy(&driver);
    scene_pause();
    expect_equal(result, -ENXIO);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), -ENXIO);
    expect_equal(ksim_system_write(process, fd, buffer, 60), -ENXIO);
    expect_equal(ksim_system_close(process, fd), 0);
}

static void
promiscuous_lasts_until_close(void)
{
    int fd;

    begin();
    fd = ready();
    expect_equal(control(fd, PROMISC, NULL), 0);
    expect_equal(control(fd, PROMISC, NULL), 0);
    expect(ifnet_flags(driver.interface) & IFF_PROMISC);
    expect_equal(driver.ioctls_null, 1);
    ksim_system_close(process, fd);
    expect_equal(ifnet_flags(driver.interface) & IFF_PROMISC, 0);
    naive_destroy(&driver);
}

/* --- writing -------------------------------------------------------------------------------------*/

static void
frame_fill(unsigned char *frame)
{
    memset(frame, 0x45, 2100);
    memcpy(frame, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x08\x00", 14);
}

static void
a_complete_frame_goes_out_raw(void)
{
    static unsigned char frame[2100];
    int fd;

    begin();
    frame_fill(frame);
    fd = ready();
    number(fd, SHDRCMPLT, 1);
    expect_equal(ksim_system_write(process, fd, frame, 60), 60);
    expect_equal(driver.outputs, 1);
    expect_equal(driver.framers, 0);
    expect(memcmp(driver.last_frame, frame, 60) == 0);
    expect_equal(ksim_system_write(process, fd, frame, 1514), 1514);
    expect_equal(ksim_system_write(process, fd, frame, 1515), -EMSGSIZE);
    expect_equal(ksim_system_write(process, fd, frame, 2049), -EIO);
    expect_equal(ksim_system_write(process, fd, frame, 13), -EMSGSIZE);
    expect_equal(ksim_system_write(process, fd, frame, 0), 0);
    expect_equal(driver.outputs, 2);
    ifnet_set_flags(driver.interface, 0, IFF_UP);
    expect_equal(ksim_system_write(process, fd, frame, 60), -ENETDOWN);
    end(fd);
}

static void
without_header_complete_the_protocol_frames(void)
{
    static unsigned char frame[2100];
    int fd;

    begin();
    frame_fill(frame);
    fd = ready();
    expect_equal(ksim_system_write(process, fd, frame, 60), -ENXIO); /* no PF_INET */
    naive_protocol_attach(&driver, PF_INET);
    expect_equal(ksim_system_write(process, fd, frame, 60), 60);
    expect_equal(driver.framers, 1);
    expect_equal(driver.last_frame_bytes, 60);
    expect(memcmp(driver.last_frame + 6, naive_address, 6) == 0); /* our address, not the writer's */
    driver.pre_output_error = EAFNOSUPPORT; /* a protocol that only knows AF_INET */
    expect_equal(ksim_system_write(process, fd, frame, 60), -EAFNOSUPPORT);
    ifnet_detach_protocol(driver.interface, PF_INET);
    end(fd);
}

static void
a_packet_on_dlt_null_has_no_header(void)
{
    static unsigned char frame[2100];
    int fd;

    naive_create(&driver, 0);
    driver.interface->type = 1;
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    bpfattach(driver.interface, DLT_NULL, 4);
    frame_fill(frame);
    fd = ready();
    naive_protocol_attach(&driver, PF_INET);
    expect_equal(ksim_system_write(process, fd, frame, 64), 64);
    expect_equal(driver.last_frame_bytes, 64); /* 14 of the framer, then what was written, whole */
    expect(memcmp(driver.last_frame + 14, frame, 50) == 0);
    expect_equal(ksim_system_write(process, fd, frame, 1500), 1500);
    expect_equal(ksim_system_write(process, fd, frame, 1501), -EMSGSIZE);
    ifnet_detach_protocol(driver.interface, PF_INET);
    end(fd);
}

static void
a_write_may_fault_or_lack_memory(void)
{
    static unsigned char frame[2100];
    int fd;

    begin();
    fd = ready();
    number(fd, SHDRCMPLT, 1);
    ksim_user_map(process, frame, sizeof(frame));
    ksim_user_fault_at(process, frame, sizeof(frame), 20);
    expect_equal(ksim_system_write(process, fd, frame, 60), -EFAULT);
    ksim_user_unmap(process, frame);
    expect_equal(driver.outputs, 0);
    end(fd);
}

/* --- filters -------------------------------------------------------------------------------------*/

static uint32_t
run(const struct bpf_insn *program, uint32_t count)
{
    static const unsigned char packet[20] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x08, 0x00, 0x45, 15,
                                             16, 17, 18, 19};

    if (!ksim_bpf_filter_valid(program, count))
        return 0xdead;
    return ksim_bpf_filter_run(program, packet, sizeof(packet));
}

#define RUN(...)                                                                                  \
    run((const struct bpf_insn[]){__VA_ARGS__},                                                   \
        sizeof((const struct bpf_insn[]){__VA_ARGS__}) / sizeof(struct bpf_insn))
#define RET_A {0x16, 0, 0, 0}
#define LD(number) {0x00, 0, 0, number}
#define LDX(number) {0x01, 0, 0, number}

static void
loads_read_the_packet_big_endian(void)
{
    expect_equal(RUN({0x20, 0, 0, 0}, RET_A), 0x00010203);            /* ld [0] */
    expect_equal(RUN({0x28, 0, 0, 12}, RET_A), 0x0800);               /* ldh [12] */
    expect_equal(RUN({0x30, 0, 0, 19}, RET_A), 19);                   /* ldb [19] */
    expect_equal(RUN({0x30, 0, 0, 20}, RET_A), 0);                    /* beyond: refused */
    expect_equal(RUN(LDX(4), {0x40, 0, 0, 1}, RET_A), 0x05060708);    /* ld [x+1] */
    expect_equal(RUN(LDX(4), {0x48, 0, 0, 0}, RET_A), 0x0405);        /* ldh [x] */
    expect_equal(RUN(LDX(4), {0x50, 0, 0, 0}, RET_A), 4);             /* ldb [x] */
    expect_equal(RUN(LDX(0xffffffff), {0x50, 0, 0, 5}, RET_A), 0);    /* no wrapping round */
    expect_equal(RUN({0x80, 0, 0, 0}, RET_A), 20);                    /* ld len */
    expect_equal(RUN({0x81, 0, 0, 0}, {0x87, 0, 0, 0}, RET_A), 20);   /* ldx len; txa */
    expect_equal(RUN({0xb1, 0, 0, 14}, {0x87, 0, 0, 0}, RET_A), 20);  /* ldx 4*([14]&0xf) */
    expect_equal(RUN(LD(7), {0x02, 0, 0, 3}, LD(0), {0x60, 0, 0, 3}, RET_A), 7);
    expect_equal(RUN(LDX(7), {0x03, 0, 0, 3}, LDX(0), {0x61, 0, 0, 3}, {0x87, 0, 0, 0}, RET_A), 7);
    expect_equal(RUN(LD(9), {0x07, 0, 0, 0}, LD(0), {0x87, 0, 0, 0}, RET_A), 9); /* tax, txa */
    expect_equal(RUN({0x06, 0, 0, 77}), 77);
}

static void
arithmetic_is_unsigned(void)
{
    expect_equal(RUN(LD(7), {0x04, 0, 0, 5}, RET_A), 12);
    expect_equal(RUN(LD(7), {0x14, 0, 0, 5}, RET_A), 2);
    expect_equal(RUN(LD(7), {0x24, 0, 0, 5}, RET_A), 35);
    expect_equal(RUN(LD(37), {0x34, 0, 0, 5}, RET_A), 7);
    expect_equal(RUN(LD(5), {0x44, 0, 0, 2}, RET_A), 7);
    expect_equal(RUN(LD(7), {0x54, 0, 0, 5}, RET_A), 5);
    expect_equal(RUN(LD(7), {0x64, 0, 0, 2}, RET_A), 28);
    expect_equal(RUN(LD(28), {0x74, 0, 0, 2}, RET_A), 7);
    expect_equal(RUN(LD(7), {0x84, 0, 0, 0}, RET_A), (uint32_t)-7);
    expect_equal(RUN(LDX(5), LD(37), {0x3c, 0, 0, 0}, RET_A), 7); /* by X */
    expect_equal(RUN(LDX(0), LD(37), {0x3c, 0, 0, 0}, RET_A), 0); /* refused */
}

static void
jumps_go_forward(void)
{
    expect_equal(RUN({0x05, 0, 0, 1}, {0x06, 0, 0, 1}, {0x06, 0, 0, 2}), 2);
    expect_equal(RUN(LD(5), {0x15, 0, 1, 5}, {0x06, 0, 0, 1}, {0x06, 0, 0, 2}), 1);
    expect_equal(RUN(LD(5), {0x25, 0, 1, 5}, {0x06, 0, 0, 1}, {0x06, 0, 0, 2}), 2);
    expect_equal(RUN(LD(5), {0x35, 0, 1, 5}, {0x06, 0, 0, 1}, {0x06, 0, 0, 2}), 1);
    expect_equal(RUN(LD(5), {0x45, 0, 1, 8}, {0x06, 0, 0, 1}, {0x06, 0, 0, 2}), 2);
    expect_equal(RUN(LDX(5), LD(5), {0x1d, 0, 1, 0}, {0x06, 0, 0, 1}, {0x06, 0, 0, 2}), 1);
}

static void
programs_that_could_go_astray_are_refused(void)
{
    expect(!ksim_bpf_filter_valid(NULL, 0));
    expect_equal(RUN(LD(1)), 0xdead);                          /* no return */
    expect_equal(RUN({0x05, 0, 0, 1}, {0x06, 0, 0, 1}), 0xdead); /* behind the end */
    expect_equal(RUN({0x15, 1, 0, 1}, {0x06, 0, 0, 1}), 0xdead);
    expect_equal(RUN({0x55, 0, 0, 1}, {0x06, 0, 0, 1}), 0xdead); /* no such jump */
    expect_equal(RUN({0x34, 0, 0, 0}, RET_A), 0xdead);         /* division by 0 */
    expect_equal(RUN({0xf4, 0, 0, 0}, RET_A), 0xdead);
    expect_equal(RUN({0x02, 0, 0, 16}, RET_A), 0xdead); /* cell 16 */
    expect_equal(RUN({0x60, 0, 0, 16}, RET_A), 0xdead);
    expect_equal(RUN({0x61, 0, 0, 16}, RET_A), 0xdead);
    expect_equal(RUN({0x38, 0, 0, 0}, RET_A), 0xdead); /* size */
    expect_equal(RUN({0x21, 0, 0, 0}, RET_A), 0xdead); /* ldx [0] */
    expect_equal(RUN({0xa1, 0, 0, 0}, RET_A), 0xdead);
}

static void
a_filter_decides_how_much_is_kept(void)
{
    static struct bpf_insn arp_20[4] = {
        {0x28, 0, 0, 12}, {0x15, 0, 1, 0x0806}, {0x06, 0, 0, 20}, {0x06, 0, 0, 0}};
    struct program program = {4, 0, (uint64_t)(uintptr_t)arp_20};
    struct bpf_hdr *header = (struct bpf_hdr *)(void *)buffer;
    uint32_t counts[2];
    int fd;

    begin();
    fd = ready();
    ksim_user_map(process, arp_20, sizeof(arp_20));
    expect_equal(control(fd, SETF, &program), 0);
    tap(false, 0x0800);
    expect_equal(get(fd, FIONREAD), 0);
    tap(false, 0x0806);
    expect_equal(ksim_system_read(process, fd, buffer, 4096), 38);
    expect(header->bh_caplen == 20 && header->bh_datalen == 60);
    control(fd, GSTATS, counts);
    expect(counts[0] == 2 && counts[1] == 0);
    program.count = 513;
    expect_equal(control(fd, SETF, &program), EINVAL);
    program.count = 3;
    program.instructions = 8;
    expect_equal(control(fd, SETFNR, &program), EINVAL);
    program.count = 0;
    expect_equal(control(fd, SETFNR, &program), 0); /* none: everything */
    tap(false, 0x0800);
    expect_equal(get(fd, FIONREAD), 78);
    ksim_user_unmap(process, arp_20);
    end(fd);
}

const char scene_suite[] = "capture";

const struct scene scenes[] = {
    {SCENE(a_device_has_one_user_and_needs_an_interface)},
    {SCENE(numbers_are_kept)},
    {SCENE(link_types_can_be_listed_and_chosen)},
    {SCENE(a_record_has_a_header_and_the_frame), EVERY_RELEASE},
    {SCENE(sent_packets_can_be_hidden)},
    {SCENE(a_reader_sleeps_until_a_packet_comes)},
    {SCENE(a_full_buffer_wakes_the_reader_and_the_next_one_drops)},
    {SCENE(a_long_packet_is_cut_to_the_buffer)},
    {SCENE(a_timeout_ends_a_read)},
    {SCENE(readers_get_enxio_when_the_interface_goes), .darwin = 11, .darwin_last = 24},
    {SCENE(promiscuous_lasts_until_close)},
    {SCENE(a_complete_frame_goes_out_raw)},
    {SCENE(without_header_complete_the_protocol_frames)},
    {SCENE(a_packet_on_dlt_null_has_no_header)},
    {SCENE(a_write_may_fault_or_lack_memory)},
    {SCENE(loads_read_the_packet_big_endian)},
    {SCENE(arithmetic_is_unsigned)},
    {SCENE(jumps_go_forward)},
    {SCENE(programs_that_could_go_astray_are_refused)},
    {SCENE(a_filter_decides_how_much_is_kept)},
    {0},
};
