/* SPDX-License-Identifier: BSD-2-Clause */
/* Interface requests and what the driver sees of them: kpi-ifnet.md sections 12, 13 and 17. */

#include "naive_driver.h"
#include "scene.h"

#include <interface.h>
#include <ioctl.h>
#include <process.h>
#include <system.h>

#include <kern/locks.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_media.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_socket.h>
#include <sys/socket.h>
#include <sys/sockio.h>

#define COMMAND_UNKNOWN 0xc02069f0UL /* _IOWR('i', 240, struct ifreq) */
#define COMMAND_GIFCONF 0xc0106924UL
#define COMMAND_GIFLLADDR 0xc020699eUL
#define COMMAND_GIFMEDIA64 0xc02c6938UL
#define COMMAND_GIFXMEDIA64 0xc02c6948UL
#define COMMAND_GIFMEDIA32 0xc0286938UL
#define COMMAND_GIFXMEDIA32 0xc0286948UL

static struct naive_driver driver;
static struct ifreq seen;       /* the argument of the last request */
static uint16_t flags_seen;     /* ifnet_flags in the driver's ioctl */
static const void *argument_seen;

/* The naive driver's hook has no argument, so these suites bring an ioctl of their own. */
static errno_t
looking_ioctl(ifnet_t interface, unsigned long command, void *argument)
{
    driver.ioctls++;
    driver.last_command = command;
    argument_seen = argument;
    flags_seen = ifnet_flags(interface);
    if (argument == NULL)
        driver.ioctls_null++;
    else if (command == SIOCGIFSTATUS)
        memcpy(((struct ifstat *)argument)->ascii, "status", 7);
    else
        memcpy(&seen, argument, sizeof(seen));
    return driver.ioctl_error;
}

static void
ioctl_looks(struct ifnet_init_params *init)
{
    init->ioctl = looking_ioctl;
}

static void
begin(void)
{
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, ioctl_looks);
    naive_attach(&driver);
}

/* ifconfig: an int in the request; returns what it answers and leaves what came back in *value. */
static int
ask(unsigned long command, int *value)
{
    return scene_ioctl_int("nv0", command, value);
}

static int
tell(unsigned long command, int value)
{
    return scene_ioctl_int("nv0", command, &value);
}

/* --- names and rights ----------------------------------------------------------------------------*/

static void
names_are_letters_and_a_unit(void)
{
    int value = 0;

    begin();
    expect_equal(scene_ioctl_int("nv0", SIOCGIFMTU, &value), 0);
    expect_equal(value, 1500);
    expect_equal(scene_ioctl_int("nv00", SIOCGIFMTU, &value), 0);
    expect_equal(scene_ioctl_int("nv", SIOCGIFMTU, &value), ENXIO);
    expect_equal(scene_ioctl_int("nv1", SIOCGIFMTU, &value), ENXIO);
    expect_equal(scene_ioctl_int("nv0x", SIOCGIFMTU, &value), ENXIO);
    expect_equal(scene_ioctl_int("0", SIOCGIFMTU, &value), ENXIO);
    expect_equal(scene_ioctl_int("nv1000001", SIOCGIFMTU, &value), ENXIO);
    expect_equal(scene_ioctl_int("nv99999999999", SIOCGIFMTU, &value), ENXIO);
    expect_equal(scene_ioctl_int("", SIOCGIFMTU, &value), ENXIO);
    naive_destroy(&driver);
    expect_equal(scene_ioctl_int("nv0", SIOCGIFMTU, &value), ENXIO);
}

static const unsigned long for_root[] = {
    SIOCSIFFLAGS, SIOCSIFMTU, SIOCSIFMETRIC, SIOCSIFLLADDR, SIOCSIFCAP, SIOCADDMULTI, SIOCDELMULTI,
    SIOCSIFMEDIA, SIOCSIFGENERIC, SIOCSIFALTMTU, SIOCSIFPHYS, SIOCSIFADDR, SIOCDIFADDR,
    SIOCSIFDSTADDR, SIOCSIFNETMASK, SIOCSIFBRDADDR};

static void
changes_are_for_root(void)
{
    size_t i;

    begin();
    scene_user(501);
    for (i = 0; i < sizeof(for_root) / sizeof(for_root[0]); i++)
        expect_equal(tell(for_root[i], 1000), EPERM);
    expect_equal(driver.ioctls, 0);
    expect_equal(tell(SIOCGIFMTU, 0), 0);
    expect_equal(tell(SIOCGIFFLAGS, 0), 0);
    expect_equal(tell(SIOCGIFDEVMTU, 0), 0);
    expect_equal(tell(COMMAND_UNKNOWN, 0), 0);
    expect_equal(driver.ioctls, 2);
    expect_equal(scene_ioctl_int("no1", SIOCSIFMTU, &(int){1000}), ENXIO); /* looked up first */
    scene_user(0);
    naive_destroy(&driver);
}

/* --- flags ---------------------------------------------------------------------------------------*/

static void
flags_change_before_the_driver_is_told(void)
{
    begin();
    expect_equal(tell(SIOCSIFFLAGS, IFF_UP), 0);
    expect_equal(driver.last_command, SIOCSIFFLAGS);
    expect(argument_seen != NULL && seen.ifr_flags == IFF_UP);
    expect(flags_seen & IFF_UP);
    expect_equal(scene_events(KEV_DL_SIFFLAGS), 1);
    expect_equal(tell(SIOCSIFFLAGS, 0), 0);
    expect_equal(flags_seen & IFF_UP, 0);
    naive_destroy(&driver);
}

static void
users_cannot_touch_the_drivers_flags(void)
{
    int value = 0;

    begin();
    tell(SIOCSIFFLAGS, IFF_UP | IFF_POINTOPOINT | IFF_OACTIVE | IFF_ALLMULTI);
    expect_equal(ask(SIOCGIFFLAGS, &value), 0);
    expect_equal(value & 0xffff,
                 IFF_UP | IFF_BROADCAST | IFF_SIMPLEX | IFF_MULTICAST | IFF_RUNNING);
    naive_destroy(&driver);
}

static void
an_error_of_the_driver_is_ignored(void)
{
    begin();
    driver.ioctl_error = EIO;
    expect_equal(tell(SIOCSIFFLAGS, IFF_UP), 0);
    expect(ifnet_flags(driver.interface) & IFF_UP);
    expect_equal(scene_events(KEV_DL_SIFFLAGS), 1);
    naive_destroy(&driver);
}

static void
darwin10_returns_the_drivers_error_without_event(void)
{
    begin();
    driver.ioctl_error = EIO;
    expect_equal(tell(SIOCSIFFLAGS, IFF_UP), EIO);
    expect(ifnet_flags(driver.interface) & IFF_UP);
    expect_equal(scene_events(KEV_DL_SIFFLAGS), 0);
    naive_destroy(&driver);
}

/* --- mtu and the like ----------------------------------------------------------------------------*/

static void
the_kernel_checks_the_mtu_and_the_driver_stores_it(void)
{
    int value = 0;

    begin();
    expect_equal(tell(SIOCSIFMTU, 71), EINVAL);
    expect_equal(tell(SIOCSIFMTU, 65536), EINVAL);
    expect_equal(tell(SIOCSIFMTU, -1), EINVAL);
    expect_equal(driver.ioctls, 0);
    expect_equal(tell(SIOCSIFMTU, 72), 0);
    expect_equal(tell(SIOCSIFMTU, 65535), 0);
    expect_equal(seen.ifr_mtu, 65535);
    expect_equal(scene_events(KEV_DL_SIFMTU), 2);
    ask(SIOCGIFMTU, &value);
    expect_equal(value, 1500); /* this driver did not store it */
    driver.ioctl_error = EBUSY;
    expect_equal(tell(SIOCSIFMTU, 1400), EBUSY);
    expect_equal(scene_events(KEV_DL_SIFMTU), 2);
    naive_destroy(&driver);
}

static void
the_kernel_answers_for_the_driver(void)
{
    int value = 5;

    begin();
    expect_equal(tell(SIOCSIFMETRIC, 5), 0);
    value = 0;
    expect_equal(ask(SIOCGIFMETRIC, &value), 0);
    expect_equal(value, 5);
    expect_equal(driver.ioctls, 0);
    ifnet_set_capabilities_supported(driver.interface, 3, ~0U);
    expect_equal(ask(SIOCGIFCAP, &value), 0);
    expect_equal(value, 3);
    expect_equal(tell(SIOCSIFCAP, 4), EINVAL);
    expect_equal(tell(SIOCSIFCAP, 1), 0);
    expect_equal(driver.last_command, SIOCSIFCAP);
    naive_destroy(&driver);
}

static void
the_link_address_is_told_with_its_length(void)
{
    struct ifreq request;

    begin();
    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, "nv0", 3);
    expect_equal(scene_ioctl(AF_INET, COMMAND_GIFLLADDR, &request), 0);
    expect(request.ifr_addr.sa_len == 6 && request.ifr_addr.sa_family == AF_LINK);
    expect(memcmp(request.ifr_addr.sa_data, naive_address, 6) == 0);
    request.ifr_addr.sa_data[5] = 9;
    driver.ioctl_error = EADDRINUSE;
    expect_equal(scene_ioctl(AF_INET, SIOCSIFLLADDR, &request), EADDRINUSE);
    expect(seen.ifr_addr.sa_len == 6 && seen.ifr_addr.sa_data[5] == 9);
    ifnet_set_lladdr(driver.interface, NULL, 0);
    expect_equal(scene_ioctl(AF_INET, COMMAND_GIFLLADDR, &request), EADDRNOTAVAIL);
    naive_destroy(&driver);
}

static void
the_status_reaches_programs_without_error_only(void)
{
    struct ifstat status;
    socket_t socket;

    begin();
    memset(&status, 'x', sizeof(status));
    memcpy(status.ifs_name, "nv0", 4);
    expect_equal(scene_ioctl(AF_INET, SIOCGIFSTATUS, &status), 0);
    expect(strcmp(status.ascii, "status") == 0);
    memset(status.ascii, 'x', sizeof(status.ascii));
    driver.ioctl_error = EIO;
    expect_equal(scene_ioctl(AF_INET, SIOCGIFSTATUS, &status), EIO);
    expect_equal(status.ascii[0], 'x');
    sock_socket(AF_INET, SOCK_DGRAM, 0, NULL, NULL, &socket);
    expect_equal(sock_ioctl(socket, SIOCGIFSTATUS, &status), EIO);
    expect(strcmp(status.ascii, "status") == 0); /* a caller in the kernel sees it */
    sock_close(socket);
    naive_destroy(&driver);
}

static int
media(unsigned long command)
{
    char request[64];

    memset(request, 0, sizeof(request));
    memcpy(request, "nv0", 3);
    return scene_ioctl(AF_INET, command, request);
}

static void
media_reaches_the_driver_in_its_own_form(void)
{
    begin();
    expect_equal(media(COMMAND_GIFMEDIA64), 0);
    expect_equal(driver.last_command, COMMAND_GIFMEDIA64);
    expect_equal(media(COMMAND_GIFMEDIA32), 0);
    expect_equal(driver.last_command, COMMAND_GIFMEDIA32);
    expect_equal(media(COMMAND_GIFXMEDIA64), 0);
    expect_equal(driver.last_command, COMMAND_GIFMEDIA64);
    expect_equal(media(COMMAND_GIFXMEDIA32), 0);
    expect_equal(driver.last_command, COMMAND_GIFMEDIA32);
    naive_destroy(&driver);
}

static void
extended_media_was_nothing_special(void)
{
    begin();
    expect_equal(media(COMMAND_GIFXMEDIA64), 0);
    expect_equal(driver.last_command, COMMAND_GIFXMEDIA64);
    naive_destroy(&driver);
}

static void
what_nobody_knows_goes_to_the_driver(void)
{
    begin();
    driver.ioctl_error = EOPNOTSUPP;
    expect_equal(tell(COMMAND_UNKNOWN, 1), EOPNOTSUPP);
    driver.ioctl_error = ENOTSUP;
    expect_equal(tell(COMMAND_UNKNOWN, 1), EOPNOTSUPP);
    driver.ioctl_error = EJUSTRETURN;
    expect_equal(tell(COMMAND_UNKNOWN, 1), 0);
    driver.ioctl_error = EIO;
    expect_equal(tell(COMMAND_UNKNOWN, 1), EIO);
    expect_equal(driver.ioctls, 4);
    expect_equal(scene_ioctl(AF_INET, 0xc00469f1UL, &(int){0}), EOPNOTSUPP); /* no room for a name */
    expect_equal(scene_ioctl(AF_INET, 0xc02074f0UL, &seen), ENOTTY);         /* another group */
    naive_destroy(&driver);
}

/* An IPv4 request on an IPv6 socket: the domain does not know it. */
static int
raw_alias(void)
{
    char request[64];

    memset(request, 0, sizeof(request));
    memcpy(request, "nv0", 3);
    return scene_ioctl(AF_INET6, SIOCAIFADDR, request);
}

static void
a_raw_alias_request_never_reaches_the_driver(void)
{
    begin();
    expect_equal(raw_alias(), EOPNOTSUPP);
    expect_equal(driver.ioctls, 0);
    naive_destroy(&driver);
}

static void
a_raw_alias_request_reached_the_driver(void)
{
    begin();
    expect_equal(raw_alias(), 0);
    expect_equal(driver.last_command, SIOCAIFADDR);
    naive_destroy(&driver);
}

static void
ifconf_lists_every_address(void)
{
    struct ifreq requests[8];
    struct {
        int length, padding;
        uint64_t buffer;
    } conf;
    uint32_t bytes;

    begin();
    bytes = ksim_ifconf(NULL, 0);
    expect(bytes >= 2 * sizeof(struct ifreq) && bytes <= sizeof(requests));
    memset(requests, 0, sizeof(requests));
    expect_equal(ksim_ifconf(requests, sizeof(requests)), bytes);
    expect(strcmp(requests[0].ifr_name, "lo0") == 0);
    expect(strcmp(requests[bytes / sizeof(struct ifreq) - 1].ifr_name, "nv0") == 0);
    memset(requests, 0, sizeof(requests));
    ksim_user_map(ksim_process_current(), requests, sizeof(requests));
    conf.length = (int)sizeof(requests[0]) + 5; /* room for one and a bit */
    conf.buffer = (uint64_t)(uintptr_t)requests;
    expect_equal(scene_ioctl(AF_INET, COMMAND_GIFCONF, &conf), 0);
    expect_equal(conf.length, sizeof(requests[0]));
    expect(strcmp(requests[0].ifr_name, "lo0") == 0 && requests[1].ifr_name[0] == '\0');
    conf.buffer = 8;
    expect_equal(scene_ioctl(AF_INET, COMMAND_GIFCONF, &conf), EFAULT);
    ksim_user_unmap(ksim_process_current(), requests);
    naive_destroy(&driver);
}

/* --- ifnet_ioctl and the internal requests -------------------------------------------------------*/

static void
ifnet_ioctl_checks_its_arguments(void)
{
    begin();
    expect_equal(ifnet_ioctl(NULL, 0, COMMAND_UNKNOWN, NULL), EINVAL);
    expect_equal(ifnet_ioctl(driver.interface, 0, 0, NULL), EINVAL);
    expect_equal(ifnet_ioctl(driver.interface, PF_INET, COMMAND_UNKNOWN, NULL), 0);
    expect_equal(driver.ioctls_null, 1);
    naive_destroy(&driver);
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND_UNKNOWN, NULL), EOPNOTSUPP);
}

static errno_t protocol_answer;

static errno_t
protocol_ioctl(ifnet_t interface, protocol_family_t family, unsigned long command, void *argument)
{
    (void)interface;
    (void)family;
    (void)command;
    (void)argument;
    return protocol_answer;
}

static void
the_protocol_answers_before_the_driver(void)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    begin();
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.ioctl = protocol_ioctl;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    driver.ioctls = 0;
    driver.ioctl_error = EIO;
    protocol_answer = 0;
    expect_equal(ifnet_ioctl(driver.interface, PF_INET, COMMAND_UNKNOWN, NULL), 0);
    expect_equal(driver.ioctls, 1); /* asked, and its error discarded */
    protocol_answer = EOPNOTSUPP;
    expect_equal(ifnet_ioctl(driver.interface, PF_INET, COMMAND_UNKNOWN, NULL), EIO);
    protocol_answer = EPERM;
    expect_equal(ifnet_ioctl(driver.interface, PF_INET, COMMAND_UNKNOWN, NULL), EPERM);
    expect_equal(driver.ioctls, 2);
    expect_equal(ifnet_ioctl(driver.interface, 0, COMMAND_UNKNOWN, NULL), EIO); /* no family */
    ifnet_detach_protocol(driver.interface, PF_INET);
    naive_destroy(&driver);
}

static void
promiscuous_is_counted_and_told_without_argument(void)
{
    begin();
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), 0);
    expect_equal(driver.ioctls, 0); /* down: not told */
    expect(ifnet_flags(driver.interface) & IFF_PROMISC);
    expect_equal(ifnet_set_promiscuous(driver.interface, 0), 0);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), 0);
    expect_equal(driver.ioctls_null, 1);
    expect_equal(driver.last_command, SIOCSIFFLAGS);
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), 0);
    expect_equal(ifnet_set_promiscuous(driver.interface, 0), 0);
    expect_equal(driver.ioctls, 1);
    expect_equal(ifnet_set_promiscuous(driver.interface, 0), 0);
    expect_equal(driver.ioctls, 2);
    expect_equal(ifnet_flags(driver.interface) & IFF_PROMISC, 0);
    driver.ioctl_error = EIO;
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), EIO);
    expect_equal(ifnet_flags(driver.interface) & IFF_PROMISC, 0);
    driver.ioctl_error = 0;
    ifnet_set_promiscuous(driver.interface, 1);
    expect(ifnet_flags(driver.interface) & IFF_PROMISC);
    ifnet_set_promiscuous(driver.interface, 0);
    naive_destroy(&driver);
}

static void
darwin10_refuses_promiscuous_while_down_and_passes_a_request(void)
{
    begin();
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), ENETDOWN);
    ifnet_set_flags(driver.interface, IFF_UP, IFF_UP);
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), 0);
    expect(driver.ioctls == 1 && driver.ioctls_null == 0);
    expect(seen.ifr_flags & IFF_PROMISC);
    expect(seen.ifr_name[0] != 'n'); /* uninitialised */
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), 0);
    expect_equal(ifnet_set_promiscuous(driver.interface, 0), 0);
    expect_equal(driver.ioctls, 1);
    expect_equal(ifnet_set_promiscuous(driver.interface, 0), 0);
    expect_equal(driver.ioctls, 2);
    driver.ioctl_error = EIO;
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), EIO);
    expect_equal(ifnet_flags(driver.interface) & IFF_PROMISC, 0);
    driver.ioctl_error = 0; /* the count was not taken back: the next one changes nothing */
    expect_equal(ifnet_set_promiscuous(driver.interface, 1), 0);
    expect_equal(ifnet_flags(driver.interface) & IFF_PROMISC, 0);
    ifnet_set_flags(driver.interface, 0, IFF_UP);
    ifnet_set_promiscuous(driver.interface, 0);
    ifnet_set_promiscuous(driver.interface, 0);
    naive_destroy(&driver);
}

/* --- sockets in the kernel -----------------------------------------------------------------------*/

static void
a_kernel_socket_asks_as_the_kernel(void)
{
    struct ifreq request;
    socket_t socket = NULL;

    begin();
    expect_equal(sock_socket(AF_INET, SOCK_DGRAM, 0, NULL, NULL, NULL), EINVAL);
    expect_equal(sock_socket(77, SOCK_DGRAM, 0, NULL, NULL, &socket), EAFNOSUPPORT);
    expect_equal(sock_socket(AF_INET, 77, 0, NULL, NULL, &socket), EPROTONOSUPPORT);
    expect_equal(sock_socket(AF_INET, SOCK_DGRAM, 256, NULL, NULL, &socket), EPROTONOSUPPORT);
    scene_fault("sock_socket", 1);
    expect_equal(sock_socket(AF_INET, SOCK_DGRAM, 0, NULL, NULL, &socket), ENOBUFS);
    scene_user(501);
    expect_equal(sock_socket(AF_INET, SOCK_RAW, 0, NULL, NULL, &socket), EPERM);
    expect_equal(sock_socket(AF_INET, SOCK_DGRAM, 0, NULL, NULL, &socket), 0);
    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, "nv0", 3);
    request.ifr_mtu = 1400;
    expect_equal(sock_ioctl(socket, SIOCSIFMTU, &request), 0); /* the user is not root */
    expect_equal(driver.last_command, SIOCSIFMTU);
    sock_close(socket);
    sock_close(NULL);
    scene_user(0);
    expect_equal(sock_socket(AF_INET, SOCK_RAW, 0, NULL, NULL, &socket), 0);
    sock_close(socket);
    naive_destroy(&driver);
}

static void
sock_ioctl_of_no_socket_faults(void)
{
    sock_ioctl(NULL, SIOCGIFMTU, &seen);
}

static void
a_socket_left_open_is_a_leak(void)
{
    socket_t socket;

    sock_socket(AF_INET, SOCK_DGRAM, 0, NULL, NULL, &socket);
}

static void
sock_ioctl_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    struct ifreq request;
    socket_t socket;

    memset(&request, 0, sizeof(request));
    sock_socket(AF_INET, SOCK_DGRAM, 0, NULL, NULL, &socket);
    lck_mtx_lock(mutex);
    sock_ioctl(socket, SIOCGIFMTU, &request);
}

static void
ifnet_ioctl_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    begin();
    lck_mtx_lock(mutex);
    ifnet_ioctl(driver.interface, 0, COMMAND_UNKNOWN, NULL);
}

static void
promiscuous_of_no_interface_faults(void)
{
    ifnet_set_promiscuous(NULL, 1);
}

/* Asks for the MTU through a raw socket of its own while the driver answers another request. */
static void
asks_through_a_raw_socket(struct naive_driver *naive, const char *callback)
{
    struct ifreq request;
    socket_t socket;

    if (strcmp(callback, "ioctl") != 0)
        return;
    naive->inside = NULL;
    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, "nv0", 4);
    expect_equal(sock_socket(AF_INET, SOCK_RAW, 0, NULL, NULL, &socket), 0);
    expect_equal(sock_ioctl(socket, SIOCGIFMTU, &request), 0);
    sock_close(socket);
}

static void
ask_within_a_request(int type)
{
    struct ifreq request;
    socket_t socket;

    naive_create(&driver, 0);
    driver.inside = asks_through_a_raw_socket;
    memset(&request, 0, sizeof(request));
    memcpy(request.ifr_name, "nv0", 4);
    sock_socket(AF_INET, type, 0, NULL, NULL, &socket);
    expect_equal(sock_ioctl(socket, SIOCSIFFLAGS, &request), 0);
    expect(driver.inside == NULL);
    sock_close(socket);
    naive_destroy(&driver);
}

static void
a_request_within_a_request_is_answered(void)
{
    ask_within_a_request(SOCK_DGRAM);
}

static void
raw_sockets_within_each_other(void)
{
    ask_within_a_request(SOCK_RAW);
}

const char scene_suite[] = "ioctl";

const struct scene scenes[] = {
    {SCENE(names_are_letters_and_a_unit)},
    {SCENE(changes_are_for_root), EVERY_RELEASE},
    {SCENE(flags_change_before_the_driver_is_told), EVERY_RELEASE},
    {SCENE(users_cannot_touch_the_drivers_flags)},
    {SCENE(an_error_of_the_driver_is_ignored), .darwin = 11, .darwin_last = 24},
    {SCENE(darwin10_returns_the_drivers_error_without_event), .darwin = 10},
    {SCENE(the_kernel_checks_the_mtu_and_the_driver_stores_it), EVERY_RELEASE},
    {SCENE(the_kernel_answers_for_the_driver)},
    {SCENE(the_link_address_is_told_with_its_length)},
    {SCENE(the_status_reaches_programs_without_error_only), EVERY_RELEASE},
    {SCENE(media_reaches_the_driver_in_its_own_form), .darwin = 18, .darwin_last = 24},
    {SCENE(extended_media_was_nothing_special), .darwin = 17},
    {SCENE(what_nobody_knows_goes_to_the_driver)},
    {SCENE(a_raw_alias_request_never_reaches_the_driver), .darwin = 18, .darwin_last = 24},
    {SCENE(a_raw_alias_request_reached_the_driver), .darwin = 10, .darwin_last = 17},
    {SCENE(ifconf_lists_every_address)},
    {SCENE(ifnet_ioctl_checks_its_arguments)},
    {SCENE(the_protocol_answers_before_the_driver)},
    {SCENE(promiscuous_is_counted_and_told_without_argument), .darwin = 11, .darwin_last = 24},
    {SCENE(darwin10_refuses_promiscuous_while_down_and_passes_a_request), .darwin = 10},
    {SCENE(promiscuous_of_no_interface_faults), .outcome = MACHINE_PANIC,
     .words = "ifnet_set_promiscuous"},
    {SCENE(a_kernel_socket_asks_as_the_kernel)},
    {SCENE(sock_ioctl_of_no_socket_faults), .outcome = MACHINE_PANIC, .words = "sock_ioctl"},
    {SCENE(a_socket_left_open_is_a_leak), .outcome = MACHINE_LEAK,
     .words = NAIVE_BUNDLE " left a socket"},
    {SCENE(sock_ioctl_with_a_lock_held_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "sock_ioctl called with"},
    {SCENE(a_request_within_a_request_is_answered), EVERY_RELEASE},
    {SCENE(raw_sockets_within_each_other), .darwin = 13, .darwin_last = 24},
    {SCENE(raw_sockets_within_each_other), .darwin = 10, .darwin_last = 12,
     .outcome = MACHINE_HANG, .words = "self deadlock"},
    {SCENE(ifnet_ioctl_with_a_lock_held_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "ifnet_ioctl called with"},
    {0},
};
