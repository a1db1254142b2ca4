/* SPDX-License-Identifier: BSD-2-Clause */
/* pfctl, with macOS's words; what rules it takes is in pf_rules.h. */
#include <string.h>

#include <nat_host.h>
#include <system.h>

#include "command_list.h"
#include "pf_rules.h"

enum { PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

struct pfctl_options {
    bool enable, disable, nat_only, flush_states;
    const char *show, *file;
    char *input; /* what stands behind <<<, with \n as line feeds */
};

/* macOS says this whenever it opens /dev/pf. */
static void
say_altq(struct command_call *call)
{
    command_print(call, "No ALTQ support in kernel\nALTQ related functions disabled\n");
}

static int
denied(struct command_call *call, int result)
{
    command_print(call, "pfctl: /dev/pf: %s\n",
                  ksim_error_text(result == -KSIM_EACCES ? KSIM_EACCES : -result));
    return COMMAND_FAILED;
}

static int
enable(struct command_call *call, bool on)
{
    int result = ksim_nat_enable(call->process, on);

    if (result == -KSIM_EEXIST || result == -KSIM_ENOENT) {
        command_print(call, "pfctl: pf %s\n", on ? "already enabled" : "not enabled");
        return COMMAND_FAILED;
    }
    if (result < 0)
        return denied(call, result);
    command_print(call, "pf %s\n", on ? "enabled" : "disabled");
    return COMMAND_OK;
}

static int
load(struct command_call *call, const struct pfctl_options *options)
{
    struct ksim_nat_rule *rules = command_keep(call, PF_RULES_MAX * sizeof(*rules));
    char error[PF_RULES_ERROR_BYTES];
    int count;

    if (strcmp(options->file, "-") != 0) {
        command_print(call, "pfctl: %s: No such file or directory\n"
                            "pfctl: cannot open the main config file!: No such file or directory\n"
                            "pfctl: Syntax error in config file: pf rules not loaded\n",
                      options->file);
        return COMMAND_FAILED;
    }
    count = pf_rules_parse(call->kernel, options->input != NULL ? options->input : "", rules, error);
    if (count < 0) {
        command_print(call, "%spfctl: Syntax error in config file: pf rules not loaded\n", error);
        return COMMAND_FAILED;
    }
    count = ksim_nat_load(call->process, rules, (unsigned)count);
    return count < 0 ? denied(call, count) : COMMAND_OK;
}

/* --- states -------------------------------------------------------------------------------------- */

static void
print_end(struct command_call *call, const uint8_t address[4], uint16_t port)
{
    command_print(call, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
    if (port != 0)
        command_print(call, ":%u", port);
}

static const char *
progress_text(uint8_t protocol, unsigned progress)
{
    static const char *const tcp[] = {"CLOSED", "SYN_SENT", "ESTABLISHED", "FIN_WAIT_2",
                                      "TIME_WAIT"};
    static const char *const others[] = {"NO_TRAFFIC", "SINGLE", "MULTIPLE"};

    if (protocol == PROTOCOL_TCP)
        return tcp[progress];
    if (protocol == PROTOCOL_ICMP)
        return "0";
    return others[progress];
}

static void
print_state(struct command_call *call, const struct ksim_nat_status *state)
{
    if (state->protocol == PROTOCOL_TCP || state->protocol == PROTOCOL_UDP)
        command_print(call, "ALL %s ", state->protocol == PROTOCOL_TCP ? "tcp" : "udp");
    else if (state->protocol == PROTOCOL_ICMP)
        command_print(call, "ALL icmp ");
    else
        command_print(call, "ALL %u ", state->protocol);
    print_end(call, state->inside, state->inside_port);
    command_print(call, " -> ");
    print_end(call, state->mapped, state->mapped_port);
    command_print(call, " -> ");
    print_end(call, state->remote, state->remote_port);
    command_print(call, "       %s:%s\n", progress_text(state->protocol, state->progress[0]),
                  progress_text(state->protocol, state->progress[1]));
}

static int
show(struct command_call *call, const char *what)
{
    char text[PF_RULE_TEXT_BYTES];
    struct ksim_nat_rule rule;
    struct ksim_nat_status state;
    int result = 0;

    if (strncmp("nat", what, strlen(what)) == 0) {
        for (unsigned i = 0; (result = ksim_nat_rule_at(call->process, i, &rule)) == 1; i++) {
            pf_rule_text(&rule, text);
            command_print(call, "%s\n", text);
        }
    } else if (strncmp("states", what, strlen(what)) == 0) {
        for (unsigned i = 0; (result = ksim_nat_state_at(call->process, i, &state)) == 1; i++)
            print_state(call, &state);
    } else if (strncmp("info", what, strlen(what)) == 0) {
        result = ksim_nat_is_enabled(call->process);
        if (result >= 0)
            command_print(call, "Status: %s\n", result == 1 ? "Enabled" : "Disabled");
    } else {
        command_print(call, "pfctl: Unknown show modifier '%s'\n", what);
        return COMMAND_USAGE;
    }
    return result < 0 ? denied(call, result) : COMMAND_OK;
}

static int
flush(struct command_call *call)
{
    int result = ksim_nat_flush_states(call->process);

    if (result < 0)
        return denied(call, result);
    command_print(call, "%d states cleared\n", result);
    return COMMAND_OK;
}

/* --- options ------------------------------------------------------------------------------------- */

/* A here-string: the shell of this place has no pipes. Backslash n stands for a line feed, as in $'...'. */
static char *
here_string(struct command_call *call, const char *text)
{
    char *input = command_keep(call, strlen(text) + 1), *out = input;

    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && text[1] == 'n') {
            *out++ = '\n';
            text++;
        } else {
            *out++ = *text;
        }
    }
    return input;
}

/* The letters of one word; the last may take the next word. False: no such option. */
static bool
take_letters(struct command_call *call, struct pfctl_options *options, int *at)
{
    for (const char *letter = call->argv[*at] + 1; *letter != '\0'; letter++) {
        bool takes = *letter == 'f' || *letter == 's' || *letter == 'F';

        if (takes && (letter[1] != '\0' || *at + 1 == call->argc))
            return false;
        switch (*letter) {
        case 'e':
            options->enable = true;
            break;
        case 'd':
            options->disable = true;
            break;
        case 'N':
            options->nat_only = true;
            break;
        case 'q':
            break;
        case 'f':
            options->file = call->argv[++*at];
            return true;
        case 's':
            options->show = call->argv[++*at];
            return true;
        case 'F':
            options->flush_states = strcmp(call->argv[++*at], "states") == 0;
            return options->flush_states;
        default:
            return false;
        }
    }
    return true;
}

static bool
take_options(struct command_call *call, struct pfctl_options *options)
{
    for (int at = 1; at < call->argc; at++) {
        if (strcmp(call->argv[at], "<<<") == 0 && at + 1 < call->argc)
            options->input = here_string(call, call->argv[++at]);
        else if (call->argv[at][0] != '-' || call->argv[at][1] == '\0' ||
                 !take_letters(call, options, &at))
            return false;
    }
    return call->argc > 1;
}

static int
run_pfctl(struct command_call *call)
{
    struct pfctl_options options = {0};
    int status = COMMAND_OK, allowed;

    if (!take_options(call, &options)) {
        command_print(call, "usage: pfctl [-deqN] [-F states] [-f file] [-s nat | states | info]\n");
        return COMMAND_FAILED;
    }
    allowed = ksim_nat_is_enabled(call->process);
    if (allowed < 0)
        return denied(call, allowed);
    if (options.file != NULL)
        command_print(call, "pfctl: Use of -f option, could result in flushing of rules\n"
                            "present in the main ruleset added by the system at startup.\n"
                            "See /etc/pf.conf for further details.\n\n");
    say_altq(call);
    if (options.disable)
        status = enable(call, false);
    if (status == COMMAND_OK && options.flush_states)
        status = flush(call);
    if (status == COMMAND_OK && options.file != NULL)
        status = load(call, &options);
    if (status == COMMAND_OK && options.show != NULL)
        status = show(call, options.show);
    if (status == COMMAND_OK && options.enable)
        status = enable(call, true);
    return status;
}

const struct command command_pfctl = {
    "pfctl", "[-deNq] [-F states] [-f - <<< RULES] [-s nat | states | info]",
    "control packet translation: nat on IF from NET to NET -> (IF)", run_pfctl};
