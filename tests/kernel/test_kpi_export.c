/* SPDX-License-Identifier: BSD-2-Clause */
/* What each release exports to kexts: kpi-rest.md 6.3, 6.6 and 6.8, and the lists of exports. */
#include "world.h"

#include <kpi_export.h>
#include <profile.h>

extern struct kmod_info guest_kmod_user;

static const char *
component(int darwin_major, const char *symbol)
{
    const char *name = ksim_kpi_export_find(ksim_profile_find(darwin_major), symbol);

    return name == NULL ? "none" : name;
}

START_TEST(a_symbol_is_found_in_its_component)
{
    for (int darwin = KSIM_DARWIN_FIRST; darwin <= KSIM_DARWIN_LAST; darwin++) {
        ck_assert_str_eq(component(darwin, "ifnet_attach"), "com.apple.kpi.bsd");
        ck_assert_str_eq(component(darwin, "panic"), "com.apple.kpi.libkern");
        ck_assert_str_eq(component(darwin, "ifnet_nothing"), "none");
        ck_assert_str_eq(component(darwin, "_ifnet_attach"), "none");
    }
    ck_assert_str_eq(component(13, "read_random"), "com.apple.kpi.bsd");
    ck_assert_str_eq(component(14, "read_random"), "com.apple.kpi.mach");
    ck_assert_str_eq(component(10, "mbuf_get_minclsize"), "none");
    ck_assert_str_eq(component(11, "mbuf_get_minclsize"), "com.apple.kpi.bsd");
    ck_assert_str_eq(component(11, "ifnet_allocate_extended"), "none");
    ck_assert_str_eq(component(12, "ifnet_allocate_extended"), "com.apple.kpi.private");
}
END_TEST

START_TEST(a_symbol_may_be_in_two_components)
{
    const struct ksim_profile *profile = ksim_profile_find(19);

    ck_assert(ksim_kpi_exports(profile, "com.apple.kpi.private", "log"));
    ck_assert(ksim_kpi_exports(profile, "com.apple.kpi.unsupported", "log"));
    ck_assert(!ksim_kpi_exports(profile, "com.apple.kpi.bsd", "log"));
    ck_assert(ksim_kpi_is_component("com.apple.kpi.dsep"));
    ck_assert(!ksim_kpi_is_component("com.apple.kpi"));
}
END_TEST

static const char *const imports[] = {"ifnet_attach", "log", "mbuf_get_minclsize", NULL};
static const char *const bsd[] = {"com.apple.kpi.bsd", NULL};
static const char *const open_to_all[] = {"com.apple.kpi.bsd", "com.apple.kpi.unsupported", NULL};
static const char *const apples[] = {"com.apple.kpi.bsd", "com.apple.kpi.private", NULL};

#define IMAGE(name, needs)                                                                         \
    {.bundle_id = name, .version = "1.0", .kmod = &guest_kmod_user, .libraries = needs,            \
     .imports = imports}

static const struct ksim_kext_image images[] = {
    IMAGE("org.example.bsd", bsd),
    IMAGE("org.example.open", open_to_all),
    IMAGE("org.example.private", apples),
    IMAGE("com.apple.example", apples),
};

static void
load_all_body(void *argument)
{
    (void)argument;
    for (size_t i = 0; i < sizeof(images) / sizeof(images[0]); i++) {
        int result;

        ksim_kext_register(world.kernel, &images[i]);
        result = ksim_kext_load(world.kernel, images[i].bundle_id);
        say_text(ksim_kext_result_text(result));
        if (result == KSIM_KEXT_OK) {
            (void)ksim_kext_unload(world.kernel, images[i].bundle_id);
        }
    }
}

static const char no_link[] = "(libkern/kext) link error ";
static const char no_library[] = "(libkern/kext) dependency resolution failed ";

/* Twice, since what linked is remembered and what did not must not be. */
START_TEST(a_kext_links_if_its_libraries_export_all_it_takes)
{
    char expected[512];

    for (int round = 0; round < 2; round++) {
        world_end();
        world_begin(19);
        world_check(load_all_body);
        (void)machine_format(expected, sizeof(expected),
                             "%stag=1 data=0 references=0  %stag=2 data=0 references=0  ", no_link,
                             no_library);
        ck_assert_str_eq(said(), expected);
        world_end();
        world_begin(10);
        world_check(load_all_body);
        (void)machine_format(expected, sizeof(expected), "%s%s%s%s", no_link, no_link, no_library,
                             no_link);
        ck_assert_str_eq(said(), expected);
    }
}
END_TEST

int
main(void)
{
    const TTest *const tests[] = {
        a_symbol_is_found_in_its_component,
        a_symbol_may_be_in_two_components,
        a_kext_links_if_its_libraries_export_all_it_takes,
        NULL,
    };

    return suite_main("kpi_export", tests);
}
