/* SPDX-License-Identifier: Apache-2.0 */
/* operations/sign_hash.c: sign.hash: digests of something that the agent can't show. */
#include "operations/methods.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/manifest.h"
#include "operations/results.h"
#include "operations/signature.h"
#include "operations/signer.h"

struct sign_hash {
	struct call *call;
	struct signer_search *search;
	struct signer *signer;
	struct signature *signature;
	const struct algorithm *algorithm;
	cJSON *hashes;
};

static void
sign_hash_cancel(void *context)
{
	struct sign_hash *op = context;

	signer_find_cancel(&op->search);
	signature_cancel(&op->signature);
	signer_free(op->signer);
	cJSON_Delete(op->hashes);
	free(op);
}

static void
sign_hash_finish(struct sign_hash *op, int err, cJSON *content)
{
	struct call *call = op->call;

	sign_hash_cancel(op);
	call_finish(call, err, content);
}

static const struct algorithm {
	const char *name, *web_name;
	size_t len;
} algorithms[] = { { "sha256", "SHA-256", 32 }, { "sha384", "SHA-384", 48 }, { "sha512", "SHA-512", 64 } };

/*
 * All hashes of a request are of one algorithm and exactly of its length: a digest that isn't one is never signed.  0,
 * ERR_ALGORITHM_UNSUPPORTED, or ERR_INVALID_PARAMS and *ret_problem, the error's data.
 */
static int
hashes_check(const cJSON *hashes, const struct algorithm **ret_algorithm, cJSON **ret_problem)
{
	const char *first = json_string(cJSON_GetArrayItem(hashes, 0), "algorithm");
	const struct algorithm *algorithm = NULL;
	const cJSON *hash;
	char pointer[40];
	int at = 0;

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].name, first) == 0)
			algorithm = &algorithms[i];
	if (algorithm == NULL)
		return ERR_ALGORITHM_UNSUPPORTED;
	cJSON_ArrayForEach(hash, hashes) {
		unsigned char *bytes = NULL;
		size_t len = 0;

		if (strcmp(json_string(hash, "algorithm"), first) != 0)
			return ERR_ALGORITHM_UNSUPPORTED;
		json_base64(hash, "value", &bytes, &len);
		free(bytes);
		if (len != algorithm->len) {
			snprintf(pointer, sizeof(pointer), "/hashes/%d/value", at);
			*ret_problem = params_problem_to_json(pointer, len < algorithm->len ? "minLength" : "maxLength",
			    "is not of the algorithm's length.");
			return ERR_INVALID_PARAMS;
		}
		at++;
	}
	*ret_algorithm = algorithm;
	return 0;
}

static void
sign_hash_signed(void *context, int err, const cJSON *content)
{
	struct sign_hash *op = context;
	const cJSON *signature;
	cJSON *result, *list;

	op->signature = NULL;
	if (err != 0) {
		sign_hash_finish(op, err, cJSON_Duplicate(content, true));
		return;
	}
	result = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(result, "signatures");
	cJSON_ArrayForEach(signature, content) {
		cJSON *entry = cJSON_CreateObject();

		cJSON_AddStringToObject(entry, "name", strcmp(op->signer->key.key_type, "ec") == 0 ? "ECDSA" : "RSASSA-PKCS1-v1_5");
		cJSON_AddStringToObject(entry, "hash", op->algorithm->web_name);
		cJSON_AddStringToObject(entry, "value", cJSON_GetStringValue(signature));
		cJSON_AddItemToArray(list, entry);
	}
	sign_hash_finish(op, 0, result);
}

static int
sign_hash_consent(struct sign_hash *op)
{
	cJSON *summary = cJSON_CreateObject(), *documents = cJSON_AddArrayToObject(summary, "documents"), *digests = cJSON_CreateArray();
	const cJSON *hash;

	cJSON_AddStringToObject(summary, "kind", "hash");
	cJSON_ArrayForEach(hash, op->hashes) {
		cJSON *document = cJSON_CreateObject();

		cJSON_AddStringToObject(document, "name", json_string(hash, "label"));
		cJSON_AddItemToArray(documents, document);
		cJSON_AddItemToArray(digests, cJSON_CreateString(json_string(hash, "value")));
	}
	return signature_start(op->call, op->signer, summary, op->algorithm->name, digests,
	    &(struct signature_callbacks){ NULL, NULL, sign_hash_signed, op }, &op->signature);
}

static void
sign_hash_signer(void *context, int err, struct signer *signer)
{
	struct sign_hash *op = context;

	op->search = NULL;
	op->signer = signer;
	if (err == 0)
		err = sign_hash_consent(op);
	if (err != 0)
		sign_hash_finish(op, err, NULL);
}

static int
sign_hash_run(struct call *call, const cJSON *params)
{
	const struct algorithm *algorithm;
	struct sign_hash *op;
	cJSON *problem = NULL;
	const cJSON *hashes = json_member(params, "hashes");
	int r = hashes_check(hashes, &algorithm, &problem);

	if (r == 0)
		r = request_manifest_take(call, params, &problem);
	if (r == 0 && call->manifest != NULL && !manifest_is_for_hashes(call->manifest, hashes))
		r = request_manifest_mismatch("it names other hashes, or in another order", &problem);
	if (r != 0) {
		call_finish(call, r, problem);
		return 0;
	}
	if ((op = calloc(1, sizeof(*op))) == NULL)
		return ERR_INTERNAL;
	*op = (struct sign_hash){ .call = call, .algorithm = algorithm, .hashes = cJSON_Duplicate(hashes, true) };
	if (op->hashes == NULL ||
	    (op->search = signer_find(call->services, json_string(params, "certificate"), sign_hash_signer, op)) == NULL) {
		sign_hash_cancel(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, sign_hash_cancel, op);
	return 0;
}

const struct method method_sign_hash = { "sign.hash", sign_hash_run };
