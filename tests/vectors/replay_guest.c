/* SPDX-License-Identifier: BSD-2-Clause */

/* Each operation of the vectors as one call of the KPI. `a` are the arguments of the line. */

#include "replay_guest.h"

#include <mbuf.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/kpi_mbuf.h>

typedef void operation_function(struct replay_guest *g, const int64_t *a, struct replay_result *r);

static mbuf_t
handle_get(struct replay_guest *g, int64_t handle)
{
    return handle < 0 ? NULL : g->handles[handle];
}

/* mbuf number k of the chain of handle h. */
static mbuf_t
chain_get(struct replay_guest *g, int64_t handle, int64_t k)
{
    mbuf_t m = handle_get(g, handle);

    for (; k > 0 && m != NULL; k--)
        m = mbuf_next(m);
    return m;
}

static void
error_set(struct replay_result *r, errno_t error)
{
    r->kind = REPLAY_ERRNO;
    r->value = error;
}

static void
value_set(struct replay_result *r, uint64_t value)
{
    r->kind = REPLAY_VALUE;
    r->value = (int64_t)value;
}

static void
out_add(struct replay_result *r, const char *name, uint64_t value, bool hexadecimal)
{
    r->outs[r->out_count++] = (struct replay_out){name, value, hexadecimal};
}

/* The payload of the vectors. */
static uint8_t
payload_byte(int64_t seed, int64_t i)
{
    return (uint8_t)(seed * 31 + i);
}

/* --- making and freeing ------------------------------------------------------------------------- */

static void
op_get(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_get((mbuf_how_t)a[1], (mbuf_type_t)a[2], (mbuf_t *)&g->handles[a[0]]));
}

static void
op_gethdr(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_gethdr((mbuf_how_t)a[1], (mbuf_type_t)a[2], (mbuf_t *)&g->handles[a[0]]));
}

static void
op_getpacket(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_getpacket((mbuf_how_t)a[1], (mbuf_t *)&g->handles[a[0]]));
}

static void
op_allocpacket(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    unsigned int chunks = (unsigned int)a[3];
    errno_t error = mbuf_allocpacket((mbuf_how_t)a[1], (size_t)a[2], a[3] < 0 ? NULL : &chunks,
                                     (mbuf_t *)&g->handles[a[0]]);

    if (error != 0)
        g->handles[a[0]] = NULL;
    if (a[3] >= 0)
        out_add(r, "chunks", chunks, false);
    error_set(r, error);
}

static void
op_allocpacket_list(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    unsigned int chunks = (unsigned int)a[4];
    errno_t error = mbuf_allocpacket_list((unsigned int)a[1], (mbuf_how_t)a[2], (size_t)a[3],
                                          a[4] < 0 ? NULL : &chunks, (mbuf_t *)&g->handles[a[0]]);
    uint64_t packets = 0;

    if (error != 0)
        g->handles[a[0]] = NULL;
    for (mbuf_t m = g->handles[a[0]]; m != NULL; m = mbuf_nextpkt(m))
        packets++;
    out_add(r, "pkts", packets, false);
    if (a[4] >= 0)
        out_add(r, "chunks", chunks, false);
    error_set(r, error);
}

static void
op_mclget(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_mclget((mbuf_how_t)a[1], (mbuf_type_t)a[2], (mbuf_t *)&g->handles[a[0]]));
}

static void
op_getcluster(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_getcluster((mbuf_how_t)a[1], (mbuf_type_t)a[2], (size_t)a[3],
                                 (mbuf_t *)&g->handles[a[0]]));
}

static void
op_alloccluster(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    size_t size = (size_t)a[1];
    caddr_t address = NULL;
    errno_t error = mbuf_alloccluster((mbuf_how_t)a[0], a[1] < 0 ? NULL : &size, &address);

    (void)g;
    if (a[1] >= 0)
        out_add(r, "size", size, false);
    if (error == 0)
        mbuf_freecluster(address, size);
    error_set(r, error);
}

static void
buffer_release(caddr_t buffer, u_int size, caddr_t argument)
{
    (void)size;
    (void)argument;
    machine_free(buffer);
}

static void
op_attachcluster(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    caddr_t buffer = machine_allocate(a[3] == 0 ? 1 : (size_t)a[3], "replay buffer");
    uint64_t calls_before = ksim_current()->mbufs->live.release_calls;
    errno_t error = mbuf_attachcluster((mbuf_how_t)a[1], (mbuf_type_t)a[2], (mbuf_t *)&g->handles[a[0]],
                                       buffer, buffer_release, (size_t)a[3], NULL);

    if (error != 0 && ksim_current()->mbufs->live.release_calls == calls_before)
        machine_free(buffer);
    error_set(r, error);
}

static void
op_free(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    g->handles[a[0]] = mbuf_free(g->handles[a[0]]);
    out_add(r, "next", g->handles[a[0]] != NULL, false);
}

static void
op_freem(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_freem(handle_get(g, a[0]));
    if (a[0] >= 0)
        g->handles[a[0]] = NULL;
}

static void
op_freem_list(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t list = handle_get(g, a[0]);

    for (mbuf_t m = list; m != NULL; m = mbuf_nextpkt(m))
        for (int h = 0; h < REPLAY_HANDLES; h++)
            if (g->handles[h] == m)
                g->handles[h] = NULL;
    value_set(r, (uint64_t)mbuf_freem_list(list));
}

/* --- one mbuf ----------------------------------------------------------------------------------- */

static void
op_setdata(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t m = chain_get(g, a[0], a[1]);

    error_set(r, mbuf_setdata(m, (void *)((uintptr_t)mbuf_datastart(m) + (uintptr_t)a[2]), (size_t)a[3]));
}

static void
op_align_32(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_align_32(chain_get(g, a[0], a[1]), (size_t)a[2]));
}

static void
op_setlen(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_setlen(chain_get(g, a[0], a[1]), (size_t)a[2]);
}

static void
op_adjustlen(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_adjustlen(chain_get(g, a[0], a[1]), (int)a[2]));
}

static void
op_settype(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_settype(chain_get(g, a[0], a[1]), (mbuf_type_t)a[2]));
}

static void
op_setflags(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_setflags(chain_get(g, a[0], a[1]), (mbuf_flags_t)a[2]));
}

static void
op_setflags_mask(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_setflags_mask(chain_get(g, a[0], a[1]), (mbuf_flags_t)a[2], (mbuf_flags_t)a[3]));
}

/* --- chains ------------------------------------------------------------------------------------- */

static void
op_adj(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_adj(handle_get(g, a[0]), (int)a[1]);
}

static void
op_prepend(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_prepend((mbuf_t *)&g->handles[a[0]], (size_t)a[1], (mbuf_how_t)a[2]));
}

static void
op_pullup(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_pullup((mbuf_t *)&g->handles[a[0]], (size_t)a[1]));
}

static void
op_pulldown(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    size_t offset = (size_t)a[1];
    mbuf_t location = NULL;
    uint64_t index = 0;
    errno_t error = mbuf_pulldown(g->handles[a[0]], &offset, (size_t)a[2], &location);

    error_set(r, error);
    if (error != 0) {
        g->handles[a[0]] = NULL;
        return;
    }
    for (mbuf_t m = g->handles[a[0]]; m != location; m = mbuf_next(m))
        index++;
    out_add(r, "idx", index, false);
    out_add(r, "off", offset, false);
}

static void
op_split(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t tail = NULL;

    error_set(r, mbuf_split(handle_get(g, a[0]), (size_t)a[1], (mbuf_how_t)a[2], &tail));
    g->handles[a[3]] = tail;
}

static void
op_copym(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t copy = NULL;

    error_set(r, mbuf_copym(handle_get(g, a[0]), (size_t)a[1], (size_t)a[2], (mbuf_how_t)a[3], &copy));
    g->handles[a[4]] = copy;
}

static void
op_dup(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t copy = NULL;

    error_set(r, mbuf_dup(handle_get(g, a[0]), (mbuf_how_t)a[1], &copy));
    g->handles[a[2]] = copy;
}

static void
op_copydata(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    errno_t error;

    g->scratch = machine_allocate(a[2] <= 0 || a[2] > 1000000 ? 1000000 : (size_t)a[2], "replay buffer");
    error = mbuf_copydata(handle_get(g, a[0]), (size_t)a[1], (size_t)a[2], g->scratch);
    if (error == 0) {
        r->bytes = g->scratch;
        r->byte_count = (size_t)a[2];
    }
    error_set(r, error);
}

static void
op_copyback(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    uint8_t *bytes = NULL;

    if (a[4] >= 0) {
        bytes = machine_allocate((size_t)a[2] + 1, "replay buffer");
        for (int64_t i = 0; i < a[2]; i++)
            bytes[i] = payload_byte(a[4], i);
    }
    error_set(r, mbuf_copyback(handle_get(g, a[0]), (size_t)a[1], (size_t)a[2], bytes, (mbuf_how_t)a[3]));
    machine_free(bytes);
}

static void
op_concatenate(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t joined = mbuf_concatenate(handle_get(g, a[0]), handle_get(g, a[1]));

    value_set(r, joined != NULL);
    if (joined != NULL && a[1] >= 0)
        g->handles[a[1]] = NULL;
}

static void
op_setnext(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    errno_t error = mbuf_setnext(chain_get(g, a[0], a[1]), handle_get(g, a[2]));

    if (error == 0 && a[2] >= 0)
        g->handles[a[2]] = NULL;
    error_set(r, error);
}

static void
op_cut(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    mbuf_t m = chain_get(g, a[0], a[1]);

    g->handles[a[2]] = mbuf_next(m);
    error_set(r, mbuf_setnext(m, NULL));
}

static void
op_setnextpkt(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_setnextpkt(handle_get(g, a[0]), handle_get(g, a[1]));
}

static void
op_takenextpkt(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    g->handles[a[1]] = mbuf_nextpkt(g->handles[a[0]]);
    mbuf_setnextpkt(g->handles[a[0]], NULL);
}

/* --- packet header ------------------------------------------------------------------------------ */

static void
op_copy_pkthdr(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_copy_pkthdr(chain_get(g, a[0], a[1]), handle_get(g, a[2])));
}

static void
op_pkthdr_setlen(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_pkthdr_setlen(handle_get(g, a[0]), (size_t)a[1]);
}

static void
op_pkthdr_adjustlen(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_pkthdr_adjustlen(handle_get(g, a[0]), (int)a[1]);
}

static void
op_pkthdr_setheader(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_pkthdr_setheader(handle_get(g, a[0]), (void *)(uintptr_t)a[1]);
}

static void
op_pkthdr_setrcvif(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_pkthdr_setrcvif(handle_get(g, a[0]), (ifnet_t)(uintptr_t)a[1]));
}

static void
op_pkthdr_header(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    value_set(r, (uintptr_t)mbuf_pkthdr_header(handle_get(g, a[0])));
}

static void
op_pkthdr_rcvif(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    value_set(r, (uintptr_t)mbuf_pkthdr_rcvif(handle_get(g, a[0])));
}

static void
op_inbound_modified(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)r;
    mbuf_inbound_modified(handle_get(g, a[0]));
}

static void
op_set_vlan_tag(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_set_vlan_tag(handle_get(g, a[0]), (u_int16_t)a[1]));
}

static void
op_get_vlan_tag(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    u_int16_t tag = 0;
    errno_t error = mbuf_get_vlan_tag(handle_get(g, a[0]), &tag);

    if (error == 0)
        out_add(r, "tag", tag, false);
    error_set(r, error);
}

static void
op_clear_vlan_tag(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_clear_vlan_tag(handle_get(g, a[0])));
}

static void
op_set_csum_performed(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_set_csum_performed(handle_get(g, a[0]), (mbuf_csum_performed_flags_t)a[1],
                                         (u_int32_t)a[2]));
}

static void
op_set_csum_requested(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_set_csum_requested(handle_get(g, a[0]), (mbuf_csum_request_flags_t)a[1],
                                         (u_int32_t)a[2]));
}

static void
op_get_csum_performed(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    u_int32_t flags = 0, value = 0;

    error_set(r, mbuf_get_csum_performed(handle_get(g, a[0]), &flags, &value));
    out_add(r, "flags", flags, true);
    out_add(r, "value", value, false);
}

static void
op_get_csum_requested(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    u_int32_t flags = 0, value = 0;

    error_set(r, mbuf_get_csum_requested(handle_get(g, a[0]), &flags, &value));
    out_add(r, "flags", flags, true);
    out_add(r, "value", value, false);
}

static void
op_clear_csum_performed(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_clear_csum_performed(handle_get(g, a[0])));
}

static void
op_clear_csum_requested(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    error_set(r, mbuf_clear_csum_requested(handle_get(g, a[0])));
}

/* --- not of the KPI ----------------------------------------------------------------------------- */

static bool
mbuf_is_inside(mbuf_t m)
{
    int64_t offset = (int64_t)((uintptr_t)mbuf_data(m) - (uintptr_t)mbuf_datastart(m));
    int64_t len = (int64_t)mbuf_len(m);

    return offset >= 0 && len >= 0 && offset + len <= (int64_t)mbuf_maxlen(m);
}

static void
op_fill(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    int64_t at = 0;

    (void)r;
    for (mbuf_t m = handle_get(g, a[0]); m != NULL; m = mbuf_next(m))
        if (!mbuf_is_inside(m))
            return;
    for (mbuf_t m = handle_get(g, a[0]); m != NULL; m = mbuf_next(m)) {
        uint8_t *data = mbuf_data(m);
        int64_t len = (int64_t)mbuf_len(m);

        for (int64_t i = 0; i < len; i++, at++)
            if (at >= a[1] && at < a[1] + a[2])
                data[i] = payload_byte(a[3], at - a[1]);
    }
}

static void
op_show(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    (void)g;
    (void)a;
    (void)r;
}

static void
op_badarg(struct replay_guest *g, const int64_t *a, struct replay_result *r)
{
    static char buffer[4];
    size_t size = 2048;
    mbuf_t m = NULL;

    (void)g;
    switch (a[0]) {
    case 1:
        error_set(r, mbuf_mclget(MBUF_WAITOK, MBUF_TYPE_DATA, NULL));
        break;
    case 2:
        error_set(r, mbuf_getcluster(MBUF_WAITOK, MBUF_TYPE_DATA, 2048, NULL));
        break;
    case 3:
        error_set(r, mbuf_alloccluster(MBUF_WAITOK, &size, NULL));
        break;
    case 4:
        error_set(r, mbuf_attachcluster(MBUF_WAITOK, MBUF_TYPE_DATA, &m, NULL, buffer_release, 4, NULL));
        break;
    default:
        error_set(r, mbuf_attachcluster(MBUF_WAITOK, MBUF_TYPE_DATA, &m, buffer, NULL, 4, NULL));
        break;
    }
}

/* --- seam --------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    operation_function *run;
} operations[] = {
    {"get", op_get},
    {"gethdr", op_gethdr},
    {"getpacket", op_getpacket},
    {"allocpacket", op_allocpacket},
    {"allocpacket_list", op_allocpacket_list},
    {"mclget", op_mclget},
    {"getcluster", op_getcluster},
    {"alloccluster", op_alloccluster},
    {"attachcluster", op_attachcluster},
    {"free", op_free},
    {"freem", op_freem},
    {"freem_list", op_freem_list},
    {"setdata", op_setdata},
    {"align_32", op_align_32},
    {"setlen", op_setlen},
    {"adjustlen", op_adjustlen},
    {"settype", op_settype},
    {"setflags", op_setflags},
    {"setflags_mask", op_setflags_mask},
    {"adj", op_adj},
    {"prepend", op_prepend},
    {"pullup", op_pullup},
    {"pulldown", op_pulldown},
    {"split", op_split},
    {"copym", op_copym},
    {"dup", op_dup},
    {"copydata", op_copydata},
    {"copyback", op_copyback},
    {"concatenate", op_concatenate},
    {"setnext", op_setnext},
    {"cut", op_cut},
    {"setnextpkt", op_setnextpkt},
    {"takenextpkt", op_takenextpkt},
    {"copy_pkthdr", op_copy_pkthdr},
    {"pkthdr_setlen", op_pkthdr_setlen},
    {"pkthdr_adjustlen", op_pkthdr_adjustlen},
    {"pkthdr_setheader", op_pkthdr_setheader},
    {"pkthdr_setrcvif", op_pkthdr_setrcvif},
    {"pkthdr_header", op_pkthdr_header},
    {"pkthdr_rcvif", op_pkthdr_rcvif},
    {"inbound_modified", op_inbound_modified},
    {"set_vlan_tag", op_set_vlan_tag},
    {"get_vlan_tag", op_get_vlan_tag},
    {"clear_vlan_tag", op_clear_vlan_tag},
    {"set_csum_performed", op_set_csum_performed},
    {"set_csum_requested", op_set_csum_requested},
    {"get_csum_performed", op_get_csum_performed},
    {"get_csum_requested", op_get_csum_requested},
    {"clear_csum_performed", op_clear_csum_performed},
    {"clear_csum_requested", op_clear_csum_requested},
    {"fill", op_fill},
    {"show", op_show},
    {"fail", op_show}, /* replay.c has told the tape */
    {"badarg", op_badarg},
};

static bool
text_equal(const char *left, const char *right)
{
    while (*left != '\0' && *left == *right) {
        left++;
        right++;
    }
    return *left == *right;
}

bool
replay_guest_call(struct replay_guest *guest, const char *operation, const int64_t *arguments,
                  struct replay_result *result)
{
    machine_free(guest->scratch);
    guest->scratch = NULL;
    result->kind = REPLAY_VOID;
    result->value = 0;
    result->out_count = 0;
    result->bytes = NULL;
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (text_equal(operations[i].name, operation)) {
            operations[i].run(guest, arguments, result);
            return true;
        }
    }
    return false;
}

void
replay_guest_end(struct replay_guest *guest)
{
    machine_free(guest->scratch);
    guest->scratch = NULL;
    for (int h = 0; h < REPLAY_HANDLES; h++)
        if (guest->handles[h] != NULL)
            mbuf_setnextpkt(guest->handles[h], NULL);
    for (int h = 0; h < REPLAY_HANDLES; h++) {
        mbuf_freem(guest->handles[h]);
        guest->handles[h] = NULL;
    }
}
