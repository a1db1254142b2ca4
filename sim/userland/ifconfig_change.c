/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What ifconfig does with its parameters, in ifconfig's order: flags and numbers at once, addresses when
 * all words were read, the old address taken away before the new one is set unless it is an alias.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <system.h>

#include "ifconfig.h"
#include "ifconfig_bridge.h"
#include "ifconfig_command.h"
#include "interface_request.h"

struct change {
    struct command_call *call;
    const char *name;
    enum ifconfig_family family;
    int alias; /* 1 alias, -1 -alias or delete, 0 neither */
    bool has_address, has_mask, has_prefix, clears, adds;
    uint8_t add4[ALIAS_BYTES], remove4[IFREQ_BYTES];
    uint8_t add6[ALIAS6_BYTES], remove6[IFREQ6_BYTES];
    uint8_t link[IFREQ_BYTES];
};

enum { DONE = COMMAND_OK, FAILED = COMMAND_FAILED };

static int
bad_value(struct change *change, const char *word)
{
    command_print(change->call, "ifconfig: %s: bad value\n", word);
    return FAILED;
}

/* --- addresses --------------------------------------------------------------------------------- */

/* ADDRESS or ADDRESS/BITS; *slash keeps where the bits begin, NULL for none. */
static bool
split_prefix(const char *word, char address[INET6_ADDRSTRLEN], const char **slash)
{
    size_t length;

    *slash = strrchr(word, '/');
    length = *slash != NULL ? (size_t)(*slash - word) : strlen(word);
    if (length >= INET6_ADDRSTRLEN)
        return false;
    memcpy(address, word, length);
    address[length] = '\0';
    if (*slash != NULL)
        (*slash)++;
    return true;
}

static int
set_inet(struct change *change, const char *word, size_t offset, bool removal)
{
    char text[INET6_ADDRSTRLEN];
    const char *bits;
    struct in_addr address;
    int64_t prefix;
    uint8_t *out = removal ? change->remove4 + IFREQ_VALUE : change->add4 + offset;

    if (!split_prefix(word, text, &bits))
        return bad_value(change, word);
    if (bits != NULL && offset == ALIAS_ADDRESS) {
        if (!command_number(bits, 0, 32, &prefix))
            return bad_value(change, word);
        change->add4[ALIAS_MASK] = SOCKADDR_IN_BYTES;
        put_prefix(change->add4 + ALIAS_MASK + 4, 4, (unsigned)prefix);
    }
    if (inet_aton(text, &address) == 0)
        return bad_value(change, word);
    put_sockaddr_in(out, (const uint8_t *)&address.s_addr);
    if (offset == ALIAS_MASK)
        out[1] = 0; /* ifconfig leaves the mask's family unset */
    return DONE;
}

static int
set_prefix6(struct change *change, const char *word)
{
    int64_t bits;

    if (!command_number(word, 0, 128, &bits))
        return bad_value(change, word);
    change->has_prefix = true;
    change->add6[ALIAS6_MASK] = SOCKADDR_IN6_BYTES;
    change->add6[ALIAS6_MASK + 1] = 0;
    memset(change->add6 + ALIAS6_MASK + 8, 0, 16);
    put_prefix(change->add6 + ALIAS6_MASK + 8, 16, bits == 0 ? 128 : (unsigned)bits);
    return DONE;
}

static int
set_inet6(struct change *change, const char *word, size_t offset, bool removal)
{
    char text[INET6_ADDRSTRLEN];
    const char *bits;
    uint8_t address[16];
    char *scope;

    if (!split_prefix(word, text, &bits))
        return bad_value(change, word);
    if (bits != NULL && set_prefix6(change, bits) != DONE)
        return FAILED;
    scope = strchr(text, '%');
    if (scope != NULL)
        *scope = '\0';
    if (inet_pton(AF_INET6, text, address) != 1)
        return bad_value(change, word);
    put_sockaddr_in6(removal ? change->remove6 + IFREQ_VALUE : change->add6 + offset, address);
    return DONE;
}

static int
set_link(struct change *change, const char *word)
{
    uint8_t *out = change->link + IFREQ_VALUE;
    const char *at = word;
    unsigned length = 0;

    while (length < 14) {
        char *end;
        long byte = strtol(at, &end, 16);

        if (end == at || byte < 0 || byte > 255 || (*end != ':' && *end != '\0'))
            break;
        out[2 + length++] = (uint8_t)byte;
        at = end;
        if (*at == '\0')
            break;
        at++;
    }
    if (length == 0 || *at != '\0') {
        command_print(change->call, "ifconfig: malformed link-level address\n");
        return FAILED;
    }
    out[0] = (uint8_t)length; /* sa_len carries the length of the address here */
    out[1] = FAMILY_LINK;
    return DONE;
}

static int
set_address(struct change *change, const char *word)
{
    change->has_address = true;
    if (change->family == IFCONFIG_LINK)
        return set_link(change, word);
    if (change->alias == 0)
        change->clears = true;
    if (change->family == IFCONFIG_INET6)
        return set_inet6(change, word, ALIAS6_ADDRESS, change->alias < 0);
    return set_inet(change, word, ALIAS_ADDRESS, change->alias < 0);
}

static int
set_destination(struct change *change, const char *word)
{
    if (change->family == IFCONFIG_LINK) {
        command_print(change->call, "ifconfig: can't set link-level netmask or broadcast\n");
        return FAILED;
    }
    if (change->family == IFCONFIG_INET6)
        return set_inet6(change, word, ALIAS6_DESTINATION, false);
    return set_inet(change, word, ALIAS_DESTINATION, false);
}

/* --- parameters -------------------------------------------------------------------------------- */

static int
flag(struct change *change, const char *word, unsigned set, unsigned clear)
{
    uint8_t data[IFREQ_BYTES] = {0};
    uint16_t flags;
    int result = interface_request(change->call->process, KSIM_AF_INET, REQUEST_GET_FLAGS,
                                   change->name, data);

    if (result < 0)
        return ifconfig_failed(change->call, "ioctl (SIOCGIFFLAGS)", result);
    memcpy(&flags, data + IFREQ_VALUE, sizeof(flags));
    flags = (uint16_t)((flags & ~clear) | set);
    memset(data, 0, sizeof(data));
    memcpy(data + IFREQ_VALUE, &flags, sizeof(flags));
    result = interface_request(change->call->process, KSIM_AF_INET, REQUEST_SET_FLAGS,
                               change->name, data);
    return result < 0 ? ifconfig_failed(change->call, word, result) : DONE;
}

static int
do_up(struct change *change, const char *argument)
{
    (void)argument;
    return flag(change, "up", FLAG_UP, 0);
}

static int
do_down(struct change *change, const char *argument)
{
    (void)argument;
    return flag(change, "down", 0, FLAG_UP);
}

static int
do_arp(struct change *change, const char *argument)
{
    (void)argument;
    return flag(change, "arp", 0, FLAG_NOARP);
}

static int
do_no_arp(struct change *change, const char *argument)
{
    (void)argument;
    return flag(change, "-arp", FLAG_NOARP, 0);
}

static int
do_debug(struct change *change, const char *argument)
{
    (void)argument;
    return flag(change, "debug", FLAG_DEBUG, 0);
}

static int
do_no_debug(struct change *change, const char *argument)
{
    (void)argument;
    return flag(change, "-debug", 0, FLAG_DEBUG);
}

static int
set_number(struct change *change, unsigned long command, const char *word)
{
    uint8_t data[IFREQ_BYTES] = {0};
    int32_t value = (int32_t)strtol(word, NULL, 10);

    memcpy(data + IFREQ_VALUE, &value, sizeof(value));
    return interface_request(change->call->process, KSIM_AF_INET, command, change->name, data);
}

/* ifconfig only warns of these two, and goes on. */
static int
do_mtu(struct change *change, const char *argument)
{
    int result = set_number(change, REQUEST_SET_MTU, argument);

    if (result < 0)
        command_print(change->call, "ifconfig: ioctl (set mtu): %s\n", ksim_error_text(-result));
    return DONE;
}

static int
do_metric(struct change *change, const char *argument)
{
    int result = set_number(change, REQUEST_SET_METRIC, argument);

    if (result < 0)
        command_print(change->call, "ifconfig: ioctl (set metric): %s\n",
                      ksim_error_text(-result));
    return DONE;
}

static int
do_netmask(struct change *change, const char *argument)
{
    change->has_mask = true;
    if (change->family != IFCONFIG_INET) {
        command_print(change->call, "ifconfig: can't set link-level netmask or broadcast\n");
        return FAILED;
    }
    return set_inet(change, argument, ALIAS_MASK, false);
}

static int
do_broadcast(struct change *change, const char *argument)
{
    return set_destination(change, argument);
}

static int
do_prefixlen(struct change *change, const char *argument)
{
    int64_t bits;

    if (change->family == IFCONFIG_INET6)
        return set_prefix6(change, argument);
    if (!command_number(argument, 0, 32, &bits))
        return bad_value(change, argument);
    change->has_mask = true;
    change->add4[ALIAS_MASK] = SOCKADDR_IN_BYTES;
    put_prefix(change->add4 + ALIAS_MASK + 4, 4, (unsigned)bits);
    return DONE;
}

static int
do_alias(struct change *change, const char *argument)
{
    (void)argument;
    change->alias = 1;
    change->clears = false;
    return DONE;
}

static int
do_delete(struct change *change, const char *argument)
{
    (void)argument;
    if (change->has_address && change->alias == 0) {
        memcpy(change->remove4 + IFREQ_VALUE, change->add4 + ALIAS_ADDRESS, SOCKADDR_IN_BYTES);
        memcpy(change->remove6 + IFREQ_VALUE, change->add6 + ALIAS6_ADDRESS, SOCKADDR_IN6_BYTES);
    }
    change->alias = -1;
    change->clears = true;
    change->adds = false;
    return DONE;
}

static int
do_media(struct change *change, const char *argument)
{
    uint8_t data[MEDIA_BYTES] = {0}, request[IFREQ_BYTES] = {0};
    int result = interface_get_media(change->call->process, change->name, data);
    uint32_t word;

    if (result < 0)
        return ifconfig_failed(change->call, "SIOCGIFMEDIA", result);
    if (strcmp(argument, "autoselect") != 0) {
        command_print(change->call, "ifconfig: unknown media subtype: %s\n", argument);
        return FAILED;
    }
    memcpy(&word, data + MEDIA_CURRENT, sizeof(word));
    word &= ~0x1fu;
    memcpy(request + IFREQ_VALUE, &word, sizeof(word));
    result = interface_request(change->call->process, KSIM_AF_INET, REQUEST_SET_MEDIA,
                               change->name, request);
    return result < 0 ? ifconfig_failed(change->call, "SIOCSIFMEDIA", result) : DONE;
}

/* err(1, "BRDGADD %s", member), and the like. */
static int
bridge_done(struct change *change, const char *request, const char *member, int result)
{
    if (result >= 0)
        return DONE;
    command_print(change->call, "ifconfig: %s%s%s: %s\n", request, member[0] != '\0' ? " " : "",
                  member, ksim_error_text(-result));
    return FAILED;
}

static int
do_add_member(struct change *change, const char *argument)
{
    return bridge_done(change, "BRDGADD", argument,
                       ifconfig_bridge_add(change->call->process, change->name, argument));
}

static int
do_delete_member(struct change *change, const char *argument)
{
    return bridge_done(change, "BRDGDEL", argument,
                       ifconfig_bridge_delete(change->call->process, change->name, argument));
}

static int
do_flush(struct change *change, const char *argument)
{
    (void)argument;
    return bridge_done(change, "BRDGFLUSH", "",
                       ifconfig_bridge_flush(change->call->process, change->name));
}

static int
do_destroy(struct change *change, const char *argument)
{
    (void)argument;
    return bridge_done(change, "SIOCIFDESTROY", "",
                       ifconfig_bridge_destroy(change->call->process, change->name));
}

static const struct parameter {
    const char *word;
    bool takes_argument;
    int (*apply)(struct change *change, const char *argument);
} parameters[] = {
    {"up", false, do_up},           {"down", false, do_down},
    {"arp", false, do_arp},         {"-arp", false, do_no_arp},
    {"debug", false, do_debug},     {"-debug", false, do_no_debug},
    {"alias", false, do_alias},     {"-alias", false, do_delete},
    {"add", false, do_alias},       {"delete", false, do_delete},
    {"remove", false, do_delete},   {"mtu", true, do_mtu},
    {"metric", true, do_metric},    {"netmask", true, do_netmask},
    {"broadcast", true, do_broadcast}, {"prefixlen", true, do_prefixlen},
    {"media", true, do_media},      {"destroy", false, do_destroy},
    {"addm", true, do_add_member},  {"deletem", true, do_delete_member},
    {"flush", false, do_flush},
};

static const struct parameter *
parameter_find(const char *word)
{
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        if (strcmp(parameters[i].word, word) == 0)
            return &parameters[i];
    }
    return NULL;
}

/* One parameter, or an address; *at goes behind it. */
static int
apply_word(struct change *change, int *at)
{
    struct command_call *call = change->call;
    const char *word = call->argv[(*at)++];
    const struct parameter *parameter = parameter_find(word);
    const char *argument = NULL;

    if (parameter == NULL)
        return change->has_address ? set_destination(change, word) : set_address(change, word);
    if (parameter->takes_argument) {
        if (*at == call->argc) {
            command_print(call, "ifconfig: '%s' requires argument\n", word);
            return FAILED;
        }
        argument = call->argv[(*at)++];
    }
    return parameter->apply(change, argument);
}

/* --- what was put off -------------------------------------------------------------------------- */

static int
take_away(struct change *change)
{
    bool inet6 = change->family == IFCONFIG_INET6;
    int result = interface_request(change->call->process, inet6 ? KSIM_AF_INET6 : KSIM_AF_INET,
                                   inet6 ? REQUEST_DELETE_ADDRESS6 : REQUEST_DELETE_ADDRESS,
                                   change->name, inet6 ? change->remove6 : change->remove4);

    /* No address before the first one is no error. */
    if (result == -KSIM_EADDRNOTAVAIL && change->alias >= 0)
        return DONE;
    return result < 0 ? ifconfig_failed(change->call, "ioctl (SIOCDIFADDR)", result) : DONE;
}

static int
put_on(struct change *change)
{
    struct process *process = change->call->process;
    int result;

    if (change->family == IFCONFIG_LINK)
        result = interface_request(process, KSIM_AF_INET, REQUEST_SET_LLADDR, change->name,
                                   change->link);
    else if (change->family == IFCONFIG_INET6)
        result = interface_request(process, KSIM_AF_INET6, REQUEST_ADD_ADDRESS6, change->name,
                                   change->add6);
    else
        result = interface_request(process, KSIM_AF_INET, REQUEST_ADD_ADDRESS, change->name,
                                   change->add4);
    return result < 0 ? ifconfig_failed(change->call, "ioctl (SIOCAIFADDR)", result) : DONE;
}

int
ifconfig_apply(struct command_call *call, const char *name, enum ifconfig_family family, int first)
{
    struct change *change = command_keep(call, sizeof(*change));

    change->call = call;
    change->name = name;
    change->family = family == IFCONFIG_ANY ? IFCONFIG_INET : family;
    change->adds = true;
    memset(change->add6 + ALIAS6_VALID_LIFETIME, 0xff, 8); /* valid and preferred for ever */
    for (int at = first; at < call->argc;) {
        if (apply_word(change, &at) != DONE)
            return FAILED;
    }
    if (change->family == IFCONFIG_INET6 && !change->has_prefix)
        (void)set_prefix6(change, "64");
    if (change->clears && take_away(change) != DONE)
        return FAILED;
    if (change->adds && (change->has_address || change->has_mask))
        return put_on(change);
    return DONE;
}
