/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel does with a kext that came out of a file, at load and unload. */
#include "kext_binary.h"

#include "ksim.h"

/* The first release whose linker knows the command (kpi-rest.md 6.6); those of all releases are not here. */
static const struct {
    uint32_t command;
    int since;
} newer_commands[] = {
    {MACHO_LC_CODE_SIGNATURE, 12},        {MACHO_LC_DATA_IN_CODE, 12},
    {MACHO_LC_DYLD_INFO, 12},             {(uint32_t)MACHO_LC_DYLD_INFO_ONLY, 12},
    {MACHO_LC_DYLIB_CODE_SIGN_DRS, 12},   {MACHO_LC_FUNCTION_STARTS, 12},
    {MACHO_LC_SOURCE_VERSION, 12},        {MACHO_LC_VERSION_MIN_MACOSX, 12},
    {MACHO_LC_VERSION_MIN_IPHONEOS, 12},  {MACHO_LC_SEGMENT_SPLIT_INFO, 13},
    {MACHO_LC_VERSION_MIN_WATCHOS, 15},   {MACHO_LC_VERSION_MIN_TVOS, 16},
    {MACHO_LC_BUILD_VERSION, 17},         {MACHO_LC_NOTE, 17},
};

static bool
command_known(uint32_t command, int darwin_major)
{
    switch (command) {
    case MACHO_LC_SEGMENT_64:
    case MACHO_LC_SYMTAB:
    case MACHO_LC_DYSYMTAB:
    case MACHO_LC_UUID:
        return true;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof(newer_commands) / sizeof(newer_commands[0]); i++) {
        if (newer_commands[i].command == command) {
            return darwin_major >= newer_commands[i].since;
        }
    }
    return false;
}

bool
ksim_kext_binary_accepted(const struct ksim_kext_binary *binary, int darwin_major)
{
    /* A Mac would not take an object at all; it is here so that a driver can be run before it is linked. */
    if (binary->object) {
        return true;
    }
    for (unsigned i = 0; i < binary->command_count; i++) {
        if (!command_known(binary->commands[i], darwin_major)) {
            machine_console("kxld[%s]: Invalid load command type in MH_KEXT_BUNDLE kext: %u.",
                            binary->image.bundle_id, binary->commands[i]);
            return false;
        }
    }
    return true;
}

bool
ksim_kext_binary_is_code(const struct ksim_kext_binary *binary, const void *address)
{
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)binary->text_begin;

    return offset < binary->text_bytes;
}

static bool
table_run(const struct ksim_kext_binary *binary, const struct kext_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        void (*function)(void);

        machine_copy(&function, table->begin + i * sizeof(function), sizeof(function));
        if (function == NULL) {
            continue;
        }
        if (!ksim_kext_binary_is_code(binary, (const void *)(uintptr_t)function)) {
            machine_console("Kext %s - a constructor or destructor is outside of kext range.",
                            binary->image.bundle_id);
            return false;
        }
        function();
    }
    return true;
}

bool
ksim_kext_binary_run(const struct ksim_kext_binary *binary, bool destructors)
{
    for (unsigned i = 0; i < binary->table_count; i++) {
        if (binary->tables[i].destructors == destructors && !table_run(binary, &binary->tables[i])) {
            return false;
        }
    }
    return true;
}
