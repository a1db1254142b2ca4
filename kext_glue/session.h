/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_SESSION_H
#define TUNTAP_SESSION_H

/*
 * One open of a unit from open to the end of its interface: carries out what core's state machine
 * decides.
 *
 * End of a session. The descriptor's close detaches the interface and returns; the kernel's
 * detached callback comes when it likes. The unit can be opened again (claim released) only when
 * close and callback are both through and no thread uses the session's interface without the lock
 * any more ("users"): so nothing of one open reaches the next. Until then open says EBUSY.
 */

#include <sys/proc.h>
#include <sys/types.h>

#include "driver.h"

/* Opens the unit for process: makes and attaches its interface. 0; EBUSY, ENXIO; or the errno of
 * the KPI that failed, with everything undone. The caller is inside the driver, no lock held. */
errno_t tuntap_session_open(struct tuntap_unit *unit, proc_t process);

/* Last close: readers are woken, the queue is purged, the interface detached. Does not wait for
 * the detached callback. 0, or ENXIO if it is not open. The caller is inside, no lock held. */
errno_t tuntap_session_close(struct tuntap_unit *unit);

/* The kernel's detached callback. No lock held; does not block. */
void tuntap_session_detached(struct tuntap_unit *unit);

/* IFF_UP may have changed. No lock held. */
void tuntap_session_flags_changed(struct tuntap_unit *unit);

/* With the lock held: catch up with IFF_UP as it is now, whoever changed it, then answer as
 * tt_unit_access. */
enum tt_error tuntap_session_access(struct tuntap_unit *unit);

/* With the lock held: this thread is going to use unit->interface without it. */
void tuntap_session_use(struct tuntap_unit *unit);

/* It is done: entered with the lock held, returns without it. May end the session. */
void tuntap_session_unuse_unlock(struct tuntap_unit *unit);

/* With the lock held: everybody who sleeps or selects on the unit shall look again, and who asked for it
 * gets SIGIO. */
void tuntap_session_wake(struct tuntap_unit *unit);

/* The same for sleeping readers only: whether the unit is ready has not changed, whether a read
 * may sleep has. */
void tuntap_session_wake_readers(struct tuntap_unit *unit);

/* With the lock held: there is room again for what is written. A write itself never sleeps. */
void tuntap_session_wake_writers(struct tuntap_unit *unit);

#endif
