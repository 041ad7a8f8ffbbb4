/* SPDX-License-Identifier: Apache-2.0 */
/* devices/pcsc.c: a thread blocked in SCardGetStatusChange, or, while there is no service, in inotify on its socket: no polling. */
#include "devices/pcsc.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>
#include <winscard.h>

#include "base/err.h"
#include "base/log.h"

#define SERVICE_SOCKET "/run/pcscd/pcscd.comm"
#define NOTIFICATION "\\\\?PnP?\\Notification"
#define TRIES_AFTER_SIGN 8	/* to reach the service after its socket was seen: 1, 2, 4 ... 128 ms apart */
#define LOOK_AGAIN_MS 500
#define STACK_SIZE (256 * 1024)

struct pcsc {
	struct loop *loop;
	void (*changed)(void *context, const struct pcsc_snapshot *snapshot);
	void *context;
	pthread_t thread;
	int stop;				/* eventfd */
	char socket[PATH_MAX];			/* of the service */
	atomic_bool stopping;
	_Atomic SCARDCONTEXT card_context;	/* of the thread; read by pcsc_free() for SCardCancel() */
	/* The thread's own. */
	SCARD_READERSTATE states[PCSC_READERS_MAX + 1];
	char names[PCSC_READERS_MAX][PCSC_NAME_MAX];
	size_t count;
	struct pcsc_snapshot last;
	bool posted;
};

struct change {
	struct pcsc *pcsc;
	struct pcsc_snapshot snapshot;
};

/* On the loop. */
static void
change_tell(void *context)
{
	struct change *change = context;

	change->pcsc->changed(change->pcsc->context, &change->snapshot);
	free(change);
}

static void
snapshot_post(struct pcsc *pcsc, const struct pcsc_snapshot *snapshot)
{
	struct change *change;

	if (pcsc->posted && memcmp(&pcsc->last, snapshot, sizeof(*snapshot)) == 0)
		return;
	if ((change = malloc(sizeof(*change))) == NULL)
		return;
	pcsc->last = *snapshot;
	pcsc->posted = true;
	*change = (struct change){ pcsc, *snapshot };
	if (loop_post(pcsc->loop, change_tell, free, change) != 0) {
		log_error("a change of the readers could not be told");
		free(change);
	}
}

static void
reader_read(const SCARD_READERSTATE *state, struct pcsc_reader *reader)
{
	size_t atr_len = state->cbAtr <= MAX_ATR_SIZE ? state->cbAtr : MAX_ATR_SIZE;

	snprintf(reader->name, sizeof(reader->name), "%s", state->szReader);
	reader->present = (state->dwEventState & SCARD_STATE_PRESENT) != 0;
	reader->mute = (state->dwEventState & SCARD_STATE_MUTE) != 0;
	reader->in_use = (state->dwEventState & SCARD_STATE_EXCLUSIVE) != 0;
	reader->unavailable = (state->dwEventState & (SCARD_STATE_UNAVAILABLE | SCARD_STATE_UNKNOWN)) != 0;
	reader->count = (uint16_t)(state->dwEventState >> 16);
	for (size_t i = 0; reader->present && i < atr_len; i++)
		snprintf(reader->atr + 2 * i, 3, "%02X", state->rgbAtr[i]);
}

static void
states_post(struct pcsc *pcsc)
{
	struct pcsc_snapshot snapshot;

	memset(&snapshot, 0, sizeof(snapshot));	/* padding too: it is compared as bytes */
	snapshot.running = true;
	snapshot.count = pcsc->count;
	for (size_t i = 0; i < pcsc->count; i++)
		reader_read(&pcsc->states[i], &snapshot.readers[i]);
	snapshot_post(pcsc, &snapshot);
}

/* The readers of now, each with its state; the last entry watches for new ones. */
static LONG
readers_list(struct pcsc *pcsc, SCARDCONTEXT card_context)
{
	char list[PCSC_READERS_MAX * PCSC_NAME_MAX];
	DWORD len = sizeof(list);
	LONG rv = SCardListReaders(card_context, NULL, list, &len);

	pcsc->count = 0;
	if (rv != SCARD_S_SUCCESS && rv != SCARD_E_NO_READERS_AVAILABLE)
		return rv;
	memset(pcsc->states, 0, sizeof(pcsc->states));
	for (const char *p = list; rv == SCARD_S_SUCCESS && *p != '\0' && pcsc->count < PCSC_READERS_MAX; p += strlen(p) + 1) {
		snprintf(pcsc->names[pcsc->count], PCSC_NAME_MAX, "%.*s", PCSC_NAME_MAX - 1, p);
		pcsc->states[pcsc->count].szReader = pcsc->names[pcsc->count];
		pcsc->states[pcsc->count++].dwCurrentState = SCARD_STATE_UNAWARE;
	}
	pcsc->states[pcsc->count].szReader = NOTIFICATION;
	if (pcsc->count == 0)
		return SCARD_S_SUCCESS;
	return SCardGetStatusChange(card_context, 0, pcsc->states, (DWORD)pcsc->count);
}

static void
states_accept(struct pcsc *pcsc)
{
	for (size_t i = 0; i <= pcsc->count; i++)
		pcsc->states[i].dwCurrentState = pcsc->states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
}

static bool
list_must_be_read(const struct pcsc *pcsc)
{
	for (size_t i = 0; i < pcsc->count; i++)
		if ((pcsc->states[i].dwEventState & SCARD_STATE_CHANGED) != 0 &&
		    (pcsc->states[i].dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE)) != 0)
			return true;
	return (pcsc->states[pcsc->count].dwEventState & SCARD_STATE_CHANGED) != 0;
}

/* Whether a program keeps a card to itself: nobody is told when it lets go, so that is looked for. */
static bool
any_is_kept(const struct pcsc *pcsc)
{
	for (size_t i = 0; i < pcsc->count; i++)
		if ((pcsc->states[i].dwEventState & SCARD_STATE_EXCLUSIVE) != 0)
			return true;
	return false;
}

/* Watches until the service goes away or the agent ends. */
static void
service_watch(struct pcsc *pcsc, SCARDCONTEXT card_context)
{
	LONG rv = readers_list(pcsc, card_context);
	bool look_again = true;

	while (!atomic_load(&pcsc->stopping)) {
		/* A reader went between the list and the look at it. */
		while (rv == SCARD_E_UNKNOWN_READER)
			rv = readers_list(pcsc, card_context);
		if (rv != SCARD_S_SUCCESS)
			break;
		states_post(pcsc);
		states_accept(pcsc);
		/*
		 * pcsc-lite tells of readers that come while we wait, but not of one that came between the list and the wait, and not of a
		 * card that a program takes for itself, which is often straight after it was put in: so there is one look after each event.
		 */
		rv = SCardGetStatusChange(card_context, look_again || any_is_kept(pcsc) ? LOOK_AGAIN_MS : INFINITE, pcsc->states, (DWORD)pcsc->count + 1);
		look_again = rv != SCARD_E_TIMEOUT;
		if (rv == SCARD_E_UNKNOWN_READER || rv == SCARD_E_TIMEOUT || (rv == SCARD_S_SUCCESS && list_must_be_read(pcsc)))
			rv = readers_list(pcsc, card_context);
	}
	if (!atomic_load(&pcsc->stopping))
		log_info("the PC/SC service went away: %s", pcsc_stringify_error(rv));
}

/* --- while there is no service --- */

/* Whether one of the names that appeared is on the way to the socket: other services' files in /run wake nobody up for long. */
static bool
names_concern(int changes, const char *socket)
{
	char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t len;
	bool found = false;

	while ((len = read(changes, buffer, sizeof(buffer))) > 0)
		for (char *p = buffer; p < buffer + len;) {
			const struct inotify_event *event = (const struct inotify_event *)(const void *)p;

			found |= event->len == 0 || strstr(socket, event->name) != NULL;
			p += sizeof(*event) + event->len;
		}
	return found;
}

/* Watches the folder of the socket, if it is there, and the one above it. Again for a folder that is watched changes nothing. */
static void
socket_watch(int changes, const char *socket)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", socket);
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(folder, '/');

		if (slash == NULL || slash == folder)
			break;
		*slash = '\0';
		inotify_add_watch(changes, folder, IN_CREATE | IN_MOVED_TO);
	}
}

static bool
service_answers(void)
{
	SCARDCONTEXT probe;

	if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &probe) != SCARD_S_SUCCESS)
		return false;
	SCardReleaseContext(probe);
	return true;
}

/* Sleeps until the service answers, or the agent ends. */
static void
service_wait(struct pcsc *pcsc)
{
	int changes = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct pollfd fds[2] = { { pcsc->stop, POLLIN, 0 }, { changes, POLLIN, 0 } };

	while (!atomic_load(&pcsc->stopping)) {
		bool answers;

		socket_watch(changes, pcsc->socket);
		/* The socket appears a moment before the service answers on it; and all may have happened before the watch. */
		for (int i = 0; !(answers = service_answers()) && i < TRIES_AFTER_SIGN && fds[0].revents == 0; i++)
			poll(fds, 1, 1 << i);
		if (answers)
			break;
		do
			poll(fds, 2, -1);
		while (fds[0].revents == 0 && !names_concern(changes, pcsc->socket));
	}
	if (changes >= 0)
		close(changes);
}

static void *
thread_run(void *context)
{
	struct pcsc *pcsc = context;
	struct pcsc_snapshot none;
	SCARDCONTEXT card_context;

	memset(&none, 0, sizeof(none));
	while (!atomic_load(&pcsc->stopping)) {
		if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &card_context) != SCARD_S_SUCCESS) {
			snapshot_post(pcsc, &none);
			service_wait(pcsc);
			continue;
		}
		atomic_store(&pcsc->card_context, card_context);
		service_watch(pcsc, card_context);
		atomic_store(&pcsc->card_context, 0);
		SCardReleaseContext(card_context);
	}
	return NULL;
}

int
pcsc_new(struct loop *loop, void (*changed)(void *context, const struct pcsc_snapshot *snapshot), void *context, struct pcsc **ret_pcsc)
{
	struct pcsc *pcsc = calloc(1, sizeof(*pcsc));
	pthread_attr_t attributes;
	const char *socket;
	sigset_t all, before;
	int failed;

	if (pcsc == NULL)
		return ERR_INTERNAL;
	pcsc->loop = loop;
	pcsc->changed = changed;
	pcsc->context = context;
	/* The same name that libpcsclite takes. */
	socket = secure_getenv("PCSCLITE_CSOCK_NAME");
	snprintf(pcsc->socket, sizeof(pcsc->socket), "%s", socket != NULL ? socket : SERVICE_SOCKET);
	if ((pcsc->stop = eventfd(0, EFD_CLOEXEC)) < 0) {
		free(pcsc);
		return ERR_INTERNAL;
	}
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	failed = pthread_create(&pcsc->thread, &attributes, thread_run, pcsc);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		close(pcsc->stop);
		free(pcsc);
		return ERR_INTERNAL;
	}
	*ret_pcsc = pcsc;
	return 0;
}

void
pcsc_free(struct pcsc *pcsc)
{
	const uint64_t one = 1;
	struct timespec patience;

	if (pcsc == NULL)
		return;
	atomic_store(&pcsc->stopping, true);
	if (write(pcsc->stop, &one, sizeof(one)) < 0)
		log_warning("the reader thread could not be woken");
	/* The thread may be just about to block, so the cancel is said again until it has gone; never longer than a second. */
	for (int i = 0; i < 10; i++) {
		SCARDCONTEXT card_context = atomic_load(&pcsc->card_context);

		if (card_context != 0)
			SCardCancel(card_context);
		clock_gettime(CLOCK_REALTIME, &patience);
		patience.tv_nsec += 100000000;
		if (patience.tv_nsec >= 1000000000) {
			patience.tv_nsec -= 1000000000;
			patience.tv_sec++;
		}
		if (pthread_timedjoin_np(pcsc->thread, NULL, &patience) == 0) {
			close(pcsc->stop);
			free(pcsc);
			return;
		}
	}
	log_warning("the PC/SC service does not answer; its thread is left behind");
}
