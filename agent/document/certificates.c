/* SPDX-License-Identifier: Apache-2.0 */
/* document/certificates.c: certificates of a request, from JSON to OpenSSL. */
#include "document/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"

int
certificate_from_json(const cJSON *text, X509 **ret_certificate)
{
	const char *base64 = cJSON_GetStringValue(text);
	const unsigned char *p;
	unsigned char *der = NULL, *again = NULL;
	X509 *certificate;
	size_t len;
	int again_len, r;

	if (base64 == NULL || strlen(base64) > (CERTIFICATE_MAX + 2) / 3 * 4)
		return ERR_INVALID_PARAMS;
	if ((r = base64_decode(base64, &der, &len)) != 0)
		return r;
	p = der;
	certificate = d2i_X509(NULL, &p, (long)len);
	/* OpenSSL reads BER too, and what it then writes is another certificate than the one that was chosen. */
	again_len = certificate == NULL ? -1 : i2d_X509(certificate, &again);
	if (again_len < 0 || (size_t)again_len != len || memcmp(again, der, len) != 0) {
		X509_free(certificate);
		r = ERR_CERTIFICATE_UNSUITABLE;
	} else {
		*ret_certificate = certificate;
	}
	OPENSSL_free(again);
	free(der);
	return r;
}
