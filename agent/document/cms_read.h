/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms_read.h: a CMS SignedData (RFC 5652 section 5) taken apart into the bytes that stand in the file. */
#ifndef DOCUMENT_CMS_READ_H
#define DOCUMENT_CMS_READ_H

#include "document/tlv.h"

#define CMS_CERTIFICATES_MAX 100
#define CMS_SIGNERS_MAX 64
#define CMS_CERTIFICATE_BYTES_MAX ((size_t)64 << 10)
#define CMS_ATTRIBUTES_BYTES_MAX ((size_t)1 << 20)

struct cms_signer {
	struct tlv sid;			/* a SEQUENCE of issuer and serial number, or [0] with the subject key identifier */
	struct tlv digest_algorithm;	/* AlgorithmIdentifier */
	struct tlv attributes;		/* [0], signed; start is NULL when there are none */
	struct tlv algorithm;		/* AlgorithmIdentifier of the signature */
	struct tlv value;		/* OCTET STRING */
	struct tlv unsigned_attributes;	/* [1]; start is NULL when there are none */
};

struct cms_message {
	struct tlv content_type;	/* OBJECT IDENTIFIER of the content */
	struct tlv content;		/* OCTET STRING, in BER maybe of pieces; start is NULL when detached */
	struct tlv certificates[CMS_CERTIFICATES_MAX];
	size_t certificates_count;
	struct cms_signer signers[CMS_SIGNERS_MAX];
	size_t signers_count;
	const unsigned char *end;	/* behind the whole */
};

/*
 * Reads the structure; borrows data.  der: the whole must be DER, as in a PDF.  0, ERR_DOCUMENT_INVALID (no SignedData, or malformed) or
 * ERR_TOO_LARGE (the limits above and those of document/tlv.h).
 */
int cms_read(const unsigned char *data, size_t size, bool der, struct cms_message *ret_message);

/* Walks the pieces of an OCTET STRING: 1: *ret is the next primitive piece, 0: no more, negative: malformed. Start with tlv_pieces(). */
struct tlv_pieces {
	struct tlv_cursor stack[TLV_DEPTH_MAX];
	unsigned depth;
	struct tlv only;	/* the string itself, when it is primitive */
	bool primitive;
};
void tlv_pieces_init(struct tlv_pieces *pieces, const struct tlv *string);
int tlv_pieces_next(struct tlv_pieces *pieces, struct tlv *ret);

#endif
