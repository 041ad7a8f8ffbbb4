/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_manifest.c: a manifest as a page brings it, to what is shown and allowed by it.  Each input goes in as it is; then with the signature that its
 * header and payload need, so that the claims are reached; and, one that begins with a brace, as the claims of one that is otherwise right.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "fuzz.h"
#include "manifest_maker.h"
#include "session/manifests.h"

#define ORIGIN "https://portal.example"
#define NOW 1795600000	/* of the seeds */

static struct manifests *manifests;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct config_list rules;

	(void)argc, (void)argv;
	log_init("fuzz", LOG_NONE);
	fuzz_require(config_list_add(&rules, ORIGIN " " MAKER_X) == 0 && manifests_new(&rules, fuzz_folder(), NOW, &manifests) == 0, "no rules");
	return 0;
}

static void
manifest_look(struct manifest *manifest)
{
	const char *const documents[] = { NULL }, *tr = manifest_purpose(manifest, "tr"), *en = manifest_purpose(manifest, "en");
	cJSON *hashes = cJSON_Parse("[{\"algorithm\":\"sha256\",\"value\":\"\"}]"), *attachments = cJSON_Parse("[{\"id\":\"x\",\"sha256\":\"\"}]");
	int kinds;

	fuzz_require(tr != NULL && *tr != '\0' && en != NULL && *en != '\0' && strpbrk(tr, "\n\r\x1b") == NULL, "no purpose, or a wild one");
	fuzz_require(strlen(manifest_nonce(manifest)) >= 22, "a short name");
	fuzz_require(manifest_until(manifest) > NOW && manifest_until(manifest) <= NOW + 600 + 2 * MANIFEST_SKEW_SECONDS, "it lives too long");
	fuzz_require(!manifest_is_matched(manifest), "it permits what it was not asked about");
	kinds = manifest_is_for_documents(manifest, documents, 1) + (hashes != NULL && manifest_is_for_hashes(manifest, hashes)) +
	    manifest_is_for_form(manifest, "renewal", 1, "", attachments);
	fuzz_require(kinds <= 1, "it is for two things");
	cJSON_Delete(hashes);
	cJSON_Delete(attachments);
}

/* Whether it is taken. */
static bool
text_take(const char *text)
{
	struct manifest *manifest = NULL;
	char detail[MANIFEST_DETAIL_BYTES] = "";
	int r = manifests_take(manifests, ORIGIN, text, NOW, &manifest, detail);

	fuzz_require((r == 0) == (manifest != NULL), "half a manifest");
	fuzz_require(r == 0 || r == ERR_MANIFEST_INVALID || r == ERR_MANIFEST_MISMATCH || r == ERR_MANIFEST_EXPIRED ||
	    (r == ERR_INTERNAL && fuzz_memory_failed()), "refused for another reason");
	fuzz_require(r == 0 || r == ERR_INTERNAL || *detail != '\0' || fuzz_memory_failed(), "refused without a word");
	if (manifest != NULL)
		manifest_look(manifest);
	manifest_free(manifest);
	return r == 0;
}

static void
signed_take(const char *text, bool taken)
{
	bool was = fuzz_memory_pause();
	const char *first = strchr(text, '.'), *second = first != NULL ? strchr(first + 1, '.') : NULL;
	char *both = strndup(text, second != NULL ? (size_t)(second - text) : strlen(text));
	char *made = *text == '{' ? maker_make(MAKER_HEADER, text) : maker_sign(both);

	fuzz_memory_resume(was);
	fuzz_require(made != NULL, "no signature");
	/* A key makes one signature of one text (RFC 8032): any other that is taken is a forgery, or another spelling. */
	fuzz_require(!taken || strcmp(made, text) == 0, "taken without our signature");
	text_take(made);
	free(made);
	free(both);
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	char *text;

	if ((text = malloc(size + 1)) != NULL) {
		memcpy(text, data, size);
		text[size] = '\0';
		signed_take(text, text_take(text));
	}
	free(text);
}
