/* SPDX-License-Identifier: Apache-2.0 */
/* token/sign_request.c: nothing but exact digests of known algorithms gets to a card. */
#include "token/sign_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"

#define CKA_ID_MAX 256

static const struct digest_algorithm algorithms[] = {
	{ "sha256", 32, { 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 } },
	{ "sha384", 48, { 0x30, 0x41, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0x04, 0x30 } },
	{ "sha512", 64, { 0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40 } },
};

static const struct digest_algorithm *
algorithm_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strcmp(algorithms[i].name, name) == 0)
			return &algorithms[i];
	return NULL;
}

static int
digests_read(const cJSON *json, struct sign_request *request)
{
	const cJSON *array = json_member(json, "digests"), *item;
	size_t count = cJSON_IsArray(array) ? (size_t)cJSON_GetArraySize(array) : 0;

	if (count == 0)
		return ERR_INVALID_PARAMS;
	if (count > SIGN_DIGESTS_MAX)
		return ERR_TOO_LARGE;
	if ((request->digests = malloc(count * request->algorithm->len)) == NULL)
		return ERR_INTERNAL;
	cJSON_ArrayForEach(item, array) {
		const char *text = cJSON_GetStringValue(item);
		unsigned char *digest = NULL;
		size_t len = 0;
		int r;

		if ((r = text == NULL ? ERR_INVALID_PARAMS : base64_decode(text, &digest, &len)) != 0)
			return r;
		if (len == request->algorithm->len)
			memcpy(request->digests + request->count++ * len, digest, len);
		free(digest);
		if (len != request->algorithm->len)
			return ERR_INVALID_PARAMS;
	}
	return 0;
}

static int
key_read(const cJSON *json, struct sign_request *request)
{
	const char *id = json_string(json, "ckaId");

	if (id == NULL || id[0] == '\0' || strlen(id) > 2 * CKA_ID_MAX)
		return ERR_INVALID_PARAMS;
	return hex_decode(id, &request->cka_id, &request->cka_id_len);
}

int
sign_request_read(const cJSON *json, struct sign_request *ret_request, const char **ret_member)
{
	struct sign_request request = { .serial = json_string(json, "serial") };
	int64_t slot = json_integer(json, "slot", -1);
	const char *key_type = json_string(json, "keyType"), *member = "slot";
	int r = ERR_INVALID_PARAMS;

	if (slot < 0)
		goto fail;
	request.slot = (CK_SLOT_ID)slot;
	member = "serial";
	if (request.serial == NULL)
		goto fail;
	member = "keyType";
	if (key_type == NULL || (strcmp(key_type, "rsa") != 0 && strcmp(key_type, "ec") != 0))
		goto fail;
	request.rsa = strcmp(key_type, "rsa") == 0;
	member = "digestAlgorithm";
	if ((request.algorithm = algorithm_find(json_string(json, "digestAlgorithm"))) == NULL)
		goto fail;
	member = "ckaId";
	if ((r = key_read(json, &request)) != 0)
		goto fail;
	member = "digests";
	if ((r = digests_read(json, &request)) != 0)
		goto fail;
	*ret_request = request;
	return 0;
fail:
	sign_request_clear(&request);
	*ret_member = member;
	return r;
}

void
sign_request_clear(struct sign_request *request)
{
	free(request->cka_id);
	free(request->digests);
	*request = (struct sign_request){ 0 };
}
