/* SPDX-License-Identifier: BSD-2-Clause */
#include "devfs.h"

#include "file.h"
#include "panic.h"
#include "thread.h"

#include <miscfs/devfs/devfs.h>
#include <string.h>
#include <sys/errno.h>
#include <sys/stat.h>

struct devfs_node *
ksim_devfs_find(const char *path)
{
    struct devfs_node *node = ksim_current()->devices->nodes;

    if (strncmp(path, "/dev/", 5) == 0) {
        path += 5;
    }
    while (node != NULL && strcmp(node->name, path) != 0) {
        node = node->next;
    }
    return node;
}

static struct devfs_node *
node_create(dev_t device, int type, uid_t uid, gid_t gid, int permissions, const char *name)
{
    struct devfs_node **link = &ksim_current()->devices->nodes;
    struct devfs_node *node;

    if (type != DEVFS_CHAR && type != DEVFS_BLOCK) {
        return NULL;
    }
    if (ksim_devfs_find(name) != NULL) {
        machine_console("devfs: %s: name slot allocation failed (Errno=%d)", name, EEXIST);
        return NULL;
    }
    if (machine_fault("devfs_make_node")) {
        return NULL;
    }
    node = machine_allocate(sizeof(*node), "devfs node");
    machine_fill(node, 0, sizeof(*node));
    machine_format(node->name, sizeof(node->name), "%s", name);
    node->device = device;
    node->type = type;
    node->uid = uid;
    node->gid = gid;
    node->made_ns = machine_now_ns();
    node->mode = (uint32_t)(type == DEVFS_CHAR ? S_IFCHR : S_IFBLK) | (uint32_t)permissions;
    node->owner = ksim_thread_owner();
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = node;
    return node;
}

static void *
node_make(dev_t device, int type, uid_t uid, gid_t gid, int permissions, const char *format,
          va_list arguments)
{
    char name[sizeof(((struct devfs_node *)0)->name)];

    if (machine_format_list(name, sizeof(name), format, arguments) >= (int)sizeof(name)) {
        return NULL;
    }
    return node_create(device, type, uid, gid, permissions, name);
}

void *
devfs_make_node(dev_t device, int type, uid_t uid, gid_t gid, int permissions, const char *format,
                ...)
{
    va_list arguments;
    void *node;

    ksim_kpi_enter("devfs_make_node", KPI_MAY_BLOCK);
    va_start(arguments, format);
    node = node_make(device, type, uid, gid, permissions, format, arguments);
    va_end(arguments);
    return node;
}

/* The clone function is only asked by lookups of names that end in '?', which nobody does here. */
void *
devfs_make_node_clone(dev_t device, int type, uid_t uid, gid_t gid, int permissions,
                      int (*clone)(dev_t device, int action), const char *format, ...)
{
    va_list arguments;
    void *node;

    (void)clone;
    ksim_kpi_enter("devfs_make_node_clone", KPI_MAY_BLOCK);
    va_start(arguments, format);
    node = node_make(device, type, uid, gid, permissions, format, arguments);
    va_end(arguments);
    return node;
}

void
devfs_remove(void *handle)
{
    struct devfs_node **link = &ksim_current()->devices->nodes;
    struct devfs_node *node;

    ksim_kpi_enter("devfs_remove", KPI_MAY_BLOCK);
    if (handle == NULL) {
        ksim_panic_fault(0, "devfs_remove");
    }
    while (*link != NULL && *link != handle) {
        link = &(*link)->next;
    }
    if (*link == NULL) {
        machine_fail(MACHINE_CONTRACT, "devfs_remove: %p is no node of /dev (removed before?)",
                     handle);
    }
    node = *link;
    *link = node->next;
    if (node->vnode != NULL) {
        node->vnode->node = NULL;
    }
    machine_free(node);
}
