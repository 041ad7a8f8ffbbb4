/* SPDX-License-Identifier: Apache-2.0 */
/* config/keys.h: the table of settings: the parser, the manual page, the README and `imza-agent config` are made from it. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"

enum config_kind {
	CONFIG_FLAG,		/* bool: yes or no */
	CONFIG_NUMBER,		/* unsigned, up to an hour in milliseconds */
	CONFIG_TEXT,		/* char * */
	CONFIG_CHOICE,		/* char *: one of the words in choices */
	CONFIG_PATH,		/* char *, absolute, of a file */
	CONFIG_FOLDER,		/* the same, of a folder */
	/* Lists: struct config_list. */
	CONFIG_TEXTS,
	CONFIG_PATHS,
	CONFIG_FOLDERS,
	CONFIG_ORIGINS,		/* https, or http for development */
	CONFIG_ORIGIN_KEYS,	/* an origin and a public key (session/manifest_key.h) */
};

#define CONFIG_ANY "*"		/* no value of a list, and may have been any */

struct config_key {
	const char *name;
	enum config_kind kind;
	size_t offset;		/* of the member in struct config */
	const char *initial;	/* the built-in value; NULL: none */
	const char *choices;	/* CONFIG_CHOICE: words with a | between them */
	const char *strictest;	/* the key narrows what is allowed: a line of it that can't be read counts as this, a list's as CONFIG_ANY; NULL: it is left out */
	bool user;		/* a user may choose it, too; all others are the administrator's */
	const char *doc;	/* English, for the manual: what it is for and, where initial does not say it, what holds without it */
};

extern const struct config_key config_keys[];
extern const size_t config_keys_count;

/* NULL when there is no such key. */
const struct config_key *config_key_find(const char *name);

/*
 * The key that narrows what is allowed of which this name, which is none, may be a slip; NULL: it resembles none, or another key more.  It is
 * a guess: good enough to refuse something, not to allow it.
 */
const struct config_key *config_key_near(const char *name, size_t len);

bool config_key_is_list(const struct config_key *key);

/* Whether the key can have this value (not empty). */
bool config_key_accepts(const struct config_key *key, const char *value);

/* Sets, or adds to a list, a value that config_key_accepts(). 0, ERR_TOO_LARGE, ERR_INTERNAL. */
int config_key_set(struct config *config, const struct config_key *key, const char *value);

/* Frees what the members hold. */
void config_keys_clear(struct config *config);

#endif
