/* SPDX-License-Identifier: Apache-2.0 */
/* document/pades.c: PAdES B-B (EN 319 142-1): an invisible signature field in an incremental update, and a CMS in its /Contents. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "document/cms.h"
#include "document/file.h"
#include "document/job.h"
#include "document/pades.h"
#include "document/pdf_form.h"

#define TEXT_MAX 4096			/* bytes of /Reason and of /Location */
#define CONTENTS_ROOM 8192u		/* bytes of CMS beyond the signature: a signature time-stamp may be added (level B-T) */
#define BYTE_RANGE_WIDTH 32		/* "0 a b c", padded: each of them has at most 10 digits */
#define SIGNATURES_EXIST_APPEND_ONLY 3u	/* /SigFlags (ISO 32000-1 table 219) */

/* The dictionary that the CMS goes into; EN 319 142-1 5.3: no /Cert, and the time stands in /M. Offsets are into update->out. */
static int
signature_append(struct pdf_update *update, uint32_t number, const struct pades_request *request, size_t *ret_range, size_t *ret_contents)
{
	struct buf *out = &update->out;
	char date[sizeof("(D:20261124083000Z)")];
	unsigned char *zeros;
	struct tm tm;
	int r;

	if (gmtime_r(&request->time, &tm) == NULL || strftime(date, sizeof(date), "(D:%Y%m%d%H%M%SZ)", &tm) == 0)
		return ERR_INTERNAL;
	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	buf_append_string(out, "<</Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /ETSI.CAdES.detached\n/M ");
	buf_append_string(out, date);
	if (request->reason != NULL) {
		buf_append_string(out, "\n/Reason ");
		pdf_text_append(out, request->reason);
	}
	if (request->location != NULL) {
		buf_append_string(out, "\n/Location ");
		pdf_text_append(out, request->location);
	}
	buf_append_string(out, "\n/ByteRange [");
	*ret_range = out->len;
	for (int i = 0; i < BYTE_RANGE_WIDTH; i++)
		buf_append(out, " ", 1);
	buf_append_string(out, "]\n/Contents <");
	*ret_contents = out->len;
	if ((zeros = buf_reserve(out, 2 * request->contents_room)) == NULL)
		return ERR_TOO_LARGE;
	memset(zeros, '0', 2 * request->contents_room);
	out->len += 2 * request->contents_room;
	buf_append_string(out, ">>>");
	pdf_update_end(update);
	return 0;
}

/* Field and widget in one: hidden from view, F 132 is Print and Locked. */
static int
field_append(struct pdf_update *update, uint32_t number, uint32_t signature, const struct pdf_form *form)
{
	struct buf *out = &update->out;
	char text[160];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	snprintf(text, sizeof(text), "<</Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (%s%" PRIu64 ")\n/F 132\n/Rect [0 0 0 0]\n/V ", SIGNATURE_NAME,
	    form->names_used + 1);
	buf_append_string(out, text);
	pdf_reference_append(out, signature, 0);
	buf_append_string(out, "\n/P ");
	pdf_reference_append(out, form->page_reference.number, form->page_reference.generation);
	buf_append_string(out, ">>");
	pdf_update_end(update);
	return 0;
}

/* Rewrites an indirect object as dict with some entries changed. */
static int
dict_update(struct pdf_update *update, const struct pdf_value *reference, const struct pdf_value *dict, const struct pdf_entry_text *entries,
    size_t count)
{
	int r;

	if ((r = pdf_update_begin(update, reference->number, reference->generation)) != 0 ||
	    (r = pdf_dict_rewrite(&update->out, dict, entries, count)) != 0)
		return r;
	pdf_update_end(update);
	return 0;
}

static int
array_update(struct pdf_update *update, const struct pdf_value *reference, const struct pdf_value *array, uint32_t number)
{
	int r;

	if ((r = pdf_update_begin(update, reference->number, reference->generation)) != 0)
		return r;
	pdf_array_extend(&update->out, array, number);
	pdf_update_end(update);
	return 0;
}

/* Puts the widget on the first page: into the array where it is an object of its own, else into the page. */
static int
page_update(struct pdf_update *update, const struct pdf_form *form, uint32_t field)
{
	struct buf text;
	const struct pdf_entry_text entry = { "Annots", &text };
	int r;

	if (form->annotations_entry.type == PDF_REFERENCE)
		return array_update(update, &form->annotations_entry, &form->annotations, field);
	buf_init(&text, PDF_UPDATE_MAX);
	pdf_array_extend(&text, &form->annotations, field);
	r = text.failed ? ERR_TOO_LARGE : dict_update(update, &form->page_reference, &form->page, &entry, 1);
	buf_clear(&text);
	return r;
}

/* The form's own object where it has one; a direct one lives in the catalog; where there is none it gets a new object. */
static int
form_place(struct pdf_update *update, const struct pdf_form *form, const struct pdf_entry_text *entries, size_t count)
{
	struct pdf_value reference = form->form_entry;
	struct buf text;
	const struct pdf_entry_text entry = { "AcroForm", &text };
	int r = 0;

	if (reference.type == PDF_REFERENCE)
		return dict_update(update, &reference, &form->form, entries, count);
	buf_init(&text, PDF_UPDATE_MAX);
	if (reference.type == PDF_NULL) {
		reference.number = pdf_update_number(update);
		reference.generation = 0;
		pdf_reference_append(&text, reference.number, 0);
		r = dict_update(update, &reference, &form->form, entries, count);
	} else {
		r = pdf_dict_rewrite(&text, &form->form, entries, count);
	}
	if (r == 0)
		r = text.failed ? ERR_TOO_LARGE : dict_update(update, &form->catalog_reference, &form->catalog, &entry, 1);
	buf_clear(&text);
	return r;
}

static int
form_update(struct pdf_update *update, const struct pdf_form *form, uint32_t field)
{
	bool own_array = form->fields_entry.type == PDF_REFERENCE;
	bool flagged = (form->flags & SIGNATURES_EXIST_APPEND_ONLY) == SIGNATURES_EXIST_APPEND_ONLY;
	struct buf fields, flags;
	const struct pdf_entry_text entries[] = { { "SigFlags", &flags }, { "Fields", &fields } };
	char number[24];
	int r = 0;

	buf_init(&fields, PDF_UPDATE_MAX);
	buf_init(&flags, sizeof(number));
	snprintf(number, sizeof(number), "%" PRIu64, form->flags | SIGNATURES_EXIST_APPEND_ONLY);
	buf_append_string(&flags, number);
	if (own_array)
		r = array_update(update, &form->fields_entry, &form->fields, field);
	else
		pdf_array_extend(&fields, &form->fields, field);
	if (r == 0 && fields.failed)
		r = ERR_TOO_LARGE;
	if (r == 0 && !(own_array && flagged))
		r = form_place(update, form, entries, own_array ? 1 : 2);
	buf_clear(&fields);
	buf_clear(&flags);
	return r;
}

int
pades_update_build(struct pdf *pdf, const struct pades_request *request, struct pades_update *ret_update)
{
	struct pades_update built;
	struct pdf_form form;
	char range[BYTE_RANGE_WIDTH + 1];
	uint64_t before, after, end;
	size_t range_at;
	uint32_t signature, field;
	int r, n;

	if ((r = pdf_form_read(pdf, &form)) != 0)
		return r;
	pdf_update_init(&built.update, pdf);
	signature = pdf_update_number(&built.update);
	field = pdf_update_number(&built.update);
	if ((r = signature_append(&built.update, signature, request, &range_at, &built.contents)) != 0 ||
	    (r = field_append(&built.update, field, signature, &form)) != 0 || (r = form_update(&built.update, &form, field)) != 0 ||
	    (r = page_update(&built.update, &form, field)) != 0 || (r = pdf_update_close(&built.update)) != 0)
		goto out;
	/* Everything but the string itself is signed; its brackets are not (12.8.1). */
	before = pdf->size + built.contents - 1;
	after = pdf->size + built.contents + 2 * request->contents_room + 1;
	end = pdf->size + built.update.out.len;
	n = snprintf(range, sizeof(range), "0 %" PRIu64 " %" PRIu64 " %" PRIu64, before, after, end - after);
	if (n < 0 || n > BYTE_RANGE_WIDTH) {
		r = ERR_TOO_LARGE;
		goto out;
	}
	memcpy(built.update.out.data + range_at, range, (size_t)n);
	*ret_update = built;
	return 0;
out:
	pdf_update_clear(&built.update);
	return r;
}

/* Copies the file, then writes the update behind it, hashing all but the gap for the CMS. */
static int
revision_write(struct job *job, const struct pades_update *built)
{
	const struct buf *out = &built->update.out;
	size_t after = built->contents + 2 * job->contents_room + 1;
	EVP_MD_CTX *ctx = digest_new(job->signer.md);
	int r = ERR_INTERNAL;

	if (ctx == NULL || (r = file_pass(job->input, job->input_size, ctx, job->output, 0)) != 0 ||
	    (r = file_write(job->output, job->input_size, out->data, out->len)) != 0)
		goto out;
	if (EVP_DigestUpdate(ctx, out->data, built->contents - 1) != 1 || EVP_DigestUpdate(ctx, out->data + after, out->len - after) != 1 ||
	    EVP_DigestFinal_ex(ctx, job->content_digest, NULL) != 1)
		r = ERR_INTERNAL;
out:
	EVP_MD_CTX_free(ctx);
	return r;
}

static int
request_read(struct job *job, const cJSON *json, struct pades_request *request)
{
	unsigned char digest[EVP_MAX_MD_SIZE], zeros[EVP_MAX_MD_SIZE] = { 0 };
	CMS_ContentInfo *cms = NULL;
	size_t size;
	int r;

	*request = (struct pades_request){ .time = job->time, .reason = json_string(json, "reason"), .location = json_string(json, "location") };
	if ((request->reason != NULL && strlen(request->reason) > TEXT_MAX) || (request->location != NULL && strlen(request->location) > TEXT_MAX))
		return ERR_INVALID_PARAMS;
	/* How long the CMS gets does not depend on what it signs. */
	if ((r = cms_prepare(&job->signer, zeros, NULL, digest, &cms)) != 0)
		return r;
	size = cms_size_max(cms, &job->signer);
	CMS_ContentInfo_free(cms);
	job->contents_room = request->contents_room = size + CONTENTS_ROOM;
	return size == 0 ? ERR_INTERNAL : 0;
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
	if ((r = pdf_open(&pdf, data, (size_t)job->input_size)) == 0 && (r = pades_update_build(&pdf, &request, &built)) == 0) {
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
