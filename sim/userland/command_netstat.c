/* SPDX-License-Identifier: BSD-2-Clause */
/* netstat -i, -m and -r (network_cmds' if.c, mbuf.c, route.c of 10.15). */
#include <string.h>

#include <machine.h>
#include <system.h>

#include "command_list.h"
#include "host_address.h"
#include "interface_request.h"
#include "route_list.h"

enum {
    MBUF_BYTES = 256,
    DESTINATION_WIDTH = 18, DESTINATION6_WIDTH = 39, INTERFACE_WIDTH = 7,
    FIRST_MULTICAST = 224
};

struct netstat_options {
    bool interfaces, mbufs, routes, numeric, bytes;
    const char *interface, *family;
};

/* --- networks as netstat writes them ------------------------------------------------------------ */

static unsigned
class_bits(const uint8_t *bytes)
{
    return bytes[0] < 128 ? 8 : bytes[0] < 192 ? 16 : bytes[0] < FIRST_MULTICAST ? 24 : 32;
}

/* "10.1.2/24", "127", "192.168.5": zeros at the end are left out, and the length of the class. */
static void
network4_text(char text[HOST_TEXT_BYTES], const uint8_t *bytes, unsigned bits)
{
    unsigned shown = 4;

    while (shown > class_bits(bytes) / 8 && shown > 1 && bytes[shown - 1] == 0)
        shown--;
    text[0] = '\0';
    for (unsigned i = 0; i < shown; i++) {
        size_t at = strlen(text);

        machine_format(text + at, HOST_TEXT_BYTES - at, "%s%u", i == 0 ? "" : ".", bytes[i]);
    }
    if (bits != class_bits(bytes) && bits != 0) {
        size_t at = strlen(text);

        machine_format(text + at, HOST_TEXT_BYTES - at, "/%u", bits);
    }
}

static unsigned
mask_bits(const uint8_t *mask)
{
    unsigned bits = 0;

    while (bits < 128 && (mask[bits / 8] >> (7 - bits % 8) & 1) != 0)
        bits++;
    return bits;
}

/* --- -i ----------------------------------------------------------------------------------------- */

static void
print_counters(struct command_call *call, const struct ksim_interface_status *status, bool of_link,
               bool bytes)
{
    char in_errors[24] = "-", out_errors[24] = "-", collisions[24] = "-";

    if (of_link) {
        machine_format(in_errors, sizeof(in_errors), "%llu",
                       (unsigned long long)status->errors_in);
        machine_format(out_errors, sizeof(out_errors), "%llu",
                       (unsigned long long)status->errors_out);
        machine_format(collisions, sizeof(collisions), "%llu",
                       (unsigned long long)status->collisions);
    }
    command_print(call, "%8llu %5s", (unsigned long long)status->packets_in, in_errors);
    if (bytes)
        command_print(call, " %10llu", (unsigned long long)status->bytes_in);
    command_print(call, " %8llu %5s", (unsigned long long)status->packets_out, out_errors);
    if (bytes)
        command_print(call, " %10llu", (unsigned long long)status->bytes_out);
    command_print(call, " %5s\n", collisions);
}

static void
print_name(struct command_call *call, const struct ksim_interface_status *status)
{
    char name[32];

    machine_format(name, sizeof(name), "%s%s", status->name,
                   (status->flags & FLAG_UP) == 0 ? "*" : "");
    command_print(call, "%-10.10s %-5u ", name, status->mtu);
}

static void
print_link_row(struct command_call *call, const struct ksim_interface_status *status, bool bytes)
{
    const uint8_t *link = status->link_address;
    char number[24], address[24] = "";

    machine_format(number, sizeof(number), "<Link#%u>", status->index);
    if (status->has_link_address)
        machine_format(address, sizeof(address), "%02x:%02x:%02x:%02x:%02x:%02x ", link[0], link[1],
                       link[2], link[3], link[4], link[5]);
    print_name(call, status);
    command_print(call, "%-11.11s %-18s", number, address);
    print_counters(call, status, true, bytes);
}

static void
print_address_row(struct command_call *call, const struct ksim_interface_status *status,
                  const struct ksim_address_status *address, bool numeric)
{
    char network[HOST_TEXT_BYTES + 8], text[HOST_TEXT_BYTES];
    uint8_t bytes[16];

    print_name(call, status);
    memcpy(bytes, address->address, sizeof(bytes));
    if (address->family == 4) {
        for (int i = 0; i < 4; i++)
            bytes[i] &= address->netmask[i];
        network4_text(network, bytes, mask_bits(address->netmask));
        command_print(call, "%-13.13s %-15.15s ", network,
                      host_text(text, 4, address->address, NULL));
        return;
    }
    host_text(network, 6, bytes, address->scope != 0 ? status->name : NULL);
    if (numeric) {
        size_t at = strlen(network);

        machine_format(network + at, sizeof(network) - at, "/%u", mask_bits(address->netmask));
    }
    if (address->scope != 0) {
        /* As the kernel has it inside. */
        bytes[2] = (uint8_t)(address->scope >> 8);
        bytes[3] = (uint8_t)address->scope;
    }
    command_print(call, "%-11.11s %-17.17s ", network, host_text(text, 6, bytes, NULL));
}

static void
print_interfaces(struct command_call *call, const struct netstat_options *options)
{
    struct ksim_interface_status status;
    struct ksim_address_status address;

    command_print(call, "%-10.10s %-5.5s %-13.13s %-15.15s %8.8s %5.5s", "Name", "Mtu", "Network",
                  "Address", "Ipkts", "Ierrs");
    if (options->bytes)
        command_print(call, " %10.10s", "Ibytes");
    command_print(call, " %8.8s %5.5s", "Opkts", "Oerrs");
    if (options->bytes)
        command_print(call, " %10.10s", "Obytes");
    command_print(call, " %5s\n", "Coll");
    for (unsigned i = 0; ksim_system_interface(i, &status); i++) {
        if (options->interface != NULL && strcmp(options->interface, status.name) != 0)
            continue;
        print_link_row(call, &status, options->bytes);
        for (unsigned j = 0; ksim_system_interface_address(status.name, j, &address); j++) {
            print_address_row(call, &status, &address, options->numeric);
            print_counters(call, &status, false, options->bytes);
        }
    }
}

/* --- -m ----------------------------------------------------------------------------------------- */

static void
print_mbufs(struct command_call *call)
{
    static const char *const types[KSIM_MBUF_TYPES] = {
        [1] = "data", [2] = "packet headers", [3] = "socket structures",
        [4] = "protocol control blocks", [5] = "routing table entries",
        [6] = "IMP host table entries", [7] = "address resolution tables",
        [8] = "socket names and addresses", [10] = "socket options",
        [11] = "fragment reassembly queue headers", [12] = "access rights",
        [13] = "interface addresses", [14] = "ancillary data", [15] = "oob data",
        [16] = "packet tags"};
    static const unsigned sizes[KSIM_MBUF_CLUSTER_SIZES] = {2, 4, 16};
    struct ksim_mbuf_status status;
    uint64_t bytes, used, tenths;

    ksim_system_mbufs(call->kernel, &status);
    bytes = status.mbufs * MBUF_BYTES;
    used = status.mbufs_used * MBUF_BYTES;
    command_print(call, "%llu/%llu mbufs in use:\n", (unsigned long long)status.mbufs_used,
                  (unsigned long long)status.mbufs);
    for (int type = 1; type < KSIM_MBUF_TYPES; type++) {
        if (status.of_type[type] == 0)
            continue;
        if (types[type] != NULL)
            command_print(call, "\t%llu mbufs allocated to %s\n",
                          (unsigned long long)status.of_type[type], types[type]);
        else
            command_print(call, "\t%llu mbufs allocated to <mbuf type %d>\n",
                          (unsigned long long)status.of_type[type], type);
    }
    if (status.mbufs > status.mbufs_used)
        command_print(call, "\t%llu mbufs allocated to caches\n",
                      (unsigned long long)(status.mbufs - status.mbufs_used));
    for (int size = 0; size < KSIM_MBUF_CLUSTER_SIZES; size++) {
        command_print(call, "%llu/%llu mbuf %uKB clusters in use\n",
                      (unsigned long long)status.clusters_used[size],
                      (unsigned long long)status.clusters[size], sizes[size]);
        bytes += status.clusters[size] * sizes[size] * 1024;
        used += status.clusters_used[size] * sizes[size] * 1024;
    }
    tenths = bytes == 0 ? 0 : (used * 2000 + bytes) / (bytes * 2);
    command_print(call, "%llu KB allocated to network (%llu.%llu%% in use)\n",
                  (unsigned long long)(bytes / 1024), (unsigned long long)(tenths / 10),
                  (unsigned long long)(tenths % 10));
    if (status.failures > 0)
        command_print(call, "%llu requests for memory denied\n",
                      (unsigned long long)status.failures);
}

/* --- -r ----------------------------------------------------------------------------------------- */

static void
destination_text(char text[HOST_TEXT_BYTES + 8], const struct route_entry *entry)
{
    bool host = strchr(entry->flags, 'H') != NULL;
    size_t at;

    if (entry->prefix_bits == 0) {
        strcpy(text, "default");
    } else if (entry->family == 4 && !host) {
        network4_text(text, entry->network, entry->prefix_bits);
    } else {
        host_text(text, entry->family, entry->network,
                  entry->scope[0] != '\0' ? entry->scope : NULL);
        at = strlen(text);
        if (!host)
            machine_format(text + at, HOST_TEXT_BYTES + 8 - at, "/%u", entry->prefix_bits);
    }
}

static void
print_route(struct command_call *call, const struct route_entry *entry)
{
    int width = entry->family == 4 ? DESTINATION_WIDTH : DESTINATION6_WIDTH;
    char destination[HOST_TEXT_BYTES + 8], expires[24] = "";

    destination_text(destination, entry);
    if (entry->expires_s > 0)
        machine_format(expires, sizeof(expires), "%lld", (long long)entry->expires_s);
    else if (entry->expires_s == 0)
        strcpy(expires, "!");
    command_print(call, "%-*s %-*s %-10.10s %*.*s %6s\n", width, destination, width,
                  entry->gateway, entry->flags, INTERFACE_WIDTH, INTERFACE_WIDTH,
                  entry->interface, expires);
}

static void
print_routes(struct command_call *call, const struct netstat_options *options)
{
    struct route_list *list = command_keep(call, sizeof(*list));
    uint8_t family = 0;

    route_list_make(list);
    command_print(call, "Routing tables\n");
    for (size_t i = 0; i < list->count; i++) {
        const struct route_entry *entry = &list->entries[i];
        int width = entry->family == 4 ? DESTINATION_WIDTH : DESTINATION6_WIDTH;

        if (options->family != NULL &&
            (entry->family == 6) != (strcmp(options->family, "inet6") == 0))
            continue;
        if (entry->family != family) {
            family = entry->family;
            command_print(call, "\n%s:\n", family == 4 ? "Internet" : "Internet6");
            command_print(call, "%-*.*s %-*.*s %-10.10s %*.*s %6s\n", width, width, "Destination",
                          width, width, "Gateway", "Flags", INTERFACE_WIDTH, INTERFACE_WIDTH,
                          "Netif", "Expire");
        }
        print_route(call, entry);
    }
}

/* --- words -------------------------------------------------------------------------------------- */

static bool
take_letters(const char *letters, struct netstat_options *options)
{
    for (; *letters != '\0'; letters++) {
        switch (*letters) {
        case 'i':
            options->interfaces = true;
            break;
        case 'm':
            options->mbufs = true;
            break;
        case 'r':
            options->routes = true;
            break;
        case 'n':
            options->numeric = true;
            break;
        case 'b':
            options->bytes = true;
            break;
        default:
            return false;
        }
    }
    return true;
}

static int
run_netstat(struct command_call *call)
{
    struct netstat_options options = {0};
    bool good = call->argc > 1;

    for (int i = 1; good && i < call->argc; i++) {
        const char *word = call->argv[i];

        if (strcmp(word, "-I") == 0 && i + 1 < call->argc) {
            options.interface = call->argv[++i];
            options.interfaces = true;
        } else if (strcmp(word, "-f") == 0 && i + 1 < call->argc) {
            options.family = call->argv[++i];
            good = strcmp(options.family, "inet") == 0 || strcmp(options.family, "inet6") == 0;
        } else {
            good = word[0] == '-' && take_letters(word + 1, &options);
        }
    }
    if (!good || options.interfaces + options.mbufs + options.routes != 1) {
        command_print(call, "usage: netstat [-n] [-b] -i | -I interface\n"
                            "       netstat -m\n"
                            "       netstat [-n] -r [-f inet | inet6]\n");
        return COMMAND_FAILED;
    }
    if (options.interfaces)
        print_interfaces(call, &options);
    else if (options.mbufs)
        print_mbufs(call);
    else
        print_routes(call, &options);
    return COMMAND_OK;
}

const struct command command_netstat = {"netstat", "[-n] [-b] -i | -I INTERFACE | -m | -r [-f FAMILY]",
                                        "interfaces and their counters, mbufs, routes",
                                        run_netstat};
