/* SPDX-License-Identifier: Apache-2.0 */
/* document/tlv.h: the elements of BER and DER (ITU-T X.690) as spans of bytes that somebody else owns; nothing is copied or re-encoded. */
#ifndef DOCUMENT_TLV_H
#define DOCUMENT_TLV_H

#include <stdbool.h>
#include <stddef.h>

#define TLV_DEPTH_MAX 16u		/* elements of indefinite length in each other */
#define TLV_ELEMENTS_MAX 4000000u	/* elements that are looked at to find one's end */

/* One element: tag and length in [start, content), its content in [content, content_end), and end behind it. */
struct tlv {
	int tag, class;
	bool constructed, indefinite;
	const unsigned char *start, *content, *content_end, *end;
};

/* Where reading stands. */
struct tlv_cursor {
	const unsigned char *p, *end;
	bool der;		/* only definite lengths in their shortest form */
};

/* The content of an element, to walk over. */
struct tlv_cursor tlv_inside(const struct tlv *element, bool der);

/* 1: *ret is the next element, 0: there is none, negative: ERR_DOCUMENT_INVALID (malformed) or ERR_TOO_LARGE (the limits above). */
int tlv_next(struct tlv_cursor *c, struct tlv *ret);

/* Takes the next element if it is this one; false, and nothing taken, when it is another, malformed or missing. */
bool tlv_take(struct tlv_cursor *c, int class, int tag, bool constructed, struct tlv *ret);

/* The same for universal SEQUENCE and SET (constructed), and for the primitive types. */
bool tlv_take_universal(struct tlv_cursor *c, int tag, struct tlv *ret);

bool tlv_at_end(const struct tlv_cursor *c);

/* Whether the element's content is exactly these bytes. */
bool tlv_is(const struct tlv *element, const void *bytes, size_t len);

size_t tlv_content_len(const struct tlv *element);

#endif
