/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What bytes mean at the device (frame.h) against a second reading of the manual, written with limits in a signed
 * 64-bit number and words compared as bytes. An input is the MTU (2 bytes), a byte of flags, how much longer the
 * whole write is than what is shown of it (2 bytes), and what is shown.
 */
#include <stdint.h>
#include <string.h>

#include "frame.h"
#include "fuzz_input.h"
#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* A write, or the start of one, and what it is judged by. */
struct write {
    const uint8_t *start;
    int64_t shown, whole, mtu;
    bool head_mode;
};

static const uint8_t inet_word[4] = {0, 0, 0, 2}, inet6_word[4] = {0, 0, 0, 30};

static enum tt_error
tun_length_reference(const struct write *write)
{
    const int64_t packet = write->whole - (write->head_mode ? 4 : 0);

    return packet < 20 ? TT_EINVAL : packet > write->mtu ? TT_EMSGSIZE : TT_OK;
}

static enum tt_error
tun_reference(const struct write *write)
{
    const int64_t at = write->head_mode ? 4 : 0;
    enum tt_error error = tun_length_reference(write);
    bool four, six;

    if (error != TT_OK)
        return error;
    if (write->shown < at + 1)
        return TT_EINVAL;
    four = write->start[at] >= 0x40 && write->start[at] <= 0x4f;
    six = write->start[at] >= 0x60 && write->start[at] <= 0x6f;
    if (!four && !six)
        return TT_EAFNOSUPPORT;
    if (write->head_mode && memcmp(write->start, four ? inet_word : inet6_word, 4) != 0)
        return TT_EAFNOSUPPORT;
    return six && write->whole < at + 40 ? TT_EINVAL : TT_OK;
}

static void
tun_check(const struct write *write)
{
    const struct tt_bytes start = {write->start, (size_t)write->shown};
    struct tt_tun_verdict verdict =
        tt_tun_parse(start, (uint64_t)write->whole, write->head_mode, (uint32_t)write->mtu);
    enum tt_error wanted = tun_reference(write);
    enum tt_error length =
        tt_tun_length_check((uint64_t)write->whole, write->head_mode, (uint32_t)write->mtu);

    ORACLE(length == tun_length_reference(write), "length: %d", (int)length);
    ORACLE(verdict.error == wanted, "tun says %d, not %d", (int)verdict.error, (int)wanted);
    if (wanted != TT_OK) {
        ORACLE(verdict.family == TT_FAMILY_NONE, "refused, but of family %d", (int)verdict.family);
        return;
    }
    ORACLE(verdict.strip_bytes == (write->head_mode ? 4 : 0), "strips %u", verdict.strip_bytes);
    ORACLE((int)verdict.family == (write->start[verdict.strip_bytes] < 0x50 ? 2 : 30), "family %d",
           (int)verdict.family);
}

static enum tt_error
tap_reference(const struct write *write)
{
    bool tagged;

    if (write->whole < 14)
        return TT_EINVAL;
    if (write->whole > write->mtu + 18)
        return TT_EMSGSIZE;
    if (write->shown < 14)
        return TT_EINVAL;
    tagged = write->start[12] == 0x81 && write->start[13] == 0;
    if (tagged && write->whole < 18)
        return TT_EINVAL;
    return write->whole > write->mtu + (tagged ? 18 : 14) ? TT_EMSGSIZE : TT_OK;
}

static void
tap_check(const struct write *write)
{
    const struct tt_bytes start = {write->start, (size_t)write->shown};
    enum tt_error error = tt_tap_parse(start, (uint64_t)write->whole, (uint32_t)write->mtu);
    enum tt_error wanted = tap_reference(write);
    enum tt_error length = tt_tap_length_check((uint64_t)write->whole, (uint32_t)write->mtu);
    enum tt_error wanted_length =
        write->whole < 14 ? TT_EINVAL : write->whole > write->mtu + 18 ? TT_EMSGSIZE : TT_OK;

    ORACLE(error == wanted, "tap says %d, not %d", (int)error, (int)wanted);
    ORACLE(length == wanted_length, "length: %d, not %d", (int)length, (int)wanted_length);
}

/* The destination is the frame's first six bytes, our own address the next six. */
static void
address_check(const struct write *write)
{
    static const uint8_t everybody[6] = {255, 255, 255, 255, 255, 255}, nobody[6];
    enum tt_destination wanted;
    uint8_t made[6];

    if (write->shown < 12)
        return;
    wanted = memcmp(write->start, everybody, 6) == 0            ? TT_DESTINATION_BROADCAST
             : write->start[0] % 2 == 1                         ? TT_DESTINATION_MULTICAST
             : memcmp(write->start, write->start + 6, 6) == 0   ? TT_DESTINATION_US
                                                                : TT_DESTINATION_OTHER;
    ORACLE(tt_ether_classify(write->start, write->start + 6) == wanted, "it is for %d", (int)wanted);
    ORACLE(tt_lladdr_acceptable(write->start) ==
               (write->start[0] % 2 == 0 && memcmp(write->start, nobody, 6) != 0),
           "%s", "an address is judged wrongly");
    memcpy(made, write->start, 6);
    tt_lladdr_from_random(made);
    ORACLE(tt_lladdr_acceptable(made) && (made[0] & 3) == 2 && made[0] >> 2 == write->start[0] >> 2 &&
               memcmp(made + 1, write->start + 1, 5) == 0,
           "%s", "an address made at random is not one");
}

/* DLT_NULL: the machine's own order. */
static void
null_word_check(const struct write *write)
{
    const struct tt_bytes start = {write->start, (size_t)write->shown};
    uint32_t number = 0, wanted = 0, cut = tt_null_word_length_bytes(start);

    if (write->shown > 4) {
        memcpy(&number, write->start, 4);
        wanted = (number == 2 && write->start[4] >> 4 == 4) || (number == 30 && write->start[4] >> 4 == 6)
                     ? 4
                     : 0;
    }
    ORACLE(cut == wanted, "cuts %u, not %u", cut, wanted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = fuzz_input_of(bytes, length);
    struct write write = {.mtu = fuzz_input_u16(&input)};
    int64_t more;
    size_t shown;

    ORACLE(tt_mtu_acceptable(write.mtu) == (write.mtu >= 72 && write.mtu <= 65535), "MTU %lld",
           (long long)write.mtu);
    if (write.mtu < 72)
        write.mtu = 1500;
    write.head_mode = fuzz_input_u8(&input) % 2 == 1;
    more = fuzz_input_u16(&input);
    write.start = fuzz_input_bytes(&input, SIZE_MAX, &shown);
    write.shown = (int64_t)shown;
    write.whole = write.shown + more;
    tun_check(&write);
    tap_check(&write);
    address_check(&write);
    null_word_check(&write);
    return 0;
}
