/* SPDX-License-Identifier: BSD-2-Clause */
#include "tape_dfs.h"

#include <string.h>

#include "candidate.h"

/* --- what a choice offers, and what it costs -------------------------------------------------- */

static uint32_t
alternatives(enum choice_kind kind, uint32_t count)
{
    switch (kind) {
    case CHOICE_SCHEDULE:
        return count > UINT16_MAX ? UINT16_MAX : count;
    case CHOICE_FAULT:
    case CHOICE_DELAY:
        return 2;
    default:
        return 1;
    }
}

static uint32_t
answer(const struct tape_dfs_node *node)
{
    return node->kind == CHOICE_DELAY && node->value > 0 ? node->count - 1 : node->value;
}

/* Free dispatches are kept apart by their kind: no choice has this one. */
enum { KIND_FREE = TAPE_KIND_COUNT };

static uint32_t
cost(const struct tape_dfs *dfs, const struct tape_dfs_node *node)
{
    if (node->value == 0 || node->kind == KIND_FREE || node->kind == CHOICE_FAULT)
        return 0;
    return node->kind == CHOICE_SCHEDULE && dfs->limits.mode == TAPE_DFS_DELAYS ? node->value : 1;
}

static bool
affordable(const struct tape_dfs *dfs, const struct tape_dfs_node *node)
{
    uint32_t faults = node->kind == CHOICE_FAULT ? node->value : 0;

    return node->spent + cost(dfs, node) <= dfs->limits.bound &&
           node->faults + faults <= dfs->limits.faults;
}

/* The first paid choice decides which searcher has the schedule. */
static bool
ours(const struct tape_dfs *dfs, size_t position)
{
    const struct tape_dfs_node *node = &dfs->nodes[position];

    if (dfs->limits.parts <= 1 || node->spent > 0 || node->faults > 0 || node->kind == KIND_FREE)
        return true;
    return position % dfs->limits.parts == dfs->limits.part;
}

/* --- a run -------------------------------------------------------------------------------------- */

static uint32_t
node_spend(struct tape_dfs *dfs, const struct tape_dfs_node *node)
{
    dfs->spent += cost(dfs, node);
    if (node->kind == CHOICE_FAULT)
        dfs->faults += node->value;
    return answer(node);
}

static uint32_t
dfs_next(struct tape_feeder *feeder, enum choice_kind kind, uint32_t count, const char *label)
{
    struct tape_dfs *dfs = (struct tape_dfs *)feeder;
    struct tape_dfs_node node = {.count = count, .kind = (uint8_t)kind, .spent = dfs->spent,
                                 .faults = (uint8_t)dfs->faults};

    if (alternatives(kind, count) < 2)
        return 0;
    if (kind == CHOICE_SCHEDULE && dfs->limits.mode == TAPE_DFS_PREEMPTIONS &&
        candidate_is_dispatch(label))
        node.kind = KIND_FREE;
    /* What cannot be chosen any more is no node: most of a run lies behind its last paid choice. */
    node.value = 1;
    if (!affordable(dfs, &node))
        return 0;
    if (dfs->position < dfs->length) {
        const struct tape_dfs_node *known = &dfs->nodes[dfs->position++];

        if (known->kind != node.kind || known->count != count) {
            dfs->diverged = true;
            return 0;
        }
        return node_spend(dfs, known);
    }
    if (dfs->length == dfs->capacity) {
        dfs->overflowed = true;
        return 0;
    }
    node.value = 0;
    dfs->nodes[dfs->length++] = node;
    dfs->position++;
    return 0;
}

static void
run_begin(struct tape_dfs *dfs)
{
    dfs->position = 0;
    dfs->spent = 0;
    dfs->faults = 0;
}

void
tape_dfs_start(struct tape_dfs *dfs, const struct tape_dfs_limits *limits,
               struct tape_dfs_node *nodes, size_t capacity)
{
    memset(dfs, 0, sizeof(*dfs));
    dfs->feeder.next = dfs_next;
    dfs->limits = *limits;
    dfs->nodes = nodes;
    dfs->capacity = capacity;
    run_begin(dfs);
}

void
tape_dfs_again(struct tape_dfs *dfs)
{
    run_begin(dfs);
}

bool
tape_dfs_counts(const struct tape_dfs *dfs)
{
    return dfs->limits.part == 0 || dfs->spent > 0 || dfs->faults > 0;
}

bool
tape_dfs_advance(struct tape_dfs *dfs)
{
    dfs->schedules += tape_dfs_counts(dfs);
    while (dfs->length > 0) {
        struct tape_dfs_node *node = &dfs->nodes[dfs->length - 1];

        if (node->value + 1u < alternatives(node->kind == KIND_FREE ? CHOICE_SCHEDULE
                                                                    : (enum choice_kind)node->kind,
                                            node->count)) {
            node->value++;
            if (affordable(dfs, node) && ours(dfs, dfs->length - 1)) {
                run_begin(dfs);
                return true;
            }
        }
        dfs->length--;
    }
    return false;
}
