/* SPDX-License-Identifier: Apache-2.0 */
/* session/manifests.h: from which origins the administrator wants manifests, and which of them have been used. */
#ifndef SESSION_MANIFESTS_H
#define SESSION_MANIFESTS_H

#include "config.h"
#include "session/manifest.h"

#define MANIFEST_KEYS_MAX 8	/* of one origin, for the time in which a key is changed; further ones are not looked at */

struct manifests;

/*
 * rules: values of the setting manifest-key (borrowed); used ones are kept in this folder.  0 or ERR_INTERNAL.  Where a line of it can't be
 * read, each origin that it may have named (config_list_unread()) is one that manifests are wanted from, by a key that nobody has.
 */
int manifests_new(const struct config_list *rules, const char *folder, int64_t now, struct manifests **ret_manifests);

/* Accepts NULL. */
void manifests_free(struct manifests *manifests);

/* Whether this origin has to bring one with all that it wants signed. */
bool manifests_are_wanted(const struct manifests *manifests, const char *origin);

/*
 * The manifest that a request of this origin has brought (text; NULL: none).  Without a rule for the origin there is no key to check it by:
 * it is not looked at, and *ret_manifest is NULL, as if there were none.  Else 0 and a manifest for manifest_free(); ERR_MANIFEST_REQUIRED,
 * ERR_MANIFEST_REPLAYED, those of manifest_read(), with a detail as there.
 */
int manifests_take(const struct manifests *manifests, const char *origin, const char *text, int64_t now, struct manifest **ret_manifest,
    char ret_detail[MANIFEST_DETAIL_BYTES]);

/*
 * Just before the user is asked: 0, and the manifest has been used; ERR_MANIFEST_REPLAYED: it was before; ERR_BUSY; ERR_INTERNAL, also when
 * manifest is NULL although one is wanted, or was not held against what is signed.
 */
int manifests_use(struct manifests *manifests, const char *origin, const struct manifest *manifest, int64_t now);

#endif
