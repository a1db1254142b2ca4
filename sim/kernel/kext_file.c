/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_file.h"

#include "ksim.h"

#include <string.h>

static const char truncated[] =
    "The Mach-O file has been truncated. Make sure the Mach-O header structures are correct.";

/* --- checked access ---------------------------------------------------------------------------- */

static bool
inside(const struct kext_file *file, uint64_t offset, uint64_t bytes)
{
    return offset <= file->length && bytes <= file->length - offset;
}

/* Copies a record out; false: it lies outside the file. */
static bool
take(const struct kext_file *file, uint64_t offset, void *record, size_t bytes)
{
    if (!inside(file, offset, bytes)) {
        return false;
    }
    machine_copy(record, file->bytes + offset, bytes);
    return true;
}

static bool
say(char *error, const char *text)
{
    (void)machine_format(error, KEXT_FILE_ERROR_BYTES, "%s", text);
    return false;
}

/* --- fat files --------------------------------------------------------------------------------- */

static uint32_t
big_end(uint32_t word)
{
    return word << 24 | (word & 0xff00u) << 8 | (word >> 8 & 0xff00u) | word >> 24;
}

/* Narrows the file to its slice for x86_64. */
static enum kext_file_verdict
slice_choose(struct kext_file *file, char *error)
{
    uint32_t head[2] = {0, 0};
    struct macho_fat_arch arch;

    if (!take(file, 0, head, sizeof(head[0])) || head[0] != (uint32_t)MACHO_FAT_MAGIC_SWAPPED) {
        return KEXT_FILE_GOOD;
    }
    if (!take(file, 0, head, sizeof(head))) {
        (void)say(error, truncated);
        return KEXT_FILE_BAD;
    }
    for (uint32_t i = 0; i < big_end(head[1]); i++) {
        if (!take(file, sizeof(head) + i * (uint64_t)sizeof(arch), &arch, sizeof(arch))) {
            (void)say(error, truncated);
            return KEXT_FILE_BAD;
        }
        if (big_end(arch.cpu_type) != MACHO_CPU_X86_64) {
            continue;
        }
        if (!inside(file, big_end(arch.offset), big_end(arch.bytes))) {
            (void)say(error, truncated);
            return KEXT_FILE_BAD;
        }
        file->bytes += big_end(arch.offset);
        file->length = big_end(arch.bytes);
        return KEXT_FILE_GOOD;
    }
    (void)say(error, "The kext does not contain a fat slice for the target architecture.");
    return KEXT_FILE_NO_ARCHITECTURE;
}

/* --- load commands ----------------------------------------------------------------------------- */

bool
kext_section_is_zero(const struct macho_section *section)
{
    const uint32_t type = section->flags & MACHO_SECTION_TYPE;

    return type == MACHO_SECTION_ZEROFILL || type == MACHO_SECTION_GB_ZEROFILL;
}

/* In its segment, and what is in the file is in the file. */
static bool
section_check(const struct kext_file *file, const struct macho_segment *segment,
              const struct macho_section *section)
{
    const uint64_t begin = section->address - segment->address;
    const uint32_t type = section->flags & MACHO_SECTION_TYPE;

    return section->address >= segment->address && begin <= segment->bytes &&
           section->bytes <= segment->bytes - begin && section->alignment <= 15 &&
           (type < MACHO_SECTION_THREAD_FIRST || type > MACHO_SECTION_THREAD_LAST) &&
           (kext_section_is_zero(section) || inside(file, section->offset, section->bytes)) &&
           inside(file, section->relocation_offset, section->relocation_count * 8ULL);
}

static bool
segment_take(struct kext_file *file, uint64_t at, uint32_t bytes, char *error)
{
    struct macho_segment *segment = &file->segments[file->segment_count];

    if (file->segment_count == KEXT_FILE_SEGMENTS || bytes < sizeof(*segment) ||
        !take(file, at, segment, sizeof(*segment))) {
        return say(error, truncated);
    }
    if (segment->section_count > KEXT_FILE_SECTIONS - file->section_count ||
        bytes < sizeof(*segment) + segment->section_count * sizeof(struct macho_section)) {
        return say(error, truncated);
    }
    if (!inside(file, segment->offset, segment->file_bytes) || segment->file_bytes > segment->bytes ||
        segment->bytes > KEXT_FILE_SPAN_BYTES) {
        return say(error, "The Mach-O file is malformed: a segment lies outside it.");
    }
    for (uint32_t i = 0; i < segment->section_count; i++) {
        struct macho_section *section = &file->sections[file->section_count];

        (void)take(file, at + sizeof(*segment) + i * sizeof(*section), section, sizeof(*section));
        if (!section_check(file, segment, section)) {
            return say(error, "The Mach-O file is malformed: a section lies outside its segment.");
        }
        file->section_count++;
    }
    file->segment_count++;
    return true;
}

static bool
symbols_take(struct kext_file *file, uint64_t at, uint32_t bytes, char *error)
{
    struct macho_symbol_table *table = &file->symbols;

    if (table->command != 0 || bytes < sizeof(*table) || !take(file, at, table, sizeof(*table)) ||
        !inside(file, table->offset, table->count * (uint64_t)sizeof(struct macho_symbol)) ||
        !inside(file, table->strings_offset, table->strings_bytes)) {
        return say(error, truncated);
    }
    return true;
}

static bool
dynamic_take(struct kext_file *file, uint64_t at, uint32_t bytes, char *error)
{
    struct macho_dynamic_table *table = &file->dynamic;

    if (table->command != 0 || bytes < sizeof(*table) || !take(file, at, table, sizeof(*table)) ||
        !inside(file, table->external_offset, table->external_count * 8ULL) ||
        !inside(file, table->local_offset, table->local_count * 8ULL)) {
        return say(error, truncated);
    }
    return true;
}

static bool
command_take(struct kext_file *file, uint64_t at, const struct macho_command *command, char *error)
{
    switch (command->command) {
    case MACHO_LC_SEGMENT_64:
        return segment_take(file, at, command->bytes, error);
    case MACHO_LC_SYMTAB:
        return symbols_take(file, at, command->bytes, error);
    case MACHO_LC_DYSYMTAB:
        return dynamic_take(file, at, command->bytes, error);
    case MACHO_LC_UUID:
        file->has_uuid = command->bytes >= 24 && take(file, at + 8, file->uuid, sizeof(file->uuid));
        return file->has_uuid || say(error, truncated);
    case MACHO_LC_THREAD:
    case MACHO_LC_UNIXTHREAD:
    case (uint32_t)MACHO_LC_MAIN:
        return say(error, "LC_UNIXTHREAD/LC_MAIN segment is not valid in a kext.");
    default:
        return true; /* whether the release knows it is asked at load */
    }
}

static bool
commands_take(struct kext_file *file, const struct macho_header *header, char *error)
{
    uint64_t at = sizeof(*header);
    const uint64_t end = at + header->command_bytes;

    if (!inside(file, 0, end)) {
        return say(error, truncated);
    }
    for (uint32_t i = 0; i < header->command_count; i++) {
        struct macho_command command;

        if (!take(file, at, &command, sizeof(command)) || command.bytes < sizeof(command) ||
            command.bytes > end - at) {
            return say(error, truncated);
        }
        if (file->command_count == KEXT_FILE_COMMANDS) {
            return say(error, "The Mach-O file is malformed: too many load commands.");
        }
        file->commands[file->command_count++] = command.command;
        if (!command_take(file, at, &command, error)) {
            return false;
        }
        at += command.bytes;
        if (at > end - sizeof(command) && i + 1 < header->command_count) {
            return say(error, truncated);
        }
    }
    return true;
}

/* --- symbols ----------------------------------------------------------------------------------- */

struct macho_symbol
kext_file_symbol(const struct kext_file *file, uint32_t number)
{
    struct macho_symbol symbol;

    machine_copy(&symbol, file->bytes + file->symbols.offset + number * sizeof(symbol), sizeof(symbol));
    return symbol;
}

const char *
kext_file_symbol_name(const struct kext_file *file, const struct macho_symbol *symbol)
{
    return (const char *)file->bytes + file->symbols.strings_offset + symbol->name;
}

bool
kext_file_is_import(const struct macho_symbol *symbol)
{
    return (symbol->type & MACHO_SYMBOL_STAB) == 0 &&
           (symbol->type & MACHO_SYMBOL_TYPE) == MACHO_SYMBOL_UNDEFINED;
}

struct macho_relocation
kext_file_relocation(const struct kext_file *file, uint32_t offset, uint32_t number)
{
    struct macho_relocation relocation;

    machine_copy(&relocation, file->bytes + offset + number * sizeof(relocation), sizeof(relocation));
    return relocation;
}

static bool
symbol_check(const struct kext_file *file, const struct macho_symbol *symbol)
{
    const char *strings = (const char *)file->bytes + file->symbols.strings_offset;
    const uint32_t limit = file->symbols.strings_bytes;

    if (symbol->name >= limit ||
        strnlen(strings + symbol->name, limit - symbol->name) == limit - symbol->name) {
        return false;
    }
    if ((symbol->type & MACHO_SYMBOL_STAB) != 0) {
        return true;
    }
    switch (symbol->type & MACHO_SYMBOL_TYPE) {
    case MACHO_SYMBOL_IN_SECTION:
        return symbol->section > 0 && symbol->section <= file->section_count;
    case MACHO_SYMBOL_UNDEFINED:
    case MACHO_SYMBOL_ABSOLUTE:
        return true;
    default:
        return false; /* indirect, prebound: not in kexts */
    }
}

static bool
symbols_check(const struct kext_file *file, char *error)
{
    for (uint32_t i = 0; i < file->symbols.count; i++) {
        const struct macho_symbol symbol = kext_file_symbol(file, i);

        if (!symbol_check(file, &symbol)) {
            return say(error, "The Mach-O file is malformed: its symbol table is not readable.");
        }
        if (kext_file_is_import(&symbol) && symbol.value != 0) {
            (void)machine_format(error, KEXT_FILE_ERROR_BYTES,
                                 "Common symbols are not supported in kernel extensions. Use -fno-common to "
                                 "build your kext. The following are common symbols: %s",
                                 kext_file_symbol_name(file, &symbol));
            return false;
        }
    }
    return true;
}

/* --- the whole --------------------------------------------------------------------------------- */

static bool
contents_take(struct kext_file *file, char *error)
{
    struct macho_header header;

    if (!take(file, 0, &header, sizeof(header))) {
        return say(error, truncated);
    }
    if (header.file_type != MACHO_TYPE_OBJECT && header.file_type != MACHO_TYPE_KEXT_BUNDLE) {
        (void)machine_format(error, KEXT_FILE_ERROR_BYTES,
                             "The Mach-O filetype 0x%x is not supported on the target architecture.",
                             header.file_type);
        return false;
    }
    file->object = header.file_type == MACHO_TYPE_OBJECT;
    if (!commands_take(file, &header, error)) {
        return false;
    }
    if (file->segment_count == 0 || file->symbols.command == 0) {
        return say(error, "The Mach-O file is malformed: it has no segments or no symbol table.");
    }
    return symbols_check(file, error);
}

enum kext_file_verdict
kext_file_read(struct kext_file *file, const void *bytes, size_t length,
               char error[KEXT_FILE_ERROR_BYTES])
{
    struct macho_header header = {.magic = 0};
    enum kext_file_verdict verdict;

    machine_fill(file, 0, sizeof(*file));
    file->bytes = bytes;
    file->length = length;
    verdict = slice_choose(file, error);
    if (verdict != KEXT_FILE_GOOD) {
        return verdict;
    }
    if (!take(file, 0, &header, 2 * sizeof(uint32_t))) {
        (void)say(error, truncated);
        return KEXT_FILE_BAD;
    }
    if (header.magic != (uint32_t)MACHO_MAGIC_64 || header.cpu_type != MACHO_CPU_X86_64) {
        (void)say(error, "The executable is not one for x86_64.");
        return KEXT_FILE_NO_ARCHITECTURE;
    }
    return contents_take(file, error) ? KEXT_FILE_GOOD : KEXT_FILE_BAD;
}
