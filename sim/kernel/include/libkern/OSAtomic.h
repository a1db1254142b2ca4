/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KPI_LIBKERN_OSATOMIC_H
#define KPI_LIBKERN_OSATOMIC_H

/* Atomic operations. All return the value before; TestAnd* and CompareAndSwap* as described. */

#include <libkern/OSTypes.h>
#include <sys/cdefs.h>

__BEGIN_DECLS

SInt32 OSAddAtomic(SInt32 amount, volatile SInt32 *address) KPI_SYMBOL(OSAddAtomic);
SInt64 OSAddAtomic64(SInt64 amount, volatile SInt64 *address) KPI_SYMBOL(OSAddAtomic64);
SInt32 OSIncrementAtomic(volatile SInt32 *address) KPI_SYMBOL(OSIncrementAtomic);
SInt32 OSDecrementAtomic(volatile SInt32 *address) KPI_SYMBOL(OSDecrementAtomic);
UInt32 OSBitOrAtomic(UInt32 mask, volatile UInt32 *address) KPI_SYMBOL(OSBitOrAtomic);
UInt32 OSBitAndAtomic(UInt32 mask, volatile UInt32 *address) KPI_SYMBOL(OSBitAndAtomic);
UInt32 OSBitXorAtomic(UInt32 mask, volatile UInt32 *address) KPI_SYMBOL(OSBitXorAtomic);

/* Whether the swap was made. */
Boolean OSCompareAndSwap(UInt32 expected, UInt32 wanted, volatile UInt32 *address)
    KPI_SYMBOL(OSCompareAndSwap);
Boolean OSCompareAndSwap64(UInt64 expected, UInt64 wanted, volatile UInt64 *address)
    KPI_SYMBOL(OSCompareAndSwap64);
Boolean OSCompareAndSwapPtr(void *expected, void *wanted, void *volatile *address)
    KPI_SYMBOL(OSCompareAndSwapPtr);
/* The state of the bit before; bit 0 is the highest of the first byte. */
Boolean OSTestAndSet(UInt32 bit, volatile UInt8 *address) KPI_SYMBOL(OSTestAndSet);
Boolean OSTestAndClear(UInt32 bit, volatile UInt8 *address) KPI_SYMBOL(OSTestAndClear);

__END_DECLS

#endif
