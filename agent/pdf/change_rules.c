/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/change_rules.c: the entries of catalog, form, page and validation data that may differ, whatever object they stand in. */
#include "pdf/change_rules.h"

#include "base/err.h"

#define EXTENSIONS_DEPTH_MAX 8u

/* What a dictionary is besides a dictionary. */
enum role { ROLE_ANY, ROLE_CATALOG, ROLE_FORM, ROLE_FIELD };

static int dict_check(struct change_set *set, const struct pdf_value *old, const struct pdf_value *new, enum role role);

static int
refuse(struct change_set *set, const char *detail)
{
	return pdf_refuse(set->after, ERR_DOCUMENT_INVALID, detail);
}

bool
change_is_added(const struct change_set *set, const struct pdf_value *reference)
{
	return reference->type == PDF_REFERENCE && reference->number < set->count && set->state[reference->number] == CHANGE_ADDED;
}

int
change_note(struct change_set *set, unsigned change)
{
	const unsigned always = PDF_CHANGE_TIME_STAMP | PDF_CHANGE_VALIDATION | PDF_CHANGE_METADATA;

	if (set->permission == 1 && (change & ~always) != 0)
		return pdf_refuse(set->after, ERR_DOCUMENT_LOCKED, "a signature was added that the certifying one does not permit");
	if ((change & PDF_CHANGE_FORM) != 0 && set->permission < 2)
		return pdf_refuse(set->after, ERR_DOCUMENT_LOCKED, "a form field was filled in, which the signature does not permit");
	set->found |= change;
	return 0;
}

/* --- which objects have a role --- */

static bool
is_dss(const struct change_set *set, uint32_t number)
{
	for (size_t i = 0; i < set->dss_count; i++)
		if (set->dss[i] == number)
			return true;
	return false;
}

/* Notes the parts of the DSS dictionary (EN 319 142-1 5.4.2) that are objects of their own: three levels of dictionaries and arrays. */
static int
dss_collect(struct change_set *set, const struct pdf_value *entry, unsigned depth)
{
	struct pdf_value value, key, item;
	struct pdf_object object = { .value = *entry };
	struct pdf_cursor c;
	int r;

	if (entry->type == PDF_REFERENCE) {
		if ((r = pdf_object_read(set->before, entry, &object)) != 0)
			return r;
		/* Certificates and answers are streams: those never change. */
		if (object.stream != NULL || is_dss(set, entry->number))
			return 0;
		if (set->dss_count == CHANGE_DSS_OBJECTS_MAX)
			return ERR_TOO_LARGE;
		set->dss[set->dss_count++] = entry->number;
	}
	value = object.value;
	if (depth == 0 || (value.type != PDF_DICT && value.type != PDF_ARRAY))
		return 0;
	c = pdf_items(&value);
	if (value.type == PDF_ARRAY) {
		while ((r = pdf_array_next(&c, &item)) == 1)
			if ((r = dss_collect(set, &item, 0)) != 0)
				return r;
		return r;
	}
	while ((r = pdf_dict_next(&c, &key, &item)) == 1)
		if ((r = dss_collect(set, &item, depth - 1)) != 0)
			return r;
	return r;
}

int
change_rules_prepare(struct change_set *set)
{
	struct pdf_value root, catalog, entry;
	int r;

	if ((r = pdf_dict_get(&set->before->trailer, "Info", &entry)) != 0)
		return r;
	set->information = entry.type == PDF_REFERENCE ? entry.number : 0;
	if ((r = pdf_dict_get(&set->before->trailer, "Root", &root)) != 0 || (r = pdf_resolve(set->before, &root, &catalog)) != 0 ||
	    (r = pdf_dict_get(&catalog, "Metadata", &entry)) != 0)
		return r;
	set->catalog = root.type == PDF_REFERENCE ? root.number : 0;
	set->metadata = entry.type == PDF_REFERENCE ? entry.number : 0;
	if ((r = pdf_dict_get(&catalog, "AcroForm", &entry)) != 0)
		return r;
	set->form = entry.type == PDF_REFERENCE ? entry.number : 0;
	if ((r = pdf_dict_get(&catalog, "DSS", &entry)) != 0)
		return r;
	return dss_collect(set, &entry, 4);
}

/* --- the rules about one entry --- */

/* The old items in their order, and behind them new signature fields. */
static int
array_check(struct change_set *set, const struct pdf_value *old, const struct pdf_value *new)
{
	struct pdf_value item, other;
	struct pdf_cursor x, y;
	int r = 0;

	if (new->type != PDF_ARRAY || (old->type != PDF_ARRAY && old->type != PDF_NULL))
		return refuse(set, "a list of fields or annotations was replaced");
	y = pdf_items(new);
	if (old->type == PDF_ARRAY) {
		x = pdf_items(old);
		while ((r = pdf_array_next(&x, &item)) == 1)
			if (pdf_array_next(&y, &other) != 1 || !pdf_same(set->after, &item, &other))
				return refuse(set, "an item of a list was changed or removed");
	}
	while (r == 0 && (r = pdf_array_next(&y, &other)) == 1)
		r = change_field_added(set, &other);
	return r;
}

/* Names, numbers, strings, and dictionaries and arrays of them: nothing that could be drawn. */
static int
plain_check(struct change_set *set, const struct pdf_value *entry, unsigned depth)
{
	struct pdf_object object = { .value = *entry };
	struct pdf_value key, item;
	struct pdf_cursor c;
	int r;

	if (depth == 0)
		return refuse(set, "an extension leads too far");
	if (entry->type == PDF_REFERENCE && (r = pdf_object_read(set->after, entry, &object)) != 0)
		return r;
	if (object.stream != NULL || object.value.type == PDF_REFERENCE)
		return refuse(set, "an extension leads somewhere");
	if (object.value.type != PDF_DICT && object.value.type != PDF_ARRAY)
		return 0;
	c = pdf_items(&object.value);
	if (object.value.type == PDF_ARRAY) {
		while ((r = pdf_array_next(&c, &item)) == 1)
			if ((r = plain_check(set, &item, depth - 1)) != 0)
				return r;
		return r;
	}
	while ((r = pdf_dict_next(&c, &key, &item)) == 1)
		if ((r = plain_check(set, &item, depth - 1)) != 0)
			return r;
	return r;
}

/* A form's default resources: every name that was there leads where it did; depth levels of dictionaries may have more. */
static int
resources_check(struct change_set *set, const struct pdf_value *old_entry, const struct pdf_value *new_entry, unsigned depth)
{
	struct pdf_value old, new, key, value, other;
	struct pdf_cursor c;
	int r;

	if ((r = pdf_resolve(set->before, old_entry, &old)) != 0 || (r = pdf_resolve(set->after, new_entry, &new)) != 0)
		return r;
	if (old.type == PDF_NULL || pdf_same(set->after, old_entry, new_entry))
		return 0;
	if (depth == 0 || old.type != PDF_DICT || new.type != PDF_DICT)
		return refuse(set, "a form's default resources were changed");
	c = pdf_items(&old);
	while ((r = pdf_dict_next(&c, &key, &value)) == 1) {
		struct pdf_value name, found = { .type = PDF_NULL };
		struct pdf_cursor x = pdf_items(&new);

		while ((r = pdf_dict_next(&x, &name, &other)) == 1)
			if (pdf_names_same(&name, &key))
				found = other;
		if (r < 0 || (r = pdf_scan_note(set->after, (size_t)(new.end - new.start))) != 0 ||
		    (r = resources_check(set, &value, &found, depth - 1)) != 0)
			return r;
	}
	return r;
}

/* One entry that is there in another form than before, or is new, or is gone (PDF_NULL). */
static int
entry_check(struct change_set *set, const struct pdf_value *old_dict, const struct pdf_value *new_dict, const struct pdf_value *key,
    const struct pdf_value *old_entry, const struct pdf_value *new_entry, enum role role)
{
	static const char *const lists[] = { "Annots", "Fields", NULL }, *const plain[] = { "Extensions", "Version", NULL };
	struct pdf_value old, new;
	int r;

	if ((r = pdf_resolve(set->before, old_entry, &old)) != 0 || (r = pdf_resolve(set->after, new_entry, &new)) != 0)
		return r;
	/* Lists of fields and numbers can't be drawn, whoever else refers to them. */
	if (pdf_name_is_one_of(key, lists))
		return array_check(set, &old, &new);
	if (pdf_name_is(key, "SigFlags") && new.type == PDF_NUMBER)
		return 0;
	if (role == ROLE_CATALOG) {
		if (pdf_name_is_one_of(key, plain))
			return plain_check(set, new_entry, EXTENSIONS_DEPTH_MAX);
		if (pdf_name_is(key, "AcroForm") && new.type == PDF_DICT)
			return dict_check(set, &old, &new, ROLE_FORM);
		if (pdf_name_is(key, "DSS") && new.type == PDF_DICT)
			return change_note(set, PDF_CHANGE_VALIDATION);
		if (pdf_name_is(key, "Metadata") && change_is_added(set, new_entry))
			return change_note(set, PDF_CHANGE_METADATA);
	}
	if (role == ROLE_FORM && pdf_name_is(key, "DR"))
		return resources_check(set, old_entry, new_entry, 2);
	if (role == ROLE_FORM && pdf_name_is(key, "DA") && old.type == PDF_NULL && new.type == PDF_STRING)
		return 0;
	return role == ROLE_FIELD ? change_field_entry(set, old_dict, new_dict, key, new_entry) :
	    refuse(set, "an object of the signed revision was changed");
}

/* The value of a key; PDF_NULL when dict has none or is none. Of a key that stands there twice readers take either. */
static int
value_find(struct change_set *set, const struct pdf_value *dict, const struct pdf_value *key, struct pdf_value *ret_value)
{
	struct pdf_value name, value;
	struct pdf_cursor c;
	int r = 0;

	*ret_value = (struct pdf_value){ .type = PDF_NULL };
	if (dict->type != PDF_DICT)
		return 0;
	for (c = pdf_items(dict); (r = pdf_dict_next(&c, &name, &value)) == 1; )
		if (pdf_names_same(&name, key)) {
			if (ret_value->start != NULL)
				return refuse(set, "a dictionary has an entry twice");
			*ret_value = value;
		}
	return r != 0 ? r : pdf_scan_note(set->after, (size_t)(dict->end - dict->start));
}

/* Every entry that differs; old may be PDF_NULL: all of them are new. */
static int
dict_check(struct change_set *set, const struct pdf_value *old, const struct pdf_value *new, enum role role)
{
	struct pdf_value key, value, other;
	struct pdf_cursor c;
	int r;

	if (old->type != PDF_DICT && old->type != PDF_NULL)
		return refuse(set, "an object became one of another type");
	for (c = pdf_items(new); (r = pdf_dict_next(&c, &key, &value)) == 1; )
		if ((r = value_find(set, old, &key, &other)) != 0 ||
		    (!pdf_same(set->after, &other, &value) && (r = entry_check(set, old, new, &key, &other, &value, role)) != 0))
			return r;
	if (r != 0 || old->type == PDF_NULL)
		return r;
	for (c = pdf_items(old); (r = pdf_dict_next(&c, &key, &value)) == 1; )
		if ((r = value_find(set, new, &key, &other)) != 0 || (other.type == PDF_NULL && value.type != PDF_NULL &&
		    (r = entry_check(set, old, new, &key, &value, &other, role)) != 0))
			return r;
	return r;
}

/* Document information: when and with what it was changed, in strings; nothing else is new, changed or gone. */
static int
information_check(struct change_set *set, const struct pdf_value *old, const struct pdf_value *new)
{
	static const char *const names[] = { "ModDate", "Producer", NULL };
	struct pdf_value key, value, other;
	struct pdf_cursor c;
	int r;

	if (old->type != PDF_DICT || new->type != PDF_DICT)
		return refuse(set, "the document information was replaced");
	for (c = pdf_items(new); (r = pdf_dict_next(&c, &key, &value)) == 1; ) {
		if ((r = value_find(set, old, &key, &other)) != 0)
			return r;
		if (pdf_name_is_one_of(&key, names) ? value.type != PDF_STRING : !pdf_same(set->after, &other, &value))
			return refuse(set, "the document information was changed");
	}
	if (r != 0)
		return r;
	for (c = pdf_items(old); (r = pdf_dict_next(&c, &key, &value)) == 1; ) {
		if ((r = value_find(set, new, &key, &other)) != 0)
			return r;
		if (other.type == PDF_NULL && value.type != PDF_NULL && !pdf_name_is_one_of(&key, names))
			return refuse(set, "the document information was changed");
	}
	return r != 0 ? r : change_note(set, PDF_CHANGE_METADATA);
}

static int
stream_check(struct change_set *set, uint32_t number, const struct pdf_object *old, const struct pdf_object *new)
{
	struct pdf_value types[2];
	int r;

	/* The only stream that may be rewritten, as long as nothing but the catalog refers to it. */
	if (number != set->metadata || set->references[number] != 1 || old->stream == NULL || new->stream == NULL)
		return refuse(set, "a stream of the signed revision was replaced");
	if ((r = pdf_get(set->before, &old->value, "Type", &types[0])) != 0 || (r = pdf_get(set->after, &new->value, "Type", &types[1])) != 0)
		return r;
	if (!pdf_name_is(&types[0], "Metadata") || !pdf_name_is(&types[1], "Metadata"))
		return refuse(set, "a stream of the signed revision was replaced");
	return change_note(set, PDF_CHANGE_METADATA);
}

static enum role
role_of(const struct change_set *set, uint32_t number)
{
	if (number == set->catalog)
		return set->named[number] == 0 ? ROLE_CATALOG : ROLE_ANY;
	if (number == set->form)
		return set->named[number] == 1 ? ROLE_FORM : ROLE_ANY;
	return set->named[number] == 0 ? ROLE_FIELD : ROLE_ANY;
}

int
change_rules_apply(struct change_set *set, uint32_t number, const struct pdf_object *old, const struct pdf_object *new)
{
	if (old->stream != NULL || new->stream != NULL)
		return stream_check(set, number, old, new);
	if (pdf_same(set->after, &old->value, &new->value))
		return 0;
	if (number == set->information)
		return information_check(set, &old->value, &new->value);
	if (is_dss(set, number) && set->references[number] == 1)
		return change_note(set, PDF_CHANGE_VALIDATION);
	if (old->value.type == PDF_ARRAY)
		return array_check(set, &old->value, &new->value);
	if (old->value.type == PDF_DICT && new->value.type == PDF_DICT)
		return dict_check(set, &old->value, &new->value, role_of(set, number));
	return refuse(set, "an object of the signed revision was replaced");
}
