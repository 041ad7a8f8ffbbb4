/* SPDX-License-Identifier: Apache-2.0 */
/* document/pades.c: PAdES B-B (EN 319 142-1): copies the file with its update, then puts the CMS into /Contents. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "document/cms.h"
#include "document/file.h"
#include "document/job.h"
#include "document/signature_picture.h"
#include "pdf/pades_update.h"
#include "pdf/place.h"

#define TEXT_MAX 4096			/* bytes of /Reason and of /Location */
#define PICTURE_MAX ((size_t)1 << 20)	/* bytes of what is seen of a signature */
#define COORDINATE_MAX 14400.0		/* points (ISO 32000-1 Annex C) */
#define OFFSET_MAX (14 * 3600)		/* seconds from UTC */
#define CONTENTS_ROOM 8192u		/* bytes of CMS beyond the signature: a signature time-stamp may be added (level B-T) */

/* Copies the file, then writes the update behind it, hashing all but the gap for the CMS. */
static int
revision_write(struct job *job, const struct pades_update *built)
{
	const struct buf *out = &built->update.out;
	size_t after = built->contents + 2 * job->contents_room + 1;
	EVP_MD_CTX *ctx = digest_new(job->signer.md);
	int r = ERR_INTERNAL;

	if (ctx == NULL || (r = file_pass_sha256(job->input, job->input_size, ctx, job->output, job->input_sha256)) != 0 ||
	    (r = file_write(job->output, job->input_size, out->data, out->len)) != 0)
		goto out;
	if (EVP_DigestUpdate(ctx, out->data, built->contents - 1) != 1 || EVP_DigestUpdate(ctx, out->data + after, out->len - after) != 1 ||
	    EVP_DigestFinal_ex(ctx, job->content_digest, NULL) != 1)
		r = ERR_INTERNAL;
out:
	EVP_MD_CTX_free(ctx);
	return r;
}

/* How long the CMS gets does not depend on what it signs. */
static int
cms_measure(struct signer *signer)
{
	unsigned char digest[EVP_MAX_MD_SIZE], zeros[EVP_MAX_MD_SIZE] = { 0 };
	CMS_ContentInfo *cms = NULL;
	int r;

	if (signer->cms_max != 0)
		return 0;
	if ((r = cms_prepare(signer, zeros, NULL, digest, &cms)) != 0)
		return r;
	signer->cms_max = cms_size_max(cms, signer);
	CMS_ContentInfo_free(cms);
	return signer->cms_max == 0 ? ERR_INTERNAL : 0;
}

static int
request_read(struct job *job, const cJSON *json, struct pades_request *request)
{
	int r;

	*request = (struct pades_request){ .time = job->time, .reason = json_string(json, "reason"), .location = json_string(json, "location") };
	if ((request->reason != NULL && strlen(request->reason) > TEXT_MAX) || (request->location != NULL && strlen(request->location) > TEXT_MAX))
		return ERR_INVALID_PARAMS;
	if ((r = cms_measure(&job->signer)) != 0)
		return r;
	job->contents_room = request->contents_room = job->signer.cms_max + CONTENTS_ROOM;
	return 0;
}

/* Where a signature is seen: as asked for, or, without a rectangle, where the file keeps a place. 0; page 0: nowhere. */
static int
place_read(const cJSON *json, struct pdf *pdf, struct pades_appearance *appearance)
{
	const cJSON *rectangle = json_member(json, "rectangle");
	int64_t page = json_integer(json, "page", 0);
	struct pdf_place place;
	double corners[4];
	int r;

	*appearance = (struct pades_appearance){ .page = 0 };
	if (rectangle == NULL && json_member(json, "page") == NULL) {
		if ((r = pdf_place_read(pdf, &place)) == 0 && place.page > 0)
			*appearance = (struct pades_appearance){ NULL, place.page, place.left, place.bottom, place.right, place.top, true };
		return r;
	}
	for (int i = 0; i < 4; i++) {
		const cJSON *corner = cJSON_GetArrayItem(rectangle, i);

		if (!cJSON_IsNumber(corner) || !(corner->valuedouble >= 0 && corner->valuedouble <= COORDINATE_MAX))
			return ERR_INVALID_PARAMS;
		corners[i] = corner->valuedouble;
	}
	if (page < 1 || page > PDF_NODES_MAX || corners[0] >= corners[2] || corners[1] >= corners[3])
		return ERR_INVALID_PARAMS;
	*appearance = (struct pades_appearance){ NULL, (unsigned)page, corners[0], corners[1], corners[2], corners[3], false };
	return 0;
}

/* Builds the update; with the member "appearance" it may be seen. */
static int
update_build(struct job *job, const cJSON *json, struct pdf *pdf, struct pades_request *request, struct pades_update *ret_update)
{
	const cJSON *member = json_member(json, "appearance");
	const char *language = json_string(member, "language"), *origin = json_string(member, "origin");
	int64_t offset = json_integer(member, "offset", 0);
	struct pades_appearance appearance = { .page = 0 };
	struct buf picture;
	struct pdf drawn;
	int r;

	if (member != NULL && (language == NULL || origin == NULL || offset < -OFFSET_MAX || offset > OFFSET_MAX))
		return ERR_INVALID_PARAMS;
	if (member != NULL && (r = place_read(member, pdf, &appearance)) != 0)
		return r;
	if (appearance.page == 0)
		return pades_update_build(pdf, request, ret_update);
	buf_init(&picture, PICTURE_MAX);
	if ((r = signature_picture_draw(&(struct signature_picture){ .language = language, .origin = origin, .certificate = job->signer.certificate,
	    .time = job->time, .offset = (int)offset, .width = appearance.right - appearance.left, .height = appearance.top - appearance.bottom },
	    &picture)) == 0) {
		appearance.picture = &drawn;
		request->appearance = &appearance;
		r = pdf_open(&drawn, picture.data, picture.len) != 0 ? ERR_INTERNAL : pades_update_build(pdf, request, ret_update);
		request->appearance = NULL;
		pdf_close(&drawn);
	}
	buf_clear(&picture);
	return r;
}

static int
pades_prepare(struct job *job, const cJSON *json)
{
	struct pades_request request;
	struct pades_update built;
	struct pdf pdf;
	void *data;
	int r;

	if ((r = request_read(job, json, &request)) != 0)
		return r;
	if (job->input_size == 0) {
		job->detail = "an empty file";
		return ERR_DOCUMENT_INVALID;
	}
	if ((data = mmap(NULL, (size_t)job->input_size, PROT_READ, MAP_PRIVATE, job->input, 0)) == MAP_FAILED)
		return ERR_INTERNAL;
	if ((r = pdf_open(&pdf, data, (size_t)job->input_size)) == 0 && (r = update_build(job, json, &pdf, &request, &built)) == 0) {
		job->contents_offset = job->input_size + built.contents;
		if ((r = revision_write(job, &built)) == 0)
			r = cms_prepare(&job->signer, job->content_digest, NULL, job->digest, &job->cms);
		pdf_update_clear(&built.update);
	}
	job->detail = pdf.detail;
	pdf_close(&pdf);
	munmap(data, (size_t)job->input_size);
	close(job->input);
	job->input = -1;
	return r;
}

static int
pades_finish(struct job *job, const unsigned char *der, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";
	struct buf hex;
	int r = ERR_INTERNAL;

	buf_init(&hex, 2 * job->contents_room);
	for (size_t i = 0; i < len; i++) {
		const char pair[2] = { digits[der[i] >> 4], digits[der[i] & 15] };

		buf_append(&hex, pair, sizeof(pair));
	}
	/* The rest of the gap stays zeros. */
	if (!hex.failed)
		r = file_write(job->output, job->contents_offset, hex.data, hex.len);
	buf_clear(&hex);
	return r;
}

const struct signature_format format_pades = { "pades", pades_prepare, pades_finish };
