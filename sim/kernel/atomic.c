/* SPDX-License-Identifier: BSD-2-Clause */
#include <ksim.h>

#include <libkern/OSAtomic.h>

/*
 * Atomics return the old value (kpi-rest.md 4.9). They are announced to ThreadSanitizer as atomic
 * and are preemption points, so that what is not atomic around them shows.
 */

SInt32
OSAddAtomic(SInt32 amount, volatile SInt32 *address)
{
    ksim_kpi_enter("OSAddAtomic", KPI_ANY_CONTEXT);
    return __atomic_fetch_add(address, amount, __ATOMIC_RELAXED);
}

SInt64
OSAddAtomic64(SInt64 amount, volatile SInt64 *address)
{
    ksim_kpi_enter("OSAddAtomic64", KPI_ANY_CONTEXT);
    return __atomic_fetch_add(address, amount, __ATOMIC_RELAXED);
}

SInt32
OSIncrementAtomic(volatile SInt32 *address)
{
    ksim_kpi_enter("OSIncrementAtomic", KPI_ANY_CONTEXT);
    return __atomic_fetch_add(address, 1, __ATOMIC_RELAXED);
}

SInt32
OSDecrementAtomic(volatile SInt32 *address)
{
    ksim_kpi_enter("OSDecrementAtomic", KPI_ANY_CONTEXT);
    return __atomic_fetch_sub(address, 1, __ATOMIC_RELAXED);
}

UInt32
OSBitOrAtomic(UInt32 mask, volatile UInt32 *address)
{
    ksim_kpi_enter("OSBitOrAtomic", KPI_ANY_CONTEXT);
    return __atomic_fetch_or(address, mask, __ATOMIC_RELAXED);
}

UInt32
OSBitAndAtomic(UInt32 mask, volatile UInt32 *address)
{
    ksim_kpi_enter("OSBitAndAtomic", KPI_ANY_CONTEXT);
    return __atomic_fetch_and(address, mask, __ATOMIC_RELAXED);
}

UInt32
OSBitXorAtomic(UInt32 mask, volatile UInt32 *address)
{
    ksim_kpi_enter("OSBitXorAtomic", KPI_ANY_CONTEXT);
    return __atomic_fetch_xor(address, mask, __ATOMIC_RELAXED);
}

Boolean
OSCompareAndSwap(UInt32 expected, UInt32 wanted, volatile UInt32 *address)
{
    ksim_kpi_enter("OSCompareAndSwap", KPI_ANY_CONTEXT);
    return __atomic_compare_exchange_n(address, &expected, wanted, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

Boolean
OSCompareAndSwap64(UInt64 expected, UInt64 wanted, volatile UInt64 *address)
{
    ksim_kpi_enter("OSCompareAndSwap64", KPI_ANY_CONTEXT);
    return __atomic_compare_exchange_n(address, &expected, wanted, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

Boolean
OSCompareAndSwapPtr(void *expected, void *wanted, void *volatile *address)
{
    ksim_kpi_enter("OSCompareAndSwapPtr", KPI_ANY_CONTEXT);
    return __atomic_compare_exchange_n(address, &expected, wanted, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

/* Bits are numbered from the most significant one of each byte. */
Boolean
OSTestAndSet(UInt32 bit, volatile UInt8 *address)
{
    UInt8 mask = (UInt8)(0x80U >> (bit & 7));

    ksim_kpi_enter("OSTestAndSet", KPI_ANY_CONTEXT);
    return (__atomic_fetch_or(&address[bit >> 3], mask, __ATOMIC_ACQ_REL) & mask) != 0;
}

Boolean
OSTestAndClear(UInt32 bit, volatile UInt8 *address)
{
    UInt8 mask = (UInt8)(0x80U >> (bit & 7));

    ksim_kpi_enter("OSTestAndClear", KPI_ANY_CONTEXT);
    return (__atomic_fetch_and(&address[bit >> 3], (UInt8)~mask, __ATOMIC_ACQ_REL) & mask) == 0;
}
