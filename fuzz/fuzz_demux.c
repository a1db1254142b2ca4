/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who gets a frame: the table of protocols (protocol.h) and the reading of Ethernet headers against a list that is
 * searched from front to back. An input is operations, a byte for what, then its own operands: attach, detach, a frame.
 */
#include <stdint.h>
#include <string.h>

#include "fuzz_input.h"
#include "oracle.h"
#include "protocol.h"

enum { FAMILIES = 20, HEADER_BYTES = 14, OFFERED_MAX = 10 };

/* One descriptor of one protocol. Each protocol without one has an entry of length 0. */
struct wish {
    uint32_t family;
    uint32_t length;
    uint8_t bytes[5];
};

static struct tt_protocol_table table;
static struct wish wishes[TT_PROTOCOL_COUNT_MAX * TT_PROTOCOL_DEMUX_COUNT_MAX];
static size_t wish_count;

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool
wish_is(const struct wish *wish, const uint8_t *bytes, uint32_t length)
{
    return length != 0 && wish->length == length && memcmp(wish->bytes, bytes, length) == 0;
}

static uint32_t
model_owner(const uint8_t *bytes, uint32_t length)
{
    for (size_t i = 0; i < wish_count; i++) {
        if (wish_is(&wishes[i], bytes, length))
            return wishes[i].family;
    }
    return 0;
}

static bool
model_attached(uint32_t family)
{
    for (size_t i = 0; i < wish_count; i++) {
        if (wishes[i].family == family)
            return true;
    }
    return false;
}

static uint32_t
model_count(void)
{
    uint32_t count = 0;

    for (uint32_t family = 1; family < FAMILIES; family++)
        count += model_attached(family);
    return count;
}

static enum tt_error
model_add(uint32_t family, const struct tt_demux *offered, size_t count)
{
    bool taken = model_attached(family);

    if (family == 0)
        return TT_EINVAL;
    if (count > TT_PROTOCOL_DEMUX_COUNT_MAX)
        return TT_ENOBUFS;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (offered[i].length_bytes == offered[j].length_bytes &&
                memcmp(offered[i].bytes, offered[j].bytes, offered[i].length_bytes) == 0)
                return TT_EINVAL;
        }
        taken = taken || model_owner(offered[i].bytes, offered[i].length_bytes) != 0;
    }
    if (taken)
        return TT_EEXIST;
    if (model_count() == TT_PROTOCOL_COUNT_MAX)
        return TT_ENOBUFS;
    for (size_t i = 0; i < count; i++) {
        struct wish wish = {family, offered[i].length_bytes, {0}};

        memcpy(wish.bytes, offered[i].bytes, wish.length);
        wishes[wish_count++] = wish;
    }
    if (count == 0)
        wishes[wish_count++] = (struct wish){family, 0, {0}};
    return TT_OK;
}

/* The kind says the length: Ethernet II 2, SAP 3, SNAP 5. A kind that is none makes nothing. */
static size_t
offers_take(struct fuzz_input *input, struct tt_demux *offered)
{
    size_t wanted = fuzz_input_below(input, OFFERED_MAX), count = 0, got;

    for (size_t i = 0; i < wanted; i++) {
        uint32_t kind = fuzz_input_below(input, 8), length = fuzz_input_below(input, 7);
        const uint8_t *bytes = fuzz_input_bytes(input, length, &got);
        bool good = (kind == 4 && got == 2) || (kind == 5 && got == 3) || (kind == 6 && got == 5);
        enum tt_error error = tt_demux_make(kind, (struct tt_bytes){bytes, got}, &offered[count]);

        ORACLE(error == (good ? TT_OK : TT_EINVAL), "kind %u of %zu bytes: %d", kind, got, (int)error);
        count += good;
    }
    return count;
}

static void
attach(struct fuzz_input *input)
{
    struct tt_demux offered[OFFERED_MAX];
    uint32_t family = fuzz_input_below(input, FAMILIES);
    size_t count = offers_take(input, offered);
    enum tt_error error = tt_protocol_add(&table, family, count == 0 ? NULL : offered, count);
    enum tt_error wanted = model_add(family, offered, count);

    ORACLE(error == wanted, "attach says %d, not %d", (int)error, (int)wanted);
}

static void
detach(struct fuzz_input *input)
{
    uint32_t family = fuzz_input_below(input, FAMILIES);
    enum tt_error wanted = model_attached(family) ? TT_OK : TT_ENOENT;
    enum tt_error error = tt_protocol_remove(&table, family);
    size_t kept = 0;

    ORACLE(error == wanted, "detach says %d, not %d", (int)error, (int)wanted);
    for (size_t i = 0; i < wish_count; i++) {
        if (wishes[i].family != family)
            wishes[kept++] = wishes[i];
    }
    wish_count = kept;
}

/* Whose a frame is, without a descriptor in between. */
static uint32_t
model_receiver(const uint8_t *header, size_t header_bytes, const uint8_t *payload, size_t payload_bytes)
{
    static const uint8_t snap[3] = {0xaa, 0xaa, 3};
    uint32_t type, family = 0;

    if (header_bytes < HEADER_BYTES)
        return 0;
    type = header[12] * 256u + header[13];
    if (type >= 1536)
        return model_owner(header + 12, 2);
    if (type > 1500 || payload_bytes < 3)
        return 0;
    if (payload_bytes >= 8 && memcmp(payload, snap, 3) == 0)
        family = model_owner(payload + 3, 5);
    return family != 0 ? family : model_owner(payload, 3);
}

static void
frame(struct fuzz_input *input)
{
    size_t header_bytes, payload_bytes;
    uint32_t payload_wanted = fuzz_input_below(input, 12);
    uint32_t header_wanted = HEADER_BYTES - fuzz_input_below(input, 2);
    const uint8_t *header = fuzz_input_bytes(input, header_wanted, &header_bytes);
    const uint8_t *payload = fuzz_input_bytes(input, payload_wanted, &payload_bytes);
    struct tt_demux demux = tt_ether_demux_read((struct tt_bytes){header, header_bytes},
                                                (struct tt_bytes){payload, payload_bytes});
    uint32_t family = tt_protocol_lookup(&table, &demux);
    uint32_t wanted = model_receiver(header, header_bytes, payload, payload_bytes);

    ORACLE(family == wanted, "the frame goes to %u, not %u", family, wanted);
}

static void
compare(void)
{
    ORACLE(tt_protocol_table_validate(&table), "%s", "the table is damaged");
    ORACLE(tt_protocol_count(&table) == model_count(), "not %u protocols", model_count());
    for (uint32_t family = 0; family < FAMILIES; family++)
        ORACLE(tt_protocol_attached(&table, family) == model_attached(family), "family %u", family);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = fuzz_input_of(bytes, length);

    memset(&table, 0xa5, sizeof(table)); /* whatever the memory held */
    tt_protocol_table_init(&table);
    wish_count = 0;
    while (!fuzz_input_is_empty(&input)) {
        switch (fuzz_input_below(&input, 3)) {
        case 0:
            attach(&input);
            break;
        case 1:
            detach(&input);
            break;
        default:
            frame(&input);
            continue; /* changes nothing */
        }
        compare();
    }
    return 0;
}
