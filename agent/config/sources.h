/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config/sources.h: the files that settings come from, each effective value with its file and line, and what is wrong with them.
 *
 * From the weakest to the strongest layer; within a folder the files *.conf in the order of their names, a later one wins:
 *	vendor		PREFIX/lib/imza-agent/conf.d/	the package's
 *	file		/etc/imza-agent/imza-agent.conf
 *	drop-ins	/etc/imza-agent/conf.d/		the administrator's
 *	user		$XDG_CONFIG_HOME/imza-agent/imza-agent.conf	only keys that a user may choose
 *	locked		/etc/imza-agent/policy.d/	no other layer changes a key that is set here
 * A single value replaces the one before.  A list's values are added to those of the layers before; a line `key =` without a value empties the
 * list, or gives a single value back its default.  A list that is locked consists of the locked values alone.
 *
 * A line that can't be read is left out, with one exception: where it narrows what is allowed (config_key.strictest), or reads like a slip of
 * such a key's name, it counts as the strictest that it may have said, until a later line of the key says otherwise.  So does each such key
 * where a whole file of the administrator's can't be read.
 */
#ifndef CONFIG_SOURCES_H
#define CONFIG_SOURCES_H

#include "config/keys.h"

enum config_layer { CONFIG_BUILT_IN, CONFIG_VENDOR, CONFIG_FILE, CONFIG_DROP_INS, CONFIG_USER, CONFIG_LOCKED };

/* Where each layer lies; NULL leaves one out. */
struct config_places {
	const char *vendor;	/* a folder, as drop_ins and locked */
	const char *file;
	const char *drop_ins;
	const char *user;	/* a file */
	const char *locked;
	bool file_named;	/* the command line named file: it must be there, and right */
};

struct config_value {
	const struct config_key *key;
	enum config_layer layer;
	char *value;		/* NULL: `key =`, the default or the empty list */
	const char *file;	/* NULL: built in */
	unsigned line;		/* 0: the file as a whole */
	bool unread;		/* not what stands there but the strictest of it; of a list: value is the origin that it is about, NULL: any */
};

enum config_problem_kind {
	CONFIG_UNREADABLE, CONFIG_UNTRUSTED, CONFIG_NO_SETTING, CONFIG_UNKNOWN_KEY, CONFIG_BAD_VALUE, CONFIG_NOT_A_USERS, CONFIG_TOO_MANY,
	CONFIG_OVERRIDDEN,	/* a remark: the key is locked elsewhere */
	CONFIG_OTHER_NAME,	/* a remark: a file that is not read */
	CONFIG_PROBLEM_KINDS
};

struct config_problem {
	enum config_problem_kind kind;
	enum config_layer layer;
	const char *file;
	unsigned line;		/* 0: the file as a whole */
	char *what;		/* the key, the system's word or why; "" for none */
};

struct config_sources;

/* Reads all files; problems are in the result, not an error. 0 or ERR_INTERNAL. Pair with config_sources_free(). */
int config_sources_read(const struct config_places *places, struct config_sources **ret_sources);
void config_sources_free(struct config_sources *sources);

/* False when the settings must not be used: a problem in a locked file, or in a named one. */
bool config_sources_usable(const struct config_sources *sources);

/* Whether the command line named the file: then it is the caller's own. */
bool config_sources_file_is_named(const struct config_sources *sources);

/* The effective values, by key; a list's in their order. Borrowed. */
const struct config_value *config_sources_values(const struct config_sources *sources, size_t *ret_count);

/* In the order of reading. Borrowed. */
const struct config_problem *config_sources_problems(const struct config_sources *sources, size_t *ret_count);

/* The files that were there, in the order of reading. Borrowed. */
const struct config_list *config_sources_files(const struct config_sources *sources);

#define CONFIG_UNREAD_BYTES 512

/* Of a value that is unread: FILE:LINE and what it counts as, "tr" or "en". */
void config_unread_text(const struct config_value *value, const char *language, char ret_text[CONFIG_UNREAD_BYTES]);

/* Whether it is more than a remark. */
bool config_problem_counts(const struct config_problem *problem);

/* A sentence about this kind of problem, "tr" or "en"; static. */
const char *config_problem_text(enum config_problem_kind kind, const char *language);

#endif
