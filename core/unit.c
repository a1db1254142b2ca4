/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stddef.h>

#include "assert.h"

enum cell_kind { CELL_ILLEGAL = 0, CELL_GO, CELL_STAY, CELL_REFUSE };

struct cell {
    uint8_t kind;
    uint8_t next;    /* CELL_GO: enum tt_unit_state */
    uint8_t actions; /* CELL_GO: enum tt_unit_action bits */
    uint8_t error;   /* CELL_REFUSE: enum tt_error */
};

#define GO(next_state, action_bits) { CELL_GO, TT_UNIT_##next_state, (action_bits), TT_OK }
#define STAY { CELL_STAY, 0, 0, TT_OK }
#define NO(name) { CELL_REFUSE, 0, 0, TT_##name }
#define ON(event) [TT_EVENT_##event]

#define FINISH TT_ACTION_FINISH
/* Whoever waits is released and nothing stays queued: at down, at removal, at close. */
#define RELEASE (TT_ACTION_PURGE | TT_ACTION_WAKE_READERS | TT_ACTION_NOTIFY_SELECT)

/* The whole life. A cell that is not written is an event which cannot happen there: EINVAL. */
/* clang-format off */
static const struct cell cells[TT_UNIT_STATE_COUNT][TT_UNIT_EVENT_COUNT] = {
    [TT_UNIT_CLOSED] = { ON(OPEN) = GO(OPENING, TT_ACTION_ATTACH), ON(CLOSE) = NO(ENXIO),
        ON(IF_UP) = NO(ENXIO), ON(IF_DOWN) = NO(ENXIO), ON(STOP) = GO(STOPPED, 0),
        ON(RESUME) = STAY },
    [TT_UNIT_OPENING] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = NO(EBUSY),
        ON(ATTACHED) = GO(DOWN, 0), ON(ATTACH_FAILED) = GO(CLOSED, FINISH),
        ON(SETUP_FAILED) = GO(CLOSING, TT_ACTION_DETACH), ON(DETACHED) = GO(GONE, 0),
        ON(IF_UP) = GO(OPENING_UP, 0), ON(IF_DOWN) = STAY, ON(STOP) = NO(EBUSY),
        ON(RESUME) = STAY },
    [TT_UNIT_OPENING_UP] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = NO(EBUSY),
        ON(ATTACHED) = GO(UP, 0), ON(ATTACH_FAILED) = GO(CLOSED, FINISH),
        ON(SETUP_FAILED) = GO(CLOSING, TT_ACTION_DETACH), ON(DETACHED) = GO(GONE, 0),
        ON(IF_UP) = STAY, ON(IF_DOWN) = GO(OPENING, 0), ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    [TT_UNIT_DOWN] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = GO(CLOSING, RELEASE | TT_ACTION_DETACH),
        ON(IF_UP) = GO(UP, 0), ON(IF_DOWN) = STAY, ON(DETACHED) = GO(GONE, RELEASE),
        ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    [TT_UNIT_UP] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = GO(CLOSING, RELEASE | TT_ACTION_DETACH),
        ON(IF_UP) = STAY, ON(IF_DOWN) = GO(DOWN, RELEASE), ON(DETACHED) = GO(GONE, RELEASE),
        ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    /* Gone while the open was still at work, it learns so here: attached means open succeeds (and
     * everything says EIO), a failure has nothing left to detach. */
    [TT_UNIT_GONE] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = GO(CLOSED, RELEASE | FINISH),
        ON(ATTACHED) = STAY, ON(ATTACH_FAILED) = GO(CLOSED, RELEASE | FINISH),
        ON(SETUP_FAILED) = GO(CLOSED, RELEASE | FINISH), ON(IF_UP) = STAY, ON(IF_DOWN) = STAY,
        ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    [TT_UNIT_CLOSING] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = NO(ENXIO),
        ON(DETACH_STARTED) = GO(DETACHING, 0), ON(DETACH_FAILED) = GO(DEAD, 0),
        ON(DETACHED) = GO(DETACHED, 0), ON(IF_UP) = STAY, ON(IF_DOWN) = STAY,
        ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    [TT_UNIT_DETACHING] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = NO(ENXIO),
        ON(DETACHED) = GO(CLOSED, FINISH), ON(IF_UP) = STAY, ON(IF_DOWN) = STAY,
        ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    [TT_UNIT_DETACHED] = { ON(OPEN) = NO(EBUSY), ON(CLOSE) = NO(ENXIO),
        ON(DETACH_STARTED) = GO(CLOSED, FINISH), ON(DETACH_FAILED) = GO(CLOSED, FINISH),
        ON(IF_UP) = STAY, ON(IF_DOWN) = STAY, ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    /* Detach can fail because somebody else detaches already; then the callback still comes. */
    [TT_UNIT_DEAD] = { ON(OPEN) = NO(ENXIO), ON(CLOSE) = NO(ENXIO),
        ON(DETACHED) = GO(CLOSED, FINISH), ON(IF_UP) = STAY, ON(IF_DOWN) = STAY,
        ON(STOP) = NO(EBUSY), ON(RESUME) = STAY },
    [TT_UNIT_STOPPED] = { ON(OPEN) = NO(ENXIO), ON(CLOSE) = NO(ENXIO), ON(IF_UP) = NO(ENXIO),
        ON(IF_DOWN) = NO(ENXIO), ON(STOP) = STAY, ON(RESUME) = GO(CLOSED, 0) },
};
/* clang-format on */

static void
unit_reset_flags(struct tt_unit *unit)
{
    TT_ASSERT(unit != NULL);
    unit->nonblocking = false;
    unit->asynchronous = false;
    unit->head_mode = false;
}

void
tt_unit_init(struct tt_unit *unit)
{
    TT_ASSERT(unit != NULL);
    unit->state = TT_UNIT_CLOSED;
    unit->session = 0;
    unit->down_count = 0;
    unit_reset_flags(unit);
    TT_ASSERT(tt_unit_validate(unit));
}

static bool
state_is_open(enum tt_unit_state state)
{
    TT_ASSERT((unsigned)state < TT_UNIT_STATE_COUNT);
    return state >= TT_UNIT_OPENING && state <= TT_UNIT_GONE;
}

bool
tt_unit_validate(const struct tt_unit *unit)
{
    if (unit == NULL || (unsigned)unit->state >= TT_UNIT_STATE_COUNT)
        return false;
    if (state_is_open(unit->state))
        return unit->session != 0;
    return !unit->nonblocking && !unit->asynchronous && !unit->head_mode;
}

static void
unit_enter_state(struct tt_unit *unit, enum tt_unit_state next)
{
    TT_ASSERT(tt_unit_validate(unit));
    TT_ASSERT(next != unit->state);
    if (unit->state == TT_UNIT_UP)
        unit->down_count++;
    if (next == TT_UNIT_OPENING && unit->state == TT_UNIT_CLOSED)
        unit->session = unit->session == UINT32_MAX ? 1 : unit->session + 1;
    if (!state_is_open(next) || !state_is_open(unit->state))
        unit_reset_flags(unit);
    unit->state = next;
    TT_ASSERT(tt_unit_validate(unit));
}

struct tt_unit_verdict
tt_unit_step(struct tt_unit *unit, enum tt_unit_event event)
{
    struct tt_unit_verdict verdict = { TT_EINVAL, 0 };
    const struct cell *cell;

    TT_ASSERT(tt_unit_validate(unit));
    if ((unsigned)event >= TT_UNIT_EVENT_COUNT)
        return verdict;
    cell = &cells[unit->state][event];
    if (cell->kind == CELL_REFUSE)
        verdict.error = (enum tt_error)cell->error;
    else if (cell->kind != CELL_ILLEGAL)
        verdict.error = TT_OK;
    if (cell->kind == CELL_GO) {
        unit_enter_state(unit, (enum tt_unit_state)cell->next);
        verdict.actions = cell->actions;
    }
    TT_ASSERT(tt_unit_validate(unit));
    TT_ASSERT(verdict.error == TT_OK || verdict.actions == 0);
    TT_ASSERT(verdict.error < TT_ERROR_COUNT);
    return verdict;
}

enum tt_error
tt_unit_access(const struct tt_unit *unit)
{
    TT_ASSERT(tt_unit_validate(unit));
    if (unit->state == TT_UNIT_UP)
        return TT_OK;
    return state_is_open(unit->state) ? TT_EIO : TT_ENXIO;
}

struct tt_unit_ticket
tt_unit_ticket_take(const struct tt_unit *unit)
{
    TT_ASSERT(tt_unit_validate(unit));
    TT_ASSERT(unit->session != 0 || !state_is_open(unit->state));
    return (struct tt_unit_ticket){ unit->session, unit->down_count };
}

enum tt_error
tt_unit_ticket_check(const struct tt_unit *unit, struct tt_unit_ticket ticket)
{
    TT_ASSERT(tt_unit_validate(unit));
    if (ticket.session != unit->session)
        return TT_ENXIO;
    if (tt_unit_access(unit) == TT_OK && ticket.down_count != unit->down_count)
        return TT_EIO;
    return tt_unit_access(unit);
}

enum tt_error
tt_unit_read_decide(const struct tt_unit *unit, struct tt_unit_ticket ticket, bool queue_empty,
    bool nonblocking_call, bool *wait)
{
    enum tt_error error = tt_unit_ticket_check(unit, ticket);

    TT_ASSERT(tt_unit_validate(unit));
    TT_ASSERT(wait != NULL);
    *wait = false;
    if (error != TT_OK || !queue_empty)
        return error;
    if (unit->nonblocking || nonblocking_call)
        return TT_EWOULDBLOCK;
    *wait = true;
    return TT_OK;
}

bool
tt_unit_read_ready(const struct tt_unit *unit, bool queue_empty)
{
    TT_ASSERT(tt_unit_validate(unit));
    return unit->state != TT_UNIT_UP || !queue_empty;
}

bool
tt_unit_write_ready(const struct tt_unit *unit, bool input_full)
{
    TT_ASSERT(tt_unit_validate(unit));
    return unit->state != TT_UNIT_UP || !input_full;
}

bool
tt_unit_is_open(const struct tt_unit *unit)
{
    TT_ASSERT(tt_unit_validate(unit));
    return state_is_open(unit->state);
}

bool
tt_unit_in_use(const struct tt_unit *unit)
{
    TT_ASSERT(tt_unit_validate(unit));
    return unit->state != TT_UNIT_CLOSED && unit->state != TT_UNIT_STOPPED;
}

const char *
tt_unit_state_name(enum tt_unit_state state)
{
    static const char *const names[TT_UNIT_STATE_COUNT] = { "closed", "opening", "opening up",
        "down", "up", "gone", "closing", "detaching", "detached", "dead", "stopped" };

    TT_ASSERT(names[TT_UNIT_STATE_COUNT - 1] != NULL);
    return (unsigned)state < TT_UNIT_STATE_COUNT ? names[state] : "?";
}

const char *
tt_unit_event_name(enum tt_unit_event event)
{
    static const char *const names[TT_UNIT_EVENT_COUNT] = { "open", "attached", "attach failed",
        "setup failed", "interface up", "interface down", "close", "detach started",
        "detach failed", "detached", "stop", "resume" };

    TT_ASSERT(names[TT_UNIT_EVENT_COUNT - 1] != NULL);
    return (unsigned)event < TT_UNIT_EVENT_COUNT ? names[event] : "?";
}
