/* SPDX-License-Identifier: Apache-2.0 */
/* base/loop.h: the agent's event loop: descriptors, timers, and messages from other threads. One thread runs it. */
#ifndef BASE_LOOP_H
#define BASE_LOOP_H

#include <stdint.h>
#include <sys/epoll.h>

struct loop;
struct loop_watch;
struct loop_timer;

/* A new loop, or an error (ERR_INTERNAL). Pair with loop_free(), after every watch and timer is gone. */
int loop_new(struct loop **ret_loop);
void loop_free(struct loop *loop);

/* Calls handler while fd is ready for events (EPOLLIN, EPOLLOUT; errors and hang-ups always). Borrows fd. NULL when it can't be watched. */
struct loop_watch *loop_watch(struct loop *loop, int fd, uint32_t events, void (*handler)(void *context, uint32_t events), void *context);

/* Ends a watch and leaves NULL behind; accepts NULL. Safe from within any handler. Call it before the descriptor is closed. */
void loop_unwatch(struct loop_watch **watch);

/* Calls handler once, after at least that many milliseconds. NULL when memory runs out. The timer is gone when its handler runs. */
struct loop_timer *loop_after(struct loop *loop, unsigned milliseconds, void (*handler)(void *context), void *context);

/* Ends a timer and leaves NULL behind; accepts NULL. A handler sets its own pointer to NULL first. */
void loop_cancel(struct loop_timer **timer);

/*
 * Runs handler on the loop's thread, soon, in order; or discard (NULL: nothing) when the loop is freed before.  The only function here
 * that any thread may call.  0; or ERR_INTERNAL, and neither is called.
 */
int loop_post(struct loop *loop, void (*handler)(void *context), void (*discard)(void *context), void *context);

/* Runs what is ready, waiting at most timeout milliseconds (-1: for ever) for the first. 0 or ERR_INTERNAL. */
int loop_run_once(struct loop *loop, int timeout);

/* A descriptor that is readable while loop_run_once(loop, 0) has something to do: lets another event loop drive this one. */
int loop_fd(const struct loop *loop);

#endif
