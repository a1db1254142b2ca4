/* SPDX-License-Identifier: BSD-2-Clause */

/* A driver that breaks the rules of mbufs, one way at a time. */

#include "mbuf_guest.h"

#include <mbuf.h>

static mbuf_t
packet_new(void)
{
    mbuf_t m = NULL;

    if (mbuf_getpacket(MBUF_WAITOK, &m) != 0)
        return NULL;
    mbuf_setlen(m, 32);
    mbuf_pkthdr_setlen(m, 32);
    return m;
}

const char *
mbuf_guest_leak_mbuf(void)
{
    mbuf_t m = NULL;

    (void)mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    mbuf_setlen(m, 12);
    mbuf_history_note(m, "handed to nobody");
    return NULL;
}

const char *
mbuf_guest_leak_cluster(void)
{
    mbuf_t m = NULL;

    (void)mbuf_mclget(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    (void)mbuf_mclget(MBUF_WAITOK, MBUF_TYPE_DATA, &m); /* the first cluster is lost, as on XNU */
    mbuf_freem(m);
    return NULL;
}

const char *
mbuf_guest_double_free(void)
{
    mbuf_t m = NULL;

    (void)mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    mbuf_freem(m);
    mbuf_freem(m);
    return "a double free went by";
}

const char *
mbuf_guest_use_freed(void)
{
    mbuf_t m = NULL;

    (void)mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    mbuf_freem(m);
    (void)mbuf_len(m);
    return "use of a freed mbuf went by";
}

const char *
mbuf_guest_null(void)
{
    (void)mbuf_len(NULL);
    return "NULL went by";
}

const char *
mbuf_guest_pullup_null(void)
{
    mbuf_t m = NULL;

    (void)mbuf_pullup(&m, 4);
    return "NULL went by";
}

const char *
mbuf_guest_not_an_mbuf(void)
{
    static uint64_t words[64];

    (void)mbuf_len((mbuf_t)(void *)words);
    return "a stray pointer went by";
}

/* Guards are poisoned: ASan and valgrind would speak first, which is not what is tested. */
static void
byte_write(uint8_t *at)
{
    machine_unpoison(at, 1);
    *(volatile uint8_t *)at = 0;
}

const char *
mbuf_guest_overrun(void)
{
    mbuf_t m = NULL;

    (void)mbuf_gethdr(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    byte_write((uint8_t *)mbuf_datastart(m) + mbuf_maxlen(m));
    mbuf_freem(m);
    return "an overrun went by";
}

const char *
mbuf_guest_underrun(void)
{
    mbuf_t m = NULL;

    (void)mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    byte_write((uint8_t *)mbuf_datastart(m) - 1);
    mbuf_freem(m);
    return "an underrun went by";
}

const char *
mbuf_guest_cluster_overrun(void)
{
    mbuf_t m = NULL;

    (void)mbuf_getpacket(MBUF_WAITOK, &m);
    byte_write((uint8_t *)mbuf_datastart(m) + 2048);
    mbuf_freem(m);
    return "an overrun went by";
}

const char *
mbuf_guest_freecluster_size(void)
{
    size_t size = 2048;
    caddr_t address = NULL;

    (void)mbuf_alloccluster(MBUF_WAITOK, &size, &address);
    mbuf_freecluster(address, 2047);
    return "a size that is no class went by";
}

const char *
mbuf_guest_freecluster_wrong_size(void)
{
    size_t size = 2048;
    caddr_t address = NULL;

    (void)mbuf_alloccluster(MBUF_WAITOK, &size, &address);
    mbuf_freecluster(address, 4096);
    return "the size of another class went by";
}

const char *
mbuf_guest_freecluster_foreign(void)
{
    static char buffer[2048];

    mbuf_freecluster(buffer, 2048);
    return "a foreign buffer went by";
}

const char *
mbuf_guest_handover_length(void)
{
    mbuf_t m = packet_new();
    bool good;

    mbuf_pkthdr_setlen(m, 33);
    good = mbuf_handover_check(m, "ifnet_input", false);
    mbuf_freem(m);
    return good ? "a wrong packet length went by" : NULL;
}

const char *
mbuf_guest_handover_nextpkt(void)
{
    mbuf_t m = packet_new();
    bool good;

    mbuf_setnextpkt(m, packet_new());
    good = mbuf_handover_check(m, "ifnet_output", false);
    (void)mbuf_freem_list(m);
    return good ? "a list went by" : NULL;
}

const char *
mbuf_guest_no_header(void)
{
    mbuf_t m = NULL;

    (void)mbuf_get(MBUF_WAITOK, MBUF_TYPE_DATA, &m);
    mbuf_pkthdr_setlen(m, 5);
    mbuf_freem(m);
    return NULL;
}

void
mbuf_guest_audit(void)
{
    ksim_mbufs_audit(ksim_current());
}
