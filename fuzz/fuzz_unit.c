/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sequences of events, possible or not, against the promises of unit.h, and claims against unit_table.h. An input is one
 * byte per step: what, and for claims which minor. The model knows no states: it keeps what is owed and what was said.
 */
#include <stdint.h>
#include <string.h>

#include "fuzz_input.h"
#include "oracle.h"
#include "unit.h"
#include "unit_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static struct model {
    bool running, stopped; /* between ATTACH and FINISH; between STOP and RESUME */
    uint32_t sessions, downs, claims, entries;
    bool stopping;
} model;
static struct tt_unit unit;
static struct tt_unit_table table;

static void
actions_check(enum tt_unit_event event, struct tt_unit_verdict verdict, bool was_up)
{
    const uint32_t release = TT_ACTION_PURGE | TT_ACTION_WAKE_READERS | TT_ACTION_NOTIFY_SELECT;
    bool attach = (verdict.actions & TT_ACTION_ATTACH) != 0, finish = (verdict.actions & TT_ACTION_FINISH) != 0;
    bool is_up = tt_unit_access(&unit) == TT_OK;

    ORACLE(attach == (event == TT_EVENT_OPEN && verdict.error == TT_OK), "%s", "an open attaches, nothing else");
    ORACLE(!attach || (!model.running && !model.stopped), "%s", "attached within a session");
    ORACLE(!finish || model.running, "%s", "finished without a session");
    ORACLE(!was_up || is_up || (verdict.actions & release) == release, "%s", "down, but nobody is released");
    model.running = (model.running || attach) && !finish;
    model.sessions += attach;
    model.downs += was_up && !is_up;
    if (event == TT_EVENT_STOP)
        ORACLE(verdict.error == (model.running ? TT_EBUSY : TT_OK), "stop says %d", (int)verdict.error);
    if (verdict.error == TT_OK && (event == TT_EVENT_STOP || event == TT_EVENT_RESUME))
        model.stopped = event == TT_EVENT_STOP;
}

static void
step(enum tt_unit_event event)
{
    const struct tt_unit before = unit;
    const struct tt_unit_ticket ticket = tt_unit_ticket_take(&unit);
    bool was_up = tt_unit_access(&unit) == TT_OK;
    struct tt_unit_verdict verdict = tt_unit_step(&unit, event);

    ORACLE(tt_unit_validate(&unit), "%s", "the unit is damaged");
    ORACLE(verdict.error == TT_OK || (verdict.actions == 0 && memcmp(&before, &unit, sizeof(unit)) == 0),
           "event %d is refused, but changed something", (int)event);
    actions_check(event, verdict, was_up);
    ORACLE(unit.session == model.sessions && unit.down_count == model.downs, "session %u, not %u; %u downs, not %u",
           unit.session, model.sessions, unit.down_count, model.downs);
    ORACLE(tt_unit_in_use(&unit) == model.running, "%s", "in use is not what is between attach and finish");
    ORACLE(!tt_unit_is_open(&unit) || model.running, "%s", "open without a session");
    ORACLE(tt_unit_ticket_check(&unit, ticket) != TT_OK || was_up || tt_unit_access(&unit) == TT_OK, "%s",
           "a ticket is good for a unit that is not up");
}

static void
ledger_step(uint32_t what, int64_t minor)
{
    uint32_t bit = minor < 16 ? 1u << minor : 0;
    bool held = (model.claims & bit) != 0, idle = model.claims == 0 && model.entries == 0;
    enum tt_error error, wanted;

    if (what == 0) {
        error = tt_unit_table_claim(&table, minor);
        wanted = bit == 0 || model.stopping ? TT_ENXIO : held ? TT_EBUSY : TT_OK;
        model.claims |= wanted == TT_OK ? bit : 0;
    } else if (what == 1) {
        error = tt_unit_table_release(&table, minor);
        wanted = held ? TT_OK : TT_ENXIO;
        model.claims &= ~bit;
    } else if (what == 2) {
        error = tt_unit_table_enter(&table);
        wanted = model.stopping ? TT_ENXIO : TT_OK;
        model.entries += wanted == TT_OK;
    } else {
        error = tt_unit_table_stop_begin(&table);
        wanted = idle ? TT_OK : TT_EBUSY;
        model.stopping = model.stopping || idle;
    }
    ORACLE(error == wanted, "step %u of the table says %d, not %d", what, (int)error, (int)wanted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = fuzz_input_of(bytes, length);

    memset(&unit, 0, sizeof(unit)); /* padding too: units are compared whole */
    tt_unit_init(&unit);
    memset(&table, 0xa5, sizeof(table));
    tt_unit_table_init(&table);
    memset(&model, 0, sizeof(model));
    while (!fuzz_input_is_empty(&input)) {
        uint8_t what = fuzz_input_u8(&input);

        if (what < 128) {
            step((enum tt_unit_event)(what % (TT_UNIT_EVENT_COUNT + 1)));
        } else if (what < 248) {
            ledger_step(what / 32 % 4, what % 32);
        } else if (what < 252) {
            tt_unit_table_stop_cancel(&table);
            model.stopping = false;
        } else if (model.entries > 0) {
            tt_unit_table_leave(&table);
            model.entries--;
        }
        ORACLE(tt_unit_table_validate(&table), "%s", "the table is damaged");
    }
    return 0;
}
