/* SPDX-License-Identifier: Apache-2.0 */
/* base/loop_linux.c: the event loop on one epoll descriptor, so that libwebsockets' loop can hold it as a single watch. */
#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

struct loop_watch {
	struct loop *loop;
	int fd;
	void (*handler)(void *context, uint32_t events);
	void *context;
};

struct loop_timer {
	struct loop *loop;
	struct loop_timer *next;	/* sorted, soonest first */
	uint64_t due;			/* CLOCK_MONOTONIC, nanoseconds */
	void (*handler)(void *context);
	void *context;
};

struct post {
	struct post *next;
	void (*handler)(void *context);
	void (*discard)(void *context);
	void *context;
};

struct loop {
	int epoll, clock, wake;
	struct loop_watch *clock_watch, *wake_watch;
	struct loop_timer *timers;
	pthread_mutex_t lock;		/* guards posts alone */
	struct post *posts, **posts_end;
};

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Sets the one timerfd to the soonest timer; without timers it never fires, so an idle loop sleeps. */
static void
clock_set(struct loop *loop)
{
	uint64_t due = loop->timers != NULL ? loop->timers->due : 0;
	struct itimerspec at = { .it_value = { (time_t)(due / 1000000000u), (long)(due % 1000000000u) } };

	timerfd_settime(loop->clock, TFD_TIMER_ABSTIME, &at, NULL);
}

static void
clock_fired(void *context, uint32_t events)
{
	struct loop *loop = context;
	uint64_t count;

	(void)events;
	if (read(loop->clock, &count, sizeof(count)) < 0)
		return;
	while (loop->timers != NULL && loop->timers->due <= now()) {
		struct loop_timer *timer = loop->timers;

		loop->timers = timer->next;
		timer->handler(timer->context);
		free(timer);
	}
	clock_set(loop);
}

static void
posts_run(void *context, uint32_t events)
{
	struct loop *loop = context;
	struct post *posts;
	uint64_t count;

	(void)events;
	if (read(loop->wake, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&loop->lock);
	posts = loop->posts;
	loop->posts = NULL;
	loop->posts_end = &loop->posts;
	pthread_mutex_unlock(&loop->lock);
	while (posts != NULL) {
		struct post *post = posts;

		posts = post->next;
		post->handler(post->context);
		free(post);
	}
}

int
loop_new(struct loop **ret_loop)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return ERR_INTERNAL;
	loop->posts_end = &loop->posts;
	pthread_mutex_init(&loop->lock, NULL);
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	loop->clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	loop->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll >= 0 && loop->clock >= 0 && loop->wake >= 0) {
		loop->clock_watch = loop_watch(loop, loop->clock, EPOLLIN, clock_fired, loop);
		loop->wake_watch = loop_watch(loop, loop->wake, EPOLLIN, posts_run, loop);
	}
	if (loop->clock_watch == NULL || loop->wake_watch == NULL) {
		loop_free(loop);
		return ERR_INTERNAL;
	}
	*ret_loop = loop;
	return 0;
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	loop_unwatch(&loop->clock_watch);
	loop_unwatch(&loop->wake_watch);
	while (loop->posts != NULL) {
		struct post *post = loop->posts;

		loop->posts = post->next;
		if (post->discard != NULL)
			post->discard(post->context);
		free(post);
	}
	close(loop->epoll);
	close(loop->clock);
	close(loop->wake);
	pthread_mutex_destroy(&loop->lock);
	free(loop);
}

struct loop_watch *
loop_watch(struct loop *loop, int fd, uint32_t events, void (*handler)(void *context, uint32_t events), void *context)
{
	struct loop_watch *watch = malloc(sizeof(*watch));
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (watch == NULL)
		return NULL;
	*watch = (struct loop_watch){ loop, fd, handler, context };
	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
		free(watch);
		return NULL;
	}
	return watch;
}

void
loop_unwatch(struct loop_watch **watch)
{
	if (*watch == NULL)
		return;
	epoll_ctl((*watch)->loop->epoll, EPOLL_CTL_DEL, (*watch)->fd, NULL);
	free(*watch);
	*watch = NULL;
}

struct loop_timer *
loop_after(struct loop *loop, unsigned milliseconds, void (*handler)(void *context), void *context)
{
	struct loop_timer *timer = malloc(sizeof(*timer)), **place = &loop->timers;

	if (timer == NULL)
		return NULL;
	*timer = (struct loop_timer){ loop, NULL, now() + (uint64_t)milliseconds * 1000000u, handler, context };
	while (*place != NULL && (*place)->due <= timer->due)
		place = &(*place)->next;
	timer->next = *place;
	*place = timer;
	if (loop->timers == timer)
		clock_set(loop);
	return timer;
}

void
loop_cancel(struct loop_timer **timer)
{
	struct loop_timer **place;
	struct loop *loop;

	if (*timer == NULL)
		return;
	loop = (*timer)->loop;
	for (place = &loop->timers; *place != NULL && *place != *timer; place = &(*place)->next)
		;
	if (*place != NULL)
		*place = (*timer)->next;
	clock_set(loop);
	free(*timer);
	*timer = NULL;
}

int
loop_post(struct loop *loop, void (*handler)(void *context), void (*discard)(void *context), void *context)
{
	struct post *post = malloc(sizeof(*post));
	const uint64_t one = 1;

	if (post == NULL)
		return ERR_INTERNAL;
	*post = (struct post){ NULL, handler, discard, context };
	pthread_mutex_lock(&loop->lock);
	*loop->posts_end = post;
	loop->posts_end = &post->next;
	pthread_mutex_unlock(&loop->lock);
	/* An eventfd that is full is readable already. */
	(void)!write(loop->wake, &one, sizeof(one));
	return 0;
}

int
loop_run_once(struct loop *loop, int timeout)
{
	struct epoll_event event;
	int n;

	/* One event at a time: a handler may end any other watch, and a second event of the same batch could point at it. */
	n = epoll_wait(loop->epoll, &event, 1, timeout);
	if (n < 0)
		return errno == EINTR ? 0 : ERR_INTERNAL;
	if (n == 1) {
		struct loop_watch *watch = event.data.ptr;

		watch->handler(watch->context, event.events);
	}
	return 0;
}

int
loop_fd(const struct loop *loop)
{
	return loop->epoll;
}
