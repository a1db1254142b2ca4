/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl, as the program of macOS words it (system_cmds' sysctl.c). */
#include <string.h>

#include <sysctl_host.h>
#include <system.h>

#include "command_list.h"

enum { NAME_BYTES = 128 };

struct sysctl_options {
    bool all, names_only, values_only, equals;
};

static void
print_value(struct command_call *call, const struct ksim_sysctl_value *value)
{
    if (value->is_text)
        command_print(call, "%s", value->text);
    else
        command_print(call, "%d", (int)value->number);
}

static void
print_name(struct command_call *call, const struct sysctl_options *options, const char *name)
{
    if (!options->values_only)
        command_print(call, "%s%s", name, options->equals ? "=" : ": ");
}

static int
show(struct command_call *call, const struct sysctl_options *options, const char *name)
{
    struct ksim_sysctl_value value;

    if (options->names_only) {
        command_print(call, "%s\n", name);
        return COMMAND_OK;
    }
    if (ksim_system_sysctl(call->process, name, &value, NULL) < 0)
        return COMMAND_FAILED;
    print_name(call, options, name);
    print_value(call, &value);
    command_print(call, "\n");
    return COMMAND_OK;
}

/* All variables, or those below a branch. */
static int
show_branch(struct command_call *call, const struct sysctl_options *options, const char *branch)
{
    const size_t length = strlen(branch);
    const char *name;

    for (unsigned i = 0; (name = ksim_sysctl_name(call->kernel, i)) != NULL; i++) {
        if (strncmp(name, branch, length) == 0 && (length == 0 || name[length] == '.') &&
            show(call, options, name) != COMMAND_OK)
            return COMMAND_FAILED;
    }
    return COMMAND_OK;
}

static int
unknown(struct command_call *call, const char *name)
{
    command_print(call, "sysctl: unknown oid '%s'\n", name);
    return COMMAND_FAILED;
}

/* NAME=VALUE: "net.inet.ip.forwarding: 0 -> 1". */
static int
assign(struct command_call *call, const struct sysctl_options *options, const char *name,
       const char *text)
{
    struct ksim_sysctl_value old, new = {0};
    int64_t number;
    int result = ksim_system_sysctl(call->process, name, &old, NULL);

    if (result == -KSIM_EISDIR) {
        command_print(call, "sysctl: oid '%s' isn't a leaf node\n", name);
        return COMMAND_FAILED;
    }
    if (result < 0)
        return unknown(call, name);
    new.is_text = old.is_text;
    if (!old.is_text) {
        if (!command_number(text, INT32_MIN, INT32_MAX, &number)) {
            command_print(call, "sysctl: invalid integer '%s'\n", text);
            return COMMAND_FAILED;
        }
        new.number = (int32_t)number;
    }
    result = ksim_system_sysctl(call->process, name, NULL, &new);
    if (result < 0) {
        command_print(call, "sysctl: %s: %s\n", name, ksim_error_text(-result));
        return COMMAND_FAILED;
    }
    (void)ksim_system_sysctl(call->process, name, &new, NULL);
    print_name(call, options, name);
    print_value(call, &old);
    command_print(call, " -> ");
    print_value(call, &new);
    command_print(call, "\n");
    return COMMAND_OK;
}

static int
one(struct command_call *call, const struct sysctl_options *options, const char *word)
{
    const char *equals = strchr(word, '=');
    struct ksim_sysctl_value value;
    char name[NAME_BYTES];
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    int result;

    if (length >= sizeof(name))
        return unknown(call, word);
    memcpy(name, word, length);
    name[length] = '\0';
    if (equals != NULL)
        return assign(call, options, name, equals + 1);
    result = ksim_system_sysctl(call->process, name, &value, NULL);
    if (result == -KSIM_EISDIR)
        return show_branch(call, options, name);
    return result < 0 ? unknown(call, name) : show(call, options, name);
}

/* -w says only what is done anyway. False: no such option. */
static bool
take_options(struct command_call *call, struct sysctl_options *options, int *first)
{
    for (; *first < call->argc && call->argv[*first][0] == '-'; (*first)++) {
        for (const char *letter = call->argv[*first] + 1; *letter != '\0'; letter++) {
            switch (*letter) {
            case 'a':
                options->all = true;
                break;
            case 'e':
                options->equals = true;
                break;
            case 'n':
                options->values_only = true;
                break;
            case 'N':
                options->names_only = true;
                break;
            case 'w':
                break;
            default:
                return false;
            }
        }
    }
    return true;
}

static int
run_sysctl(struct command_call *call)
{
    struct sysctl_options options = {0};
    int first = 1, status = COMMAND_OK;

    if (!take_options(call, &options, &first) || (!options.all && first == call->argc)) {
        command_print(call, "usage: sysctl [-bdehiNnoqx] [-B <bufsize>] [-f filename] name[=value] ...\n"
                            "       sysctl [-bdehNnoqx] [-B <bufsize>] -a\n");
        return COMMAND_FAILED;
    }
    if (options.all && first == call->argc)
        return show_branch(call, &options, "");
    for (; first < call->argc; first++) {
        if (one(call, &options, call->argv[first]) != COMMAND_OK)
            status = COMMAND_FAILED;
    }
    return status;
}

const struct command command_sysctl = {"sysctl", "[-a] [-e] [-n] [-N] [-w] NAME[=VALUE] ...",
                                       "show or set kernel state", run_sysctl};
