/* SPDX-License-Identifier: BSD-2-Clause */
/* Packet capture as a driver feeds it: kpi-ifnet.md section 20. */

#include "naive_driver.h"
#include "scene.h"

#include <bpf.h>
#include <bpf_host.h>
#include <interface.h>

#include <kern/locks.h>
#include <net/bpf.h>
#include <net/if.h>
#include <net/if_types.h>
#include <string.h>
#include <sys/errno.h>

static struct naive_driver driver;
static struct bpf_listener *ear;
static unsigned heard, heard_gone;
static enum bpf_direction direction;
static size_t bytes_heard;
static unsigned char first_bytes[8];

static void
deliver(void *context, const struct bpf_packet *packet)
{
    (void)context;
    heard++;
    direction = packet->direction;
    bytes_heard = packet->length_bytes;
    memcpy(first_bytes, packet->bytes, packet->length_bytes < 8 ? packet->length_bytes : 8);
}

static void
gone(void *context)
{
    (void)context;
    heard_gone++;
}

static errno_t
open_ear(uint32_t link_type)
{
    return ksim_bpf_listener_open("nv0", link_type, deliver, gone, NULL, &ear);
}

static void
begin(void)
{
    heard = heard_gone = 0;
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    bpfattach(driver.interface, DLT_EN10MB, 14);
}

static mbuf_t
frame(void)
{
    return naive_frame(&driver, naive_address, 0x0800, 46);
}

/* --- attach --------------------------------------------------------------------------------------*/

static void
without_bpfattach_nobody_can_listen(void)
{
    mbuf_t packet;

    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    expect_equal(open_ear(0), ENXIO);
    packet = frame();
    bpf_tap_in(driver.interface, 0, packet, NULL, 0);
    mbuf_freem(packet); /* taps never consume */
    naive_destroy(&driver);
}

static void
a_link_type_is_attached_once(void)
{
    begin();
    expect_equal(bpf_attach(driver.interface, DLT_EN10MB, 14, NULL, NULL), EEXIST);
    expect_equal(bpf_attach(driver.interface, DLT_RAW, 0, NULL, NULL), 0);
    expect_equal(open_ear(0), 0);
    expect_equal(ksim_bpf_listener_link_type(ear), DLT_EN10MB);
    ksim_bpf_listener_close(ear);
    naive_destroy(&driver);
}

static void
ethernet_is_the_primary_type_of_an_ethernet_interface(void)
{
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    bpfattach(driver.interface, DLT_RAW, 0);
    expect_equal(open_ear(0), 0);
    expect_equal(ksim_bpf_listener_link_type(ear), DLT_RAW);
    ksim_bpf_listener_close(ear);
    bpfattach(driver.interface, DLT_EN10MB, 14);
    open_ear(0);
    expect_equal(ksim_bpf_listener_link_type(ear), DLT_EN10MB);
    ksim_bpf_listener_close(ear);
    naive_destroy(&driver);
}

static void
the_first_type_is_the_primary_one_elsewhere(void)
{
    naive_create(&driver, 0);
    driver.interface->type = IFT_OTHER;
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    bpfattach(driver.interface, DLT_RAW, 0);
    bpfattach(driver.interface, DLT_EN10MB, 14);
    open_ear(0);
    expect_equal(ksim_bpf_listener_link_type(ear), DLT_RAW);
    ksim_bpf_listener_close(ear);
    expect_equal(open_ear(DLT_EN10MB), 0);
    expect_equal(driver.bpf_taps, 2); /* the driver hears only about the primary one */
    ksim_bpf_listener_close(ear);
    naive_destroy(&driver);
}

static void
bpfattach_may_come_before_attach(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, NULL);
    bpfattach(driver.interface, DLT_EN10MB, 14);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    expect_equal(open_ear(0), 0);
    expect_equal(driver.bpf_taps, 0); /* not attached: not told */
    naive_attach(&driver);
    ksim_bpf_listener_close(ear);
    expect_equal(driver.bpf_taps, 1);
    naive_destroy(&driver);
}

static void
a_down_interface_cannot_be_listened_to_on_darwin10(void)
{
    begin();
    ifnet_set_flags(driver.interface, 0, IFF_UP);
    expect_equal(open_ear(0), ENETDOWN);
    naive_destroy(&driver);
}

static void
a_down_interface_can_be_listened_to(void)
{
    begin();
    ifnet_set_flags(driver.interface, 0, IFF_UP);
    expect_equal(open_ear(0), 0);
    ksim_bpf_listener_close(ear);
    naive_destroy(&driver);
}

/* --- the driver's tap ----------------------------------------------------------------------------*/

static void
the_driver_hears_of_the_first_and_the_last_listener(void)
{
    struct bpf_listener *one;

    begin();
    expect(!ksim_bpf_has_listener(driver.interface));
    open_ear(0);
    one = ear;
    expect(ksim_bpf_has_listener(driver.interface));
    expect_equal(driver.bpf_taps, 1);
    expect_equal(driver.tap_mode, BPF_MODE_INPUT_OUTPUT);
    expect(driver.tap != NULL);
    open_ear(0);
    expect_equal(driver.bpf_taps, 1);
    ksim_bpf_listener_close(ear);
    expect_equal(driver.bpf_taps, 1);
    ksim_bpf_listener_close(one);
    expect_equal(driver.bpf_taps, 2);
    expect_equal(driver.tap_mode, BPF_MODE_DISABLED);
    expect(driver.tap == NULL);
    naive_destroy(&driver);
}

static void
the_callback_guesses_the_direction_from_the_receive_interface(void)
{
    bpf_packet_func tap;
    mbuf_t packet;

    begin();
    open_ear(0);
    tap = driver.tap;
    packet = frame();
    expect_equal(tap(driver.interface, packet), 0);
    expect_equal(direction, BPF_DIRECTION_IN);
    mbuf_pkthdr_setrcvif(packet, NULL);
    tap(driver.interface, packet);
    expect_equal(direction, BPF_DIRECTION_OUT);
    expect_equal(bytes_heard, 46);
    ksim_bpf_listener_close(ear);
    expect_equal(tap(driver.interface, packet), 0); /* harmless after DISABLE */
    expect_equal(heard, 2);
    mbuf_freem(packet);
    naive_destroy(&driver);
}

static void
header_only(unsigned choice)
{
    mbuf_t packet = NULL;

    begin();
    open_ear(0);
    mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &packet);
    mbuf_setlen(packet, 4);
    memset(mbuf_data(packet), 2, 4);
    scene_answer("stale receive interface", choice);
    driver.tap(driver.interface, packet);
    scene_answer(NULL, 0);
    mbuf_free(packet);
    ksim_bpf_listener_close(ear);
    naive_destroy(&driver);
}

static void
without_packet_header_it_is_inbound(void)
{
    header_only(1);
    expect_equal(direction, BPF_DIRECTION_IN);
}

static void
without_packet_header_it_was_anything(void)
{
    header_only(0);
    expect_equal(direction, BPF_DIRECTION_IN);
    header_only(1);
    expect_equal(direction, BPF_DIRECTION_OUT);
}

static void
tap_in_and_out_say_the_direction_and_bring_a_header(void)
{
    uint32_t family = 2; /* host order */
    mbuf_t packet, more;

    begin();
    bpf_attach(driver.interface, DLT_NULL, 4, NULL, NULL);
    open_ear(0);
    packet = frame();
    bpf_tap_out(driver.interface, DLT_EN10MB, packet, "abcdefghijklmn", 14);
    expect_equal(direction, BPF_DIRECTION_OUT);
    expect_equal(bytes_heard, 60);
    expect(memcmp(first_bytes, "abcd", 4) == 0);
    bpf_tap_in(driver.interface, 0, packet, NULL, 0); /* 0: the primary type */
    expect_equal(direction, BPF_DIRECTION_IN);
    expect_equal(bytes_heard, 46);
    bpf_tap_in(driver.interface, DLT_RAW, packet, NULL, 0); /* not attached */
    expect_equal(heard, 2);
    mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &more);
    mbuf_setlen(more, 10);
    memset(mbuf_data(more), 0, 10);
    mbuf_setnext(packet, more);
    bpf_tap_out(driver.interface, DLT_EN10MB, packet, &family, sizeof(family));
    expect_equal(bytes_heard, 60); /* the whole chain */
    expect(memcmp(first_bytes, &family, 4) == 0);
    mbuf_freem(packet);
    ksim_bpf_listener_close(ear);
    naive_destroy(&driver);
}

static unsigned taps_in_kernel;

static errno_t
record_tap(ifnet_t interface, u_int32_t link_type, bpf_tap_mode mode)
{
    (void)interface;
    (void)link_type;
    taps_in_kernel = taps_in_kernel * 10 + mode;
    return 0;
}

static void
a_record_may_have_a_tap_of_its_own(void)
{
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    taps_in_kernel = 0;
    bpf_attach(driver.interface, DLT_EN10MB, 14, NULL, record_tap);
    open_ear(0);
    ksim_bpf_listener_close(ear);
    expect_equal(taps_in_kernel, 30);
    naive_destroy(&driver);
}

static unsigned captured, captured_out;
static size_t captured_bytes;

static void
capture(void *context, uint64_t time_ns, bool outbound, const uint8_t *bytes, size_t length_bytes)
{
    (void)context;
    captured++;
    captured_out += outbound;
    captured_bytes = length_bytes;
    memcpy(first_bytes, bytes, 8);
    expect(time_ns != 0);
}

static void
host_code_captures_what_programs_would(void)
{
    struct ksim *kernel = ksim_current();
    struct ksim_capture *open = NULL;
    int link_type = -1;
    mbuf_t packet;

    captured = captured_out = 0;
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    expect_equal(ksim_capture_open(kernel, "nv0", capture, NULL, &open, &link_type), -ENXIO);
    bpfattach(driver.interface, DLT_EN10MB, 14);
    expect_equal(ksim_capture_open(kernel, "nv0", capture, NULL, &open, &link_type), 0);
    expect_equal(link_type, DLT_EN10MB);
    packet = frame();
    bpf_tap_in(driver.interface, 0, packet, "abcdefghijklmn", 14);
    bpf_tap_out(driver.interface, 0, packet, "abcdefghijklmn", 14);
    mbuf_freem(packet);
    expect(captured == 2 && captured_out == 1 && captured_bytes == 60);
    expect(memcmp(first_bytes, "abcdefgh", 8) == 0);
    naive_destroy(&driver);
    ksim_capture_close(open); /* silent since the interface went */
}

/* --- detach --------------------------------------------------------------------------------------*/

static void
detach_silences_listeners_without_telling_the_driver(void)
{
    begin();
    open_ear(0);
    driver.bpf_taps = 0;
    ifnet_detach(driver.interface);
    scene_pause();
    expect_equal(heard_gone, 1);
    expect_equal(driver.bpf_taps, 0); /* its mode stays as it was */
    expect_equal(driver.tap_mode, BPF_MODE_INPUT_OUTPUT);
    ksim_bpf_listener_close(ear);
    expect_equal(open_ear(0), ENXIO);
    ifnet_release(driver.interface);
}

static void
darwin10_tells_the_driver(void)
{
    begin();
    open_ear(0);
    ifnet_detach(driver.interface);
    expect_equal(heard_gone, 1);
    expect_equal(driver.tap_mode, BPF_MODE_DISABLED);
    ksim_bpf_listener_close(ear);
    ifnet_release(driver.interface);
}

static void
listeners_go_before_detach_returns(void)
{
    begin();
    open_ear(0);
    ifnet_detach(driver.interface);
    expect_equal(heard_gone, 1);
    scene_pause();
    ksim_bpf_listener_close(ear);
    ifnet_release(driver.interface);
}

static void
since_darwin23_listeners_go_on_the_detacher(void)
{
    begin();
    open_ear(0);
    ifnet_detach(driver.interface);
    expect_equal(heard_gone, 0);
    scene_pause();
    expect_equal(heard_gone, 1);
    ksim_bpf_listener_close(ear);
    ifnet_release(driver.interface);
}

/* --- locks and misuse ----------------------------------------------------------------------------*/

static lck_grp_t *group;
static lck_mtx_t *mutex;

static void
lock_make(void)
{
    group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
}

static void
lock_in_set_bpf_tap(struct naive_driver *naive, const char *callback)
{
    (void)naive;
    if (strcmp(callback, "set_bpf_tap") == 0) {
        lck_mtx_lock(mutex);
        lck_mtx_unlock(mutex);
    }
}

static void
tapping_under_the_lock_that_set_bpf_tap_takes_is_a_lock_order_violation(void)
{
    mbuf_t packet;

    begin();
    lock_make();
    driver.inside = lock_in_set_bpf_tap;
    open_ear(0);
    packet = frame();
    lck_mtx_lock(mutex);
    driver.tap(driver.interface, packet);
    lck_mtx_unlock(mutex);
}

static void
tap_in_set_bpf_tap(struct naive_driver *naive, const char *callback)
{
    if (strcmp(callback, "set_bpf_tap") == 0)
        bpf_tap_in(naive->interface, 0, frame(), NULL, 0);
}

static void
tapping_from_set_bpf_tap_hangs(void)
{
    begin();
    driver.inside = tap_in_set_bpf_tap;
    open_ear(0);
}

static void
tapping_under_another_lock_is_allowed(void)
{
    mbuf_t packet;

    begin();
    lock_make();
    open_ear(0);
    packet = frame();
    lck_mtx_lock(mutex);
    bpf_tap_in(driver.interface, 0, packet, NULL, 0);
    lck_mtx_unlock(mutex);
    expect_equal(heard, 1);
    mbuf_freem(packet);
    ksim_bpf_listener_close(ear);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
    naive_destroy(&driver);
}

static void
tapping_under_a_spin_lock_breaks_the_contract(void)
{
    lck_spin_t *spin;
    mbuf_t packet;

    begin();
    lock_make();
    spin = lck_spin_alloc_init(group, LCK_ATTR_NULL);
    packet = frame();
    lck_spin_lock(spin);
    bpf_tap_in(driver.interface, 0, packet, NULL, 0);
}

static void
bpfattach_without_detach_is_a_leak(void)
{
    naive_create(&driver, 0);
    ifnet_detach(driver.interface);
    scene_pause();
    bpfattach(driver.interface, DLT_EN10MB, 14);
    ifnet_release(driver.interface);
}

const char scene_suite[] = "bpf";

const struct scene scenes[] = {
    {SCENE(without_bpfattach_nobody_can_listen)},
    {SCENE(a_link_type_is_attached_once), EVERY_RELEASE},
    {SCENE(ethernet_is_the_primary_type_of_an_ethernet_interface)},
    {SCENE(the_first_type_is_the_primary_one_elsewhere)},
    {SCENE(bpfattach_may_come_before_attach), .darwin = 11, .darwin_last = 24},
    {SCENE(a_down_interface_cannot_be_listened_to_on_darwin10), .darwin = 10},
    {SCENE(a_down_interface_can_be_listened_to), .darwin = 11, .darwin_last = 24},
    {SCENE(the_driver_hears_of_the_first_and_the_last_listener), EVERY_RELEASE},
    {SCENE(the_callback_guesses_the_direction_from_the_receive_interface), EVERY_RELEASE},
    {SCENE(without_packet_header_it_is_inbound), .darwin = 13, .darwin_last = 24},
    {SCENE(without_packet_header_it_was_anything), .darwin = 11, .darwin_last = 12},
    {SCENE(tap_in_and_out_say_the_direction_and_bring_a_header)},
    {SCENE(a_record_may_have_a_tap_of_its_own)},
    {SCENE(host_code_captures_what_programs_would)},
    {SCENE(detach_silences_listeners_without_telling_the_driver), .darwin = 11, .darwin_last = 24},
    {SCENE(darwin10_tells_the_driver), .darwin = 10},
    {SCENE(listeners_go_before_detach_returns), .darwin = 11, .darwin_last = 22},
    {SCENE(since_darwin23_listeners_go_on_the_detacher), .darwin = 23, .darwin_last = 24},
    {SCENE(tapping_under_the_lock_that_set_bpf_tap_takes_is_a_lock_order_violation),
     .outcome = MACHINE_LOCK_ORDER, .words = "bpf"},
    {SCENE(tapping_from_set_bpf_tap_hangs), .outcome = MACHINE_HANG, .words = "bpf"},
    {SCENE(tapping_under_another_lock_is_allowed)},
    {SCENE(tapping_under_a_spin_lock_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "bpf_tap_in: thread"},
    {SCENE(bpfattach_without_detach_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "bpfattach of nv?"},
    {0},
};
