/* SPDX-License-Identifier: BSD-2-Clause */
#include "kmod.h"

#include <libkern/libkern.h>

#include "cdev.h"
#include "driver.h"
#include "kind.h"

/* Both directions of the door tell each unit, so that its own state says the same. */
static void
units_report(enum tt_unit_event event)
{
    u_int32_t i;

    for (i = 0; i < TT_UNIT_COUNT; i++) {
        struct tuntap_unit *unit = &tuntap_driver.units[i];

        tuntap_unit_lock(unit);
        (void)tt_unit_step(&unit->life, event);
        tuntap_unit_unlock(unit);
    }
}

kern_return_t
tuntap_kmod_start(void)
{
    errno_t error = tuntap_driver_create();

    if (error != 0) {
        goto fail;
    }
    error = tuntap_kind.start();
    if (error != 0) {
        goto destroy_driver;
    }
    /* Devices last, and the door closed until the last of them is there: nobody can open a unit of
     * a load that fails after all. */
    error = tuntap_cdev_register();
    if (error != 0) {
        goto stop_kind;
    }
    tuntap_driver_open_door();
    printf("%s: %u devices, major number %d\n", tuntap_kind.name, TT_UNIT_COUNT,
        tuntap_driver.device_major);
    return KERN_SUCCESS;

stop_kind:
    /* Nodes were visible for a moment: somebody may just have been turned away. */
    tuntap_driver_grace_wait();
    tuntap_kind.stop();
destroy_driver:
    tuntap_driver_destroy();
fail:
    printf("%s: not loaded (error %d)\n", tuntap_kind.name, error);
    return KERN_FAILURE;
}

kern_return_t
tuntap_kmod_stop(void)
{
    if (tuntap_driver_close_door() != 0) {
        printf("%s: in use, not unloaded\n", tuntap_kind.name);
        return KERN_FAILURE;
    }
    /* Nobody is inside and no interface is left; who comes now is turned away at the door. */
    units_report(TT_EVENT_STOP);
    tuntap_cdev_unregister();
    tuntap_driver_grace_wait();
    tuntap_kind.stop();
    tuntap_driver_destroy();
    printf("%s: unloaded\n", tuntap_kind.name);
    return KERN_SUCCESS;
}
