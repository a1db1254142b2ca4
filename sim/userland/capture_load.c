/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for one more packet and its bytes. Packets keep offsets until all bytes are in place. */
static bool
reserve(struct capture *capture, size_t *packet_room, size_t *byte_room, size_t bytes)
{
    while (capture->stored_bytes + bytes > *byte_room) {
        size_t room = *byte_room == 0 ? 65536 : *byte_room * 2;
        uint8_t *storage = realloc(capture->storage, room);

        if (storage == NULL)
            return false;
        capture->storage = storage;
        *byte_room = room;
    }
    if (capture->count == *packet_room) {
        size_t room = *packet_room == 0 ? 256 : *packet_room * 2;
        struct capture_packet *packets =
            realloc(capture->packets, room * sizeof(*capture->packets));

        if (packets == NULL)
            return false;
        capture->packets = packets;
        *packet_room = room;
    }
    return true;
}

static bool
read_packets(struct capture *capture, struct capture_reader *reader, const char *path,
             char error[CAPTURE_ERROR_BYTES])
{
    size_t packet_room = 0, byte_room = 0;
    struct capture_packet packet;
    enum capture_result result;

    while ((result = capture_reader_next(reader, &packet, error)) == CAPTURE_PACKET) {
        if (!reserve(capture, &packet_room, &byte_room, packet.captured_bytes)) {
            snprintf(error, CAPTURE_ERROR_BYTES, "%s: out of memory", path);
            return false;
        }
        /* Nothing may have been stored yet when a packet is empty. */
        if (packet.captured_bytes > 0)
            memcpy(capture->storage + capture->stored_bytes, packet.bytes, packet.captured_bytes);
        packet.bytes = NULL;
        capture->packets[capture->count++] = packet;
        capture->stored_bytes += packet.captured_bytes;
    }
    return result == CAPTURE_END;
}

bool
capture_load(struct capture *capture, const char *path, char error[CAPTURE_ERROR_BYTES])
{
    struct capture_reader *reader = capture_reader_open(path, error);
    size_t offset = 0;
    bool read;

    memset(capture, 0, sizeof(*capture));
    if (reader == NULL)
        return false;
    capture->link = capture_reader_link(reader);
    read = read_packets(capture, reader, path, error);
    capture_reader_close(reader);
    if (!read) {
        capture_free(capture);
        return false;
    }
    /* A place for the bytes of packets that all have none. */
    if (capture->storage == NULL && capture->count > 0 && (capture->storage = malloc(1)) == NULL) {
        snprintf(error, CAPTURE_ERROR_BYTES, "%s: out of memory", path);
        capture_free(capture);
        return false;
    }
    for (size_t i = 0; i < capture->count; i++) {
        capture->packets[i].bytes = capture->storage + offset;
        offset += capture->packets[i].captured_bytes;
    }
    return true;
}

void
capture_free(struct capture *capture)
{
    free(capture->packets);
    free(capture->storage);
    memset(capture, 0, sizeof(*capture));
}
