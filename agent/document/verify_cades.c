/* SPDX-License-Identifier: Apache-2.0 */
/* document/verify_cades.c: a CMS file, its content inside or given besides; each of its signers. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "document/file.h"
#include "document/verify.h"

struct content_source {
	struct verification *verification;
	const struct cms_message *message;
};

static int
attached_hash(const struct content_source *source, EVP_MD_CTX *ctx)
{
	struct tlv_pieces pieces;
	struct tlv piece;
	int r;

	tlv_pieces_init(&pieces, &source->message->content);
	while ((r = tlv_pieces_next(&pieces, &piece)) == 1)
		if (verification_hash(source->verification, ctx, (uint64_t)(piece.content - source->verification->data), tlv_content_len(&piece)) != 0)
			return ERR_INTERNAL;
	return r;
}

/* cms_content.digest */
static int
content_digest(void *context, const EVP_MD *md, unsigned char *out)
{
	const struct content_source *source = context;
	bool attached = source->message->content.start != NULL;
	EVP_MD_CTX *ctx;
	uint64_t size;
	int r;

	if (!attached && source->verification->content_fd < 0)
		return ERR_NOT_FOUND;
	if ((ctx = digest_new(md)) == NULL)
		return ERR_INTERNAL;
	if (attached)
		r = attached_hash(source, ctx);
	else if ((r = file_size(source->verification->content_fd, &size)) == 0)
		r = file_pass(source->verification->content_fd, size, ctx, -1, 0);
	if (r == 0 && EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		r = ERR_INTERNAL;
	EVP_MD_CTX_free(ctx);
	return r;
}

/* The coverage of a CMS signature is its content, wherever that is; EN 319 122-1 table 1 wants the time. */
static int
signer_report(struct verification *verification, struct signature_facts *facts, STACK_OF(X509) *extra)
{
	cJSON *json, *missing;
	int r;

	if ((r = verification_report(verification, facts, extra, &json)) != 0)
		return r;
	missing = cJSON_AddArrayToObject(json, "missing");
	if (missing == NULL || (!facts->bound && !cJSON_AddItemToArray(missing, cJSON_CreateString("signing_certificate"))) ||
	    (!facts->has_time && !cJSON_AddItemToArray(missing, cJSON_CreateString("signing_time"))))
		return ERR_INTERNAL;
	return cJSON_AddStringToObject(json, "coverage", reason_stands(&facts->reasons, REASON_CONTENT_MISSING) ? "none" : "whole_document") != NULL ?
	    0 : ERR_INTERNAL;
}

static int
message_verify(struct verification *verification, const struct cms_message *message)
{
	struct content_source source = { verification, message };
	struct cms_content content = { .digest = content_digest, .context = &source };
	struct cms_certificates certificates;
	int r = cms_certificates_read(message, &certificates);

	for (size_t i = 0; r == 0 && i < message->signers_count; i++) {
		struct signature_facts facts;

		if ((r = cms_signer_verify(message, &message->signers[i], &certificates, &content, CMS_RULES_CADES, &facts)) == 0)
			r = signer_report(verification, &facts, certificates.stack);
	}
	cms_certificates_free(&certificates);
	return r;
}

int
verify_cades(struct verification *verification)
{
	struct cms_message *message = calloc(1, sizeof(*message));
	int r = message == NULL ? ERR_INTERNAL : cms_read(verification->data, verification->size, false, message);

	if (r == ERR_DOCUMENT_INVALID) {
		verification->detail = "no CMS SignedData, or a damaged one";
	} else if (r == 0 && message->end != verification->data + verification->size) {
		verification->detail = "bytes after the CMS";
		r = ERR_DOCUMENT_INVALID;
	} else if (r == 0 && message->content.start != NULL && verification->content_fd >= 0) {
		verification->detail = "the signature carries its content: give no other";
		r = ERR_DOCUMENT_INVALID;
	}
	if (r == 0 && cJSON_AddStringToObject(verification->result, "format", "cades") == NULL)
		r = ERR_INTERNAL;
	if (r == 0)
		r = message_verify(verification, message);
	free(message);
	return r;
}
