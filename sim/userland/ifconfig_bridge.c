/* SPDX-License-Identifier: BSD-2-Clause */
#include "ifconfig_bridge.h"

#include <string.h>

#include <machine.h>
#include <system.h>

/* Darwin's numbers and layouts (bsd/sys/sockio.h, bsd/net/if_bridgevar.h, 64-bit). */
#define REQUEST_CREATE UINT32_C(0xc0206978)
#define REQUEST_DESTROY UINT32_C(0x80206979)
#define REQUEST_SET UINT32_C(0x8028697b)
#define REQUEST_GET UINT32_C(0xc028697b)

enum {
    BRDGADD = 0,
    BRDGDEL = 1,
    BRDGGCACHE = 5,
    BRDGGIFS = 6,
    BRDGRTS = 7,
    BRDGGTO = 10,
    BRDGFLUSH = 12,
    BRDGGFILT = 23,
    NAME_BYTES = IFCONFIG_BRIDGE_NAME_BYTES,
    IFREQ_BYTES = 32,
    IFDRV_BYTES = 40, /* name, command, length, address */
    IFDRV_COMMAND = 16,
    IFDRV_LENGTH = 24,
    IFDRV_DATA = 32,
    IFBREQ_BYTES = 80, /* struct ifbreq */
    IFBREQ_FLAGS = 16,
    IFBREQ_COST = 24,
    IFBREQ_PORT = 28,
    IFBREQ_PRIORITY = 29,
    IFBREQ_COUNT = 36,
    IFBREQ_LIMIT = 40,
    IFBCONF_BYTES = 12, /* length and address: struct ifbifconf, struct ifbaconf */
    IFBAREQ_BYTES = 36, /* struct ifbareq */
    IFBAREQ_EXPIRE = 16,
    IFBAREQ_FLAGS = 24,
    IFBAREQ_LINK = 25,
    IFBAREQ_VLAN = 32,
    LIST_MAX = 128
};

/* --- requests ------------------------------------------------------------------------------------ */

static int
request(struct process *process, unsigned long command, void *data)
{
    int socket = ksim_system_socket(process, KSIM_AF_INET, KSIM_SOCK_DGRAM, 0);
    int result;

    if (socket < 0)
        return socket;
    result = ksim_system_ioctl(process, socket, command, data);
    ksim_system_close(process, socket);
    return result;
}

/* One request of the bridge driver about `bytes` of data, in and out. */
static int
driver_request(struct process *process, bool set, const char *name, uint64_t command, void *data,
               uint64_t bytes)
{
    uint8_t driver[IFDRV_BYTES] = {0};
    uint64_t address = (uint64_t)(uintptr_t)data;
    int result;

    strncpy((char *)driver, name, NAME_BYTES - 1);
    memcpy(driver + IFDRV_COMMAND, &command, sizeof(command));
    memcpy(driver + IFDRV_LENGTH, &bytes, sizeof(bytes));
    memcpy(driver + IFDRV_DATA, &address, sizeof(address));
    ksim_user_map(process, data, bytes);
    result = request(process, set ? REQUEST_SET : REQUEST_GET, driver);
    ksim_user_unmap(process, data);
    return result;
}

static int
member_request(struct process *process, const char *name, uint64_t command, const char *member)
{
    uint8_t data[IFBREQ_BYTES] = {0};

    strncpy((char *)data, member, NAME_BYTES - 1);
    return driver_request(process, true, name, command, data, sizeof(data));
}

/* A list into `records`; how many whole records came. */
static int
list_request(struct process *process, const char *name, uint64_t command, void *records,
             uint32_t record_bytes)
{
    uint8_t data[IFBCONF_BYTES] = {0};
    uint32_t bytes = record_bytes * LIST_MAX;
    uint64_t address = (uint64_t)(uintptr_t)records;
    int result;

    memcpy(data, &bytes, sizeof(bytes));
    memcpy(data + 4, &address, sizeof(address));
    ksim_user_map(process, records, bytes);
    result = driver_request(process, false, name, command, data, sizeof(data));
    ksim_user_unmap(process, records);
    memcpy(&bytes, data, sizeof(bytes));
    return result < 0 ? result : (int)(bytes / record_bytes);
}

int
ifconfig_bridge_create(struct process *process, char *name)
{
    uint8_t data[IFREQ_BYTES] = {0};
    int result;

    strncpy((char *)data, name, NAME_BYTES - 1);
    result = request(process, REQUEST_CREATE, data);
    if (result >= 0)
        memcpy(name, data, NAME_BYTES);
    return result;
}

int
ifconfig_bridge_destroy(struct process *process, const char *name)
{
    uint8_t data[IFREQ_BYTES] = {0};

    strncpy((char *)data, name, NAME_BYTES - 1);
    return request(process, REQUEST_DESTROY, data);
}

int
ifconfig_bridge_add(struct process *process, const char *name, const char *member)
{
    return member_request(process, name, BRDGADD, member);
}

int
ifconfig_bridge_delete(struct process *process, const char *name, const char *member)
{
    return member_request(process, name, BRDGDEL, member);
}

int
ifconfig_bridge_flush(struct process *process, const char *name)
{
    return member_request(process, name, BRDGFLUSH, "");
}

/* --- lists --------------------------------------------------------------------------------------- */

static uint32_t
load32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

int
ifconfig_bridge_members(struct process *process, const char *name,
                        struct ifconfig_bridge_member *members, unsigned room)
{
    uint8_t records[LIST_MAX][IFBREQ_BYTES];
    int count = list_request(process, name, BRDGGIFS, records, IFBREQ_BYTES);

    for (int i = 0; i < count && (unsigned)i < room; i++) {
        memset(&members[i], 0, sizeof(members[i]));
        memcpy(members[i].name, records[i], NAME_BYTES - 1);
        members[i].flags = load32(records[i] + IFBREQ_FLAGS);
        members[i].path_cost = load32(records[i] + IFBREQ_COST);
        members[i].port = records[i][IFBREQ_PORT];
        members[i].priority = records[i][IFBREQ_PRIORITY];
        members[i].address_count = load32(records[i] + IFBREQ_COUNT);
        members[i].address_limit = load32(records[i] + IFBREQ_LIMIT);
    }
    return count;
}

int
ifconfig_bridge_addresses(struct process *process, const char *name,
                          struct ifconfig_bridge_address *addresses, unsigned room)
{
    uint8_t records[LIST_MAX][IFBAREQ_BYTES];
    int count = list_request(process, name, BRDGRTS, records, IFBAREQ_BYTES);

    for (int i = 0; i < count && (unsigned)i < room; i++) {
        uint16_t vlan;

        memset(&addresses[i], 0, sizeof(addresses[i]));
        memcpy(addresses[i].member, records[i], NAME_BYTES - 1);
        memcpy(addresses[i].link, records[i] + IFBAREQ_LINK, sizeof(addresses[i].link));
        memcpy(&vlan, records[i] + IFBAREQ_VLAN, sizeof(vlan));
        addresses[i].expires_seconds = load32(records[i] + IFBAREQ_EXPIRE);
        addresses[i].flags = records[i][IFBAREQ_FLAGS];
        addresses[i].vlan = vlan;
    }
    return count;
}

/* --- lines --------------------------------------------------------------------------------------- */

struct line_writer {
    char *lines;
    size_t room, used;
};

static void write_line(struct line_writer *writer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
write_line(struct line_writer *writer, const char *format, ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = machine_format_list(writer->lines + writer->used, writer->room - writer->used, format,
                                 arguments);
    va_end(arguments);
    writer->used += (size_t)length;
    if (writer->used >= writer->room)
        writer->used = writer->room - 1;
}

/* Bits with their names, as printb() of ifconfig does: "flags=3<LEARNING,DISCOVER>". */
static void
write_bits(struct line_writer *writer, const char *label, uint32_t bits,
           const char *const names[], unsigned count)
{
    const char *separator = "";

    write_line(writer, "%s=%x<", label, (unsigned)bits);
    for (unsigned bit = 0; bit < count; bit++) {
        if ((bits >> bit & 1) != 0 && names[bit] != NULL) {
            write_line(writer, "%s%s", separator, names[bit]);
            separator = ",";
        }
    }
    write_line(writer, ">");
}

static uint32_t
number_request(struct process *process, const char *name, uint64_t command)
{
    uint32_t number = 0;

    return driver_request(process, false, name, command, &number, sizeof(number)) < 0 ? 0 : number;
}

/* Nothing takes part in spanning tree, so its numbers are those of a bridge at rest. */
static void
write_configuration(struct line_writer *writer, struct process *process, const char *name)
{
    uint32_t filter = number_request(process, name, BRDGGFILT);

    write_line(writer, "\tConfiguration:\n");
    write_line(writer, "\t\tid 0:0:0:0:0:0 priority 0 hellotime 0 fwddelay 0\n");
    write_line(writer, "\t\tmaxage 0 holdcnt 0 proto stp maxaddr %u timeout %u\n",
               (unsigned)number_request(process, name, BRDGGCACHE),
               (unsigned)number_request(process, name, BRDGGTO));
    write_line(writer, "\t\troot id 0:0:0:0:0:0 priority 0 ifcost 0 port 0\n");
    write_line(writer, "\t\tipfilter %s flags 0x%x\n", (filter & 1) != 0 ? "enabled" : "disabled",
               (unsigned)filter);
}

int
ifconfig_bridge_lines(struct process *process, const char *name, char *lines, size_t room)
{
    static const char *const flags[] = {"LEARNING", "DISCOVER", "STP", "SPAN", "STICKY"};
    struct ifconfig_bridge_member members[LIST_MAX];
    struct line_writer writer = {lines, room, 0};
    int count = ifconfig_bridge_members(process, name, members, LIST_MAX);

    lines[0] = '\0';
    if (count < 0)
        return 0;
    write_configuration(&writer, process, name);
    for (int i = 0; i < count; i++) {
        write_line(&writer, "\tmember: %s ", members[i].name);
        write_bits(&writer, "flags", members[i].flags, flags, sizeof(flags) / sizeof(flags[0]));
        write_line(&writer, "\n\t        ifmaxaddr %u port %u priority %u path cost %u\n",
                   members[i].address_limit, members[i].port, members[i].priority,
                   members[i].path_cost);
    }
    return count;
}

int
ifconfig_bridge_address_lines(struct process *process, const char *name, char *lines, size_t room)
{
    static const char *const flags[] = {"STATIC", "STICKY"};
    struct ifconfig_bridge_address addresses[LIST_MAX];
    struct line_writer writer = {lines, room, 0};
    int count = ifconfig_bridge_addresses(process, name, addresses, LIST_MAX);

    lines[0] = '\0';
    for (int i = 0; i < count; i++) {
        const uint8_t *link = addresses[i].link;

        write_line(&writer, "\t%x:%x:%x:%x:%x:%x Vlan%u %s %u ", link[0], link[1], link[2], link[3],
                   link[4], link[5], addresses[i].vlan, addresses[i].member,
                   addresses[i].expires_seconds);
        write_bits(&writer, "flags", addresses[i].flags, flags, 2);
        write_line(&writer, "\n");
    }
    return count;
}
