/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines that ifconfig prints of an interface. */
#include <string.h>

#include <system.h>

#include "ifconfig.h"
#include "ifconfig_bridge.h"
#include "ifconfig_command.h"
#include "interface_request.h"
#include "packet_text.h"

enum {
    MEDIA_ETHER = 0x20, MEDIA_TYPE_MASK = 0xe0, MEDIA_SUBTYPE_MASK = 0x1f,
    MEDIA_VALID = 1, MEDIA_IS_ACTIVE = 2,
    ND6_SINCE = 13, ND6_DAD_SINCE = 16, /* darwin */
    IN6_ANYCAST = 0x1, IN6_TENTATIVE = 0x2, IN6_DUPLICATED = 0x4, IN6_DETACHED = 0x8,
    IN6_DEPRECATED = 0x10, IN6_AUTOCONF = 0x40, IN6_TEMPORARY = 0x80, IN6_DYNAMIC = 0x100,
    IN6_SECURED = 0x400
};

/* "flags=8843<UP,BROADCAST>": the names are by bit. */
static void
print_bits(struct command_call *call, const char *what, unsigned value, const char *const *names,
           size_t count)
{
    const char *comma = "";

    command_print(call, "%s=%x<", what, value);
    for (size_t bit = 0; bit < count; bit++) {
        if ((value >> bit & 1) != 0) {
            command_print(call, "%s%s", comma, names[bit]);
            comma = ",";
        }
    }
    command_print(call, ">");
}

static void
print_flags(struct command_call *call, unsigned flags)
{
    static const char *const names[] = {
        "UP",      "BROADCAST", "DEBUG",    "LOOPBACK", "POINTOPOINT", "SMART",  "RUNNING", "NOARP",
        "PROMISC", "ALLMULTI",  "OACTIVE",  "SIMPLEX",  "LINK0",       "LINK1",  "LINK2",   "MULTICAST"};

    print_bits(call, "flags", flags, names, sizeof(names) / sizeof(names[0]));
}

/* A number that a request answers; false: it is refused. */
static bool
ask_number(struct command_call *call, unsigned long command, const char *name, size_t offset,
           int32_t *value)
{
    uint8_t data[IFREQ_BYTES] = {0};

    if (interface_request(call->process, KSIM_AF_INET, command, name, data) < 0)
        return false;
    memcpy(value, data + offset, sizeof(*value));
    return true;
}

static void
print_first_line(struct command_call *call, const char *name, unsigned flags)
{
    int32_t value;

    command_print(call, "%s: ", name);
    print_flags(call, flags);
    if (ask_number(call, REQUEST_GET_METRIC, name, IFREQ_VALUE, &value) && value != 0)
        command_print(call, " metric %d", value);
    if (ask_number(call, REQUEST_GET_MTU, name, IFREQ_VALUE, &value))
        command_print(call, " mtu %d", value);
    command_print(call, "\n");
}

static void
print_capabilities(struct command_call *call, const char *name)
{
    static const char *const names[] = {"RXCSUM", "TXCSUM", "VLAN_MTU", "VLAN_HWTAGGING",
                                        "JUMBO_MTU", "TSO4", "TSO6", "LRO", "AV", "TXSTATUS",
                                        "CHANNEL_IO", "HW_TIMESTAMP", "SW_TIMESTAMP",
                                        "PARTIAL_CSUM", "ZEROINVERT_CSUM", "LRO_NUM_SEG"};
    int32_t enabled;

    /* ifr_curcap stands behind ifr_reqcap. */
    if (!ask_number(call, REQUEST_GET_CAPABILITIES, name, IFREQ_VALUE + 4, &enabled) ||
        enabled == 0)
        return;
    print_bits(call, "\toptions", (unsigned)enabled, names, sizeof(names) / sizeof(names[0]));
    command_print(call, "\n");
}

/* --- addresses --------------------------------------------------------------------------------- */

static uint32_t
mask_number(const uint8_t mask[4])
{
    return (uint32_t)mask[0] << 24 | (uint32_t)mask[1] << 16 | (uint32_t)mask[2] << 8 | mask[3];
}

static void
add_inet(struct text *line, const struct ksim_address_status *address, unsigned flags)
{
    static const uint8_t nobody[4];

    text_add(line, "\tinet ");
    packet_text_add_ip4(line, address->address);
    if ((flags & FLAG_POINTOPOINT) != 0) {
        text_add(line, " --> ");
        packet_text_add_ip4(line, address->destination);
    }
    text_add(line, " netmask 0x%x", mask_number(address->netmask));
    if ((flags & FLAG_BROADCAST) != 0 && memcmp(address->destination, nobody, 4) != 0) {
        text_add(line, " broadcast ");
        packet_text_add_ip4(line, address->destination);
    }
}

static unsigned
prefix_length(const uint8_t *mask)
{
    unsigned bits = 0;

    while (bits < 128 && (mask[bits / 8] >> (7 - bits % 8) & 1) != 0)
        bits++;
    return bits;
}

static void
add_inet6_flags(struct text *line, const struct ksim_address_status *address)
{
    static const struct {
        unsigned bit;
        const char *word;
    } words[] = {{IN6_ANYCAST, "anycast"},       {IN6_TENTATIVE, "tentative"},
                 {IN6_DUPLICATED, "duplicated"}, {IN6_DETACHED, "detached"},
                 {IN6_DEPRECATED, "deprecated"}, {IN6_AUTOCONF, "autoconf"},
                 {IN6_TEMPORARY, "temporary"},   {IN6_DYNAMIC, "dynamic"},
                 {IN6_SECURED, "secured"}};
    unsigned flags = address->flags | (address->duplicated ? (unsigned)IN6_DUPLICATED : 0);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((flags & words[i].bit) != 0)
            text_add(line, "%s ", words[i].word);
    }
}

/* Ends with a blank, as ifconfig's line does. */
static void
add_inet6(struct text *line, const struct ksim_address_status *address, const char *name,
          unsigned flags)
{
    text_add(line, "\tinet6 ");
    packet_text_add_ip6(line, address->address);
    if (address->scope != 0)
        text_add(line, "%%%s", name);
    if ((flags & FLAG_POINTOPOINT) != 0 && address->has_destination) {
        text_add(line, " --> ");
        packet_text_add_ip6(line, address->destination);
    }
    text_add(line, " prefixlen %u ", prefix_length(address->netmask));
    add_inet6_flags(line, address);
    if (address->scope != 0)
        text_add(line, "scopeid 0x%x ", address->scope);
}

/* True when one of them was of IPv6. */
static bool
print_addresses(struct command_call *call, const struct ksim_interface_status *status,
                enum ifconfig_family family)
{
    struct ksim_address_status address;
    bool has_inet6 = false;

    for (unsigned i = 0; ksim_system_interface_address(status->name, i, &address); i++) {
        struct text line = {0};

        has_inet6 = has_inet6 || address.family == 6;
        if (address.family == 4 && (family == IFCONFIG_ANY || family == IFCONFIG_INET))
            add_inet(&line, &address, status->flags);
        else if (address.family == 6 && (family == IFCONFIG_ANY || family == IFCONFIG_INET6))
            add_inet6(&line, &address, status->name, status->flags);
        if (line.length > 0)
            command_print(call, "%s\n", text_bytes(&line));
        text_free(&line);
    }
    return has_inet6;
}

static void
print_link_address(struct command_call *call, const struct ksim_interface_status *status)
{
    struct text line = {0};

    if (!status->has_link_address)
        return;
    packet_text_add_link_address(&line, status->link_address);
    command_print(call, "\tether %s\n", text_bytes(&line));
    text_free(&line);
}

/* --- the rest ---------------------------------------------------------------------------------- */

static void
print_nd6(struct command_call *call)
{
    int darwin = ksim_darwin_major(call->kernel);

    if (darwin >= ND6_DAD_SINCE)
        command_print(call, "\tnd6 options=201<PERFORMNUD,DAD>\n");
    else if (darwin >= ND6_SINCE)
        command_print(call, "\tnd6 options=1<PERFORMNUD>\n");
}

static void
print_medium(struct command_call *call, uint32_t word)
{
    static const char *const names[] = {
        "autoselect", "manual",    "none",      "10baseT/UTP", "10base2/BNC", "10base5/AUI",
        "100baseTX",  "100baseFX", "100baseT4", "100baseVG",   "100baseT2",   "1000baseSX",
        "10baseSTP",  "10baseFL",  "1000baseLX", "1000baseCX", "1000baseT"};
    static const struct {
        uint32_t bit;
        const char *name;
    } options[] = {{0x100000, "full-duplex"}, {0x200000, "half-duplex"},
                   {0x400000, "flow-control"}, {0x800000, "energy-efficient-ethernet"}};
    uint32_t subtype = word & MEDIA_SUBTYPE_MASK;
    const char *before = " <";

    if ((word & MEDIA_TYPE_MASK) != MEDIA_ETHER) {
        command_print(call, "<unknown type>");
        return;
    }
    command_print(call, "%s", subtype < sizeof(names) / sizeof(names[0]) ? names[subtype]
                                                                        : "<unknown subtype>");
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if ((word & options[i].bit) != 0) {
            command_print(call, "%s%s", before, options[i].name);
            before = ",";
        }
    }
    if (before[0] == ',')
        command_print(call, ">");
}

static uint32_t
media_word(const uint8_t *data, size_t offset)
{
    uint32_t word;

    memcpy(&word, data + offset, sizeof(word));
    return word;
}

static void
print_media_list(struct command_call *call, const char *name, uint8_t *data)
{
    uint32_t count = media_word(data, MEDIA_COUNT);
    uint32_t *words = command_keep(call, count * sizeof(*words));
    uint64_t address = (uint64_t)(uintptr_t)words;

    memcpy(data + MEDIA_LIST, &address, sizeof(address));
    ksim_user_map(call->process, words, count * sizeof(*words));
    if (interface_get_media(call->process, name, data) == 0) {
        command_print(call, "\tsupported media:\n");
        for (uint32_t i = 0; i < count; i++) {
            command_print(call, "\t\tmedia ");
            print_medium(call, words[i]);
            command_print(call, "\n");
        }
    }
    ksim_user_unmap(call->process, words);
}

static void
print_media(struct command_call *call, const char *name, bool list)
{
    uint8_t data[MEDIA_BYTES] = {0};
    uint32_t status;

    if (interface_get_media(call->process, name, data) < 0)
        return;
    if (media_word(data, MEDIA_COUNT) == 0) {
        command_print(call, "ifconfig: %s: no media types?\n", name);
        return;
    }
    command_print(call, "\tmedia: ");
    print_medium(call, media_word(data, MEDIA_CURRENT));
    if (media_word(data, MEDIA_ACTIVE) != media_word(data, MEDIA_CURRENT)) {
        command_print(call, " (");
        print_medium(call, media_word(data, MEDIA_ACTIVE));
        command_print(call, ")");
    }
    status = media_word(data, MEDIA_STATUS);
    command_print(call, "\n");
    if ((status & MEDIA_VALID) != 0)
        command_print(call, "\tstatus: %s\n",
                      (status & MEDIA_IS_ACTIVE) != 0 ? "active" : "inactive");
    if (list)
        print_media_list(call, name, data);
}

/* Nothing for what is no bridge. */
static void
print_bridge(struct command_call *call, const char *name)
{
    char *lines = command_keep(call, IFCONFIG_BRIDGE_LINES_BYTES);

    (void)ifconfig_bridge_lines(call->process, name, lines, IFCONFIG_BRIDGE_LINES_BYTES);
    command_print(call, "%s", lines);
}

static bool
find_interface(const char *name, struct ksim_interface_status *status)
{
    for (unsigned i = 0; ksim_system_interface(i, status); i++) {
        if (strcmp(status->name, name) == 0)
            return true;
    }
    return false;
}

void
ifconfig_print(struct command_call *call, const char *name, enum ifconfig_family family, bool media)
{
    struct ksim_interface_status status;
    char text[IFCONFIG_STATUS_BYTES];
    bool has_inet6;

    if (!find_interface(name, &status))
        return; /* it went away since it was listed */
    print_first_line(call, name, status.flags);
    print_capabilities(call, name);
    if (family == IFCONFIG_ANY || family == IFCONFIG_LINK)
        print_link_address(call, &status);
    has_inet6 = print_addresses(call, &status, family);
    if (family == IFCONFIG_ANY)
        print_bridge(call, name);
    if (has_inet6 && (family == IFCONFIG_ANY || family == IFCONFIG_INET6))
        print_nd6(call);
    if (family == IFCONFIG_ANY)
        print_media(call, name, media);
    if (ifconfig_status(call->process, name, text) == 0)
        command_print(call, "%s", text);
}
