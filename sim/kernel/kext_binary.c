/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_binary.h"

#include "kext_layout.h"
#include "kext_relocation.h"
#include "kpi_binding.h"
#include "kpi_export.h"
#include "ksim.h"

#include <mach/kmod.h>
#include <string.h>

#if defined(__x86_64__)
enum { RUNS_X86_64 = true };
#else
enum { RUNS_X86_64 = false };
#endif

/* All that is known while a file becomes a binary. */
struct opening {
    struct kext_file file;
    struct kext_layout layout;
    struct kext_linker linker;
    size_t stubs_bytes, records_bytes, import_count;
    bool weak_tested; /* the kext knows the convention for weak imports */
    char *error;
    int result;
};

static bool
fail(struct opening *opening, const char *text)
{
    (void)machine_format(opening->error, KSIM_KEXT_ERROR_BYTES, "%s", text);
    return false;
}

static size_t
page_end(size_t bytes)
{
    return (bytes + MACHINE_IMAGE_PAGE - 1) & ~(size_t)(MACHINE_IMAGE_PAGE - 1);
}

/* Without the underscore that Mach-O puts in front of C's names. */
static const char *
plain_name(const struct kext_file *file, const struct macho_symbol *symbol)
{
    const char *name = kext_file_symbol_name(file, symbol);

    return *name == '_' ? name + 1 : name;
}

/* --- imports ----------------------------------------------------------------------------------- */

/* Names that the release must export. */
static bool
is_required(const struct opening *opening, const struct macho_symbol *symbol)
{
    return kext_file_is_import(symbol) &&
           !(opening->weak_tested && (symbol->description & MACHO_SYMBOL_WEAK_REFERENCE) != 0);
}

/* How much room the names take; and whether weak imports may stay open. */
static void
imports_measure(struct opening *opening, const struct ksim_kext_binary *binary)
{
    const struct kext_file *file = &opening->file;
    size_t names = 0;

    for (uint32_t i = 0; i < file->symbols.count; i++) {
        const struct macho_symbol symbol = kext_file_symbol(file, i);

        if (kext_file_is_import(&symbol)) {
            const char *name = plain_name(file, &symbol);

            opening->import_count++;
            names += strlen(name) + 1;
            opening->weak_tested = opening->weak_tested || strcmp(name, "gOSKextUnresolved") == 0;
        }
    }
    opening->stubs_bytes =
        page_end(sizeof(uint64_t) + file->symbols.count * (sizeof(uint64_t) + (size_t)KEXT_THUNK_BYTES));
    opening->records_bytes =
        page_end(sizeof(*binary) + (opening->import_count + 1) * sizeof(char *) + names);
}

/* Behind the record: the list for the check against the release, then all names. */
static void
imports_list(const struct opening *opening, struct ksim_kext_binary *binary)
{
    const struct kext_file *file = &opening->file;
    const char **list = (const char **)(void *)(binary + 1);
    char *name = (char *)(list + opening->import_count + 1);

    binary->image.imports = list;
    for (uint32_t i = 0; i < file->symbols.count; i++) {
        const struct macho_symbol symbol = kext_file_symbol(file, i);

        if (kext_file_is_import(&symbol)) {
            const size_t bytes = strlen(plain_name(file, &symbol)) + 1;

            machine_copy(name, plain_name(file, &symbol), bytes);
            if (is_required(opening, &symbol)) {
                *list++ = name;
            }
            name += bytes;
        }
    }
    *list = NULL;
}

/* --- stubs ------------------------------------------------------------------------------------- */

static void
stub_word(unsigned char *code, const unsigned char *target)
{
    const int32_t distance = (int32_t)(target - (code + sizeof(distance)));

    machine_copy(code, &distance, sizeof(distance));
}

/* jmp *slot(%rip) */
static void
thunk_write(unsigned char *thunk, const unsigned char *slot)
{
    static const unsigned char jump[] = {0xff, 0x25};

    machine_copy(thunk, jump, sizeof(jump));
    stub_word(thunk + sizeof(jump), slot);
}

/*
 * For what the emulation lacks: the slot leads to the thunk itself, which hands the name over. movabs name, %rdi is ten
 * bytes, so that the jump goes through one slot that all of them share.
 */
static void
trap_write(unsigned char *thunk, const char *name, const unsigned char *missing_slot)
{
    static const unsigned char load[] = {0x48, 0xbf}, jump[] = {0xff, 0x25};
    const uint64_t address = (uintptr_t)name;

    machine_copy(thunk, load, sizeof(load));
    machine_copy(thunk + 2, &address, sizeof(address));
    machine_copy(thunk + 10, jump, sizeof(jump));
    stub_word(thunk + 12, missing_slot);
}

static void
slot_set(unsigned char *slot, uint64_t address)
{
    machine_copy(slot, &address, sizeof(address));
}

_Static_assert(KEXT_THUNK_BYTES == 16, "movabs and jmp");

/* Tables of C++ classes have no address that could be called: a kext that wants one cannot do without it. */
static bool
is_class_data(const char *name)
{
    return strncmp(name, "_ZTV", 4) == 0 || strncmp(name, "_ZTI", 4) == 0 ||
           strncmp(name, "_ZTS", 4) == 0;
}

static bool
import_bind(struct opening *opening, const struct ksim_kext_binary *binary, uint32_t number,
            const struct macho_symbol *symbol, const char *kept_name)
{
    unsigned char *slot = opening->linker.slots + number * sizeof(uint64_t);
    unsigned char *thunk = opening->linker.thunks + number * (size_t)KEXT_THUNK_BYTES;
    const struct kpi_binding *binding = ksim_kpi_binding_find(kept_name);

    (void)binary;
    if (binding == NULL && (symbol->description & MACHO_SYMBOL_WEAK_REFERENCE) != 0) {
        binding = ksim_kpi_binding_find("gOSKextUnresolved");
    }
    if (binding != NULL) {
        slot_set(slot, (uintptr_t)binding->address);
        thunk_write(thunk, slot);
        return true;
    }
    if (is_class_data(kept_name)) {
        (void)machine_format(opening->error, KSIM_KEXT_ERROR_BYTES,
                             "The emulated kernel has no C++ class for this kext: _%s", kept_name);
        return false;
    }
    slot_set(slot, (uintptr_t)thunk);
    return true;
}

/* Slots and thunks of all symbols. The last slot is what traps jump through. */
static bool
symbols_bind(struct opening *opening, const struct ksim_kext_binary *binary, unsigned char *missing_slot)
{
    const struct kext_file *file = &opening->file;
    const char *name = (const char *)((const char *const *)(const void *)(binary + 1) +
                                      opening->import_count + 1);

    slot_set(missing_slot, (uintptr_t)ksim_kpi_binding_missing);
    for (uint32_t i = 0; i < file->symbols.count; i++) {
        const struct macho_symbol symbol = kext_file_symbol(file, i);
        uint64_t address = 0;

        if (kext_file_is_import(&symbol)) {
            if (!import_bind(opening, binary, i, &symbol, name)) {
                return false;
            }
            if (ksim_kpi_binding_find(name) == NULL &&
                (symbol.description & MACHO_SYMBOL_WEAK_REFERENCE) == 0) {
                trap_write(opening->linker.thunks + i * (size_t)KEXT_THUNK_BYTES, name, missing_slot);
            }
            name += strlen(name) + 1;
        } else if ((symbol.type & MACHO_SYMBOL_STAB) == 0 &&
                   kext_symbol_address(&opening->linker, &symbol, &address)) {
            slot_set(opening->linker.slots + i * sizeof(uint64_t), address);
        }
    }
    return true;
}

/* --- what the kernel looks for ----------------------------------------------------------------- */

static bool
info_find(const struct opening *opening, struct ksim_kext_binary *binary)
{
    const struct kext_file *file = &opening->file;

    for (uint32_t i = 0; i < file->symbols.count; i++) {
        const struct macho_symbol symbol = kext_file_symbol(file, i);
        uint64_t address;
        size_t offset;

        if ((symbol.type & (MACHO_SYMBOL_STAB | MACHO_SYMBOL_TYPE | MACHO_SYMBOL_EXTERNAL)) !=
                (MACHO_SYMBOL_IN_SECTION | MACHO_SYMBOL_EXTERNAL) ||
            strcmp(kext_file_symbol_name(file, &symbol), "_kmod_info") != 0 ||
            !kext_symbol_address(&opening->linker, &symbol, &address)) {
            continue;
        }
        offset = (size_t)(address - (uintptr_t)binary->mapping);
        if (offset >= opening->layout.data_begin && offset <= opening->layout.data_end &&
            opening->layout.data_end - offset >= sizeof(struct kmod_info)) {
            binary->image.kmod = (struct kmod_info *)(void *)(binary->mapping + offset);
            return true;
        }
    }
    return false;
}

static bool
tables_find(const struct opening *opening, struct ksim_kext_binary *binary)
{
    for (unsigned i = 0; i < opening->file.section_count; i++) {
        const struct macho_section *section = &opening->file.sections[i];
        const uint32_t type = section->flags & MACHO_SECTION_TYPE;
        const bool old_style = strncmp(section->name, "__constructor", 16) == 0 ||
                               strncmp(section->name, "__destructor", 16) == 0;
        struct kext_table *table = &binary->tables[binary->table_count];

        if (opening->linker.placed[i] == NULL ||
            (type != MACHO_SECTION_CONSTRUCTORS && type != MACHO_SECTION_DESTRUCTORS && !old_style)) {
            continue;
        }
        if (binary->table_count == KEXT_TABLES || section->bytes % sizeof(uint64_t) != 0) {
            return false;
        }
        table->destructors = type == MACHO_SECTION_DESTRUCTORS ||
                             strncmp(section->name, "__destructor", 16) == 0;
        table->begin = opening->linker.placed[i];
        table->count = section->bytes / sizeof(uint64_t);
        binary->table_count++;
    }
    return true;
}

static void
image_fill(const struct opening *opening, struct ksim_kext_binary *binary,
           const struct ksim_kext_properties *properties)
{
    const struct kext_layout *layout = &opening->layout;

    binary->text_begin = binary->mapping + layout->text_begin;
    binary->text_bytes = layout->text_end - layout->text_begin;
    binary->span_bytes = layout->span_bytes;
    binary->object = opening->file.object;
    binary->command_count = opening->file.command_count;
    machine_copy(binary->commands, opening->file.commands, sizeof(binary->commands));
    binary->has_uuid = opening->file.has_uuid;
    machine_copy(binary->uuid, opening->file.uuid, sizeof(binary->uuid));
    binary->image.bundle_id = properties->bundle_id;
    binary->image.version = properties->version;
    binary->image.compatible_version = properties->compatible_version;
    binary->image.libraries = properties->libraries;
    binary->image.library_versions = properties->library_versions;
    binary->image.data_begin = binary->mapping + layout->data_begin;
    binary->image.data_bytes = layout->data_end - layout->data_begin;
    binary->image.binary = binary;
}

/* --- opening ----------------------------------------------------------------------------------- */

static bool
file_measure(struct opening *opening, const void *bytes, size_t length,
             const struct ksim_kext_binary *binary)
{
    const enum kext_file_verdict verdict =
        kext_file_read(&opening->file, bytes, length, opening->error);

    if (verdict != KEXT_FILE_GOOD) {
        opening->result =
            verdict == KEXT_FILE_NO_ARCHITECTURE ? KSIM_KEXT_NO_ARCHITECTURE : KSIM_KEXT_LINK;
        return false;
    }
    if (!kext_layout_make(&opening->layout, &opening->file, opening->error)) {
        return false;
    }
    imports_measure(opening, binary);
    return true;
}

static void
linker_prepare(struct opening *opening, unsigned char *mapping)
{
    struct kext_linker *linker = &opening->linker;

    linker->file = &opening->file;
    linker->image = mapping;
    linker->span_bytes = opening->layout.span_bytes;
    linker->link_base = opening->layout.link_base;
    linker->slots = mapping + opening->layout.span_bytes;
    linker->thunks = linker->slots + (opening->file.symbols.count + 1) * sizeof(uint64_t);
    linker->error = opening->error;
    for (unsigned i = 0; i < opening->file.section_count; i++) {
        const int64_t offset = opening->layout.offsets[i];

        linker->placed[i] = offset == KEXT_DROPPED ? NULL : mapping + offset;
    }
}

/* Code and constants cannot be written any more, variables not be run. */
static bool
mapping_protect(const struct opening *opening, unsigned char *mapping)
{
    const struct kext_layout *layout = &opening->layout;
    const unsigned readable = MACHINE_IMAGE_READ;

    return machine_image_protect(mapping, layout->span_bytes, readable) &&
           (layout->text_end == layout->text_begin ||
            machine_image_protect(mapping + layout->text_begin, layout->text_end - layout->text_begin,
                                  readable | MACHINE_IMAGE_EXECUTE)) &&
           (layout->data_end == layout->data_begin ||
            machine_image_protect(mapping + layout->data_begin, layout->data_end - layout->data_begin,
                                  readable | MACHINE_IMAGE_WRITE)) &&
           machine_image_protect(mapping + layout->span_bytes, opening->stubs_bytes,
                                 readable | MACHINE_IMAGE_EXECUTE);
}

static bool
binary_link(struct opening *opening, struct ksim_kext_binary *binary)
{
    kext_layout_fill(&opening->layout, &opening->file, binary->mapping);
    imports_list(opening, binary);
    if (!symbols_bind(opening, binary,
                      opening->linker.slots + opening->file.symbols.count * sizeof(uint64_t)) ||
        !kext_relocate(&opening->linker)) {
        return false;
    }
    if (!info_find(opening, binary)) {
        return fail(opening, "The kext is missing its kmod_info structure.");
    }
    if (!tables_find(opening, binary)) {
        return fail(opening, "The Mach-O file is malformed: its table of constructors is not readable.");
    }
    return mapping_protect(opening, binary->mapping) || fail(opening, "The host does not run code here.");
}

static struct ksim_kext_binary *
binary_make(struct opening *opening, const struct ksim_kext_properties *properties)
{
    const size_t bytes =
        opening->layout.span_bytes + opening->stubs_bytes + opening->records_bytes;
    unsigned char *mapping = machine_image_map(bytes);
    struct ksim_kext_binary *binary;

    if (mapping == NULL) {
        opening->result = KSIM_KEXT_NO_MEMORY;
        (void)fail(opening, "No memory.");
        return NULL;
    }
    linker_prepare(opening, mapping);
    binary = (struct ksim_kext_binary *)(void *)(mapping + opening->layout.span_bytes +
                                                 opening->stubs_bytes);
    binary->mapping = mapping;
    binary->mapping_bytes = bytes;
    image_fill(opening, binary, properties);
    if (!binary_link(opening, binary)) {
        machine_image_unmap(mapping, bytes);
        return NULL;
    }
    return binary;
}

/* Names come out of the file, and none of its bytes may make two lines of one. */
static void
words_keep_to_a_line(char *words)
{
    for (; *words != '\0'; words++) {
        if ((unsigned char)*words < ' ' || *words == 0x7f) {
            *words = '?';
        }
    }
}

struct ksim_kext_binary *
ksim_kext_binary_open(const void *file, size_t bytes, const struct ksim_kext_properties *properties,
                      int *result, char error[KSIM_KEXT_ERROR_BYTES])
{
    struct ksim_kext_binary *binary = NULL;
    struct opening opening;

    machine_fill(&opening, 0, sizeof(opening));
    opening.error = error;
    opening.result = KSIM_KEXT_LINK;
    error[0] = '\0';
    if (file_measure(&opening, file, bytes, binary)) {
        if (RUNS_X86_64) {
            binary = binary_make(&opening, properties);
        } else {
            opening.result = KSIM_KEXT_NO_ARCHITECTURE;
            (void)fail(&opening, "This host does not run code for x86_64.");
        }
    }
    words_keep_to_a_line(error);
    *result = binary == NULL ? opening.result : KSIM_KEXT_OK;
    return binary;
}

void
ksim_kext_binary_close(struct ksim_kext_binary *binary)
{
    if (binary != NULL) {
        /* Another one may get the same addresses. */
        ksim_kpi_link_forget();
        machine_image_unmap(binary->mapping, binary->mapping_bytes);
    }
}

const struct ksim_kext_image *
ksim_kext_binary_image(const struct ksim_kext_binary *binary)
{
    return &binary->image;
}
