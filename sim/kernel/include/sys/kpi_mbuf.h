/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_SYS_KPI_MBUF_H
#define KPI_SYS_KPI_MBUF_H

/*
 * Packets. A packet is a chain of mbufs (mbuf_next) whose first has a packet header; packets form
 * lists (mbuf_nextpkt). Lengths in bytes. `how` is MBUF_WAITOK (may block) or MBUF_DONTWAIT. When a
 * function fails the caller keeps the packet, unless said otherwise.
 */

#include <sys/cdefs.h>
#include <mach/vm_types.h>
#include <sys/kernel_types.h>
#include <sys/types.h>

typedef u_int32_t mbuf_flags_t;
typedef u_int32_t mbuf_type_t;
typedef u_int32_t mbuf_how_t;
typedef u_int32_t mbuf_csum_request_flags_t;
typedef u_int32_t mbuf_csum_performed_flags_t;
typedef u_int32_t mbuf_tso_request_flags_t;
typedef u_int32_t mbuf_tag_id_t;
typedef u_int16_t mbuf_tag_type_t;
typedef u_int32_t mbuf_traffic_class_t;

enum {
    MBUF_EXT       = 0x1,
    MBUF_PKTHDR    = 0x2,
    MBUF_EOR       = 0x4,
    MBUF_LOOP      = 0x40,
    MBUF_BCAST     = 0x100,
    MBUF_MCAST     = 0x200,
    MBUF_FRAG      = 0x400,
    MBUF_FIRSTFRAG = 0x800,
    MBUF_LASTFRAG  = 0x1000,
    MBUF_PROMISC   = 0x2000,
    MBUF_HASFCS    = 0x4000
};

enum {
    MBUF_TYPE_FREE    = 0,
    MBUF_TYPE_DATA    = 1,
    MBUF_TYPE_HEADER  = 2,
    MBUF_TYPE_SOCKET  = 3,
    MBUF_TYPE_PCB     = 4,
    MBUF_TYPE_RTABLE  = 5,
    MBUF_TYPE_HTABLE  = 6,
    MBUF_TYPE_ATABLE  = 7,
    MBUF_TYPE_SONAME  = 8,
    MBUF_TYPE_SOOPTS  = 10,
    MBUF_TYPE_FTABLE  = 11,
    MBUF_TYPE_RIGHTS  = 12,
    MBUF_TYPE_IFADDR  = 13,
    MBUF_TYPE_CONTROL = 14,
    MBUF_TYPE_OOBDATA = 15
};

enum {
    MBUF_WAITOK   = 0,
    MBUF_DONTWAIT = 1
};

enum {
    MBUF_TSO_IPV4 = 0x100000,
    MBUF_TSO_IPV6 = 0x200000
};

enum {
    MBUF_CSUM_REQ_IP      = 0x1,
    MBUF_CSUM_REQ_TCP     = 0x2,
    MBUF_CSUM_REQ_UDP     = 0x4,
    MBUF_CSUM_REQ_TCPIPV6 = 0x20,
    MBUF_CSUM_REQ_UDPIPV6 = 0x40
};

enum {
    MBUF_CSUM_DID_IP     = 0x100,
    MBUF_CSUM_IP_GOOD    = 0x200,
    MBUF_CSUM_DID_DATA   = 0x400,
    MBUF_CSUM_PSEUDO_HDR = 0x800
};

enum {
    MBUF_TC_BE = 0,
    MBUF_TC_BK = 1,
    MBUF_TC_VI = 2,
    MBUF_TC_VO = 3
};

#define MBUF_COPYALL 1000000000

struct mbuf_stat {
    uint32_t mbufs;
    uint32_t clusters;
    uint32_t clfree;
    uint32_t drops;
    uint32_t wait;
    uint32_t drain;
    uint16_t mtypes[256];
    uint32_t mcfail;
    uint32_t mpfail;
    uint32_t msize;
    uint32_t mclbytes;
    uint32_t minclsize;
    uint32_t mlen;
    uint32_t mhlen;
    uint32_t bigclusters;
    uint32_t bigclfree;
    uint32_t bigmclbytes;
};

__BEGIN_DECLS

/* --- contents --------------------------------------------------------------------------------- */

void *mbuf_data(mbuf_t mbuf) KPI_SYMBOL(mbuf_data);
void *mbuf_datastart(mbuf_t mbuf) KPI_SYMBOL(mbuf_datastart);
/* EINVAL when [data, data + bytes) is not inside the mbuf's storage. */
errno_t mbuf_setdata(mbuf_t mbuf, void *data, size_t bytes) KPI_SYMBOL(mbuf_setdata);
errno_t mbuf_align_32(mbuf_t mbuf, size_t bytes) KPI_SYMBOL(mbuf_align_32);
addr64_t mbuf_data_to_physical(void *address) KPI_SYMBOL(mbuf_data_to_physical);
size_t mbuf_len(mbuf_t mbuf) KPI_SYMBOL(mbuf_len);
void mbuf_setlen(mbuf_t mbuf, size_t bytes) KPI_SYMBOL(mbuf_setlen);
size_t mbuf_maxlen(mbuf_t mbuf) KPI_SYMBOL(mbuf_maxlen);
size_t mbuf_leadingspace(const mbuf_t mbuf) KPI_SYMBOL(mbuf_leadingspace);
size_t mbuf_trailingspace(const mbuf_t mbuf) KPI_SYMBOL(mbuf_trailingspace);
errno_t mbuf_adjustlen(mbuf_t mbuf, int amount) KPI_SYMBOL(mbuf_adjustlen);

/* --- making and freeing ----------------------------------------------------------------------- */

errno_t mbuf_get(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf) KPI_SYMBOL(mbuf_get);
errno_t mbuf_gethdr(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf) KPI_SYMBOL(mbuf_gethdr);
errno_t mbuf_getpacket(mbuf_how_t how, mbuf_t *mbuf) KPI_SYMBOL(mbuf_getpacket);
/* *mbuf NULL: a new one is made. `size` is one of the cluster sizes. */
errno_t mbuf_getcluster(mbuf_how_t how, mbuf_type_t type, size_t size, mbuf_t *mbuf)
    KPI_SYMBOL(mbuf_getcluster);
errno_t mbuf_mclget(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf) KPI_SYMBOL(mbuf_mclget);
errno_t mbuf_alloccluster(mbuf_how_t how, size_t *size, caddr_t *address)
    KPI_SYMBOL(mbuf_alloccluster);
errno_t mbuf_attachcluster(mbuf_how_t how, mbuf_type_t type, mbuf_t *mbuf, caddr_t address,
    void (*free_function)(caddr_t address, u_int size, caddr_t argument), size_t size,
    caddr_t argument) KPI_SYMBOL(mbuf_attachcluster);
void mbuf_freecluster(caddr_t address, size_t size) KPI_SYMBOL(mbuf_freecluster);
/* *maxchunks NULL or 0: any number of mbufs; else the limit, and on return the number used. */
errno_t mbuf_allocpacket(mbuf_how_t how, size_t bytes, unsigned int *maxchunks, mbuf_t *mbuf)
    KPI_SYMBOL(mbuf_allocpacket);
errno_t mbuf_allocpacket_list(unsigned int count, mbuf_how_t how, size_t bytes,
    unsigned int *maxchunks, mbuf_t *mbuf) KPI_SYMBOL(mbuf_allocpacket_list);
/* Frees one mbuf, and returns the next of its chain. */
mbuf_t mbuf_free(mbuf_t mbuf) KPI_SYMBOL(mbuf_free);
void mbuf_freem(mbuf_t mbuf) KPI_SYMBOL(mbuf_freem);
/* Frees a list of packets; returns how many there were. */
int mbuf_freem_list(mbuf_t mbuf) KPI_SYMBOL(mbuf_freem_list);

/* --- chains ----------------------------------------------------------------------------------- */

mbuf_t mbuf_next(const mbuf_t mbuf) KPI_SYMBOL(mbuf_next);
errno_t mbuf_setnext(mbuf_t mbuf, mbuf_t next) KPI_SYMBOL(mbuf_setnext);
mbuf_t mbuf_nextpkt(const mbuf_t mbuf) KPI_SYMBOL(mbuf_nextpkt);
void mbuf_setnextpkt(mbuf_t mbuf, mbuf_t next) KPI_SYMBOL(mbuf_setnextpkt);
mbuf_type_t mbuf_type(const mbuf_t mbuf) KPI_SYMBOL(mbuf_type);
errno_t mbuf_settype(mbuf_t mbuf, mbuf_type_t type) KPI_SYMBOL(mbuf_settype);
mbuf_flags_t mbuf_flags(const mbuf_t mbuf) KPI_SYMBOL(mbuf_flags);
errno_t mbuf_setflags(mbuf_t mbuf, mbuf_flags_t flags) KPI_SYMBOL(mbuf_setflags);
errno_t mbuf_setflags_mask(mbuf_t mbuf, mbuf_flags_t flags, mbuf_flags_t mask)
    KPI_SYMBOL(mbuf_setflags_mask);
int mbuf_mclhasreference(mbuf_t mbuf) KPI_SYMBOL(mbuf_mclhasreference);

/* --- packets ---------------------------------------------------------------------------------- */

size_t mbuf_pkthdr_len(const mbuf_t mbuf) KPI_SYMBOL(mbuf_pkthdr_len);
void mbuf_pkthdr_setlen(mbuf_t mbuf, size_t bytes) KPI_SYMBOL(mbuf_pkthdr_setlen);
void mbuf_pkthdr_adjustlen(mbuf_t mbuf, int amount) KPI_SYMBOL(mbuf_pkthdr_adjustlen);
ifnet_t mbuf_pkthdr_rcvif(const mbuf_t mbuf) KPI_SYMBOL(mbuf_pkthdr_rcvif);
errno_t mbuf_pkthdr_setrcvif(mbuf_t mbuf, ifnet_t interface) KPI_SYMBOL(mbuf_pkthdr_setrcvif);
void *mbuf_pkthdr_header(const mbuf_t mbuf) KPI_SYMBOL(mbuf_pkthdr_header);
void mbuf_pkthdr_setheader(mbuf_t mbuf, void *header) KPI_SYMBOL(mbuf_pkthdr_setheader);
errno_t mbuf_copy_pkthdr(mbuf_t to, const mbuf_t from) KPI_SYMBOL(mbuf_copy_pkthdr);

/* --- moving bytes ----------------------------------------------------------------------------- */

errno_t mbuf_copydata(const mbuf_t mbuf, size_t offset, size_t bytes, void *to)
    KPI_SYMBOL(mbuf_copydata);
/* Extends the chain when needed. */
errno_t mbuf_copyback(mbuf_t mbuf, size_t offset, size_t bytes, const void *from, mbuf_how_t how)
    KPI_SYMBOL(mbuf_copyback);
/* Shares clusters; the copy is to be read only. */
errno_t mbuf_copym(const mbuf_t mbuf, size_t offset, size_t bytes, mbuf_how_t how, mbuf_t *copy)
    KPI_SYMBOL(mbuf_copym);
errno_t mbuf_dup(const mbuf_t mbuf, mbuf_how_t how, mbuf_t *copy) KPI_SYMBOL(mbuf_dup);
errno_t mbuf_split(mbuf_t mbuf, size_t offset, mbuf_how_t how, mbuf_t *tail) KPI_SYMBOL(mbuf_split);
mbuf_t mbuf_concatenate(mbuf_t head, mbuf_t tail) KPI_SYMBOL(mbuf_concatenate);
/* On failure the packet has been freed and *mbuf is NULL. */
errno_t mbuf_prepend(mbuf_t *mbuf, size_t bytes, mbuf_how_t how) KPI_SYMBOL(mbuf_prepend);
/* Positive: cut at the head; negative: at the end. */
void mbuf_adj(mbuf_t mbuf, int bytes) KPI_SYMBOL(mbuf_adj);
/* Make the first `bytes` contiguous. On failure the packet has been freed and *mbuf is NULL. */
errno_t mbuf_pullup(mbuf_t *mbuf, size_t bytes) KPI_SYMBOL(mbuf_pullup);
errno_t mbuf_pulldown(mbuf_t mbuf, size_t *offset, size_t bytes, mbuf_t *location)
    KPI_SYMBOL(mbuf_pulldown);

/* --- annotations ------------------------------------------------------------------------------ */

void mbuf_outbound_finalize(mbuf_t mbuf, u_int32_t protocol_family, size_t protocol_offset)
    KPI_SYMBOL(mbuf_outbound_finalize);
void mbuf_inbound_modified(mbuf_t mbuf) KPI_SYMBOL(mbuf_inbound_modified);
errno_t mbuf_get_csum_requested(mbuf_t mbuf, mbuf_csum_request_flags_t *request, u_int32_t *value)
    KPI_SYMBOL(mbuf_get_csum_requested);
errno_t mbuf_clear_csum_requested(mbuf_t mbuf) KPI_SYMBOL(mbuf_clear_csum_requested);
errno_t mbuf_get_tso_requested(mbuf_t mbuf, mbuf_tso_request_flags_t *request, u_int32_t *value)
    KPI_SYMBOL(mbuf_get_tso_requested);
errno_t mbuf_set_csum_performed(mbuf_t mbuf, mbuf_csum_performed_flags_t flags, u_int32_t value)
    KPI_SYMBOL(mbuf_set_csum_performed);
errno_t mbuf_clear_csum_performed(mbuf_t mbuf) KPI_SYMBOL(mbuf_clear_csum_performed);
errno_t mbuf_inet_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t bytes,
    u_int16_t *sum) KPI_SYMBOL(mbuf_inet_cksum);
errno_t mbuf_inet6_cksum(mbuf_t mbuf, int protocol, u_int32_t offset, u_int32_t bytes,
    u_int16_t *sum) KPI_SYMBOL(mbuf_inet6_cksum);
errno_t mbuf_set_vlan_tag(mbuf_t mbuf, u_int16_t tag) KPI_SYMBOL(mbuf_set_vlan_tag);
errno_t mbuf_get_vlan_tag(mbuf_t mbuf, u_int16_t *tag) KPI_SYMBOL(mbuf_get_vlan_tag);
errno_t mbuf_clear_vlan_tag(mbuf_t mbuf) KPI_SYMBOL(mbuf_clear_vlan_tag);
mbuf_traffic_class_t mbuf_get_traffic_class(mbuf_t mbuf) KPI_SYMBOL(mbuf_get_traffic_class);
errno_t mbuf_set_traffic_class(mbuf_t mbuf, mbuf_traffic_class_t traffic_class)
    KPI_SYMBOL(mbuf_set_traffic_class);

/* The number of a tag owner's name, made on first use and kept until the machine stops. */
errno_t mbuf_tag_id_find(const char *name, mbuf_tag_id_t *id) KPI_SYMBOL(mbuf_tag_id_find);
errno_t mbuf_tag_allocate(mbuf_t mbuf, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t bytes,
    mbuf_how_t how, void **data) KPI_SYMBOL(mbuf_tag_allocate);
errno_t mbuf_tag_find(mbuf_t mbuf, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t *bytes,
    void **data) KPI_SYMBOL(mbuf_tag_find);
void mbuf_tag_free(mbuf_t mbuf, mbuf_tag_id_t id, mbuf_tag_type_t type) KPI_SYMBOL(mbuf_tag_free);

/* --- the pool --------------------------------------------------------------------------------- */

void mbuf_stats(struct mbuf_stat *statistics) KPI_SYMBOL(mbuf_stats);
u_int32_t mbuf_get_mlen(void) KPI_SYMBOL(mbuf_get_mlen);
u_int32_t mbuf_get_mhlen(void) KPI_SYMBOL(mbuf_get_mhlen);
u_int32_t mbuf_get_minclsize(void) KPI_SYMBOL(mbuf_get_minclsize);

__END_DECLS

#endif
