/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/xref.c: opens a PDF: the chain of cross-reference sections from the newest to the oldest (ISO 32000-1 7.5.4 to 7.5.8). */
#include "pdf/xref.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define TAIL_MAX 1024u		/* where readers look for startxref */
#define OBJECT_HEAD_MAX 64u	/* bytes from an entry's offset to the end of "N G obj" */

int
pdf_refuse(struct pdf *pdf, int err, const char *detail)
{
	if (pdf->detail == NULL)
		pdf->detail = detail;
	return err;
}

int
pdf_scan_note(struct pdf *pdf, size_t len)
{
	pdf->scanned += len;
	return pdf->scanned > PDF_SCANNED_MAX ? pdf_refuse(pdf, ERR_TOO_LARGE, "the document's structure is too large") : 0;
}

int
pdf_entry_add(struct pdf *pdf, uint64_t number, enum pdf_entry_kind kind, uint64_t where, uint32_t detail)
{
	struct pdf_entry *entry;

	if (number >= PDF_NUMBERS_MAX || ++pdf->entries_read > PDF_ENTRIES_MAX)
		return pdf_refuse(pdf, ERR_TOO_LARGE, "too many objects");
	if (number >= pdf->entries_count) {
		size_t count = pdf->entries_count < 64 ? 64 : pdf->entries_count * 2;
		struct pdf_entry *entries;

		while (count <= number)
			count *= 2;
		if ((entries = realloc(pdf->entries, count * sizeof(*entries))) == NULL)
			return ERR_INTERNAL;
		memset(entries + pdf->entries_count, 0, (count - pdf->entries_count) * sizeof(*entries));
		pdf->entries = entries;
		pdf->entries_count = count;
	}
	entry = &pdf->entries[number];
	if (entry->kind == PDF_ENTRY_NONE)
		*entry = (struct pdf_entry){ where, detail, kind };
	if (number >= pdf->next_number)
		pdf->next_number = (uint32_t)number + 1;
	return 0;
}

/* Finds "startxref N %%EOF" at the end of the file. */
static int
startxref_read(struct pdf *pdf)
{
	static const char word[] = "startxref";
	const unsigned char *tail = pdf->data + (pdf->size > TAIL_MAX ? pdf->size - TAIL_MAX : 0), *p, *found = NULL;
	struct pdf_cursor c = { NULL, pdf->data + pdf->size };

	for (p = tail; (p = memmem(p, (size_t)(c.end - p), word, sizeof(word) - 1)) != NULL; p++)
		found = p;
	if (found == NULL)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "the file does not end with startxref: cut off?");
	c.p = found + sizeof(word) - 1;
	while (c.p < c.end && pdf_is_space(*c.p))
		c.p++;
	if (!pdf_take_number(&c, pdf->size - 1, &pdf->startxref))
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "startxref is no offset in the file");
	while (c.p < c.end && pdf_is_space(*c.p))
		c.p++;
	/* Bytes after the end mark are no part of any revision, and yet would be signed. */
	if (c.end - c.p < 5 || memcmp(c.p, "%%EOF", 5) != 0)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "no %%EOF after startxref");
	for (c.p += 5; c.p < c.end && pdf_is_space(*c.p); c.p++)
		;
	return c.p == c.end ? 0 : pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "bytes after the last %%EOF");
}

/* Reads the section at an offset. */
static int
section_read(struct pdf *pdf, uint64_t offset, bool *ret_is_stream, struct pdf_value *ret_trailer)
{
	struct pdf_cursor c = { pdf->data + offset, pdf->data + pdf->size };
	int r;

	while (c.p < c.end && pdf_is_space(*c.p))
		c.p++;
	*ret_is_stream = !pdf_take_word(&c, "xref");
	r = *ret_is_stream ? pdf_xref_stream_read(pdf, (uint64_t)(c.p - pdf->data), ret_trailer) : pdf_xref_table_read(pdf, &c, ret_trailer);
	if (r == 0)
		r = pdf_scan_note(pdf, (size_t)(ret_trailer->end - ret_trailer->start));
	return r != 0 ? pdf_refuse(pdf, r, "a cross-reference section can't be read") : 0;
}

/* The next older section's offset: 1 and *ret_offset, 0 when this is the oldest. */
static int
section_previous(struct pdf *pdf, const struct pdf_value *trailer, uint64_t *ret_offset)
{
	struct pdf_value previous;
	int r;

	if ((r = pdf_dict_get(trailer, "Prev", &previous)) != 0)
		return pdf_refuse(pdf, r, "/Prev stands there twice");
	if (previous.type == PDF_NULL)
		return 0;
	if (!pdf_unsigned(&previous, pdf->size - 1, ret_offset))
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "/Prev is no offset in the file");
	return 1;
}

static int
sections_read(struct pdf *pdf)
{
	uint64_t *seen = malloc(PDF_SECTIONS_MAX * sizeof(*seen)), offset = pdf->startxref;
	struct pdf_value trailer, encrypt;
	bool is_stream;
	int r;

	if ((pdf->sections = seen) == NULL)
		return ERR_INTERNAL;

	for (size_t count = 0; ; count++) {
		if (count == PDF_SECTIONS_MAX)
			return pdf_refuse(pdf, ERR_TOO_LARGE, "too many revisions");
		for (size_t i = 0; i < count; i++)
			if (seen[i] == offset)
				return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "the cross-reference sections form a loop");
		seen[count] = offset;
		pdf->sections_count = count + 1;
		if ((r = section_read(pdf, offset, &is_stream, &trailer)) != 0)
			return r;
		if ((r = pdf_dict_get(&trailer, "Encrypt", &encrypt)) != 0)
			return pdf_refuse(pdf, r, "/Encrypt stands there twice");
		if (encrypt.type != PDF_NULL)
			return ERR_DOCUMENT_ENCRYPTED;
		if (count == 0) {
			pdf->newest_is_stream = is_stream;
			pdf->trailer = trailer;
		}
		if ((r = section_previous(pdf, &trailer, &offset)) <= 0)
			return r;
	}
}

/* Object numbers from /Size on do not exist (7.5.5), yet many readers would look. */
static int
size_check(struct pdf *pdf)
{
	struct pdf_value value;
	uint64_t size;
	int r;

	if ((r = pdf_dict_get(&pdf->trailer, "Size", &value)) != 0 || !pdf_unsigned(&value, PDF_NUMBERS_MAX, &size))
		return pdf_refuse(pdf, r != 0 ? r : ERR_DOCUMENT_INVALID, "the trailer has no /Size");
	for (size_t i = (size_t)size; i < pdf->entries_count; i++)
		if (pdf->entries[i].kind == PDF_ENTRY_OFFSET || pdf->entries[i].kind == PDF_ENTRY_COMPRESSED)
			return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "an object's number is not below /Size");
	if (size > pdf->next_number)
		pdf->next_number = (uint32_t)size;
	return 0;
}

/* "N G obj" must stand where the entry says. */
static bool
entry_points_at_object(const struct pdf *pdf, size_t number)
{
	const struct pdf_entry *entry = &pdf->entries[number];
	struct pdf_cursor c = { pdf->data, pdf->data + pdf->size };
	uint64_t n, generation;

	if (entry->where >= pdf->size)
		return false;
	c.p += entry->where;
	if (c.end - c.p > OBJECT_HEAD_MAX)
		c.end = c.p + OBJECT_HEAD_MAX;
	pdf_skip_space(&c);
	if (!pdf_take_number(&c, PDF_NUMBERS_MAX, &n) || n != number)
		return false;
	pdf_skip_space(&c);
	if (!pdf_take_number(&c, PDF_GENERATION_MAX, &generation) || generation != entry->detail)
		return false;
	pdf_skip_space(&c);
	return c.end - c.p >= 3 && memcmp(c.p, "obj", 3) == 0;
}

static int
entries_check(struct pdf *pdf)
{
	for (size_t i = 0; i < pdf->entries_count; i++) {
		struct pdf_entry *entry = &pdf->entries[i];

		/* Some writers leave unused numbers "in use" at offset 0, where no object can be: readers agree that there is none. */
		if (entry->kind == PDF_ENTRY_OFFSET && entry->where == 0)
			entry->kind = PDF_ENTRY_FREE;
		if (entry->kind == PDF_ENTRY_OFFSET && !entry_points_at_object(pdf, i))
			return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a cross-reference entry does not point at its object");
		if (entry->kind == PDF_ENTRY_COMPRESSED &&
		    (entry->where >= pdf->entries_count || pdf->entries[entry->where].kind != PDF_ENTRY_OFFSET))
			return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a cross-reference entry names no object stream");
	}
	return 0;
}

int
pdf_open(struct pdf *pdf, const unsigned char *data, size_t size)
{
	int r;

	*pdf = (struct pdf){ .data = data, .size = size };
	/* With bytes before the header, some readers count offsets from it and some from the file's start. */
	if (size < 5 || memcmp(data, "%PDF-", 5) != 0)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "the file does not begin as a PDF");
	if ((r = startxref_read(pdf)) != 0 || (r = sections_read(pdf)) != 0 || (r = size_check(pdf)) != 0)
		return r;
	return entries_check(pdf);
}
