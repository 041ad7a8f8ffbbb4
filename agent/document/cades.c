/* SPDX-License-Identifier: Apache-2.0 */
/* document/cades.c: CAdES B-B (EN 319 122-1), detached or with the document inside, which never stands in memory as a whole. */
#include <string.h>
#include <unistd.h>
#include <openssl/asn1.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "document/cms.h"
#include "document/file.h"
#include "document/job.h"

#define CMS_MAX ((size_t)4 << 20)	/* bytes of SignedData without the content */

/* The content's digest; of the first pass also its SHA-256, in the second it is copied to offset of the output. */
static int
content_digest(struct job *job, bool copies, uint64_t offset, unsigned char *digest)
{
	EVP_MD_CTX *ctx = digest_new(job->signer.md);
	int r = ERR_INTERNAL;

	if (ctx != NULL && (r = copies ? file_pass(job->input, job->input_size, ctx, job->output, offset) :
	    file_pass_sha256(job->input, job->input_size, ctx, -1, job->input_sha256)) == 0 && EVP_DigestFinal_ex(ctx, digest, NULL) != 1)
		r = ERR_INTERNAL;
	EVP_MD_CTX_free(ctx);
	return r;
}

static int
cades_prepare(struct job *job, const cJSON *request)
{
	const char *packaging = json_string(request, "packaging");
	int r;

	if (packaging != NULL && strcmp(packaging, "attached") != 0 && strcmp(packaging, "detached") != 0)
		return ERR_INVALID_PARAMS;
	job->attached = packaging == NULL || strcmp(packaging, "attached") == 0;
	if ((r = content_digest(job, false, 0, job->content_digest)) != 0 ||
	    (r = cms_prepare(&job->signer, job->content_digest, &job->time, job->digest, &job->cms)) != 0)
		return r;
	if (!job->attached) {
		close(job->input);
		job->input = -1;
	}
	return 0;
}

/* One element of DER: its header is [p, content), its content [content, end). */
struct element {
	const unsigned char *p, *content, *end;
};

/* Reads the element at p, which must have this tag and end before end. OpenSSL wrote it: a mismatch is our own mistake. */
static int
element_read(const unsigned char *p, const unsigned char *end, int wanted_tag, struct element *ret_element)
{
	const unsigned char *content = p;
	long len;
	int tag, class, flags = ASN1_get_object(&content, &len, &tag, &class, (long)(end - p));

	if (flags & 0x80 || flags & 1 || tag != wanted_tag)
		return ERR_INTERNAL;
	*ret_element = (struct element){ p, content, content + len };
	return 0;
}

static void
header_append(struct buf *buf, int tag, int class, int constructed, int content_len)
{
	unsigned char header[16], *p = header;

	ASN1_put_object(&p, constructed, content_len, tag, class);
	buf_append(buf, header, (size_t)(p - header));
}

/*
 * Splits a detached SignedData where the content belongs: before gets everything up to the first byte of an eContent of content_len
 * bytes, with all lengths as they then are; after, the rest.
 */
static int
signed_data_open(const unsigned char *der, size_t der_len, int content_len, struct buf *before, const unsigned char **ret_after)
{
	struct element info, type, wrapper, data, version, digests, content_info, content_type;
	int octets, explicit, inner, data_len, wrapper_len;

	if (element_read(der, der + der_len, V_ASN1_SEQUENCE, &info) != 0 ||
	    element_read(info.content, info.end, V_ASN1_OBJECT, &type) != 0 ||
	    element_read(type.end, info.end, 0, &wrapper) != 0 ||
	    element_read(wrapper.content, wrapper.end, V_ASN1_SEQUENCE, &data) != 0 ||
	    element_read(data.content, data.end, V_ASN1_INTEGER, &version) != 0 ||
	    element_read(version.end, data.end, V_ASN1_SET, &digests) != 0 ||
	    element_read(digests.end, data.end, V_ASN1_SEQUENCE, &content_info) != 0 ||
	    element_read(content_info.content, content_info.end, V_ASN1_OBJECT, &content_type) != 0 || content_type.end != content_info.end)
		return ERR_INTERNAL;
	octets = ASN1_object_size(0, content_len, V_ASN1_OCTET_STRING);
	explicit = ASN1_object_size(1, octets, 0);
	inner = (int)(content_type.end - content_type.p) + explicit;
	data_len = (int)(digests.end - data.content) + ASN1_object_size(1, inner, V_ASN1_SEQUENCE) + (int)(data.end - content_info.end);
	wrapper_len = ASN1_object_size(1, data_len, V_ASN1_SEQUENCE);

	header_append(before, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 1, (int)(type.end - type.p) + ASN1_object_size(1, wrapper_len, 0));
	buf_append(before, type.p, (size_t)(type.end - type.p));
	header_append(before, 0, V_ASN1_CONTEXT_SPECIFIC, 1, wrapper_len);
	header_append(before, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 1, data_len);
	buf_append(before, data.content, (size_t)(digests.end - data.content));
	header_append(before, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, 1, inner);
	buf_append(before, content_type.p, (size_t)(content_type.end - content_type.p));
	header_append(before, 0, V_ASN1_CONTEXT_SPECIFIC, 1, octets);
	header_append(before, V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL, 0, content_len);
	*ret_after = content_info.end;
	return before->failed ? ERR_INTERNAL : 0;
}

static int
attached_write(struct job *job, const unsigned char *der, size_t len)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	const unsigned char *after;
	struct buf before;
	int r;

	buf_init(&before, CMS_MAX);
	if ((r = signed_data_open(der, len, (int)job->input_size, &before, &after)) != 0 ||
	    (r = file_write(job->output, 0, before.data, before.len)) != 0 ||
	    (r = content_digest(job, true, before.len, digest)) != 0)
		goto out;
	/* The card signed the hash of what the file was; between then and now it must not have changed. */
	if (memcmp(digest, job->content_digest, (size_t)EVP_MD_get_size(job->signer.md)) != 0) {
		job->detail = "the input changed between prepare and finish";
		r = ERR_INTERNAL;
		goto out;
	}
	r = file_write(job->output, before.len + job->input_size, after, len - (size_t)(after - der));
out:
	buf_clear(&before);
	return r;
}

static int
cades_finish(struct job *job, const unsigned char *der, size_t len)
{
	return job->attached ? attached_write(job, der, len) : file_write(job->output, 0, der, len);
}

const struct signature_format format_cades = { "cades", cades_prepare, cades_finish };
