/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/pades_update.c: the update that signing adds: signature dictionary, field, form, page (ISO 32000-1 12.8). */
#include "pdf/pades_update.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "pdf/form.h"
#include "pdf/import.h"

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

/* Field and widget in one; without an appearance hidden from view. F 132 is Print and Locked. */
static int
field_append(struct pdf_update *update, uint32_t number, uint32_t signature, const struct pdf_form *form, const struct pades_appearance *appearance,
    uint32_t picture)
{
	struct buf *out = &update->out;
	char text[160];
	int r;

	if ((r = pdf_update_begin(update, number, 0)) != 0)
		return r;
	snprintf(text, sizeof(text), "<</Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T (%s%" PRIu64 ")\n/F 132\n", SIGNATURE_NAME,
	    form->names_used + 1);
	buf_append_string(out, text);
	if (appearance == NULL) {
		buf_append_string(out, "/Rect [0 0 0 0]");
	} else {
		snprintf(text, sizeof(text), "/Rect [%.2f %.2f %.2f %.2f]\n/AP <</N ", appearance->left, appearance->bottom, appearance->right, appearance->top);
		buf_append_string(out, text);
		pdf_reference_append(out, picture, 0);
		buf_append_string(out, ">>");
	}
	buf_append_string(out, "\n/V ");
	pdf_reference_append(out, signature, 0);
	buf_append_string(out, "\n/P ");
	pdf_reference_append(out, form->page_reference.number, form->page_reference.generation);
	buf_append_string(out, ">>");
	pdf_update_end(update);
	return 0;
}

/* Rewrites an indirect object as dict with some entries changed. */
static int
dict_update(struct pdf_update *update, const struct pdf_value *reference, const struct pdf_value *dict,
    const struct pdf_entry_text *entries, size_t count)
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

/* Puts the widget on the page: into the array where it is an object of its own, else into the page. */
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
	if (r == 0 && (fields.failed || flags.failed))
		r = ERR_TOO_LARGE;
	if (r == 0 && !(own_array && flagged))
		r = form_place(update, form, entries, own_array ? 1 : 2);
	buf_clear(&fields);
	buf_clear(&flags);
	return r;
}

/* The appearance that was asked for, if its place is free. */
static const struct pades_appearance *
appearance_of(const struct pades_request *request, const struct pdf_form *form)
{
	return form->annotations.type == PDF_NULL || (request->appearance != NULL && request->appearance->kept) ? request->appearance : NULL;
}

int
pades_update_build(struct pdf *pdf, const struct pades_request *request, struct pades_update *ret_update)
{
	struct pades_update built;
	struct pdf_form form;
	char range[BYTE_RANGE_WIDTH + 1];
	uint64_t before, after, end;
	size_t range_at;
	uint32_t signature, field, picture = 0;
	const struct pades_appearance *appearance;
	int r, n;

	if ((r = pdf_form_read(pdf, request->appearance != NULL ? request->appearance->page : 1, &form)) != 0)
		return r;
	appearance = appearance_of(request, &form);
	pdf_update_init(&built.update, pdf);
	signature = pdf_update_number(&built.update);
	field = pdf_update_number(&built.update);
	if (appearance != NULL) {
		picture = pdf_update_number(&built.update);
		r = pdf_import_page(&built.update, appearance->picture, picture, appearance->right - appearance->left, appearance->top - appearance->bottom);
	}
	if (r != 0 || (r = signature_append(&built.update, signature, request, &range_at, &built.contents)) != 0 ||
	    (r = field_append(&built.update, field, signature, &form, appearance, picture)) != 0 || (r = form_update(&built.update, &form, field)) != 0 ||
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
