/* SPDX-License-Identifier: BSD-2-Clause */
/* route and arp (network_cmds' route.c and arp.c). */
#include <string.h>

#include <inet_host.h>
#include <system.h>

#include "command_list.h"
#include "host_address.h"
#include "route_list.h"

enum { EXIT_NO_PERMISSION = 77, EXIT_USAGE = 64, EXIT_NO_HOST = 68 };

/* --- route: words ------------------------------------------------------------------------------ */

struct route_words {
    const char *command; /* "add", "delete", "get" */
    const char *destination, *gateway, *interface, *netmask;
    bool inet6, force_net, force_host;
    struct ksim_inet_address network;
    unsigned prefix_bits;
};

static int
usage(struct command_call *call, const char *keyword)
{
    if (keyword != NULL)
        command_print(call, "route: bad keyword: %s\n", keyword);
    command_print(call, "usage: route [-dnqtv] command [[modifiers] args]\n");
    return EXIT_USAGE;
}

/* One word that begins with `-`; NULL or the word that is not known. `*at` goes behind its argument. */
static const char *
take_modifier(struct command_call *call, struct route_words *words, int *at)
{
    const char *word = call->argv[(*at)++];
    const char **argument = NULL;

    if (strcmp(word, "-net") == 0)
        words->force_net = true;
    else if (strcmp(word, "-host") == 0)
        words->force_host = true;
    else if (strcmp(word, "-inet6") == 0)
        words->inet6 = true;
    else if (strcmp(word, "-interface") == 0)
        argument = &words->interface;
    else if (strcmp(word, "-netmask") == 0 || strcmp(word, "-prefixlen") == 0)
        argument = &words->netmask;
    else if (strcmp(word, "-inet") != 0 && strcmp(word, "-n") != 0)
        return word + 1;
    if (argument != NULL && *at == call->argc)
        return word + 1;
    if (argument != NULL)
        *argument = call->argv[(*at)++];
    return NULL;
}

static int
take_words(struct command_call *call, struct route_words *words)
{
    int at = 1;

    while (at < call->argc && strcmp(call->argv[at], "-n") == 0)
        at++;
    if (at == call->argc)
        return usage(call, NULL);
    words->command = call->argv[at++];
    if (strcmp(words->command, "add") != 0 && strcmp(words->command, "delete") != 0 &&
        strcmp(words->command, "get") != 0)
        return usage(call, words->command);
    while (at < call->argc) {
        if (call->argv[at][0] == '-') {
            const char *unknown = take_modifier(call, words, &at);

            if (unknown != NULL)
                return usage(call, unknown);
        } else if (words->destination == NULL) {
            words->destination = call->argv[at++];
        } else if (words->gateway == NULL) {
            words->gateway = call->argv[at++];
        } else {
            words->netmask = call->argv[at++];
        }
    }
    return words->destination != NULL ? 0 : usage(call, NULL);
}

/* A mask without its bits in a row is none. */
static bool
mask_length(const char *word, unsigned *bits)
{
    struct ksim_inet_address mask;
    int64_t number;

    if (command_number(word, 0, 128, &number)) {
        *bits = (unsigned)number;
        return true;
    }
    if (!host_parse4(word, &mask))
        return false;
    *bits = 0;
    while (*bits < 32 && (mask.bytes[*bits / 8] >> (7 - *bits % 8) & 1) != 0)
        (*bits)++;
    for (unsigned bit = *bits; bit < 32; bit++) {
        if ((mask.bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
            return false;
    }
    return true;
}

/* Without a length, zeros at the end say how long a network is. */
static unsigned
natural_length(const uint8_t *bytes)
{
    unsigned bits = 32;

    while (bits > 8 && bytes[bits / 8 - 1] == 0)
        bits -= 8;
    return bits;
}

static bool
parse_destination(struct route_words *words)
{
    char text[HOST_TEXT_BYTES];
    const char *slash = strchr(words->destination, '/');
    size_t length = slash != NULL ? (size_t)(slash - words->destination)
                                  : strlen(words->destination);
    unsigned all = words->inet6 ? 128 : 32;
    bool good;

    if (length >= sizeof(text))
        return false;
    memcpy(text, words->destination, length);
    text[length] = '\0';
    if (strcmp(text, "default") == 0) {
        words->network.family = words->inet6 ? 6 : 4;
        words->prefix_bits = 0;
        return true;
    }
    good = words->inet6 ? host_parse6(text, &words->network) : host_parse4(text, &words->network);
    if (slash != NULL || words->netmask != NULL)
        return good && mask_length(slash != NULL ? slash + 1 : words->netmask,
                                   &words->prefix_bits) &&
               words->prefix_bits <= all;
    words->prefix_bits = all;
    if (!words->inet6 && !words->force_host &&
        (words->force_net || words->network.bytes[3] == 0))
        words->prefix_bits = natural_length(words->network.bytes);
    return good;
}

/* --- route: get -------------------------------------------------------------------------------- */

static void
print_flags(struct command_call *call, const char *letters)
{
    static const struct {
        char letter;
        const char *word;
    } words[] = {{'U', "UP"},      {'G', "GATEWAY"},   {'H', "HOST"},        {'R', "REJECT"},
                 {'U', "DONE"},    {'C', "CLONING"},   {'L', "LLINFO"},      {'S', "STATIC"},
                 {'c', "PRCLONING"}, {'W', "WASCLONED"}, {'I', "IFSCOPE"}};
    const char *comma = "";

    command_print(call, "      flags: <");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strchr(letters, words[i].letter) != NULL) {
            command_print(call, "%s%s", comma, words[i].word);
            comma = ",";
        }
    }
    command_print(call, ">\n");
}

static int
route_get(struct command_call *call, const struct route_words *words)
{
    struct route_list *list = command_keep(call, sizeof(*list));
    const struct route_entry *entry;
    struct ksim_route_way way;
    uint8_t mask[16] = {0};
    char text[HOST_TEXT_BYTES];

    route_list_make(list);
    entry = route_list_match(list, words->network.family, words->network.bytes);
    if (entry == NULL || ksim_system_route_way(words->network.family, words->network.bytes, 0,
                                               &way) < 0) {
        command_print(call, "route: writing to routing socket: not in table\n");
        return COMMAND_OK;
    }
    command_print(call, "   route to: %s\n", words->destination);
    command_print(call, "destination: %s\n",
                  entry->prefix_bits == 0
                      ? "default"
                      : host_text(text, entry->family, entry->network, NULL));
    if (strchr(entry->flags, 'H') == NULL) {
        for (unsigned bit = 0; bit < entry->prefix_bits; bit++)
            mask[bit / 8] |= (uint8_t)(0x80u >> (bit % 8));
        command_print(call, "       mask: %s\n",
                      entry->prefix_bits == 0 ? "default"
                                              : host_text(text, entry->family, mask, NULL));
    }
    if (strchr(entry->flags, 'G') != NULL)
        command_print(call, "    gateway: %s\n", entry->gateway);
    command_print(call, "  interface: %s\n", way.interface);
    print_flags(call, entry->flags);
    command_print(call, " recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     "
                        "expire\n");
    command_print(call, "%8u  %8u  %8u  %8u  %8u  %8u  %8u  %8lld \n", 0, 0, 0, 0, 0, 0, way.mtu,
                  entry->expires_s < 0 ? 0LL : (long long)entry->expires_s);
    return COMMAND_OK;
}

/* --- route: add and delete --------------------------------------------------------------------- */

static const char *
route_error_text(int error)
{
    switch (error) {
    case KSIM_ESRCH:
        return "not in table";
    case KSIM_EBUSY:
        return "entry in use";
    case KSIM_ENOBUFS:
        return "routing table overflow";
    default:
        return ksim_error_text(error);
    }
}

static int
route_add(struct command_call *call, const struct route_words *words)
{
    struct ksim_inet_address gateway;
    struct ksim_route_way way;
    bool good;

    if (words->interface != NULL)
        return ksim_route_add(call->kernel, &words->network, words->prefix_bits, NULL,
                              words->interface);
    if (words->gateway == NULL)
        return KSIM_EINVAL;
    good = words->inet6 ? host_parse6(words->gateway, &gateway)
                        : host_parse4(words->gateway, &gateway);
    if (!good)
        return KSIM_EINVAL;
    if (ksim_system_route_way(gateway.family, gateway.bytes, gateway.interface_index, &way) < 0)
        return KSIM_ENETUNREACH;
    return ksim_route_add(call->kernel, &words->network, words->prefix_bits, &gateway,
                          way.interface);
}

static int
route_change(struct command_call *call, const struct route_words *words)
{
    bool adds = words->command[0] == 'a';
    bool host = words->prefix_bits == (words->inet6 ? 128u : 32u);
    const char *gateway = words->interface != NULL ? words->interface : words->gateway;
    int error;

    if (ksim_process_uid(call->process) != 0) {
        command_print(call, "route: must be root to alter routing table\n");
        return EXIT_NO_PERMISSION;
    }
    error = adds ? route_add(call, words)
                 : ksim_route_delete(call->kernel, &words->network, words->prefix_bits);
    if (error != 0)
        command_print(call, "route: writing to routing socket: %s\n", route_error_text(error));
    command_print(call, "%s %s %s", words->command, host ? "host" : "net", words->destination);
    if (gateway != NULL)
        command_print(call, ": gateway %s", gateway);
    if (error != 0)
        command_print(call, ": %s", route_error_text(error));
    command_print(call, "\n");
    return COMMAND_OK; /* as route has it */
}

static int
run_route(struct command_call *call)
{
    struct route_words words = {0};
    int status = take_words(call, &words);

    if (status != 0)
        return status;
    if (!parse_destination(&words)) {
        command_print(call, "route: bad address: %s\n", words.destination);
        return EXIT_NO_HOST;
    }
    return words.command[0] == 'g' ? route_get(call, &words) : route_change(call, &words);
}

const struct command command_route = {
    "route",
    "[-n] add | delete | get [-inet6] [-net | -host] DESTINATION[/BITS] [GATEWAY | -interface "
    "INTERFACE] [-netmask MASK]",
    "static routes", run_route};

/* --- arp --------------------------------------------------------------------------------------- */

static int
arp_usage(struct command_call *call)
{
    command_print(call, "usage: arp [-n] [-i interface] hostname\n"
                        "       arp [-n] [-i interface] [-l] -a\n"
                        "       arp -d hostname [pub] [ifscope interface]\n"
                        "       arp -d [-i interface] -a\n");
    return COMMAND_FAILED;
}

static void
arp_print(struct command_call *call, const struct ksim_neighbour_status *status)
{
    const uint8_t *link = status->link_address;
    char text[HOST_TEXT_BYTES];

    command_print(call, "? (%s) at ", host_text(text, 4, status->address, NULL));
    if (status->state == KSIM_NEIGHBOUR_KNOWN)
        command_print(call, "%x:%x:%x:%x:%x:%x", link[0], link[1], link[2], link[3], link[4],
                      link[5]);
    else
        command_print(call, "(incomplete)");
    command_print(call, " on %s ifscope [ethernet]\n", status->interface);
}

struct arp_words {
    bool all, deletes;
    const char *interface, *host;
};

static bool
arp_take_words(struct command_call *call, struct arp_words *words)
{
    for (int i = 1; i < call->argc; i++) {
        const char *word = call->argv[i];

        if (strcmp(word, "-i") == 0 && i + 1 < call->argc) {
            words->interface = call->argv[++i];
        } else if (word[0] == '-') {
            for (const char *letter = word + 1; *letter != '\0'; letter++) {
                words->all = words->all || *letter == 'a';
                words->deletes = words->deletes || *letter == 'd';
                if (strchr("adn", *letter) == NULL)
                    return false;
            }
        } else if (words->host == NULL) {
            words->host = word;
        } else {
            return false;
        }
    }
    return words->all ? words->host == NULL : words->host != NULL;
}

/* A row at or after *position that the words want; false: there is none. */
static bool
arp_next(const struct arp_words *words, const struct ksim_inet_address *host, unsigned *position,
         struct ksim_neighbour_status *status)
{
    while (ksim_system_neighbour((*position)++, status)) {
        if (status->family == 4 &&
            (words->interface == NULL || strcmp(words->interface, status->interface) == 0) &&
            (words->host == NULL || memcmp(host->bytes, status->address, 4) == 0))
            return true;
    }
    return false;
}

static int
arp_delete(struct command_call *call, const struct arp_words *words,
           const struct ksim_inet_address *host)
{
    struct ksim_neighbour_status status;
    char text[HOST_TEXT_BYTES];
    unsigned position = 0;
    int result;

    if (words->host != NULL && !arp_next(words, host, &position, &status)) {
        command_print(call, "delete: cannot locate %s\n", words->host);
        return COMMAND_FAILED;
    }
    position = 0;
    while (arp_next(words, host, &position, &status)) {
        result = ksim_system_neighbour_delete(call->process, 4, status.address);
        if (result < 0) {
            command_print(call, "arp: writing to routing socket: %s\n", ksim_error_text(-result));
            return COMMAND_FAILED;
        }
        host_text(text, 4, status.address, NULL);
        command_print(call, "%s (%s) deleted\n", words->host != NULL ? words->host : text, text);
        position = 0;
    }
    return COMMAND_OK;
}

static int
run_arp(struct command_call *call)
{
    struct ksim_neighbour_status status;
    struct ksim_inet_address host = {0};
    struct arp_words words = {0};
    unsigned position = 0, shown = 0;

    if (!arp_take_words(call, &words))
        return arp_usage(call);
    if (words.host != NULL && !host_parse4(words.host, &host)) {
        command_print(call, "arp: %s: Unknown host\n", words.host);
        return COMMAND_FAILED;
    }
    if (words.deletes)
        return arp_delete(call, &words, &host);
    for (; arp_next(&words, &host, &position, &status); shown++)
        arp_print(call, &status);
    if (shown == 0 && words.host != NULL) {
        command_print(call, "%s (%s) -- no entry", words.host, words.host);
        if (words.interface != NULL)
            command_print(call, " on %s", words.interface);
        command_print(call, "\n");
        return COMMAND_FAILED;
    }
    return COMMAND_OK;
}

const struct command command_arp = {"arp", "[-n] [-i INTERFACE] -a | HOST | -d HOST | -d -a",
                                    "who has which Ethernet address", run_arp};
