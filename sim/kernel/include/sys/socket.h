/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_SOCKET_H
#define KPI_SYS_SOCKET_H

/* Socket addresses, address families, message headers. */

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef uint8_t sa_family_t;
typedef uint32_t socklen_t;

#define AF_UNSPEC    0
#define AF_LOCAL     1
#define AF_UNIX      1
#define AF_INET      2
#define AF_APPLETALK 16
#define AF_ROUTE     17
#define AF_LINK      18
#define AF_NDRV      27
#define AF_INET6     30
#define AF_SYSTEM    32
#define AF_PPP       34
#define AF_MAX       40

#define PF_UNSPEC    0
#define PF_LOCAL     1
#define PF_UNIX      1
#define PF_INET      2
#define PF_APPLETALK 16
#define PF_ROUTE     17
#define PF_LINK      18
#define PF_NDRV      27
#define PF_INET6     30
#define PF_SYSTEM    32
#define PF_PPP       34
#define PF_MAX       40
#define PF_BOND      1651469924U
#define PF_VLAN      1986814318U

#define SOCK_STREAM     1
#define SOCK_DGRAM      2
#define SOCK_RAW        3
#define SOCK_RDM        4
#define SOCK_SEQPACKET  5
#define SOCK_MAXADDRLEN 255

#define SO_DEBUG       0x1
#define SO_ACCEPTCONN  0x2
#define SO_REUSEADDR   0x4
#define SO_KEEPALIVE   0x8
#define SO_DONTROUTE   0x10
#define SO_BROADCAST   0x20
#define SO_USELOOPBACK 0x40
#define SO_REUSEPORT   0x200
#define SO_SNDBUF      0x1001
#define SO_RCVBUF      0x1002
#define SO_SNDLOWAT    0x1003
#define SO_RCVLOWAT    0x1004
#define SO_SNDTIMEO    0x1005
#define SO_RCVTIMEO    0x1006
#define SO_ERROR       0x1007
#define SO_TYPE        0x1008

#define SOL_SOCKET 0xffff

#define MSG_OOB       0x1
#define MSG_PEEK      0x2
#define MSG_DONTROUTE 0x4
#define MSG_EOR       0x8
#define MSG_TRUNC     0x10
#define MSG_CTRUNC    0x20
#define MSG_WAITALL   0x40
#define MSG_DONTWAIT  0x80

struct sockaddr {
    uint8_t sa_len;
    uint8_t sa_family;
    char sa_data[14];
};

struct sockproto {
    uint16_t sp_family;
    uint16_t sp_protocol;
};

struct sockaddr_storage {
    uint8_t ss_len;
    uint8_t ss_family;
    char __ss_pad1[6];
    int64_t __ss_align;
    char __ss_pad2[112];
};

struct msghdr {
    void *msg_name;
    socklen_t msg_namelen;
    struct iovec *msg_iov;
    int msg_iovlen;
    void *msg_control;
    socklen_t msg_controllen;
    int msg_flags;
};

struct cmsghdr {
    socklen_t cmsg_len;
    int cmsg_level;
    int cmsg_type;
};

#endif
