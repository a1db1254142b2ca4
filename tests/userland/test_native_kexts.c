/* SPDX-License-Identifier: BSD-2-Clause */
#include <native_kexts.h>

#include <stdlib.h>

#include <host_memory.h>
#include <machine.h>
#include <naive_tap.h>
#include <system.h>

#include "../quick_check.h"

/* One emulated Mac, and what its only program shall do next. */
struct mac {
    struct machine *machine;
    struct ksim *kernel;
    struct process *process;
    void (*step)(struct mac *mac);
    int fd;
    int result;
};

static void
mac_thread(void *argument)
{
    struct mac *mac = argument;

    mac->step(mac);
}

static void
mac_do(struct mac *mac, void (*step)(struct mac *mac))
{
    mac->step = step;
    machine_enter(mac->machine);
    ksim_thread_run(mac->process, "step", mac_thread, mac);
    machine_leave(mac->machine);
    ck_assert_int_eq(machine_run(mac->machine), MACHINE_OK);
}

static void
mac_boot(struct mac *mac)
{
    mac->machine = machine_create(&(struct machine_config){.poison_seed = 3});
    mac->kernel = ksim_create(mac->machine, NULL);
    machine_enter(mac->machine);
    native_kexts_register(mac->kernel);
    mac->process = ksim_process_create(mac->kernel, "test", 0);
    machine_leave(mac->machine);
}

static void
step_load(struct mac *mac)
{
    mac->result = ksim_kext_load(mac->kernel, native_kext_image("tun")->bundle_id);
}

static void
step_unload(struct mac *mac)
{
    mac->result = ksim_kext_unload(mac->kernel, native_kext_image("tun")->bundle_id);
}

static void
step_open(struct mac *mac)
{
    mac->result = ksim_system_open(mac->process, "/dev/tun0", KSIM_O_RDWR);
    if (mac->result >= 0)
        mac->fd = mac->result;
}

static void
step_close(struct mac *mac)
{
    mac->result = ksim_system_close(mac->process, mac->fd);
}

START_TEST(a_unit_taken_on_one_mac_is_free_on_another)
{
    struct mac one = {0}, other = {0};

    mac_boot(&one);
    mac_boot(&other);
    mac_do(&one, step_load);
    mac_do(&one, step_open);
    ck_assert_int_ge(one.result, 0);
    mac_do(&other, step_load);
    ck_assert_int_eq(other.result, KSIM_KEXT_OK);
    mac_do(&other, step_open);
    ck_assert_int_ge(other.result, 0);
    mac_do(&other, step_close);
    mac_do(&one, step_open);
    ck_assert_int_eq(one.result, -KSIM_EBUSY);
    mac_do(&one, step_close);
    ck_assert_int_eq(one.result, 0);
    machine_destroy(other.machine);
    machine_destroy(one.machine);
}
END_TEST

START_TEST(a_mac_that_is_thrown_away_with_a_unit_open_leaves_nothing_to_the_next)
{
    struct mac one = {0}, next = {0};

    mac_boot(&one);
    mac_do(&one, step_load);
    mac_do(&one, step_open);
    machine_destroy(one.machine);
    mac_boot(&next);
    mac_do(&next, step_load);
    ck_assert_int_eq(next.result, KSIM_KEXT_OK);
    mac_do(&next, step_open);
    ck_assert_int_ge(next.result, 0);
    mac_do(&next, step_close);
    mac_do(&next, step_unload);
    ck_assert_int_eq(next.result, KSIM_KEXT_OK);
    machine_destroy(next.machine);
}
END_TEST

START_TEST(only_the_two_kexts_have_an_image)
{
    ck_assert_ptr_nonnull(native_kext_image("tun"));
    ck_assert_ptr_nonnull(native_kext_image("tap"));
    ck_assert_ptr_ne(native_kext_image("tun"), native_kext_image("tap"));
    ck_assert_ptr_null(native_kext_image("utun"));
    /* The driver's record with its units is a variable of the kext; it is larger than this. */
    ck_assert_uint_gt(native_kext_image("tun")->data_bytes, 16384);
    ck_assert_uint_gt(native_kext_image("tap")->data_bytes, 16384);
}
END_TEST

/* Found by fuzz_session: the second of two sessions printed something else when it was run again. */
START_TEST(what_a_tap_believed_on_one_mac_it_does_not_on_the_next)
{
    struct mac mac = {0};
    const char *bundle;

    mac_boot(&mac);
    bundle = naive_tap_bundle();
    ck_assert_str_ne(naive_tap_believe(NAIVE_TAP_LIBRARY), bundle);
    machine_destroy(mac.machine);
    mac_boot(&mac);
    ck_assert_str_eq(naive_tap_bundle(), bundle);
    machine_destroy(mac.machine);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("userland.native_kexts");
    TCase *cases = tcase_create("images");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(cases, a_unit_taken_on_one_mac_is_free_on_another);
    tcase_add_test(cases, a_mac_that_is_thrown_away_with_a_unit_open_leaves_nothing_to_the_next);
    tcase_add_test(cases, only_the_two_kexts_have_an_image);
    tcase_add_test(cases, what_a_tap_believed_on_one_mac_it_does_not_on_the_next);
    suite_add_tcase(suite, cases);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    host_memory_trim();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
