/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hostile kexts: the lowest bit of the first byte chooses whether the rest is the executable (read, laid out, relocated,
 * protected; never run) or the property list.
 *
 * Oracle: what is refused is refused with one line and one of the loader's results, the same each time; an executable that
 * is linked has an image with the names it was given; a property list that is read, written again and read, is the same,
 * nowhere deeper than it may be, and what is looked up is the last of its name.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <kext_host.h>
#include <property_list.h>
#include <text.h>

#include "oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* --- executables ------------------------------------------------------------------------------------ */

static bool
is_one_line(const char *error)
{
    return error[0] != '\0' && strchr(error, '\n') == NULL;
}

static void
image_check(const struct ksim_kext_image *image, const struct ksim_kext_properties *properties)
{
    ORACLE(image != NULL && image->kmod != NULL, "%s", "linked, but there is no image");
    ORACLE(strcmp(image->bundle_id, properties->bundle_id) == 0, "it is called %s", image->bundle_id);
    ORACLE(image->data_bytes == 0 || image->data_begin != NULL, "%zu bytes of variables nowhere", image->data_bytes);
}

static void
executable_check(const uint8_t *bytes, size_t length)
{
    static const char *const libraries[] = {"com.apple.kpi.bsd", NULL};
    const struct ksim_kext_properties properties = {
        .bundle_id = "org.example.fuzz", .version = "1.0", .libraries = libraries};
    char errors[2][KSIM_KEXT_ERROR_BYTES] = {"", ""};
    int results[2] = {0, 0};
    bool good[2];

    for (int turn = 0; turn < 2; turn++) {
        struct ksim_kext_binary *binary =
            ksim_kext_binary_open(bytes, length, &properties, &results[turn], errors[turn]);

        good[turn] = binary != NULL;
        if (binary != NULL)
            image_check(ksim_kext_binary_image(binary), &properties);
        else
            ORACLE(is_one_line(errors[turn]) &&
                       (results[turn] == KSIM_KEXT_LINK || results[turn] == KSIM_KEXT_NO_ARCHITECTURE ||
                        results[turn] == KSIM_KEXT_NO_MEMORY),
                   "refused with %x: %s", (unsigned)results[turn], errors[turn]);
        ksim_kext_binary_close(binary);
    }
    ORACLE(good[0] == good[1] && (good[0] || (results[0] == results[1] && strcmp(errors[0], errors[1]) == 0)),
           "%s, then %s", errors[0], errors[1]);
}

/* --- property lists --------------------------------------------------------------------------------- */

static void
words_write(struct text *text, const char *words)
{
    for (; *words != '\0'; words++) {
        if (*words == '&' || *words == '<' || *words == '>' || *words == '\r')
            text_add(text, "&#%d;", *words);
        else
            text_add(text, "%c", *words);
    }
}

static void
property_write(struct text *text, const struct property *property)
{
    static const char *const tags[] = {
        [PROPERTY_DICTIONARY] = "dict", [PROPERTY_ARRAY] = "array", [PROPERTY_STRING] = "string",
        [PROPERTY_OTHER] = "data"};
    const char *tag = tags[property->kind];

    if (property->key != NULL) {
        text_add(text, "<key>");
        words_write(text, property->key);
        text_add(text, "</key>");
    }
    text_add(text, "<%s>", tag);
    if (property->text != NULL)
        words_write(text, property->text);
    for (const struct property *inner = property->first; inner != NULL; inner = inner->next)
        property_write(text, inner);
    text_add(text, "</%s>", tag);
}

static bool
same_words(const char *one, const char *other)
{
    return (one == NULL) == (other == NULL) && (one == NULL || strcmp(one, other) == 0);
}

static void
properties_compare(const struct property *one, const struct property *other, unsigned depth)
{
    ORACLE(depth <= PROPERTY_DEPTH, "it is %u deep", depth);
    for (; one != NULL && other != NULL; one = one->next, other = other->next) {
        ORACLE(one->kind == other->kind, "kind %d became %d", one->kind, other->kind);
        ORACLE(same_words(one->key, other->key), "the key %s became %s", one->key, other->key);
        ORACLE(same_words(one->text, other->text), "%s became %s", one->text, other->text);
        properties_compare(one->first, other->first, depth + 1);
    }
    ORACLE(one == NULL && other == NULL, "%s", "there are more or fewer");
}

/* What property_find has to answer, looked up plainly. */
static void
find_check(const struct property *dictionary)
{
    for (const struct property *wanted = dictionary->first; wanted != NULL; wanted = wanted->next) {
        const struct property *last = NULL;

        for (const struct property *each = dictionary->first; each != NULL; each = each->next) {
            if (strcmp(each->key, wanted->key) == 0)
                last = each;
        }
        ORACLE(property_find(dictionary, wanted->key, last->kind) == last, "%s is not the last", wanted->key);
    }
}

static void
list_check(const char *bytes, size_t length)
{
    char why[PROPERTY_ERROR_BYTES] = "";
    struct property *list = property_list_parse(bytes, length, why), *again;
    struct text text = {0};

    if (list == NULL) {
        ORACLE(is_one_line(why), "refused with: %s", why);
        return;
    }
    if (list->kind == PROPERTY_DICTIONARY)
        find_check(list);
    text_add(&text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\">");
    property_write(&text, list);
    text_add(&text, "</plist>");
    again = property_list_parse(text_bytes(&text), text.length, why);
    ORACLE(again != NULL || text.length > PROPERTY_BYTES, "written, it is refused: %s", why);
    if (again != NULL)
        properties_compare(list, again, 1);
    property_list_free(again);
    property_list_free(list);
    text_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    if (length == 0)
        return 0;
    if ((bytes[0] & 1) == 0)
        executable_check(bytes + 1, length - 1);
    else
        list_check((const char *)bytes + 1, length - 1);
    return 0;
}
