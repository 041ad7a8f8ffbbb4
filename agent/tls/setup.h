/* SPDX-License-Identifier: Apache-2.0 */
/* tls/setup.h: sets TLS up for this user, tells how it stands, and takes it out again without a trace. */
#ifndef TLS_SETUP_H
#define TLS_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "tls/authority.h"
#include "tls/stores.h"

#define SETUP_FOLDER "tls"		/* below the agent's state folder */
#define SETUP_SERVER "server.pem"	/* in there: what transport/tls.h reads */
#define SETUP_AUTHORITY "authority.pem"	/* for who brings it to a browser by hand */

enum setup_outcome { SETUP_TRUSTED, SETUP_NOT_TRUSTED, SETUP_CLEAN, SETUP_FAILED };

/* What became of one store. in_use: a browser had it open, and may not notice before it is started again. */
typedef void setup_told(void *context, const struct store *store, enum setup_outcome outcome, bool in_use);

struct setup_state {
	char id[AUTHORITY_ID_LEN + 1];
	int64_t begins, ends;	/* of the leaf, seconds since 1970 */
	int64_t due;		/* two thirds of its life are over */
};

/*
 * Makes a new authority, has the stores (those that are not there are made) trust it, puts the server's file in its place, then takes older
 * authorities of ours out: a set-up that is there is so renewed, since what signed it is gone.  folder: SETUP_FOLDER's path.
 * 0; ERR_NOT_FOUND: certutil is missing; ERR_INTERNAL after a log line: then all is as it was. told may be called for no store.
 */
int setup_make(const char *folder, const struct stores *stores, int64_t now, setup_told *told, void *context);

/* Takes every authority of ours out of the stores, and the files away. 0; ERR_NOT_FOUND as above; ERR_INTERNAL: a store still has one. */
int setup_remove(const char *folder, const struct stores *stores, setup_told *told, void *context);

/* Reads how it stands. 0, or ERR_NOT_FOUND: it is not set up. */
int setup_read(const char *folder, struct setup_state *ret_state);

/* Whether TLS is set up, asked for by the agent's state folder; one access(2). */
bool setup_is_there(const char *state);

/* Whether each store trusts the authority of this state. */
void setup_look(const struct setup_state *state, const struct stores *stores, setup_told *told, void *context);

#endif
