/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ECHO_DESK_H
#define ECHO_DESK_H

/*
 * Echo replies for several pings at a time: the kernel has one listener (inet_host.h), which hands each
 * reply to the ping whose identifier it carries.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksim;
struct ksim_inet_address;

struct echo_reply {
    uint8_t family;
    uint8_t from[16];
    uint16_t sequence;
    uint8_t hop_limit;
    size_t bytes; /* of payload */
    uint64_t came_ns;
};

/* One ping. The owner keeps the record until it has left the desk. */
enum { ECHO_REPLIES_MAX = 64 };
struct echo_customer {
    struct echo_customer *next;
    uint16_t identifier;
    uint8_t family;
    struct echo_reply replies[ECHO_REPLIES_MAX]; /* those that wait to be taken, oldest first */
    unsigned count;
    unsigned came; /* word for ksim_system_sleep_unless: counts up with each */
};

struct echo_desk {
    struct ksim *kernel;
    struct echo_customer *customers;
};

void echo_desk_enter(struct echo_desk *desk, struct ksim *kernel, struct echo_customer *customer);
void echo_desk_leave(struct echo_desk *desk, struct echo_customer *customer);
/* Takes the oldest reply; false: none waits. */
bool echo_customer_take(struct echo_customer *customer, struct echo_reply *reply);

#endif
