/* SPDX-License-Identifier: BSD-2-Clause */
#include <sysctl_host.h>

#include <inet_stack.h>
#include <process.h>
#include <profile.h>
#include <system_call.h>

#include <string.h>

enum variable_kind { KIND_TEXT, KIND_CONSTANT, KIND_SETTING };

struct variable {
    const char *name;
    enum variable_kind kind;
    int first_darwin;
    const char *(*text)(const struct ksim_profile *profile); /* KIND_TEXT */
    size_t offset;   /* of the number in struct inet_settings: KIND_SETTING */
    int32_t number;  /* KIND_CONSTANT */
    int32_t least, most;
};

static const char *
text_ostype(const struct ksim_profile *profile)
{
    (void)profile;
    return "Darwin";
}

/* "19.6.0": the last word of the version. */
static const char *
text_osrelease(const struct ksim_profile *profile)
{
    const char *last = profile->kernel_version;

    for (const char *at = profile->kernel_version; *at != '\0'; at++) {
        if (*at == ' ') {
            last = at + 1;
        }
    }
    return last;
}

static const char *
text_osversion(const struct ksim_profile *profile)
{
    return profile->os_build;
}

static const char *
text_osproductversion(const struct ksim_profile *profile)
{
    return profile->os_version;
}

static const char *
text_version(const struct ksim_profile *profile)
{
    return profile->kernel_version;
}

#define TEXT(name, first, function) {name, KIND_TEXT, first, function, 0, 0, 0, 0}
#define CONSTANT(name, number) {name, KIND_CONSTANT, KSIM_DARWIN_FIRST, NULL, 0, number, 0, 0}
#define SETTING(name, member, least, most)                                                         \
    {name, KIND_SETTING, KSIM_DARWIN_FIRST, NULL, offsetof(struct inet_settings, member),          \
     0,    least,        most}

/* In the order of `sysctl -a`: kern, net, hw. kern.osproductversion came with 10.13.4. */
static const struct variable variables[] = {
    TEXT("kern.ostype", KSIM_DARWIN_FIRST, text_ostype),
    TEXT("kern.osrelease", KSIM_DARWIN_FIRST, text_osrelease),
    TEXT("kern.version", KSIM_DARWIN_FIRST, text_version),
    TEXT("kern.osversion", KSIM_DARWIN_FIRST, text_osversion),
    TEXT("kern.osproductversion", 17, text_osproductversion),
    SETTING("net.inet.ip.forwarding", forwarding4, INT32_MIN, INT32_MAX),
    SETTING("net.inet.ip.ttl", hop_limit4, 1, 255),
    SETTING("net.link.ether.inet.max_age", neighbour_known_seconds, 1, INT32_MAX),
    SETTING("net.link.ether.inet.host_down_time", neighbour_dead_seconds, 1, INT32_MAX),
    SETTING("net.link.ether.inet.maxtries", arp_questions, 1, 255),
    SETTING("net.inet6.ip6.forwarding", forwarding6, INT32_MIN, INT32_MAX),
    SETTING("net.inet6.ip6.hlim", hop_limit6, 1, 255),
    CONSTANT("hw.ncpu", 1),
};

enum { VARIABLE_COUNT = sizeof(variables) / sizeof(variables[0]) };

static bool
is_there(const struct ksim *ksim, const struct variable *variable)
{
    return ksim->profile->darwin_major >= variable->first_darwin;
}

const char *
ksim_sysctl_name(const struct ksim *ksim, unsigned index)
{
    for (unsigned i = 0; i < VARIABLE_COUNT; i++) {
        if (is_there(ksim, &variables[i]) && index-- == 0) {
            return variables[i].name;
        }
    }
    return NULL;
}

/* ENOENT, or EISDIR for a name that others begin with. */
static int
variable_find(const char *name, const struct variable **out)
{
    const size_t length = strlen(name);
    int error = ENOENT;

    for (unsigned i = 0; i < VARIABLE_COUNT; i++) {
        if (!is_there(ksim_current(), &variables[i])) {
            continue;
        }
        if (strcmp(variables[i].name, name) == 0) {
            *out = &variables[i];
            return 0;
        }
        if (length > 0 && strncmp(variables[i].name, name, length) == 0 &&
            variables[i].name[length] == '.') {
            error = EISDIR;
        }
    }
    return error;
}

static int32_t *
setting_of(const struct variable *variable)
{
    char *settings = (char *)&inet_current()->settings;

    return (int32_t *)(void *)(settings + variable->offset);
}

static void
variable_read(const struct variable *variable, struct ksim_sysctl_value *old)
{
    machine_fill(old, 0, sizeof(*old));
    switch (variable->kind) {
    case KIND_TEXT:
        old->is_text = true;
        machine_format(old->text, sizeof(old->text), "%s",
                       variable->text(ksim_current()->profile));
        break;
    case KIND_CONSTANT:
        old->number = variable->number;
        break;
    case KIND_SETTING:
        old->number = *setting_of(variable);
        break;
    }
}

static int
variable_write(const struct process *process, const struct variable *variable,
               const struct ksim_sysctl_value *new)
{
    if (process->uid != 0 || variable->kind != KIND_SETTING) {
        return EPERM;
    }
    if (new->is_text || new->number < variable->least || new->number > variable->most) {
        return EINVAL;
    }
    *setting_of(variable) = new->number;
    return 0;
}

int
ksim_system_sysctl(struct process *process, const char *name, struct ksim_sysctl_value *old,
                   const struct ksim_sysctl_value *new)
{
    const struct variable *variable = NULL;
    int error;

    ksim_call_begin(process, "sysctl");
    error = variable_find(name, &variable);
    if (error == 0 && old != NULL) {
        variable_read(variable, old);
    }
    if (error == 0 && new != NULL) {
        error = variable_write(process, variable, new);
    }
    ksim_return_to_user("sysctl");
    return -error;
}
