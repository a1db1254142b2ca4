/* SPDX-License-Identifier: BSD-2-Clause */

/* Tags: named data that travels with a packet header. */

#include <sys/errno.h>

#include "interface.h"
#include "mbuf.h"

static size_t
text_bytes(const char *text)
{
    size_t bytes = 0;

    while (text[bytes] != '\0')
        bytes++;
    return bytes + 1;
}

errno_t
mbuf_tag_id_find(const char *string, mbuf_tag_id_t *out_id)
{
    struct mbuf_system *system = ksim_current()->mbufs;
    struct mbuf_name *name;
    size_t bytes;

    ksim_kpi_enter("mbuf_tag_id_find", KPI_MAY_BLOCK);
    if (out_id == NULL || string == NULL)
        return EINVAL;
    bytes = text_bytes(string);
    for (name = system->tag_names; name != NULL; name = name->next) {
        if (text_bytes(name->text) == bytes && machine_compare(name->text, string, bytes) == 0) {
            *out_id = name->id;
            return 0;
        }
    }
    if (machine_fault("mbuf_tag_id_find"))
        return ENOMEM;
    name = machine_allocate(sizeof(*name) + bytes, "mbuf tag name");
    machine_copy(name->text, string, bytes);
    name->id = ksim_string_id_find(string);
    name->next = system->tag_names;
    system->tag_names = name;
    *out_id = name->id;
    return 0;
}

static bool
tag_id_is_known(const struct mbuf_system *system, mbuf_tag_id_t id)
{
    for (const struct mbuf_name *name = system->tag_names; name != NULL; name = name->next)
        if (name->id == id)
            return true;
    return false;
}

/* The link that points to the tag, or to NULL. */
static struct mbuf_tag **
tag_link_find(mbuf_t m, mbuf_tag_id_t id, mbuf_tag_type_t type)
{
    struct mbuf_tag **link = &m->packet.tags;

    while (*link != NULL && ((*link)->id != id || (*link)->type != type))
        link = &(*link)->next;
    return link;
}

static bool
tag_arguments_valid(mbuf_t m, mbuf_tag_id_t id, const char *who)
{
    if (m == NULL)
        return false;
    mbuf_require(m, who);
    return mbuf_is_packet(m) && tag_id_is_known(m->system, id);
}

errno_t
mbuf_tag_allocate(mbuf_t mbuf, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t length, mbuf_how_t how,
                  void **data_p)
{
    const char *label = (how & MBUF_DONTWAIT) != 0 ? "mbuf_tag_allocate" : "mbuf_tag_allocate/waitok";
    struct mbuf_tag *tag;

    ksim_kpi_enter("mbuf_tag_allocate", (how & MBUF_DONTWAIT) != 0 ? KPI_ANY_CONTEXT : KPI_MAY_BLOCK);
    if (data_p != NULL)
        *data_p = NULL;
    if (data_p == NULL || length < 1 || length > UINT16_MAX ||
        !tag_arguments_valid(mbuf, id, "mbuf_tag_allocate"))
        return EINVAL;
    if (*tag_link_find(mbuf, id, type) != NULL)
        return EEXIST;
    if (machine_fault(label))
        return (how & MBUF_DONTWAIT) != 0 ? EWOULDBLOCK : ENOMEM;
    tag = machine_allocate(sizeof(*tag) + length, "mbuf tag");
    tag->id = id;
    tag->type = type;
    tag->data_bytes = length;
    tag->next = mbuf->packet.tags;
    mbuf->packet.tags = tag;
    *data_p = tag->data;
    return 0;
}

errno_t
mbuf_tag_find(mbuf_t mbuf, mbuf_tag_id_t id, mbuf_tag_type_t type, size_t *length, void **data_p)
{
    struct mbuf_tag *tag;

    ksim_kpi_enter("mbuf_tag_find", KPI_ANY_CONTEXT);
    if (length != NULL)
        *length = 0;
    if (data_p != NULL)
        *data_p = NULL;
    if (length == NULL || data_p == NULL || !tag_arguments_valid(mbuf, id, "mbuf_tag_find"))
        return EINVAL;
    tag = *tag_link_find(mbuf, id, type);
    if (tag == NULL)
        return ENOENT;
    *length = tag->data_bytes;
    *data_p = tag->data;
    return 0;
}

void
mbuf_tag_free(mbuf_t mbuf, mbuf_tag_id_t id, mbuf_tag_type_t type)
{
    struct mbuf_tag **link, *tag;

    ksim_kpi_enter("mbuf_tag_free", KPI_ANY_CONTEXT);
    if (!tag_arguments_valid(mbuf, id, "mbuf_tag_free"))
        return;
    link = tag_link_find(mbuf, id, type);
    tag = *link;
    if (tag == NULL)
        return;
    *link = tag->next;
    machine_free(tag);
}

void
mbuf_tags_release(struct __mbuf *m)
{
    while (m->packet.tags != NULL) {
        struct mbuf_tag *tag = m->packet.tags;

        m->packet.tags = tag->next;
        machine_free(tag);
    }
}
