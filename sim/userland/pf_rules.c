/* SPDX-License-Identifier: BSD-2-Clause */
#include "pf_rules.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <machine.h>

enum { WORDS_MAX = 16, WORD_BYTES = 64, NAME_BYTES = 16 };

/* What is wrong with a line; NULL nothing. */
typedef const char *fault;

static const char syntax_error[] = "syntax error";
static const char no_host[] = "could not parse host specification";

struct line {
    char words[WORDS_MAX][WORD_BYTES];
    unsigned count;
};

/* --- words --------------------------------------------------------------------------------------- */

/* False when there are too many, or one is too long. */
static bool
line_split(struct line *line, const char *text, size_t length)
{
    size_t at = 0, word;

    line->count = 0;
    while (at < length && text[at] != '#') {
        if (text[at] == ' ' || text[at] == '\t') {
            at++;
            continue;
        }
        word = at;
        while (at < length && text[at] != ' ' && text[at] != '\t' && text[at] != '#')
            at++;
        if (line->count == WORDS_MAX || at - word >= WORD_BYTES)
            return false;
        memcpy(line->words[line->count], text + word, at - word);
        line->words[line->count++][at - word] = '\0';
    }
    return true;
}

static bool
word_is(const struct line *line, unsigned index, const char *text)
{
    return index < line->count && strcmp(line->words[index], text) == 0;
}

static bool
name_take(char name[NAME_BYTES], const char *word, size_t length)
{
    if (length == 0 || length >= NAME_BYTES)
        return false;
    memset(name, 0, NAME_BYTES);
    memcpy(name, word, length);
    return true;
}

/* --- addresses ----------------------------------------------------------------------------------- */

static void
address_mask(uint8_t address[4], unsigned bits)
{
    for (unsigned i = 0; i < 4; i++) {
        unsigned keep = bits > 8 * i ? bits - 8 * i : 0;

        address[i] &= keep >= 8 ? 0xff : (uint8_t)(0xff00u >> keep);
    }
}

static bool
number_take(const char *text, unsigned most, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *number = (unsigned)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value <= most;
}

static fault
network_take(struct ksim *kernel, const char *word, uint8_t address[4], unsigned *bits)
{
    const char *slash = strchr(word, '/'), *colon = strchr(word, ':');
    char text[WORD_BYTES], name[NAME_BYTES];
    struct in_addr parsed;

    if (strcmp(word, "any") == 0) {
        memset(address, 0, 4);
        *bits = 0;
        return NULL;
    }
    if (colon != NULL) {
        if (strcmp(colon, ":network") != 0 || !name_take(name, word, (size_t)(colon - word)))
            return syntax_error;
        if (!ksim_nat_interface_network(kernel, name, address, bits))
            return no_host;
        address_mask(address, *bits);
        return NULL;
    }
    memcpy(text, word, sizeof(text));
    if (slash != NULL)
        text[slash - word] = '\0';
    *bits = 32;
    if ((slash != NULL && !number_take(slash + 1, 32, bits)) || inet_aton(text, &parsed) == 0)
        return no_host;
    memcpy(address, &parsed.s_addr, 4);
    address_mask(address, *bits);
    return NULL;
}

static fault
target_take(struct ksim *kernel, const char *word, struct ksim_nat_rule *rule)
{
    const size_t length = strlen(word);
    struct in_addr parsed;
    unsigned bits;

    if (word[0] == '(') {
        rule->target_dynamic = true;
        return length > 2 && word[length - 1] == ')' &&
                       name_take(rule->target_interface, word + 1, length - 2)
                   ? NULL
                   : syntax_error;
    }
    if (inet_aton(word, &parsed) != 0) {
        memcpy(rule->target, &parsed.s_addr, 4);
        return NULL;
    }
    return ksim_nat_interface_network(kernel, word, rule->target, &bits) ? NULL : no_host;
}

/* --- rules --------------------------------------------------------------------------------------- */

static fault
rule_take(struct ksim *kernel, const struct line *line, struct ksim_nat_rule *rule)
{
    unsigned at = 3;
    fault wrong;

    memset(rule, 0, sizeof(*rule));
    if (!word_is(line, 0, "nat") || !word_is(line, 1, "on") || line->count < 4 ||
        !name_take(rule->interface, line->words[2], strlen(line->words[2])))
        return syntax_error;
    if (word_is(line, at, "inet"))
        at++;
    if (line->count != at + 6 || !word_is(line, at, "from") || !word_is(line, at + 2, "to") ||
        !word_is(line, at + 4, "->"))
        return syntax_error;
    wrong = network_take(kernel, line->words[at + 1], rule->from, &rule->from_bits);
    if (wrong == NULL)
        wrong = network_take(kernel, line->words[at + 3], rule->to, &rule->to_bits);
    return wrong != NULL ? wrong : target_take(kernel, line->words[at + 5], rule);
}

static fault
line_take(struct ksim *kernel, const char *text, size_t length, struct ksim_nat_rule *rules,
          int *count)
{
    struct line line;
    fault wrong;

    if (!line_split(&line, text, length))
        return syntax_error;
    if (line.count == 0)
        return NULL;
    if (*count == PF_RULES_MAX)
        return "too many rules";
    wrong = rule_take(kernel, &line, &rules[*count]);
    if (wrong == NULL)
        (*count)++;
    return wrong;
}

int
pf_rules_parse(struct ksim *kernel, const char *text, struct ksim_nat_rule rules[PF_RULES_MAX],
               char error[PF_RULES_ERROR_BYTES])
{
    size_t used = 0;
    int count = 0;

    error[0] = '\0';
    for (unsigned number = 1; *text != '\0'; number++) {
        size_t length = strcspn(text, "\n");
        fault wrong = line_take(kernel, text, length, rules, &count);

        if (wrong != NULL && used < PF_RULES_ERROR_BYTES)
            used += (size_t)machine_format(error + used, PF_RULES_ERROR_BYTES - used,
                                           "stdin:%u: %s\n", number, wrong);
        text += length + (text[length] == '\n');
    }
    return used > 0 ? -1 : count;
}

static int
network_text(char *text, size_t room, const uint8_t address[4], unsigned bits)
{
    int length;

    if (bits == 0)
        return machine_format(text, room, "any");
    length = machine_format(text, room, "%u.%u.%u.%u", address[0], address[1], address[2],
                            address[3]);
    if (bits < 32)
        length += machine_format(text + length, room - (size_t)length, "/%u", bits);
    return length;
}

void
pf_rule_text(const struct ksim_nat_rule *rule, char text[PF_RULE_TEXT_BYTES])
{
    char from[32], to[32], target[32];

    network_text(from, sizeof(from), rule->from, rule->from_bits);
    network_text(to, sizeof(to), rule->to, rule->to_bits);
    if (rule->target_dynamic)
        machine_format(target, sizeof(target), "(%s) round-robin", rule->target_interface);
    else
        network_text(target, sizeof(target), rule->target, 32);
    machine_format(text, PF_RULE_TEXT_BYTES, "nat on %s inet from %s to %s -> %s", rule->interface,
                   from, to, target);
}
