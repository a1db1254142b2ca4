/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "unit.h"

#define STATE_COUNT ((int)TT_UNIT_STATE_COUNT)
#define EVENT_COUNT ((int)TT_UNIT_EVENT_COUNT)
#define RELEASE (TT_ACTION_PURGE | TT_ACTION_WAKE_READERS | TT_ACTION_NOTIFY_SELECT)

static struct tt_unit unit;

static void
setup(void)
{
    memset(&unit, 0xa5, sizeof(unit));
    tt_unit_init(&unit);
}

/* Reports an event that must be accepted, and returns the actions. */
static uint32_t
step(enum tt_unit_event event)
{
    struct tt_unit_verdict verdict = tt_unit_step(&unit, event);

    ck_assert_msg(verdict.error == TT_OK, "%s in state %s: error %d", tt_unit_event_name(event),
        tt_unit_state_name(unit.state), (int)verdict.error);
    return verdict.actions;
}

/* Reports an event that must be refused, and returns the error. */
static enum tt_error
refused(enum tt_unit_event event)
{
    struct tt_unit before = unit;
    struct tt_unit_verdict verdict = tt_unit_step(&unit, event);

    ck_assert_int_ne(verdict.error, TT_OK);
    ck_assert_uint_eq(verdict.actions, 0);
    ck_assert_int_eq(unit.state, before.state);
    ck_assert_uint_eq(unit.session, before.session);
    return verdict.error;
}

/* Brings a fresh unit into a state the way life does. */
static void
given_state(enum tt_unit_state state)
{
    static const enum tt_unit_event ways[STATE_COUNT][6] = {
        [TT_UNIT_CLOSED] = { TT_UNIT_EVENT_COUNT },
        [TT_UNIT_OPENING] = { TT_EVENT_OPEN, TT_UNIT_EVENT_COUNT },
        [TT_UNIT_OPENING_UP] = { TT_EVENT_OPEN, TT_EVENT_IF_UP, TT_UNIT_EVENT_COUNT },
        [TT_UNIT_DOWN] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_UNIT_EVENT_COUNT },
        [TT_UNIT_UP] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_EVENT_IF_UP, TT_UNIT_EVENT_COUNT },
        [TT_UNIT_GONE] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_EVENT_DETACHED,
            TT_UNIT_EVENT_COUNT },
        [TT_UNIT_CLOSING] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_EVENT_CLOSE,
            TT_UNIT_EVENT_COUNT },
        [TT_UNIT_DETACHING] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_EVENT_CLOSE,
            TT_EVENT_DETACH_STARTED, TT_UNIT_EVENT_COUNT },
        [TT_UNIT_DETACHED] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_EVENT_CLOSE, TT_EVENT_DETACHED,
            TT_UNIT_EVENT_COUNT },
        [TT_UNIT_DEAD] = { TT_EVENT_OPEN, TT_EVENT_ATTACHED, TT_EVENT_CLOSE,
            TT_EVENT_DETACH_FAILED, TT_UNIT_EVENT_COUNT },
        [TT_UNIT_STOPPED] = { TT_EVENT_STOP, TT_UNIT_EVENT_COUNT },
    };

    tt_unit_init(&unit);
    for (int i = 0; ways[state][i] != TT_UNIT_EVENT_COUNT; i++)
        (void)step(ways[state][i]);
    ck_assert_int_eq(unit.state, state);
}

/* ---- the table, written a second time ----
 * One row per state, one word per event in the order of enum tt_unit_event. "=" stays; upper case
 * is the error; otherwise the next state, with the actions behind a slash: a attach, r release
 * (purge, wake, notify), d detach, f finish. */
static const char *const expected_cells[STATE_COUNT] = {
    /* open attached attach_failed setup_failed | if_up if_down close |
     * detach_started detach_failed detached | stop resume */
    /* closed */ "opening/a EINVAL EINVAL EINVAL ENXIO ENXIO ENXIO EINVAL EINVAL EINVAL stopped =",
    /* opening */
    "EBUSY down closed/f closing/d opening_up = EBUSY EINVAL EINVAL gone EBUSY =",
    /* opening_up */
    "EBUSY up closed/f closing/d = opening EBUSY EINVAL EINVAL gone EBUSY =",
    /* down */ "EBUSY EINVAL EINVAL EINVAL up = closing/rd EINVAL EINVAL gone/r EBUSY =",
    /* up */ "EBUSY EINVAL EINVAL EINVAL = down/r closing/rd EINVAL EINVAL gone/r EBUSY =",
    /* gone */ "EBUSY = closed/rf closed/rf = = closed/rf EINVAL EINVAL EINVAL EBUSY =",
    /* closing */ "EBUSY EINVAL EINVAL EINVAL = = ENXIO detaching dead detached EBUSY =",
    /* detaching */ "EBUSY EINVAL EINVAL EINVAL = = ENXIO EINVAL EINVAL closed/f EBUSY =",
    /* detached */ "EBUSY EINVAL EINVAL EINVAL = = ENXIO closed/f closed/f EINVAL EBUSY =",
    /* dead */ "ENXIO EINVAL EINVAL EINVAL = = ENXIO EINVAL EINVAL closed/f EBUSY =",
    /* stopped */ "ENXIO EINVAL EINVAL EINVAL ENXIO ENXIO ENXIO EINVAL EINVAL EINVAL = closed",
};

static const char *const state_words[STATE_COUNT] = { "closed", "opening", "opening_up", "down",
    "up", "gone", "closing", "detaching", "detached", "dead", "stopped" };

struct expectation {
    enum tt_error error;
    int next;
    uint32_t actions;
};

static uint32_t
actions_of_letters(const char *letters)
{
    uint32_t actions = 0;

    for (; *letters != '\0'; letters++) {
        switch (*letters) {
        case 'a': actions |= TT_ACTION_ATTACH; break;
        case 'r': actions |= RELEASE; break;
        case 'd': actions |= TT_ACTION_DETACH; break;
        case 'f': actions |= TT_ACTION_FINISH; break;
        default: ck_abort_msg("bad letter %c", *letters);
        }
    }
    return actions;
}

static struct expectation
expectation_read(int state, int event)
{
    struct expectation expectation = { TT_OK, state, 0 };
    char row[256], *word, *slash;

    snprintf(row, sizeof(row), "%s", expected_cells[state]);
    word = strtok(row, " ");
    while (event-- > 0)
        word = strtok(NULL, " ");
    ck_assert_ptr_nonnull(word);
    if (strcmp(word, "=") == 0)
        return expectation;
    if (strcmp(word, "EBUSY") == 0)
        expectation.error = TT_EBUSY;
    else if (strcmp(word, "ENXIO") == 0)
        expectation.error = TT_ENXIO;
    else if (strcmp(word, "EINVAL") == 0)
        expectation.error = TT_EINVAL;
    if (expectation.error != TT_OK)
        return expectation;
    slash = strchr(word, '/');
    if (slash != NULL) {
        *slash = '\0';
        expectation.actions = actions_of_letters(slash + 1);
    }
    for (expectation.next = 0; strcmp(state_words[expectation.next], word) != 0;)
        ck_assert_int_lt(++expectation.next, STATE_COUNT);
    return expectation;
}

START_TEST(every_cell_of_the_table)
{
    int state = _i / EVENT_COUNT, event = _i % EVENT_COUNT;
    struct expectation expected = expectation_read(state, event);
    struct tt_unit_verdict verdict;

    /* given each state, reached as life reaches it; when each event is reported */
    given_state((enum tt_unit_state)state);
    verdict = tt_unit_step(&unit, (enum tt_unit_event)event);
    /* then error, next state and actions are those of the table */
    ck_assert_msg(verdict.error == expected.error, "%s in %s: error %d, expected %d",
        tt_unit_event_name((enum tt_unit_event)event), state_words[state], (int)verdict.error,
        (int)expected.error);
    ck_assert_int_eq(unit.state, expected.next);
    ck_assert_uint_eq(verdict.actions, expected.actions);
    ck_assert(tt_unit_validate(&unit));
}
END_TEST

START_TEST(numbers_that_are_no_event)
{
    /* given any state, when something that is no event is reported, then EINVAL */
    given_state((enum tt_unit_state)_i);
    ck_assert_int_eq(refused(TT_UNIT_EVENT_COUNT), TT_EINVAL);
    ck_assert_int_eq(refused((enum tt_unit_event)1000), TT_EINVAL);
    ck_assert_int_eq(refused((enum tt_unit_event)-1), TT_EINVAL);
}
END_TEST

/* ---- lives ---- */

START_TEST(an_ordinary_life)
{
    /* given a closed unit, when opened, then an attach is asked for, and there is a session */
    ck_assert_uint_eq(step(TT_EVENT_OPEN), TT_ACTION_ATTACH);
    ck_assert_uint_eq(unit.session, 1);
    ck_assert(tt_unit_is_open(&unit));
    ck_assert_uint_eq(step(TT_EVENT_ATTACHED), 0);
    /* then read and write say EIO until it is up (D01) */
    ck_assert_int_eq(tt_unit_access(&unit), TT_EIO);
    ck_assert_uint_eq(step(TT_EVENT_IF_UP), 0);
    ck_assert_int_eq(tt_unit_access(&unit), TT_OK);
    /* when it goes down, then everybody is released and nothing stays queued (C04, E05) */
    ck_assert_uint_eq(step(TT_EVENT_IF_DOWN), RELEASE);
    ck_assert_int_eq(tt_unit_access(&unit), TT_EIO);
    /* and it works again with no reopen */
    ck_assert_uint_eq(step(TT_EVENT_IF_UP), 0);
    ck_assert_int_eq(tt_unit_access(&unit), TT_OK);
    /* when closed, then released and detached */
    ck_assert_uint_eq(step(TT_EVENT_CLOSE), RELEASE | TT_ACTION_DETACH);
    ck_assert_int_eq(tt_unit_access(&unit), TT_ENXIO);
    ck_assert(!tt_unit_is_open(&unit));
    ck_assert_uint_eq(step(TT_EVENT_DETACH_STARTED), 0);
    ck_assert(tt_unit_in_use(&unit));
    ck_assert_uint_eq(step(TT_EVENT_DETACHED), TT_ACTION_FINISH);
    ck_assert(!tt_unit_in_use(&unit));
}
END_TEST

START_TEST(detached_callback_in_either_order)
{
    /* given a closed device; when the callback comes before detach returns (A06) */
    given_state(TT_UNIT_CLOSING);
    ck_assert_uint_eq(step(TT_EVENT_DETACHED), 0);
    /* then nobody gets the unit while the closer is still inside the kernel */
    ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_EBUSY);
    ck_assert_uint_eq(step(TT_EVENT_DETACH_STARTED), TT_ACTION_FINISH);
    ck_assert_int_eq(unit.state, TT_UNIT_CLOSED);
    /* when it comes after, then FINISH comes with it, once either way */
    given_state(TT_UNIT_CLOSING);
    ck_assert_uint_eq(step(TT_EVENT_DETACH_STARTED), 0);
    ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_EBUSY);
    ck_assert_uint_eq(step(TT_EVENT_DETACHED), TT_ACTION_FINISH);
    ck_assert_int_eq(unit.state, TT_UNIT_CLOSED);
}
END_TEST

START_TEST(reopen_is_busy_until_all_is_over)
{
    static const enum tt_unit_event rest[] = { TT_EVENT_CLOSE, TT_EVENT_DETACH_STARTED,
        TT_EVENT_DETACHED };

    /* given an open unit, when somebody tries to open it after each step of its end (A15, D07) */
    given_state(TT_UNIT_UP);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_EBUSY);
        (void)step(rest[i]);
    }
    /* then EBUSY each time, and after the last one it works, as a new session */
    ck_assert_uint_eq(step(TT_EVENT_OPEN), TT_ACTION_ATTACH);
    ck_assert_uint_eq(unit.session, 2);
}
END_TEST

START_TEST(open_that_fails_to_attach)
{
    /* given an open whose attach fails, then the unit is free and the next open a new session */
    given_state(TT_UNIT_OPENING);
    ck_assert_uint_eq(step(TT_EVENT_ATTACH_FAILED), TT_ACTION_FINISH);
    ck_assert_int_eq(unit.state, TT_UNIT_CLOSED);
    ck_assert_uint_eq(step(TT_EVENT_OPEN), TT_ACTION_ATTACH);
    ck_assert_uint_eq(unit.session, 2);
    /* when instead a later step fails, then the interface is taken down again first (A18) */
    ck_assert_uint_eq(step(TT_EVENT_SETUP_FAILED), TT_ACTION_DETACH);
    ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_EBUSY);
    (void)step(TT_EVENT_DETACHED);
    ck_assert_uint_eq(step(TT_EVENT_DETACH_STARTED), TT_ACTION_FINISH);
    ck_assert_int_eq(unit.state, TT_UNIT_CLOSED);
}
END_TEST

START_TEST(up_before_open_returns)
{
    /* given configd which sets the interface up while open is still at work (D03) */
    given_state(TT_UNIT_OPENING);
    (void)step(TT_EVENT_IF_UP);
    /* then no packet passes yet, but it is not forgotten */
    ck_assert_int_eq(tt_unit_access(&unit), TT_EIO);
    (void)step(TT_EVENT_ATTACHED);
    ck_assert_int_eq(tt_unit_access(&unit), TT_OK);
    /* given it is taken down again before, then open ends with it down */
    given_state(TT_UNIT_OPENING_UP);
    (void)step(TT_EVENT_IF_DOWN);
    (void)step(TT_EVENT_ATTACHED);
    ck_assert_int_eq(unit.state, TT_UNIT_DOWN);
}
END_TEST

START_TEST(interface_removed_by_somebody_else)
{
    /* given an open unit in state up, when the kernel detaches its interface */
    given_state(TT_UNIT_UP);
    ck_assert_uint_eq(step(TT_EVENT_DETACHED), RELEASE);
    /* then calls say EIO, select is ready, and another open is still busy */
    ck_assert_int_eq(tt_unit_access(&unit), TT_EIO);
    ck_assert(tt_unit_read_ready(&unit, true));
    ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_EBUSY);
    (void)step(TT_EVENT_IF_UP);
    ck_assert_int_eq(tt_unit_access(&unit), TT_EIO);
    /* when closed, then there is nothing to detach and the unit is free at once */
    ck_assert_uint_eq(step(TT_EVENT_CLOSE), RELEASE | TT_ACTION_FINISH);
    ck_assert_int_eq(unit.state, TT_UNIT_CLOSED);
}
END_TEST

START_TEST(interface_removed_while_opening)
{
    /* given an open at work whose interface goes away, then it may still succeed ... */
    given_state(TT_UNIT_OPENING);
    ck_assert_uint_eq(step(TT_EVENT_DETACHED), 0);
    ck_assert_uint_eq(step(TT_EVENT_ATTACHED), 0);
    ck_assert_int_eq(tt_unit_access(&unit), TT_EIO);
    /* ... or fail, and then has nothing to detach */
    given_state(TT_UNIT_OPENING_UP);
    (void)step(TT_EVENT_DETACHED);
    ck_assert_uint_eq(step(TT_EVENT_SETUP_FAILED), RELEASE | TT_ACTION_FINISH);
    ck_assert_int_eq(unit.state, TT_UNIT_CLOSED);
}
END_TEST

START_TEST(detach_that_the_kernel_refuses)
{
    /* given ifnet_detach fails (B05), then the unit says ENXIO from now on and the kext stays */
    given_state(TT_UNIT_CLOSING);
    ck_assert_uint_eq(step(TT_EVENT_DETACH_FAILED), 0);
    ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_ENXIO);
    ck_assert_int_eq(refused(TT_EVENT_STOP), TT_EBUSY);
    ck_assert(tt_unit_in_use(&unit));
    /* when the callback comes after all, then the unit is as good as new */
    ck_assert_uint_eq(step(TT_EVENT_DETACHED), TT_ACTION_FINISH);
    ck_assert_uint_eq(step(TT_EVENT_OPEN), TT_ACTION_ATTACH);
}
END_TEST

START_TEST(stop_only_when_nobody_has_it)
{
    /* given each state, when the kext is to be unloaded, then only a closed unit agrees */
    bool idle = _i == TT_UNIT_CLOSED || _i == TT_UNIT_STOPPED;

    given_state((enum tt_unit_state)_i);
    ck_assert(tt_unit_in_use(&unit) == !idle);
    if (!idle) {
        ck_assert_int_eq(refused(TT_EVENT_STOP), TT_EBUSY);
        return;
    }
    ck_assert_uint_eq(step(TT_EVENT_STOP), 0);
    ck_assert_int_eq(refused(TT_EVENT_OPEN), TT_ENXIO);
    ck_assert_int_eq(tt_unit_access(&unit), TT_ENXIO);
    /* when the stop is called off, then it opens again */
    ck_assert_uint_eq(step(TT_EVENT_RESUME), 0);
    ck_assert_uint_eq(step(TT_EVENT_OPEN), TT_ACTION_ATTACH);
}
END_TEST

/* ---- sessions ---- */

START_TEST(session_numbers_differ_and_are_never_zero)
{
    /* given a fresh unit, then session 0 is nobody's */
    ck_assert_uint_eq(unit.session, 0);
    for (uint32_t i = 1; i < 100; i++) {
        (void)step(TT_EVENT_OPEN);
        ck_assert_uint_eq(unit.session, i);
        (void)step(TT_EVENT_ATTACH_FAILED);
        ck_assert_uint_eq(unit.session, i);
    }
    /* when the number wraps, then 0 is skipped */
    unit.session = UINT32_MAX;
    (void)step(TT_EVENT_OPEN);
    ck_assert_uint_eq(unit.session, 1);
}
END_TEST

START_TEST(flags_do_not_cross_into_the_next_session)
{
    /* given a session with everything set (D09) */
    given_state(TT_UNIT_UP);
    unit.nonblocking = unit.asynchronous = unit.head_mode = true;
    /* then down and up leave the flags alone */
    (void)step(TT_EVENT_IF_DOWN);
    (void)step(TT_EVENT_IF_UP);
    ck_assert(unit.nonblocking && unit.asynchronous && unit.head_mode);
    /* but close clears them */
    (void)step(TT_EVENT_CLOSE);
    ck_assert(!unit.nonblocking && !unit.asynchronous && !unit.head_mode);
    (void)step(TT_EVENT_DETACH_STARTED);
    (void)step(TT_EVENT_DETACHED);
    (void)step(TT_EVENT_OPEN);
    ck_assert(!unit.nonblocking && !unit.asynchronous && !unit.head_mode);
}
END_TEST

START_TEST(flags_set_early_survive_the_open)
{
    /* given a flag set while the open is at work, then it is there when open returns */
    given_state(TT_UNIT_OPENING);
    unit.nonblocking = true;
    (void)step(TT_EVENT_IF_UP);
    (void)step(TT_EVENT_ATTACHED);
    ck_assert(unit.nonblocking);
}
END_TEST

START_TEST(flags_of_a_removed_interface)
{
    given_state(TT_UNIT_UP);
    unit.asynchronous = unit.nonblocking = unit.head_mode = true;
    (void)step(TT_EVENT_DETACHED);
    ck_assert(unit.asynchronous);
    (void)step(TT_EVENT_CLOSE);
    ck_assert(!unit.nonblocking && !unit.asynchronous && !unit.head_mode);
}
END_TEST

/* ---- access, tickets, readers, select ---- */

static enum tt_error
expected_access(int state)
{
    if (state == TT_UNIT_UP)
        return TT_OK;
    return state >= TT_UNIT_OPENING && state <= TT_UNIT_GONE ? TT_EIO : TT_ENXIO;
}

START_TEST(access_in_every_state)
{
    given_state((enum tt_unit_state)_i);
    /* given a state, then OK, EIO or ENXIO, and a fresh ticket says the same */
    ck_assert_int_eq(tt_unit_access(&unit), expected_access(_i));
    ck_assert_int_eq(
        tt_unit_ticket_check(&unit, tt_unit_ticket_take(&unit)), expected_access(_i));
    /* and select: in any state but up both are ready, so that the next call reports it (C08) */
    ck_assert(tt_unit_read_ready(&unit, true) == (_i != TT_UNIT_UP));
    ck_assert(tt_unit_write_ready(&unit, true) == (_i != TT_UNIT_UP));
    ck_assert(tt_unit_read_ready(&unit, false));
    ck_assert(tt_unit_write_ready(&unit, false));
    /* and only these are open */
    ck_assert(tt_unit_is_open(&unit) == (_i >= TT_UNIT_OPENING && _i <= TT_UNIT_GONE));
}
END_TEST

START_TEST(sleeper_learns_of_a_short_down)
{
    struct tt_unit_ticket ticket;

    /* given a sleeping reader, when the interface goes down and up before it runs */
    given_state(TT_UNIT_UP);
    ticket = tt_unit_ticket_take(&unit);
    (void)step(TT_EVENT_IF_UP);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_OK);
    (void)step(TT_EVENT_IF_DOWN);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_EIO);
    (void)step(TT_EVENT_IF_UP);
    /* then it still gets EIO, and a new call works */
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_EIO);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, tt_unit_ticket_take(&unit)), TT_OK);
}
END_TEST

START_TEST(sleeper_never_sees_the_next_session)
{
    struct tt_unit_ticket ticket;

    /* given a sleeping reader, when its session ends */
    given_state(TT_UNIT_UP);
    ticket = tt_unit_ticket_take(&unit);
    (void)step(TT_EVENT_CLOSE);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_ENXIO);
    (void)step(TT_EVENT_DETACH_STARTED);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_ENXIO);
    (void)step(TT_EVENT_DETACHED);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_ENXIO);
    /* and another begins and comes up, then its ticket is worth nothing */
    (void)step(TT_EVENT_OPEN);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_ENXIO);
    (void)step(TT_EVENT_ATTACHED);
    (void)step(TT_EVENT_IF_UP);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_ENXIO);
}
END_TEST

START_TEST(sleeper_of_a_removed_interface)
{
    struct tt_unit_ticket ticket;

    given_state(TT_UNIT_UP);
    ticket = tt_unit_ticket_take(&unit);
    (void)step(TT_EVENT_DETACHED);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_EIO);
    (void)step(TT_EVENT_CLOSE);
    ck_assert_int_eq(tt_unit_ticket_check(&unit, ticket), TT_ENXIO);
}
END_TEST

START_TEST(what_a_read_does_in_every_state)
{
    enum tt_error access = expected_access(_i);
    struct tt_unit_ticket ticket;

    /* given a state and every mix of queue, FIONBIO and IO_NDELAY */
    given_state((enum tt_unit_state)_i);
    ticket = tt_unit_ticket_take(&unit);
    for (int mix = 0; mix < 8; mix++) {
        bool empty = (mix & 1) != 0, call = (mix & 2) != 0, wait = true;
        enum tt_error expected = access, error;

        unit.nonblocking = (mix & 4) != 0 && tt_unit_is_open(&unit);
        if (access == TT_OK && empty && (call || unit.nonblocking))
            expected = TT_EWOULDBLOCK;
        error = tt_unit_read_decide(&unit, ticket, empty, call, &wait);
        /* then errors come first, packets next, and only a patient caller waits */
        ck_assert_int_eq(error, expected);
        ck_assert(wait == (access == TT_OK && empty && !call && !unit.nonblocking));
    }
}
END_TEST

START_TEST(a_reader_that_slept)
{
    struct tt_unit_ticket ticket;
    bool wait = false;

    /* given a reader that waits */
    given_state(TT_UNIT_UP);
    ticket = tt_unit_ticket_take(&unit);
    ck_assert_int_eq(tt_unit_read_decide(&unit, ticket, true, false, &wait), TT_OK);
    ck_assert(wait);
    /* when FIONBIO is set by another thread and it is woken, then it does not sleep again (B07) */
    unit.nonblocking = true;
    ck_assert_int_eq(tt_unit_read_decide(&unit, ticket, true, false, &wait), TT_EWOULDBLOCK);
    ck_assert(!wait);
    /* when a packet has come, then it takes it */
    ck_assert_int_eq(tt_unit_read_decide(&unit, ticket, false, false, &wait), TT_OK);
    ck_assert(!wait);
    /* when the interface was down in between, then EIO though a packet is there */
    (void)step(TT_EVENT_IF_DOWN);
    (void)step(TT_EVENT_IF_UP);
    ck_assert_int_eq(tt_unit_read_decide(&unit, ticket, false, false, &wait), TT_EIO);
    ck_assert(!wait);
}
END_TEST

/* ---- names, validation, misuse ---- */

START_TEST(every_state_and_event_has_a_name)
{
    for (int i = 0; i < STATE_COUNT; i++) {
        ck_assert_str_ne(tt_unit_state_name((enum tt_unit_state)i), "?");
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(tt_unit_state_name((enum tt_unit_state)i),
                tt_unit_state_name((enum tt_unit_state)j));
    }
    for (int i = 0; i < EVENT_COUNT; i++) {
        ck_assert_str_ne(tt_unit_event_name((enum tt_unit_event)i), "?");
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(tt_unit_event_name((enum tt_unit_event)i),
                tt_unit_event_name((enum tt_unit_event)j));
    }
    ck_assert_str_eq(tt_unit_state_name(TT_UNIT_UP), "up");
    ck_assert_str_eq(tt_unit_event_name(TT_EVENT_CLOSE), "close");
    ck_assert_str_eq(tt_unit_state_name(TT_UNIT_STATE_COUNT), "?");
    ck_assert_str_eq(tt_unit_event_name((enum tt_unit_event)-1), "?");
}
END_TEST

START_TEST(validate_sees_every_kind_of_damage)
{
    ck_assert(!tt_unit_validate(NULL));
    unit.state = TT_UNIT_STATE_COUNT;
    ck_assert(!tt_unit_validate(&unit));
    unit.state = (enum tt_unit_state)-1;
    ck_assert(!tt_unit_validate(&unit));
    /* open without a session */
    given_state(TT_UNIT_DOWN);
    unit.session = 0;
    ck_assert(!tt_unit_validate(&unit));
    /* a flag without a session */
    given_state(TT_UNIT_DETACHING);
    unit.nonblocking = true;
    ck_assert(!tt_unit_validate(&unit));
    given_state(TT_UNIT_CLOSED);
    unit.asynchronous = true;
    ck_assert(!tt_unit_validate(&unit));
    given_state(TT_UNIT_STOPPED);
    unit.head_mode = true;
    ck_assert(!tt_unit_validate(&unit));
}
END_TEST

START_TEST(misuse_is_asserted)
{
    struct tt_unit_ticket ticket = { 0, 0 };
    bool wait;

    EXPECT_ASSERTION(tt_unit_init(NULL));
    EXPECT_ASSERTION((void)tt_unit_step(NULL, TT_EVENT_OPEN));
    EXPECT_ASSERTION((void)tt_unit_access(NULL));
    EXPECT_ASSERTION((void)tt_unit_ticket_take(NULL));
    EXPECT_ASSERTION((void)tt_unit_ticket_check(NULL, ticket));
    EXPECT_ASSERTION((void)tt_unit_read_decide(NULL, ticket, true, true, &wait));
    EXPECT_ASSERTION((void)tt_unit_read_decide(&unit, ticket, true, true, NULL));
    EXPECT_ASSERTION((void)tt_unit_read_ready(NULL, true));
    EXPECT_ASSERTION((void)tt_unit_write_ready(NULL, true));
    EXPECT_ASSERTION((void)tt_unit_is_open(NULL));
    EXPECT_ASSERTION((void)tt_unit_in_use(NULL));
    unit.state = (enum tt_unit_state)77;
    EXPECT_ASSERTION((void)tt_unit_step(&unit, TT_EVENT_OPEN));
    EXPECT_ASSERTION((void)tt_unit_access(&unit));
}
END_TEST

START_TEST(random_histories_keep_the_promises)
{
    uint64_t random = (uint64_t)_i + 5000;
    int attached = 0, finish_owed = 0;

    /* given seed _i, when anything happens in any order */
    for (int i = 0; i < 600; i++) {
        enum tt_unit_event event = (enum tt_unit_event)(random_next(&random) % TT_UNIT_EVENT_COUNT);
        struct tt_unit before = unit;
        struct tt_unit_verdict verdict = tt_unit_step(&unit, event);

        ck_assert(tt_unit_validate(&unit));
        /* then an error changes nothing */
        if (verdict.error != TT_OK)
            ck_assert_mem_eq(&before, &unit, sizeof(unit));
        /* and each session attaches once and finishes once */
        if ((verdict.actions & TT_ACTION_ATTACH) != 0) {
            ck_assert_int_eq(finish_owed++, 0);
            attached++;
            ck_assert_uint_eq(unit.session, before.session + 1);
        } else {
            ck_assert_uint_eq(unit.session, before.session);
        }
        if ((verdict.actions & TT_ACTION_FINISH) != 0)
            ck_assert_int_eq(--finish_owed, 0);
        ck_assert(tt_unit_in_use(&unit) == (finish_owed == 1));
        /* and who leaves up is always released and counted */
        if (before.state == TT_UNIT_UP && unit.state != TT_UNIT_UP) {
            ck_assert_uint_eq(verdict.actions & RELEASE, RELEASE);
            ck_assert_uint_eq(unit.down_count, before.down_count + 1);
        }
    }
    ck_assert_int_gt(attached, 0);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.unit");
    TCase *table = tcase_create("table"), *lives = tcase_create("lives");
    TCase *calls = tcase_create("calls");

    tcase_add_checked_fixture(table, setup, NULL);
    tcase_set_timeout(table, 60);
    tcase_add_checked_fixture(lives, setup, NULL);
    tcase_add_checked_fixture(calls, setup, NULL);
    tcase_add_loop_test(table, every_cell_of_the_table, 0, STATE_COUNT * EVENT_COUNT);
    tcase_add_loop_test(table, numbers_that_are_no_event, 0, STATE_COUNT);
    tcase_add_loop_test(table, random_histories_keep_the_promises, 0, 50);
    suite_add_tcase(suite, table);
    tcase_add_test(lives, an_ordinary_life);
    tcase_add_test(lives, detached_callback_in_either_order);
    tcase_add_test(lives, reopen_is_busy_until_all_is_over);
    tcase_add_test(lives, open_that_fails_to_attach);
    tcase_add_test(lives, up_before_open_returns);
    tcase_add_test(lives, interface_removed_by_somebody_else);
    tcase_add_test(lives, interface_removed_while_opening);
    tcase_add_test(lives, detach_that_the_kernel_refuses);
    tcase_add_loop_test(lives, stop_only_when_nobody_has_it, 0, STATE_COUNT);
    tcase_add_test(lives, session_numbers_differ_and_are_never_zero);
    tcase_add_test(lives, flags_do_not_cross_into_the_next_session);
    tcase_add_test(lives, flags_set_early_survive_the_open);
    tcase_add_test(lives, flags_of_a_removed_interface);
    suite_add_tcase(suite, lives);
    tcase_add_loop_test(calls, access_in_every_state, 0, STATE_COUNT);
    tcase_add_test(calls, sleeper_learns_of_a_short_down);
    tcase_add_test(calls, sleeper_never_sees_the_next_session);
    tcase_add_test(calls, sleeper_of_a_removed_interface);
    tcase_add_loop_test(calls, what_a_read_does_in_every_state, 0, STATE_COUNT);
    tcase_add_test(calls, a_reader_that_slept);
    tcase_add_test(calls, every_state_and_event_has_a_name);
    tcase_add_test(calls, validate_sees_every_kind_of_damage);
    tcase_add_test(calls, misuse_is_asserted);
    suite_add_tcase(suite, calls);
    return check_main(suite);
}
