/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_KERN_EVENT_H
#define KPI_SYS_KERN_EVENT_H

/* Kernel events: what the kernel tells programs that listen on a PF_SYSTEM socket. */

#include <sys/cdefs.h>
#include <sys/ioccom.h>
#include <sys/types.h>

#define KEV_ANY_CLASS     0
#define KEV_ANY_SUBCLASS  0
#define KEV_ANY_VENDOR    0
#define KEV_NETWORK_CLASS 1
#define KEV_VENDOR_APPLE  1
#define KEV_IOKIT_CLASS   2
#define KEV_SYSTEM_CLASS  3

#define N_KEV_VECTORS               5
#define KEV_VENDOR_CODE_MAX_STR_LEN 200

/* An event as listeners and ifnet_event get it; total_size: header and event_data, in bytes. */
struct kern_event_msg {
    uint32_t total_size;
    uint32_t vendor_code;
    uint32_t kev_class;
    uint32_t kev_subclass;
    uint32_t id;
    uint32_t event_code;
    uint32_t event_data[1];
};

#define KEV_MSG_HEADER_SIZE (offsetof(struct kern_event_msg, event_data[0]))

struct kev_d_vectors {
    uint32_t data_length;
    void *data_ptr;
};

/* An event as a kernel extension posts it; the first vector of length 0 ends the list. */
struct kev_msg {
    uint32_t vendor_code;
    uint32_t kev_class;
    uint32_t kev_subclass;
    uint32_t event_code;
    struct kev_d_vectors dv[5];
};

__BEGIN_DECLS

errno_t kev_msg_post(struct kev_msg *event) KPI_SYMBOL(kev_msg_post);
/* The number of a vendor's name, made on first use. */
errno_t kev_vendor_code_find(const char *vendor, u_int32_t *code) KPI_SYMBOL(kev_vendor_code_find);

__END_DECLS

#endif
