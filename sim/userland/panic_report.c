/* SPDX-License-Identifier: BSD-2-Clause */
#include "panic_report.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the text of the report -------------------------------------------------------------------- */

/* What stands in the JSON string from `from` on, unescaped into `to`; its end is a quote or the file's. */
static void
json_unescape(const char *from, const char *end, char *to)
{
    for (; from < end && *from != '"'; from++) {
        if (*from != '\\' || from + 1 == end) {
            *to++ = *from;
            continue;
        }
        from++;
        if (*from == 'u' && end - from > 4) {
            char digits[5] = {from[1], from[2], from[3], from[4], '\0'};
            long code = strtol(digits, NULL, 16);

            *to++ = code > 0 && code < 128 ? (char)code : '?';
            from += 4;
        } else {
            *to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from == 'r' ? '\r' : *from;
        }
    }
    *to = '\0';
}

/* Behind the key and its colon, or NULL. */
static const char *
json_string(const char *text, const char *key)
{
    const char *found = strstr(text, key);

    if (found == NULL)
        return NULL;
    found += strlen(key);
    found += strspn(found, " \t");
    if (*found++ != ':')
        return NULL;
    found += strspn(found, " \t");
    return *found == '"' ? found + 1 : NULL;
}

static void
drop_carriage_returns(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++)
        if (*from != '\r')
            *to++ = *from;
    *to = '\0';
}

/* A copy that ends with a zero; zeros inside are blanks, so that nothing is hidden behind one. */
static char *
text_copy(const char *bytes, size_t length)
{
    char *text = malloc(length + 1);

    if (text == NULL)
        return NULL;
    for (size_t i = 0; i < length; i++)
        text[i] = bytes[i] == '\0' ? ' ' : bytes[i];
    text[length] = '\0';
    return text;
}

static char *
text_take(const char *bytes, size_t length)
{
    char *text = text_copy(bytes, length);
    const char *inner;

    if (text == NULL)
        return NULL;
    inner = json_string(text, "\"macOSPanicString\"");
    if (inner == NULL)
        inner = json_string(text, "\"panicString\"");
    if (inner != NULL)
        json_unescape(inner, text + length, text);
    drop_carriage_returns(text);
    return text;
}

/* --- lines ------------------------------------------------------------------------------------- */

static bool
hex_take(const char **text, uint64_t *value)
{
    char *end;

    if (strncmp(*text, "0x", 2) != 0 || !isxdigit((unsigned char)(*text)[2]))
        return false;
    *value = strtoull(*text, &end, 16);
    *text = end;
    return true;
}

/* "2FF3CB18-848D-39B0-B14D-F04B0128E023" in brackets, which are optional. */
static bool
uuid_take(const char **text, struct panic_kext *kext)
{
    unsigned count = 0;

    if (**text != '[')
        return true;
    for ((*text)++; **text != ']' && count < 32; (*text)++) {
        if (**text == '-')
            continue;
        if (!isxdigit((unsigned char)**text))
            return false;
        kext->uuid[count / 2] = (unsigned char)(kext->uuid[count / 2] << 4 |
            (isdigit((unsigned char)**text) ? **text - '0' : (**text | 0x20) - 'a' + 10));
        count++;
    }
    kext->has_uuid = count == 32 && **text == ']';
    *text += kext->has_uuid;
    return kext->has_uuid;
}

/* id(version)[UUID]@0xbegin->0xend */
static bool
kext_take(const char *line, struct panic_kext *kext)
{
    size_t id = strcspn(line, "( \n"), version;

    *kext = (struct panic_kext){.begin = 0};
    if (id == 0 || id >= sizeof(kext->bundle_id) || line[id] != '(')
        return false;
    memcpy(kext->bundle_id, line, id);
    line += id + 1;
    version = strcspn(line, ")\n");
    if (version >= sizeof(kext->version) || line[version] != ')')
        return false;
    memcpy(kext->version, line, version);
    line += version + 1;
    if (!uuid_take(&line, kext) || *line++ != '@' || !hex_take(&line, &kext->begin) ||
        strncmp(line, "->", 2) != 0)
        return false;
    line += 2;
    return hex_take(&line, &kext->end) && kext->end >= kext->begin;
}

static void
frame_add(struct panic_report *report, uint64_t address, bool exact)
{
    if (report->frame_count < PANIC_FRAMES)
        report->frames[report->frame_count++] = (struct panic_frame){address, exact};
}

/* "0xframe : 0xaddress", or "lr: 0xaddress  fp: 0xframe" of Apple silicon. */
static void
frame_take(struct panic_report *report, const char *line)
{
    uint64_t frame, address;

    if (strncmp(line, "lr: ", 4) == 0) {
        line += 4;
        if (hex_take(&line, &address) && strstr(line, "fp: ") != NULL)
            frame_add(report, address, false);
    } else if (hex_take(&line, &frame) && strncmp(line, " : ", 3) == 0) {
        line += 3;
        if (hex_take(&line, &address))
            frame_add(report, address, false);
    }
}

/* The trap's own place: the frame that shows it again is where the processor was, not behind a call. */
static void
fault_take(struct panic_report *report, const char *line)
{
    const char *at = strstr(line, "RIP: ");
    const char *end = strchr(line, '\n');
    uint64_t address;

    if (at != NULL && (end == NULL || at < end)) {
        at += 5;
        if (hex_take(&at, &address))
            frame_add(report, address, true);
    }
}

static void
line_take(struct panic_report *report, const char *line)
{
    struct panic_kext kext;

    line += strspn(line, " \t");
    if (kext_take(line, &kext)) {
        if (report->kext_count < PANIC_KEXTS)
            report->kexts[report->kext_count++] = kext;
        return;
    }
    fault_take(report, line);
    frame_take(report, line);
}

/* A frame whose address the trap has already shown is said once. */
static void
frames_settle(struct panic_report *report)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < report->frame_count; i++) {
        bool again = false;

        for (unsigned j = 0; j < kept; j++)
            again = again || (report->frames[j].exact && report->frames[j].address == report->frames[i].address);
        if (!again)
            report->frames[kept++] = report->frames[i];
    }
    report->frame_count = kept;
}

bool
panic_report_parse(struct panic_report *report, const char *bytes, size_t length,
                   char error[PANIC_ERROR_BYTES])
{
    const char *begin, *message;

    *report = (struct panic_report){.text = text_take(bytes, length)};
    begin = report->text != NULL ? strstr(report->text, "panic(cpu ") : NULL;
    message = begin != NULL ? strstr(begin, "): ") : NULL;
    if (message == NULL) {
        snprintf(error, PANIC_ERROR_BYTES, "not a panic report: nothing in it says panic(cpu N caller 0x...):");
        free(report->text);
        return false;
    }
    snprintf(report->message, sizeof(report->message), "%.*s", (int)strcspn(message + 3, "\n"), message + 3);
    for (const char *line = begin; line != NULL && *line != '\0';) {
        line_take(report, line);
        line = strchr(line, '\n');
        if (line != NULL)
            line++;
    }
    frames_settle(report);
    return true;
}

void
panic_report_free(struct panic_report *report)
{
    free(report->text);
    report->text = NULL;
}

const struct panic_kext *
panic_report_kext(const struct panic_report *report, uint64_t address)
{
    for (unsigned i = 0; i < report->kext_count; i++)
        if (address >= report->kexts[i].begin && address <= report->kexts[i].end)
            return &report->kexts[i];
    return NULL;
}
