/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic.h"

#include "kext.h"
#include "process.h"
#include "profile.h"

#include <kern/assert.h>
#include <kern/debug.h>

/* A return address for the report: host addresses would differ from run to run. */
#define PANIC_CALLER 0xffffff8000200000ULL

enum { PANIC_TEXT_BYTES = 1024 };

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

static _Noreturn void
panic_report(const char *message)
{
    const struct ksim *kernel = ksim_current();
    const struct ksim_profile *profile = kernel->profile;
    char kexts[PANIC_TEXT_BYTES] = "(none)\n";

    if (kernel->kexts != NULL) {
        (void)ksim_kext_list(kexts, sizeof(kexts));
    }
    machine_fail(MACHINE_PANIC,
                 "panic(cpu 0 caller 0x%llx): %s\n"
                 "\n%s name corresponding to current thread: %s\n"
                 "\nMac OS version:\n%s\n"
                 "\nKernel version:\n%s; root:%s/RELEASE_X86_64\n"
                 "\nSystem uptime in nanoseconds: %llu\n"
                 "loaded kexts:\n%s",
                 PANIC_CALLER, message,
                 profile->panic_process_short ? "Process" : "BSD process",
                 kernel->processes == NULL ? "Unknown" : ksim_process_current()->name,
                 profile->os_build, profile->kernel_version, profile->xnu_tag,
                 (unsigned long long)machine_now_ns(), kexts);
}

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
                   PANIC_CALLER, (unsigned long long)address, what);
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
