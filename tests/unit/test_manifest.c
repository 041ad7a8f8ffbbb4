/* SPDX-License-Identifier: Apache-2.0 */
/* test_manifest.c: which manifests are taken, what they cover, and that each opens one dialog, also after a restart. */
#include "test.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "manifest_maker.h"
#include "session/manifests.h"
#include "session/nonces.h"

#define ORIGIN "https://portal.example"
#define NOW 1764000000
#define HASH "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
#define OTHER "fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9"
#define NONCE "0123456789012345678901"
#define TIMES "\"iat\":1764000000,\"exp\":1764000600"
#define PURPOSE "\"purpose\":{\"tr\":\"Reçete onayı\",\"en\":\"Prescription\"}"
#define CLAIMS(what) "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," TIMES "," PURPOSE "," what "}"
#define DOCUMENTS "\"documents\":[\"" HASH "\"]"

static char folder[] = "/tmp/test-manifest-XXXXXX";

/* The rules: one origin with two keys, the second ours, and another origin with ours. */
static struct manifests *
rules_make(void)
{
	static struct config_list rules;
	struct manifests *manifests = NULL;

	if (rules.count == 0) {
		CHECK_INT(config_list_add(&rules, ORIGIN " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 0);
		CHECK_INT(config_list_add(&rules, ORIGIN " " MAKER_X), 0);
		CHECK_INT(config_list_add(&rules, "https://other.example \t" MAKER_X), 0);
	}
	CHECK_INT(manifests_new(&rules, folder, NOW, &manifests), 0);
	return manifests;
}

static void
used_forget(void)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/manifests.json", folder);
	unlink(path);
}

/* Takes text (freed); the manifest is thrown away. */
static int
take_at(char *text, int64_t now)
{
	static struct manifests *manifests;
	struct manifest *manifest = NULL;
	char detail[MANIFEST_DETAIL_BYTES] = "";
	int r;

	if (text == NULL) {
		manifests_free(manifests);
		manifests = NULL;
		return 0;
	}
	if (manifests == NULL)
		manifests = rules_make();
	r = manifests_take(manifests, ORIGIN, text, now, &manifest, detail);
	CHECK((r == 0) == (manifest != NULL));
	CHECK_MSG(r == 0 || *detail != '\0', "no detail");
	manifest_free(manifest);
	free(text);
	return r;
}

static int
take(char *text)
{
	return take_at(text, NOW);
}

static void
one_of_the_right_shape_is_taken_with_any_key_of_its_origin(void)
{
	CHECK_INT(take(maker_make(MAKER_HEADER, CLAIMS(DOCUMENTS))), 0);
	CHECK_INT(take(maker_make("{\"alg\":\"EdDSA\",\"kid\":\"2026-11\",\"typ\":\"imza-manifest+jwt\"}", CLAIMS(DOCUMENTS))), 0);
	CHECK_INT(take(maker_make("{\"alg\":\"Ed25519\",\"typ\":\"imza-manifest+jwt\"}", CLAIMS(DOCUMENTS))), 0);
	CHECK_INT(take(maker_make(MAKER_HEADER, CLAIMS("\"hashes\":[{\"algorithm\":\"sha256\",\"value\":\"942vQwVZ8BFuD3TxMFwlw5ki7+CaXJY5RdtbgcyN3Mw=\"}]"))), 0);
	CHECK_INT(take(maker_make(MAKER_HEADER, CLAIMS("\"form\":{\"id\":\"renewal\",\"version\":1,\"sha256\":\"" HASH "\"}"))), 0);
}

/* The largest that there are, and one more. */
static void
a_batch_of_a_thousand_is_taken_and_no_larger_one(void)
{
	static const char *const kinds[][2] = { { "documents", "\"" HASH "\"" },
		{ "hashes", "{\"algorithm\":\"sha512\",\"value\":\"xAt92FcfJWKBiqA2bVluftLOj04dqjGne8Esw7fWRiRcqsCoOSBRQif4cH9fN7CA68xYd7jxcNIvOY5fQGQbaA==\"}" } };

	for (size_t k = 0; k < COUNT_OF(kinds); k++)
		for (int count = 1000; count <= 1001; count++) {
			char *claims = calloc(1, 400000), *end = claims;

			end += sprintf(end, "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," TIMES "," PURPOSE ",\"%s\":[", kinds[k][0]);
			for (int i = 0; i < count; i++)
				end += sprintf(end, "%s%s", i > 0 ? "," : "", kinds[k][1]);
			sprintf(end, "]}");
			CHECK_INT(take(maker_make(MAKER_HEADER, claims)), count == 1000 ? 0 : ERR_MANIFEST_INVALID);
			free(claims);
		}
}

static void
other_headers_are_refused(void)
{
	static const char *const headers[] = {
		"{\"alg\":\"none\",\"typ\":\"imza-manifest+jwt\"}", "{\"alg\":\"HS256\",\"typ\":\"imza-manifest+jwt\"}",
		"{\"alg\":\"ES256\",\"typ\":\"imza-manifest+jwt\"}", "{\"alg\":\"eddsa\",\"typ\":\"imza-manifest+jwt\"}",
		"{\"alg\":\"Ed448\",\"typ\":\"imza-manifest+jwt\"}", "{\"alg\":\"ed25519\",\"typ\":\"imza-manifest+jwt\"}",
		"{\"alg\":\"EdDSA\"}", "{\"alg\":\"EdDSA\",\"typ\":\"JWT\"}", "{\"typ\":\"imza-manifest+jwt\"}",
		"{\"alg\":[\"EdDSA\"],\"typ\":\"imza-manifest+jwt\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"crit\":[\"exp\"],\"exp\":1}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"b64\":false}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" MAKER_X "\"}}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"jku\":\"https://evil.example\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"x5c\":[]}", "{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"x5u\":\"\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"kid\":1}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\",\"alg\":\"EdDSA\"}",
		"{\"alg\":\"EdDSA\",\"typ\":\"imza-manifest+jwt\"} x", "[]", "\"EdDSA\"", "", "{",
	};

	for (size_t i = 0; i < COUNT_OF(headers); i++)
		CHECK_MSG(take(maker_make(headers[i], CLAIMS(DOCUMENTS))) == ERR_MANIFEST_INVALID, "%s", headers[i]);
}

static void
other_claims_are_refused(void)
{
	static const struct { const char *claims; int err; } cases[] = {
		{ CLAIMS("\"document\":[]"), ERR_MANIFEST_INVALID }, { CLAIMS("\"documents\":[]"), ERR_MANIFEST_INVALID },
		{ CLAIMS("\"documents\":[\"" HASH "0\"]"), ERR_MANIFEST_INVALID }, { CLAIMS("\"documents\":[\"2C26\"]"), ERR_MANIFEST_INVALID },
		{ CLAIMS("\"documents\":[1]"), ERR_MANIFEST_INVALID }, { CLAIMS(DOCUMENTS "," DOCUMENTS), ERR_MANIFEST_INVALID },
		{ CLAIMS(DOCUMENTS ",\"form\":{\"id\":\"renewal\",\"version\":1,\"sha256\":\"" HASH "\"}"), ERR_MANIFEST_INVALID },
		{ CLAIMS(DOCUMENTS ",\"sub\":\"x\""), ERR_MANIFEST_INVALID }, { CLAIMS(DOCUMENTS ",\"nbf\":1"), ERR_MANIFEST_INVALID },
		{ CLAIMS("\"form\":{\"id\":\"renewal\",\"sha256\":\"" HASH "\"}"), ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"https://portal.example:444\",\"jti\":\"" NONCE "\"," TIMES "," PURPOSE "," DOCUMENTS "}", ERR_MANIFEST_MISMATCH },
		{ "{\"origin\":\"https://other.example\",\"jti\":\"" NONCE "\"," TIMES "," PURPOSE "," DOCUMENTS "}", ERR_MANIFEST_MISMATCH },
		{ "{\"jti\":\"" NONCE "\"," TIMES "," PURPOSE "," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\"," TIMES "," PURPOSE "," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"short\"," TIMES "," PURPOSE "," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE " x\"," TIMES "," PURPOSE "," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," TIMES "," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," TIMES ",\"purpose\":\"x\"," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," TIMES ",\"purpose\":{\"tr\":\"x\"}," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," PURPOSE ",\"iat\":1764000000," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," PURPOSE ",\"exp\":1764000600," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," PURPOSE ",\"iat\":\"1764000000\",\"exp\":1764000600," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," PURPOSE ",\"iat\":-1,\"exp\":1764000600," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," PURPOSE ",\"iat\":1764000000.5,\"exp\":1764000600," DOCUMENTS "}", ERR_MANIFEST_INVALID },
		{ "[]", ERR_MANIFEST_INVALID }, { "", ERR_MANIFEST_INVALID }, { "{", ERR_MANIFEST_INVALID },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		int r = take(maker_make(MAKER_HEADER, cases[i].claims));

		CHECK_MSG(r == cases[i].err, "%s: %s", cases[i].claims, err_reason(r));
	}
}

static void
deceiving_and_overlong_purposes_are_refused(void)
{
	static const char *const purposes[] = { "", "   ", "a\xe2\x80\xae", "a\xe2\x80\x8f", "a\xd8\x9c", "a\xe2\x81\xa6", "a\xe2\x80\x8b",
		"a\\nb", "a\\u0000", "a\\u0007", "a\\u202eb", "a\xe2\x80\xa8", "a\xef\xbb\xbf" };
	char purpose[256], claims[1000];

	for (size_t i = 0; i < COUNT_OF(purposes) + 2; i++) {
		size_t letters = 200 + (i - COUNT_OF(purposes));

		if (i < COUNT_OF(purposes))
			snprintf(purpose, sizeof(purpose), "%s", purposes[i]);
		else
			snprintf(purpose, sizeof(purpose), "%0*d", (int)letters, 0);
		snprintf(claims, sizeof(claims), "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\"," TIMES ",\"purpose\":{\"tr\":\"iyi\",\"en\":\"%s\"}," DOCUMENTS "}", purpose);
		CHECK_MSG(take(maker_make(MAKER_HEADER, claims)) == (i == COUNT_OF(purposes) ? 0 : ERR_MANIFEST_INVALID), "%s", purpose);
	}
}

/* What a signature's text may look like: base64url without padding, of 64 bytes. */
static void
only_the_one_spelling_is_taken(void)
{
	char *good = maker_make(MAKER_HEADER, CLAIMS(DOCUMENTS)), *text = NULL;
	size_t len = strlen(good), second = (size_t)(strrchr(good, '.') - good);

	for (size_t i = 0; i < len; i += i < second ? 7 : 1) {
		text = strdup(good);
		text[i] = text[i] == 'A' ? 'B' : 'A';
		CHECK_MSG(take(text) == ERR_MANIFEST_INVALID, "character %zu", i);
	}
	for (size_t cut = 0; cut < len; cut += 11)
		CHECK_INT(take(strndup(good, cut)), ERR_MANIFEST_INVALID);
	for (size_t i = 0; i < 6; i++) {
		static const char *const tails[] = { "=", "==", ".", "A", "\n", " " };

		CHECK(asprintf(&text, "%s%s", good, tails[i]) > 0);
		CHECK_INT(take(text), ERR_MANIFEST_INVALID);
	}
	/* The last character has four bits that count for nothing: a lenient reader takes sixteen spellings of one signature. */
	text = strdup(good);
	text[len - 1]++;
	CHECK_INT(take(text), ERR_MANIFEST_INVALID);
	CHECK_INT(take(strdup("..")), ERR_MANIFEST_INVALID);
	CHECK_INT(take(strdup("")), ERR_MANIFEST_INVALID);
	text = calloc(1, MANIFEST_MAX + 2);
	memset(text, 'A', MANIFEST_MAX + 1);
	memcpy(text, good, second + 1);
	CHECK_INT(take(text), ERR_MANIFEST_INVALID);
	free(good);
}

static void
other_keys_sign_nothing(void)
{
	struct config_list rules = { 0 };
	struct manifests *manifests = NULL;
	struct manifest *manifest = NULL;
	char detail[MANIFEST_DETAIL_BYTES] = "", *good = maker_make(MAKER_HEADER, CLAIMS(DOCUMENTS));

	config_list_add(&rules, ORIGIN " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	config_list_add(&rules, "https://other.example " MAKER_X);
	CHECK_INT(manifests_new(&rules, folder, NOW, &manifests), 0);
	CHECK_INT(manifests_take(manifests, ORIGIN, good, NOW, &manifest, detail), ERR_MANIFEST_INVALID);
	CHECK(manifest == NULL);
	manifests_free(manifests);
	config_list_clear(&rules);
	free(good);
}

static void
a_rule_that_can_t_be_read_lets_nothing_through(void)
{
	struct config_list rules = { 0 };
	struct manifests *manifests = NULL;
	struct manifest *manifest = NULL;
	char detail[MANIFEST_DETAIL_BYTES] = "", *good = maker_make(MAKER_HEADER, CLAIMS(DOCUMENTS));

	/* Of one origin. */
	CHECK_INT(config_list_add_unread(&rules, ORIGIN, "a.conf:3"), 0);
	CHECK_INT(manifests_new(&rules, folder, NOW, &manifests), 0);
	CHECK(manifests_are_wanted(manifests, ORIGIN) && !manifests_are_wanted(manifests, "https://other.example"));
	CHECK_INT(manifests_take(manifests, ORIGIN, NULL, NOW, &manifest, detail), ERR_MANIFEST_REQUIRED);
	CHECK_STR(detail, "a.conf:3");
	CHECK_INT(manifests_take(manifests, ORIGIN, good, NOW, &manifest, detail), ERR_MANIFEST_INVALID);
	CHECK_INT(manifests_use(manifests, ORIGIN, NULL, NOW), ERR_INTERNAL);
	CHECK_INT(manifests_take(manifests, "https://other.example", NULL, NOW, &manifest, detail), 0);
	CHECK(manifest == NULL);
	manifests_free(manifests);
	/* Of any: but whose key is known goes on by that. The command line is no origin. */
	CHECK_INT(config_list_add_unread(&rules, NULL, "a.conf:4"), 0);
	CHECK_INT(config_list_add(&rules, ORIGIN " " MAKER_X), 0);
	CHECK_INT(manifests_new(&rules, folder, NOW, &manifests), 0);
	CHECK_INT(manifests_take(manifests, ORIGIN, good, NOW, &manifest, detail), 0);
	manifest_free(manifest);
	CHECK_INT(manifests_take(manifests, "http://other.example", NULL, NOW, &manifest, detail), ERR_MANIFEST_REQUIRED);
	CHECK_STR(detail, "a.conf:4");
	CHECK_INT(manifests_take(manifests, "this computer's command line", NULL, NOW, &manifest, detail), 0);
	CHECK_INT(manifests_use(manifests, "this computer's command line", NULL, NOW), 0);
	manifests_free(manifests);
	config_list_clear(&rules);
	free(good);
}

static void
it_counts_for_ten_minutes_and_a_little(void)
{
	static const struct { int64_t now; int err; } times[] = {
		{ NOW - 61, ERR_MANIFEST_EXPIRED }, { NOW - 60, 0 }, { NOW, 0 }, { NOW + 659, 0 }, { NOW + 660, ERR_MANIFEST_EXPIRED },
	};
	static const char *const lives[] = { "\"iat\":1764000000,\"exp\":1764000601", "\"iat\":1764000000,\"exp\":1764000000",
		"\"iat\":1764000001,\"exp\":1764000000", "\"iat\":0,\"exp\":9007199254740991", "\"iat\":0,\"exp\":1764000600" };
	char claims[600];

	for (size_t i = 0; i < COUNT_OF(times); i++)
		CHECK_MSG(take_at(maker_make(MAKER_HEADER, CLAIMS(DOCUMENTS)), times[i].now) == times[i].err, "time %zu", i);
	for (size_t i = 0; i < COUNT_OF(lives); i++) {
		snprintf(claims, sizeof(claims), "{\"origin\":\"" ORIGIN "\",\"jti\":\"" NONCE "\",%s," PURPOSE "," DOCUMENTS "}", lives[i]);
		CHECK_MSG(take(maker_make(MAKER_HEADER, claims)) == ERR_MANIFEST_INVALID, "%s", lives[i]);
	}
}

static void
a_rule_wants_one_and_without_a_rule_none_is_looked_at(void)
{
	struct manifests *manifests = rules_make();
	struct manifest *manifest = NULL;
	char detail[MANIFEST_DETAIL_BYTES];

	CHECK(manifests_are_wanted(manifests, ORIGIN) && !manifests_are_wanted(manifests, ORIGIN ":444"));
	CHECK_INT(manifests_take(manifests, ORIGIN, NULL, NOW, &manifest, detail), ERR_MANIFEST_REQUIRED);
	CHECK_INT(manifests_take(manifests, "https://nobody.example", "no manifest", NOW, &manifest, detail), 0);
	CHECK(manifest == NULL);
	CHECK_INT(manifests_use(manifests, "https://nobody.example", NULL, NOW), 0);
	CHECK_INT(manifests_use(manifests, ORIGIN, NULL, NOW), ERR_INTERNAL);
	manifests_free(manifests);
}

static struct manifest *
taken(struct manifests *manifests, const char *what)
{
	struct manifest *manifest = NULL;
	char detail[MANIFEST_DETAIL_BYTES], *text = maker_make(MAKER_HEADER, what);

	CHECK_INT(manifests_take(manifests, ORIGIN, text, NOW, &manifest, detail), 0);
	free(text);
	return manifest;
}

static void
it_covers_what_it_names_and_nothing_else(void)
{
	static const char *const right[] = { HASH, OTHER }, *const turned[] = { OTHER, HASH }, *const unread[] = { NULL, OTHER };
	static const char hashes[] = "[{\"algorithm\":\"sha256\",\"value\":\"942vQwVZ8BFuD3TxMFwlw5ki7+CaXJY5RdtbgcyN3Mw=\",\"label\":\"x\"}]";
	struct manifests *manifests = rules_make();
	struct manifest *manifest = taken(manifests, CLAIMS("\"documents\":[\"" HASH "\",\"" OTHER "\"]"));
	cJSON *list = cJSON_Parse(hashes), *two = cJSON_Parse(hashes), *attachments;

	cJSON_AddItemToArray(two, cJSON_Duplicate(list->child, true));
	CHECK(!manifest_is_matched(manifest));
	CHECK(!manifest_is_for_documents(manifest, right, 1) && !manifest_is_for_documents(manifest, turned, 2));
	CHECK(!manifest_is_for_hashes(manifest, list) && !manifest_is_for_form(manifest, "renewal", 1, HASH, NULL));
	CHECK(!manifest_is_matched(manifest));
	CHECK_INT(manifests_use(manifests, ORIGIN, manifest, NOW), ERR_INTERNAL);
	CHECK(manifest_is_for_documents(manifest, unread, 2) && manifest_is_for_documents(manifest, right, 2) && manifest_is_matched(manifest));
	CHECK_STR(manifest_purpose(manifest, "tr"), "Reçete onayı");
	CHECK_STR(manifest_purpose(manifest, "en"), "Prescription");
	CHECK_STR(manifest_nonce(manifest), NONCE);
	manifest_free(manifest);

	manifest = taken(manifests, CLAIMS("\"hashes\":[{\"algorithm\":\"sha256\",\"value\":\"942vQwVZ8BFuD3TxMFwlw5ki7+CaXJY5RdtbgcyN3Mw=\"}]"));
	CHECK(manifest_is_for_hashes(manifest, list) && !manifest_is_for_hashes(manifest, two) && !manifest_is_for_documents(manifest, right, 1));
	cJSON_ReplaceItemInObject(list->child, "value", cJSON_CreateString("AA2vQwVZ8BFuD3TxMFwlw5ki7+CaXJY5RdtbgcyN3Mw="));
	CHECK(!manifest_is_for_hashes(manifest, list));
	manifest_free(manifest);

	manifest = taken(manifests, CLAIMS("\"form\":{\"id\":\"renewal\",\"version\":1,\"sha256\":\"" HASH "\"}"));
	CHECK(manifest_is_for_form(manifest, "renewal", 1, HASH, NULL) && !manifest_is_for_form(manifest, "renewal", 2, HASH, NULL));
	CHECK(!manifest_is_for_form(manifest, "replacement", 1, HASH, NULL) && !manifest_is_for_form(manifest, "renewal", 1, OTHER, NULL));
	/* One that names no attachments is for none. */
	attachments = cJSON_Parse("[{\"id\":\"bank-receipt\",\"sha256\":\"" OTHER "\"}]");
	CHECK(manifest_is_for_form(manifest, "renewal", 1, HASH, NULL) && !manifest_is_for_form(manifest, "renewal", 1, HASH, attachments));
	CHECK(!manifest_is_matched(manifest));
	manifest_free(manifest);

	manifest = taken(manifests, CLAIMS("\"form\":{\"id\":\"renewal\",\"version\":1,\"sha256\":\"" HASH "\",\"attachments\":[{\"id\":\"bank-receipt\",\"sha256\":\""
	    OTHER "\"}]}"));
	CHECK(manifest_is_for_form(manifest, "renewal", 1, HASH, attachments) && !manifest_is_for_form(manifest, "renewal", 1, HASH, NULL));
	cJSON_ReplaceItemInObject(attachments->child, "sha256", cJSON_CreateString(HASH));
	CHECK(!manifest_is_for_form(manifest, "renewal", 1, HASH, attachments));
	cJSON_ReplaceItemInObject(attachments->child, "sha256", cJSON_CreateString(OTHER));
	cJSON_ReplaceItemInObject(attachments->child, "id", cJSON_CreateString("other"));
	CHECK(!manifest_is_for_form(manifest, "renewal", 1, HASH, attachments));
	cJSON_ReplaceItemInObject(attachments->child, "id", cJSON_CreateString("bank-receipt"));
	cJSON_AddItemToArray(attachments, cJSON_Duplicate(attachments->child, true));
	CHECK(!manifest_is_for_form(manifest, "renewal", 1, HASH, attachments));
	manifest_free(manifest);
	cJSON_Delete(list);
	cJSON_Delete(two);
	cJSON_Delete(attachments);
	manifests_free(manifests);
}

static void
it_is_used_once_also_after_a_restart(void)
{
	static const char *const documents[] = { HASH };
	struct manifests *manifests = rules_make();
	struct manifest *manifest = taken(manifests, CLAIMS(DOCUMENTS)), *twin = taken(manifests, CLAIMS(DOCUMENTS)), *again = NULL;
	char detail[MANIFEST_DETAIL_BYTES], *text = maker_make(MAKER_HEADER, CLAIMS(DOCUMENTS));

	CHECK(manifest_is_for_documents(manifest, documents, 1) && manifest_is_for_documents(twin, documents, 1));
	CHECK_INT(manifests_use(manifests, ORIGIN, manifest, NOW), 0);
	/* Both were taken before either was used. */
	CHECK_INT(manifests_use(manifests, ORIGIN, twin, NOW), ERR_MANIFEST_REPLAYED);
	manifest_free(manifest);
	manifest_free(twin);
	for (int i = 0; i < 2; i++) {
		CHECK_INT(manifests_take(manifests, ORIGIN, text, NOW + 659, &again, detail), ERR_MANIFEST_REPLAYED);
		manifests_free(manifests);
		manifests = rules_make();
	}
	CHECK_INT(manifests_take(manifests, ORIGIN, text, NOW + 660, &again, detail), ERR_MANIFEST_EXPIRED);
	manifests_free(manifests);
	free(text);
	used_forget();
}

static void
used_names_are_bounded_and_leave_when_their_time_is_over(void)
{
	struct nonces *nonces = NULL;
	char path[80], name[32];

	snprintf(path, sizeof(path), "%s/nonces.json", folder);
	CHECK_INT(nonces_new(path, NOW, &nonces), 0);
	CHECK_INT(nonces_use(nonces, ORIGIN, "a", NOW + 10, NOW), 0);
	CHECK_INT(nonces_use(nonces, ORIGIN, "a", NOW + 10, NOW), ERR_MANIFEST_REPLAYED);
	CHECK_INT(nonces_use(nonces, "https://other.example", "a", NOW + 10, NOW), 0);
	CHECK_INT(nonces_check(nonces, ORIGIN, "a", NOW + 9), ERR_MANIFEST_REPLAYED);
	CHECK_INT(nonces_check(nonces, ORIGIN, "a", NOW + 10), 0);
	/* Without a disk it goes on, faster. */
	nonces_free(nonces);
	CHECK_INT(nonces_new("/nonexistent/nonces.json", NOW, &nonces), 0);
	for (int i = 0; i < NONCES_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		if (nonces_use(nonces, ORIGIN, name, NOW + 10, NOW) != 0)
			CHECK_MSG(false, "%d", i);
	}
	CHECK_INT(nonces_use(nonces, ORIGIN, "one more", NOW + 10, NOW), ERR_BUSY);
	CHECK_INT(nonces_use(nonces, ORIGIN, "one more", NOW + 30, NOW + 10), 0);
	nonces_free(nonces);
	unlink(path);
}

static void
a_damaged_file_of_used_names_is_made_anew(void)
{
	struct nonces *nonces = NULL;
	char path[80];
	FILE *out;

	snprintf(path, sizeof(path), "%s/nonces.json", folder);
	for (int i = 0; i < 2; i++) {
		out = fopen(path, "w");
		fputs(i == 0 ? "{\"" : "{\"short\":9000000000000,\"x\":{}}", out);
		fclose(out);
		CHECK_INT(nonces_new(path, NOW, &nonces), 0);
		CHECK_INT(nonces_use(nonces, ORIGIN, "a", NOW + 10, NOW), 0);
		nonces_free(nonces);
		CHECK_INT(nonces_new(path, NOW, &nonces), 0);
		CHECK_INT(nonces_check(nonces, ORIGIN, "a", NOW), ERR_MANIFEST_REPLAYED);
		nonces_free(nonces);
	}
	unlink(path);
}

static void
a_rule_is_an_origin_and_a_key(void)
{
	static const char *const bad[] = { "", ORIGIN, ORIGIN " ", MAKER_X, ORIGIN "/ " MAKER_X, "portal.example " MAKER_X, "HTTPS://portal.example " MAKER_X,
		ORIGIN " " MAKER_X "=", ORIGIN " " MAKER_X "A", ORIGIN " " MAKER_X " x", ORIGIN " 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
		ORIGIN " 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp", ORIGIN " 11qYAYKxCrfVS_7TyWQHOg" };
	struct manifest_key key;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		CHECK_MSG(manifest_key_read(bad[i], &key) == ERR_INVALID_PARAMS, "%s", bad[i]);
	CHECK_INT(manifest_key_read("http://localhost:8080\t " MAKER_X, &key), 0);
	CHECK_STR(key.origin, "http://localhost:8080");
	CHECK(key.key[0] == 0xd7 && key.key[31] == 0x1a);
}

int
main(void)
{
	static const struct test_case cases[] = {
		TEST_CASE(one_of_the_right_shape_is_taken_with_any_key_of_its_origin), TEST_CASE(a_batch_of_a_thousand_is_taken_and_no_larger_one),
		TEST_CASE(other_headers_are_refused),
		TEST_CASE(other_claims_are_refused), TEST_CASE(deceiving_and_overlong_purposes_are_refused),
		TEST_CASE(only_the_one_spelling_is_taken), TEST_CASE(other_keys_sign_nothing), TEST_CASE(a_rule_that_can_t_be_read_lets_nothing_through), TEST_CASE(it_counts_for_ten_minutes_and_a_little),
		TEST_CASE(a_rule_wants_one_and_without_a_rule_none_is_looked_at), TEST_CASE(it_covers_what_it_names_and_nothing_else),
		TEST_CASE(it_is_used_once_also_after_a_restart), TEST_CASE(used_names_are_bounded_and_leave_when_their_time_is_over),
		TEST_CASE(a_damaged_file_of_used_names_is_made_anew), TEST_CASE(a_rule_is_an_origin_and_a_key),
	};
	int status;

	log_init("test", LOG_NONE);
	if (mkdtemp(folder) == NULL)
		return 1;
	status = test_main(cases, COUNT_OF(cases));
	take(NULL);
	rmdir(folder);
	return status;
}
