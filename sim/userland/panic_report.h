/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PANIC_REPORT_H
#define PANIC_REPORT_H

/*
 * A macOS panic report, as a file (kpi-rest.md 7.1, 7.2): .panic files of all releases, .ips and other files in which the
 * report is a JSON string, Intel and Apple silicon, line ends of any system. What it says of kexts and of frames.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PANIC_KEXTS = 64, PANIC_FRAMES = 256, PANIC_ERROR_BYTES = 128, PANIC_NAME_BYTES = 128 };

struct panic_kext {
    char bundle_id[PANIC_NAME_BYTES], version[PANIC_NAME_BYTES];
    bool has_uuid;
    unsigned char uuid[16];
    uint64_t begin, end; /* both are in it */
};

struct panic_frame {
    uint64_t address;
    bool exact; /* where the processor was; else a return address, behind the call */
};

struct panic_report {
    char *text;  /* of the report alone, lines ended by line feeds */
    char message[PANIC_NAME_BYTES]; /* what stands behind panic(cpu ...): */
    unsigned kext_count, frame_count;
    struct panic_kext kexts[PANIC_KEXTS];
    struct panic_frame frames[PANIC_FRAMES]; /* innermost first */
};

/* False: no panic report; `error` is one line. To be freed when true. */
bool panic_report_parse(struct panic_report *report, const char *bytes, size_t length,
                        char error[PANIC_ERROR_BYTES]);
void panic_report_free(struct panic_report *report);

/* The kext whose range has the address, or NULL. */
const struct panic_kext *panic_report_kext(const struct panic_report *report, uint64_t address);

#endif
