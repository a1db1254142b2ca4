/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FOREIGN_HAND_H
#define FOREIGN_HAND_H

/* What another kext of the same Mac can do to an interface that is not its own. On a thread. */

/* ifnet_detach of the interface of that name; 0 or Darwin's errno. */
int foreign_hand_detach(const char *name);

#endif
