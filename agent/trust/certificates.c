/* SPDX-License-Identifier: Apache-2.0 */
/* trust/certificates.c: certificates of a request, from JSON to OpenSSL. */
#include "trust/certificates.h"

#include <stdlib.h>
#include <string.h>

#include "base/encoding.h"
#include "base/err.h"

X509 *
certificate_from_der(const unsigned char *der, size_t len)
{
	const unsigned char *p = der;
	X509 *certificate = d2i_X509(NULL, &p, (long)len);
	unsigned char *again = NULL;
	/* OpenSSL reads BER too, and what it then writes is another certificate, with another hash. */
	int again_len = certificate == NULL ? -1 : i2d_X509(certificate, &again);

	if (again_len < 0 || (size_t)again_len != len || memcmp(again, der, len) != 0) {
		X509_free(certificate);
		certificate = NULL;
	}
	OPENSSL_free(again);
	return certificate;
}

int
certificate_from_json(const cJSON *text, X509 **ret_certificate)
{
	const char *base64 = cJSON_GetStringValue(text);
	unsigned char *der = NULL;
	X509 *certificate;
	size_t len;
	int r;

	if (base64 == NULL || strlen(base64) > (CERTIFICATE_MAX + 2) / 3 * 4)
		return ERR_INVALID_PARAMS;
	if ((r = base64_decode(base64, &der, &len)) != 0)
		return r;
	if ((certificate = certificate_from_der(der, len)) != NULL)
		*ret_certificate = certificate;
	free(der);
	return certificate != NULL ? 0 : ERR_CERTIFICATE_UNSUITABLE;
}
