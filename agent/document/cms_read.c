/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms_read.c: walks ContentInfo, SignedData and SignerInfo; what does not fit their definition is refused. */
#include "document/cms_read.h"

#include <openssl/asn1.h>

#include "base/err.h"

static const unsigned char oid_signed_data[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 };

/* Takes the next element if it is context-specific with this tag. */
static bool
take_context(struct tlv_cursor *c, int tag, bool constructed, struct tlv *ret)
{
	return tlv_take(c, V_ASN1_CONTEXT_SPECIFIC, tag, constructed, ret);
}

/* EncapsulatedContentInfo (5.2): type and, unless detached, [0] with an OCTET STRING. */
static int
content_read(const struct tlv *info, bool der, struct cms_message *message)
{
	struct tlv_cursor c = tlv_inside(info, der), inner;
	struct tlv wrapper, content;

	if (!tlv_take_universal(&c, V_ASN1_OBJECT, &message->content_type))
		return ERR_DOCUMENT_INVALID;
	if (tlv_at_end(&c))
		return 0;
	if (!take_context(&c, 0, true, &wrapper) || !tlv_at_end(&c))
		return ERR_DOCUMENT_INVALID;
	inner = tlv_inside(&wrapper, der);
	if (tlv_next(&inner, &content) != 1 || content.class != V_ASN1_UNIVERSAL || content.tag != V_ASN1_OCTET_STRING ||
	    (der && content.constructed) || !tlv_at_end(&inner))
		return ERR_DOCUMENT_INVALID;
	message->content = content;
	return 0;
}

/* CertificateSet (10.2.3); attribute certificates and the like are passed over. */
static int
certificates_read(const struct tlv *set, bool der, struct cms_message *message)
{
	struct tlv_cursor c = tlv_inside(set, der);
	struct tlv certificate;
	int r;

	while ((r = tlv_next(&c, &certificate)) == 1) {
		if (certificate.class != V_ASN1_UNIVERSAL)
			continue;
		if (certificate.tag != V_ASN1_SEQUENCE || !certificate.constructed)
			return ERR_DOCUMENT_INVALID;
		if (message->certificates_count == CMS_CERTIFICATES_MAX ||
		    (size_t)(certificate.end - certificate.start) > CMS_CERTIFICATE_BYTES_MAX)
			return ERR_TOO_LARGE;
		message->certificates[message->certificates_count++] = certificate;
	}
	return r;
}

static bool
attributes_too_large(const struct tlv *attributes)
{
	return attributes->start != NULL && (size_t)(attributes->end - attributes->start) > CMS_ATTRIBUTES_BYTES_MAX;
}

/* SignerInfo (5.3). */
static int
signer_read(const struct tlv *info, bool der, struct cms_signer *signer)
{
	struct tlv_cursor c = tlv_inside(info, der);
	struct tlv version;

	*signer = (struct cms_signer){ .attributes = { .start = NULL } };
	if (!tlv_take_universal(&c, V_ASN1_INTEGER, &version) ||
	    (!tlv_take_universal(&c, V_ASN1_SEQUENCE, &signer->sid) && !take_context(&c, 0, false, &signer->sid)) ||
	    !tlv_take_universal(&c, V_ASN1_SEQUENCE, &signer->digest_algorithm))
		return ERR_DOCUMENT_INVALID;
	take_context(&c, 0, true, &signer->attributes);
	if (!tlv_take_universal(&c, V_ASN1_SEQUENCE, &signer->algorithm) || !tlv_take_universal(&c, V_ASN1_OCTET_STRING, &signer->value))
		return ERR_DOCUMENT_INVALID;
	take_context(&c, 1, true, &signer->unsigned_attributes);
	if (attributes_too_large(&signer->attributes))
		return ERR_TOO_LARGE;
	return tlv_at_end(&c) ? 0 : ERR_DOCUMENT_INVALID;
}

static int
signers_read(const struct tlv *set, bool der, struct cms_message *message)
{
	struct tlv_cursor c = tlv_inside(set, der);
	struct tlv info;
	int r;

	while ((r = tlv_next(&c, &info)) == 1) {
		if (info.class != V_ASN1_UNIVERSAL || info.tag != V_ASN1_SEQUENCE || !info.constructed)
			return ERR_DOCUMENT_INVALID;
		if (message->signers_count == CMS_SIGNERS_MAX)
			return ERR_TOO_LARGE;
		if ((r = signer_read(&info, der, &message->signers[message->signers_count++])) != 0)
			return r;
	}
	return r;
}

/* SignedData (5.1). */
static int
signed_data_read(const struct tlv *data, bool der, struct cms_message *message)
{
	struct tlv_cursor c = tlv_inside(data, der);
	struct tlv version, digests, info, set;
	int r;

	if (!tlv_take_universal(&c, V_ASN1_INTEGER, &version) || !tlv_take_universal(&c, V_ASN1_SET, &digests) ||
	    !tlv_take_universal(&c, V_ASN1_SEQUENCE, &info))
		return ERR_DOCUMENT_INVALID;
	if ((r = content_read(&info, der, message)) != 0)
		return r;
	if (take_context(&c, 0, true, &set) && (r = certificates_read(&set, der, message)) != 0)
		return r;
	take_context(&c, 1, true, &set);
	if (!tlv_take_universal(&c, V_ASN1_SET, &set) || !tlv_at_end(&c))
		return ERR_DOCUMENT_INVALID;
	return signers_read(&set, der, message);
}

int
cms_read(const unsigned char *data, size_t size, bool der, struct cms_message *ret_message)
{
	struct tlv_cursor c, inner;
	struct tlv info, type, wrapper, signed_data;
	int r;

	if (size == 0)		/* of a PDF's empty string, without data */
		return ERR_DOCUMENT_INVALID;
	c = (struct tlv_cursor){ data, data + size, der };
	ret_message->content.start = NULL;
	ret_message->certificates_count = ret_message->signers_count = 0;
	/* One call first, for its word on what is too large. */
	if ((r = tlv_next(&c, &info)) != 1)
		return r < 0 ? r : ERR_DOCUMENT_INVALID;
	if (info.class != V_ASN1_UNIVERSAL || info.tag != V_ASN1_SEQUENCE || !info.constructed)
		return ERR_DOCUMENT_INVALID;
	ret_message->end = info.end;
	inner = tlv_inside(&info, der);
	if (!tlv_take_universal(&inner, V_ASN1_OBJECT, &type) || !tlv_is(&type, oid_signed_data, sizeof(oid_signed_data)) ||
	    !take_context(&inner, 0, true, &wrapper) || !tlv_at_end(&inner))
		return ERR_DOCUMENT_INVALID;
	inner = tlv_inside(&wrapper, der);
	if (!tlv_take_universal(&inner, V_ASN1_SEQUENCE, &signed_data) || !tlv_at_end(&inner))
		return ERR_DOCUMENT_INVALID;
	return signed_data_read(&signed_data, der, ret_message);
}

void
tlv_pieces_init(struct tlv_pieces *pieces, const struct tlv *string)
{
	*pieces = (struct tlv_pieces){ .only = *string, .primitive = !string->constructed };
	if (string->constructed) {
		pieces->stack[0] = tlv_inside(string, false);
		pieces->depth = 1;
	}
}

int
tlv_pieces_next(struct tlv_pieces *pieces, struct tlv *ret)
{
	struct tlv piece;
	int r;

	if (pieces->primitive) {
		pieces->primitive = false;
		*ret = pieces->only;
		return 1;
	}
	while (pieces->depth > 0) {
		if ((r = tlv_next(&pieces->stack[pieces->depth - 1], &piece)) < 0)
			return r;
		if (r == 0) {
			pieces->depth--;
			continue;
		}
		if (piece.class != V_ASN1_UNIVERSAL || piece.tag != V_ASN1_OCTET_STRING)
			return ERR_DOCUMENT_INVALID;
		if (!piece.constructed) {
			*ret = piece;
			return 1;
		}
		if (pieces->depth == TLV_DEPTH_MAX)
			return ERR_TOO_LARGE;
		pieces->stack[pieces->depth++] = tlv_inside(&piece, false);
	}
	return 0;
}
