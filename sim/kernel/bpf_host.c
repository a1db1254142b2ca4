/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf_host.h"

#include "bpf.h"

struct ksim_capture {
    struct bpf_listener *listener;
    ksim_capture_func deliver;
    void *context;
};

static void
capture_deliver(void *context, const struct bpf_packet *packet)
{
    struct ksim_capture *capture = context;

    capture->deliver(capture->context, packet->time_ns,
                     packet->direction == BPF_DIRECTION_OUT, packet->bytes, packet->length_bytes);
}

static void
capture_gone(void *context)
{
    (void)context; /* the listener stays allocated until ksim_capture_close */
}

int
ksim_capture_open(struct ksim *kernel, const char *interface, ksim_capture_func deliver,
                  void *context, struct ksim_capture **out, int *link_type)
{
    struct ksim_capture *capture = machine_allocate(sizeof(*capture), "capture");
    errno_t error;

    (void)kernel;
    capture->deliver = deliver;
    capture->context = context;
    error = ksim_bpf_listener_open(interface, 0, capture_deliver, capture_gone, capture,
                                   &capture->listener);
    if (error != 0) {
        machine_free(capture);
        return -error;
    }
    *link_type = (int)ksim_bpf_listener_link_type(capture->listener);
    *out = capture;
    return 0;
}

void
ksim_capture_close(struct ksim_capture *capture)
{
    ksim_bpf_listener_close(capture->listener);
    machine_free(capture);
}
