/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kextload, kextunload and kextstat, as kext_tools of 10.15 word them (facts kpi-rest 6; kext_tools'
 * kextload_main.c, kextunload_main.c, kextstat_main.c), and the vendor's kext that owns IFNET_FAMILY_TUN.
 */
#include <string.h>

#include <machine.h>
#include <system.h>

#include "command_list.h"
#include "naive_tun.h"
#include "native_kexts.h"
#include "terminal.h"
#include "vendor_tun.h"

enum {
    EXIT_NO_PERMISSION = 77,
    EXIT_OS_ERROR = 71,
    EXIT_UNLOAD_NOT_FOUND = 1,
    EXIT_UNLOAD_FAILED = 3,
    UUID_SINCE = 15 /* darwin: kextstat has the column */
};

/* The kernel's own components, by load tag from 1 on. */
static const char *const components[] = {"bsd", "dsep", "iokit", "libkern", "mach", "private",
                                         "unsupported"};
enum {
    COMPONENT_COUNT = sizeof(components) / sizeof(components[0]),
    COMPONENT_BSD = 1,
    COMPONENT_LIBKERN = 4,
    COMPONENT_MACH = 5
};

/* "tap.kext" or "/Library/Extensions/tap.kext": its bundle id, or NULL. */
static const char *
bundle_of(const char *path)
{
    const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    size_t length = strlen(base);
    char name[64];
    const struct ksim_kext_image *image;

    if (length < 5 || length >= sizeof(name) || strcmp(base + length - 5, ".kext") != 0)
        return NULL;
    memcpy(name, base, length - 5);
    name[length - 5] = '\0';
    image = native_kext_image(name);
    return image != NULL ? image->bundle_id : NULL;
}

/* What the tools are asked for: a list of kexts, each by path or after -b by bundle id. */
struct kext_request {
    bool verbose;
    int next;           /* word to look at next */
    const char *path;   /* as it was typed */
    const char *bundle; /* or NULL: no such kext */
};

/* The next kext; false: the end, or a word that is no request (then next < argc). */
static bool
request_next(struct command_call *call, struct kext_request *request)
{
    while (request->next < call->argc) {
        const char *word = call->argv[request->next];

        if (strcmp(word, "-v") == 0 || strcmp(word, "-verbose") == 0) {
            request->verbose = true;
            request->next++;
        } else if (strcmp(word, "-b") == 0 || strcmp(word, "-bundle-id") == 0) {
            if (request->next + 1 == call->argc)
                return false;
            request->path = request->bundle = call->argv[request->next + 1];
            request->next += 2;
            return true;
        } else if (word[0] == '-') {
            return false;
        } else {
            request->path = word;
            request->bundle = bundle_of(word);
            request->next++;
            return true;
        }
    }
    return false;
}

/* --- kextload ---------------------------------------------------------------------------------- */

static int
load_one(struct command_call *call, const struct kext_request *request)
{
    int result = KSIM_KEXT_NOT_FOUND;

    if (request->verbose)
        command_print(call, "Requesting load of %s.\n", request->path);
    if (request->bundle != NULL)
        result = ksim_kext_load(call->kernel, request->bundle);
    if (result != KSIM_KEXT_OK) {
        command_print(call, "%s failed to load - %s; check the system/kernel logs for errors or "
                      "try kextutil(8).\n", request->path, ksim_kext_result_text(result));
        return result == KSIM_KEXT_NOT_PRIVILEGED ? EXIT_NO_PERMISSION : EXIT_OS_ERROR;
    }
    if (request->verbose)
        command_print(call, "%s loaded successfully (or already loaded).\n", request->path);
    return COMMAND_OK;
}

static int
run_kextload(struct command_call *call)
{
    struct kext_request request = {.next = 1};
    int status = COMMAND_OK, one;
    bool any = false;

    while (request_next(call, &request)) {
        any = true;
        one = load_one(call, &request);
        if (status == COMMAND_OK)
            status = one;
    }
    if (!any && request.next == call->argc)
        command_print(call, "No kernel extensions specified; name kernel extension bundles\n"
                      "    following options, or use -bundle-id (-b).\n");
    if (!any || request.next < call->argc) {
        command_print(call, "usage: kextload [options] [--] [kext] ...\n\n"
                      "use kextload -help for an explanation of each option\n");
        return COMMAND_USAGE;
    }
    return status;
}

const struct command command_kextload = {"kextload", "[-v] [-b BUNDLE-ID | KEXT] ...",
                                         "load kexts: tun.kext, tap.kext", run_kextload};

/* --- kextunload -------------------------------------------------------------------------------- */

/* What the kernel logged meanwhile is shown by the tool. */
static void
print_kernel_log(struct command_call *call, size_t from)
{
    const char *line = machine_console_text(terminal_machine(call->terminal)) + from;

    while (*line != '\0') {
        const char *end = strchr(line, '\n');
        int length = (int)(end != NULL ? end - line : (long)strlen(line));

        if (strncmp(line, "Kext ", 5) == 0)
            command_print(call, "(kernel) %.*s\n", length, line);
        line += length + (end != NULL);
    }
}

static int
unload_one(struct command_call *call, const struct kext_request *request)
{
    size_t logged = strlen(machine_console_text(terminal_machine(call->terminal)));
    int result;

    if (request->bundle == NULL) {
        command_print(call, "Can't create %s.\n", request->path);
        return EXIT_UNLOAD_NOT_FOUND;
    }
    result = ksim_kext_unload(call->kernel, request->bundle);
    if (result != KSIM_KEXT_OK) {
        print_kernel_log(call, logged);
        command_print(call, "Failed to unload %s - %s.\n", request->bundle,
                      ksim_kext_result_text(result));
        return EXIT_UNLOAD_FAILED;
    }
    if (request->verbose)
        command_print(call, "%s unloaded and personalities removed.\n", request->bundle);
    return COMMAND_OK;
}

static int
run_kextunload(struct command_call *call)
{
    struct kext_request request = {.next = 1};
    int status = COMMAND_OK, one;
    bool any = false;

    if (ksim_process_uid(call->process) != 0) {
        command_print(call, "You must be running as root to unload kexts, terminate services, or "
                      "remove driver personalities.\n");
        return EXIT_NO_PERMISSION;
    }
    while (request_next(call, &request)) {
        any = true;
        one = unload_one(call, &request);
        if (status == COMMAND_OK)
            status = one;
    }
    if (!any && request.next == call->argc)
        command_print(call, "No kernel extensions specified.\n");
    if (!any || request.next < call->argc) {
        command_print(call, "usage: kextunload [-h] [-v [0-6]]\n"
                      "        [-p] [-c class_name] ... [-b bundle_id] ... [kext] ...\n");
        return COMMAND_USAGE;
    }
    return status;
}

const struct command command_kextunload = {"kextunload", "[-v] [-b BUNDLE-ID | KEXT] ...",
                                           "unload kexts", run_kextunload};

/* --- kextstat ---------------------------------------------------------------------------------- */

static bool
is_wanted(struct command_call *call, int first, const char *bundle)
{
    for (int i = first; i + 1 < call->argc; i += 2) {
        if (strcmp(call->argv[i + 1], bundle) == 0)
            return true;
    }
    return first == call->argc;
}

static void
print_row(struct command_call *call, unsigned tag, unsigned references, uint64_t address,
          uint64_t bytes, const char *bundle, const char *version, const unsigned char *uuid)
{
    bool has_column = ksim_darwin_major(call->kernel) >= UUID_SINCE;

    command_print(call, "%5u %4u %#-18llx %#-10llx %#-10llx %s (%s)", tag, references,
                  (unsigned long long)address, (unsigned long long)bytes,
                  (unsigned long long)bytes, bundle, version);
    if (!has_column)
        return;
    command_print(call, uuid == NULL ? " no UUID" : " ");
    for (unsigned i = 0; uuid != NULL && i < 16; i++)
        command_print(call, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02X" : "%02X", uuid[i]);
}

static void
print_components(struct command_call *call, int first, unsigned loaded)
{
    char bundle[64];
    /* "Darwin Kernel Version 19.6.0": the components carry the kernel's version. */
    const char *version = strrchr(ksim_kernel_version(call->kernel), ' ') + 1;

    for (unsigned tag = 1; tag <= COMPONENT_COUNT; tag++) {
        bool linked = tag == COMPONENT_BSD || tag == COMPONENT_LIBKERN || tag == COMPONENT_MACH;

        machine_format(bundle, sizeof(bundle), "com.apple.kpi.%s", components[tag - 1]);
        if (!is_wanted(call, first, bundle))
            continue;
        print_row(call, tag, linked ? loaded : 0, 0, 0, bundle, version,
                  NULL);
        command_print(call, "\n");
    }
}

static int
run_kextstat(struct command_call *call)
{
    struct ksim_kext_status status;
    bool own_only = false, bare = false;
    unsigned loaded = 0;
    int first = 1;

    for (; first < call->argc && strcmp(call->argv[first], "-b") != 0; first++) {
        if (strcmp(call->argv[first], "-k") == 0)
            own_only = true;
        else if (strcmp(call->argv[first], "-l") == 0)
            bare = true;
        else
            return command_usage(call);
    }
    while (ksim_kext_status(call->kernel, loaded, &status))
        loaded++;
    if (!bare)
        command_print(call, "Index Refs Address            Size       Wired      Name (Version) "
                      "%s<Linked Against>\n",
                      ksim_darwin_major(call->kernel) >= UUID_SINCE ? "UUID " : "");
    if (!own_only)
        print_components(call, first, loaded);
    for (unsigned i = 0; ksim_kext_status(call->kernel, i, &status); i++) {
        if (!is_wanted(call, first, status.bundle_id))
            continue;
        print_row(call, COMPONENT_COUNT + status.load_tag, status.references, status.address,
                  status.bytes, status.bundle_id, status.version, status.uuid);
        command_print(call, " <%d %d %d>\n", COMPONENT_MACH, COMPONENT_LIBKERN, COMPONENT_BSD);
    }
    return COMMAND_OK;
}

const struct command command_kextstat = {"kextstat", "[-k] [-l] [-b BUNDLE-ID] ...",
                                         "the kexts that are loaded", run_kextstat};

/* --- kexts of others ----------------------------------------------------------------------------- */

static int
load_by_bundle(struct command_call *call, const char *bundle)
{
    struct kext_request request = {.path = bundle, .bundle = bundle};

    return load_one(call, &request);
}

static int
load_by_name(struct command_call *call, const char *bundle)
{
    return call->argc == 1 ? load_by_bundle(call, bundle) : command_usage(call);
}

static int
unload_by_name(struct command_call *call, const char *bundle)
{
    struct kext_request request = {.path = bundle, .bundle = bundle};

    return call->argc == 1 ? unload_one(call, &request) : command_usage(call);
}

static int
run_load_vendor_tun(struct command_call *call)
{
    const bool borrows = call->argc == 2 && strcmp(call->argv[1], "borrow") == 0;

    if (call->argc != 1 && !borrows)
        return command_usage(call);
    vendor_tun_use_family_of(borrows ? native_kext_image("tun")->bundle_id : NULL);
    return load_by_bundle(call, VENDOR_TUN_BUNDLE);
}

const struct command command_load_vendor_tun = {
    "load-vendor-tun", "[borrow]",
    "load a kext of another vendor, which owns PF_INET of IFNET_FAMILY_TUN, or borrows the family of tun.kext",
    run_load_vendor_tun};

static int
run_unload_vendor_tun(struct command_call *call)
{
    return unload_by_name(call, VENDOR_TUN_BUNDLE);
}

const struct command command_unload_vendor_tun = {"unload-vendor-tun", "", "unload it",
                                                  run_unload_vendor_tun};

static int
run_load_naive_tun(struct command_call *call)
{
    return load_by_name(call, NAIVE_TUN_BUNDLE);
}

const struct command command_load_naive_tun = {
    "load-naive-tun", "",
    "load a tun with two famous mistakes: errno 17 beside the vendor's, and a panic",
    run_load_naive_tun};

static int
run_unload_naive_tun(struct command_call *call)
{
    return unload_by_name(call, NAIVE_TUN_BUNDLE);
}

const struct command command_unload_naive_tun = {"unload-naive-tun", "", "unload it",
                                                 run_unload_naive_tun};
