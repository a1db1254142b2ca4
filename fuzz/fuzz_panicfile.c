/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Panic reports, as people send them (panic_report.h).
 *
 * Oracle: what is refused is refused with one line; what is read keeps to its bounds, says each exact frame once, and each
 * address belongs to the first kext that has it; the same report in a JSON string, as macOS writes it, says the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <panic_report.h>

#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
kexts_check(const struct panic_report *report)
{
    ORACLE(report->kext_count <= PANIC_KEXTS, "%u kexts", report->kext_count);
    for (unsigned i = 0; i < report->kext_count; i++) {
        const struct panic_kext *kext = &report->kexts[i];

        ORACLE(kext->begin <= kext->end, "kext %u ends before it begins", i);
        ORACLE(kext->bundle_id[0] != '\0', "kext %u has no name", i);
        ORACLE(memchr(kext->bundle_id, '\0', PANIC_NAME_BYTES) != NULL, "the name of kext %u has no end", i);
        ORACLE(memchr(kext->version, '\0', PANIC_NAME_BYTES) != NULL, "the version of kext %u has no end", i);
        ORACLE(panic_report_kext(report, kext->begin) <= kext, "kext %u has not its own first address", i);
        ORACLE(panic_report_kext(report, kext->end) <= kext, "kext %u has not its own last address", i);
    }
}

static void
frames_check(const struct panic_report *report)
{
    ORACLE(report->frame_count <= PANIC_FRAMES, "%u frames", report->frame_count);
    for (unsigned i = 0; i < report->frame_count; i++) {
        const struct panic_kext *kext = panic_report_kext(report, report->frames[i].address);

        ORACLE(kext == NULL || (kext->begin <= report->frames[i].address && report->frames[i].address <= kext->end),
               "frame %u is in a kext that has it not", i);
        for (unsigned j = 0; j < i; j++)
            ORACLE(!report->frames[j].exact || report->frames[j].address != report->frames[i].address,
                   "the exact frame %u is said again as %u", j, i);
    }
}

static void
text_check(const struct panic_report *report)
{
    ORACLE(strchr(report->text, '\r') == NULL, "%s", "the text has a carriage return");
    ORACLE(strchr(report->message, '\n') == NULL, "%s", "the message has a line feed");
    ORACLE(strstr(report->text, report->message) != NULL, "the text does not say %s", report->message);
}

/* --- the same as JSON ------------------------------------------------------------------------------- */

/* What stands behind the backslash for a byte; '\0': it stands for itself. */
static char
json_escape(uint8_t byte)
{
    switch (byte) {
    case '\n':
        return 'n';
    case '\t':
        return 't';
    case '\r':
        return 'r';
    case '"':
    case '\\':
        return (char)byte;
    default:
        return '\0';
    }
}

static char *
json_of(const uint8_t *bytes, size_t length, size_t *json_length)
{
    static const char before[] = "{\"bug_type\":\"210\"}\n{\"panicString\" : \"", after[] = "\"}\n";
    char *json = malloc(sizeof(before) + sizeof(after) + 2 * length), *at = json;

    if (json == NULL)
        abort();
    at += sprintf(at, "%s", before);
    for (size_t i = 0; i < length; i++) {
        char escape = json_escape(bytes[i]);

        if (escape != '\0')
            *at++ = '\\';
        *at++ = escape != '\0' ? escape : (char)bytes[i];
    }
    at += sprintf(at, "%s", after);
    *json_length = (size_t)(at - json);
    return json;
}

static bool
says(const uint8_t *bytes, size_t length, const char *word)
{
    size_t count = strlen(word);

    for (size_t at = 0; at + count <= length; at++) {
        if (memcmp(bytes + at, word, count) == 0)
            return true;
    }
    return false;
}

static void
reports_compare(const struct panic_report *one, const struct panic_report *other)
{
    ORACLE(strcmp(one->message, other->message) == 0, "in JSON it says %s", other->message);
    ORACLE(one->kext_count == other->kext_count, "in JSON it has %u kexts, not %u", other->kext_count, one->kext_count);
    ORACLE(one->frame_count == other->frame_count, "in JSON it has %u frames, not %u", other->frame_count,
           one->frame_count);
    for (unsigned i = 0; i < one->kext_count; i++)
        ORACLE(one->kexts[i].begin == other->kexts[i].begin && one->kexts[i].end == other->kexts[i].end &&
                   strcmp(one->kexts[i].bundle_id, other->kexts[i].bundle_id) == 0,
               "in JSON kext %u is another", i);
    for (unsigned i = 0; i < one->frame_count; i++)
        ORACLE(one->frames[i].address == other->frames[i].address && one->frames[i].exact == other->frames[i].exact,
               "in JSON frame %u is another", i);
}

static void
json_check(const uint8_t *bytes, size_t length, const struct panic_report *report)
{
    char error[PANIC_ERROR_BYTES];
    struct panic_report inner;
    size_t json_length;
    char *json;

    /* What is JSON itself is taken out of its first string, wherever that is. */
    if (says(bytes, length, "\"panicString\"") || says(bytes, length, "\"macOSPanicString\""))
        return;
    json = json_of(bytes, length, &json_length);
    ORACLE(panic_report_parse(&inner, json, json_length, error), "in JSON it is none: %s", error);
    reports_compare(report, &inner);
    panic_report_free(&inner);
    free(json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char error[PANIC_ERROR_BYTES] = "";
    struct panic_report report;

    if (!panic_report_parse(&report, (const char *)bytes, length, error)) {
        ORACLE(error[0] != '\0' && strchr(error, '\n') == NULL, "refused with: %s", error);
        return 0;
    }
    kexts_check(&report);
    frames_check(&report);
    text_check(&report);
    json_check(bytes, length, &report);
    panic_report_free(&report);
    return 0;
}
