/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scwait.c: what a bare PC/SC program sees: one line a change, with the CLOCK_MONOTONIC nanoseconds at which SCardGetStatusChange() told it:
 * "NS service up|down", "NS reader added|removed|broken|works NAME", "NS card inserted|removed|mute NAME".  The rig's own eyes, and the yardstick for ours.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#define LOOK_AGAIN_MS 500
#define READERS_MAX 16
#define NAME_MAX_LEN 128
#define NOTIFICATION "\\\\?PnP?\\Notification"

static SCARD_READERSTATE states[READERS_MAX + 1];
static char names[READERS_MAX][NAME_MAX_LEN];
static DWORD count;

static void
tell(const char *what, const char *name)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	printf("%lld %s%s%s\n", (long long)now.tv_sec * 1000000000 + now.tv_nsec, what, *name != '\0' ? " " : "", name);
	fflush(stdout);
}

static DWORD
find(const char *name, char list[][NAME_MAX_LEN], DWORD list_count)
{
	DWORD i = 0;

	while (i < list_count && strcmp(list[i], name) != 0)
		i++;
	return i;
}

static void
card_tell(DWORD before, DWORD now, const char *name)
{
	if ((before & SCARD_STATE_PRESENT) != 0 && ((now & SCARD_STATE_PRESENT) == 0 || now >> 16 > (before >> 16) + 1))
		tell("card removed", name);
	if ((now & SCARD_STATE_PRESENT) != 0 && ((before & SCARD_STATE_PRESENT) == 0 || now >> 16 > (before >> 16) + 1))
		tell((now & SCARD_STATE_MUTE) != 0 ? "card mute" : "card inserted", name);
}

/* Readers that stay keep their state. */
static LONG
readers_read(SCARDCONTEXT context)
{
	char list[READERS_MAX * NAME_MAX_LEN], old_names[READERS_MAX][NAME_MAX_LEN];
	SCARD_READERSTATE old_states[READERS_MAX];
	DWORD len = sizeof(list), old_count = count;
	LONG rv = SCardListReaders(context, NULL, list, &len);

	if (rv != SCARD_S_SUCCESS && rv != SCARD_E_NO_READERS_AVAILABLE)
		return rv;
	memcpy(old_names, names, sizeof(names));
	memcpy(old_states, states, sizeof(old_states));
	count = 0;
	for (const char *p = list; rv == SCARD_S_SUCCESS && *p != '\0' && count < READERS_MAX; p += strlen(p) + 1) {
		DWORD old = find(p, old_names, old_count);

		snprintf(names[count], NAME_MAX_LEN, "%.*s", NAME_MAX_LEN - 1, p);
		states[count] = (SCARD_READERSTATE){ .szReader = names[count] };
		if (old < old_count)
			states[count].dwCurrentState = old_states[old].dwCurrentState;
		else
			tell("reader added", p);
		count++;
	}
	for (DWORD i = 0; i < old_count; i++)
		if (find(old_names[i], names, count) == count) {
			card_tell(old_states[i].dwCurrentState, SCARD_STATE_EMPTY, old_names[i]);
			tell("reader removed", old_names[i]);
		}
	states[count] = (SCARD_READERSTATE){ .szReader = NOTIFICATION, .dwCurrentState = states[count].dwCurrentState };
	return SCARD_S_SUCCESS;
}

static void
watch(SCARDCONTEXT context)
{
	LONG rv = readers_read(context);
	bool look_again = true;

	while (rv == SCARD_S_SUCCESS) {
		/* A reader that comes between the list and the wait is told to nobody: one look after each event finds it. */
		rv = SCardGetStatusChange(context, look_again ? LOOK_AGAIN_MS : INFINITE, states, count + 1);
		look_again = rv != SCARD_E_TIMEOUT;
		for (DWORD i = 0; rv == SCARD_S_SUCCESS && i < count; i++) {
			card_tell(states[i].dwCurrentState, states[i].dwEventState, names[i]);
			if (((states[i].dwCurrentState ^ states[i].dwEventState) & SCARD_STATE_UNAVAILABLE) != 0)
				tell((states[i].dwEventState & SCARD_STATE_UNAVAILABLE) != 0 ? "reader broken" : "reader works", names[i]);
		}
		for (DWORD i = 0; rv == SCARD_S_SUCCESS && i <= count; i++)
			states[i].dwCurrentState = states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
		if (rv == SCARD_S_SUCCESS || rv == SCARD_E_UNKNOWN_READER || rv == SCARD_E_TIMEOUT)
			rv = readers_read(context);
	}
}

int
main(void)
{
	const struct timespec pause = { 0, 5000000 };
	SCARDCONTEXT context;

	tell("service down", "");
	for (;;) {
		if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS) {
			nanosleep(&pause, NULL);
			continue;
		}
		tell("service up", "");
		memset(states, 0, sizeof(states));
		watch(context);
		SCardReleaseContext(context);
		count = 0;
		tell("service down", "");
	}
}
