/* SPDX-License-Identifier: BSD-2-Clause */
#include "driver.h"

#include <assert.h>
#include <backlog.h>
#include <libkern/libkern.h>
#include <sys/proc.h>
#include <sys/signal.h>
#include <sys/systm.h>
#include <sys/time.h>

#include "errno_map.h"
#include "kind.h"

#define LOG_WINDOW_SECONDS 10u
#define LOG_COUNT_MAX 10u
#define GRACE_NS 100000000
#define MICROSECONDS_PER_SECOND 1000000u

struct tuntap_driver tuntap_driver;

_Noreturn void tt_assert_failed(const char *expression, const char *file, int line);

_Noreturn void
tt_assert_failed(const char *expression, const char *file, int line)
{
    panic("%s: assertion failed: %s, file: %s, line: %d", tuntap_kind.name, expression, file, line);
    for (;;) {
        /* panic does not return; its prototype does not say so in every release. */
    }
}

static void
units_destroy(u_int32_t count)
{
    while (count > 0) {
        count--;
        lck_mtx_free(tuntap_driver.units[count].lock, tuntap_driver.lock_group);
        tuntap_driver.units[count].lock = NULL;
    }
}

static void
unit_init(struct tuntap_unit *unit, u_int32_t number)
{
    unit->number = number;
    tt_unit_init(&unit->life);
    unit->backlog = TT_BACKLOG_EMPTY;
    tt_queue_init(&unit->queue, 0);
    tt_counters_init(&unit->counters);
    tt_protocol_table_init(&unit->protocols);
}

errno_t
tuntap_driver_create(void)
{
    struct tuntap_driver *driver = &tuntap_driver;
    u_int32_t i;

    memset(driver, 0, sizeof(*driver));
    driver->lock_group = lck_grp_alloc_init(tuntap_kind.bundle_id, NULL);
    if (driver->lock_group == NULL) {
        return ENOMEM;
    }
    driver->ledger_lock = lck_spin_alloc_init(driver->lock_group, NULL);
    if (driver->ledger_lock == NULL) {
        goto free_group;
    }
    for (i = 0; i < TT_UNIT_COUNT; i++) {
        driver->units[i].lock = lck_mtx_alloc_init(driver->lock_group, NULL);
        if (driver->units[i].lock == NULL) {
            goto free_units;
        }
        unit_init(&driver->units[i], i);
    }
    tt_unit_table_init(&driver->ledger);
    (void)tt_unit_table_stop_begin(&driver->ledger);
    return 0;

free_units:
    units_destroy(i);
    lck_spin_free(driver->ledger_lock, driver->lock_group);
free_group:
    lck_grp_free(driver->lock_group);
    driver->lock_group = NULL;
    return ENOMEM;
}

void
tuntap_driver_destroy(void)
{
    struct tuntap_driver *driver = &tuntap_driver;

    units_destroy(TT_UNIT_COUNT);
    lck_spin_free(driver->ledger_lock, driver->lock_group);
    lck_grp_free(driver->lock_group);
    driver->ledger_lock = NULL;
    driver->lock_group = NULL;
}

void
tuntap_driver_open_door(void)
{
    lck_spin_lock(tuntap_driver.ledger_lock);
    tt_unit_table_stop_cancel(&tuntap_driver.ledger);
    lck_spin_unlock(tuntap_driver.ledger_lock);
}

errno_t
tuntap_driver_close_door(void)
{
    enum tt_error error;

    lck_spin_lock(tuntap_driver.ledger_lock);
    error = tt_unit_table_stop_begin(&tuntap_driver.ledger);
    lck_spin_unlock(tuntap_driver.ledger_lock);
    return tuntap_errno_from(error);
}

errno_t
tuntap_driver_enter(void)
{
    enum tt_error error;

    lck_spin_lock(tuntap_driver.ledger_lock);
    error = tt_unit_table_enter(&tuntap_driver.ledger);
    lck_spin_unlock(tuntap_driver.ledger_lock);
    return tuntap_errno_from(error);
}

void
tuntap_driver_leave(void)
{
    lck_spin_lock(tuntap_driver.ledger_lock);
    tt_unit_table_leave(&tuntap_driver.ledger);
    lck_spin_unlock(tuntap_driver.ledger_lock);
}

errno_t
tuntap_driver_enter_device(dev_t device, struct tuntap_unit **unit)
{
    errno_t error = tuntap_errno_from(tt_unit_table_check(minor(device)));

    if (error == 0) {
        error = tuntap_driver_enter();
    }
    *unit = error == 0 ? &tuntap_driver.units[minor(device)] : NULL;
    return error;
}

errno_t
tuntap_driver_claim(struct tuntap_unit *unit)
{
    enum tt_error error;

    lck_spin_lock(tuntap_driver.ledger_lock);
    error = tt_unit_table_claim(&tuntap_driver.ledger, unit->number);
    lck_spin_unlock(tuntap_driver.ledger_lock);
    return tuntap_errno_from(error);
}

void
tuntap_driver_release(struct tuntap_unit *unit)
{
    lck_spin_lock(tuntap_driver.ledger_lock);
    (void)tt_unit_table_release(&tuntap_driver.ledger, unit->number);
    lck_spin_unlock(tuntap_driver.ledger_lock);
}

struct tuntap_unit *
tuntap_driver_unit_of(ifnet_t interface)
{
    void *cookie = ifnet_softc(interface);
    u_int32_t i;

    for (i = 0; i < TT_UNIT_COUNT; i++) {
        if (cookie == &tuntap_driver.units[i]) {
            return &tuntap_driver.units[i];
        }
    }
    return NULL;
}

void
tuntap_unit_lock(struct tuntap_unit *unit)
{
    lck_mtx_lock(unit->lock);
}

/* What was put off until the lock is dropped. */
static void
unit_unlock_and_finish(struct tuntap_unit *unit)
{
    mbuf_t trash = unit->trash;
    pid_t signal_pid = unit->signal_due;

    unit->trash = NULL;
    unit->signal_due = 0;
    lck_mtx_unlock(unit->lock);
    if (signal_pid != 0) {
        proc_signal(signal_pid, SIGIO);
    }
    if (trash != NULL) {
        (void)mbuf_freem_list(trash);
    }
}

void
tuntap_unit_unlock(struct tuntap_unit *unit)
{
    if (unit->trash == NULL && unit->signal_due == 0) {
        lck_mtx_unlock(unit->lock);
    } else {
        unit_unlock_and_finish(unit);
    }
}

u_int64_t
tuntap_driver_uptime_us(void)
{
    struct timeval now;

    microuptime(&now);
    return (u_int64_t)now.tv_sec * MICROSECONDS_PER_SECOND + (u_int64_t)now.tv_usec + 1;
}

bool
tuntap_log_permit(void)
{
    struct timeval now;
    bool permitted;

    microuptime(&now);
    lck_spin_lock(tuntap_driver.ledger_lock);
    if ((u_int32_t)now.tv_sec - tuntap_driver.log_window_seconds >= LOG_WINDOW_SECONDS) {
        tuntap_driver.log_window_seconds = (u_int32_t)now.tv_sec;
        tuntap_driver.log_count = 0;
    }
    permitted = tuntap_driver.log_count < LOG_COUNT_MAX;
    if (permitted) {
        tuntap_driver.log_count++;
    }
    lck_spin_unlock(tuntap_driver.ledger_lock);
    return permitted;
}

void
tuntap_driver_grace_wait(void)
{
    struct timespec grace = {.tv_sec = 0, .tv_nsec = GRACE_NS};

    /* Nobody wakes this channel. */
    (void)msleep(&tuntap_driver.ledger, NULL, PZERO, "tuntapgrace", &grace);
    /* Who was turned away held this lock last: now he has let go of it, and it may be freed. */
    lck_spin_lock(tuntap_driver.ledger_lock);
    lck_spin_unlock(tuntap_driver.ledger_lock);
}
