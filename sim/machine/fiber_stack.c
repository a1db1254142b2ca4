/* SPDX-License-Identifier: BSD-2-Clause */
#include "fiber_stack.h"

#include <string.h>

#include "host_symbol.h"
#include "machine_state.h"

enum { FRAMES_MAX = 64, COLUMNS_MAX = 110 };

#ifdef MACHINE_KEEPS_FRAMES

/* Frames form a list: each begins with the address of its caller's, then where the caller goes on. */
static bool
frame_is_on_stack(const struct fiber *fiber, const void *frame)
{
    const uintptr_t offset = (uintptr_t)frame - (uintptr_t)fiber->stack.low;

    return offset <= fiber->stack.bytes - 2 * sizeof(void *) && offset % sizeof(void *) == 0;
}

static size_t
frames_collect(const struct fiber *fiber, const void *places[FRAMES_MAX])
{
    const void *frame = __builtin_frame_address(0), *place = NULL;
    size_t count = 0;

    if (fiber != fiber->machine->running) {
        context_place(&fiber->context, &frame, &place);
        places[count++] = place;
    }
    while (count < FRAMES_MAX && frame_is_on_stack(fiber, frame)) {
        const void *const *words = frame;

        places[count++] = words[1];
        if ((uintptr_t)words[0] <= (uintptr_t)frame)
            break;
        frame = words[0];
    }
    return count;
}

/* What stands at the top of each stack because of how a fiber stops, or fails. */
static bool
is_machinery(const char *name)
{
    static const char *const names[] = {"go", "context_switch", "machine_switch_stacks", "machine_yield",
                                        "machine_yield_decide", "machine_block", "machine_wait_idle",
                                        "machine_fail", "machine_fail_list", "machine_finding", "report_rest", "report_fibers",
                                        "report_more", "fiber_stack_text", "point_pass", "frames_collect"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const size_t length = strlen(names[i]);

        /* A compiler that copies a function calls the copy "go.isra.0". */
        if (strncmp(name, names[i], length) == 0 && (name[length] == '\0' || name[length] == '.'))
            return true;
    }
    return false;
}

void
fiber_stack_text(const struct fiber *fiber, struct text *text)
{
    const void *places[FRAMES_MAX];
    const size_t count = frames_collect(fiber, places);
    const char *separator = "    in ";
    bool top = true;
    size_t column = 0;

    for (size_t i = 0; i < count; i++) {
        /* A place is behind its call, which may be the last instruction of the function. */
        const char *name = host_symbol((const char *)places[i] - 1);

        if (name == NULL || (top && is_machinery(name)))
            continue;
        if (strcmp(name, "fiber_begin") == 0 || strcmp(name, "machine_switch_begin") == 0)
            break;
        top = false;
        if (column + strlen(name) > COLUMNS_MAX) {
            separator = " <\n      ";
            column = 0;
        }
        text_add(text, "%s%.*s", separator, (int)strcspn(name, "."), name);
        column += strlen(name) + strlen(separator);
        separator = " < ";
    }
    if (!top)
        text_add(text, "\n");
}

#else

void
fiber_stack_text(const struct fiber *fiber, struct text *text)
{
    (void)fiber;
    (void)text;
}

#endif
