/* SPDX-License-Identifier: BSD-2-Clause */
#include "kpi_export.h"

#include "kext_version.h"
#include "kpi_export_table.h"
#include "ksim.h"
#include "profile.h"

#include <string.h>
#include <system.h>

static const char *const components[KPI_COMPONENTS] = {
    "com.apple.kpi.bsd",  "com.apple.kpi.dsep",    "com.apple.kpi.iokit",      "com.apple.kpi.libkern",
    "com.apple.kpi.mach", "com.apple.kpi.private", "com.apple.kpi.unsupported"};

/* OSBundleCompatibleVersion of each (kpi-rest.md 6.3). */
static const char *const compatible_versions[KPI_COMPONENTS] = {
    "8.0.0b1", "8.0.0b1", "7.0", "8.0.0d0", "8.0.0d0", "8.0.0b1", "8.0.0b1"};

enum { PROVEN_COUNT = 16 };

/*
 * What linked already: the outcome depends on these three alone, so that all machines share it. Loads are
 * counted in tens of thousands a second.
 */
static struct {
    const char *const *imports, *const *libraries;
    int darwin_major;
} proven[PROVEN_COUNT];
static unsigned proven_next;

static int
component_find(const char *bundle_id)
{
    int component = 0;

    while (component < KPI_COMPONENTS && strcmp(components[component], bundle_id) != 0) {
        component++;
    }
    return component;
}

bool
ksim_kpi_is_component(const char *bundle_id)
{
    return component_find(bundle_id) < KPI_COMPONENTS;
}

/* The first row of that symbol or, if there is none, of what would follow it. */
static unsigned
row_find(const char *symbol)
{
    unsigned first = 0, last = ksim_kpi_export_count;

    while (first < last) {
        const unsigned middle = first + (last - first) / 2;

        if (strcmp(ksim_kpi_export_table[middle].symbol, symbol) < 0) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return first;
}

/* Bits of the components that export it on that release. */
static unsigned
exporters(const struct ksim_profile *profile, const char *symbol)
{
    const unsigned release = (unsigned)(profile->darwin_major - KSIM_DARWIN_FIRST);
    unsigned bits = 0;

    for (unsigned row = row_find(symbol);
         row < ksim_kpi_export_count && strcmp(ksim_kpi_export_table[row].symbol, symbol) == 0;
         row++) {
        const struct kpi_export *found = &ksim_kpi_export_table[row];

        bits |= (found->releases >> release & 1u) << found->component;
    }
    return bits;
}

const char *
ksim_kpi_export_find(const struct ksim_profile *profile, const char *symbol)
{
    const unsigned bits = exporters(profile, symbol);

    return bits == 0 ? NULL : components[__builtin_ctz(bits)];
}

bool
ksim_kpi_exports(const struct ksim_profile *profile, const char *component, const char *symbol)
{
    return (exporters(profile, symbol) >> component_find(component) & 1u) != 0;
}

static bool
is_proven(const struct ksim_profile *profile, const struct ksim_kext_image *image)
{
    for (unsigned i = 0; i < PROVEN_COUNT; i++) {
        if (proven[i].imports == image->imports && proven[i].libraries == image->libraries &&
            proven[i].darwin_major == profile->darwin_major) {
            return true;
        }
    }
    return false;
}

static void
prove(const struct ksim_profile *profile, const struct ksim_kext_image *image)
{
    proven[proven_next].imports = image->imports;
    proven[proven_next].libraries = image->libraries;
    proven[proven_next].darwin_major = profile->darwin_major;
    proven_next = (proven_next + 1) % PROVEN_COUNT;
}

static unsigned
libraries_of(const struct ksim_kext_image *image)
{
    const char *const *library = image->libraries;
    unsigned bits = 0;

    for (; library != NULL && *library != NULL; library++) {
        bits |= 1u << component_find(*library);
    }
    return bits;
}

bool
ksim_kpi_link(const struct ksim_profile *profile, const struct ksim_kext_image *image)
{
    const unsigned libraries = libraries_of(image);
    bool linked = true;

    if (image->imports == NULL || is_proven(profile, image)) {
        return true;
    }
    for (const char *const *symbol = image->imports; *symbol != NULL; symbol++) {
        if ((exporters(profile, *symbol) & libraries) != 0) {
            continue;
        }
        if (linked) {
            machine_console("kxld[%s]: The following symbols are unresolved for this kext:",
                            image->bundle_id);
        }
        machine_console("kxld[%s]: \t_%s", image->bundle_id, *symbol);
        linked = false;
    }
    if (linked) {
        prove(profile, image);
    }
    return linked;
}

void
ksim_kpi_link_forget(void)
{
    machine_fill(proven, 0, sizeof(proven));
    proven_next = 0;
}

bool
ksim_kpi_component_compatible(const struct ksim_profile *profile, const char *component,
                              const char *requested)
{
    const int digits = profile->kext_version_four_digits ? 4 : 2;
    const int64_t wanted = ksim_kext_version_number(requested, digits);
    const char *version = profile->kernel_version;

    /* "Darwin Kernel Version 19.6.0" */
    for (const char *at = version; *at != '\0'; at++) {
        if (*at == ' ') {
            version = at + 1;
        }
    }
    return wanted >= ksim_kext_version_number(compatible_versions[component_find(component)], digits) &&
           wanted <= ksim_kext_version_number(version, digits);
}
