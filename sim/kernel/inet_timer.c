/* SPDX-License-Identifier: BSD-2-Clause */
#include <inet_fragment.h>
#include <inet_neighbour.h>
#include <inet_stack.h>
#include <thread.h>

static uint64_t
earlier(uint64_t left_ns, uint64_t right_ns)
{
    if (left_ns == 0 || (right_ns != 0 && right_ns < left_ns)) {
        return right_ns;
    }
    return left_ns;
}

/* Between the last look at the tables and machine_block nothing yields, so no deadline is missed. */
static void
timer_body(void *argument, wait_result_t result)
{
    struct inet_system *inet = argument;
    uint64_t neighbours_ns, fragments_ns;

    (void)result;
    for (;;) {
        fragments_ns = inet_fragments_tick(machine_now_ns());
        neighbours_ns = inet_neighbours_tick(machine_now_ns());
        inet->timer_wakes_ns = earlier(earlier(neighbours_ns, fragments_ns), inet->timer_wakes_ns);
        if (inet->timer_wakes_ns != 0 && inet->timer_wakes_ns <= machine_now_ns()) {
            inet->timer_wakes_ns = 0;
            continue;
        }
        (void)machine_block("inet timer", inet, inet->timer_wakes_ns);
        inet->timer_wakes_ns = 0;
    }
}

void
inet_timer_boot(struct ksim *ksim)
{
    struct thread *thread = ksim_thread_create("inet timer", true, timer_body, ksim->inet);

    ksim->inet->timer = thread->fiber;
    thread_deallocate((thread_t)thread);
}

void
inet_timer_need(uint64_t deadline_ns)
{
    struct inet_system *inet = inet_current();

    if (inet->timer_wakes_ns != 0 && inet->timer_wakes_ns <= deadline_ns) {
        return;
    }
    inet->timer_wakes_ns = deadline_ns;
    if (machine_fiber_blocked(inet->timer)) {
        machine_wake(inet->timer);
    }
}
