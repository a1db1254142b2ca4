/* SPDX-License-Identifier: BSD-2-Clause */
/* ifconfig: which interfaces, and whether to show or to change them (network_cmds' ifconfig.c). */
#include <string.h>

#include <system.h>

#include "command_list.h"
#include "ifconfig_bridge.h"
#include "ifconfig_command.h"
#include "interface_request.h"

struct ifconfig_options {
    bool all, names_only, up_only, down_only, media;
};

enum ifconfig_family
ifconfig_family_of(const char *word)
{
    if (strcmp(word, "inet") == 0)
        return IFCONFIG_INET;
    if (strcmp(word, "inet6") == 0)
        return IFCONFIG_INET6;
    if (strcmp(word, "ether") == 0 || strcmp(word, "lladdr") == 0 || strcmp(word, "link") == 0)
        return IFCONFIG_LINK;
    return IFCONFIG_ANY;
}

int
ifconfig_failed(struct command_call *call, const char *what, int result)
{
    if (result == -KSIM_ENXIO)
        command_print(call, "ifconfig: %s: no such interface\n", what);
    else if (result == -KSIM_EPERM)
        command_print(call, "ifconfig: %s: permission denied\n", what);
    else
        command_print(call, "ifconfig: %s: %s\n", what, ksim_error_text(-result));
    return COMMAND_FAILED;
}

static int
usage(struct command_call *call)
{
    command_print(call,
                  "usage: ifconfig [-L] [-m] [-r] interface address_family [address [dest_address]]\n"
                  "                [parameters]\n"
                  "       ifconfig interface create\n"
                  "       ifconfig -a [-L] [-d] [-m] [-r] [-u] [-v] [address_family]\n"
                  "       ifconfig -l [-d] [-u] [address_family]\n"
                  "       ifconfig [-L] [-d] [-m] [-r] [-u] [-v]\n");
    return COMMAND_FAILED;
}

/* The options in front; false: one that ifconfig does not know, or two that exclude each other. */
static bool
take_options(struct command_call *call, struct ifconfig_options *options, int *first)
{
    for (; *first < call->argc && call->argv[*first][0] == '-'; (*first)++) {
        for (const char *letter = call->argv[*first] + 1; *letter != '\0'; letter++) {
            switch (*letter) {
            case 'a':
                options->all = true;
                break;
            case 'l':
                options->names_only = true;
                break;
            case 'u':
                options->up_only = true;
                break;
            case 'd':
                options->down_only = true;
                break;
            case 'm':
                options->media = true;
                break;
            default:
                return false;
            }
        }
    }
    return !(options->names_only && (options->all || options->media)) &&
           !(options->up_only && options->down_only);
}

static void
list(struct command_call *call, const struct ifconfig_options *options,
     enum ifconfig_family family)
{
    struct ksim_interface_status status;
    unsigned shown = 0;

    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        bool up = (status.flags & FLAG_UP) != 0;

        if ((options->up_only && !up) || (options->down_only && up))
            continue;
        shown++;
        if (options->names_only)
            command_print(call, "%s%s", shown > 1 ? " " : "", status.name);
        else
            ifconfig_print(call, status.name, family, options->media);
    }
    if (options->names_only)
        command_print(call, "\n");
}

static bool
interface_exists(const char *name)
{
    struct ksim_interface_status status;

    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        if (strcmp(status.name, name) == 0)
            return true;
    }
    return false;
}

/* ifconfig NAME create [PARAMETER ...]; a name that was chosen is printed. `name` becomes the one made. */
static int
create(struct command_call *call, char name[IFCONFIG_BRIDGE_NAME_BYTES])
{
    const size_t asked = strlen(name);
    int result = ifconfig_bridge_create(call->process, name);

    if (result < 0) {
        command_print(call, "ifconfig: SIOCIFCREATE2: %s\n", ksim_error_text(-result));
        return COMMAND_FAILED;
    }
    if (strlen(name) != asked)
        command_print(call, "%s\n", name);
    return COMMAND_OK;
}

static int
run_ifconfig(struct command_call *call)
{
    struct ifconfig_options options = {0};
    enum ifconfig_family family = IFCONFIG_ANY;
    const char *name;
    int first = 1;

    if (!take_options(call, &options, &first))
        return usage(call);
    if (options.all || options.names_only || first == call->argc) {
        if (first < call->argc)
            family = ifconfig_family_of(call->argv[first++]);
        if (first < call->argc || (family == IFCONFIG_ANY && call->argc > 1 &&
                                   call->argv[call->argc - 1][0] != '-'))
            return usage(call);
        list(call, &options, family);
        return COMMAND_OK;
    }
    name = call->argv[first++];
    if (first < call->argc && strcmp(call->argv[first], "create") == 0) {
        char *made = command_keep(call, IFCONFIG_BRIDGE_NAME_BYTES);

        strncpy(made, name, IFCONFIG_BRIDGE_NAME_BYTES - 1);
        if (create(call, made) != COMMAND_OK)
            return COMMAND_FAILED;
        return ++first == call->argc ? COMMAND_OK : ifconfig_apply(call, made, family, first);
    }
    if (!interface_exists(name)) {
        command_print(call, "ifconfig: interface %s does not exist\n", name);
        return COMMAND_FAILED;
    }
    if (first < call->argc)
        family = ifconfig_family_of(call->argv[first]);
    if (family != IFCONFIG_ANY)
        first++;
    if (first == call->argc) {
        ifconfig_print(call, name, family, options.media);
        return COMMAND_OK;
    }
    return ifconfig_apply(call, name, family, first);
}

const struct command command_ifconfig = {
    "ifconfig", "[-a | -l] [-u | -d] [-m] [INTERFACE [FAMILY] [ADDRESS [DESTINATION]] [PARAMETER ...]]",
    "show or change interfaces: up, down, mtu N, netmask, broadcast, alias, -alias, delete, "
    "prefixlen N, lladdr, media; create, destroy, addm, deletem, flush for bridges",
    run_ifconfig};
