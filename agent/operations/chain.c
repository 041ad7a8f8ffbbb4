/* SPDX-License-Identifier: Apache-2.0 */
/* operations/chain.c: from issuer to issuer, by what the card and the trust folders hold. */
#include "operations/chain.h"

#include <stdlib.h>
#include <time.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "operations/validation.h"

#define CHAIN_MAX 8		/* as imza-document takes */

/* The authority on the card that has issued this certificate; the caller frees it. NULL: none. */
static struct certificate *
token_issuer(const cJSON *authorities, const struct certificate *certificate)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, authorities) {
		struct certificate *authority = NULL;
		unsigned char *der = NULL;
		size_t len;
		bool found = base64_decode(item->valuestring, &der, &len) == 0 && certificate_new(der, len, &authority) == 0 &&
		    certificate_is_from(certificate, authority, time(NULL));

		free(der);
		if (found)
			return authority;
		certificate_free(authority);
	}
	return NULL;
}

/* Copies one of the trust folders' certificates. */
static struct certificate *
folder_issuer(const struct anchors *anchors, const struct certificate *certificate)
{
	const struct certificate *issuer = anchors_issuer(anchors, certificate);
	struct certificate *copy = NULL;
	const unsigned char *der;
	size_t len;

	if (issuer != NULL && (der = certificate_der(issuer, &len)) != NULL && certificate_new(der, len, &copy) != 0)
		return NULL;
	return copy;
}

cJSON *
chain_build(struct services *services, const cJSON *token, const struct certificate *certificate)
{
	cJSON *chain = cJSON_CreateArray(), *authorities = token_authorities(token);
	struct certificate *own = NULL, *next;

	/* The folders are read again where they have changed. */
	anchors_fd(services->anchors);
	while (cJSON_GetArraySize(chain) < CHAIN_MAX && ((next = token_issuer(authorities, certificate)) != NULL ||
	    (next = folder_issuer(services->anchors, certificate)) != NULL)) {
		size_t len;
		const unsigned char *der = certificate_der(next, &len);
		char *text = base64_encode(der, len);

		cJSON_AddItemToArray(chain, cJSON_CreateString(text != NULL ? text : ""));
		free(text);
		certificate_free(own);
		certificate = own = next;
	}
	certificate_free(own);
	cJSON_Delete(authorities);
	return chain;
}
