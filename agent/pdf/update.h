/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/update.h: an incremental update (ISO 32000-1 7.5.6): new and changed objects behind the file's own, untouched bytes. */
#ifndef PDF_UPDATE_H
#define PDF_UPDATE_H

#include "pdf/pdf.h"

#define PDF_UPDATE_MAX ((size_t)64 << 20)
#define PDF_UPDATE_OBJECTS_MAX 64

struct pdf_update {
	struct pdf *pdf;
	struct buf out;			/* what follows the file's last byte */
	uint64_t between;		/* bytes that are to stand among those of out, from elsewhere: whoever writes it knows where */
	uint32_t next_number;
	const unsigned char *id;	/* 16 bytes for /ID; NULL: random ones */
	size_t count;
	struct {
		uint32_t number, generation;
		uint64_t offset;
	} objects[PDF_UPDATE_OBJECTS_MAX];
};

/* One entry of a dictionary that is rewritten: its value's text as PDF. */
struct pdf_entry_text {
	const char *key;
	const struct buf *text;
};

/* Begins an update of an opened file, which it borrows. Pair with pdf_update_clear(). */
void pdf_update_init(struct pdf_update *update, struct pdf *pdf);
void pdf_update_clear(struct pdf_update *update);

/* An object number that nobody has used. */
uint32_t pdf_update_number(struct pdf_update *update);

/*
 * Begin and end an object; its text goes to update->out between the two.  Each number once: an object that would be needed in two
 * roles is ERR_DOCUMENT_INVALID.
 */
int pdf_update_begin(struct pdf_update *update, uint32_t number, uint32_t generation);
void pdf_update_end(struct pdf_update *update);

/* Appends dict (PDF_NULL: an empty one) with count entries replaced or added; the others stay byte for byte. 0 or ERR_DOCUMENT_INVALID. */
int pdf_dict_rewrite(struct buf *out, const struct pdf_value *dict, const struct pdf_entry_text *entries, size_t count);

/* Appends array (PDF_NULL: an empty one) with a reference at its end. */
void pdf_array_extend(struct buf *out, const struct pdf_value *array, uint32_t number);

/* Appends "N G R". */
void pdf_reference_append(struct buf *out, uint32_t number, uint32_t generation);

/* Writes the cross-reference section, of the kind that the newest one in the file has, and the end. 0, ERR_TOO_LARGE or ERR_INTERNAL. */
int pdf_update_close(struct pdf_update *update);

#endif
