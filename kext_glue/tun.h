/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_TUN_H
#define TUNTAP_TUN_H

/*
 * Names of tun.kext. The build may give others; the same as in its Info.plist.
 */

#ifndef TUNTAP_BUNDLE_ID
#define TUNTAP_BUNDLE_ID net.sf.tuntaposx.tun
#endif

#ifndef TUNTAP_VERSION_STRING
#define TUNTAP_VERSION_STRING "1.0.0"
#endif

#endif
