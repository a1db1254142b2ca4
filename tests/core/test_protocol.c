/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "protocol.h"

#define PF_INET_NUMBER 2u
#define PF_INET6_NUMBER 30u
#define PF_BRIDGE_NUMBER 33u
#define PROTOCOL_COUNT ((int)TT_PROTOCOL_COUNT_MAX)
#define DEMUX_COUNT ((int)TT_PROTOCOL_DEMUX_COUNT_MAX)

static struct tt_protocol_table table;

static struct tt_demux
etype(uint32_t type)
{
    return (struct tt_demux){ TT_DEMUX_ETYPE2, 2, { (uint8_t)(type >> 8), (uint8_t)type } };
}

static const struct tt_demux snap_appletalk = { TT_DEMUX_SNAP, 5, { 8, 0, 7, 0x80, 0x9b } };
static const struct tt_demux sap_of_snap = { TT_DEMUX_SAP, 3, { 0xaa, 0xaa, 3 } };

/* The table's memory is poison before each test. */
static void
setup(void)
{
    memset(&table, 0xa5, sizeof(table));
    tt_protocol_table_init(&table);
}

/* As ether_attach_inet does: one family, IPv4 and ARP. */
static void
given_inet(void)
{
    struct tt_demux demux[2] = { etype(0x0800), etype(0x0806) };

    ck_assert_int_eq(tt_protocol_add(&table, PF_INET_NUMBER, demux, 2), TT_OK);
}

static void
given_inet6(void)
{
    struct tt_demux demux = etype(0x86dd);

    ck_assert_int_eq(tt_protocol_add(&table, PF_INET6_NUMBER, &demux, 1), TT_OK);
}

static uint32_t
lookup_etype(uint32_t type)
{
    struct tt_demux demux = etype(type);

    return tt_protocol_lookup(&table, &demux);
}

START_TEST(fresh_table_wants_nothing)
{
    ck_assert(tt_protocol_table_validate(&table));
    ck_assert_uint_eq(tt_protocol_count(&table), 0);
    for (uint32_t family = 0; family < 64; family++)
        ck_assert(!tt_protocol_attached(&table, family));
    ck_assert_uint_eq(lookup_etype(0x0800), 0);
    ck_assert_int_eq(tt_protocol_remove(&table, PF_INET_NUMBER), TT_ENOENT);
}
END_TEST

START_TEST(ethernet_with_ipv4_and_ipv6)
{
    /* given IPv4 (two descriptors, one family) and IPv6 on a tap */
    given_inet();
    given_inet6();
    /* then each frame finds its family */
    ck_assert_uint_eq(lookup_etype(0x0800), PF_INET_NUMBER);
    ck_assert_uint_eq(lookup_etype(0x0806), PF_INET_NUMBER);
    ck_assert_uint_eq(lookup_etype(0x86dd), PF_INET6_NUMBER);
    ck_assert_uint_eq(tt_protocol_count(&table), 2);
    /* and byte-swapped or other types nobody's */
    ck_assert_uint_eq(lookup_etype(0x0008), 0);
    ck_assert_uint_eq(lookup_etype(0x0801), 0);
    ck_assert_uint_eq(lookup_etype(0x8100), 0);

    /* when IPv4 goes, then its frames are nobody's and IPv6 stays */
    ck_assert_int_eq(tt_protocol_remove(&table, PF_INET_NUMBER), TT_OK);
    ck_assert_uint_eq(lookup_etype(0x0800), 0);
    ck_assert_uint_eq(lookup_etype(0x0806), 0);
    ck_assert_uint_eq(lookup_etype(0x86dd), PF_INET6_NUMBER);
    ck_assert(!tt_protocol_attached(&table, PF_INET_NUMBER));
    ck_assert_int_eq(tt_protocol_remove(&table, PF_INET_NUMBER), TT_ENOENT);
    /* when it comes back, then all is as before */
    given_inet();
    ck_assert_uint_eq(lookup_etype(0x0806), PF_INET_NUMBER);
}
END_TEST

START_TEST(tun_attaches_families_only)
{
    /* given a tun, whose protocols have no descriptors */
    ck_assert_int_eq(tt_protocol_add(&table, PF_INET_NUMBER, NULL, 0), TT_OK);
    ck_assert(tt_protocol_attached(&table, PF_INET_NUMBER));
    ck_assert(!tt_protocol_attached(&table, PF_INET6_NUMBER));
    ck_assert_int_eq(tt_protocol_add(&table, PF_INET6_NUMBER, NULL, 0), TT_OK);
    ck_assert(tt_protocol_attached(&table, PF_INET6_NUMBER));
    /* then no frame finds them */
    ck_assert_uint_eq(lookup_etype(0x0800), 0);
    ck_assert_int_eq(tt_protocol_remove(&table, PF_INET_NUMBER), TT_OK);
    ck_assert(!tt_protocol_attached(&table, PF_INET_NUMBER));
    ck_assert(tt_protocol_attached(&table, PF_INET6_NUMBER));
}
END_TEST

START_TEST(bridge_attaches_without_descriptors)
{
    /* given PF_BRIDGE, which hands over NULL and 0, beside IPv4 on a tap */
    given_inet();
    ck_assert_int_eq(tt_protocol_add(&table, PF_BRIDGE_NUMBER, NULL, 0), TT_OK);
    ck_assert(tt_protocol_attached(&table, PF_BRIDGE_NUMBER));
    ck_assert_uint_eq(lookup_etype(0x0800), PF_INET_NUMBER);
    ck_assert_int_eq(tt_protocol_remove(&table, PF_BRIDGE_NUMBER), TT_OK);
}
END_TEST

START_TEST(family_twice_is_refused)
{
    struct tt_demux other = etype(0x1234);

    given_inet();
    /* when the family comes again, with the same, other or no descriptors */
    ck_assert_int_eq(tt_protocol_add(&table, PF_INET_NUMBER, &other, 1), TT_EEXIST);
    ck_assert_int_eq(tt_protocol_add(&table, PF_INET_NUMBER, NULL, 0), TT_EEXIST);
    /* then EEXIST and nothing of it stays */
    ck_assert_uint_eq(lookup_etype(0x1234), 0);
    ck_assert_uint_eq(tt_protocol_count(&table), 1);
}
END_TEST

START_TEST(descriptor_of_another_is_refused)
{
    struct tt_demux demux[3] = { etype(0x1111), etype(0x2222), etype(0x0806) };

    /* given IPv4 with ARP, when another family wants ARP as its third, then EEXIST as a whole */
    given_inet();
    ck_assert_int_eq(tt_protocol_add(&table, 99, demux, 3), TT_EEXIST);
    ck_assert(!tt_protocol_attached(&table, 99));
    ck_assert_uint_eq(lookup_etype(0x1111), 0);
    ck_assert_uint_eq(lookup_etype(0x0806), PF_INET_NUMBER);
    /* without it, fine */
    ck_assert_int_eq(tt_protocol_add(&table, 99, demux, 2), TT_OK);
    ck_assert_uint_eq(lookup_etype(0x2222), 99);
}
END_TEST

START_TEST(senseless_protocols_are_refused)
{
    struct tt_demux good = etype(0x0800), bad, twice[2] = { etype(0x0800), etype(0x0800) };

    /* family 0 is nobody */
    ck_assert_int_eq(tt_protocol_add(&table, 0, &good, 1), TT_EINVAL);
    ck_assert_int_eq(tt_protocol_add(&table, 0, NULL, 0), TT_EINVAL);
    /* a count without descriptors */
    ck_assert_int_eq(tt_protocol_add(&table, 2, NULL, 1), TT_EINVAL);
    ck_assert_int_eq(tt_protocol_add(&table, 2, NULL, SIZE_MAX), TT_EINVAL);
    /* the same descriptor twice */
    ck_assert_int_eq(tt_protocol_add(&table, 2, twice, 2), TT_EINVAL);
    /* a descriptor of no kind, or of the wrong length */
    bad = good;
    bad.kind = TT_DEMUX_NONE;
    ck_assert_int_eq(tt_protocol_add(&table, 2, &bad, 1), TT_EINVAL);
    bad.kind = (enum tt_demux_kind)7;
    ck_assert_int_eq(tt_protocol_add(&table, 2, &bad, 1), TT_EINVAL);
    for (int length = 0; length < 256; length++) {
        if (length == 2)
            continue;
        bad = good;
        bad.length_bytes = (uint8_t)length;
        ck_assert_int_eq(tt_protocol_add(&table, 2, &bad, 1), TT_EINVAL);
    }
    /* then the table is as it was */
    ck_assert_uint_eq(tt_protocol_count(&table), 0);
    ck_assert_int_eq(tt_protocol_remove(&table, 0), TT_ENOENT);
    ck_assert(!tt_protocol_attached(&table, 0));
}
END_TEST

START_TEST(table_of_protocols_fills)
{
    /* given 16 protocols */
    for (uint32_t family = 1; family <= TT_PROTOCOL_COUNT_MAX; family++) {
        struct tt_demux demux = etype(0x6000 + family);

        ck_assert_int_eq(tt_protocol_add(&table, family, &demux, 1), TT_OK);
        ck_assert_uint_eq(tt_protocol_count(&table), family);
    }
    /* when one more comes, then ENOBUFS, but a double one is still EEXIST */
    ck_assert_int_eq(tt_protocol_add(&table, 100, NULL, 0), TT_ENOBUFS);
    ck_assert_int_eq(tt_protocol_add(&table, 5, NULL, 0), TT_EEXIST);
    for (uint32_t family = 1; family <= TT_PROTOCOL_COUNT_MAX; family++)
        ck_assert_uint_eq(lookup_etype(0x6000 + family), family);
    /* when number _i leaves, then its slot serves the next, and no other lookup changes */
    ck_assert_int_eq(tt_protocol_remove(&table, (uint32_t)_i), TT_OK);
    ck_assert_int_eq(tt_protocol_add(&table, 100, NULL, 0), TT_OK);
    ck_assert_int_eq(tt_protocol_add(&table, 101, NULL, 0), TT_ENOBUFS);
    for (uint32_t family = 1; family <= TT_PROTOCOL_COUNT_MAX; family++)
        ck_assert_uint_eq(lookup_etype(0x6000 + family), family == (uint32_t)_i ? 0 : family);
}
END_TEST

START_TEST(descriptors_of_one_protocol_fill)
{
    struct tt_demux demux[TT_PROTOCOL_DEMUX_COUNT_MAX + 1];

    for (uint32_t i = 0; i <= TT_PROTOCOL_DEMUX_COUNT_MAX; i++)
        demux[i] = etype(0x7000 + i);
    /* one too many: nothing is attached */
    ck_assert_int_eq(tt_protocol_add(&table, 9, demux, DEMUX_COUNT + 1), TT_ENOBUFS);
    ck_assert_uint_eq(tt_protocol_count(&table), 0);
    ck_assert_uint_eq(lookup_etype(0x7000), 0);
    /* as many as fit */
    ck_assert_int_eq(tt_protocol_add(&table, 9, demux, DEMUX_COUNT), TT_OK);
    for (uint32_t i = 0; i < TT_PROTOCOL_DEMUX_COUNT_MAX; i++)
        ck_assert_uint_eq(lookup_etype(0x7000 + i), 9);
    ck_assert_uint_eq(lookup_etype(0x7000 + TT_PROTOCOL_DEMUX_COUNT_MAX), 0);
}
END_TEST

START_TEST(descriptors_are_copied)
{
    struct tt_demux demux = etype(0x0800);

    /* given a descriptor whose memory is overwritten after attach, as the kernel's is */
    ck_assert_int_eq(tt_protocol_add(&table, 2, &demux, 1), TT_OK);
    memset(&demux, 0xdd, sizeof(demux));
    /* then nothing changes */
    ck_assert_uint_eq(lookup_etype(0x0800), 2);
}
END_TEST

START_TEST(kinds_do_not_mix)
{
    struct tt_demux sap = { TT_DEMUX_SAP, 3, { 0x08, 0x00, 0x00 } };
    struct tt_demux snap = { TT_DEMUX_SNAP, 5, { 0x08, 0x00, 0, 0, 0 } };
    struct tt_demux type = etype(0x0800);

    /* given three protocols whose descriptors begin with the same bytes */
    ck_assert_int_eq(tt_protocol_add(&table, 10, &sap, 1), TT_OK);
    ck_assert_int_eq(tt_protocol_add(&table, 11, &snap, 1), TT_OK);
    ck_assert_int_eq(tt_protocol_add(&table, 12, &type, 1), TT_OK);
    /* then each kind finds its own */
    ck_assert_uint_eq(tt_protocol_lookup(&table, &sap), 10);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &snap), 11);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &type), 12);
}
END_TEST

START_TEST(snap_falls_back_to_its_sap)
{
    /* given nobody, then a SNAP frame is nobody's */
    ck_assert_uint_eq(tt_protocol_lookup(&table, &snap_appletalk), 0);
    /* given a listener for all SNAP (the SAP AA AA 03), then it gets the frame */
    ck_assert_int_eq(tt_protocol_add(&table, 50, &sap_of_snap, 1), TT_OK);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &snap_appletalk), 50);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &sap_of_snap), 50);
    /* given also a protocol with the exact SNAP, then that one */
    ck_assert_int_eq(tt_protocol_add(&table, 16, &snap_appletalk, 1), TT_OK);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &snap_appletalk), 16);
    /* and a type never falls back */
    ck_assert_uint_eq(lookup_etype(0xaaaa), 0);
}
END_TEST

START_TEST(lookup_of_senseless_descriptors)
{
    struct tt_demux none = { TT_DEMUX_NONE, 0, { 0 } }, long_one = etype(0x0800);

    given_inet();
    long_one.length_bytes = 200;
    ck_assert_uint_eq(tt_protocol_lookup(&table, &none), 0);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &long_one), 0);
}
END_TEST

START_TEST(validate_sees_every_kind_of_damage)
{
    struct tt_protocol_table good;

    given_inet();
    given_inet6();
    good = table;
    ck_assert(!tt_protocol_table_validate(NULL));
#define DAMAGE(statement)                             \
    do {                                              \
        table = good;                                 \
        statement;                                    \
        ck_assert(!tt_protocol_table_validate(&table)); \
    } while (0)
    /* the family twice */
    DAMAGE(table.protocols[1].family = PF_INET_NUMBER);
    /* too many descriptors, or one that was never written */
    DAMAGE(table.protocols[0].demux_count = TT_PROTOCOL_DEMUX_COUNT_MAX + 1);
    DAMAGE(memset(&table.protocols[0].demux[2], 0xa5, sizeof(struct tt_demux));
           table.protocols[0].demux_count = 3);
    /* a descriptor twice in one protocol or in two */
    DAMAGE(table.protocols[0].demux[1] = table.protocols[0].demux[0]);
    DAMAGE(table.protocols[1].demux[0] = table.protocols[0].demux[1]);
    /* a descriptor that is none */
    DAMAGE(table.protocols[1].demux[0].length_bytes = 3);
    DAMAGE(table.protocols[1].demux[0].kind = TT_DEMUX_NONE);
#undef DAMAGE
    /* but what a free slot holds is nobody's business */
    table = good;
    memset(table.protocols[9].demux, 0x5a, sizeof(table.protocols[9].demux));
    ck_assert(tt_protocol_table_validate(&table));
}
END_TEST

START_TEST(misuse_is_asserted)
{
    EXPECT_ASSERTION(tt_protocol_table_init(NULL));
    EXPECT_ASSERTION((void)tt_protocol_add(NULL, 2, NULL, 0));
    EXPECT_ASSERTION((void)tt_protocol_remove(NULL, 2));
    EXPECT_ASSERTION((void)tt_protocol_attached(NULL, 2));
    EXPECT_ASSERTION((void)tt_protocol_count(NULL));
    EXPECT_ASSERTION((void)tt_protocol_lookup(NULL, &snap_appletalk));
    EXPECT_ASSERTION((void)tt_protocol_lookup(&table, NULL));
    /* a scribbled table is found by the next operation */
    given_inet();
    table.protocols[0].demux_count = 1000;
    EXPECT_ASSERTION((void)tt_protocol_add(&table, 3, NULL, 0));
    EXPECT_ASSERTION((void)lookup_etype(0x0800));
}
END_TEST

/* The naive model: who owns each of 24 types, and which of 32 families are there. */
struct model {
    uint32_t owner[24];
    bool attached[32];
    uint32_t count;
};

static enum tt_error
model_add(struct model *model, uint32_t family, const uint32_t *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (types[i] == types[j])
                return TT_EINVAL;
        }
    }
    if (model->attached[family])
        return TT_EEXIST;
    for (size_t i = 0; i < count; i++) {
        if (model->owner[types[i]] != 0)
            return TT_EEXIST;
    }
    if (model->count == TT_PROTOCOL_COUNT_MAX)
        return TT_ENOBUFS;
    model->attached[family] = true;
    model->count++;
    for (size_t i = 0; i < count; i++)
        model->owner[types[i]] = family;
    return TT_OK;
}

static enum tt_error
model_remove(struct model *model, uint32_t family)
{
    if (!model->attached[family])
        return TT_ENOENT;
    model->attached[family] = false;
    model->count--;
    for (int i = 0; i < 24; i++) {
        if (model->owner[i] == family)
            model->owner[i] = 0;
    }
    return TT_OK;
}

static void
compare(const struct model *model)
{
    ck_assert_uint_eq(tt_protocol_count(&table), model->count);
    for (uint32_t type = 0; type < 24; type++)
        ck_assert_uint_eq(lookup_etype(0x0800 + type), model->owner[type]);
    for (uint32_t family = 0; family < 32; family++)
        ck_assert(tt_protocol_attached(&table, family) == model->attached[family]);
}

START_TEST(random_histories_agree_with_a_naive_model)
{
    uint64_t random = (uint64_t)_i + 1000;
    struct model model = { .count = 0 };

    /* given seed _i, when protocols come and go, then table and model say the same */
    for (int step = 0; step < 60; step++) {
        uint32_t family = 1 + random_next(&random) % 31;

        if (random_next(&random) % 3 == 0) {
            ck_assert_int_eq(
                tt_protocol_remove(&table, family), model_remove(&model, family));
        } else {
            struct tt_demux demux[3];
            uint32_t types[3];
            size_t count = random_next(&random) % 4 * (random_next(&random) % 2);

            for (size_t i = 0; i < count; i++) {
                types[i] = random_next(&random) % 24;
                demux[i] = etype(0x0800 + types[i]);
            }
            ck_assert_int_eq(tt_protocol_add(&table, family, demux, count),
                model_add(&model, family, types, count));
        }
        compare(&model);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.protocol");
    TCase *tests = tcase_create("protocol");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, fresh_table_wants_nothing);
    tcase_add_test(tests, ethernet_with_ipv4_and_ipv6);
    tcase_add_test(tests, tun_attaches_families_only);
    tcase_add_test(tests, bridge_attaches_without_descriptors);
    tcase_add_test(tests, family_twice_is_refused);
    tcase_add_test(tests, descriptor_of_another_is_refused);
    tcase_add_test(tests, senseless_protocols_are_refused);
    tcase_add_loop_test(tests, table_of_protocols_fills, 1, PROTOCOL_COUNT + 1);
    tcase_add_test(tests, descriptors_of_one_protocol_fill);
    tcase_add_test(tests, descriptors_are_copied);
    tcase_add_test(tests, kinds_do_not_mix);
    tcase_add_test(tests, snap_falls_back_to_its_sap);
    tcase_add_test(tests, lookup_of_senseless_descriptors);
    tcase_add_test(tests, validate_sees_every_kind_of_damage);
    tcase_add_test(tests, misuse_is_asserted);
    tcase_add_loop_test(tests, random_histories_agree_with_a_naive_model, 0, 40);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
