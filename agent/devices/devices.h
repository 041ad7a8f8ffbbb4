/* SPDX-License-Identifier: Apache-2.0 */
/* devices/devices.h: the readers, the cards in them, their certificates, and a signature by one: what operations see of the hardware. */
#ifndef DEVICES_DEVICES_H
#define DEVICES_DEVICES_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "base/loop.h"
#include "config.h"
#include "devices/certificate.h"
#include "devices/kinds.h"
#include "devices/pcsc.h"
#include "helpers/helper.h"
#include "helpers/programs.h"

struct devices;
struct devices_listing;
struct devices_signing;

/* Told of each change of readers or cards with the notification's name and params (borrowed). */
typedef void (*devices_changed)(void *context, const char *notification, const cJSON *params);

/* Starts watching; helpers start when they are first needed. Everything is borrowed. 0 or ERR_INTERNAL. */
int devices_new(struct loop *loop, const struct config *config, const struct programs *programs, devices_changed changed,
    void *context, struct devices **ret_devices);
void devices_free(struct devices *devices);

/* The PC/SC state of now. Never NULL; borrowed until the loop runs on. */
const struct pcsc_snapshot *devices_pcsc(const struct devices *devices);

/* Whether the first PC/SC state has come: soon after devices_new(), unless the service does not answer. */
bool devices_seen(const struct devices *devices);

/*
 * Asks every module for its tokens, and for their certificates too when asked to.  done is called once, later, with an array (borrowed)
 * of objects: card, reader, module, moduleIndex, slot, removable, label, manufacturer, model, serial, pin, certificates[] (ckaId, label,
 * der, hasKey); err is the first failure of a module when there is nothing at all to tell, else 0.  NULL when memory runs out.
 */
struct devices_listing *devices_list(struct devices *devices, bool certificates,
    void (*done)(void *context, int err, const cJSON *tokens), void *context);

/*
 * The same with certificates, for who looks and does not sign: what was told in the last ten seconds is told again while nothing has
 * happened at the readers and no PIN was used since, which spares the card all questions.
 */
struct devices_listing *devices_list_seen(struct devices *devices, void (*done)(void *context, int err, const cJSON *tokens), void *context);

/* Why the certificates of the first token that failed could not be read, 0 when all could: for who has not found what was looked for. */
int devices_tokens_err(const cJSON *tokens);

/* Adds the wire's object (types.json card, with its problem) of each card in a reader that none of these tokens is in. */
void devices_unread_add(const struct devices *devices, const cJSON *tokens, cJSON *cards);

/* What to say when no module shows a token: ERR_NO_CARD, or ERR_CARD_UNSUPPORTED because there is a card all the same. */
int devices_no_token_err(const struct devices *devices);

/* Gives a listing up: done is not called. Leaves NULL behind; accepts NULL. */
void devices_list_cancel(struct devices_listing **listing);

/* Where a certificate's key is. */
struct devices_key {
	size_t module;
	double slot;
	char *serial, *cka_id;	/* owned */
	char *reader;		/* owned; the PC/SC reader's name, or another text for a token that is in none */
	char key_type[8];
};

void devices_key_clear(struct devices_key *key);

/*
 * Signs digests (a JSON array of base64, taken) with the key; pin_fd (the read end of the PIN pipe, -1 with a keypad) is taken.  done is
 * called once, with signatures[] (base64, borrowed) or an error and its members (may be NULL); progress, which may be NULL, as they are made:
 * signatures[] (borrowed) are those that it was not told before, so what there is before an error is known.
 * ERR_CARD_REMOVED also when the module died of it, ERR_PIN_STATE_UNKNOWN: the module died between C_Login and its answer.  NULL when it can't be started; then *ret_err says why.
 */
struct devices_signing *devices_sign(struct devices *devices, const struct devices_key *key, const char *digest_algorithm, cJSON *digests,
    int pin_fd, void (*done)(void *context, int err, const cJSON *content), void (*progress)(void *context, const cJSON *signatures),
    void *context, int *ret_err);

/*
 * Has a card verify, change or unblock its PIN: op is pin_verify, pin_change or pin_unblock of imza-token; of the key only module, slot and
 * serial count.  fds (the read ends of the pipes, none with a keypad) are taken.  done as above, with `pin` in content.
 */
struct devices_signing *devices_pin(struct devices *devices, const struct devices_key *key, const char *op, const int *fds, size_t fds_count,
    void (*done)(void *context, int err, const cJSON *content), void *context, int *ret_err);

/* True until the module has told that a login returned: stopped now, it may have cost a try. Accepts NULL (false). */
bool devices_sign_trying(const struct devices_signing *signing);

/* Stops a signing by ending its module's process, since a C_Sign can't be interrupted; done is not called. Leaves NULL behind; accepts NULL. */
void devices_sign_cancel(struct devices_signing **signing);

/* The wire's object (types.json reader); keypad: a PIN can be typed on it. The caller frees it. */
cJSON *devices_reader_to_json(const struct pcsc_reader *reader, bool keypad);

/* --- inside devices/ --- */

/* The PC/SC reader of this name, NULL when there is none now. */
const struct pcsc_reader *devices_reader(const struct devices *devices, const char *name);

/* The PC/SC reader whose name this slot carries, NULL for a token that is in none. */
const struct pcsc_reader *devices_reader_of(const struct devices *devices, const char *slot_description);

/* What is known of kinds of cards (devices/kinds.h). */
const struct kinds *devices_kinds(const struct devices *devices);

size_t devices_modules_count(const struct devices *devices);
const char *devices_module_name(const struct devices *devices, size_t module);
const char *devices_module_path(const struct devices *devices, size_t module);

/* Queues a request for a module's helper, starting it where needed. NULL: *ret_err says why (module_failed: missing, untrusted, or in back-off). */
struct helper_request *devices_request(struct devices *devices, size_t module, const char *op, cJSON *members, const int *fds, size_t fds_count,
    unsigned deadline_ms, struct helper_callbacks callbacks, int *ret_err);

/* How often something has changed at the readers; tokens that were asked for before a change say nothing about after it. */
unsigned devices_changes(const struct devices *devices);

/* Keeps what a module told of its tokens (an array, borrowed), asked for when devices_changes() was this, unless that can't hold. */
void devices_tokens_keep(struct devices *devices, size_t module, unsigned changes, const cJSON *tokens);

/* Keeps the certificates (an array, borrowed) of a token that was kept. */
void devices_certificates_keep(struct devices *devices, size_t module, unsigned changes, double slot, const cJSON *certificates);

/* What was kept: tokens, with certificates where they are known too; NULL: nothing that still holds. Borrowed until the loop runs on. */
const cJSON *devices_tokens_kept(const struct devices *devices, size_t module);

/* A module has answered well: its back-off is over. */
void devices_module_works(struct devices *devices, size_t module);

struct loop *devices_loop(const struct devices *devices);

#endif
