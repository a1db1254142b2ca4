/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include <system.h>

#include "workload_shape.h"

#define ACT(act)              {WORKLOAD_##act, 0, 0}
#define ACT_WITH(act, number) {WORKLOAD_##act, number, 0}
#define GOOD(act)             {WORKLOAD_##act, 0, WORKLOAD_GOOD}
#define FAILS(act, error)     {WORKLOAD_##act, 0, error}
#define END                   {WORKLOAD_END, 0, 0}

typedef const struct workload_step steps[];

/* --- preparations ------------------------------------------------------------------------------- */

static steps loaded = {GOOD(LOAD), END};
static steps opened = {GOOD(LOAD), GOOD(OPEN), END};
static steps running = {GOOD(LOAD), GOOD(OPEN), GOOD(ADDRESS), GOOD(UP), END};

const struct workload_step *const workload_before_steps[] = {NULL, loaded, opened, running};

/* --- what threads do ------------------------------------------------------------------------------ */

static steps life = {ACT(OPEN), ACT(READ), ACT(WRITE), ACT(CLOSE), END};
static steps life_config = {ACT(ADDRESS), ACT(UP), ACT(DOWN), END};
static steps send_one = {ACT_WITH(SEND, 1), END};
static steps send_two = {ACT_WITH(SEND, 2), END};

static steps read_until_down = {FAILS(READ_TO_END, KSIM_EIO), END};
static steps down = {GOOD(DOWN), END};
/* Woken by it, the others may close before it is over. */
static steps down_or_gone = {ACT(DOWN), END};
static steps down_up_down = {GOOD(DOWN), GOOD(UP), GOOD(DOWN), END};

static steps close_once = {GOOD(CLOSE), END};
static steps write_close = {ACT(WRITE), GOOD(CLOSE), END};
static steps read_then_close = {ACT(READ_TO_END), GOOD(CLOSE), END};

static steps close_and_reopen = {GOOD(CLOSE), ACT(OPEN_NONBLOCK), ACT(ADDRESS), ACT(UP), ACT(READ), ACT(CLOSE),
                                 END};
static steps open_use_close = {ACT(OPEN_NONBLOCK), ACT(READ), ACT(WRITE), ACT(CLOSE), END};

static steps load_unload = {ACT(LOAD), ACT(UNLOAD), END};
static steps unload_load = {ACT(UNLOAD), ACT(LOAD), END};
static steps open_close = {ACT(OPEN), ACT(WRITE), ACT(CLOSE), END};

static steps select_and_read = {GOOD(SELECT_READ), ACT(READ), END};
static steps capture = {ACT(CAPTURE), ACT(CAPTURE_END), END};
static steps ask_about = {ACT(READABLE), ACT(STATUS), ACT_WITH(MTU, 1400), ACT(SELECT_WRITE), END};

static steps detach = {ACT(DETACH), END};
static steps read_until_gone = {ACT(READ_TO_END), ACT(WRITE), ACT(CLOSE), END};

static steps read_once = {ACT(READ), END};
static steps nonblock = {ACT_WITH(NONBLOCK, 1), END};
static steps be_killed = {FAILS(READ, KSIM_EINTR), END};
/* Time passes only when nobody can run: the reader sleeps by then. */
static steps kill_the_first = {ACT_WITH(WAIT, 10), ACT_WITH(SIGNAL, 0), END};
static steps nonblock_session = {ACT_WITH(NONBLOCK, 1), ACT(CLOSE), END};
static steps next_session = {ACT(OPEN), ACT(ADDRESS), ACT(UP), FAILS(READ_TO_END, KSIM_EIO), ACT(CLOSE), END};
static steps down_later = {ACT_WITH(WAIT, 5000), ACT(DOWN), END};

static steps head_on_off = {ACT_WITH(HEAD, 1), ACT_WITH(HEAD, 0), END};
static steps read_nonblock_twice = {ACT_WITH(NONBLOCK, 1), ACT(READ), ACT(READ), END};
static steps change_address = {ACT(LLADDR), ACT_WITH(MTU, 576), ACT_WITH(MTU, 1500), END};
static steps write_two = {ACT(WRITE), ACT(WRITE), END};
static steps bad_buffers = {ACT_WITH(NONBLOCK, 1), ACT(READ_FAULT), ACT(WRITE_FAULT), ACT(WRITE), ACT(READ), END};
static steps read_after_down = {ACT_WITH(NONBLOCK, 1), ACT_WITH(SEND, 1), ACT(DOWN), ACT(UP), ACT(READ), ACT(READ),
                                END};
static steps select_read_once = {GOOD(SELECT_READ), END};
static steps select_write_once = {GOOD(SELECT_WRITE), ACT(WRITE), END};
static steps up_down = {ACT(UP), ACT(DOWN), END};
static steps select_for_each = {GOOD(SELECT_READ), GOOD(READ), GOOD(SELECT_READ), GOOD(READ), END};
static steps fill_and_go_on = {GOOD(FILL), GOOD(SELECT_WRITE), GOOD(WRITE), END};
static steps write_where_nobody_listens = {ACT_WITH(WRITE, 9), ACT(WRITE), GOOD(CLOSE), END};
static steps revoke = {GOOD(REVOKE), END};
static steps kill_at_once = {ACT_WITH(SIGNAL, 0), END};
static steps write_twice_close = {ACT(WRITE), ACT(WRITE), GOOD(CLOSE), END};
static steps refused_ioctl = {{WORKLOAD_OWNER, -1, KSIM_EINVAL}, ACT_WITH(NONBLOCK, 1), ACT(READ), GOOD(CLOSE), END};
static steps leave_to_the_next = {ACT(OPEN), ACT(ADDRESS), ACT(ADDRESS6), ACT(UP), ACT_WITH(USER, 501), GOOD(CLOSE),
                                  ACT_WITH(USER, 0), ACT_WITH(WAIT, 3000), GOOD(OPEN), GOOD(ADDRESSES), GOOD(ADDRESS),
                                  GOOD(ADDRESSES), GOOD(CLOSE), END};
static steps async_session = {ACT_WITH(ASYNC, 1), ACT_WITH(WAIT, 1), ACT(CLOSE), END};

static steps whole_life = {ACT(LOAD), ACT(OPEN_NONBLOCK), ACT(ADDRESS), ACT(UP), ACT(WRITE), ACT_WITH(SEND, 2),
                           ACT(READ), ACT(READABLE), ACT(SELECT_WRITE), ACT(STATUS), ACT(DOWN), ACT(CLOSE),
                           ACT_WITH(WAIT, 3000), ACT(OPEN_NONBLOCK), ACT(ADDRESS), ACT(UP), ACT_WITH(SEND, 1), ACT(READ),
                           ACT(CLOSE), ACT_WITH(WAIT, 3000), ACT(UNLOAD), END};

/* Time passes only when nobody can run: the open is over by then. */
static steps configd = {ACT(CONFIGURE), ACT_WITH(WAIT, 10), ACT(STILL_UP), END};
static steps open_and_stay = {ACT(OPEN), ACT_WITH(WAIT, 100), END};

/* --- workloads ------------------------------------------------------------------------------------ */

const struct workload_shape workload_shapes[] = {
    {.name = "life", .core = true,
     .summary = "open, read, write, close; address, up, down beside it; the Mac sends",
     .before = loaded,
     .threads = {{"vpn", 0, life}, {"ifconfig", 2, life_config}, {"net", 2, send_one}}},
    {.name = "reader-down", .core = true,
     .summary = "a reader sleeps while the interface goes down; the Mac sends",
     .before = running,
     .threads = {{"reader", 0, read_until_down}, {"ifconfig", 2, down}, {"net", 2, send_one}}},
    {.name = "close-io", .core = true, .forks = true,
     .summary = "a device shared by two processes is closed while they read and write",
     .before = running,
     .threads = {{"writer", 0, write_close},
                 {"reader", 1, read_then_close},
                 {"ifconfig", 2, down_or_gone},
                 {"net", 2, send_one}}},
    {.name = "reopen", .core = true,
     .summary = "closed and opened again at once, by two programs, while the Mac sends",
     .before = running,
     .threads = {{"vpn", 0, close_and_reopen}, {"other", 1, open_use_close}, {"net", 2, send_one}}},
    {.name = "load-open", .core = true,
     .summary = "kextload and kextunload beside two programs that open",
     .before = NULL,
     .threads = {{"kext", 2, load_unload}, {"vpn", 0, open_close}, {"other", 1, open_close}}},
    {.name = "beside-traffic", .core = true,
     .summary = "select, capture, ioctls and MTU beside traffic",
     .before = running,
     .threads = {{"vpn", 0, select_and_read}, {"tcpdump", 1, capture}, {"ask", 0, ask_about}, {"net", 2, send_one}}},
    /* 10.6 keeps a detached interface, and its driver in the dark, until its protocols are detached as well. */
    {.name = "detached", .core = true, .first_darwin = 11,
     .summary = "another kext detaches the interface under a reader while the Mac sends",
     .before = running,
     .threads = {{"vpn", 0, read_until_gone}, {"kext", 2, detach}, {"net", 2, send_one}}},
    {.name = "unload-open",
     .summary = "kextunload and kextload beside two programs that open",
     .before = loaded,
     .threads = {{"kext", 2, unload_load}, {"vpn", 0, open_close}, {"other", 1, open_close}}},
    {.name = "packet",
     .summary = "a reader waits for the one packet that the Mac sends",
     .before = running,
     .threads = {{"reader", 0, read_once}, {"net", 2, send_one}}},
    {.name = "flap",
     .summary = "the interface goes down, up and down under a reader while the Mac sends",
     .before = running,
     .threads = {{"reader", 0, read_until_down}, {"ifconfig", 2, down_up_down}, {"net", 2, send_two}}},
    {.name = "purge",
     .summary = "what was sent before the interface went down must not be read after it",
     .before = running,
     .threads = {{"vpn", 0, read_after_down}, {"net", 2, send_one}}},
    {.name = "cancel",
     .summary = "FIONBIO of another thread releases a reader",
     .before = running,
     .threads = {{"reader", 0, read_once}, {"cancel", 0, nonblock}}},
    {.name = "signal",
     .summary = "a signal releases a reader",
     .before = running,
     .threads = {{"reader", 0, be_killed}, {"kill", 2, kill_the_first}}},
    {.name = "sessions",
     .summary = "a nonblocking session ends, the next one is opened and must block",
     .before = running,
     .threads = {{"first", 0, nonblock_session}, {"second", 1, next_session}, {"ifconfig", 2, down_later}}},
    {.name = "head", .tun_only = true,
     .summary = "the head mode changes beside traffic both ways",
     .before = running,
     .threads = {{"head", 0, head_on_off}, {"reader", 0, read_nonblock_twice}, {"net", 2, send_two}}},
    {.name = "change",
     .summary = "MTU and link address change beside traffic both ways",
     .before = running,
     .threads = {{"ifconfig", 2, change_address}, {"writer", 0, write_two}, {"reader", 0, read_nonblock_twice},
                 {"net", 2, send_two}}},
    {.name = "bad-buffers",
     .summary = "reads and writes of bad memory beside traffic",
     .before = running,
     .threads = {{"vpn", 0, bad_buffers}, {"net", 2, send_two}}},
    {.name = "async",
     .summary = "SIGIO is due while the device is closed",
     .before = running,
     .threads = {{"vpn", 0, async_session}, {"net", 2, send_one}}},
    {.name = "open-twice",
     .summary = "two programs open at once, one closes",
     .before = loaded,
     .threads = {{"vpn", 0, open_use_close}, {"other", 1, open_use_close}}},
    {.name = "close", .summary = "close while the Mac sends",
     .before = running,
     .threads = {{"vpn", 0, close_once}, {"net", 2, send_two}}},
    {.name = "signalled-close", .summary = "a signal is due while the device is closed; the Mac sends",
     .before = running,
     .threads = {{"vpn", 0, close_once}, {"kill", 2, kill_at_once}, {"net", 2, send_one}}},
    {.name = "blocked-close", .forks = true,
     .summary = "close waits for a reader, whom FIONBIO of another process releases",
     .before = running,
     .threads = {{"reader", 0, read_once}, {"closer", 0, close_once}, {"cancel", 1, nonblock}}},
    {.name = "revoked", .forks = true, .summary = "the device is revoked under programs that select",
     .before = running,
     .threads = {{"vpn", 0, select_read_once}, {"thread", 0, select_read_once}, {"child", 1, select_read_once},
                 {"revoke", 2, revoke}}},
    {.name = "select-down", .summary = "select on a device that is not up, goes up and down",
     .before = opened,
     .threads = {{"reader", 0, select_read_once}, {"writer", 0, select_write_once}, {"ifconfig", 2, up_down}}},
    {.name = "select-each", .summary = "select before each of two packets that the Mac sends at once",
     .before = running,
     .threads = {{"vpn", 0, select_for_each}, {"net", 2, send_two}}},
    {.name = "backlog", .summary = "a writer fills the stack's backlog, waits for room and goes on",
     .before = running,
     .threads = {{"vpn", 0, fill_and_go_on}}},
    {.name = "inline-input", .first_darwin = 21, .net_async_off = true,
     .summary = "net_async=0: the writer runs the stack, which answers it",
     .before = running,
     .threads = {{"writer", 0, write_where_nobody_listens}, {"tcpdump", 1, capture}, {"net", 2, send_one}}},
    {.name = "write-detached", .first_darwin = 11,
     .summary = "another kext detaches the interface beside a writer",
     .before = running,
     .threads = {{"vpn", 0, write_twice_close}, {"kext", 2, detach}}},
    {.name = "refused-ioctl", .summary = "an ioctl is refused, the device goes on",
     .before = running,
     .threads = {{"vpn", 0, refused_ioctl}, {"net", 2, send_one}}},
    {.name = "next-owner",
     .summary = "a user who is not root closes; the next opener finds no address",
     .before = loaded,
     .threads = {{"vpn", 0, leave_to_the_next}, {"net", 2, send_one}}},
    {.name = "opened-down", .summary = "down before it was ever up, beside a reader",
     .before = opened,
     .threads = {{"reader", 0, read_until_down}, {"ifconfig", 2, life_config}}},
    {.name = "configd", .summary = "configd looks at the interface and brings it up while it is still being opened",
     .before = loaded,
     .threads = {{"vpn", 0, open_and_stay}, {"configd", 2, configd}}},
    {.name = "whole", .core = true,
     .summary = "from kextload to kextunload with two sessions, one thread: for --faults each",
     .before = NULL,
     .threads = {{"vpn", 0, whole_life}}},
};

const unsigned workload_shape_count = sizeof(workload_shapes) / sizeof(workload_shapes[0]);
