/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PROPERTY_LIST_H
#define PROPERTY_LIST_H

/*
 * XML property lists, as Info.plist is one (Apple's PropertyList-1.0.dtd), read with expat. What is not well-formed, or
 * declares entities of its own, nests deeper than PROPERTY_DEPTH or is larger than PROPERTY_BYTES is refused.
 */

#include <stdbool.h>
#include <stddef.h>

enum { PROPERTY_DEPTH = 32, PROPERTY_BYTES = 1024 * 1024, PROPERTY_ERROR_BYTES = 128 };

enum property_kind { PROPERTY_DICTIONARY, PROPERTY_ARRAY, PROPERTY_STRING, PROPERTY_OTHER };

struct property {
    struct property *next; /* the one behind it in its dictionary or array */
    struct property *first; /* of a dictionary or array */
    enum property_kind kind;
    char *key;  /* in a dictionary, else NULL */
    char *text; /* of all but dictionaries and arrays: what stands between the tags */
};

/* The value of the list, to be freed; NULL: `error` is one line that says why and where. */
struct property *property_list_parse(const char *bytes, size_t length, char error[PROPERTY_ERROR_BYTES]);
void property_list_free(struct property *property);

/* A dictionary's value for the key, the last if there are several; NULL: none, or not of that kind. */
const struct property *property_find(const struct property *dictionary, const char *key,
                                     enum property_kind kind);
/* The text of a string value. */
const char *property_string(const struct property *dictionary, const char *key);

#endif
