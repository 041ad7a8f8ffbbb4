/* SPDX-License-Identifier: Apache-2.0 */
/* tls/setup.c: the order of things: trust first, then the server's file, then the old authority goes. */
#include "tls/setup.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/replace_file.h"
#include "tls/certutil.h"

#define NICKNAME "imza-agent on this computer only "	/* and the authority's id; nobody else's begins so */
#define MADE_FILE "stores.json"				/* the stores that we made, to be unmade */
#define FILE_MAX 65536

struct setup {
	const char *folder;
	cJSON *made;	/* object: a store that we made -> whether we made its folder too */
};

/* --- our own files --- */

static char *
file_path(const char *folder, const char *name)
{
	char *path = NULL;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static int
file_write(const char *folder, const char *name, const char *text)
{
	char *path = file_path(folder, name);
	int r = path != NULL ? replace_file(path, text, strlen(text)) : ERR_INTERNAL;

	free(path);
	return r;
}

static void
file_remove(const char *folder, const char *name)
{
	char *path = file_path(folder, name);

	if (path != NULL)
		unlink(path);
	free(path);
}

static int
made_read(const char *folder, cJSON **ret_made)
{
	char *path = file_path(folder, MADE_FILE), text[FILE_MAX];
	FILE *file = path != NULL ? fopen(path, "re") : NULL;
	size_t len = file != NULL ? fread(text, 1, sizeof(text), file) : 0;
	cJSON *made = NULL;

	free(path);
	if (file != NULL)
		fclose(file);
	if (len > 0 && json_parse(text, len, &made) != 0)
		made = NULL;
	if (!cJSON_IsObject(made)) {
		cJSON_Delete(made);
		made = cJSON_CreateObject();
	}
	*ret_made = made;
	return made != NULL ? 0 : ERR_INTERNAL;
}

static int
made_write(const struct setup *setup)
{
	char *text = cJSON_Print(setup->made);
	int r = text != NULL ? file_write(setup->folder, MADE_FILE, text) : ERR_INTERNAL;

	cJSON_free(text);
	return r;
}

/* --- stores --- */

/* Makes a folder and those above it. */
static int
folders_make(const char *path)
{
	char *copy = strdup(path), *slash;
	int r = copy != NULL ? 0 : ERR_INTERNAL;

	for (slash = copy != NULL ? strchr(copy + 1, '/') : NULL; slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	if (r == 0 && mkdir(path, 0700) != 0 && errno != EEXIST) {
		log_error("%s: %s", path, strerror(errno));
		r = ERR_INTERNAL;
	}
	free(copy);
	return r;
}

/* Written down before it is made, so that it goes with the set-up whatever happens in between. */
static int
store_make(struct setup *setup, const struct store *store)
{
	int r;

	if (json_member(setup->made, store->folder) == NULL &&
	    cJSON_AddBoolToObject(setup->made, store->folder, access(store->folder, F_OK) != 0) == NULL)
		return ERR_INTERNAL;
	if ((r = made_write(setup)) != 0 || (r = folders_make(store->folder)) != 0)
		return r;
	return certutil_create(store->folder);
}

/* Takes a store of ours away, if nobody has put anything into it; its folder too, and the one above, if they were for it alone. */
static void
store_unmake(const char *folder, bool folder_too)
{
	static const char *const files[] = { "cert9.db", "key4.db", "pkcs11.txt" };
	const struct store store = { (char *)(uintptr_t)folder, true };
	char *above;

	if (!certutil_is_empty(folder) || store_in_use(&store))
		return;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		file_remove(folder, files[i]);
	above = strdup(folder);
	if (folder_too && rmdir(folder) == 0 && above != NULL) {
		*strrchr(above, '/') = '\0';
		rmdir(above);
	}
	free(above);
}

static size_t
stores_trust(struct setup *setup, const struct stores *stores, const char *nickname, const char *certificate, setup_told *told, void *context)
{
	size_t trusted = 0;

	for (size_t i = 0; i < stores->count; i++) {
		const struct store *store = &stores->items[i];
		bool ok = (store->there || store_make(setup, store) == 0) && certutil_add(store->folder, nickname, certificate) == 0;

		trusted += ok;
		told(context, store, ok ? SETUP_TRUSTED : SETUP_FAILED, store_in_use(store));
	}
	return trusted;
}

/* Takes ours out, but for the one to keep. False: a store could not be cleaned. */
static bool
stores_clean(const struct stores *stores, const char *keep, setup_told *told, void *context)
{
	bool all = true;
	size_t count;

	for (size_t i = 0; i < stores->count; i++) {
		const struct store *store = &stores->items[i];
		bool ok = access(store->folder, F_OK) != 0 || !store->there || certutil_remove(store->folder, NICKNAME, keep, &count) == 0;

		all = all && ok;
		if (told != NULL)
			told(context, store, ok ? SETUP_CLEAN : SETUP_FAILED, store_in_use(store));
	}
	return all;
}

/* --- the whole --- */

static int
authority_install(struct setup *setup, const struct stores *stores, const struct authority *authority, setup_told *told, void *context)
{
	char nickname[sizeof(NICKNAME) + AUTHORITY_ID_LEN];
	int r;

	snprintf(nickname, sizeof(nickname), NICKNAME "%s", authority->id);
	if (stores_trust(setup, stores, nickname, authority->certificate, told, context) == 0 && stores->count > 0)
		return ERR_INTERNAL;
	if ((r = file_write(setup->folder, SETUP_SERVER, authority->server)) != 0 ||
	    (r = file_write(setup->folder, SETUP_AUTHORITY, authority->certificate)) != 0)
		return r;
	if (!stores_clean(stores, nickname, NULL, NULL))
		log_warning("a store still has an older authority of ours");
	return 0;
}

int
setup_make(const char *folder, const struct stores *stores, int64_t now, setup_told *told, void *context)
{
	struct authority authority = { .id = "" };
	struct setup setup = { .folder = folder };
	int r;

	if (access(CERTUTIL_PROGRAM, X_OK) != 0)
		return ERR_NOT_FOUND;
	if ((r = folders_make(folder)) == 0 && (r = made_read(folder, &setup.made)) == 0 && (r = authority_make(now, &authority)) == 0)
		r = authority_install(&setup, stores, &authority, told, context);
	authority_clear(&authority);
	cJSON_Delete(setup.made);
	return r;
}

int
setup_remove(const char *folder, const struct stores *stores, setup_told *told, void *context)
{
	const cJSON *item;
	cJSON *made = NULL;
	bool all;

	if (access(CERTUTIL_PROGRAM, X_OK) != 0)
		return ERR_NOT_FOUND;
	all = stores_clean(stores, NULL, told, context);
	if (made_read(folder, &made) == 0)
		cJSON_ArrayForEach(item, made)
			if (*item->string == '/')
				store_unmake(item->string, cJSON_IsTrue(item));
	cJSON_Delete(made);
	file_remove(folder, SETUP_SERVER);
	file_remove(folder, SETUP_AUTHORITY);
	file_remove(folder, MADE_FILE);
	rmdir(folder);
	return all ? 0 : ERR_INTERNAL;
}

static int64_t
asn1_seconds(const ASN1_TIME *time)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) == 1 ? timegm(&tm) : 0;
}

int
setup_read(const char *folder, struct setup_state *ret_state)
{
	char *path = file_path(folder, SETUP_SERVER), issuer[128] = "";
	BIO *file = path != NULL ? BIO_new_file(path, "r") : NULL;
	X509 *leaf = file != NULL ? PEM_read_bio_X509(file, NULL, NULL, NULL) : NULL;
	struct setup_state state = { .id = "" };

	free(path);
	BIO_free(file);
	if (leaf == NULL)
		return ERR_NOT_FOUND;
	X509_NAME_get_text_by_NID(X509_get_issuer_name(leaf), NID_commonName, issuer, sizeof(issuer));
	if (strncmp(issuer, NICKNAME, strlen(NICKNAME)) == 0)
		snprintf(state.id, sizeof(state.id), "%.*s", AUTHORITY_ID_LEN, issuer + strlen(NICKNAME));
	state.begins = asn1_seconds(X509_get0_notBefore(leaf));
	state.ends = asn1_seconds(X509_get0_notAfter(leaf));
	state.due = state.begins + (state.ends - state.begins) / 3 * 2;
	X509_free(leaf);
	*ret_state = state;
	return 0;
}

bool
setup_is_there(const char *state)
{
	char *path = file_path(state, SETUP_FOLDER "/" SETUP_SERVER);
	bool there = path != NULL && access(path, F_OK) == 0;

	free(path);
	return there;
}

void
setup_look(const struct setup_state *state, const struct stores *stores, setup_told *told, void *context)
{
	char nickname[sizeof(NICKNAME) + AUTHORITY_ID_LEN];

	snprintf(nickname, sizeof(nickname), NICKNAME "%s", state->id);
	for (size_t i = 0; i < stores->count; i++) {
		const struct store *store = &stores->items[i];
		bool trusted = store->there && certutil_has(store->folder, nickname);

		told(context, store, trusted ? SETUP_TRUSTED : SETUP_NOT_TRUSTED, store_in_use(store));
	}
}
