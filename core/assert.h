/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * assert.h - assertions of core.
 *
 * TT_ASSERT(condition) states what the code relies on. In debug builds (TT_DEBUG defined) a
 * false condition calls tt_assert_failed, which the embedder supplies and which must not return:
 * the glue panics, tests abort. In release builds the condition is compiled, never evaluated.
 *
 * Assertions guard against mistakes of the caller (a NULL where an object must be, a structure
 * somebody scribbled over). What users, networks or other kexts can cause is never asserted: it
 * has a verdict.
 */
#ifndef TT_ASSERT_H
#define TT_ASSERT_H

_Noreturn void tt_assert_failed(const char *expression, const char *file, int line);

#ifdef TT_DEBUG
#define TT_ASSERT(condition) \
    ((condition) ? (void)0 : tt_assert_failed(#condition, __FILE__, __LINE__))
#else
#define TT_ASSERT(condition) (0 ? (void)(condition) : (void)0)
#endif

#endif
