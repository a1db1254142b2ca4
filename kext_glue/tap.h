/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_TAP_H
#define TUNTAP_TAP_H

/*
 * Names of tap.kext. The build may give others; the same as in its Info.plist.
 */

#ifndef TUNTAP_BUNDLE_ID
#define TUNTAP_BUNDLE_ID net.sf.tuntaposx.tap
#endif

#ifndef TUNTAP_VERSION_STRING
#define TUNTAP_VERSION_STRING "1.0.0"
#endif

#endif
