/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic.h"

#include "kext.h"
#include "process.h"
#include "profile.h"
#include "thread.h"

#include <kern/assert.h>
#include <kern/debug.h>

/* Addresses of the report: host addresses would differ from run to run. */
#define PANIC_STACK 0xffffff8060000f00ULL
#define PANIC_THREADS 0xffffff8010000000ULL
#define PANIC_TASKS 0xffffff8018000000ULL

enum { PANIC_TEXT_BYTES = 1024, PANIC_REPORT_BYTES = 4096 };

static const char *
file_base_name(const char *path)
{
    const char *base = path;

    for (; *path != '\0'; path++) {
        if (*path == '/') {
            base = path + 1;
        }
    }
    return base;
}

/* --- the report -------------------------------------------------------------------------------- */

struct report {
    char text[PANIC_REPORT_BYTES];
    size_t length;
};

static void report_add(struct report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
report_add(struct report *report, const char *format, ...)
{
    size_t room = sizeof(report->text) - report->length;
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = machine_format_list(report->text + report->length, room, format, arguments);
    va_end(arguments);
    report->length += (size_t)length < room ? (size_t)length : room - 1;
}

/* A name for the thread that looks like an address and is the same in every run. */
static unsigned long long
thread_address(const struct thread *thread)
{
    return thread->fiber == NULL ? PANIC_THREADS
                                 : PANIC_THREADS + machine_fiber_id(thread->fiber) * 0x400ULL;
}

/* The kext on whose behalf the thread runs; also one that is gone, for it is its text that is missing. */
static const struct ksim_kext *
report_kext(void)
{
    const char *owner = ksim_current()->kexts == NULL ? NULL : ksim_thread_owner();

    return owner == NULL ? NULL : ksim_kext_find(owner);
}

static void
report_backtrace(struct report *report, const struct thread *thread)
{
    const struct ksim_profile *profile = ksim_current()->profile;
    const struct ksim_kext *kext = report_kext();
    unsigned long long address;

    if (profile->panic_task_shown) {
        report_add(report, "Panicked task 0x%llx: %u threads: pid %d: %s\n", PANIC_TASKS,
                   thread->process->user_threads, thread->process->pid, thread->process->name);
        report_add(report, "Backtrace (CPU 0), panicked thread: 0x%llx, Frame : Return Address\n",
                   thread_address(thread));
    } else {
        report_add(report, "Backtrace (CPU 0), Frame : Return Address\n");
    }
    report_add(report, "0x%llx : 0x%llx \n", PANIC_STACK, KSIM_PANIC_CALLER);
    if (kext == NULL) {
        return;
    }
    /* Host code has no place in the emulated text, so one frame stands for all of the kext's. */
    address = ksim_kext_address(kext);
    report_add(report, "0x%llx : 0x%llx \n", PANIC_STACK + 0x40, address);
    report_add(report, "      Kernel Extensions in backtrace%s:\n",
               profile->panic_unloaded_listed ? " (with dependencies)" : "");
    report_add(report, "         %s(%s)@0x%llx->0x%llx\n", kext->image->bundle_id,
               kext->image->version, address, address + KEXT_TEXT_BYTES - 1);
}

static void
report_process(struct report *report, const struct thread *thread)
{
    const struct ksim_profile *profile = ksim_current()->profile;

    report_add(report, "\n%s name corresponding to current thread",
               profile->panic_process_short ? "Process" : "BSD process");
    if (profile->panic_task_shown) {
        report_add(report, " (0x%llx)", thread_address(thread));
    }
    report_add(report, ": %s\n", thread->process->name);
}

static void
report_history(struct report *report, const char *what, const struct ksim_kext *kext)
{
    if (kext != NULL) {
        report_add(report, "last %s kext at %llu: %s\t%s (addr 0x%llx, size %d)\n", what,
                   (unsigned long long)kext->changed_ns, kext->image->bundle_id,
                   kext->image->version, (unsigned long long)ksim_kext_address(kext),
                   KEXT_TEXT_BYTES);
    }
}

static void
report_kexts(struct report *report)
{
    const struct ksim *kernel = ksim_current();
    const struct kext_system *kexts = kernel->kexts;
    bool started = kernel->profile->panic_kext_started;
    char list[PANIC_TEXT_BYTES] = "(none)\n";

    if (kexts != NULL && kernel->profile->panic_unloaded_listed) {
        report_add(report, "unloaded kexts:\n");
        if (kexts->last_unloaded == NULL) {
            report_add(report, "(none)\n");
        } else {
            /* 10.6 writes decimal digits after 0x. */
            report_add(report, "%s\t%s (addr 0x%llx, size 0x%d) - last unloaded %llu\n",
                       kexts->last_unloaded->image->bundle_id,
                       kexts->last_unloaded->image->version,
                       (unsigned long long)ksim_kext_address(kexts->last_unloaded),
                       KEXT_TEXT_BYTES, (unsigned long long)kexts->last_unloaded->changed_ns);
        }
    } else if (kexts != NULL) {
        report_history(report, started ? "started" : "loaded", kexts->last_loaded);
        report_history(report, started ? "stopped" : "unloaded", kexts->last_unloaded);
    }
    if (kexts != NULL) {
        (void)ksim_kext_list(list, sizeof(list));
    }
    report_add(report, "loaded kexts:\n%s", list);
}

static _Noreturn void
panic_report(const char *message)
{
    const struct ksim_profile *profile = ksim_current()->profile;
    const struct thread *thread = ksim_thread_current();
    struct report *report = machine_allocate(sizeof(*report), "panic report");

    report->length = 0;
    report_add(report, "panic(cpu 0 caller 0x%llx): %s\n", KSIM_PANIC_CALLER, message);
    report_backtrace(report, thread);
    report_process(report, thread);
    report_add(report, "\nMac OS version:\n%s\n", profile->os_build);
    report_add(report, "\nKernel version:\n%s; root:%s/RELEASE_X86_64\n", profile->kernel_version,
               profile->xnu_tag);
    report_add(report, "\nSystem uptime in nanoseconds: %llu\n",
               (unsigned long long)machine_now_ns());
    report_kexts(report);
    machine_fail(MACHINE_PANIC, "%s", report->text);
}

/* --- ways to panic ----------------------------------------------------------------------------- */

void
ksim_panic_at(const char *file, int line, const char *format, ...)
{
    char text[PANIC_TEXT_BYTES];
    char message[PANIC_TEXT_BYTES + 128];
    va_list arguments;

    va_start(arguments, format);
    machine_format_list(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (ksim_current()->profile->panic_location_short) {
        machine_format(message, sizeof(message), "%s @%s:%d", text, file_base_name(file), line);
    } else {
        machine_format(message, sizeof(message), "\"%s\"@/SourceCache/xnu/%s/%s:%d", text,
                       ksim_current()->profile->xnu_tag, file_base_name(file), line);
    }
    panic_report(message);
}

void
ksim_panic_fault(uint64_t address, const char *what)
{
    char message[PANIC_TEXT_BYTES];

    machine_format(message, sizeof(message),
                   "Kernel trap at 0x%016llx, type 14=page fault, registers:\n"
                   "Fault CR2: 0x%016llx, in %s",
                   KSIM_PANIC_CALLER, (unsigned long long)address, what);
    panic_report(message);
}

void
panic(const char *format, ...)
{
    char text[PANIC_TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    machine_format_list(text, sizeof(text), format, arguments);
    va_end(arguments);
    panic_report(text);
}

void
Assert(const char *file, int line, const char *expression)
{
    char text[PANIC_TEXT_BYTES];

    machine_format(text, sizeof(text), "%s:%d Assertion failed: %s", file_base_name(file), line,
                   expression);
    panic_report(text);
}
