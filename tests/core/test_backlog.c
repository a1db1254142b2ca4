/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "backlog.h"

#define LIMIT TT_BACKLOG_LIMIT
#define LOW TT_BACKLOG_LOW
#define COUNT_BITS 30

typedef struct tt_backlog_verdict (*step_function)(uint32_t word);

static uint32_t word;
static struct tt_backlog_verdict verdict;

static void
setup(void)
{
    word = TT_BACKLOG_EMPTY;
}

/* The step as the embedder makes it; what it said is in `verdict`. */
static enum tt_error
make(step_function step)
{
    verdict = step(word);
    word = verdict.next;
    ck_assert(tt_backlog_validate(word));
    return verdict.error;
}

static void
add_many(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(make(tt_backlog_add), TT_OK);
        ck_assert(!verdict.wake);
    }
}

/* None of them wakes anybody. */
static void
remove_many(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_int_eq(make(tt_backlog_remove), TT_OK);
        ck_assert(!verdict.wake);
    }
}

static void
fill(void)
{
    add_many(LIMIT);
    ck_assert_int_eq(make(tt_backlog_add), TT_ENOBUFS);
}

/* --- the count ------------------------------------------------------------------------------- */

START_TEST(an_empty_backlog_is_watched_and_lets_everybody_in)
{
    ck_assert(tt_backlog_validate(word));
    ck_assert_uint_eq(tt_backlog_count(word), 0);
    ck_assert_int_eq(make(tt_backlog_ask), TT_OK);
    /* and asking has left no trace */
    ck_assert_uint_eq(word, TT_BACKLOG_EMPTY);
}
END_TEST

START_TEST(each_packet_given_counts_until_it_is_looked_at)
{
    for (uint32_t i = 1; i <= LIMIT; i++) {
        ck_assert_int_eq(make(tt_backlog_add), TT_OK);
        ck_assert_uint_eq(tt_backlog_count(word), i);
    }
    for (uint32_t i = LIMIT; i > 0; i--) {
        ck_assert_int_eq(make(tt_backlog_remove), TT_OK);
        ck_assert_uint_eq(tt_backlog_count(word), i - 1);
        /* nobody has waited */
        ck_assert(!verdict.wake);
    }
    ck_assert_uint_eq(word, TT_BACKLOG_EMPTY);
}
END_TEST

START_TEST(at_the_limit_a_packet_is_refused_and_not_counted)
{
    fill();
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(make(tt_backlog_add), TT_ENOBUFS);
        ck_assert(!verdict.wake);
        ck_assert_uint_eq(tt_backlog_count(word), LIMIT);
    }
    /* one looked at makes room for one, though nobody is woken for it */
    remove_many(1);
    ck_assert_int_eq(make(tt_backlog_add), TT_OK);
    ck_assert_int_eq(make(tt_backlog_add), TT_ENOBUFS);
}
END_TEST

START_TEST(packets_of_strangers_never_take_the_count_below_zero)
{
    remove_many(3);
    ck_assert_uint_eq(tt_backlog_count(word), 0);
    add_many(1);
    remove_many(1);
    remove_many(1);
    /* and they give nobody more room than there is */
    add_many(LIMIT);
    ck_assert_int_eq(make(tt_backlog_add), TT_ENOBUFS);
}
END_TEST

/* --- waiting --------------------------------------------------------------------------------- */

START_TEST(whoever_was_refused_is_woken_once_at_the_low_mark)
{
    fill();
    remove_many(LIMIT - LOW - 1);
    ck_assert_int_eq(make(tt_backlog_remove), TT_OK);
    ck_assert(verdict.wake);
    ck_assert_uint_eq(tt_backlog_count(word), LOW);
    /* and not again */
    remove_many(LOW);
    ck_assert_uint_eq(word, TT_BACKLOG_EMPTY);
}
END_TEST

START_TEST(whoever_asks_at_the_limit_is_woken_once_at_the_low_mark)
{
    /* given a full backlog where nobody has been refused */
    add_many(LIMIT);
    ck_assert_int_eq(make(tt_backlog_ask), TT_ENOBUFS);
    ck_assert_int_eq(make(tt_backlog_ask), TT_ENOBUFS);
    remove_many(LIMIT - LOW - 1);
    ck_assert_int_eq(make(tt_backlog_remove), TT_OK);
    ck_assert(verdict.wake);
    ck_assert_int_eq(make(tt_backlog_ask), TT_OK);
}
END_TEST

START_TEST(not_writable_lasts_from_the_limit_to_the_low_mark)
{
    /* on the way up every count below the limit is writable */
    for (uint32_t i = 0; i < LIMIT; i++) {
        ck_assert_int_eq(make(tt_backlog_ask), TT_OK);
        add_many(1);
    }
    ck_assert_int_eq(make(tt_backlog_ask), TT_ENOBUFS);
    /* on the way down none above the low mark */
    for (uint32_t i = LIMIT; i > LOW; i--) {
        ck_assert_int_eq(make(tt_backlog_ask), TT_ENOBUFS);
        make(tt_backlog_remove);
    }
    ck_assert_int_eq(make(tt_backlog_ask), TT_OK);
}
END_TEST

START_TEST(whoever_writes_without_asking_moves_the_wake_up_not_the_mark)
{
    fill();
    remove_many(LIMIT - LOW - 1);
    /* given another writer who fills it again just before the low mark */
    add_many(LIMIT - LOW - 1);
    ck_assert_int_eq(make(tt_backlog_ask), TT_ENOBUFS);
    remove_many(LIMIT - LOW - 1);
    make(tt_backlog_remove);
    ck_assert(verdict.wake);
}
END_TEST

/* --- restart and watching -------------------------------------------------------------------- */

START_TEST(a_restart_forgets_and_wakes_who_waits)
{
    fill();
    make(tt_backlog_restart);
    ck_assert(verdict.wake);
    ck_assert_uint_eq(word, TT_BACKLOG_EMPTY);
    /* and wakes nobody when nobody waits */
    add_many(LIMIT);
    make(tt_backlog_restart);
    ck_assert(!verdict.wake);
    ck_assert_uint_eq(word, TT_BACKLOG_EMPTY);
    /* what was forgotten comes by, and is forgiven */
    remove_many(LIMIT);
    add_many(LIMIT);
    ck_assert_int_eq(make(tt_backlog_add), TT_ENOBUFS);
}
END_TEST

START_TEST(nothing_is_counted_or_refused_on_a_link_that_is_not_watched)
{
    make(tt_backlog_unwatch);
    for (uint32_t i = 0; i < 3 * LIMIT; i++) {
        ck_assert_int_eq(make(tt_backlog_add), TT_OK);
        ck_assert_int_eq(make(tt_backlog_ask), TT_OK);
        ck_assert_uint_eq(tt_backlog_count(word), 0);
    }
    remove_many(2);
    make(tt_backlog_restart);
    /* down and up again it still is not watched */
    add_many(LIMIT + 1);
    make(tt_backlog_watch);
    ck_assert(!verdict.wake);
    ck_assert_uint_eq(word, TT_BACKLOG_EMPTY);
    fill();
}
END_TEST

START_TEST(who_waits_is_woken_when_the_link_is_no_longer_watched)
{
    fill();
    make(tt_backlog_unwatch);
    ck_assert(verdict.wake);
    ck_assert_int_eq(make(tt_backlog_ask), TT_OK);
    make(tt_backlog_unwatch);
    ck_assert(!verdict.wake);
}
END_TEST

START_TEST(watching_what_is_watched_changes_nothing)
{
    uint32_t before;

    fill();
    before = word;
    make(tt_backlog_watch);
    ck_assert_uint_eq(word, before);
    ck_assert(!verdict.wake);
}
END_TEST

/* --- against a model ------------------------------------------------------------------------- */

/* The same rules with a variable for each fact. */
struct model {
    uint32_t count;
    bool waiting;
    bool watched;
};

static bool
model_wait_end(struct model *model)
{
    bool wake = model->waiting;

    model->waiting = false;
    return wake;
}

static void
model_make(struct model *model, uint32_t which, enum tt_error *error, bool *wake)
{
    bool full = model->watched && model->count == LIMIT;

    *error = TT_OK;
    *wake = false;
    if (which == 0 && full) {
        *error = TT_ENOBUFS;
    } else if (which == 0) {
        model->count += model->watched;
    } else if (which == 1) {
        model->count -= model->count > 0;
        *wake = model->count <= LOW && model_wait_end(model);
    } else if (which == 2) {
        *error = full || model->waiting ? TT_ENOBUFS : TT_OK;
    } else if (which < 5 || !model->watched) {
        /* restart, unwatch, watch of what was not watched */
        model->count = 0;
        *wake = model_wait_end(model);
        model->watched = which == 3 ? model->watched : which == 5;
    }
    model->waiting = model->waiting || *error != TT_OK;
}

START_TEST(any_order_of_steps_is_what_the_model_says)
{
    static const step_function steps[] = { tt_backlog_add, tt_backlog_remove, tt_backlog_ask,
        tt_backlog_restart, tt_backlog_unwatch, tt_backlog_watch };
    struct model model = { .watched = true };
    uint64_t random = (uint64_t)_i;

    for (int i = 0; i < 20000; i++) {
        uint32_t draw = random_next(&random) % 4096;
        /* mostly up for a while, then mostly down; the rare steps rarely */
        uint32_t which = draw < 3 ? 3 + draw
            : draw < 64           ? 2
            : draw % 8 == 0       ? (uint32_t)(i / 1500 % 2 == 0)
                                  : (uint32_t)(i / 1500 % 2 != 0);
        enum tt_error error;
        bool wake;

        model_make(&model, which, &error, &wake);
        ck_assert_int_eq(make(steps[which]), error);
        ck_assert_int_eq(verdict.wake, wake);
        ck_assert_uint_eq(tt_backlog_count(word), model.count);
    }
}
END_TEST

/* --- words ----------------------------------------------------------------------------------- */

START_TEST(validate_knows_the_words_that_steps_make)
{
    ck_assert(tt_backlog_validate(LIMIT));
    ck_assert(!tt_backlog_validate(LIMIT + 1));
    ck_assert(!tt_backlog_validate(UINT32_MAX));
    ck_assert(!tt_backlog_validate((UINT32_C(1) << COUNT_BITS) - 1));
    /* packets, or somebody who waits, on a link that is not watched */
    make(tt_backlog_unwatch);
    ck_assert(tt_backlog_validate(word));
    ck_assert(!tt_backlog_validate(word + 1));
    ck_assert(!tt_backlog_validate(word | UINT32_C(1) << 31));
}
END_TEST

START_TEST(words_of_others_are_asserted)
{
    EXPECT_ASSERTION(tt_backlog_add(UINT32_MAX));
    EXPECT_ASSERTION(tt_backlog_remove(LIMIT + 1));
    EXPECT_ASSERTION(tt_backlog_ask(UINT32_MAX));
    EXPECT_ASSERTION(tt_backlog_restart(LIMIT + 1));
    EXPECT_ASSERTION(tt_backlog_unwatch(UINT32_MAX));
    EXPECT_ASSERTION(tt_backlog_watch(UINT32_MAX));
    EXPECT_ASSERTION(tt_backlog_count(LIMIT + 1));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.backlog");
    TCase *tests = tcase_create("backlog");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, an_empty_backlog_is_watched_and_lets_everybody_in);
    tcase_add_test(tests, each_packet_given_counts_until_it_is_looked_at);
    tcase_add_test(tests, at_the_limit_a_packet_is_refused_and_not_counted);
    tcase_add_test(tests, packets_of_strangers_never_take_the_count_below_zero);
    tcase_add_test(tests, whoever_was_refused_is_woken_once_at_the_low_mark);
    tcase_add_test(tests, whoever_asks_at_the_limit_is_woken_once_at_the_low_mark);
    tcase_add_test(tests, not_writable_lasts_from_the_limit_to_the_low_mark);
    tcase_add_test(tests, whoever_writes_without_asking_moves_the_wake_up_not_the_mark);
    tcase_add_test(tests, a_restart_forgets_and_wakes_who_waits);
    tcase_add_test(tests, nothing_is_counted_or_refused_on_a_link_that_is_not_watched);
    tcase_add_test(tests, who_waits_is_woken_when_the_link_is_no_longer_watched);
    tcase_add_test(tests, watching_what_is_watched_changes_nothing);
    tcase_add_loop_test(tests, any_order_of_steps_is_what_the_model_says, 0, 20);
    tcase_add_test(tests, validate_knows_the_words_that_steps_make);
    tcase_add_test(tests, words_of_others_are_asserted);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
