/* SPDX-License-Identifier: Apache-2.0 */
/* tls/stores.h: where this user's browsers keep the authorities that they trust: NSS databases, each a folder with a cert9.db. */
#ifndef TLS_STORES_H
#define TLS_STORES_H

#include <stdbool.h>
#include <stddef.h>

#define STORES_MAX 128

struct store {
	char *folder;
	bool there;	/* it has a cert9.db; else its browser would read one from there */
};

struct stores {
	struct store items[STORES_MAX];
	size_t count;
};

/*
 * Finds them below home: Chromium's two places and those of its snaps and Flatpaks; each profile of Firefox's profiles.ini, plain, snap, Flatpak.
 * Where Chromium has neither place, its first one, not there yet.  xdg_config, xdg_data: the variables' values, NULL when unset.
 * 0 or ERR_INTERNAL; stores_clear() in both cases.
 */
int stores_find(const char *home, const char *xdg_config, const char *xdg_data, struct stores *ret_stores);

/* Adds one by its folder, unless it is in the list. 0, ERR_TOO_LARGE, ERR_INTERNAL. */
int stores_add(struct stores *stores, const char *folder);

void stores_clear(struct stores *stores);

/* Whether a program of this user, a browser then, has the store open. */
bool store_in_use(const struct store *store);

#endif
