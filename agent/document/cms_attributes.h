/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms_attributes.h: what a signer's attributes say (RFC 5652 11, RFC 5035 3, EN 319 122-1 5.2). */
#ifndef DOCUMENT_CMS_ATTRIBUTES_H
#define DOCUMENT_CMS_ATTRIBUTES_H

#include <time.h>

#include "document/cms_read.h"
#include "document/verdict.h"

/* The signed attributes that are looked at; start is NULL where one is missing. */
struct cms_attributes {
	struct tlv content_type;	/* OBJECT IDENTIFIER */
	struct tlv message_digest;	/* OCTET STRING */
	struct tlv certificate_v2;	/* SigningCertificateV2 */
	struct tlv certificate_v1;	/* SigningCertificate: by SHA-1 */
	struct tlv signing_time;	/* UTCTime or GeneralizedTime */
};

/* Reads them. False when they are malformed, not DER, or one of these stands there twice or with several values. */
bool cms_attributes_read(const struct tlv *attributes, struct cms_attributes *ret_attributes);

/* The certificate that a SigningCertificateV2 names first. False when it is malformed. */
struct cms_certificate_id {
	struct tlv algorithm;	/* AlgorithmIdentifier; start is NULL for the default, SHA-256 */
	struct tlv hash;	/* OCTET STRING */
};
bool cms_certificate_id_read(const struct tlv *certificate_v2, struct cms_certificate_id *ret_id);

/* The time; false when it is none. */
bool cms_time_read(const struct tlv *element, time_t *ret_time);

/* How many values there are of time-stamps and of counter-signatures; what is malformed is not counted. */
void cms_unsigned_count(const struct tlv *attributes, unsigned *ret_time_stamps, unsigned *ret_counter_signatures);

#endif
