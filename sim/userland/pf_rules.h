/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PF_RULES_H
#define PF_RULES_H

/*
 * The part of pf.conf(5) that the emulated pf carries out, as text:
 *     nat on INTERFACE [inet] from SOURCE to DESTINATION -> TARGET
 * SOURCE and DESTINATION are `any`, A.B.C.D, A.B.C.D/BITS, or INTERFACE:network, which is looked up while
 * the rules are read; TARGET is A.B.C.D, INTERFACE (looked up as well) or (INTERFACE), whose address is
 * taken anew for each flow. A number sign begins a comment. Anything else is a syntax error.
 */

#include <nat_host.h>

enum { PF_RULES_MAX = 32, PF_RULE_TEXT_BYTES = 160, PF_RULES_ERROR_BYTES = 256 };

/*
 * Reads lines of text. How many rules there were, or -1 with pfctl's complaints in `error`: one line
 * for each wrong line, "stdin:2: syntax error". All lines are read before that.
 */
int pf_rules_parse(struct ksim *kernel, const char *text, struct ksim_nat_rule rules[PF_RULES_MAX],
                   char error[PF_RULES_ERROR_BYTES]);

/* The rule as `pfctl -s nat` shows it, without a line feed. */
void pf_rule_text(const struct ksim_nat_rule *rule, char text[PF_RULE_TEXT_BYTES]);

#endif
