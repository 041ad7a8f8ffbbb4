/* SPDX-License-Identifier: Apache-2.0 */
/* devices/pcsc.h: the readers and cards of the PC/SC service, as snapshots; a thread of its own waits for changes. */
#ifndef DEVICES_PCSC_H
#define DEVICES_PCSC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/loop.h"

#define PCSC_READERS_MAX 16	/* pcscd's own limit */
#define PCSC_NAME_MAX 128

struct pcsc_reader {
	char name[PCSC_NAME_MAX];
	char atr[67];		/* upper-case hex, "" without a card */
	bool present, mute, in_use, unavailable;
	uint16_t count;		/* pcscd's count of insertions and removals, which wraps: a quick swap shows */
};

/* Immutable once posted. */
struct pcsc_snapshot {
	bool running;		/* the service answers */
	size_t count;
	struct pcsc_reader readers[PCSC_READERS_MAX];
};

struct pcsc;

/* Starts the thread; changed runs on the loop for each new state, the first one included; the snapshot is borrowed. 0 or ERR_INTERNAL. */
int pcsc_new(struct loop *loop, void (*changed)(void *context, const struct pcsc_snapshot *snapshot), void *context, struct pcsc **ret_pcsc);

/* Ends the thread. Accepts NULL. */
void pcsc_free(struct pcsc *pcsc);

#endif
