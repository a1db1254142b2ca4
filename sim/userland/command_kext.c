/* SPDX-License-Identifier: BSD-2-Clause */
/* kextload and kextunload, as kext_tools word it (facts kpi-rest 6). */
#include <string.h>

#include <system.h>

#include "command_list.h"
#include "native_kexts.h"

/* "tap.kext", "/Library/Extensions/tap.kext" or a bundle id, as `kextload` and `kextload -b` take it. */
static const char *
bundle_of(const char *path)
{
    const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    size_t length = strlen(base);
    char name[16];
    const struct ksim_kext_image *image;

    if (length < 5 || length >= sizeof(name) || strcmp(base + length - 5, ".kext") != 0)
        return NULL;
    memcpy(name, base, length - 5);
    name[length - 5] = '\0';
    image = native_kext_image(name);
    return image != NULL ? image->bundle_id : NULL;
}

static int
run_kextload(struct command_call *call)
{
    const char *bundle;
    int result;

    if (call->argc != 2)
        return command_usage(call);
    bundle = bundle_of(call->argv[1]);
    if (bundle == NULL) {
        command_print(call, "%s: no such file or directory\n", call->argv[1]);
        return COMMAND_FAILED;
    }
    result = ksim_kext_load(call->kernel, bundle);
    if (result == KSIM_KEXT_OK)
        return COMMAND_OK;
    command_print(call, "%s failed to load - %s; check the system/kernel logs for errors or try "
                  "kextutil(8).\n", call->argv[1], ksim_kext_result_text(result));
    return 71; /* EX_OSERR */
}

const struct command command_kextload = {"kextload", "KEXT", "load a kext", run_kextload};

static int
run_kextunload(struct command_call *call)
{
    const char *bundle;
    int result;

    if (call->argc != 2)
        return command_usage(call);
    bundle = bundle_of(call->argv[1]);
    if (bundle == NULL) {
        command_print(call, "%s: no such file or directory\n", call->argv[1]);
        return COMMAND_FAILED;
    }
    result = ksim_kext_unload(call->kernel, bundle);
    if (result == KSIM_KEXT_OK)
        return COMMAND_OK;
    command_print(call, "(kernel) Can't unload kext %s; stop routine returned an error.\n", bundle);
    command_print(call, "Failed to unload %s - %s.\n", bundle, ksim_kext_result_text(result));
    return 71;
}

const struct command command_kextunload = {"kextunload", "KEXT", "unload a kext", run_kextunload};
