/* SPDX-License-Identifier: BSD-2-Clause */

/* What a kext can leave behind, one kind at a time: museum.md section 4, oracle 1. */

#include "guest.h"

#include <kern/locks.h>
#include <libkern/OSMalloc.h>
#include <miscfs/devfs/devfs.h>
#include <sys/conf.h>
#include <sys/malloc.h>

void
leave_memory(void *argument)
{
    OSMallocTag tag;

    (void)argument;
    guest_acts(true);
    tag = OSMalloc_Tagalloc("left", OSMT_DEFAULT);
    (void)OSMalloc(100, tag);
    OSMalloc_Tagfree(tag);
    (void)_MALLOC(50, M_TEMP, M_WAITOK);
    guest_acts(false);
}

void
leave_tag(void *argument)
{
    (void)argument;
    guest_acts(true);
    (void)OSMalloc_Tagalloc("left", OSMT_DEFAULT);
    guest_acts(false);
}

void
leave_lock(void *argument)
{
    lck_grp_t *group;

    (void)argument;
    guest_acts(true);
    group = lck_grp_alloc_init("left", LCK_GRP_ATTR_NULL);
    (void)lck_rw_alloc_init(group, LCK_ATTR_NULL);
    lck_grp_free(group);
    guest_acts(false);
}

void
leave_group(void *argument)
{
    (void)argument;
    guest_acts(true);
    (void)lck_grp_alloc_init("left", LCK_GRP_ATTR_NULL);
    guest_acts(false);
}

void
leave_major(void *argument)
{
    static struct cdevsw entry;

    (void)argument;
    guest_acts(true);
    (void)cdevsw_add(-24, &entry);
    guest_acts(false);
}

void
leave_node(void *argument)
{
    (void)argument;
    guest_acts(true);
    (void)devfs_make_node(makedev(9, 0), DEVFS_CHAR, 0, 0, 0600, "left");
    guest_acts(false);
}
