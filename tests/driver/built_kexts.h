/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef BUILT_KEXTS_H
#define BUILT_KEXTS_H

/*
 * Which build of the driver the suites are about: the native one, or tun.kext and tap.kext in the folder that the
 * environment names as TUNTAP_KEXTS (machine code for Macs, cmake/MachoKext.cmake). Opened once in each process. A
 * kext that cannot be opened fails the test.
 */
void built_kexts_use(void);

#endif
