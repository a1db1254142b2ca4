/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile kexts: the first byte chooses whether the rest is the executable (read, laid out, relocated, protected; never
 * run) or the property list. Seeds: kexts/tun.kext/Contents of a build, with that byte in front.
 */
#include <stddef.h>
#include <stdint.h>

#include <kext_host.h>
#include <property_list.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const libraries[] = {"com.apple.kpi.bsd", NULL};
    const struct ksim_kext_properties properties = {
        .bundle_id = "org.example.fuzz", .version = "1.0", .libraries = libraries};
    char error[KSIM_KEXT_ERROR_BYTES], why[PROPERTY_ERROR_BYTES];
    int result;

    if (length == 0)
        return 0;
    if ((bytes[0] & 1) == 0)
        ksim_kext_binary_close(ksim_kext_binary_open(bytes + 1, length - 1, &properties, &result, error));
    else
        property_list_free(property_list_parse((const char *)bytes + 1, length - 1, why));
    return 0;
}
