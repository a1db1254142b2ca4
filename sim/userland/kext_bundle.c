/* SPDX-License-Identifier: BSD-2-Clause */
#include "kext_bundle.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kext_file.h>

#include "property_list.h"

enum { PATH_BYTES = 4096, BUNDLE_ID_BYTES = 64, LIBRARIES_MAX = 64 };
#define EXECUTABLE_BYTES (64L * 1024 * 1024)

struct kext_bundle {
    char path[PATH_BYTES]; /* without a slash at its end */
    char name[BUNDLE_ID_BYTES];
    struct property *list;
    struct ksim_kext_properties properties;
    const char *libraries[LIBRARIES_MAX + 1], *versions[LIBRARIES_MAX + 1];
    struct ksim_kext_binary *binary;
    struct ksim_kext_image image; /* of a kext with a defect */
    char defect_text[KSIM_KEXT_ERROR_BYTES];
    char executable[PATH_BYTES];
    bool has_uuid;
    unsigned char uuid[16];
};

const char *
kext_bundle_path(const struct kext_bundle *bundle)
{
    return bundle->path;
}

const char *
kext_bundle_executable(const struct kext_bundle *bundle)
{
    return bundle->executable;
}

bool
kext_bundle_uuid(const struct kext_bundle *bundle, unsigned char uuid[16])
{
    memcpy(uuid, bundle->uuid, sizeof(bundle->uuid));
    return bundle->has_uuid;
}

const char *
kext_bundle_name(const struct kext_bundle *bundle)
{
    return bundle->name;
}

const struct ksim_kext_image *
kext_bundle_image(const struct kext_bundle *bundle)
{
    return bundle->binary != NULL ? ksim_kext_binary_image(bundle->binary) : &bundle->image;
}

void
kext_bundle_close(struct kext_bundle *bundle)
{
    if (bundle != NULL) {
        ksim_kext_binary_close(bundle->binary);
        property_list_free(bundle->list);
        free(bundle);
    }
}

/* --- files ------------------------------------------------------------------------------------- */

/* The path of what is in the folder; "" is the folder. */
static bool
path_of(const struct kext_bundle *bundle, const char *inside, char path[PATH_BYTES])
{
    return snprintf(path, PATH_BYTES, "%s%s", bundle->path, inside) < PATH_BYTES;
}

/* The whole file, to be freed, never larger than `limit`; NULL with errno. */
static char *
file_read(const char *path, long limit, size_t *bytes)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    char *contents = NULL;

    if (file == NULL)
        return NULL;
    if (fstat(fileno(file), &status) != 0)
        goto close;
    errno = S_ISREG(status.st_mode) ? EFBIG : EISDIR;
    if (!S_ISREG(status.st_mode) || status.st_size > limit)
        goto close;
    contents = malloc((size_t)status.st_size + 1);
    if (contents == NULL)
        goto close;
    *bytes = fread(contents, 1, (size_t)status.st_size, file);

close:
    fclose(file);
    return contents;
}

/* Root's, no link, and nobody else may write. */
static bool
is_safe(const struct kext_bundle *bundle, const char *inside)
{
    struct stat status;
    char path[PATH_BYTES];

    return path_of(bundle, inside, path) && lstat(path, &status) == 0 &&
           (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) &&
           (status.st_uid == 0 || status.st_uid == geteuid()) &&
           (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* --- defects ----------------------------------------------------------------------------------- */

static void
defect_set(struct kext_bundle *bundle, int result, const char *text)
{
    bundle->image = (struct ksim_kext_image){
        .bundle_id = bundle->properties.bundle_id,
        .version = bundle->properties.version != NULL ? bundle->properties.version : "0",
        .defect = result,
        .defect_text = bundle->defect_text,
    };
    snprintf(bundle->defect_text, sizeof(bundle->defect_text), "%s", text);
}

/* --- the property list ------------------------------------------------------------------------- */

static bool
list_read(struct kext_bundle *bundle, char error[KEXT_BUNDLE_ERROR_BYTES])
{
    char path[PATH_BYTES], why[PROPERTY_ERROR_BYTES];
    const char *bundle_id;
    size_t bytes = 0;
    char *contents;

    if (!path_of(bundle, "/Contents/Info.plist", path)) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: %s", bundle->path, strerror(ENAMETOOLONG));
        return false;
    }
    contents = file_read(path, PROPERTY_BYTES, &bytes);
    if (contents == NULL) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: %s", path, strerror(errno));
        return false;
    }
    bundle->list = property_list_parse(contents, bytes, why);
    free(contents);
    if (bundle->list == NULL) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: %s", path, why);
        return false;
    }
    bundle_id = property_string(bundle->list, "CFBundleIdentifier");
    if (bundle_id == NULL || bundle_id[0] == '\0' || strlen(bundle_id) >= BUNDLE_ID_BYTES) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: CFBundleIdentifier missing/invalid type/bad value",
                 path);
        return false;
    }
    bundle->properties.bundle_id = bundle_id;
    return true;
}

/* False: the defect is set. */
static bool
libraries_read(struct kext_bundle *bundle)
{
    const struct property *libraries =
        property_find(bundle->list, "OSBundleLibraries", PROPERTY_DICTIONARY);
    unsigned count = 0;

    for (const struct property *library = libraries != NULL ? libraries->first : NULL;
         library != NULL && count < LIBRARIES_MAX; library = library->next) {
        if (library->kind != PROPERTY_STRING)
            break;
        bundle->libraries[count] = library->key;
        bundle->versions[count++] = library->text;
        if (library->next == NULL) {
            bundle->properties.libraries = bundle->libraries;
            bundle->properties.library_versions = bundle->versions;
            return true;
        }
    }
    defect_set(bundle, KSIM_KEXT_DEPENDENCIES,
               "can't resolve dependencies; OSBundleLibraries missing/invalid type.");
    return false;
}

static bool
properties_read(struct kext_bundle *bundle)
{
    const char *type = property_string(bundle->list, "CFBundlePackageType");

    bundle->properties.version = property_string(bundle->list, "CFBundleVersion");
    bundle->properties.compatible_version = property_string(bundle->list, "OSBundleCompatibleVersion");
    if (bundle->properties.version == NULL) {
        defect_set(bundle, KSIM_KEXT_VALIDATION, "CFBundleVersion missing/invalid type.");
        return false;
    }
    if (type == NULL || strcmp(type, "KEXT") != 0) {
        defect_set(bundle, KSIM_KEXT_VALIDATION, "CFBundlePackageType missing/bad value.");
        return false;
    }
    return libraries_read(bundle);
}

/* Known also of a file that this host cannot run. */
static void
uuid_read(struct kext_bundle *bundle, const char *contents, size_t bytes)
{
    struct kext_file *file = calloc(1, sizeof(*file));
    char error[KEXT_FILE_ERROR_BYTES];

    if (file != NULL && kext_file_read(file, contents, bytes, error) == KEXT_FILE_GOOD) {
        bundle->has_uuid = file->has_uuid;
        memcpy(bundle->uuid, file->uuid, sizeof(bundle->uuid));
    }
    free(file);
}

/* --- the executable ---------------------------------------------------------------------------- */

static void
executable_open(struct kext_bundle *bundle)
{
    const char *name = property_string(bundle->list, "CFBundleExecutable");
    char inside[PATH_BYTES], path[PATH_BYTES];
    char error[KSIM_KEXT_ERROR_BYTES];
    size_t bytes = 0;
    char *contents;
    int result;

    if (name == NULL || name[0] == '\0' || strchr(name, '/') != NULL ||
        snprintf(inside, sizeof(inside), "/Contents/MacOS/%s", name) >= (int)sizeof(inside) ||
        !path_of(bundle, inside, path)) {
        defect_set(bundle, KSIM_KEXT_VALIDATION, "CFBundleExecutable missing/bad value.");
        return;
    }
    contents = file_read(path, EXECUTABLE_BYTES, &bytes);
    if (contents == NULL) {
        defect_set(bundle, KSIM_KEXT_NO_ARCHITECTURE, "CFBundleExecutable names no file that can be read.");
        return;
    }
    memcpy(bundle->executable, path, sizeof(bundle->executable));
    uuid_read(bundle, contents, bytes);
    if (!is_safe(bundle, "") || !is_safe(bundle, "/Contents") || !is_safe(bundle, "/Contents/MacOS") ||
        !is_safe(bundle, "/Contents/Info.plist") || !is_safe(bundle, inside)) {
        defect_set(bundle, KSIM_KEXT_AUTHENTICATION,
                   "File owner/permissions are incorrect (must be root:wheel, nonwritable by group/other).");
    } else {
        bundle->binary = ksim_kext_binary_open(contents, bytes, &bundle->properties, &result, error);
        if (bundle->binary == NULL)
            defect_set(bundle, result, error);
    }
    free(contents);
}

/* --- the folder -------------------------------------------------------------------------------- */

static bool
folder_name(struct kext_bundle *bundle, const char *path, char error[KEXT_BUNDLE_ERROR_BYTES])
{
    size_t length = strlen(path);
    const char *base;

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length >= sizeof(bundle->path)) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: %s", path, strerror(ENAMETOOLONG));
        return false;
    }
    memcpy(bundle->path, path, length);
    base = strrchr(bundle->path, '/') != NULL ? strrchr(bundle->path, '/') + 1 : bundle->path;
    length = strlen(base);
    if (length <= 5 || strcmp(base + length - 5, ".kext") != 0 || length - 5 >= sizeof(bundle->name)) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: not a kext: a folder NAME.kext is one", path);
        return false;
    }
    memcpy(bundle->name, base, length - 5);
    return true;
}

struct kext_bundle *
kext_bundle_open(const char *path, char error[KEXT_BUNDLE_ERROR_BYTES])
{
    struct kext_bundle *bundle = calloc(1, sizeof(*bundle));

    if (bundle == NULL) {
        snprintf(error, KEXT_BUNDLE_ERROR_BYTES, "%.200s: %s", path, strerror(ENOMEM));
        return NULL;
    }
    if (!folder_name(bundle, path, error) || !list_read(bundle, error)) {
        kext_bundle_close(bundle);
        return NULL;
    }
    if (properties_read(bundle))
        executable_open(bundle);
    return bundle;
}
