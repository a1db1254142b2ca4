/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIBER_STACK_H
#define FIBER_STACK_H

/* The calls in which a fiber stands, for reports. */

struct fiber;
struct text;

/*
 * Appends lines of the names of functions, the innermost first, without the machine's own at the top:
 *
 *     in msleep < tuntap_cdev_read < tun_read < spec_read
 *
 * Nothing where the program keeps no frame pointers (Release) or has no names.
 */
void fiber_stack_text(const struct fiber *fiber, struct text *text);

#endif
