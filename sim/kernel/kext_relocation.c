/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_relocation.h"

#include "kext_binary.h"
#include "kpi_binding.h"
#include "ksim.h"

/* A relocation with its bits apart. */
struct reference {
    uint32_t symbol; /* or number of a section, from 1 on */
    bool relative, external;
    unsigned bytes;
    enum macho_relocation_type type;
    unsigned char *place;
    int64_t place_slide;
};

static bool
malformed(const struct kext_linker *linker, const char *what)
{
    (void)machine_format(linker->error, KEXT_FILE_ERROR_BYTES, "The Mach-O file is malformed: %s.", what);
    return false;
}

static bool
overflowed(const struct kext_linker *linker)
{
    (void)machine_format(linker->error, KEXT_FILE_ERROR_BYTES,
                         "A relocation entry has overflowed. The kext may be too far from one of its dependencies. "
                         "Check your kext's load address.");
    return false;
}

/* Places need not be aligned (kmod_info is packed). */
static int64_t
place_get(const struct reference *reference)
{
    int64_t wide = 0;
    int32_t narrow = 0;

    if (reference->bytes == sizeof(wide)) {
        machine_copy(&wide, reference->place, sizeof(wide));
        return wide;
    }
    machine_copy(&narrow, reference->place, sizeof(narrow));
    return narrow;
}

static bool
place_put(const struct kext_linker *linker, const struct reference *reference, uint64_t value)
{
    const int32_t narrow = (int32_t)value;

    if (reference->bytes == sizeof(value)) {
        machine_copy(reference->place, &value, sizeof(value));
        return true;
    }
    if ((int64_t)value != narrow) {
        return overflowed(linker);
    }
    machine_copy(reference->place, &narrow, sizeof(narrow));
    return true;
}

/* --- targets ----------------------------------------------------------------------------------- */

static int64_t
section_slide(const struct kext_linker *linker, unsigned section)
{
    return (int64_t)((uint64_t)(uintptr_t)linker->placed[section] - linker->file->sections[section].address);
}

bool
kext_symbol_address(const struct kext_linker *linker, const struct macho_symbol *symbol,
                    uint64_t *address)
{
    const struct macho_section *section;

    if ((symbol->type & MACHO_SYMBOL_TYPE) == MACHO_SYMBOL_ABSOLUTE) {
        *address = symbol->value;
        return true;
    }
    section = &linker->file->sections[symbol->section - 1];
    if (linker->placed[symbol->section - 1] == NULL || symbol->value < section->address ||
        symbol->value - section->address > section->bytes) {
        return false;
    }
    *address = symbol->value + (uint64_t)section_slide(linker, symbol->section - 1);
    return true;
}

static uint64_t
slot_get(const struct kext_linker *linker, uint32_t symbol)
{
    uint64_t address;

    machine_copy(&address, linker->slots + symbol * sizeof(address), sizeof(address));
    return address;
}

/* What an instruction can reach of a symbol: itself, or the thunk of what the kernel has. */
static bool
reachable_address(const struct kext_linker *linker, uint32_t number, uint64_t *address)
{
    const struct macho_symbol symbol = kext_file_symbol(linker->file, number);
    const struct kpi_binding *binding;

    *address = slot_get(linker, number);
    if (!kext_file_is_import(&symbol)) {
        return true;
    }
    binding = ksim_kpi_binding_find(kext_file_symbol_name(linker->file, &symbol) + 1);
    if (binding != NULL && binding->data) {
        return overflowed(linker);
    }
    *address = (uintptr_t)(linker->thunks + number * (size_t)KEXT_THUNK_BYTES);
    return true;
}

static bool
target_check(const struct kext_linker *linker, const struct reference *reference)
{
    if (reference->external) {
        if (reference->symbol < linker->file->symbols.count) {
            const struct macho_symbol symbol = kext_file_symbol(linker->file, reference->symbol);
            uint64_t address;

            if ((symbol.type & MACHO_SYMBOL_STAB) == 0 &&
                (kext_file_is_import(&symbol) || kext_symbol_address(linker, &symbol, &address))) {
                return true;
            }
        }
        return malformed(linker, "a relocation names no symbol");
    }
    if (reference->symbol == 0 || reference->symbol > linker->file->section_count ||
        linker->placed[reference->symbol - 1] == NULL) {
        return malformed(linker, "a relocation names no section");
    }
    return true;
}

/* --- one relocation ---------------------------------------------------------------------------- */

static bool
word_apply(const struct kext_linker *linker, const struct reference *reference)
{
    uint64_t value = (uint64_t)place_get(reference);

    if (reference->relative || reference->bytes != sizeof(value)) {
        return malformed(linker, "an address that is not 64 bits wide");
    }
    value += reference->external ? slot_get(linker, reference->symbol)
                                 : (uint64_t)section_slide(linker, reference->symbol - 1);
    return place_put(linker, reference, value);
}

static bool
relative_apply(const struct kext_linker *linker, const struct reference *reference)
{
    uint64_t value = (uint64_t)place_get(reference), target = 0;

    if (!reference->relative || reference->bytes != sizeof(int32_t)) {
        return malformed(linker, "a relative address that is not 32 bits wide");
    }
    if (!reference->external) {
        value += (uint64_t)section_slide(linker, reference->symbol - 1) - (uint64_t)reference->place_slide;
        return place_put(linker, reference, value);
    }
    if (reference->type == MACHO_GOT || reference->type == MACHO_GOT_LOAD) {
        target = (uintptr_t)(linker->slots + reference->symbol * sizeof(target));
    } else if (!reachable_address(linker, reference->symbol, &target)) {
        return false;
    }
    value += target - ((uintptr_t)reference->place + sizeof(int32_t));
    return place_put(linker, reference, value);
}

/* `minus` came right before: what is subtracted. */
static bool
difference_apply(const struct kext_linker *linker, const struct reference *minus,
                 const struct reference *plus)
{
    uint64_t value;

    if (plus->type != MACHO_UNSIGNED || plus->place != minus->place || plus->bytes != minus->bytes) {
        return malformed(linker, "half a difference");
    }
    value = (uint64_t)place_get(plus);
    value += plus->external ? slot_get(linker, plus->symbol)
                            : (uint64_t)section_slide(linker, plus->symbol - 1);
    value -= minus->external ? slot_get(linker, minus->symbol)
                             : (uint64_t)section_slide(linker, minus->symbol - 1);
    return place_put(linker, plus, value);
}

static bool
reference_apply(const struct kext_linker *linker, const struct reference *reference)
{
    switch (reference->type) {
    case MACHO_UNSIGNED:
        return word_apply(linker, reference);
    case MACHO_GOT_LOAD:
    case MACHO_GOT:
        if (!reference->external) {
            return malformed(linker, "a table entry for no symbol");
        }
        return relative_apply(linker, reference);
    case MACHO_SIGNED:
    case MACHO_BRANCH:
    case MACHO_SIGNED_1:
    case MACHO_SIGNED_2:
    case MACHO_SIGNED_4:
        return relative_apply(linker, reference);
    default:
        return malformed(linker, "a relocation of an unknown type");
    }
}

/* --- tables of relocations --------------------------------------------------------------------- */

/* `count` relocations; their addresses count from `begin`, of `bytes`, which moved by `slide`. */
struct relocation_table {
    uint32_t offset, count;
    unsigned char *begin;
    uint64_t bytes;
    int64_t slide;
};

static bool
reference_read(const struct kext_linker *linker, const struct relocation_table *table, uint32_t number,
               struct reference *reference)
{
    const struct macho_relocation relocation =
        kext_file_relocation(linker->file, table->offset, number);

    reference->symbol = relocation.bits & 0xffffffu;
    reference->relative = (relocation.bits >> 24 & 1u) != 0;
    reference->bytes = 1u << (relocation.bits >> 25 & 3u);
    reference->external = (relocation.bits >> 27 & 1u) != 0;
    reference->type = (enum macho_relocation_type)(relocation.bits >> 28);
    if (reference->bytes < sizeof(int32_t) || relocation.address < 0 ||
        (uint64_t)relocation.address + reference->bytes > table->bytes) {
        return malformed(linker, "a relocation lies outside what it is for");
    }
    reference->place = table->begin + relocation.address;
    reference->place_slide = table->slide;
    return target_check(linker, reference);
}

static bool
table_apply(const struct kext_linker *linker, const struct relocation_table *table)
{
    struct reference reference, minus = {.place = NULL};
    bool subtracting = false;

    for (uint32_t i = 0; i < table->count; i++) {
        bool applied = true;

        if (!reference_read(linker, table, i, &reference)) {
            return false;
        }
        if (subtracting) {
            applied = difference_apply(linker, &minus, &reference);
            subtracting = false;
        } else if (reference.type == MACHO_SUBTRACTOR) {
            minus = reference;
            subtracting = true;
        } else {
            applied = reference_apply(linker, &reference);
        }
        if (!applied) {
            return false;
        }
    }
    return !subtracting || malformed(linker, "half a difference");
}

bool
kext_relocate(const struct kext_linker *linker)
{
    const struct kext_file *file = linker->file;
    struct relocation_table table = {
        .offset = file->dynamic.external_offset,
        .count = file->dynamic.external_count,
        .begin = linker->image,
        .bytes = linker->span_bytes,
        .slide = (int64_t)((uint64_t)(uintptr_t)linker->image - linker->link_base),
    };

    if (!file->object) {
        if (!table_apply(linker, &table)) {
            return false;
        }
        table.offset = file->dynamic.local_offset;
        table.count = file->dynamic.local_count;
        return table_apply(linker, &table);
    }
    for (unsigned i = 0; i < file->section_count; i++) {
        if (linker->placed[i] == NULL) {
            continue;
        }
        table.offset = file->sections[i].relocation_offset;
        table.count = file->sections[i].relocation_count;
        table.begin = linker->placed[i];
        table.bytes = kext_section_is_zero(&file->sections[i]) ? 0 : file->sections[i].bytes;
        table.slide = section_slide(linker, i);
        if (!table_apply(linker, &table)) {
            return false;
        }
    }
    return true;
}
