/* SPDX-License-Identifier: Apache-2.0 */
/* health/probe.c: the thread; it shares nothing with the loop but the one struct, and a lock for who frees it. */
#include "health/probe.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <winscard.h>

#define STACK_SIZE (256 * 1024)

struct probe {
	struct loop *loop;
	void (*done)(void *context, const struct probe_result *result);
	void *context;
	pthread_mutex_t lock;
	bool abandoned;		/* the loop's side has gone; may be set until the result is posted, and after it */
	bool ports_done;	/* all but PC/SC is there */
	bool cards;
	uint16_t own_port;
	struct probe_result result;
};

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static int
double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Any status word is an answer; a card that knows no GET CHALLENGE refuses it as fast. */
static void
card_time(SCARDCONTEXT context, struct probe_card *card)
{
	static const unsigned char challenge[] = { 0x00, 0x84, 0x00, 0x00, 0x08 };
	double times[PROBE_ROUNDS];
	SCARDHANDLE handle;
	DWORD protocol;

	card->connected = SCardConnect(context, card->reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &handle, &protocol);
	if (card->connected != SCARD_S_SUCCESS)
		return;
	while (card->failed == 0 && card->rounds < PROBE_ROUNDS) {
		unsigned char answer[258];
		DWORD len = sizeof(answer);
		double start = now_ms();

		card->failed = SCardTransmit(handle, protocol == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1, challenge, sizeof(challenge),
		    NULL, answer, &len);
		if (card->failed == SCARD_S_SUCCESS)
			times[card->rounds++] = now_ms() - start;
	}
	SCardDisconnect(handle, SCARD_LEAVE_CARD);
	if (card->rounds > 0) {
		qsort(times, card->rounds, sizeof(times[0]), double_compare);
		card->median_ms = times[card->rounds / 2];
		card->p95_ms = times[(card->rounds * 95 - 1) / 100];
	}
}

static void
cards_time(struct probe *probe, SCARDCONTEXT context)
{
	char list[PCSC_READERS_MAX * PCSC_NAME_MAX];
	DWORD len = sizeof(list);

	if (SCardListReaders(context, NULL, list, &len) != SCARD_S_SUCCESS)
		return;
	for (const char *p = list; *p != '\0' && probe->result.cards_count < PCSC_READERS_MAX; p += strlen(p) + 1) {
		struct probe_card *card = &probe->result.cards[probe->result.cards_count];
		SCARD_READERSTATE state = { .szReader = p };

		if (strlen(p) >= PCSC_NAME_MAX || SCardGetStatusChange(context, 0, &state, 1) != SCARD_S_SUCCESS ||
		    (state.dwEventState & SCARD_STATE_PRESENT) == 0)
			continue;
		memcpy(card->reader, p, strlen(p) + 1);
		card_time(context, card);
		probe->result.cards_count++;
	}
}

static void
pcsc_look(struct probe *probe)
{
	double start = now_ms();
	SCARDCONTEXT context;

	probe->result.established = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
	probe->result.established_ms = now_ms() - start;
	if (probe->result.established != SCARD_S_SUCCESS)
		return;
	if (probe->cards)
		cards_time(probe, context);
	SCardReleaseContext(context);
}

static void
probe_free(struct probe *probe)
{
	/* The thread posts while it holds the lock: it must have let go of it before it is gone. */
	pthread_mutex_lock(&probe->lock);
	pthread_mutex_unlock(&probe->lock);
	pthread_mutex_destroy(&probe->lock);
	free(probe);
}

/* On the loop. */
static void
probe_done(void *context)
{
	struct probe *probe = context;

	if (!probe->abandoned)
		probe->done(probe->context, &probe->result);
	probe_free(probe);
}

/* The loop ends before the result is looked at. */
static void
probe_discard(void *context)
{
	probe_free(context);
}

static void *
thread_run(void *context)
{
	struct probe *probe = context;
	bool posted;

	probe->result.ports_count = ports_listening(probe->result.ports);
	for (size_t i = 0; i < probe->result.ports_count; i++) {
		struct probe_port *port = &probe->result.ports[i];

		port->agent = port->port == probe->own_port || (port->uid == geteuid() && port_speaks(port->port));
	}
	for (size_t i = 0; i < probe->result.hosts_count; i++)
		host_reach(&probe->result.hosts[i]);
	pthread_mutex_lock(&probe->lock);
	probe->ports_done = true;
	pthread_mutex_unlock(&probe->lock);
	pcsc_look(probe);
	pthread_mutex_lock(&probe->lock);
	posted = !probe->abandoned && loop_post(probe->loop, probe_done, probe_discard, probe) == 0;
	pthread_mutex_unlock(&probe->lock);
	if (!posted)
		probe_free(probe);
	return NULL;
}

struct probe *
probe_start(struct loop *loop, const struct probe_result *hosts, bool cards, uint16_t own_port,
    void (*done)(void *context, const struct probe_result *result), void *context)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int failed;

	if (probe == NULL)
		return NULL;
	probe->loop = loop;
	probe->done = done;
	probe->context = context;
	probe->cards = cards;
	probe->own_port = own_port;
	memcpy(probe->result.hosts, hosts->hosts, sizeof(hosts->hosts));
	probe->result.hosts_count = hosts->hosts_count;
	pthread_mutex_init(&probe->lock, NULL);
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_SIZE);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	failed = pthread_create(&thread, &attributes, thread_run, probe);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (failed) {
		probe_free(probe);
		return NULL;
	}
	return probe;
}

bool
probe_abandon(struct probe **probe, struct probe_result *ret_partial)
{
	struct probe *p = *probe;
	bool partial;

	if (p == NULL)
		return false;
	*probe = NULL;
	pthread_mutex_lock(&p->lock);
	p->abandoned = true;
	partial = p->ports_done && ret_partial != NULL;
	/* Only what the thread does not write any more. */
	if (partial) {
		memcpy(ret_partial->ports, p->result.ports, sizeof(p->result.ports));
		ret_partial->ports_count = p->result.ports_count;
		memcpy(ret_partial->hosts, p->result.hosts, sizeof(p->result.hosts));
		ret_partial->hosts_count = p->result.hosts_count;
	}
	pthread_mutex_unlock(&p->lock);
	return partial;
}
