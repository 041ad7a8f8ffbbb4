/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms.c: builds a SignedData with OpenSSL, hashes its signed attributes, and fills the signature value in. */
#include "document/cms.h"

#include <stdlib.h>
#include <string.h>
#include <openssl/asn1.h>
#include <openssl/err.h>

#include "base/err.h"

#define ATTRIBUTES_MAX 8

/* Adds contentType, messageDigest and signingTime; CMS_CADES has already added signingCertificateV2. */
static int
attributes_add(CMS_SignerInfo *si, const struct signer *signer, const unsigned char *content_digest, const time_t *signing_time)
{
	ASN1_TIME *at = NULL;
	int r = ERR_INTERNAL;

	if (CMS_signed_add1_attr_by_NID(si, NID_pkcs9_contentType, V_ASN1_OBJECT, OBJ_nid2obj(NID_pkcs7_data), -1) != 1 ||
	    CMS_signed_add1_attr_by_NID(si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, content_digest, EVP_MD_get_size(signer->md)) != 1)
		goto out;
	/* ASN1_TIME_set() chooses UTCTime until 2049, as RFC 5652 11.3 wants it. */
	if (signing_time != NULL && ((at = ASN1_TIME_set(NULL, *signing_time)) == NULL ||
	    CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime, ASN1_STRING_type(at), at, -1) != 1))
		goto out;
	r = 0;
out:
	ASN1_TIME_free(at);
	return r;
}

struct encoded {
	unsigned char *der;
	int len;
};

/* X.690 11.6: shorter encodings count as padded with zeros. Two attributes differ before either ends, as their lengths stand in front. */
static int
encoded_compare(const void *a, const void *b)
{
	const struct encoded *x = a, *y = b;
	int common = x->len < y->len ? x->len : y->len;
	int order = memcmp(x->der, y->der, (size_t)common);

	return order != 0 ? order : x->len - y->len;
}

/* Hashes what i2d_CMS_ContentInfo() will write, but with the tag of a SET (RFC 5652 5.4). */
static int
attributes_digest(const CMS_SignerInfo *si, const EVP_MD *md, unsigned char *digest)
{
	struct encoded attributes[ATTRIBUTES_MAX] = { { NULL, 0 } };
	unsigned char header[16], *p = header;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int count = CMS_signed_get_attr_count(si), total = 0, r = ERR_INTERNAL;

	if (ctx == NULL || count < 1 || count > ATTRIBUTES_MAX)
		goto out;
	for (int i = 0; i < count; i++) {
		attributes[i].len = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(si, i), &attributes[i].der);
		if (attributes[i].len <= 0)
			goto out;
		total += attributes[i].len;
	}
	qsort(attributes, (size_t)count, sizeof(attributes[0]), encoded_compare);
	ASN1_put_object(&p, 1, total, V_ASN1_SET, V_ASN1_UNIVERSAL);
	if (EVP_DigestInit_ex(ctx, md, NULL) != 1 || EVP_DigestUpdate(ctx, header, (size_t)(p - header)) != 1)
		goto out;
	for (int i = 0; i < count; i++)
		if (EVP_DigestUpdate(ctx, attributes[i].der, (size_t)attributes[i].len) != 1)
			goto out;
	if (EVP_DigestFinal_ex(ctx, digest, NULL) == 1)
		r = 0;
out:
	for (int i = 0; i < ATTRIBUTES_MAX; i++)
		OPENSSL_free(attributes[i].der);
	EVP_MD_CTX_free(ctx);
	return r;
}

int
cms_prepare(const struct signer *signer, const unsigned char *content_digest, const time_t *signing_time, unsigned char *digest,
    CMS_ContentInfo **ret_cms)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_PARTIAL | CMS_STREAM | CMS_DETACHED);
	CMS_SignerInfo *si;
	int r = ERR_INTERNAL;

	/* Only the public key is there: CMS_PARTIAL signs nothing, and the value comes from the card. */
	if (cms == NULL || (si = CMS_add1_signer(cms, signer->certificate, X509_get0_pubkey(signer->certificate), signer->md,
	    CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_CADES)) == NULL)
		goto out;
	for (int i = 0; i < sk_X509_num(signer->chain); i++)
		if (CMS_add1_cert(cms, sk_X509_value(signer->chain, i)) != 1)
			goto out;
	if ((r = attributes_add(si, signer, content_digest, signing_time)) != 0 || (r = attributes_digest(si, signer->md, digest)) != 0)
		goto out;
	*ret_cms = cms;
	cms = NULL;
out:
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return r;
}

size_t
cms_size_max(CMS_ContentInfo *cms, const struct signer *signer)
{
	int len = i2d_CMS_ContentInfo(cms, NULL);

	/* Every length around the value may grow by some octets. */
	return len <= 0 ? 0 : (size_t)len + signer_value_max(signer) + 64;
}

int
cms_finish(CMS_ContentInfo *cms, const unsigned char *value, size_t value_len, unsigned char **ret_der, size_t *ret_len)
{
	CMS_SignerInfo *si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	unsigned char *der = NULL;
	int len;

	if (si == NULL || ASN1_STRING_set(CMS_SignerInfo_get0_signature(si), value, (int)value_len) != 1 ||
	    (len = i2d_CMS_ContentInfo(cms, &der)) <= 0)
		return ERR_INTERNAL;
	*ret_der = der;
	*ret_len = (size_t)len;
	return 0;
}
