/* SPDX-License-Identifier: Apache-2.0 */
/* document/cms_attributes.c: finds attributes by their type and takes their single value. */
#include "document/cms_attributes.h"

#include <string.h>
#include <openssl/asn1.h>

#define PKCS9 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09

static const struct {
	unsigned char oid[12];
	size_t len, offset;
} known[] = {
	{ { PKCS9, 3 }, 9, offsetof(struct cms_attributes, content_type) },
	{ { PKCS9, 4 }, 9, offsetof(struct cms_attributes, message_digest) },
	{ { PKCS9, 5 }, 9, offsetof(struct cms_attributes, signing_time) },
	{ { PKCS9, 16, 2, 12 }, 11, offsetof(struct cms_attributes, certificate_v1) },
	{ { PKCS9, 16, 2, 47 }, 11, offsetof(struct cms_attributes, certificate_v2) },
};

/* Takes the next Attribute: its type, and its values to walk over. 1, 0 at the end, negative when malformed. */
static int
attribute_next(struct tlv_cursor *c, struct tlv *ret_type, struct tlv_cursor *ret_values)
{
	struct tlv_cursor inner;
	struct tlv attribute, values;
	int r;

	if ((r = tlv_next(c, &attribute)) != 1)
		return r;
	inner = tlv_inside(&attribute, c->der);
	if (attribute.class != V_ASN1_UNIVERSAL || attribute.tag != V_ASN1_SEQUENCE || !attribute.constructed ||
	    !tlv_take_universal(&inner, V_ASN1_OBJECT, ret_type) || !tlv_take_universal(&inner, V_ASN1_SET, &values) || !tlv_at_end(&inner))
		return -1;
	*ret_values = tlv_inside(&values, c->der);
	return 1;
}

bool
cms_attributes_read(const struct tlv *attributes, struct cms_attributes *ret_attributes)
{
	struct tlv_cursor c = tlv_inside(attributes, true), values;
	struct tlv type, value, further;
	int r;

	memset(ret_attributes, 0, sizeof(*ret_attributes));
	/* The element itself counts too: what is hashed is its encoding. */
	if (attributes->indefinite || ASN1_object_size(1, (int)tlv_content_len(attributes), 0) != attributes->end - attributes->start)
		return false;
	while ((r = attribute_next(&c, &type, &values)) == 1) {
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
			struct tlv *place = (struct tlv *)(void *)((char *)ret_attributes + known[i].offset);

			if (!tlv_is(&type, known[i].oid, known[i].len))
				continue;
			if (place->start != NULL || tlv_next(&values, &value) != 1 || tlv_next(&values, &further) != 0)
				return false;
			*place = value;
		}
	}
	return r == 0;
}

bool
cms_certificate_id_read(const struct tlv *certificate_v2, struct cms_certificate_id *ret_id)
{
	struct tlv_cursor c = tlv_inside(certificate_v2, true);
	struct tlv ids, first;

	memset(ret_id, 0, sizeof(*ret_id));
	if (certificate_v2->class != V_ASN1_UNIVERSAL || certificate_v2->tag != V_ASN1_SEQUENCE || !certificate_v2->constructed ||
	    !tlv_take_universal(&c, V_ASN1_SEQUENCE, &ids))
		return false;
	c = tlv_inside(&ids, true);
	if (!tlv_take_universal(&c, V_ASN1_SEQUENCE, &first))
		return false;
	c = tlv_inside(&first, true);
	tlv_take_universal(&c, V_ASN1_SEQUENCE, &ret_id->algorithm);
	return tlv_take_universal(&c, V_ASN1_OCTET_STRING, &ret_id->hash);
}

bool
cms_time_read(const struct tlv *element, time_t *ret_time)
{
	const unsigned char *p = element->start;
	ASN1_TIME *at = d2i_ASN1_TIME(NULL, &p, (long)(element->end - element->start));
	struct tm tm;
	bool ok = at != NULL && p == element->end && ASN1_TIME_to_tm(at, &tm) == 1;

	if (ok)
		*ret_time = timegm(&tm);
	ASN1_TIME_free(at);
	return ok;
}

void
cms_unsigned_count(const struct tlv *attributes, unsigned *ret_time_stamps, unsigned *ret_counter_signatures)
{
	/* signature-time-stamp, and the archive time-stamps of RFC 5126 and of EN 319 122-1 (0.4.0.1733.2.4) */
	static const unsigned char stamp[] = { PKCS9, 16, 2, 14 }, archive[] = { PKCS9, 16, 2, 48 }, counter[] = { PKCS9, 6 };
	static const unsigned char archive_v3[] = { 0x04, 0x00, 0x8d, 0x45, 0x02, 0x04 };
	struct tlv_cursor c = tlv_inside(attributes, false), values;
	struct tlv type, value;

	*ret_time_stamps = *ret_counter_signatures = 0;
	while (attribute_next(&c, &type, &values) == 1) {
		bool is_stamp = tlv_is(&type, stamp, sizeof(stamp)) || tlv_is(&type, archive, sizeof(archive)) ||
		    tlv_is(&type, archive_v3, sizeof(archive_v3));

		while (tlv_next(&values, &value) == 1) {
			*ret_time_stamps += is_stamp;
			*ret_counter_signatures += tlv_is(&type, counter, sizeof(counter));
		}
	}
}
