/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_layout.h"

#include "ksim.h"

#include <string.h>

static size_t
page_end(uint64_t bytes)
{
    return (size_t)((bytes + MACHINE_IMAGE_PAGE - 1) & ~(uint64_t)(MACHINE_IMAGE_PAGE - 1));
}

static bool
refuse(char *error, const char *what)
{
    (void)machine_format(error, KEXT_FILE_ERROR_BYTES, "The Mach-O file is malformed: %s.", what);
    return false;
}

/* Names in the file have 16 bytes and end early or not at all. */
static bool
is_named(const char name[16], const char *wanted)
{
    return strncmp(name, wanted, 16) == 0;
}

/* --- bundles ----------------------------------------------------------------------------------- */

static void
range_add(size_t *begin, size_t *end, size_t from, size_t to)
{
    if (*end == 0 || from < *begin) {
        *begin = from;
    }
    if (to > *end) {
        *end = to;
    }
}

/* Segments ascend and begin on pages; `at` is where the one before ended. */
static bool
segment_lay(struct kext_layout *layout, const struct macho_segment *segment)
{
    const uint64_t begin = segment->address - layout->link_base;

    if (segment->address < layout->link_base || begin % MACHINE_IMAGE_PAGE != 0 ||
        begin < layout->span_bytes || begin > KEXT_FILE_SPAN_BYTES) {
        return false;
    }
    layout->span_bytes = page_end(begin + segment->bytes);
    if ((segment->protection & MACHO_PROTECTION_EXECUTE) != 0) {
        range_add(&layout->text_begin, &layout->text_end, (size_t)begin, layout->span_bytes);
    } else if ((segment->protection & MACHO_PROTECTION_WRITE) != 0) {
        range_add(&layout->data_begin, &layout->data_end, (size_t)begin, layout->span_bytes);
    }
    return layout->span_bytes <= KEXT_FILE_SPAN_BYTES;
}

static bool
is_kept(const struct macho_segment *segment)
{
    return segment->bytes != 0 && !is_named(segment->name, "__LINKEDIT");
}

static bool
bundle_lay(struct kext_layout *layout, const struct kext_file *file)
{
    unsigned section = 0;

    layout->link_base = file->segments[0].address;
    for (unsigned i = 0; i < file->segment_count; i++) {
        const struct macho_segment *segment = &file->segments[i];
        const bool kept = is_kept(segment);

        if (kept && !segment_lay(layout, segment)) {
            return false;
        }
        for (unsigned end = section + segment->section_count; section < end; section++) {
            layout->offsets[section] =
                kept ? (int64_t)(file->sections[section].address - layout->link_base) : KEXT_DROPPED;
        }
    }
    return true;
}

/* --- objects ----------------------------------------------------------------------------------- */

/* Places the sections of code, or of all else that is kept, and returns where they end. */
static uint64_t
sections_lay(struct kext_layout *layout, const struct kext_file *file, bool text, uint64_t at)
{
    for (unsigned i = 0; i < file->section_count; i++) {
        const struct macho_section *section = &file->sections[i];
        const uint64_t alignment = UINT64_C(1) << section->alignment;
        const bool data = is_named(section->segment, "__DATA") ||
                          is_named(section->segment, "__DATA_CONST");

        if (text ? !is_named(section->segment, "__TEXT") : !data) {
            continue;
        }
        at = (at + alignment - 1) & ~(alignment - 1);
        layout->offsets[i] = (int64_t)at;
        at += section->bytes;
        if (at > KEXT_FILE_SPAN_BYTES) {
            return at;
        }
    }
    return at;
}

static bool
object_lay(struct kext_layout *layout, const struct kext_file *file)
{
    uint64_t end;

    for (unsigned i = 0; i < file->section_count; i++) {
        layout->offsets[i] = KEXT_DROPPED;
    }
    end = sections_lay(layout, file, true, 0);
    if (end > KEXT_FILE_SPAN_BYTES) {
        return false;
    }
    layout->text_end = page_end(end);
    end = sections_lay(layout, file, false, layout->text_end);
    if (end > KEXT_FILE_SPAN_BYTES) {
        return false;
    }
    layout->data_begin = layout->text_end;
    layout->data_end = layout->span_bytes = page_end(end);
    return true;
}

/* --- both -------------------------------------------------------------------------------------- */

bool
kext_layout_make(struct kext_layout *layout, const struct kext_file *file,
                 char error[KEXT_FILE_ERROR_BYTES])
{
    machine_fill(layout, 0, sizeof(*layout));
    if (!(file->object ? object_lay(layout, file) : bundle_lay(layout, file))) {
        return refuse(error, "its segments overlap, are not on pages or are too large");
    }
    if (layout->span_bytes == 0) {
        return refuse(error, "it has no contents");
    }
    if (layout->text_begin < layout->data_end && layout->data_begin < layout->text_end) {
        return refuse(error, "code lies between variables");
    }
    return true;
}

void
kext_layout_fill(const struct kext_layout *layout, const struct kext_file *file, unsigned char *image)
{
    for (unsigned i = 0; !file->object && i < file->segment_count; i++) {
        const struct macho_segment *segment = &file->segments[i];

        if (is_kept(segment)) {
            machine_copy(image + (segment->address - layout->link_base), file->bytes + segment->offset,
                         segment->file_bytes);
        }
    }
    for (unsigned i = 0; i < file->section_count; i++) {
        const struct macho_section *section = &file->sections[i];

        if (layout->offsets[i] == KEXT_DROPPED) {
            continue;
        }
        /* In a bundle zeros may begin inside the last page of what the file holds. */
        if (kext_section_is_zero(section)) {
            machine_fill(image + layout->offsets[i], 0, section->bytes);
        } else if (file->object) {
            machine_copy(image + layout->offsets[i], file->bytes + section->offset, section->bytes);
        }
    }
}
