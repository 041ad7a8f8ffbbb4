/* SPDX-License-Identifier: Apache-2.0 */
/* config.h: the agent's settings as the rest of the program reads them; config/keys.c names them, config/sources.c reads the files. */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#define CONFIG_SYSTEM_DIR "/etc/imza-agent"

/* A line of a list that narrows what is allowed, and that can't be read (config/sources.h). */
struct config_unread {
	char *item;		/* the origin that it names; NULL: it may have named any, or it is no list of origins */
	char *text;		/* FILE:LINE and what it counts as, in English */
};

struct config_list {
	char **items;
	size_t count;
	struct config_unread *unread;
	size_t unread_count;
};

/* What each member means, its default and its key: the table in config/keys.c. */
struct config {
	struct config_list modules;
	struct config_list module_folders;
	struct config_list allowed_origins;
	struct config_list denied_origins;
	struct config_list developer_origins;
	struct config_list forms_folders;
	struct config_list hash_origins;
	struct config_list manifest_keys;
	struct config_list trust_folders;
	struct config_list fetch_hosts;
	char *cards_dir;		/* NULL: the installed ones */
	char *consent_window;
	char *pinentry;
	char *fetch_proxy;		/* NULL: none */
	char *institution;		/* NULL: none */
	char *language;			/* NULL: by the environment */
	char *require_valid_certificate;
	unsigned dialog_arm_ms;
	unsigned dialog_seconds;
	unsigned dialog_pause_seconds;
	unsigned pin_pause_seconds;
	unsigned requests_per_second;
	bool listed_origins_only;
	bool module_network;
	bool require_audit_log;
	struct config_sources *sources;	/* where they came from and what was wrong; NULL in a config that was cleared */
};

/*
 * Reads the settings.  path NULL: the system's and this user's files (config/sources.h says which, and which one wins).  A folder: the same
 * below that one.  A file: that one in place of the administrator's and the user's; what is locked on this machine stays locked.
 * *ret_config holds all that was right; pair with config_clear().  Each problem has been logged with its file and line.
 * ERR_INVALID_PARAMS when the settings must not be used: a problem in a locked file, or in the one that path names; then *ret_config is there
 * too, for whoever looks into it.  ERR_INTERNAL: memory; *ret_config is cleared.
 */
int config_read(const char *path, struct config *ret_config);

void config_clear(struct config *config);

/* Adds a copy. 0, ERR_TOO_LARGE, ERR_INTERNAL. */
int config_list_add(struct config_list *list, const char *value);

void config_list_clear(struct config_list *list);

bool config_list_has(const struct config_list *list, const char *item);

/*
 * Whether a line of this list can't be read that may have named this origin: NULL, or its text.  What is no origin of a page, as the command
 * line's, no line can have named.
 */
const char *config_list_unread(const struct config_list *list, const char *origin);

/* Adds copies. 0 or ERR_INTERNAL. */
int config_list_add_unread(struct config_list *list, const char *item, const char *text);

/* "tr" or "en": the setting, else LC_ALL, LC_MESSAGES, LANG; Turkish unless they say English. */
const char *config_language(const struct config *config);

#endif
