/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: the agent's settings, from one file of `key = value` lines. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>

struct config_list {
	char **items;
	size_t count;
};

struct config {
	struct config_list modules;		/* module: PKCS #11 modules that may be loaded, absolute paths; none: those that are found */
	struct config_list allowed_origins;	/* allow-origin: these need no access dialog */
	struct config_list developer_origins;	/* developer-origin: these may be http: */
	struct config_list forms_folders;	/* forms-dir: the institution's forms, each a folder in there */
	struct config_list hash_origins;	/* hash-origin: these may call sign.hash */
	struct config_list trust_folders;	/* trust-dir: certificates of the authorities that count; none: the administrator's and the package's */
	char *cards_dir;			/* cards-dir: a folder of kinds of cards instead of the installed ones; NULL: those */
	char *pinentry;				/* pinentry: the dialog program, absolute path */
	char *institution;			/* institution: the institution's profile, a JSON file; NULL: none */
	char *language;				/* language: tr or en; NULL: by the environment */
	unsigned dialog_arm_ms;			/* dialog-arm-ms: an answer sooner than this is not taken */
	unsigned dialog_seconds;		/* dialog-seconds: how long a dialog waits for its user */
	unsigned dialog_pause_seconds;		/* dialog-pause-seconds: no dialogs for an origin after too many refused ones (session/limits.h) */
	unsigned pin_pause_seconds;		/* pin-pause-seconds: no PIN for an origin after too many wrong ones */
};

/* Reads a file; path NULL gives the built-in settings. 0 or ERR_INVALID_PARAMS after a log line that names the file's line; pair with config_clear(). */
int config_read(const char *path, struct config *ret_config);

void config_clear(struct config *config);

/* Adds a copy. 0, ERR_TOO_LARGE, ERR_INTERNAL. */
int config_list_add(struct config_list *list, const char *value);

bool config_list_has(const struct config_list *list, const char *item);

/* "tr" or "en": the setting, else LC_ALL, LC_MESSAGES, LANG; Turkish unless they say English. */
const char *config_language(const struct config *config);

#endif
