/* SPDX-License-Identifier: Apache-2.0 */
/* trust/certificates.h: certificates that come from outside, taken only when they are DER. */
#ifndef TRUST_CERTIFICATES_H
#define TRUST_CERTIFICATES_H

#include <stddef.h>
#include <cjson/cJSON.h>
#include <openssl/x509.h>

#define CERTIFICATE_MAX ((size_t)64 << 10)	/* bytes of DER */

/* The certificate; the caller frees it with X509_free(). NULL when it is none, not DER, or has bytes behind it. */
X509 *certificate_from_der(const unsigned char *der, size_t len);

/* One of a request, in base64; the caller frees it with X509_free(). 0, ERR_INVALID_PARAMS (no base64), ERR_CERTIFICATE_UNSUITABLE (no DER of a certificate). */
int certificate_from_json(const cJSON *text, X509 **ret_certificate);

#endif
