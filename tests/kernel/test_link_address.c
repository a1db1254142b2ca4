/* SPDX-License-Identifier: BSD-2-Clause */
/* Link-level addresses and lists of addresses: kpi-ifnet.md sections 7 and 10. */

#include "naive_driver.h"
#include "scene.h"

#include <net/if.h>
#include <net/if_dl.h>
#include <net/if_types.h>
#include <net/net_kev.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/socket.h>
#include <sys/sockio.h>

static struct naive_driver driver, other;

static void
broadcast_of_24(struct ifnet_init_params *init)
{
    static const unsigned char address[24] = {1, 2, 3, [23] = 24};

    init->broadcast_addr = address;
    init->broadcast_len = sizeof(address);
}

static void
broadcast_missing(struct ifnet_init_params *init)
{
    init->broadcast_addr = NULL;
}

/* --- link-level address --------------------------------------------------------------------------*/

static void
the_link_address_has_one_length(void)
{
    static const unsigned char new_address[6] = {2, 9, 9, 9, 9, 9};
    unsigned char bytes[8];

    naive_create(&driver, 0);
    expect_equal(ifnet_lladdr_copy_bytes(driver.interface, bytes, 6), 0);
    expect(memcmp(bytes, naive_address, 6) == 0);
    memset(bytes, 1, sizeof(bytes));
    expect_equal(ifnet_lladdr_copy_bytes(driver.interface, bytes, 8), EMSGSIZE);
    expect(bytes[0] == 0 && bytes[7] == 0);
    expect_equal(ifnet_set_lladdr(driver.interface, new_address, 5), EINVAL);
    expect_equal(ifnet_set_lladdr(driver.interface, NULL, 6), EINVAL);
    expect_equal(ifnet_set_lladdr(driver.interface, new_address, 6), 0);
    expect_equal(driver.last_event, KEV_DL_LINK_ADDRESS_CHANGED);
    ifnet_lladdr_copy_bytes(driver.interface, bytes, 6);
    expect(memcmp(bytes, new_address, 6) == 0);
    expect_equal(ifnet_set_lladdr(driver.interface, NULL, 0), 0);
    expect_equal(ifnet_lladdr_copy_bytes(driver.interface, bytes, 6), EMSGSIZE);
    naive_destroy(&driver);
    expect_equal(ifnet_set_lladdr(driver.interface, new_address, 6), ENXIO);
}

static void
the_link_address_of_an_interface_never_attached_faults(void)
{
    unsigned char bytes[6];

    naive_allocate(&driver, 0, NULL);
    ifnet_lladdr_copy_bytes(driver.interface, bytes, 6);
}

static void
setting_the_link_address_before_the_first_attach(void)
{
    naive_allocate(&driver, 0, NULL);
    ifnet_set_addrlen(driver.interface, 6);
    expect_equal(ifnet_set_lladdr(driver.interface, naive_address, 6), ENXIO);
    ifnet_release(driver.interface);
}

static void
the_broadcast_address_is_copied_whole(void)
{
    unsigned char bytes[24];
    size_t length = 0;

    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, broadcast_of_24);
    naive_attach(&driver);
    expect_equal(ifnet_llbroadcast_copy_bytes(driver.interface, bytes, 23, &length), EMSGSIZE);
    expect_equal(length, 24);
    expect_equal(ifnet_llbroadcast_copy_bytes(driver.interface, bytes, 24, &length), 0);
    expect(bytes[0] == 1 && bytes[23] == 24);
    expect_equal(ifnet_llbroadcast_copy_bytes(driver.interface, NULL, 24, &length), EINVAL);
    naive_destroy(&driver);
    memset(&driver, 0, sizeof(driver));
    naive_allocate(&driver, 0, broadcast_missing);
    expect_equal(ifnet_llbroadcast_copy_bytes(driver.interface, bytes, 24, &length), ENXIO);
    ifnet_release(driver.interface);
}

static void
the_first_address_is_the_link_level_one(void)
{
    struct sockaddr_dl link;
    ifaddr_t *list = NULL;

    naive_create(&driver, 0);
    expect_equal(ifnet_get_address_list(driver.interface, NULL), EINVAL);
    expect_equal(ifnet_get_address_list(driver.interface, &list), 0);
    expect_equal(ifaddr_address_family(list[0]), AF_LINK);
    expect(ifaddr_ifnet(list[0]) == driver.interface && list[1] == NULL);
    expect_equal(ifaddr_address(list[0], (struct sockaddr *)&link, 16), EMSGSIZE);
    expect_equal(ifaddr_address(list[0], (struct sockaddr *)&link, sizeof(link)), 0);
    expect_equal(link.sdl_len, 20);
    expect_equal(link.sdl_index, ifnet_index(driver.interface));
    expect(link.sdl_type == IFT_ETHER && link.sdl_nlen == 3 && link.sdl_alen == 6);
    expect(memcmp(link.sdl_data, "nv0", 3) == 0);
    expect(memcmp(LLADDR(&link), naive_address, 6) == 0);
    expect_equal(ifaddr_dstaddress(list[0], (struct sockaddr *)&link, 20), ENOTSUP);
    expect_equal(ifaddr_netmask(list[0], (struct sockaddr *)&link, 20), 0);
    expect(memcmp(link.sdl_data, "\xff\xff\xff", 4) == 0);
    expect_equal(ifaddr_reference(list[0]), 0);
    expect_equal(ifaddr_release(list[0]), 0);
    ifnet_free_address_list(list);
    ifnet_free_address_list(NULL);
    expect_equal(ifnet_get_address_list_family(driver.interface, &list, AF_INET), ENXIO);
    naive_destroy(&driver);
    expect_equal(ifnet_get_address_list(driver.interface, &list), ENXIO);
}

static void
no_address_has_no_parts(void)
{
    struct sockaddr address;

    expect_equal(ifaddr_reference(NULL), EINVAL);
    expect_equal(ifaddr_release(NULL), EINVAL);
    expect_equal(ifaddr_address_family(NULL), 0);
    expect(ifaddr_ifnet(NULL) == NULL);
    expect_equal(ifaddr_address(NULL, &address, 16), EINVAL);
    expect_equal(ifaddr_dstaddress(NULL, &address, 16), EINVAL);
    expect_equal(ifaddr_netmask(NULL, &address, 16), EINVAL);
}

static void
all_interfaces_have_all_addresses(void)
{
    ifaddr_t *list = NULL;
    unsigned count = 0;

    naive_create(&driver, 0);
    naive_create(&other, 1);
    expect_equal(ifnet_get_address_list_family(NULL, &list, AF_LINK), 0);
    while (list[count] != NULL)
        count++;
    expect_equal(count, 3); /* lo0, nv0, nv1 */
    expect(ifaddr_ifnet(list[2]) == other.interface);
    ifnet_free_address_list(list);
    scene_fault("ifnet_get_address_list", 1);
    expect_equal(ifnet_get_address_list(NULL, &list), ENOMEM);
    naive_destroy(&driver);
    naive_destroy(&other);
}

static void
an_unknown_family_has_an_empty_list_on_darwin10(void)
{
    ifaddr_t *list = NULL;

    naive_create(&driver, 0);
    expect_equal(ifnet_get_address_list_family(driver.interface, &list, AF_INET), 0);
    expect(list != NULL && list[0] == NULL);
    ifnet_free_address_list(list);
    naive_destroy(&driver);
}

/* ifconfig nv0 10.1.2.3/24 and back. */
static int
alias(unsigned long command)
{
    struct ifaliasreq request;

    memset(&request, 0, sizeof(request));
    memcpy(request.ifra_name, "nv0", 3);
    request.ifra_addr = (struct sockaddr){16, AF_INET, {0, 0, 10, 1, 2, 3}};
    request.ifra_mask = (struct sockaddr){16, 0, {0, 0, -1, -1, -1, 0}};
    request.ifra_broadaddr = (struct sockaddr){16, AF_INET, {0, 0, 10, 1, 2, -1}};
    return scene_ioctl(AF_INET, command, &request);
}

static void
a_protocol_address_follows_the_link_level_one(void)
{
    struct sockaddr address, mask, broadcast;
    ifaddr_t *list = NULL;

    naive_create(&driver, 0);
    expect_equal(alias(SIOCAIFADDR), 0);
    expect_equal(ifnet_get_address_list(driver.interface, &list), 0);
    expect_equal(ifaddr_address_family(list[0]), AF_LINK);
    expect_equal(ifaddr_address_family(list[1]), AF_INET);
    memset(&address, 0, sizeof(address));
    memset(&mask, 0x77, sizeof(mask));
    memset(&broadcast, 0, sizeof(broadcast));
    expect_equal(ifaddr_address(list[1], &address, sizeof(address)), 0);
    expect(address.sa_len == 16 && memcmp(address.sa_data + 2, "\x0a\x01\x02\x03", 4) == 0);
    expect_equal(ifaddr_netmask(list[1], &mask, sizeof(mask)), 0);
    expect(mask.sa_len == 7 && mask.sa_family == 0); /* trimmed, the family as it came */
    expect_equal(mask.sa_data[5], 0x77);             /* what is behind is left alone */
    expect_equal(ifaddr_dstaddress(list[1], &broadcast, sizeof(broadcast)), 0);
    expect_equal(broadcast.sa_data[5], -1);
    expect_equal(alias(SIOCDIFADDR), 0);
    expect_equal(ifaddr_address(list[1], &address, sizeof(address)), 0); /* our reference keeps it */
    ifnet_free_address_list(list);
    expect_equal(ifnet_get_address_list_family(driver.interface, &list, AF_INET), ENXIO);
    naive_destroy(&driver);
}

static void
final_detach_takes_addresses_away(void)
{
    ifaddr_t *list = NULL;

    naive_create(&driver, 0);
    alias(SIOCAIFADDR);
    naive_destroy(&driver);
    scene_pause();
    naive_create(&driver, 0);
    expect_equal(ifnet_get_address_list(driver.interface, &list), 0);
    expect(list[1] == NULL);
    ifnet_free_address_list(list);
    naive_destroy(&driver);
}

static void
releasing_an_address_once_too_often_panics(void)
{
    ifaddr_t *list = NULL;

    naive_create(&driver, 0);
    ifnet_get_address_list(driver.interface, &list);
    ifaddr_release(list[0]);
    ifaddr_release(list[0]);
    ifaddr_release(list[0]);
}

const char scene_suite[] = "link_address";

const struct scene scenes[] = {
    {SCENE(the_link_address_has_one_length), EVERY_RELEASE},
    {SCENE(the_link_address_of_an_interface_never_attached_faults), .outcome = MACHINE_PANIC,
     .words = "never attached"},
    {SCENE(setting_the_link_address_before_the_first_attach), .darwin = 17, .darwin_last = 23,
     .outcome = MACHINE_PANIC, .words = "never attached"},
    {SCENE(setting_the_link_address_before_the_first_attach), .darwin = 24},
    {SCENE(the_broadcast_address_is_copied_whole)},
    {SCENE(the_first_address_is_the_link_level_one), .darwin = 11, .darwin_last = 24},
    {SCENE(no_address_has_no_parts)},
    {SCENE(all_interfaces_have_all_addresses)},
    {SCENE(an_unknown_family_has_an_empty_list_on_darwin10), .darwin = 10},
    {SCENE(a_protocol_address_follows_the_link_level_one), .darwin = 11, .darwin_last = 24},
    {SCENE(final_detach_takes_addresses_away), .darwin = 11, .darwin_last = 24},
    {SCENE(releasing_an_address_once_too_often_panics), .outcome = MACHINE_PANIC,
     .words = "negative refcnt for ifa="},
    {0},
};
