/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENE_H
#define SCENE_H

/*
 * Tests of the interface layer. A suite is one file, test_NOUN.c, compiled like a kext; it has scenes, and
 * ends with their table and the name of the suite. scene.c (compiled against libc) makes a Check test of
 * each scene: a fresh machine, the body on a thread of root that runs as the kext NAIVE_BUNDLE, then the
 * audit.
 *
 * Nothing is asserted on a fiber: Check leaves a failed test by longjmp. expect and expect_equal note
 * what did not hold, and the test fails with the notes. A scene that should end well and expected
 * nothing fails as well.
 */

#include <machine.h>

struct scene {
    const char *name; /* what the test claims; the name of the body */
    void (*body)(void);
    int darwin;      /* release; 0 = the default */
    int darwin_last; /* with it: on every release from `darwin` to this one */
    enum machine_outcome outcome;
    const char *words; /* that the report must contain when the outcome is not MACHINE_OK */
};

/* The table of a suite, ended by a row of zeros, and the suite's name. */
extern const struct scene scenes[];
extern const char scene_suite[];

#define SCENE(function) .name = #function, .body = function
#define EVERY_RELEASE .darwin = 10, .darwin_last = 24

#define expect(condition) scene_note((condition) != 0, #condition, __LINE__)
#define expect_equal(actual, expected)                                                            \
    scene_compare((long long)(actual), (long long)(expected), #actual, __LINE__)

void scene_note(bool holds, const char *what, int line);
void scene_compare(long long actual, long long expected, const char *what, int line);
/* What did not hold so far, one line each, and how many expectations there were. */
const char *scene_notes(void);
unsigned scene_expectations(void);

/* The thread's body for a scene. */
void scene_run(void *scene);

/* The `number`-th question of the tape labelled `label` fails; every other choice so labelled is `choice`. */
void scene_fault(const char *label, unsigned number);
void scene_answer(const char *label, unsigned choice);

/* Another thread of root that runs as the same kext. */
void scene_thread(const char *name, void (*body)(void *), void *argument);
/* Sleeps a virtual millisecond, so that every other thread runs until it blocks. */
void scene_pause(void);

/* As a process of user `uid` from now on. */
void scene_user(unsigned uid);
/* One interface request of the running process through a fresh socket; 0 or the errno. */
int scene_ioctl(int domain, unsigned long command, void *data);
/* One with a struct ifreq: `value` goes in and out through its union as an int. */
int scene_ioctl_int(const char *interface, unsigned long command, int *value);

/* How many events of class network, subclass DL were posted about naive interfaces with this code. */
unsigned scene_events(uint32_t code);

#endif
