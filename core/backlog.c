/* SPDX-License-Identifier: BSD-2-Clause */
#include "backlog.h"

#include "assert.h"

/* The word: two flags, and the count below them. */
#define WAITING (UINT32_C(1) << 31)
#define UNWATCHED (UINT32_C(1) << 30)
#define COUNT_MASK (UNWATCHED - 1)

_Static_assert(TT_BACKLOG_LOW < TT_BACKLOG_LIMIT, "a refused writer comes again below the limit");
_Static_assert(TT_BACKLOG_LIMIT <= 1024, "the kernel never trims what one session has given");
_Static_assert(TT_BACKLOG_LIMIT - 1024 * 20 / 100 <= TT_BACKLOG_LOW, "what a trim leaves wakes");

bool
tt_backlog_validate(uint32_t word)
{
    if ((word & UNWATCHED) != 0)
        return word == UNWATCHED;
    return (word & COUNT_MASK) <= TT_BACKLOG_LIMIT;
}

uint32_t
tt_backlog_count(uint32_t word)
{
    TT_ASSERT(tt_backlog_validate(word));
    return word & COUNT_MASK;
}

/* The answer of a step: wakes if it ended the waiting. */
static struct tt_backlog_verdict
verdict_make(uint32_t word, uint32_t next, enum tt_error error)
{
    bool wake = (word & WAITING) != 0 && (next & WAITING) == 0;

    TT_ASSERT(tt_backlog_validate(next));
    TT_ASSERT(error == TT_OK || (next & WAITING) != 0);
    TT_ASSERT(!wake || (next & COUNT_MASK) <= TT_BACKLOG_LOW);
    return (struct tt_backlog_verdict){ next, error, wake };
}

struct tt_backlog_verdict
tt_backlog_add(uint32_t word)
{
    TT_ASSERT(tt_backlog_validate(word));
    if ((word & UNWATCHED) != 0)
        return verdict_make(word, word, TT_OK);
    if (tt_backlog_count(word) >= TT_BACKLOG_LIMIT)
        return verdict_make(word, word | WAITING, TT_ENOBUFS);
    return verdict_make(word, word + 1, TT_OK);
}

struct tt_backlog_verdict
tt_backlog_remove(uint32_t word)
{
    uint32_t next = word;

    TT_ASSERT(tt_backlog_validate(word));
    if (tt_backlog_count(word) > 0)
        next--;
    if (tt_backlog_count(next) <= TT_BACKLOG_LOW)
        next &= ~WAITING;
    TT_ASSERT((next & UNWATCHED) == (word & UNWATCHED));
    return verdict_make(word, next, TT_OK);
}

struct tt_backlog_verdict
tt_backlog_ask(uint32_t word)
{
    TT_ASSERT(tt_backlog_validate(word));
    if ((word & WAITING) == 0 && tt_backlog_count(word) < TT_BACKLOG_LIMIT)
        return verdict_make(word, word, TT_OK);
    return verdict_make(word, word | WAITING, TT_ENOBUFS);
}

struct tt_backlog_verdict
tt_backlog_restart(uint32_t word)
{
    TT_ASSERT(tt_backlog_validate(word));
    return verdict_make(word, word & UNWATCHED, TT_OK);
}

struct tt_backlog_verdict
tt_backlog_unwatch(uint32_t word)
{
    TT_ASSERT(tt_backlog_validate(word));
    return verdict_make(word, UNWATCHED, TT_OK);
}

struct tt_backlog_verdict
tt_backlog_watch(uint32_t word)
{
    TT_ASSERT(tt_backlog_validate(word));
    return verdict_make(word, (word & UNWATCHED) != 0 ? TT_BACKLOG_EMPTY : word, TT_OK);
}
