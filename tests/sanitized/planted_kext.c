/* SPDX-License-Identifier: BSD-2-Clause */
#include <kern/locks.h>
#include <libkern/OSMalloc.h>
#include <libkern/libkern.h>
#include <mach/kmod.h>
#include <miscfs/devfs/devfs.h>
#include <sys/conf.h>
#include <sys/errno.h>

#include <planted.h>

enum { BLOCK_BYTES = 24, ELEMENTS = 4 };

static lck_grp_t *group;
static lck_mtx_t *mutex;
static OSMallocTag tag;
static void *node;
static int major_number;

/* Where results go, so that the compiler keeps what computes them. */
static volatile int sink;
static int counter;
static int elements[ELEMENTS] = {1, 2, 3, 4};
/* One that the compiler cannot know. */
static volatile int one = 1;

/* --- the mistakes ------------------------------------------------------------------------------ */

static int
planted_use_after_free(void)
{
    volatile unsigned char *block = OSMalloc(BLOCK_BYTES, tag);

    if (block == NULL) {
        return ENOMEM;
    }
    block[one] = 7;
    OSFree((void *)(uintptr_t)block, BLOCK_BYTES, tag);
    sink = block[one];
    return 0;
}

static int
planted_overrun(void)
{
    volatile unsigned char *block = OSMalloc(BLOCK_BYTES, tag);

    if (block == NULL) {
        return ENOMEM;
    }
    block[BLOCK_BYTES - 1 + one] = 7;
    OSFree((void *)(uintptr_t)block, BLOCK_BYTES, tag);
    return 0;
}

static int
planted_stack_overrun(void)
{
    volatile int local[ELEMENTS] = {1, 2, 3, 4};
    volatile int *element = local;

    element += ELEMENTS - 1 + one;
    sink = *element;
    return 0;
}

static int
planted_global_overrun(void)
{
    volatile int *element = elements;

    element += ELEMENTS - 1 + one;
    sink = *element;
    return 0;
}

static int
planted_overflow(void)
{
    int largest = 0x7ffffffe + one;

    sink = largest + one;
    return 0;
}

static int
planted_uninitialised(void)
{
    volatile unsigned char *block = OSMalloc(BLOCK_BYTES, tag);

    if (block == NULL) {
        return ENOMEM;
    }
    if (block[one] > 100) {
        sink = 1;
    }
    OSFree((void *)(uintptr_t)block, BLOCK_BYTES, tag);
    return 0;
}

static int
planted_leak(void)
{
    return OSMalloc(BLOCK_BYTES, tag) == NULL ? ENOMEM : 0;
}

static int
planted_race(void)
{
    counter++;
    return 0;
}

static int
planted_no_race(void)
{
    lck_mtx_lock(mutex);
    counter++;
    lck_mtx_unlock(mutex);
    return 0;
}

/* --- the device -------------------------------------------------------------------------------- */

static int
planted_ioctl(dev_t device, unsigned long command, caddr_t data, int flags, struct proc *process)
{
    (void)device;
    (void)data;
    (void)flags;
    (void)process;
    switch (command) {
    case PLANTED_NONE:
        return 0;
    case PLANTED_USE_AFTER_FREE:
        return planted_use_after_free();
    case PLANTED_OVERRUN:
        return planted_overrun();
    case PLANTED_STACK_OVERRUN:
        return planted_stack_overrun();
    case PLANTED_GLOBAL_OVERRUN:
        return planted_global_overrun();
    case PLANTED_OVERFLOW:
        return planted_overflow();
    case PLANTED_UNINITIALISED:
        return planted_uninitialised();
    case PLANTED_LEAK:
        return planted_leak();
    case PLANTED_RACE:
        return planted_race();
    case PLANTED_NO_RACE:
        return planted_no_race();
    default:
        return ENOTTY;
    }
}

static int
planted_open_close(dev_t device, int flags, int format, struct proc *process)
{
    (void)device;
    (void)flags;
    (void)format;
    (void)process;
    return 0;
}

static struct cdevsw planted_switch = {
    .d_open = planted_open_close,
    .d_close = planted_open_close,
    .d_read = eno_rdwrt,
    .d_write = eno_rdwrt,
    .d_ioctl = planted_ioctl,
    .d_stop = eno_stop,
    .d_reset = eno_reset,
    .d_select = eno_select,
    .d_mmap = eno_mmap,
    .d_strategy = eno_strat,
};

static kern_return_t
planted_start(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    tag = OSMalloc_Tagalloc(PLANTED_BUNDLE, OSMT_DEFAULT);
    group = lck_grp_alloc_init("planted", LCK_GRP_ATTR_NULL);
    mutex = lck_mtx_alloc_init(group, LCK_ATTR_NULL);
    major_number = cdevsw_add(-1, &planted_switch);
    node = devfs_make_node(makedev(major_number, 0), DEVFS_CHAR, UID_ROOT, GID_WHEEL, 0660,
                           "planted");
    return node == NULL ? KERN_FAILURE : KERN_SUCCESS;
}

static kern_return_t
planted_stop(struct kmod_info *information, void *data)
{
    (void)information;
    (void)data;
    devfs_remove(node);
    (void)cdevsw_remove(major_number, &planted_switch);
    lck_mtx_free(mutex, group);
    lck_grp_free(group);
    OSMalloc_Tagfree(tag);
    return KERN_SUCCESS;
}

extern kmod_info_t KMOD_INFO_NAME;
KMOD_EXPLICIT_DECL(org.example.planted, "1.0.0", planted_start, planted_stop)
