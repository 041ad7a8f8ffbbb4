/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/pdf.h: a PDF file opened strictly: what its cross-references say is followed or the file is refused, never repaired. */
#ifndef PDF_PDF_H
#define PDF_PDF_H

#include "pdf/object.h"

#define PDF_SECTIONS_MAX 4096u			/* cross-reference sections: about one a revision */
#define PDF_ENTRIES_MAX (4u * PDF_NUMBERS_MAX)	/* cross-reference entries read over all sections */
#define PDF_STREAM_MAX ((size_t)64 << 20)	/* decoded bytes of one stream */
#define PDF_DECODED_MAX ((size_t)256 << 20)	/* decoded bytes of a document's streams that we read */
#define PDF_SCANNED_MAX ((size_t)512 << 20)	/* bytes of values that we look through, repeats counted: ends crafted files within seconds */
#define PDF_NODES_MAX 262144u			/* of the page tree, that we walk over */
#define PDF_FIELDS_MAX 32768u			/* of a form */
#define PDF_LOADING_MAX 8u			/* streams that need a further stream to be read */
#define PDF_STREAM_BUCKETS 1024u

enum pdf_entry_kind { PDF_ENTRY_NONE, PDF_ENTRY_FREE, PDF_ENTRY_OFFSET, PDF_ENTRY_COMPRESSED };

struct pdf_entry {
	uint64_t where;		/* offset of the object, or number of the object stream that holds it */
	uint32_t detail;	/* generation, or index in that stream */
	enum pdf_entry_kind kind;
};

struct pdf_object_stream;

struct pdf {
	const unsigned char *data;	/* the whole file; borrowed */
	size_t size;
	struct pdf_entry *entries;	/* by object number */
	size_t entries_count, entries_read;
	uint64_t startxref;		/* offset of the newest section */
	uint64_t *sections;		/* offsets of all sections, the newest first; of a hybrid one its table's */
	size_t sections_count, hybrids;	/* hybrids: how many of them have an /XRefStm */
	bool newest_is_stream;
	struct pdf_value trailer;	/* of the newest section */
	uint32_t next_number;		/* the first object number that nobody uses */
	struct pdf_object_stream *streams[PDF_STREAM_BUCKETS];	/* decoded ones, by number */
	size_t decoded, scanned;
	unsigned loading;
	const char *detail;		/* English, static: why it was refused */
};

/* A top-level object: its value, and where its bytes begin when it is a stream. */
struct pdf_object {
	struct pdf_value value;
	const unsigned char *stream;	/* first byte after the keyword's line end, or NULL */
};

/*
 * Reads all cross-references of the file and checks that each points at its object.  Borrows data until pdf_close(), which the caller
 * calls in every case.  0, ERR_DOCUMENT_INVALID, ERR_DOCUMENT_ENCRYPTED, ERR_TOO_LARGE or ERR_INTERNAL.
 */
int pdf_open(struct pdf *pdf, const unsigned char *data, size_t size);

void pdf_close(struct pdf *pdf);

/* Notes why, unless a reason stands already, and returns err. */
int pdf_refuse(struct pdf *pdf, int err, const char *detail);

/* Counts bytes towards PDF_SCANNED_MAX. 0 or ERR_TOO_LARGE. */
int pdf_scan_note(struct pdf *pdf, size_t len);

/* Reads the indirect object that stands at an offset; 0 or as pdf_value_read(). */
int pdf_object_at(struct pdf *pdf, uint64_t offset, uint32_t number, uint32_t generation, struct pdf_object *ret_object);

/* Reads the object that a reference names; one that does not exist reads as PDF_NULL (7.3.10). */
int pdf_object_read(struct pdf *pdf, const struct pdf_value *reference, struct pdf_object *ret_object);

/* Follows references, if value is one, to a direct value. */
int pdf_resolve(struct pdf *pdf, const struct pdf_value *value, struct pdf_value *ret_value);

/* pdf_dict_get() and pdf_resolve() in one. */
int pdf_get(struct pdf *pdf, const struct pdf_value *dict, const char *key, struct pdf_value *ret_value);

/* The encoded bytes of a stream object: /Length of them, and then "endstream" must stand. 0, ERR_DOCUMENT_INVALID or as pdf_get(). */
int pdf_stream_extent(struct pdf *pdf, const struct pdf_object *object, struct pdf_cursor *ret_bytes);

/*
 * The decoded bytes of a stream object (no filter or FlateDecode, with predictors).  The caller frees *ret_data; it counts towards
 * PDF_DECODED_MAX.  A stream with any other filter is ERR_DOCUMENT_INVALID: those that we must read have none.
 */
int pdf_stream_decode(struct pdf *pdf, const struct pdf_object *object, unsigned char **ret_data, size_t *ret_len);

#endif
