/* SPDX-License-Identifier: Apache-2.0 */
/* operations/identity_prove.c: identity.prove: a log-in token that is good at one origin, for one challenge, made like Web eID's. */
#include "operations/methods.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/json.h"
#include "operations/signature.h"
#include "operations/signer.h"

#define FORMAT "web-eid:1.0"	/* so that servers can take the libraries that there are */

struct identity_prove {
	struct call *call;
	char *challenge;
	struct signer_search *search;
	struct signer *signer;
	struct signature *signature;
};

static void
identity_prove_cancel(void *context)
{
	struct identity_prove *op = context;

	signer_find_cancel(&op->search);
	signature_cancel(&op->signature);
	signer_free(op->signer);
	free(op->challenge);
	free(op);
}

static void
identity_prove_finish(struct identity_prove *op, int err, cJSON *content)
{
	struct call *call = op->call;

	identity_prove_cancel(op);
	call_finish(call, err, content);
}

/* As RFC 7518 section 3.1 names them. */
static const char *
algorithm_name(const struct signer *signer)
{
	bool ec = strcmp(signer->key.key_type, "ec") == 0;
	const char *digest = signer_digest_algorithm(signer);

	if (strcmp(digest, "sha512") == 0)
		return ec ? "ES512" : "RS512";
	return strcmp(digest, "sha384") == 0 ? ec ? "ES384" : "RS384" : ec ? "ES256" : "RS256";
}

/*
 * What the card signs is the digest of hash(origin) || hash(challenge): nothing of it is the page's to choose freely, and no document or log-in
 * elsewhere is made of two hashes.
 */
static int
digest_make(const struct identity_prove *op, unsigned char digest[EVP_MAX_MD_SIZE], unsigned *ret_len)
{
	const EVP_MD *md = EVP_get_digestbyname(signer_digest_algorithm(op->signer));
	const char *origin = op->call->session->origin;
	unsigned char both[2 * EVP_MAX_MD_SIZE];
	unsigned first, second;

	if (md == NULL || EVP_Digest(origin, strlen(origin), both, &first, md, NULL) != 1 ||
	    EVP_Digest(op->challenge, strlen(op->challenge), both + first, &second, md, NULL) != 1 ||
	    EVP_Digest(both, first + second, digest, ret_len, md, NULL) != 1)
		return ERR_INTERNAL;
	return 0;
}

static void
identity_proved(void *context, int err, const cJSON *content)
{
	struct identity_prove *op = context;
	cJSON *result = NULL, *token;
	const unsigned char *der;
	size_t len;

	op->signature = NULL;
	if (err != 0) {
		identity_prove_finish(op, err, cJSON_Duplicate(content, true));
		return;
	}
	der = certificate_der(op->signer->certificate, &len);
	result = cJSON_CreateObject();
	token = cJSON_AddObjectToObject(result, "token");
	json_add_base64(token, "unverifiedCertificate", der, len);
	cJSON_AddStringToObject(token, "algorithm", algorithm_name(op->signer));
	cJSON_AddStringToObject(token, "signature", cJSON_GetStringValue(cJSON_GetArrayItem(content, 0)));
	cJSON_AddStringToObject(token, "format", FORMAT);
	cJSON_AddStringToObject(token, "appVersion", "imza-agent/" IMZA_VERSION);
	identity_prove_finish(op, 0, result);
}

static int
consent_ask(struct identity_prove *op)
{
	cJSON *summary = cJSON_CreateObject(), *digests = cJSON_CreateArray(), *holder = cJSON_CreateObject();
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;
	int r = digest_make(op, digest, &len);

	cJSON_AddStringToObject(summary, "kind", "login");
	cJSON_AddArrayToObject(summary, "documents");
	if (r != 0 || !json_add_base64(holder, "digest", digest, len)) {
		cJSON_Delete(summary);
		cJSON_Delete(digests);
		cJSON_Delete(holder);
		return ERR_INTERNAL;
	}
	cJSON_AddItemToArray(digests, cJSON_CreateString(json_string(holder, "digest")));
	cJSON_Delete(holder);
	return signature_start(op->call, op->signer, summary, signer_digest_algorithm(op->signer), digests,
	    &(struct signature_callbacks){ .done = identity_proved, .context = op }, &op->signature);
}

static void
identity_found(void *context, int err, struct signer *signer)
{
	struct identity_prove *op = context;

	op->search = NULL;
	op->signer = signer;
	if (err == 0)
		err = consent_ask(op);
	if (err != 0)
		identity_prove_finish(op, err, NULL);
}

static int
identity_prove_run(struct call *call, const cJSON *params)
{
	struct identity_prove *op = calloc(1, sizeof(*op));

	if (op == NULL)
		return ERR_INTERNAL;
	*op = (struct identity_prove){ .call = call, .challenge = strdup(json_string(params, "challenge")) };
	if (op->challenge == NULL ||
	    (op->search = login_find(call->services, json_string(params, "certificate"), identity_found, op)) == NULL) {
		identity_prove_cancel(op);
		return ERR_INTERNAL;
	}
	call_on_cancel(call, identity_prove_cancel, op);
	return 0;
}

const struct method method_identity_prove = { "identity.prove", identity_prove_run };
