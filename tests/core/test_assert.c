/* SPDX-License-Identifier: BSD-2-Clause */
/* core as the shipped kext has it: without TT_DEBUG. */
#include "check_main.h"

#include "counters.h"
#include "frame.h"
#include "protocol.h"
#include "queue.h"
#include "unit.h"
#include "unit_table.h"

#ifdef TT_DEBUG
#error "this test is about release builds"
#endif

static int evaluations;

static int
evaluate(void)
{
    evaluations++;
    return 0;
}

START_TEST(release_assertions_evaluate_nothing)
{
    TT_ASSERT(evaluate());
    TT_ASSERT(evaluate() && evaluate());
    ck_assert_int_eq(evaluations, 0);
}
END_TEST

START_TEST(a_leave_too_many_is_ignored)
{
    struct tt_unit_table table;

    tt_unit_table_init(&table);
    tt_unit_table_leave(&table);
    ck_assert_uint_eq(table.entry_count, 0);
    ck_assert_int_eq(tt_unit_table_can_stop(&table), TT_OK);
}
END_TEST

START_TEST(a_life_without_assertions)
{
    static struct tt_queue queue;
    struct tt_packet packet = { &queue, 60, TT_FRAMING_BARE };
    struct tt_unit unit;
    bool wait;

    tt_unit_init(&unit);
    tt_queue_init(&queue, 0);
    /* given an open unit that is up, when a packet comes, then it is read */
    ck_assert_int_eq(tt_unit_step(&unit, TT_EVENT_OPEN).error, TT_OK);
    ck_assert_int_eq(tt_unit_step(&unit, TT_EVENT_ATTACHED).error, TT_OK);
    ck_assert_int_eq(tt_unit_step(&unit, TT_EVENT_IF_UP).error, TT_OK);
    ck_assert_int_eq(tt_queue_push(&queue, packet), TT_OK);
    ck_assert_int_eq(
        tt_unit_read_decide(&unit, tt_unit_ticket_take(&unit), false, false, &wait), TT_OK);
    ck_assert(!wait && tt_queue_pop(&queue, &packet));
    ck_assert_ptr_eq(packet.packet, &queue);
    ck_assert_int_eq(tt_unit_step(&unit, TT_EVENT_CLOSE).error, TT_OK);
    ck_assert_int_eq(tt_unit_step(&unit, TT_EVENT_OPEN).error, TT_EBUSY);
}
END_TEST

START_TEST(protocols_without_assertions)
{
    struct tt_protocol_table table;
    struct tt_demux demux;
    struct tt_counters counters;
    uint8_t frame[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x08, 0x00 };

    tt_protocol_table_init(&table);
    tt_counters_init(&counters);
    demux = tt_ether_demux_read((struct tt_bytes){ frame, 14 }, (struct tt_bytes){ NULL, 0 });
    ck_assert_int_eq(tt_protocol_add(&table, 2, &demux, 1), TT_OK);
    ck_assert_uint_eq(tt_protocol_lookup(&table, &demux), 2);
    ck_assert_int_eq(tt_protocol_remove(&table, 2), TT_OK);
    tt_counters_add(&counters, TT_CAUSE_OUT_FULL, 1, 60);
    ck_assert_uint_eq(counters.packets[TT_CAUSE_OUT_FULL], 1);
    ck_assert_int_eq(tt_cause_fate(TT_CAUSE_OUT_FULL), TT_FATE_DROPPED);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.assert");
    TCase *tests = tcase_create("release");

    tcase_add_test(tests, release_assertions_evaluate_nothing);
    tcase_add_test(tests, a_leave_too_many_is_ignored);
    tcase_add_test(tests, a_life_without_assertions);
    tcase_add_test(tests, protocols_without_assertions);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
