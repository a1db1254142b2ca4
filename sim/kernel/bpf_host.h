/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_BPF_HOST_H
#define KSIM_BPF_HOST_H

/*
 * A capture as host code sees it: what tcpdump on the emulated Mac would be handed, with the virtual
 * time in nanoseconds. Plain types only, like system.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ksim;
struct ksim_capture;

/* Called with the bpf lock held: may not make system calls. `bytes` are borrowed for the call. */
typedef void (*ksim_capture_func)(void *context, uint64_t time_ns, bool outbound,
                                  const uint8_t *bytes, size_t length_bytes);

/*
 * Listens on the primary link type (stored in *link_type, a DLT_ number) of an interface, on a thread
 * of the machine. 0 and a capture that the caller closes, or -errno (Darwin): ENXIO no such
 * interface or no bpf on it. When the interface goes away the capture stays, silent, until closed.
 */
int ksim_capture_open(struct ksim *kernel, const char *interface, ksim_capture_func deliver,
                      void *context, struct ksim_capture **capture, int *link_type);
void ksim_capture_close(struct ksim_capture *capture);

#endif
