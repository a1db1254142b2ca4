/* SPDX-License-Identifier: BSD-2-Clause */
#include "fault_feeder.h"

#include <string.h>

/* Labels are few and asked often: most are found by their address. */
static struct fault_label *
label_find(struct fault_feeder *feeder, const char *label)
{
    unsigned at = 0;

    for (unsigned i = 0; i < feeder->label_count; i++) {
        if (feeder->labels[i].label == label)
            return &feeder->labels[i];
    }
    while (at < feeder->label_count && strcmp(feeder->labels[at].label, label) < 0)
        at++;
    if (at < feeder->label_count && strcmp(feeder->labels[at].label, label) == 0)
        return &feeder->labels[at];
    if (feeder->label_count == FAULT_LABELS_MAX)
        return NULL;
    memmove(&feeder->labels[at + 1], &feeder->labels[at],
            (feeder->label_count - at) * sizeof(feeder->labels[0]));
    feeder->label_count++;
    feeder->labels[at] = (struct fault_label){.label = label};
    return &feeder->labels[at];
}

static bool
fault_wanted(struct fault_feeder *feeder, const char *label)
{
    struct fault_label *seen = label_find(feeder, label);

    if (seen != NULL)
        seen->asked++;
    if (feeder->countdown == 0 || strcmp(feeder->armed, label) != 0)
        return false;
    feeder->countdown--;
    return feeder->countdown == 0;
}

static uint32_t
fault_next(struct tape_feeder *base, enum choice_kind kind, uint32_t count, const char *label)
{
    struct fault_feeder *feeder = (struct fault_feeder *)(void *)base;
    uint32_t answer =
        feeder->source != NULL ? feeder->source->next(feeder->source, kind, count, label) : 0;

    if (kind == CHOICE_FAULT && fault_wanted(feeder, label))
        return 1;
    return answer;
}

void
fault_feeder_start(struct fault_feeder *feeder, struct tape_feeder *source)
{
    memset(feeder, 0, sizeof(*feeder));
    feeder->feeder.next = fault_next;
    feeder->source = source;
}

bool
fault_feeder_arm(struct fault_feeder *feeder, const char *label, uint64_t nth)
{
    if (strlen(label) >= sizeof(feeder->armed))
        return false;
    strcpy(feeder->armed, label);
    feeder->countdown = nth;
    return true;
}
