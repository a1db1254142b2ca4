/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_UDP_H
#define KSIM_UDP_H

/*
 * UDP over both versions: the echo service on port 7 (RFC 862), listeners, and port unreachable
 * for all others. An echo request from port 7 or to a group is ignored, so that two echo services
 * never answer each other for ever. The functions are in inet_host.h and inet_transport.h.
 */

#include <inet_transport.h>

enum { UDP_SOURCE = 0, UDP_DESTINATION = 2, UDP_LENGTH = 4, UDP_CHECKSUM = 6 };

#endif
