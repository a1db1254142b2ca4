/* SPDX-License-Identifier: BSD-2-Clause */
#include "check_main.h"

#include "queue.h"

#define CAPACITY ((int)TT_QUEUE_CAPACITY)

static struct tt_queue queue;

/* A packet is known by its number; the pointer is never followed. */
static struct tt_packet
packet_make(uintptr_t number, uint32_t length_bytes)
{
    return (struct tt_packet){ (void *)(number + 1), length_bytes, TT_FRAMING_BARE };
}

static uintptr_t
packet_number(struct tt_packet packet)
{
    return (uintptr_t)packet.packet - 1;
}

/* The queue's memory is poison before each test, as the kernel's may be. */
static void
setup(void)
{
    memset(&queue, 0xa5, sizeof(queue));
    tt_queue_init(&queue, 0);
}

static void
given_queued(int count, uint32_t length_bytes)
{
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(tt_queue_push(&queue, packet_make((uintptr_t)i, length_bytes)), TT_OK);
}

START_TEST(fresh_queue_is_empty)
{
    struct tt_packet packet = packet_make(7, 7);

    /* given a queue initialised over poison, then it holds nothing and has counted nothing */
    ck_assert(tt_queue_validate(&queue));
    ck_assert_uint_eq(tt_queue_count(&queue), 0);
    ck_assert_uint_eq(tt_queue_peek_length_bytes(&queue), 0);
    ck_assert_uint_eq(queue.counters.pushed, 0);
    ck_assert_uint_eq(queue.counters.popped, 0);
    ck_assert_uint_eq(queue.counters.purged, 0);
    ck_assert_uint_eq(queue.counters.dropped_full, 0);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, 0);
    ck_assert_uint_eq(queue.bytes_limit, TT_QUEUE_BYTES_MAX);

    /* when popped, then it says so and leaves the caller's packet alone */
    ck_assert(!tt_queue_pop(&queue, &packet));
    ck_assert_uint_eq(packet_number(packet), 7);
    ck_assert_uint_eq(tt_queue_pop_batch(&queue, &packet, 1), 0);
    ck_assert_uint_eq(tt_queue_purge(&queue, &packet, 1), 0);
    ck_assert_uint_eq(packet_number(packet), 7);
}
END_TEST

START_TEST(one_packet_in_and_out)
{
    struct tt_packet packet;

    /* given a packet queued in head mode */
    packet = packet_make(1, 44);
    packet.framing = TT_FRAMING_HEAD;
    ck_assert_int_eq(tt_queue_push(&queue, packet), TT_OK);
    /* then FIONREAD knows its length */
    ck_assert_uint_eq(tt_queue_count(&queue), 1);
    ck_assert_uint_eq(tt_queue_peek_length_bytes(&queue), 44);

    /* when it is popped, then it is the same one, with the mode it was framed in */
    memset(&packet, 0, sizeof(packet));
    ck_assert(tt_queue_pop(&queue, &packet));
    ck_assert_uint_eq(packet_number(packet), 1);
    ck_assert_uint_eq(packet.length_bytes, 44);
    ck_assert_uint_eq(packet.framing, TT_FRAMING_HEAD);
    /* and the queue is empty again */
    ck_assert_uint_eq(tt_queue_count(&queue), 0);
    ck_assert_uint_eq(tt_queue_peek_length_bytes(&queue), 0);
    ck_assert_uint_eq(queue.counters.pushed, 1);
    ck_assert_uint_eq(queue.counters.popped, 1);
}
END_TEST

START_TEST(framing_travels_with_each_packet)
{
    /* given packets queued while the mode changes between them */
    for (uintptr_t i = 0; i < 20; i++) {
        struct tt_packet packet = packet_make(i, 100);

        packet.framing = i % 3 == 0 ? TT_FRAMING_HEAD : TT_FRAMING_BARE;
        ck_assert_int_eq(tt_queue_push(&queue, packet), TT_OK);
    }
    /* when read, then each says the mode of its own time */
    for (uintptr_t i = 0; i < 20; i++) {
        struct tt_packet packet;

        ck_assert(tt_queue_pop(&queue, &packet));
        ck_assert_uint_eq(packet.framing, i % 3 == 0 ? TT_FRAMING_HEAD : TT_FRAMING_BARE);
    }
}
END_TEST

START_TEST(bare_length_leaves_the_family_word_out)
{
    struct tt_packet packet = packet_make(1, 100);

    /* given a packet of 100 bytes as read, then 96 are the stack's in head mode, and all without */
    packet.framing = TT_FRAMING_BARE;
    ck_assert_uint_eq(tt_packet_bare_length_bytes(packet), 100);
    packet.framing = TT_FRAMING_HEAD;
    ck_assert_uint_eq(tt_packet_bare_length_bytes(packet), 96);
    /* given other framings (they may be stored too), then nothing stands before the packet */
    packet.framing = 7;
    ck_assert_uint_eq(tt_packet_bare_length_bytes(packet), 100);
    /* given a length that cannot be, then it is the caller's mistake */
    packet.framing = TT_FRAMING_HEAD;
    packet.length_bytes = 3;
    EXPECT_ASSERTION(tt_packet_bare_length_bytes(packet));
}
END_TEST

START_TEST(order_is_kept_for_any_fill)
{
    struct tt_packet packet;

    /* given _i packets, when all are popped, then they come in the order they went in */
    given_queued(_i, 60);
    ck_assert_uint_eq(tt_queue_count(&queue), (unsigned)_i);
    ck_assert_uint_eq(queue.bytes, 60u * (unsigned)_i);
    for (int i = 0; i < _i; i++) {
        ck_assert(tt_queue_pop(&queue, &packet));
        ck_assert_uint_eq(packet_number(packet), (uintptr_t)i);
        ck_assert_uint_eq(tt_queue_count(&queue), (unsigned)(_i - i - 1));
    }
    ck_assert(!tt_queue_pop(&queue, &packet));
}
END_TEST

START_TEST(ring_wraps_at_any_offset)
{
    struct tt_packet packet;

    /* given a ring whose head stands at _i */
    for (int i = 0; i < _i; i++) {
        given_queued(1, 10);
        ck_assert(tt_queue_pop(&queue, &packet));
    }
    ck_assert_uint_eq(queue.head, (unsigned)_i % TT_QUEUE_CAPACITY);
    /* when it is filled to the brim, then all of it is there, in order */
    given_queued(CAPACITY, 10);
    for (int i = 0; i < CAPACITY; i++) {
        ck_assert(tt_queue_pop(&queue, &packet));
        ck_assert_uint_eq(packet_number(packet), (uintptr_t)i);
    }
    ck_assert_uint_eq(tt_queue_count(&queue), 0);
}
END_TEST

START_TEST(full_ring_refuses_the_newest)
{
    struct tt_packet packet;

    /* given a full ring */
    given_queued(CAPACITY, 100);
    /* when two more come, then they are refused and counted, with their bytes */
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(900, 40)), TT_ENOBUFS);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(901, 2)), TT_ENOBUFS);
    ck_assert_uint_eq(queue.counters.dropped_full, 2);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, 42);
    ck_assert_uint_eq(queue.counters.pushed, TT_QUEUE_CAPACITY);
    /* and the oldest is still the first */
    ck_assert(tt_queue_pop(&queue, &packet));
    ck_assert_uint_eq(packet_number(packet), 0);
    /* when one has gone, then there is room for one, no more */
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(902, 1)), TT_OK);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(903, 1)), TT_ENOBUFS);
}
END_TEST

START_TEST(full_queue_recovers_completely)
{
    struct tt_packet packet;

    /* given 1000 packets sent with no reader (D21) */
    for (uintptr_t i = 0; i < 1000; i++)
        (void)tt_queue_push(&queue, packet_make(i, 1500));
    ck_assert_uint_eq(queue.counters.dropped_full, 1000 - TT_QUEUE_CAPACITY);
    /* when a reader comes, then it gets the oldest 128 */
    for (uintptr_t i = 0; i < TT_QUEUE_CAPACITY; i++) {
        ck_assert(tt_queue_pop(&queue, &packet));
        ck_assert_uint_eq(packet_number(packet), i);
    }
    /* and everything is as at first */
    ck_assert_uint_eq(queue.bytes, 0);
    given_queued(CAPACITY, 1500);
}
END_TEST

START_TEST(byte_bound_holds)
{
    struct tt_packet packet;

    /* given a queue bound to 1000 bytes */
    tt_queue_init(&queue, 1000);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(0, 600)), TT_OK);
    /* when a packet would go over, then it is refused though there are slots */
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(1, 401)), TT_ENOBUFS);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, 401);
    /* and an exact fit passes */
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(2, 400)), TT_OK);
    ck_assert_uint_eq(queue.bytes, 1000);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(3, 1)), TT_ENOBUFS);
    /* and an empty packet costs a slot but no bytes */
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(4, 0)), TT_OK);
    /* when the first has been read, then its bytes are free again */
    ck_assert(tt_queue_pop(&queue, &packet));
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(5, 600)), TT_OK);
}
END_TEST

START_TEST(lengths_near_the_integer_limit)
{
    /* given the largest bound there is */
    tt_queue_init(&queue, UINT32_MAX);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(0, UINT32_MAX - 1)), TT_OK);
    /* when the sum would wrap, then the packet is refused */
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(1, 2)), TT_ENOBUFS);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(1, UINT32_MAX)), TT_ENOBUFS);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(1, 1)), TT_OK);
    ck_assert_uint_eq(queue.bytes, UINT32_MAX);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, (uint64_t)UINT32_MAX + 2);
}
END_TEST

START_TEST(default_bound_fits_128_jumbo_frames)
{
    /* given 9000-byte MTU frames with a VLAN tag, then the slots are the limit, not the bytes */
    given_queued(CAPACITY, 9018);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(0, 1)), TT_ENOBUFS);
    /* but 64 KiB packets meet the byte bound first */
    tt_queue_init(&queue, 0);
    given_queued((int)(TT_QUEUE_BYTES_MAX / 65535u), 65535);
    ck_assert_int_eq(tt_queue_push(&queue, packet_make(0, 65535)), TT_ENOBUFS);
}
END_TEST

START_TEST(null_packet_is_refused)
{
    struct tt_packet nothing = { NULL, 10, TT_FRAMING_BARE };

    /* when nothing is pushed, then EINVAL, and no counter moves */
    ck_assert_int_eq(tt_queue_push(&queue, nothing), TT_EINVAL);
    ck_assert_uint_eq(tt_queue_count(&queue), 0);
    ck_assert_uint_eq(queue.counters.pushed, 0);
    ck_assert_uint_eq(queue.counters.dropped_full, 0);
}
END_TEST

START_TEST(batch_takes_what_fits_in_order)
{
    struct tt_packet batch[CAPACITY + 1];
    struct tt_packet packet;
    size_t room = TT_QUEUE_CAPACITY - (size_t)_i;

    /* given _i packets queued and a batch of 129 (C03) */
    given_queued(_i, 20);
    for (uintptr_t i = 0; i <= TT_QUEUE_CAPACITY; i++)
        batch[i] = packet_make(1000 + i, 30);
    /* when pushed, then exactly the room is used and the rest counted */
    ck_assert_uint_eq(tt_queue_push_batch(&queue, batch, TT_QUEUE_CAPACITY + 1), room);
    ck_assert_uint_eq(tt_queue_count(&queue), TT_QUEUE_CAPACITY);
    ck_assert_uint_eq(queue.counters.dropped_full, TT_QUEUE_CAPACITY + 1 - room);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, 30 * (TT_QUEUE_CAPACITY + 1 - room));
    /* and what was accepted is the batch's beginning, behind what was there */
    for (int i = 0; i < CAPACITY; i++) {
        ck_assert(tt_queue_pop(&queue, &packet));
        ck_assert_uint_eq(packet_number(packet), (uintptr_t)(i < _i ? i : 1000 + i - _i));
    }
}
END_TEST

START_TEST(batch_stops_at_the_first_that_does_not_fit)
{
    struct tt_packet batch[3] = { packet_make(0, 60), packet_make(1, 60), packet_make(2, 10) };

    /* given room for the first and the third but not the second, then only a prefix passes */
    tt_queue_init(&queue, 100);
    ck_assert_uint_eq(tt_queue_push_batch(&queue, batch, 3), 1);
    ck_assert_uint_eq(queue.counters.dropped_full, 2);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, 70);
}
END_TEST

START_TEST(batch_with_a_hole_ends_there)
{
    struct tt_packet batch[4] = { packet_make(0, 6), { NULL, 1, 0 }, packet_make(2, 1),
        packet_make(3, 1) };

    /* given NULL in the middle, then the batch ends before it, and nothing behind it is counted */
    ck_assert_uint_eq(tt_queue_push_batch(&queue, batch, 4), 1);
    ck_assert_uint_eq(queue.counters.dropped_full, 0);
    /* the same when the queue is full already */
    tt_queue_init(&queue, 5);
    ck_assert_uint_eq(tt_queue_push_batch(&queue, batch, 4), 0);
    ck_assert_uint_eq(queue.counters.dropped_full, 1);
}
END_TEST

START_TEST(empty_batches_do_nothing)
{
    struct tt_packet packet;

    given_queued(3, 10);
    ck_assert_uint_eq(tt_queue_push_batch(&queue, NULL, 0), 0);
    ck_assert_uint_eq(tt_queue_push_batch(&queue, &packet, 0), 0);
    ck_assert_uint_eq(tt_queue_pop_batch(&queue, NULL, 0), 0);
    ck_assert_uint_eq(tt_queue_purge(&queue, NULL, 0), 0);
    ck_assert_uint_eq(tt_queue_count(&queue), 3);
    ck_assert_uint_eq(queue.counters.pushed, 3);
}
END_TEST

START_TEST(pop_batch_takes_the_oldest)
{
    struct tt_packet batch[8];

    /* given ten packets, when eight are asked for twice, then eight and two come, in order */
    given_queued(10, 5);
    ck_assert_uint_eq(tt_queue_pop_batch(&queue, batch, 8), 8);
    for (uintptr_t i = 0; i < 8; i++)
        ck_assert_uint_eq(packet_number(batch[i]), i);
    ck_assert_uint_eq(tt_queue_pop_batch(&queue, batch, 8), 2);
    ck_assert_uint_eq(packet_number(batch[0]), 8);
    ck_assert_uint_eq(packet_number(batch[1]), 9);
    ck_assert_uint_eq(queue.counters.popped, 10);
    ck_assert_uint_eq(queue.counters.purged, 0);
}
END_TEST

START_TEST(purge_hands_everything_back)
{
    struct tt_packet batch[32];
    size_t purged = 0, now;

    /* given a queue with one packet read and 99 left */
    given_queued(100, 50);
    ck_assert(tt_queue_pop(&queue, &batch[0]));
    /* when purged in portions of 32, then each packet comes back once, in order */
    while ((now = tt_queue_purge(&queue, batch, 32)) > 0) {
        for (size_t i = 0; i < now; i++)
            ck_assert_uint_eq(packet_number(batch[i]), 1 + purged + i);
        purged += now;
    }
    ck_assert_uint_eq(purged, 99);
    /* and it counts as purged, not read */
    ck_assert_uint_eq(queue.counters.popped, 1);
    ck_assert_uint_eq(queue.counters.purged, 99);
    ck_assert_uint_eq(queue.counters.pushed, 100);
    ck_assert_uint_eq(queue.bytes, 0);
}
END_TEST

START_TEST(validate_sees_every_kind_of_damage)
{
    struct tt_queue good;

    /* given a sound queue of two packets whose ring has wrapped */
    given_queued(5, 10);
    for (int i = 0; i < 3; i++) {
        struct tt_packet packet;

        ck_assert(tt_queue_pop(&queue, &packet));
    }
    good = queue;
    ck_assert(tt_queue_validate(&good));
    ck_assert(!tt_queue_validate(NULL));
    /* when any one thing is wrong, then it is not */
#define DAMAGE(statement)                    \
    do {                                     \
        queue = good;                        \
        statement;                           \
        ck_assert(!tt_queue_validate(&queue)); \
    } while (0)
    DAMAGE(queue.head = TT_QUEUE_CAPACITY);
    DAMAGE(queue.head++);
    DAMAGE(queue.count = TT_QUEUE_CAPACITY + 1);
    DAMAGE(queue.count++);
    DAMAGE(queue.count--);
    DAMAGE(queue.bytes++);
    DAMAGE(queue.bytes_limit = 19);
    DAMAGE(queue.ring[3].packet = NULL);
    DAMAGE(queue.ring[4].length_bytes = 11);
    DAMAGE(queue.ring[5].packet = &queue);
    DAMAGE(queue.ring[0].packet = &queue);
    DAMAGE(queue.counters.pushed++);
    DAMAGE(queue.counters.popped++);
    DAMAGE(queue.counters.purged--);
#undef DAMAGE
    /* and a queue without any bound is none */
    tt_queue_init(&queue, 0);
    queue.bytes_limit = 0;
    ck_assert(!tt_queue_validate(&queue));
}
END_TEST

START_TEST(misuse_is_asserted)
{
    struct tt_packet packet;

    EXPECT_ASSERTION(tt_queue_init(NULL, 0));
    EXPECT_ASSERTION((void)tt_queue_push(NULL, packet_make(0, 1)));
    EXPECT_ASSERTION((void)tt_queue_push_batch(&queue, NULL, 1));
    EXPECT_ASSERTION((void)tt_queue_pop(&queue, NULL));
    EXPECT_ASSERTION((void)tt_queue_pop_batch(&queue, NULL, 1));
    EXPECT_ASSERTION((void)tt_queue_purge(&queue, NULL, 1));
    EXPECT_ASSERTION((void)tt_queue_count(NULL));
    EXPECT_ASSERTION((void)tt_queue_peek_length_bytes(NULL));
    /* a scribbled queue is found by the next operation, whichever it is */
    queue.bytes = 1;
    EXPECT_ASSERTION((void)tt_queue_push(&queue, packet_make(0, 1)));
    EXPECT_ASSERTION((void)tt_queue_pop(&queue, &packet));
    EXPECT_ASSERTION((void)tt_queue_count(&queue));
}
END_TEST

/* The naive model: an array that is moved up by one at each take. */
struct model {
    struct tt_packet packets[CAPACITY];
    size_t count;
    uint64_t bytes, limit, pushed, popped, purged, dropped, dropped_bytes;
};

static bool
model_push(struct model *model, struct tt_packet packet)
{
    if (model->count == TT_QUEUE_CAPACITY || model->bytes + packet.length_bytes > model->limit) {
        model->dropped++;
        model->dropped_bytes += packet.length_bytes;
        return false;
    }
    model->packets[model->count++] = packet;
    model->bytes += packet.length_bytes;
    model->pushed++;
    return true;
}

static struct tt_packet
model_take(struct model *model)
{
    struct tt_packet packet = model->packets[0];

    model->count--;
    memmove(model->packets, model->packets + 1, model->count * sizeof(packet));
    model->bytes -= packet.length_bytes;
    return packet;
}

static void
compare(const struct model *model)
{
    ck_assert_uint_eq(tt_queue_count(&queue), model->count);
    ck_assert_uint_eq(queue.bytes, model->bytes);
    ck_assert_uint_eq(tt_queue_peek_length_bytes(&queue),
        model->count == 0 ? 0 : model->packets[0].length_bytes);
    ck_assert_uint_eq(queue.counters.pushed, model->pushed);
    ck_assert_uint_eq(queue.counters.popped, model->popped);
    ck_assert_uint_eq(queue.counters.purged, model->purged);
    ck_assert_uint_eq(queue.counters.dropped_full, model->dropped);
    ck_assert_uint_eq(queue.counters.dropped_full_bytes, model->dropped_bytes);
}

static void
random_push_batch(struct model *model, uint64_t *random, uintptr_t *number)
{
    struct tt_packet batch[40];
    size_t count = random_next(random) % 41, accepted = 0;
    bool open = true;

    for (size_t i = 0; i < count; i++) {
        batch[i] = packet_make((*number)++, random_next(random) % 1600);
        batch[i].framing = (uint8_t)(random_next(random) & 1);
        if (open)
            open = model_push(model, batch[i]);
        else {
            model->dropped++;
            model->dropped_bytes += batch[i].length_bytes;
        }
        accepted += open;
    }
    ck_assert_uint_eq(tt_queue_push_batch(&queue, batch, count), accepted);
}

static void
random_take_batch(struct model *model, uint64_t *random, bool purge)
{
    struct tt_packet batch[40];
    size_t capacity = random_next(random) % 41;
    size_t taken = purge ? tt_queue_purge(&queue, batch, capacity)
                         : tt_queue_pop_batch(&queue, batch, capacity);

    ck_assert_uint_eq(taken, capacity < model->count ? capacity : model->count);
    for (size_t i = 0; i < taken; i++) {
        struct tt_packet expected = model_take(model);

        ck_assert_ptr_eq(batch[i].packet, expected.packet);
        ck_assert_uint_eq(batch[i].length_bytes, expected.length_bytes);
        ck_assert_uint_eq(batch[i].framing, expected.framing);
    }
    *(purge ? &model->purged : &model->popped) += taken;
}

START_TEST(random_histories_agree_with_a_naive_model)
{
    uint64_t random = (uint64_t)_i;
    struct model model = { .limit = _i % 2 == 0 ? TT_QUEUE_BYTES_MAX : 20000 };
    uintptr_t number = 0;

    /* given seed _i and every second time a tight byte bound */
    tt_queue_init(&queue, (uint32_t)model.limit);
    for (int step = 0; step < 300; step++) {
        /* when anything is done, then queue and model say the same */
        switch (random_next(&random) % 12) {
        case 0:
            random_push_batch(&model, &random, &number);
            break;
        case 1:
            random_take_batch(&model, &random, false);
            break;
        case 2:
            if (random_next(&random) % 8 == 0)
                random_take_batch(&model, &random, true);
            break;
        case 3:
        case 4:
        case 5: {
            struct tt_packet packet;

            if (tt_queue_pop(&queue, &packet)) {
                ck_assert_ptr_eq(packet.packet, model_take(&model).packet);
                model.popped++;
            } else {
                ck_assert_uint_eq(model.count, 0);
            }
            break;
        }
        default: {
            struct tt_packet packet = packet_make(number++, random_next(&random) % 1600);
            enum tt_error expected = model_push(&model, packet) ? TT_OK : TT_ENOBUFS;

            ck_assert_int_eq(tt_queue_push(&queue, packet), expected);
        }
        }
        compare(&model);
    }
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("core.queue");
    TCase *tests = tcase_create("queue");

    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, fresh_queue_is_empty);
    tcase_add_test(tests, one_packet_in_and_out);
    tcase_add_test(tests, framing_travels_with_each_packet);
    tcase_add_test(tests, bare_length_leaves_the_family_word_out);
    tcase_add_loop_test(tests, order_is_kept_for_any_fill, 0, CAPACITY + 1);
    tcase_add_loop_test(tests, ring_wraps_at_any_offset, 0, CAPACITY + 2);
    tcase_add_test(tests, full_ring_refuses_the_newest);
    tcase_add_test(tests, full_queue_recovers_completely);
    tcase_add_test(tests, byte_bound_holds);
    tcase_add_test(tests, lengths_near_the_integer_limit);
    tcase_add_test(tests, default_bound_fits_128_jumbo_frames);
    tcase_add_test(tests, null_packet_is_refused);
    tcase_add_loop_test(tests, batch_takes_what_fits_in_order, 0, CAPACITY + 1);
    tcase_add_test(tests, batch_stops_at_the_first_that_does_not_fit);
    tcase_add_test(tests, batch_with_a_hole_ends_there);
    tcase_add_test(tests, empty_batches_do_nothing);
    tcase_add_test(tests, pop_batch_takes_the_oldest);
    tcase_add_test(tests, purge_hands_everything_back);
    tcase_add_test(tests, validate_sees_every_kind_of_damage);
    tcase_add_test(tests, misuse_is_asserted);
    tcase_add_loop_test(tests, random_histories_agree_with_a_naive_model, 0, 100);
    suite_add_tcase(suite, tests);
    return check_main(suite);
}
