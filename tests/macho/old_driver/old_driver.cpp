/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kext as drivers were written twenty years ago: C++ with static constructors, new and delete, virtual functions, OSMalloc
 * with a tag, an rw lock, tsleep, log. What it prints is what test_old_driver.py expects.
 */
#include <libkern/OSMalloc.h>
#include <mach/kmod.h>
#include <mach/mach_types.h>
#include <stddef.h>

extern "C" {
struct _lck_grp_;
struct __lck_rw_t__;
int printf(const char *format, ...);
void log(int level, const char *format, ...);
_lck_grp_ *lck_grp_alloc_init(const char *name, void *attribute);
void lck_grp_free(_lck_grp_ *group);
__lck_rw_t__ *lck_rw_alloc_init(_lck_grp_ *group, void *attribute);
void lck_rw_free(__lck_rw_t__ *lock, _lck_grp_ *group);
void lck_rw_lock_exclusive(__lck_rw_t__ *lock);
void lck_rw_unlock_exclusive(__lck_rw_t__ *lock);
int tsleep(void *channel, int priority, const char *message, int ticks);
int sscanf(const char *text, const char *format, ...);
}

void *operator new(size_t bytes);
void operator delete(void *memory) noexcept;

namespace {

int alive; /* objects */

class device {
public:
    device() { alive++; }
    virtual ~device() { alive--; }
    virtual const char *name() const = 0;
    int number = 0;
};

class tap_device : public device {
public:
    const char *name() const override { return "tap"; }
};

class tun_device : public device {
public:
    const char *name() const override { return "tun"; }
};

/* Made by a static constructor, before start. */
class registry {
public:
    registry() : tap(new tap_device), tun(new tun_device) {}
    device *tap, *tun;
};

registry devices;

/* Apple's compiler makes a table of destructors for -fapple-kext; LLVM's own calls atexit, which no kernel has. */
void
forget()
{
    delete devices.tap;
    delete devices.tun;
    printf("old: %d alive\n", alive);
}

__attribute__((used, section("__DATA,__mod_term_func,mod_term_funcs"))) void (*destructors[])() = {forget};

template <typename number> number
greater(number left, number right)
{
    return left > right ? left : right;
}

}

static kern_return_t
old_start(kmod_info_t *information, void *)
{
    OSMallocTag tag = OSMalloc_Tagalloc("old", OSMT_DEFAULT);
    _lck_grp_ *group = lck_grp_alloc_init("old", nullptr);
    __lck_rw_t__ *lock = lck_rw_alloc_init(group, nullptr);
    char *text = static_cast<char *>(OSMalloc(16, tag));
    int number = 0;

    lck_rw_lock_exclusive(lock);
    devices.tap->number = greater(3, 2);
    lck_rw_unlock_exclusive(lock);
    sscanf("unit7", "unit%d", &number);
    printf("old: %s %s, %d alive, %s%d, unit %d, sleep %d\n", information->name, information->version, alive,
           devices.tap->name(), devices.tap->number, number, tsleep(&number, 0, "old", 1));
    log(4, "old: %s is there\n", devices.tun->name());
    OSFree(text, 16, tag);
    OSMalloc_Tagfree(tag);
    lck_rw_free(lock, group);
    lck_grp_free(group);
    return KERN_SUCCESS;
}

static kern_return_t
old_stop(kmod_info_t *, void *)
{
    return KERN_SUCCESS;
}

extern "C" {
extern kmod_info_t KMOD_INFO_NAME;
__attribute__((visibility("default"))) KMOD_EXPLICIT_DECL(org.example.old, "1.0", old_start, old_stop)
}
