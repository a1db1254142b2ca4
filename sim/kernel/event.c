/* SPDX-License-Identifier: BSD-2-Clause */

#include <event.h>

#include <interface_internal.h>
#include <wait.h>

#include <net/net_kev.h>

#define EVENTS_AT_A_TIME 64
#define EVENT_HEADER_BYTES 24 /* struct kern_event_msg without event_data */

struct event_block {
    struct event_block *next;
    struct kernel_event events[EVENTS_AT_A_TIME];
};

struct event_system {
    uint32_t count;
    struct event_block *first, *last;
};

void
ksim_events_boot(struct ksim *kernel)
{
    kernel->events = ksim_interface_zalloc(sizeof(struct event_system), "event system");
}

void
ksim_events_audit(struct ksim *kernel)
{
    (void)kernel;
}

static struct kernel_event *
event_append(struct event_system *system)
{
    struct event_block *block;

    if (system->count % EVENTS_AT_A_TIME == 0) {
        block = ksim_interface_zalloc(sizeof(*block), "event log");
        if (system->last == NULL)
            system->first = block;
        else
            system->last->next = block;
        system->last = block;
    }
    return &system->last->events[system->count++ % EVENTS_AT_A_TIME];
}

/* Length of all vectors together; the first empty one ends them. */
static uint64_t
message_bytes(const struct kev_msg *message)
{
    uint64_t bytes = 0;
    int i;

    for (i = 0; i < N_KEV_VECTORS && message->dv[i].data_length != 0; i++)
        bytes += message->dv[i].data_length;
    return bytes;
}

int
ksim_event_post(struct kev_msg *message)
{
    struct event_system *system = ksim_current()->events;
    struct kernel_event *event;
    uint32_t used = 0;
    int i;

    if (message == NULL)
        return EINVAL;
    if (message_bytes(message) + EVENT_HEADER_BYTES > ksim_current()->profile->mlen_bytes)
        return EMSGSIZE;
    if (machine_fault("kev_msg_post"))
        return ENOMEM;
    event = event_append(system);
    event->id = system->count;
    event->time_ns = machine_now_ns();
    event->vendor = message->vendor_code;
    event->event_class = message->kev_class;
    event->subclass = message->kev_subclass;
    event->code = message->event_code;
    for (i = 0; i < N_KEV_VECTORS && message->dv[i].data_length != 0; i++) {
        machine_copy(event->data + used, message->dv[i].data_ptr, message->dv[i].data_length);
        used += message->dv[i].data_length;
    }
    event->bytes = used;
    ksim_wakeup(ksim_event_channel());
    return 0;
}

uint32_t
ksim_event_count(void)
{
    return ksim_current()->events->count;
}

const struct kernel_event *
ksim_event_at(uint32_t index)
{
    const struct event_system *system = ksim_current()->events;
    const struct event_block *block = system->first;
    uint32_t skip;

    if (index >= system->count)
        return NULL;
    for (skip = index / EVENTS_AT_A_TIME; skip != 0; skip--)
        block = block->next;
    return &block->events[index % EVENTS_AT_A_TIME];
}

const struct kernel_event *
ksim_event_next(uint32_t *cursor, uint32_t vendor, uint32_t event_class, uint32_t subclass)
{
    const struct kernel_event *event;

    while ((event = ksim_event_at(*cursor)) != NULL) {
        ++*cursor;
        if ((vendor == 0 || event->vendor == vendor) &&
            (event_class == 0 || event->event_class == event_class) &&
            (subclass == 0 || event->subclass == subclass))
            return event;
    }
    return NULL;
}

void *
ksim_event_channel(void)
{
    return ksim_current()->events;
}

struct event_word {
    uint32_t subclass, code;
    const char *name;
};

static const struct event_word event_words[] = {
    {KEV_DL_SUBCLASS, KEV_DL_SIFFLAGS, "KEV_DL_SIFFLAGS"},
    {KEV_DL_SUBCLASS, KEV_DL_SIFMTU, "KEV_DL_SIFMTU"},
    {KEV_DL_SUBCLASS, KEV_DL_SIFMEDIA, "KEV_DL_SIFMEDIA"},
    {KEV_DL_SUBCLASS, KEV_DL_ADDMULTI, "KEV_DL_ADDMULTI"},
    {KEV_DL_SUBCLASS, KEV_DL_DELMULTI, "KEV_DL_DELMULTI"},
    {KEV_DL_SUBCLASS, KEV_DL_IF_ATTACHED, "KEV_DL_IF_ATTACHED"},
    {KEV_DL_SUBCLASS, KEV_DL_IF_DETACHING, "KEV_DL_IF_DETACHING"},
    {KEV_DL_SUBCLASS, KEV_DL_IF_DETACHED, "KEV_DL_IF_DETACHED"},
    {KEV_DL_SUBCLASS, KEV_DL_LINK_OFF, "KEV_DL_LINK_OFF"},
    {KEV_DL_SUBCLASS, KEV_DL_LINK_ON, "KEV_DL_LINK_ON"},
    {KEV_DL_SUBCLASS, KEV_DL_PROTO_ATTACHED, "KEV_DL_PROTO_ATTACHED"},
    {KEV_DL_SUBCLASS, KEV_DL_PROTO_DETACHED, "KEV_DL_PROTO_DETACHED"},
    {KEV_DL_SUBCLASS, KEV_DL_LINK_ADDRESS_CHANGED, "KEV_DL_LINK_ADDRESS_CHANGED"},
    {KEV_DL_SUBCLASS, KEV_DL_IFCAP_CHANGED, "KEV_DL_IFCAP_CHANGED"},
    {KEV_INET_SUBCLASS, KEV_INET_NEW_ADDR, "KEV_INET_NEW_ADDR"},
    {KEV_INET_SUBCLASS, KEV_INET_CHANGED_ADDR, "KEV_INET_CHANGED_ADDR"},
    {KEV_INET_SUBCLASS, KEV_INET_ADDR_DELETED, "KEV_INET_ADDR_DELETED"},
    {KEV_INET_SUBCLASS, KEV_INET_SIFDSTADDR, "KEV_INET_SIFDSTADDR"},
    {KEV_INET_SUBCLASS, KEV_INET_SIFBRDADDR, "KEV_INET_SIFBRDADDR"},
    {KEV_INET_SUBCLASS, KEV_INET_SIFNETMASK, "KEV_INET_SIFNETMASK"},
    {KEV_INET6_SUBCLASS, KEV_INET6_NEW_USER_ADDR, "KEV_INET6_NEW_USER_ADDR"},
    {KEV_INET6_SUBCLASS, KEV_INET6_CHANGED_ADDR, "KEV_INET6_CHANGED_ADDR"},
    {KEV_INET6_SUBCLASS, KEV_INET6_ADDR_DELETED, "KEV_INET6_ADDR_DELETED"},
    {KEV_INET6_SUBCLASS, KEV_INET6_NEW_LL_ADDR, "KEV_INET6_NEW_LL_ADDR"},
};

const char *
ksim_event_name(const struct kernel_event *event)
{
    size_t i;

    for (i = 0; i < sizeof(event_words) / sizeof(event_words[0]); i++) {
        if (event->event_class == KEV_NETWORK_CLASS &&
            event_words[i].subclass == event->subclass && event_words[i].code == event->code)
            return event_words[i].name;
    }
    return "event";
}

errno_t
kev_msg_post(struct kev_msg *message)
{
    ksim_kpi_enter("kev_msg_post", KPI_MAY_BLOCK);
    /* Third parties post under registered codes only. */
    if (message == NULL || !ksim_string_id_is_known(message->vendor_code))
        return EINVAL;
    return ksim_event_post(message);
}
