/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TUNTAP_TEXT_H
#define TUNTAP_TEXT_H

/* Bare tokens, after expansion, as a string. */
#define TUNTAP_TEXT(tokens) TUNTAP_TEXT_OF(tokens)
#define TUNTAP_TEXT_OF(tokens) #tokens

#endif
