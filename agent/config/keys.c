/* SPDX-License-Identifier: Apache-2.0 */
/* config/keys.c: the table of settings, sorted by name, and what a value of each kind looks like. A new setting is one row here. */
#include "config/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/err.h"
#include "session/manifest_key.h"
#include "session/origin_text.h"

#define LIST_MAX 1000
#define NAME_MAX_BYTES 40	/* longer than every key */
#define NUMBER_MAX 3600000ul

#define MEMBER(name) offsetof(struct config, name)

const struct config_key config_keys[] = {
	{ "allow-origin", CONFIG_ORIGINS, MEMBER(allowed_origins), NULL, NULL, NULL, false,
	    "A site that needs no access dialog, as https://portal.example; another port is written out." },
	{ "cards-dir", CONFIG_FOLDER, MEMBER(cards_dir), NULL, NULL, NULL, false,
	    "A folder of kinds of cards instead of the installed cards.d and the administrator's /etc/imza-agent/cards.d." },
	{ "consent-window", CONFIG_CHOICE, MEMBER(consent_window), "auto", "auto|never", NULL, false,
	    "Whether the agent asks in windows of its own where there is a display; pinentry asks for the PIN in any case, and for all where there "
	    "is none." },
	{ "deny-origin", CONFIG_ORIGINS, MEMBER(denied_origins), NULL, NULL, CONFIG_ANY, false,
	    "A site that may not connect, whatever else allows it." },
	{ "developer-origin", CONFIG_ORIGINS, MEMBER(developer_origins), NULL, NULL, NULL, false,
	    "An http origin that may connect, for development; the access dialog is asked all the same." },
	{ "dialog-arm-ms", CONFIG_NUMBER, MEMBER(dialog_arm_ms), "700", NULL, NULL, false,
	    "An answer sooner than this after a dialog opened is not taken; less only for tests." },
	{ "dialog-pause-seconds", CONFIG_NUMBER, MEMBER(dialog_pause_seconds), "60", NULL, NULL, false,
	    "For so long a site opens no dialog after ten in a row that were refused." },
	{ "dialog-seconds", CONFIG_NUMBER, MEMBER(dialog_seconds), "120", NULL, NULL, false,
	    "How long a dialog waits for its user." },
	{ "fetch-host", CONFIG_TEXTS, MEMBER(fetch_hosts), NULL, NULL, NULL, false,
	    "A host, or host:port, that OCSP answers and revocation lists may be fetched from although its address is of this machine or of a private "
	    "network, and without the proxy; only where a certificate of a trusted authority names it." },
	{ "fetch-proxy", CONFIG_TEXT, MEMBER(fetch_proxy), NULL, NULL, NULL, false,
	    "The http proxy that OCSP answers and revocation lists are fetched through, as http://proxy.hospital.example:3128." },
	{ "forms-dir", CONFIG_FOLDERS, MEMBER(forms_folders), NULL, NULL, NULL, false,
	    "A folder of the institution's own forms and newer versions of ours, each in a folder like those in proto/forms that only root or the "
	    "user can write; without it /etc/imza-agent/forms.d." },
	{ "hash-origin", CONFIG_ORIGINS, MEMBER(hash_origins), NULL, NULL, NULL, false,
	    "A site that may also ask for signatures over bare digests." },
	{ "institution", CONFIG_PATH, MEMBER(institution), NULL, NULL, NULL, false,
	    "The institution's profile (name, unit, account, prices and their year, call centre, links), a JSON file that only root or the user can "
	    "write; without it the forms stand alone." },
	{ "language", CONFIG_CHOICE, MEMBER(language), NULL, "tr|en", NULL, true,
	    "The language of dialogs and of what the commands print; without it LC_ALL, LC_MESSAGES and LANG decide: Turkish unless they say "
	    "English." },
	{ "listed-origins-only", CONFIG_FLAG, MEMBER(listed_origins_only), "no", NULL, "yes", false,
	    "Whether only the sites of allow-origin and developer-origin may connect; the user is then asked for no other." },
	{ "manifest-key", CONFIG_ORIGIN_KEYS, MEMBER(manifest_keys), NULL, NULL, CONFIG_ANY, false,
	    "A site whose server has to confirm what is signed, by a manifest, and the Ed25519 public key that it signs manifests with (the x of its JWK: the last 32 bytes "
	    "of openssl pkey -pubout -outform DER, in base64url without padding); several lines of a site name keys of which any will do, at most 8." },
	{ "module", CONFIG_PATHS, MEMBER(modules), NULL, NULL, CONFIG_ANY, false,
	    "A PKCS #11 module that may be loaded; without it the drivers that are installed, p11-kit's modules and OpenSC." },
	{ "module-folder", CONFIG_FOLDERS, MEMBER(module_folders), NULL, NULL, NULL, false,
	    "A folder in which modules may change files, beside caches and /tmp: where SoftHSM keeps its tokens, or a driver its log." },
	{ "module-network", CONFIG_FLAG, MEMBER(module_network), "no", NULL, "no", false,
	    "Whether modules may use the network, as those of network HSMs do." },
	{ "pin-pause-seconds", CONFIG_NUMBER, MEMBER(pin_pause_seconds), "300", NULL, NULL, false,
	    "For so long a site gets no PIN after three operations in a row that ended with a wrong one." },
	{ "pinentry", CONFIG_PATH, MEMBER(pinentry), "/usr/bin/pinentry", NULL, NULL, false,
	    "The program that asks for the PIN." },
	{ "requests-per-second", CONFIG_NUMBER, MEMBER(requests_per_second), "1000", NULL, NULL, false,
	    "How many requests a site may make, with ten seconds' worth at once; what is over that is refused, and whoever goes on is disconnected; 0: no limit." },
	{ "require-audit-log", CONFIG_FLAG, MEMBER(require_audit_log), "no", NULL, "yes", false,
	    "Whether nothing is signed that can't be written to the audit log, as on a full disk: yes refuses before any dialog, and keeps back what the card has "
	    "signed when the log fails afterwards; no tells it in the agent's own log and goes on." },
	{ "require-valid-certificate", CONFIG_CHOICE, MEMBER(require_valid_certificate), "no", "no|chain|revocation", "revocation", false,
	    "Which certificates may not sign, before any dialog: chain refuses those that lead to no trusted authority or are known to be revoked; revocation "
	    "asks whether they are, and refuses also when nobody answers." },
	{ "trust-dir", CONFIG_FOLDERS, MEMBER(trust_folders), NULL, NULL, CONFIG_ANY, false,
	    "A folder of certificates (.pem, .crt, .cer, .der) that only root or the user can write: self-signed ones are the authorities that "
	    "count, the others help to build chains; without it /etc/imza-agent/trust.d and /usr/share/imza-agent/trust.d." },
};
const size_t config_keys_count = sizeof(config_keys) / sizeof(config_keys[0]);

const struct config_key *
config_key_find(const char *name)
{
	for (size_t i = 0; i < config_keys_count; i++)
		if (strcmp(config_keys[i].name, name) == 0)
			return &config_keys[i];
	return NULL;
}

/* How many letters have to be put in, taken out or changed (Levenshtein), capitals and _ for - aside. */
static size_t
letters_apart(const char *name, size_t len, const char *key)
{
	size_t row[NAME_MAX_BYTES + 1], key_len = strlen(key);

	for (size_t j = 0; j <= key_len; j++)
		row[j] = j;
	for (size_t i = 0; i < len; i++) {
		char c = name[i] == '_' || name[i] == ' ' || name[i] == '\t' ? '-' : ascii_folded(name[i]);
		size_t corner = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < key_len; j++) {
			size_t changed = corner + (c != key[j]), least = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;

			corner = row[j + 1];
			row[j + 1] = changed < least ? changed : least;
		}
	}
	return row[key_len];
}

const struct config_key *
config_key_near(const char *name, size_t len)
{
	const struct config_key *near = NULL;
	size_t least = NAME_MAX_BYTES;

	while (len > 0 && (name[len - 1] == ' ' || name[len - 1] == '\t'))
		len--;
	for (size_t i = 0; len <= NAME_MAX_BYTES && i < config_keys_count; i++) {
		size_t apart = letters_apart(name, len, config_keys[i].name);

		if (apart > strlen(config_keys[i].name) / 3 || apart > least || (apart == least && near != NULL && near->strictest != NULL))
			continue;
		near = &config_keys[i];
		least = apart;
	}
	return near != NULL && near->strictest != NULL ? near : NULL;
}

bool
config_key_is_list(const struct config_key *key)
{
	return key->kind >= CONFIG_TEXTS;
}

static bool
number_parse(const char *value, unsigned *ret_number)
{
	unsigned long parsed;
	char *end;

	errno = 0;
	parsed = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || parsed > NUMBER_MAX)
		return false;
	*ret_number = (unsigned)parsed;
	return true;
}

static bool
word_is_in(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strchr(word, '|') == NULL ? words : NULL; p != NULL; p = strchr(p, '|')) {
		p += *p == '|';
		if (strncmp(p, word, len) == 0 && (p[len] == '|' || p[len] == '\0'))
			return true;
	}
	return false;
}

bool
config_key_accepts(const struct config_key *key, const char *value)
{
	struct manifest_key manifest_key;
	unsigned number;

	switch (key->kind) {
	case CONFIG_FLAG:
		return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
	case CONFIG_NUMBER:
		return number_parse(value, &number);
	case CONFIG_CHOICE:
		return word_is_in(key->choices, value);
	case CONFIG_PATH:
	case CONFIG_PATHS:
	case CONFIG_FOLDER:
	case CONFIG_FOLDERS:
		return *value == '/';
	case CONFIG_ORIGINS:
		return origin_text_is_https(value) || origin_text_is_http(value);
	case CONFIG_ORIGIN_KEYS:
		return manifest_key_read(value, &manifest_key) == 0;
	case CONFIG_TEXT:
	case CONFIG_TEXTS:
		return *value != '\0';
	}
	return false;
}

int
config_list_add(struct config_list *list, const char *value)
{
	char **items;

	if (list->count == LIST_MAX)
		return ERR_TOO_LARGE;
	if ((items = realloc(list->items, (list->count + 1) * sizeof(*items))) == NULL)
		return ERR_INTERNAL;
	list->items = items;
	if ((items[list->count] = strdup(value)) == NULL)
		return ERR_INTERNAL;
	list->count++;
	return 0;
}

int
config_list_add_unread(struct config_list *list, const char *item, const char *text)
{
	struct config_unread *grown = realloc(list->unread, (list->unread_count + 1) * sizeof(*grown)), added = { 0 };

	if (grown == NULL)
		return ERR_INTERNAL;
	list->unread = grown;
	if ((added.text = strdup(text)) == NULL || (item != NULL && (added.item = strdup(item)) == NULL)) {
		free(added.text);
		return ERR_INTERNAL;
	}
	grown[list->unread_count++] = added;
	return 0;
}

static int
text_set(char **text, const char *value)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return ERR_INTERNAL;
	free(*text);
	*text = copy;
	return 0;
}

int
config_key_set(struct config *config, const struct config_key *key, const char *value)
{
	void *member = (char *)config + key->offset;

	switch (key->kind) {
	case CONFIG_FLAG:
		*(bool *)member = strcmp(value, "yes") == 0;
		return 0;
	case CONFIG_NUMBER:
		return number_parse(value, member) ? 0 : ERR_INTERNAL;
	case CONFIG_TEXT:
	case CONFIG_CHOICE:
	case CONFIG_PATH:
	case CONFIG_FOLDER:
		return text_set(member, value);
	case CONFIG_TEXTS:
	case CONFIG_PATHS:
	case CONFIG_FOLDERS:
	case CONFIG_ORIGINS:
	case CONFIG_ORIGIN_KEYS:
		return config_list_add(member, value);
	}
	return ERR_INTERNAL;
}

void
config_list_clear(struct config_list *list)
{
	while (list->count > 0)
		free(list->items[--list->count]);
	free(list->items);
	while (list->unread_count > 0) {
		free(list->unread[--list->unread_count].item);
		free(list->unread[list->unread_count].text);
	}
	free(list->unread);
	*list = (struct config_list){ 0 };
}

void
config_keys_clear(struct config *config)
{
	for (size_t i = 0; i < config_keys_count; i++) {
		void *member = (char *)config + config_keys[i].offset;

		if (config_key_is_list(&config_keys[i]))
			config_list_clear(member);
		else if (config_keys[i].kind >= CONFIG_TEXT)
			free(*(char **)member);
	}
}
