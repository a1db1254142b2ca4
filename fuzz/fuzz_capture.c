/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Captures, as people bring them (capture_load.h): pcap and pcapng, any link type.
 *
 * Oracle: what is refused is refused with one line that names the file, the same one each time, and leaves nothing held;
 * each packet of what is read is inside the capture, what a device would take of it is inside the packet, and it has a
 * text of one line; written again and read again it is the same capture, and nothing but that file is left.
 */
#include <stdint.h>
#include <string.h>

#include <capture_load.h>
#include <packet_text.h>
#include <packet_view.h>

#include "input_file.h"
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What a libpcap file can say of a time: 32 bits of seconds, and most readers take them for signed. */
#define TIME_MAX_NS (UINT64_C(0x7fffffff) * UINT64_C(1000000000))

static bool
load_twice(const char *path, struct capture *capture)
{
    char error[CAPTURE_ERROR_BYTES] = "", again_error[CAPTURE_ERROR_BYTES] = "";
    struct capture again;
    bool good = capture_load(capture, path, error), good_again = capture_load(&again, path, again_error);

    ORACLE(good == good_again && strcmp(error, again_error) == 0, "%s, then %s", error, again_error);
    if (!good) {
        ORACLE(strstr(error, path) == error && strchr(error, '\n') == NULL, "refused with: %s", error);
        ORACLE(capture->packets == NULL && capture->storage == NULL && capture->count == 0, "%s",
               "refused, but something is held");
    } else {
        ORACLE(again.count == capture->count && again.stored_bytes == capture->stored_bytes && again.link == capture->link,
               "%zu packets, then %zu", capture->count, again.count);
        capture_free(&again);
    }
    return good;
}

static void
view_check(const struct capture *capture, const struct capture_packet *packet, enum packet_device device)
{
    const struct packet_view whole = {packet->bytes, packet->captured_bytes};
    struct packet_target target = {0};
    struct packet_view view;

    if (!packet_link_fits(capture->link, device) || !packet_view_for_device(capture->link, device, whole, &view))
        return;
    ORACLE(view.bytes >= whole.bytes && view.length_bytes <= whole.length_bytes &&
               (size_t)(view.bytes - whole.bytes) <= whole.length_bytes - view.length_bytes,
           "a view of %zu bytes is not in its packet of %zu", view.length_bytes, whole.length_bytes);
    ORACLE(packet_kind_of(view, device) < PACKET_KIND_COUNT, "%s", "a packet of no kind");
    packet_target_learn(&target, view, device);
}

static void
packet_check(const struct capture *capture, const struct capture_packet *packet)
{
    const struct packet_text_options options = {.names = packet->captured_bytes % 2 == 0, .link_header = true};
    struct text line = {0};

    ORACLE(packet->bytes >= capture->storage &&
               packet->captured_bytes <= capture->stored_bytes - (size_t)(packet->bytes - capture->storage),
           "%s", "a packet is outside the capture");
    view_check(capture, packet, PACKET_DEVICE_TUN);
    view_check(capture, packet, PACKET_DEVICE_TAP);
    packet_text_add(&line, capture->link, packet->bytes, packet->captured_bytes,
                    packet->original_bytes < packet->captured_bytes ? packet->captured_bytes : packet->original_bytes,
                    &options);
    ORACLE(line.length > 0 && strchr(text_bytes(&line), '\n') == NULL, "its text is: %s", text_bytes(&line));
    text_free(&line);
}

/* --- round trip ------------------------------------------------------------------------------------- */

static bool
capture_write(const struct capture *capture, const char *path)
{
    char error[CAPTURE_ERROR_BYTES] = "";
    struct capture_writer *writer = capture_writer_open(path, capture->link, error);

    if (writer == NULL) {
        ORACLE(strstr(error, path) == error && strchr(error, '\n') == NULL, "cannot be written: %s", error);
        return false;
    }
    for (size_t i = 0; i < capture->count; i++)
        capture_writer_put(writer, capture->packets[i].time_ns, capture->packets[i].bytes,
                           capture->packets[i].captured_bytes, capture->packets[i].original_bytes);
    ORACLE(capture_writer_commit(writer, error), "%s", error);
    return true;
}

static void
captures_compare(const struct capture *one, const struct capture *other)
{
    ORACLE(one->link == other->link, "link type %d became %d", one->link, other->link);
    ORACLE(one->count == other->count, "%zu packets became %zu", one->count, other->count);
    for (size_t i = 0; i < one->count; i++) {
        const struct capture_packet *left = &one->packets[i], *right = &other->packets[i];

        ORACLE(left->captured_bytes == right->captured_bytes && left->original_bytes == right->original_bytes,
               "packet %zu had %zu of %zu bytes and has %zu of %zu", i, left->captured_bytes, left->original_bytes,
               right->captured_bytes, right->original_bytes);
        ORACLE(left->captured_bytes == 0 || memcmp(left->bytes, right->bytes, left->captured_bytes) == 0,
               "packet %zu has other bytes", i);
        ORACLE(left->time_ns == right->time_ns || left->time_ns > TIME_MAX_NS, "packet %zu was at %llu and is at %llu", i,
               (unsigned long long)left->time_ns, (unsigned long long)right->time_ns);
    }
}

static bool
round_trip(const struct input_folder *folder, const struct capture *capture)
{
    char path[INPUT_PATH_BYTES], error[CAPTURE_ERROR_BYTES] = "";
    struct capture again;

    input_folder_name(folder, "out.pcap", path);
    if (!capture_write(capture, path))
        return false;
    ORACLE(capture_load(&again, path, error), "what was written cannot be read: %s", error);
    captures_compare(capture, &again);
    capture_free(&again);
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct input_folder folder;
    struct capture capture;
    char path[INPUT_PATH_BYTES];
    unsigned files = 1, left;

    input_folder_start(&folder);
    input_folder_put(&folder, "in.pcap", bytes, length, path);
    if (load_twice(path, &capture)) {
        for (size_t i = 0; i < capture.count; i++)
            packet_check(&capture, &capture.packets[i]);
        files += round_trip(&folder, &capture);
        capture_free(&capture);
    }
    left = input_folder_end(&folder);
    ORACLE(left == files, "%u files are left, not %u", left, files);
    return 0;
}
