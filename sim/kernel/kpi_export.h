/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KSIM_KPI_EXPORT_H
#define KSIM_KPI_EXPORT_H

/*
 * What each release exports to kexts, from exports.tsv, and the check that a kext links against it
 * (kpi-rest.md 6.3, 6.6, 6.8). Components are named "com.apple.kpi.bsd" and so on; symbols as in C.
 */

#include <stdbool.h>

struct ksim_profile;
struct ksim_kext_image;

/* Is this bundle id one of the kernel's components? */
bool ksim_kpi_is_component(const char *bundle_id);

/* The first component, in order of name, that exports the symbol on that release; NULL: none does. */
const char *ksim_kpi_export_find(const struct ksim_profile *profile, const char *symbol);
/* Does that component export it? */
bool ksim_kpi_exports(const struct ksim_profile *profile, const char *component, const char *symbol);

/*
 * Every import of the image is exported by a component among its libraries. If not: what is missing is
 * named on the console in kxld's words. An image without a list of imports links.
 */
bool ksim_kpi_link(const struct ksim_profile *profile, const struct ksim_kext_image *image);
/* Outcomes of the check are remembered by the image's addresses: to be called before those are used again. */
void ksim_kpi_link_forget(void);

/*
 * Does the component of the kernel have what a kext asks for? Its version is the kernel's; a request is met from its
 * compatible version (config/System.kext) to that.
 */
bool ksim_kpi_component_compatible(const struct ksim_profile *profile, const char *component,
                                   const char *requested);

#endif
