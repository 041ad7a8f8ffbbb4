/* SPDX-License-Identifier: Apache-2.0 */
/* session/manifest.c: a compact JWS, of which one shape is taken and no other; nothing of its claims is read before the signature is right. */
#include "session/manifest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"

#define HEADER_MAX 512		/* characters */
#define SIGNATURE_BYTES 64	/* RFC 8032 section 5.1.6 */

struct manifest {
	cJSON *claims;
	bool matched;
};

/* The parts of header.payload.signature, as they are written. */
struct parts {
	const char *header, *payload, *signature;
	size_t header_len, payload_len, signature_len;
};

static bool
parts_find(const char *text, struct parts *ret_parts)
{
	const char *first = strchr(text, '.'), *second = first != NULL ? strchr(first + 1, '.') : NULL;

	if (second == NULL || strlen(text) > MANIFEST_MAX)
		return false;
	*ret_parts = (struct parts){ .header = text, .header_len = (size_t)(first - text), .payload = first + 1,
		.payload_len = (size_t)(second - first - 1), .signature = second + 1, .signature_len = strlen(second + 1) };
	return true;
}

static int
object_read(const char *text, size_t len, cJSON **ret_object)
{
	unsigned char *bytes = NULL;
	cJSON *json = NULL;
	size_t size;
	int r = base64url_decode(text, len, &bytes, &size);

	if (r == 0)
		r = json_parse((const char *)bytes, size, &json);
	free(bytes);
	if (r == 0 && !cJSON_IsObject(json)) {
		cJSON_Delete(json);
		return ERR_PARSE_ERROR;
	}
	if (r == 0)
		*ret_object = json;
	return r;
}

/*
 * alg, by RFC 8037 or as RFC 9864 names the same signature in full, and typ as we want them and, for the portal's own use, kid: with keys by origin it chooses nothing.  Any other member would ask us to
 * read the rest in another way (crit, b64) or bring a key of its own (jwk, jku, x5c): refused.
 */
static bool
header_is_right(const cJSON *header)
{
	const char *alg = json_string(header, "alg"), *typ = json_string(header, "typ"), *kid = json_string(header, "kid");

	return alg != NULL && (strcmp(alg, "EdDSA") == 0 || strcmp(alg, "Ed25519") == 0) && typ != NULL && strcmp(typ, MANIFEST_TYPE) == 0 &&
	    cJSON_GetArraySize(header) == (kid != NULL ? 3 : 2);
}

static int
header_check(const struct parts *parts, char ret_detail[MANIFEST_DETAIL_BYTES])
{
	cJSON *header = NULL;
	int r = parts->header_len <= HEADER_MAX ? object_read(parts->header, parts->header_len, &header) : ERR_PARSE_ERROR;

	if (r == 0 && !header_is_right(header))
		r = ERR_MANIFEST_INVALID;
	cJSON_Delete(header);
	if (r == 0 || r == ERR_INTERNAL)
		return r;
	snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "its header is not {alg: EdDSA or Ed25519, typ: " MANIFEST_TYPE "} and perhaps kid");
	return ERR_MANIFEST_INVALID;
}

/* 1: the key made this signature; 0: it did not; ERR_INTERNAL. */
static int
key_signed(const struct manifest_key *key, const struct parts *parts, const unsigned char *signature)
{
	EVP_PKEY *public_key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->key, sizeof(key->key));
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	int r = ERR_INTERNAL;

	if (public_key != NULL && context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, public_key) == 1)
		r = EVP_DigestVerify(context, signature, SIGNATURE_BYTES, (const unsigned char *)parts->header,
		    parts->header_len + 1 + parts->payload_len) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(public_key);
	return r;
}

static int
signature_check(const struct parts *parts, const struct manifest_key *const *keys, size_t count, char ret_detail[MANIFEST_DETAIL_BYTES])
{
	unsigned char *signature = NULL;
	size_t len = 0;
	int r, made = 0;

	if ((r = base64url_decode(parts->signature, parts->signature_len, &signature, &len)) == ERR_INTERNAL)
		return r;
	for (size_t i = 0; r == 0 && len == SIGNATURE_BYTES && made == 0 && i < count; i++)
		made = key_signed(keys[i], parts, signature);
	free(signature);
	if (made < 0)
		return made;
	if (made == 0)
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "no key of this origin's manifest-key settings made its signature");
	return made == 1 ? 0 : ERR_MANIFEST_INVALID;
}

static int
claims_check(const cJSON *claims, const char *origin, const struct schema *schema, int64_t now, char ret_detail[MANIFEST_DETAIL_BYTES])
{
	int64_t iat = json_integer(claims, "iat", 0), exp = json_integer(claims, "exp", 0);
	struct schema_error error = { 0 };
	size_t count = 0;
	int r;

	if ((r = schema_check(schema, claims, &error, 1, &count)) != 0) {
		if (count > 0)
			snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "of its claims %.60s %.100s", *error.pointer != '\0' ? error.pointer : "the whole", error.rule);
		schema_errors_clear(&error, count);
		return r == ERR_INVALID_PARAMS ? ERR_MANIFEST_INVALID : r;
	}
	if (strcmp(json_string(claims, "origin"), origin) != 0) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "it is for another origin");
		return ERR_MANIFEST_MISMATCH;
	}
	if (exp <= iat || exp - iat > MANIFEST_SECONDS_MAX) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "it is valid for more than ten minutes, or never");
		return ERR_MANIFEST_INVALID;
	}
	if (iat > now + MANIFEST_SKEW_SECONDS) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "it was made in the future, or one of the clocks is wrong");
		return ERR_MANIFEST_EXPIRED;
	}
	if (exp <= now - MANIFEST_SKEW_SECONDS) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "its time is over, or one of the clocks is wrong");
		return ERR_MANIFEST_EXPIRED;
	}
	return 0;
}

int
manifest_read(const char *text, const char *origin, const struct manifest_key *const *keys, size_t count, const struct schema *claims,
    int64_t now, struct manifest **ret_manifest, char ret_detail[MANIFEST_DETAIL_BYTES])
{
	struct manifest *manifest = NULL;
	struct parts parts;
	int r;

	if (!parts_find(text, &parts)) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "it is no compact JWS, or too long");
		return ERR_MANIFEST_INVALID;
	}
	if ((r = header_check(&parts, ret_detail)) != 0 || (r = signature_check(&parts, keys, count, ret_detail)) != 0)
		return r;
	if ((manifest = calloc(1, sizeof(*manifest))) == NULL)
		return ERR_INTERNAL;
	if ((r = object_read(parts.payload, parts.payload_len, &manifest->claims)) == 0)
		r = claims_check(manifest->claims, origin, claims, now, ret_detail);
	else if (r != ERR_INTERNAL) {
		snprintf(ret_detail, MANIFEST_DETAIL_BYTES, "its payload is no JSON object, or not strictly one");
		r = ERR_MANIFEST_INVALID;
	}
	if (r != 0) {
		manifest_free(manifest);
		return r;
	}
	*ret_manifest = manifest;
	return 0;
}

void
manifest_free(struct manifest *manifest)
{
	if (manifest == NULL)
		return;
	cJSON_Delete(manifest->claims);
	free(manifest);
}

bool
manifest_is_for_documents(struct manifest *manifest, const char *const *sha256s, size_t count)
{
	const cJSON *documents = json_member(manifest->claims, "documents"), *named;
	bool same = documents != NULL && (size_t)cJSON_GetArraySize(documents) == count;
	size_t i = 0;

	cJSON_ArrayForEach(named, documents) {
		same = same && (sha256s[i] == NULL || strcmp(cJSON_GetStringValue(named), sha256s[i]) == 0);
		i++;
	}
	return manifest->matched = same;
}

bool
manifest_is_for_hashes(struct manifest *manifest, const cJSON *hashes)
{
	const cJSON *named = json_member(manifest->claims, "hashes"), *hash;
	bool same = named != NULL && cJSON_GetArraySize(named) == cJSON_GetArraySize(hashes);

	named = same ? named->child : NULL;
	cJSON_ArrayForEach(hash, hashes) {
		same = same && strcmp(json_string(named, "algorithm"), json_string(hash, "algorithm")) == 0 &&
		    strcmp(json_string(named, "value"), json_string(hash, "value")) == 0;
		named = same ? named->next : NULL;
	}
	return manifest->matched = same;
}

/* Whether two lists of attachments say the same; NULL is an empty one. */
static bool
attachments_same(const cJSON *named, const cJSON *attachments)
{
	const cJSON *attachment;

	if (cJSON_GetArraySize(named) != cJSON_GetArraySize(attachments))
		return false;
	named = named != NULL ? named->child : NULL;
	cJSON_ArrayForEach(attachment, attachments) {
		if (strcmp(json_string(named, "id"), json_string(attachment, "id")) != 0 ||
		    strcmp(json_string(named, "sha256"), json_string(attachment, "sha256")) != 0)
			return false;
		named = named->next;
	}
	return true;
}

bool
manifest_is_for_form(struct manifest *manifest, const char *id, int64_t version, const char *sha256, const cJSON *attachments)
{
	const cJSON *form = json_member(manifest->claims, "form");

	return manifest->matched = form != NULL && strcmp(json_string(form, "id"), id) == 0 && json_integer(form, "version", 0) == version &&
	    strcmp(json_string(form, "sha256"), sha256) == 0 && attachments_same(json_member(form, "attachments"), attachments);
}

bool
manifest_is_matched(const struct manifest *manifest)
{
	return manifest->matched;
}

const char *
manifest_purpose(const struct manifest *manifest, const char *language)
{
	return json_string(json_member(manifest->claims, "purpose"), language);
}

const char *
manifest_nonce(const struct manifest *manifest)
{
	return json_string(manifest->claims, "jti");
}

int64_t
manifest_until(const struct manifest *manifest)
{
	return json_integer(manifest->claims, "exp", 0) + MANIFEST_SKEW_SECONDS;
}
