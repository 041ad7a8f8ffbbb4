/* SPDX-License-Identifier: Apache-2.0 */
/* document/verify.c: maps the file, tells its format by its first bytes, and leaves the rest to that. */
#include "document/verify.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "document/file.h"

#define PIECE ((size_t)4 << 20)

int
verification_hash(struct verification *verification, EVP_MD_CTX *ctx, uint64_t offset, size_t len)
{
	if (offset < verification->released)
		verification->released = offset;
	while (len > 0) {
		size_t n = len < PIECE ? len : PIECE;

		if (EVP_DigestUpdate(ctx, verification->data + offset, n) != 1)
			return ERR_INTERNAL;
		offset += n;
		len -= n;
		/* The file's pages stay in the system's cache; this process gives them back. */
		if (offset - verification->released >= PIECE) {
			uint64_t from = verification->released & ~(uint64_t)4095;

			madvise((void *)(uintptr_t)(verification->data + from), (size_t)(offset - from), MADV_DONTNEED);
			verification->released = offset;
		}
	}
	return 0;
}

static bool
starts_with(const struct verification *verification, const char *text)
{
	size_t len = strlen(text);

	return verification->size >= len && memcmp(verification->data, text, len) == 0;
}

/* PDF, CMS (a SEQUENCE), or one of the formats that are to come: XML (XAdES), ZIP (ASiC-E), JSON and compact JWS (JAdES). */
static int
format_choose(struct verification *verification)
{
	if (starts_with(verification, "%PDF-"))
		return verify_pades(verification);
	if (verification->size > 0 && verification->data[0] == 0x30)
		return verify_cades(verification);
	if (starts_with(verification, "<") || starts_with(verification, "\xef\xbb\xbf<") || starts_with(verification, "PK\x03\x04") ||
	    starts_with(verification, "{") || starts_with(verification, "eyJ"))
		return ERR_ALGORITHM_UNSUPPORTED;
	verification->detail = starts_with(verification, "-----BEGIN") ? "PEM: the signature's DER is wanted" : "neither a PDF nor a CMS signature";
	return ERR_DOCUMENT_INVALID;
}

static int
mapped_verify(struct verification *verification)
{
	uint64_t size;
	void *data;
	int r;

	if ((r = file_size(verification->fd, &size)) != 0)
		return r;
	if (size == 0) {
		verification->detail = "an empty file";
		return ERR_DOCUMENT_INVALID;
	}
	if ((data = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, verification->fd, 0)) == MAP_FAILED)
		return ERR_INTERNAL;
	verification->data = data;
	verification->size = (size_t)size;
	r = format_choose(verification);
	munmap(data, (size_t)size);
	return r;
}

int
verify_document(struct helper_call *call, cJSON **ret_result)
{
	struct verification verification = { .fd = helper_take_fd(call, 0), .content_fd = helper_take_fd(call, 2), .now = time(NULL),
		.result = cJSON_CreateObject() };
	int trust_fd = helper_take_fd(call, 1), r = ERR_INVALID_PARAMS;

	verification.signatures = cJSON_AddArrayToObject(verification.result, "signatures");
	if (verification.signatures == NULL || verification.now == (time_t)-1)
		r = ERR_INTERNAL;
	else if (verification.fd >= 0 && (r = trust_read(trust_fd, &verification.trust)) == 0)
		r = mapped_verify(&verification);
	if (r == 0 && cJSON_GetArraySize(verification.signatures) == 0)
		r = ERR_NO_SIGNATURE;
	if (r == 0) {
		*ret_result = verification.result;
		verification.result = NULL;
	} else if (verification.detail != NULL && (call->error != NULL || (call->error = cJSON_CreateObject()) != NULL)) {
		cJSON_AddStringToObject(call->error, "detail", verification.detail);
	}
	cJSON_Delete(verification.result);
	trust_free(verification.trust);
	for (const int *fd = (const int[]){ verification.fd, trust_fd, verification.content_fd, -2 }; *fd != -2; fd++)
		if (*fd >= 0)
			close(*fd);
	return r;
}
