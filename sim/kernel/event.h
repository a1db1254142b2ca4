/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_EVENT_H
#define KSIM_EVENT_H

/*
 * Kernel events (kern_event.c): what programs see on a PF_SYSTEM event socket. All events since boot are
 * kept in one log; a reader has a position in it and a filter.
 */

#include <ksim.h>
#include <sys/kern_event.h>

#define EVENT_BYTES 200 /* the longest: header and data must fit one small mbuf (MLEN), or EMSGSIZE */

struct kernel_event {
    uint32_t id; /* 1, 2, 3 ... in order of posting */
    uint64_t time_ns;
    uint32_t vendor, event_class, subclass, code;
    uint32_t bytes;
    unsigned char data[EVENT_BYTES];
};

void ksim_events_boot(struct ksim *kernel);
void ksim_events_audit(struct ksim *kernel);

/*
 * Posts one event (kev_post_msg). EINVAL for a NULL message, EMSGSIZE when the vectors are longer
 * together than a small mbuf of the release holds behind the header, ENOMEM on the fault
 * "kev_msg_post". Wakes readers.
 */
int ksim_event_post(struct kev_msg *message);

/* How many there are, and number `index` (0 = first). The pointer lives as long as the machine. */
uint32_t ksim_event_count(void);
const struct kernel_event *ksim_event_at(uint32_t index);

/*
 * The next event at or after *cursor that matches (0 = any vendor, class, subclass), with *cursor
 * moved behind it; NULL when there is none. A thread may sleep on ksim_event_channel() until more come.
 */
const struct kernel_event *ksim_event_next(uint32_t *cursor, uint32_t vendor, uint32_t event_class,
                                           uint32_t subclass);
void *ksim_event_channel(void);

/* "KEV_DL_LINK_ON" and the like, or "event" for a code without name. */
const char *ksim_event_name(const struct kernel_event *event);

#endif
