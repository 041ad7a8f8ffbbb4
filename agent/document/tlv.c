/* SPDX-License-Identifier: Apache-2.0 */
/* document/tlv.c: headers are read by OpenSSL; the end of an indefinite length is found without recursion and within limits. */
#include "document/tlv.h"

#include <string.h>
#include <openssl/asn1.h>

#include "base/err.h"

#define HEADER_ERROR 0x80
#define HEADER_INDEFINITE 0x01

/* Reads tag and length; the content must end before end. An indefinite element gets no end yet. */
static int
header_read(const unsigned char *p, const unsigned char *end, struct tlv *ret)
{
	const unsigned char *content = p;
	long len;
	int tag, class, flags;

	if (p >= end)
		return ERR_DOCUMENT_INVALID;
	flags = ASN1_get_object(&content, &len, &tag, &class, (long)(end - p));
	if (flags & HEADER_ERROR)
		return ERR_DOCUMENT_INVALID;
	*ret = (struct tlv){ .tag = tag, .class = class, .constructed = (flags & V_ASN1_CONSTRUCTED) != 0,
		.indefinite = (flags & HEADER_INDEFINITE) != 0, .start = p, .content = content };
	if (!ret->indefinite) {
		ret->content_end = content + len;
		ret->end = content + len;
	}
	return 0;
}

static bool
is_end_of_contents(const struct tlv *element)
{
	return element->class == V_ASN1_UNIVERSAL && element->tag == V_ASN1_EOC && !element->constructed && element->content == element->end;
}

/* Looks for the end-of-contents that closes an indefinite element. */
static int
indefinite_close(struct tlv *element, const unsigned char *end)
{
	const unsigned char *p = element->content;
	unsigned depth = 1, count = 0;
	struct tlv inner;
	int r;

	while ((r = header_read(p, end, &inner)) == 0) {
		if (++count > TLV_ELEMENTS_MAX)
			return ERR_TOO_LARGE;
		if (inner.indefinite) {
			if (++depth > TLV_DEPTH_MAX)
				return ERR_TOO_LARGE;
			p = inner.content;
			continue;
		}
		if (is_end_of_contents(&inner) && --depth == 0) {
			element->content_end = inner.start;
			element->end = inner.end;
			return 0;
		}
		p = inner.end;
	}
	return r;
}

struct tlv_cursor
tlv_inside(const struct tlv *element, bool der)
{
	return (struct tlv_cursor){ element->content, element->content_end, der };
}

int
tlv_next(struct tlv_cursor *c, struct tlv *ret)
{
	struct tlv element;
	int r;

	if (c->p == c->end)
		return 0;
	if ((r = header_read(c->p, c->end, &element)) != 0)
		return r;
	if (c->der && (element.indefinite || ASN1_object_size(element.constructed, (int)(element.content_end - element.content), element.tag) !=
	    element.end - element.start))
		return ERR_DOCUMENT_INVALID;
	if (element.indefinite && (r = indefinite_close(&element, c->end)) != 0)
		return r;
	/* A lone end-of-contents closes nothing. */
	if (is_end_of_contents(&element))
		return ERR_DOCUMENT_INVALID;
	c->p = element.end;
	*ret = element;
	return 1;
}

bool
tlv_take(struct tlv_cursor *c, int class, int tag, bool constructed, struct tlv *ret)
{
	struct tlv_cursor ahead = *c;
	struct tlv element;

	if (tlv_next(&ahead, &element) != 1 || element.class != class || element.tag != tag || element.constructed != constructed)
		return false;
	*c = ahead;
	*ret = element;
	return true;
}

bool
tlv_take_universal(struct tlv_cursor *c, int tag, struct tlv *ret)
{
	return tlv_take(c, V_ASN1_UNIVERSAL, tag, tag == V_ASN1_SEQUENCE || tag == V_ASN1_SET, ret);
}

bool
tlv_at_end(const struct tlv_cursor *c)
{
	return c->p == c->end;
}

size_t
tlv_content_len(const struct tlv *element)
{
	return (size_t)(element->content_end - element->content);
}

bool
tlv_is(const struct tlv *element, const void *bytes, size_t len)
{
	return tlv_content_len(element) == len && memcmp(element->content, bytes, len) == 0;
}
