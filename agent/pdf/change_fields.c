/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/change_fields.c: new signature fields, signature fields that were signed, and form fields that were filled in. */
#include "pdf/change_rules.h"

#include "base/err.h"
#include "pdf/signatures.h"

#define PARENTS_MAX 8
/* ISO 32000-1 table 165 */
#define FLAGS_UNSEEN (2u | 32u)	/* Hidden, NoView */
#define FLAG_LOCKED 128u

static int
refuse(struct change_set *set, const char *detail)
{
	return pdf_refuse(set->after, ERR_DOCUMENT_INVALID, detail);
}

/* A number that is zero, however it is written. */
static bool
is_zero(const struct pdf_value *value)
{
	if (value->type != PDF_NUMBER)
		return false;
	for (const unsigned char *p = value->start; p < value->end; p++)
		if (*p >= '1' && *p <= '9')
			return false;
	return true;
}

/* Whether a widget draws something on its page. */
static int
widget_seen(struct change_set *set, const struct pdf_value *widget, bool *ret_seen)
{
	struct pdf_value appearance, flags, rectangle, corners[4];
	uint64_t bits = 0;
	struct pdf_cursor c;
	int r;

	if ((r = pdf_get(set->after, widget, "AP", &appearance)) != 0 || (r = pdf_get(set->after, widget, "F", &flags)) != 0 ||
	    (r = pdf_get(set->after, widget, "Rect", &rectangle)) != 0)
		return r;
	*ret_seen = appearance.type != PDF_NULL && !(pdf_unsigned(&flags, UINT32_MAX, &bits) && (bits & FLAGS_UNSEEN) != 0);
	if (!*ret_seen || rectangle.type != PDF_ARRAY)
		return 0;
	c = pdf_items(&rectangle);
	for (int i = 0; i < 4; i++)
		if ((r = pdf_array_next(&c, &corners[i])) != 1)
			return r == 0 ? refuse(set, "a widget's rectangle is malformed") : r;
	/* Only what is empty in both directions by its very numbers counts as empty. */
	*ret_seen = !(is_zero(&corners[0]) && is_zero(&corners[1]) && is_zero(&corners[2]) && is_zero(&corners[3]));
	return 0;
}

/* Whether a signature is one of the form's, which are all checked. */
static int
signature_listed(struct change_set *set, const struct pdf_value *dict, bool *ret_listed)
{
	struct pdf_signatures signatures = { NULL, 0 };
	int r = pdf_signatures_read(set->after, &signatures);

	*ret_listed = false;
	for (size_t i = 0; i < signatures.count; i++)
		*ret_listed = *ret_listed || signatures.items[i].dict.start == dict->start;
	pdf_signatures_free(&signatures);
	return r;
}

/* What a signature field now holds: nothing, a signature or a time-stamp. Its dictionary must be new. */
static int
value_check(struct change_set *set, const struct pdf_value *field, const struct pdf_value *widget)
{
	struct pdf_value entry, dict, subfilter;
	bool seen, is_stamp = false, listed = false;
	int r;

	if ((r = pdf_dict_get(field, "V", &entry)) != 0 || (r = pdf_resolve(set->after, &entry, &dict)) != 0 ||
	    (r = widget_seen(set, widget, &seen)) != 0)
		return r;
	if (entry.type == PDF_REFERENCE && !change_is_added(set, &entry))
		return refuse(set, "a new signature field holds an old object");
	if (dict.type == PDF_DICT) {
		if ((r = pdf_get(set->after, &dict, "SubFilter", &subfilter)) != 0)
			return r;
		is_stamp = pdf_name_is(&subfilter, "ETSI.RFC3161");
	} else if (dict.type != PDF_NULL) {
		return refuse(set, "a new signature field holds no signature");
	}
	/* What draws on a page must be a signature, which is then checked itself. */
	if (seen && dict.type == PDF_DICT && (r = signature_listed(set, &dict, &listed)) != 0)
		return r;
	if (seen && (!listed || is_stamp))
		return refuse(set, "a field without a signature was drawn on a page");
	return change_note(set, is_stamp ? PDF_CHANGE_TIME_STAMP : seen ? PDF_CHANGE_SIGNATURE | PDF_CHANGE_APPEARANCE : PDF_CHANGE_SIGNATURE);
}

int
change_field_added(struct change_set *set, const struct pdf_value *reference)
{
	static const char *const allowed[] = { "Type", "Subtype", "FT", "T", "TU", "TM", "F", "Ff", "Rect", "V", "P", "AP", "AS", "MK", "Lock", "SV", "DA", "Q",
		"H", "BS", "Border", "NM", "M", NULL };
	struct pdf_object object;
	struct pdf_value type, subtype, key, value;
	struct pdf_cursor c;
	int r;

	if (!change_is_added(set, reference))
		return refuse(set, "something that is no new object was added to a list");
	if ((r = pdf_object_read(set->after, reference, &object)) != 0)
		return r;
	if (object.stream != NULL || object.value.type != PDF_DICT)
		return refuse(set, "something other than a signature field was added to a list");
	if ((r = pdf_get(set->after, &object.value, "FT", &type)) != 0 || (r = pdf_get(set->after, &object.value, "Subtype", &subtype)) != 0)
		return r;
	if (!pdf_name_is(&type, "Sig") || (subtype.type != PDF_NULL && !pdf_name_is(&subtype, "Widget")))
		return refuse(set, "something other than a signature field was added to a list");
	c = pdf_items(&object.value);
	while ((r = pdf_dict_next(&c, &key, &value)) == 1)
		if (!pdf_name_is_one_of(&key, allowed))
			return refuse(set, "a new signature field has an entry that is not allowed");
	return r != 0 ? r : value_check(set, &object.value, &object.value);
}

/* /FT of a field or widget of the signed revision, from itself or from a parent. */
static int
type_read(struct change_set *set, const struct pdf_value *field, struct pdf_value *ret_type)
{
	struct pdf_value at = *field;
	int r;

	for (int i = 0; i < PARENTS_MAX && at.type == PDF_DICT; i++) {
		if ((r = pdf_get(set->before, &at, "FT", ret_type)) != 0 || ret_type->type != PDF_NULL)
			return r;
		if ((r = pdf_get(set->before, &at, "Parent", &at)) != 0)
			return r;
	}
	return 0;
}

/* Whether flags are the field's own with Locked added, as programs do when they sign. */
static bool
flags_locked(struct change_set *set, const struct pdf_value *old_field, const struct pdf_value *new)
{
	struct pdf_value value;
	uint64_t before = 0, after;

	return pdf_get(set->before, old_field, "F", &value) == 0 && (value.type == PDF_NULL || pdf_unsigned(&value, UINT32_MAX, &before)) &&
	    pdf_unsigned(new, UINT32_MAX, &after) && after == (before | FLAG_LOCKED);
}

int
change_field_entry(struct change_set *set, const struct pdf_value *old_field, const struct pdf_value *new_field, const struct pdf_value *key,
    const struct pdf_value *new)
{
	static const char *const signing[] = { "V", "AP", "AS", "F", "MK", "M", NULL }, *const filling[] = { "V", "AP", "AS", "M", "I", NULL };
	struct pdf_value type = { .type = PDF_NULL }, signature;
	int r;

	if (old_field->type != PDF_DICT)
		return refuse(set, "an object of the signed revision was changed");
	if ((r = type_read(set, old_field, &type)) != 0 || (r = pdf_get(set->before, old_field, "V", &signature)) != 0)
		return r;
	if (pdf_name_is(&type, "Sig")) {
		if (signature.type != PDF_NULL)
			return refuse(set, "the field of a signature was changed");
		if (!pdf_name_is_one_of(key, signing))
			return refuse(set, "a signature field was changed other than by signing it");
		if (pdf_name_is(key, "F") && !flags_locked(set, old_field, new))
			return refuse(set, "a signature field was shown or hidden");
		return value_check(set, new_field, new_field);
	}
	if (type.type == PDF_NAME && pdf_name_is_one_of(key, filling)) {
		/* A new appearance is a new object; one that is rewritten in place is refused as a stream. */
		if (new->type == PDF_NULL)
			return refuse(set, "a form field's entry was removed");
		return change_note(set, PDF_CHANGE_FORM);
	}
	return refuse(set, "an object of the signed revision was changed");
}
