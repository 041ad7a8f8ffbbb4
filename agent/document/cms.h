/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms.h: the CMS SignedData under CAdES and PAdES: signed attributes now, the card's value later. */
#ifndef DOCUMENT_CMS_H
#define DOCUMENT_CMS_H

#include <stddef.h>
#include <time.h>
#include <openssl/cms.h>

#include "document/signer.h"

/*
 * A detached SignedData of one signer (RFC 5652; EN 319 122-1 5.1, 5.2) that lacks its signature value: attributes contentType,
 * messageDigest (the given content_digest), signingCertificateV2 with issuerSerial, and signingTime unless signing_time is NULL (PAdES).
 * Fills digest (EVP_MAX_MD_SIZE bytes) with what the card signs: the hash of the DER SET OF these attributes.
 * The caller frees *ret_cms with CMS_ContentInfo_free().  0 or ERR_INTERNAL.
 */
int cms_prepare(const struct signer *signer, const unsigned char *content_digest, const time_t *signing_time, unsigned char *digest,
    CMS_ContentInfo **ret_cms);

/* The most bytes that cms_finish() can return for this signer. 0 when memory runs out. */
size_t cms_size_max(CMS_ContentInfo *cms, const struct signer *signer);

/* Puts the value in and encodes the whole; the caller frees *ret_der with OPENSSL_free(). 0 or ERR_INTERNAL. */
int cms_finish(CMS_ContentInfo *cms, const unsigned char *value, size_t value_len, unsigned char **ret_der, size_t *ret_len);

#endif
