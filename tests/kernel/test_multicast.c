/* SPDX-License-Identifier: BSD-2-Clause */
/* Multicast memberships: kpi-ifnet.md section 18. */

#include "naive_driver.h"
#include "scene.h"

#include <interface.h>

#include <kern/locks.h>
#include <net/if.h>
#include <net/if_dl.h>
#include <net/net_kev.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/socket.h>
#include <sys/sockio.h>

static const struct sockaddr_dl group_link = {.sdl_len = sizeof(group_link), .sdl_family = AF_LINK,
                                              .sdl_alen = 6, .sdl_data = {1, 0, 0x5e, 0, 0, 9}};
static const struct sockaddr_dl unicast_link = {.sdl_len = sizeof(unicast_link),
                                                .sdl_family = AF_LINK, .sdl_alen = 6,
                                                .sdl_data = {2, 0, 0x5e, 0, 0, 9}};
static const struct sockaddr group_unspecified = {.sa_len = 16, .sa_family = AF_UNSPEC,
                                                  .sa_data = {1, 0, 0x5e, 0, 0, 9}};
static const struct sockaddr group_inet = {.sa_len = 16, .sa_family = AF_INET,
                                           .sa_data = {0, 0, (char)224, 0, 0, 9}};

static struct naive_driver driver;

static errno_t
join(const void *address, ifmultiaddr_t *out)
{
    return ifnet_add_multicast(driver.interface, address, out);
}

static void
leave(ifmultiaddr_t membership)
{
    expect_equal(ifnet_remove_multicast(membership), 0);
    ifmaddr_release(membership);
}

static void
the_drivers_list_changes_before_it_is_told(void)
{
    ifmultiaddr_t membership, *list;

    naive_create(&driver, 0);
    expect_equal(join(&group_link, &membership), 0);
    expect_equal(driver.multicast_checks, 1);
    expect_equal(driver.last_multicast_family, AF_LINK);
    expect_equal(driver.ioctls_null, 1);
    expect_equal(driver.last_command, SIOCADDMULTI);
    expect_equal(ifnet_get_multicast_list(driver.interface, &list), 0);
    expect(list[0] == membership && list[1] == NULL);
    ifnet_free_multicast_list(list);
    leave(membership);
    expect_equal(driver.ioctls_null, 2);
    expect_equal(driver.last_command, SIOCDELMULTI);
    naive_destroy(&driver);
}

static void
a_second_join_only_counts(void)
{
    ifmultiaddr_t first, second;

    naive_create(&driver, 0);
    join(&group_link, &first);
    expect_equal(join(&group_link, &second), 0);
    expect(first == second);
    expect_equal(driver.multicast_checks, 1);
    expect_equal(driver.ioctls, 1);
    leave(first);
    expect_equal(driver.ioctls, 1);
    leave(second);
    expect_equal(driver.ioctls, 2);
    naive_destroy(&driver);
}

static void
unspecified_becomes_a_short_link_address(void)
{
    ifmultiaddr_t first, second;
    struct sockaddr_dl address;

    naive_create(&driver, 0);
    expect_equal(join(&group_unspecified, &first), 0);
    expect_equal(driver.last_multicast_family, AF_LINK);
    expect_equal(join(&group_link, &second), 0);
    expect(first == second);
    memset(&address, 0, sizeof(address));
    expect_equal(ifmaddr_address(first, (struct sockaddr *)&address, sizeof(address)), 0);
    expect_equal(address.sdl_len, 14);
    expect(address.sdl_family == AF_LINK && address.sdl_alen == 6 && address.sdl_nlen == 0);
    expect(memcmp(LLADDR(&address), group_link.sdl_data, 6) == 0);
    expect_equal(ifmaddr_address(first, (struct sockaddr *)&address, 8), EMSGSIZE);
    expect_equal(ifmaddr_lladdress(first, (struct sockaddr *)&address, 20), ENOTSUP);
    expect(ifmaddr_ifnet(first) == driver.interface);
    leave(first);
    leave(second);
    naive_destroy(&driver);
}

static void
bad_addresses_are_refused(void)
{
    struct sockaddr_dl link = group_link;
    struct sockaddr unspecified = group_unspecified;

    naive_create(&driver, 0);
    expect_equal(ifnet_add_multicast(NULL, &group_unspecified, NULL), EINVAL);
    expect_equal(join(NULL, NULL), EINVAL);
    expect_equal(join(&group_inet, NULL), EINVAL);
    link.sdl_len = 19;
    expect_equal(join(&link, NULL), EINVAL);
    link.sdl_len = 20;
    link.sdl_slen = 7;
    expect_equal(join(&link, NULL), EINVAL);
    link = group_link;
    link.sdl_alen = 0;
    expect_equal(join(&link, NULL), ENOMEM);
    unspecified.sa_len = 7;
    expect_equal(join(&unspecified, NULL), EINVAL);
    expect_equal(join(&unicast_link, NULL), EADDRNOTAVAIL);
    expect_equal(driver.ioctls, 0);
    expect_equal(ifnet_remove_multicast(NULL), EINVAL);
    expect_equal(ifnet_get_multicast_list(NULL, NULL), EINVAL);
    expect_equal(ifmaddr_reference(NULL), EINVAL);
    expect_equal(ifmaddr_release(NULL), EINVAL);
    expect_equal(ifmaddr_address(NULL, &unspecified, 16), EINVAL);
    expect_equal(ifmaddr_lladdress(NULL, &unspecified, 16), EINVAL);
    expect(ifmaddr_ifnet(NULL) == NULL);
    ifnet_free_multicast_list(NULL);
    naive_destroy(&driver);
}

static void
an_interface_without_multicast_refuses(void)
{
    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, 0, IFF_MULTICAST);
    expect_equal(join(&group_link, NULL), EADDRNOTAVAIL);
    naive_destroy(&driver);
}

static void
darwin10_does_not_look_at_the_flag(void)
{
    ifmultiaddr_t membership;

    naive_create(&driver, 0);
    ifnet_set_flags(driver.interface, 0, IFF_MULTICAST);
    expect_equal(join(&group_link, &membership), 0);
    leave(membership);
    naive_destroy(&driver);
}

static void
a_list_needs_memory(void)
{
    ifmultiaddr_t *list;

    naive_create(&driver, 0);
    scene_fault("ifnet_get_multicast_list", 1);
    expect_equal(ifnet_get_multicast_list(driver.interface, &list), ENOMEM);
    naive_destroy(&driver);
}

/* --- resolution ----------------------------------------------------------------------------------*/

static errno_t verdict;

static errno_t
resolve(ifnet_t interface, const struct sockaddr *address, struct sockaddr_dl *link, size_t bytes)
{
    (void)interface;
    expect(address->sa_family == AF_INET && bytes >= sizeof(*link) && link->sdl_len == 0);
    if (verdict == 0) {
        memcpy(link, &group_link, sizeof(*link));
        link->sdl_data[5] = address->sa_data[5];
    }
    return verdict;
}

static void
begin_inet(errno_t answer)
{
    struct ifnet_attach_proto_param parameters;
    struct ifnet_demux_desc descriptors[2];

    naive_create(&driver, 0);
    naive_protocol_fill(&parameters, descriptors, PF_INET);
    parameters.resolve = resolve;
    ifnet_attach_protocol(driver.interface, PF_INET, &parameters);
    driver.ioctls = driver.ioctls_null = 0;
    verdict = answer;
}

static void
a_protocol_address_gets_its_link_address(void)
{
    struct sockaddr_dl link;
    ifmultiaddr_t upper;

    begin_inet(0);
    expect_equal(ksim_interface_multicast_join(driver.interface, &group_inet, &upper), 0);
    expect_equal(driver.last_multicast_family, AF_LINK);
    expect_equal(driver.ioctls_null, 1);
    expect_equal(ifmaddr_lladdress(upper, (struct sockaddr *)&link, sizeof(link)), 0);
    expect_equal(link.sdl_data[5], 9);
    expect(ksim_interface_multicast_member(driver.interface, (const struct sockaddr *)&link));
    expect_equal(ksim_interface_multicast_leave(driver.interface, &group_inet), 0);
    expect_equal(driver.ioctls_null, 2);
    expect_equal(driver.last_command, SIOCDELMULTI);
    expect(!ksim_interface_multicast_member(driver.interface, (const struct sockaddr *)&link));
    expect_equal(ksim_interface_multicast_leave(driver.interface, &group_inet), ENOENT);
    expect_equal(ifnet_remove_multicast(upper), ENXIO);
    ifmaddr_release(upper);
    naive_destroy(&driver);
}

static void
two_protocol_addresses_may_share_a_link_address(void)
{
    struct sockaddr second = group_inet;

    begin_inet(0);
    second.sa_data[3] = 1; /* 224.1.0.9 */
    ksim_interface_multicast_join(driver.interface, &group_inet, NULL);
    ksim_interface_multicast_join(driver.interface, &second, NULL);
    expect_equal(driver.ioctls_null, 1);
    ksim_interface_multicast_leave(driver.interface, &group_inet);
    expect_equal(driver.ioctls_null, 1);
    ksim_interface_multicast_leave(driver.interface, &second);
    expect_equal(driver.ioctls_null, 2);
    naive_destroy(&driver);
}

static void
a_protocol_without_mapping_leaves_the_word_to_the_driver(void)
{
    begin_inet(EOPNOTSUPP);
    expect_equal(ksim_interface_multicast_join(driver.interface, &group_inet, NULL), EAFNOSUPPORT);
    expect_equal(driver.last_multicast_family, AF_INET);
    expect(!ksim_interface_multicast_member(driver.interface, &group_inet));
    verdict = EADDRNOTAVAIL;
    expect_equal(ksim_interface_multicast_join(driver.interface, &group_inet, NULL), EADDRNOTAVAIL);
    expect_equal(driver.multicast_checks, 1);
    naive_destroy(&driver);
}

static errno_t
check_says_no_mapping(ifnet_t interface, const struct sockaddr *address)
{
    (void)interface;
    driver.last_multicast_family = address->sa_family;
    return EOPNOTSUPP;
}

static void
check_no_mapping(struct ifnet_init_params *init)
{
    init->check_multi = check_says_no_mapping;
}

static void
check_missing(struct ifnet_init_params *init)
{
    init->check_multi = NULL;
}

static void
eopnotsupp_of_the_driver_accepts_without_mapping(void)
{
    struct sockaddr_dl link;
    ifmultiaddr_t membership;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, check_no_mapping);
    naive_attach(&driver);
    expect_equal(ksim_interface_multicast_join(driver.interface, &group_inet, &membership), 0);
    expect_equal(driver.last_multicast_family, AF_INET);
    expect_equal(driver.ioctls, 0);
    expect_equal(ifmaddr_lladdress(membership, (struct sockaddr *)&link, 20), ENOTSUP);
    ksim_interface_multicast_leave(driver.interface, &group_inet);
    ifmaddr_release(membership);
    naive_destroy(&driver);
}

static void
without_check_multi_the_protocols_verdict_stands(void)
{
    struct sockaddr_dl link;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, check_missing);
    naive_attach(&driver);
    expect_equal(ksim_interface_multicast_join(driver.interface, &group_inet, NULL), 0);
    ksim_interface_multicast_leave(driver.interface, &group_inet);
    expect_equal(ifnet_resolve_multicast(driver.interface, &group_inet, (struct sockaddr *)&link, 20),
                 EOPNOTSUPP);
    expect_equal(ifnet_resolve_multicast(NULL, &group_inet, (struct sockaddr *)&link, 20), EINVAL);
    naive_destroy(&driver);
    expect_equal(ifnet_resolve_multicast(driver.interface, &group_inet, (struct sockaddr *)&link, 20),
                 EOPNOTSUPP);
}

/* --- requests ------------------------------------------------------------------------------------*/

static int
request(unsigned long command, const void *address)
{
    struct ifreq ifreq;

    memset(&ifreq, 0, sizeof(ifreq));
    memcpy(ifreq.ifr_name, "nv0", 3);
    memcpy(&ifreq.ifr_addr, address, sizeof(ifreq.ifr_addr));
    return scene_ioctl(AF_INET, command, &ifreq);
}

static void
requests_join_and_leave(void)
{
    naive_create(&driver, 0);
    driver.ioctl_error = ENXIO; /* ignored */
    expect_equal(request(SIOCADDMULTI, &group_unspecified), 0);
    expect_equal(driver.last_command, SIOCADDMULTI);
    expect_equal(driver.ioctls_null, 1);
    expect_equal(scene_events(KEV_DL_ADDMULTI), 1);
    expect_equal(request(SIOCDELMULTI, &group_unspecified), 0);
    expect_equal(scene_events(KEV_DL_DELMULTI), 1);
    expect_equal(request(SIOCDELMULTI, &group_unspecified), ENOENT);
    expect_equal(request(SIOCADDMULTI, &group_inet), EINVAL);
    scene_user(501);
    expect_equal(request(SIOCADDMULTI, &group_unspecified), EPERM);
    scene_user(0);
    ifnet_set_flags(driver.interface, 0, IFF_MULTICAST);
    expect_equal(request(SIOCADDMULTI, &group_unspecified), EOPNOTSUPP);
    naive_destroy(&driver);
}

/* --- misuse --------------------------------------------------------------------------------------*/

static void
joining_with_a_lock_held_breaks_the_contract(void)
{
    lck_grp_t *group = lck_grp_alloc_init("naive", LCK_GRP_ATTR_NULL);
    lck_mtx_t *mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);

    naive_create(&driver, 0);
    lck_mtx_lock(mutex);
    join(&group_link, NULL);
}

static void
releasing_a_membership_twice_panics(void)
{
    ifmultiaddr_t membership;

    naive_create(&driver, 0);
    join(&group_link, &membership);
    ifmaddr_reference(membership);
    ifnet_remove_multicast(membership);
    ifmaddr_release(membership);
    ifmaddr_release(membership);
    naive_destroy(&driver);
    ifmaddr_release(membership);
}

static void
a_membership_never_released_is_a_leak(void)
{
    ifmultiaddr_t membership;

    naive_create(&driver, 0);
    join(&group_link, &membership);
    ifnet_remove_multicast(membership);
    naive_destroy(&driver);
}

const char scene_suite[] = "multicast";

const struct scene scenes[] = {
    {SCENE(the_drivers_list_changes_before_it_is_told), EVERY_RELEASE},
    {SCENE(a_second_join_only_counts)},
    {SCENE(unspecified_becomes_a_short_link_address)},
    {SCENE(bad_addresses_are_refused)},
    {SCENE(an_interface_without_multicast_refuses), .darwin = 11, .darwin_last = 24},
    {SCENE(darwin10_does_not_look_at_the_flag), .darwin = 10},
    {SCENE(a_list_needs_memory)},
    {SCENE(a_protocol_address_gets_its_link_address)},
    {SCENE(two_protocol_addresses_may_share_a_link_address)},
    {SCENE(a_protocol_without_mapping_leaves_the_word_to_the_driver)},
    {SCENE(eopnotsupp_of_the_driver_accepts_without_mapping)},
    {SCENE(without_check_multi_the_protocols_verdict_stands)},
    {SCENE(requests_join_and_leave)},
    {SCENE(joining_with_a_lock_held_breaks_the_contract), .outcome = MACHINE_CONTRACT,
     .words = "ifnet_add_multicast called with"},
    {SCENE(releasing_a_membership_twice_panics), .outcome = MACHINE_PANIC,
     .words = "negative refcnt for ifma="},
    {SCENE(a_membership_never_released_is_a_leak), .outcome = MACHINE_LEAK,
     .words = "multicast membership of nv?: 1 references were never released"},
    {0},
};
