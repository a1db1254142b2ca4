/* SPDX-License-Identifier: BSD-2-Clause */
#include "property_list.h"

#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct level {
    struct property *container; /* NULL: the list itself */
    struct property **link;     /* where its next value goes */
    char *key;                  /* that the next value has */
};

struct reader {
    XML_Parser parser;
    struct property *list;
    unsigned depth; /* of levels; 0: outside <plist> */
    struct level levels[PROPERTY_DEPTH];
    struct property *open; /* the string, number, ... that is being read */
    bool in_key;
    char *text; /* between the tags of `open` or of a key */
    size_t text_bytes;
    const char *refusal;
};

static void
refuse(struct reader *reader, const char *why)
{
    if (reader->refusal == NULL)
        reader->refusal = why;
    XML_StopParser(reader->parser, XML_FALSE);
}

void
property_list_free(struct property *property)
{
    while (property != NULL) {
        struct property *next = property->next;

        property_list_free(property->first);
        free(property->key);
        free(property->text);
        free(property);
        property = next;
    }
}

/* --- values ------------------------------------------------------------------------------------ */

static enum property_kind
kind_of(const char *element)
{
    if (strcmp(element, "dict") == 0)
        return PROPERTY_DICTIONARY;
    if (strcmp(element, "array") == 0)
        return PROPERTY_ARRAY;
    return strcmp(element, "string") == 0 ? PROPERTY_STRING : PROPERTY_OTHER;
}

static bool
is_value(const char *element)
{
    static const char *const values[] = {"dict", "array", "string", "integer", "real", "true", "false",
                                         "data", "date"};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
        if (strcmp(element, values[i]) == 0)
            return true;
    return false;
}

static void
level_enter(struct reader *reader, struct property *container, struct property **link)
{
    if (reader->depth == PROPERTY_DEPTH) {
        refuse(reader, "nests too deep");
        return;
    }
    reader->levels[reader->depth++] = (struct level){.container = container, .link = link};
}

static void
value_begin(struct reader *reader, const char *element)
{
    struct level *level = &reader->levels[reader->depth - 1];
    const bool in_dictionary =
        level->container != NULL && level->container->kind == PROPERTY_DICTIONARY;
    struct property *value;

    if (in_dictionary != (level->key != NULL) || (level->container == NULL && reader->list != NULL)) {
        refuse(reader, "has a value where none can be");
        return;
    }
    value = calloc(1, sizeof(*value));
    if (value == NULL) {
        refuse(reader, "needs more memory than there is");
        return;
    }
    value->kind = kind_of(element);
    value->key = level->key;
    level->key = NULL;
    *level->link = value;
    level->link = &value->next;
    if (value->kind == PROPERTY_DICTIONARY || value->kind == PROPERTY_ARRAY)
        level_enter(reader, value, &value->first);
    else
        reader->open = value;
}

/* --- what expat reports ------------------------------------------------------------------------ */

static void
element_begin(void *context, const char *element, const char **attributes)
{
    struct reader *reader = context;
    struct level *level = reader->depth > 0 ? &reader->levels[reader->depth - 1] : NULL;

    (void)attributes;
    if (reader->open != NULL || reader->in_key)
        refuse(reader, "has an element inside a text");
    else if (level == NULL && strcmp(element, "plist") == 0)
        level_enter(reader, NULL, &reader->list);
    else if (level == NULL)
        refuse(reader, "is not a property list");
    else if (strcmp(element, "key") == 0 && level->container != NULL &&
             level->container->kind == PROPERTY_DICTIONARY && level->key == NULL)
        reader->in_key = true;
    else if (is_value(element))
        value_begin(reader, element);
    else
        refuse(reader, "has an element that no property list has");
}

static void
text_add(void *context, const char *text, int length)
{
    struct reader *reader = context;
    char *longer;

    if (reader->refusal != NULL || (reader->open == NULL && !reader->in_key))
        return;
    longer = realloc(reader->text, reader->text_bytes + (size_t)length + 1);
    if (longer == NULL) {
        refuse(reader, "needs more memory than there is");
        return;
    }
    memcpy(longer + reader->text_bytes, text, (size_t)length);
    reader->text = longer;
    reader->text_bytes += (size_t)length;
    longer[reader->text_bytes] = '\0';
}

/* The text so far, to be freed; "" if there was none. */
static char *
text_take(struct reader *reader)
{
    char *text = reader->text != NULL ? reader->text : calloc(1, 1);

    if (text == NULL)
        refuse(reader, "needs more memory than there is");
    reader->text = NULL;
    reader->text_bytes = 0;
    return text;
}

static void
element_end(void *context, const char *element)
{
    struct reader *reader = context;
    struct level *level;

    (void)element;
    /* expat still tells the end of an empty element whose beginning was refused. */
    if (reader->refusal != NULL)
        return;
    level = &reader->levels[reader->depth - 1];
    if (reader->in_key) {
        level->key = text_take(reader);
        reader->in_key = false;
    } else if (reader->open != NULL) {
        reader->open->text = text_take(reader);
        reader->open = NULL;
    } else if (level->key != NULL) {
        refuse(reader, "has a key without a value");
    } else {
        reader->depth--;
    }
}

static void
entity_declared(void *context, const char *name, int is_parameter, const char *value, int value_bytes,
                const char *base, const char *system_id, const char *public_id, const char *notation)
{
    (void)name, (void)is_parameter, (void)value, (void)value_bytes;
    (void)base, (void)system_id, (void)public_id, (void)notation;
    refuse(context, "declares entities");
}

/* --- the whole --------------------------------------------------------------------------------- */

static void
reader_run(struct reader *reader, const char *bytes, size_t length, char *error)
{
    enum XML_Status status;

    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, element_begin, element_end);
    XML_SetCharacterDataHandler(reader->parser, text_add);
    XML_SetEntityDeclHandler(reader->parser, entity_declared);
    status = XML_Parse(reader->parser, bytes, (int)length, XML_TRUE);
    if (status == XML_STATUS_OK && reader->list == NULL)
        reader->refusal = "has no value";
    if (reader->refusal != NULL)
        snprintf(error, PROPERTY_ERROR_BYTES, "%s (line %lu)", reader->refusal,
                 (unsigned long)XML_GetCurrentLineNumber(reader->parser));
    else if (status != XML_STATUS_OK)
        snprintf(error, PROPERTY_ERROR_BYTES, "%s (line %lu)",
                 XML_ErrorString(XML_GetErrorCode(reader->parser)),
                 (unsigned long)XML_GetCurrentLineNumber(reader->parser));
}

struct property *
property_list_parse(const char *bytes, size_t length, char error[PROPERTY_ERROR_BYTES])
{
    struct reader reader = {.parser = NULL};

    error[0] = '\0';
    if (length > PROPERTY_BYTES) {
        snprintf(error, PROPERTY_ERROR_BYTES, "is larger than %d bytes", PROPERTY_BYTES);
        return NULL;
    }
    reader.parser = XML_ParserCreate(NULL);
    if (reader.parser == NULL) {
        snprintf(error, PROPERTY_ERROR_BYTES, "needs more memory than there is");
        return NULL;
    }
    reader_run(&reader, bytes, length, error);
    XML_ParserFree(reader.parser);
    free(reader.text);
    for (unsigned i = 0; i < reader.depth; i++)
        free(reader.levels[i].key);
    if (error[0] == '\0')
        return reader.list;
    property_list_free(reader.list);
    return NULL;
}

const struct property *
property_find(const struct property *dictionary, const char *key, enum property_kind kind)
{
    const struct property *found = NULL;

    if (dictionary == NULL || dictionary->kind != PROPERTY_DICTIONARY)
        return NULL;
    for (const struct property *value = dictionary->first; value != NULL; value = value->next)
        if (strcmp(value->key, key) == 0)
            found = value;
    return found != NULL && found->kind == kind ? found : NULL;
}

const char *
property_string(const struct property *dictionary, const char *key)
{
    const struct property *value = property_find(dictionary, key, PROPERTY_STRING);

    return value != NULL ? value->text : NULL;
}
