/* SPDX-License-Identifier: BSD-2-Clause */
#include "bpf_client.h"

#include <stdio.h>
#include <string.h>

#include <system.h>

/* bpf(4) of Darwin: numbers and layouts, because the host's own headers mean other things. */
#define BPF_SET_BUFFER UINT32_C(0xc0044266)
#define BPF_SET_FILTER UINT32_C(0x80104267)
#define BPF_PROMISCUOUS UINT32_C(0x20004269)
#define BPF_GET_LINK UINT32_C(0x4004426a)
#define BPF_SET_INTERFACE UINT32_C(0x8020426c)
#define BPF_GET_STATISTICS UINT32_C(0x4008426f)
#define BPF_IMMEDIATE UINT32_C(0x80044270)
#define BPF_SEE_SENT UINT32_C(0x80044277)

enum {
    IFREQ_BYTES = 32, IFREQ_NAME_BYTES = 16, HEADER_BYTES = 18, RECORD_ALIGNMENT = 4, INSTRUCTION_BYTES = 8
};

static int
open_free(struct process *process)
{
    char path[24];
    int fd = -KSIM_EBUSY;

    for (int i = 0; fd == -KSIM_EBUSY; i++) {
        snprintf(path, sizeof(path), "/dev/bpf%d", i);
        fd = ksim_system_open(process, path, KSIM_O_RDWR);
    }
    return fd;
}

static int
set_number(struct bpf_client *client, uint32_t command, uint32_t value)
{
    return ksim_system_ioctl(client->process, client->fd, command, &value);
}

static int
tie(struct bpf_client *client, const char *interface)
{
    uint8_t request[IFREQ_BYTES] = {0};
    uint32_t link = 0;
    int result = set_number(client, BPF_SET_BUFFER, BPF_BUFFER_BYTES);

    memcpy(request, interface, strnlen(interface, IFREQ_NAME_BYTES - 1));
    if (result == 0)
        result = ksim_system_ioctl(client->process, client->fd, BPF_SET_INTERFACE, request);
    if (result == 0)
        result = set_number(client, BPF_IMMEDIATE, 1);
    if (result == 0)
        result = ksim_system_ioctl(client->process, client->fd, BPF_GET_LINK, &link);
    client->link = (int)link;
    return result;
}

bool
bpf_client_open(struct bpf_client *client, struct process *process, const char *interface,
                uint8_t *buffer, bool promiscuous, char error[BPF_ERROR_BYTES])
{
    int result;

    *client = (struct bpf_client){.process = process, .buffer = buffer};
    client->fd = open_free(process);
    if (client->fd < 0) {
        snprintf(error, BPF_ERROR_BYTES, client->fd == -KSIM_EACCES
                     ? "%s: You don't have permission to capture on that device\n"
                       "((cannot open BPF device) /dev/bpf0: %s)"
                     : "%s: (cannot open BPF device) /dev/bpf0: %s",
                 interface, ksim_error_text(-client->fd));
        return false;
    }
    result = tie(client, interface);
    if (result == 0) {
        /* One that cannot be promiscuous is listened to all the same. */
        if (promiscuous)
            (void)ksim_system_ioctl(process, client->fd, BPF_PROMISCUOUS, NULL);
        return true;
    }
    snprintf(error, BPF_ERROR_BYTES, result == -KSIM_ENXIO
                 ? "%s: No such device exists\n(BIOCSETIF failed: %s)"
                 : "%s: BIOCSETIF: %s",
             interface, ksim_error_text(-result));
    bpf_client_close(client);
    return false;
}

int
bpf_client_filter(struct bpf_client *client, const struct bpf_program *program)
{
    struct {
        uint32_t count, padding;
        uint64_t instructions;
    } argument = {program->bf_len, 0, (uint64_t)(uintptr_t)program->bf_insns};
    int result;

    ksim_user_map(client->process, program->bf_insns, program->bf_len * INSTRUCTION_BYTES);
    result = ksim_system_ioctl(client->process, client->fd, BPF_SET_FILTER, &argument);
    ksim_user_unmap(client->process, program->bf_insns);
    return result;
}

int
bpf_client_only_received(struct bpf_client *client)
{
    return set_number(client, BPF_SEE_SENT, 0);
}

static void
record_read(const uint8_t *record, struct bpf_client_packet *packet, size_t *bytes)
{
    int32_t seconds, microseconds;
    uint32_t captured, original;
    uint16_t header;

    memcpy(&seconds, record, 4);
    memcpy(&microseconds, record + 4, 4);
    memcpy(&captured, record + 8, 4);
    memcpy(&original, record + 12, 4);
    memcpy(&header, record + 16, 2);
    packet->calendar_ns = (uint64_t)seconds * 1000000000 + (uint64_t)microseconds * 1000;
    packet->bytes = record + header;
    packet->captured = captured;
    packet->original = original;
    *bytes = (header + captured + RECORD_ALIGNMENT - 1) & ~(size_t)(RECORD_ALIGNMENT - 1);
}

int
bpf_client_next(struct bpf_client *client, struct bpf_client_packet *packet)
{
    size_t bytes;
    int64_t result;

    while (client->at + HEADER_BYTES > client->filled) {
        result =
            ksim_system_read(client->process, client->fd, client->buffer, BPF_BUFFER_BYTES);
        if (result < 0)
            return (int)result;
        client->filled = (size_t)result;
        client->at = 0;
    }
    record_read(client->buffer + client->at, packet, &bytes);
    client->at += bytes;
    return 1;
}

bool
bpf_client_statistics(struct bpf_client *client, uint32_t *received, uint32_t *dropped)
{
    uint32_t numbers[2] = {0};

    if (ksim_system_ioctl(client->process, client->fd, BPF_GET_STATISTICS, numbers) < 0)
        return false;
    *received = numbers[0];
    *dropped = numbers[1];
    return true;
}

void
bpf_client_close(struct bpf_client *client)
{
    if (client->fd >= 0)
        ksim_system_close(client->process, client->fd);
    client->fd = -1;
}
