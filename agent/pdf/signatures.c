/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/signatures.c: from the catalog through the form's fields to the signature dictionaries. */
#include "pdf/signatures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define NAME_BYTES_MAX 4096u
#define PERMISSION_DEFAULT 2u	/* of a DocMDP without /P (table 254) */

int
pdf_catalog_read(struct pdf *pdf, struct pdf_value *ret_reference, struct pdf_value *ret_catalog)
{
	int r;

	if ((r = pdf_dict_get(&pdf->trailer, "Root", ret_reference)) != 0 || ret_reference->type != PDF_REFERENCE ||
	    (r = pdf_resolve(pdf, ret_reference, ret_catalog)) != 0 || ret_catalog->type != PDF_DICT)
		return pdf_refuse(pdf, r != 0 ? r : ERR_DOCUMENT_INVALID, "the trailer's /Root is no dictionary");
	return 0;
}

/* --- what one signature says --- */

static enum pdf_signature_kind
kind_read(const struct pdf_value *subfilter)
{
	static const struct {
		const char *name;
		enum pdf_signature_kind kind;
	} kinds[] = {
		{ "ETSI.CAdES.detached", PDF_SIGNATURE_CADES },
		{ "adbe.pkcs7.detached", PDF_SIGNATURE_PKCS7 },
		{ "ETSI.RFC3161", PDF_SIGNATURE_TIME_STAMP },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (pdf_name_is(subfilter, kinds[i].name))
			return kinds[i].kind;
	return PDF_SIGNATURE_OTHER;
}

static void
range_read(struct pdf *pdf, const struct pdf_value *array, struct pdf_signature *signature)
{
	struct pdf_value item;
	struct pdf_cursor c;

	if (array->type != PDF_ARRAY)
		return;
	c = pdf_items(array);
	for (int i = 0; i < 4; i++)
		if (pdf_array_next(&c, &item) != 1 || pdf_resolve(pdf, &item, &item) != 0 ||
		    !pdf_unsigned(&item, pdf->size, &signature->range[i]))
			return;
	signature->has_range = pdf_array_next(&c, &item) == 0;
}

static int
signature_add(struct pdf *pdf, struct pdf_signatures *list, const char *name, const struct pdf_value *dict)
{
	struct pdf_signature signature = { .dict = *dict };
	struct pdf_signature *items;
	struct pdf_value subfilter, range;
	int r;

	if (list->count == PDF_SIGNATURES_MAX)
		return pdf_refuse(pdf, ERR_TOO_LARGE, "too many signatures");
	/* /Contents must stand in the dictionary itself: a reference would be signed in its stead. */
	if ((r = pdf_get(pdf, dict, "SubFilter", &subfilter)) != 0 || (r = pdf_get(pdf, dict, "ByteRange", &range)) != 0 ||
	    (r = pdf_dict_get(dict, "Contents", &signature.contents)) != 0)
		return pdf_refuse(pdf, r, "a signature's dictionary is malformed");
	signature.kind = kind_read(&subfilter);
	range_read(pdf, &range, &signature);
	if ((items = realloc(list->items, (list->count + 1) * sizeof(*items))) == NULL)
		return ERR_INTERNAL;
	list->items = items;
	if ((signature.name = strdup(name)) == NULL)
		return ERR_INTERNAL;
	list->items[list->count++] = signature;
	return 0;
}

/* --- the fields --- */

/* What a field takes over from its parents (12.7.3.1). */
struct inherited {
	struct pdf_value type, value;
	const char *name;		/* in full; "" at the top */
};

struct walk {
	struct pdf *pdf;
	struct pdf_signatures *list;
	unsigned nodes;
};

static int fields_walk(struct walk *walk, const struct pdf_value *fields, const struct inherited *from, unsigned depth);

/* The parent's name and this part of it, with a dot in between; the caller frees *ret_name. */
static int
name_join(struct pdf *pdf, const char *parent, const struct pdf_value *part, char **ret_name)
{
	char *text = NULL;
	int r;

	if (part->type == PDF_NULL) {
		*ret_name = strdup(parent);
		return *ret_name == NULL ? ERR_INTERNAL : 0;
	}
	if ((r = pdf_text_read(part, NAME_BYTES_MAX, &text)) != 0)
		return pdf_refuse(pdf, r, "a field's name is no string");
	if (strlen(parent) + strlen(text) > NAME_BYTES_MAX)
		r = pdf_refuse(pdf, ERR_TOO_LARGE, "a field's name is too long");
	else if (asprintf(ret_name, "%s%s%s", parent, *parent != '\0' ? "." : "", text) < 0)
		r = ERR_INTERNAL;
	free(text);
	return r;
}

static int
field_visit(struct walk *walk, const struct pdf_value *field, const struct inherited *from, unsigned depth)
{
	struct inherited own = *from;
	struct pdf_value type, value, part, kids;
	char *name = NULL;
	int r;

	if ((r = pdf_get(walk->pdf, field, "FT", &type)) != 0 || (r = pdf_get(walk->pdf, field, "V", &value)) != 0 ||
	    (r = pdf_get(walk->pdf, field, "T", &part)) != 0 || (r = pdf_get(walk->pdf, field, "Kids", &kids)) != 0 ||
	    (r = name_join(walk->pdf, from->name, &part, &name)) != 0)
		return r;
	if (type.type != PDF_NULL)
		own.type = type;
	if (value.type != PDF_NULL)
		own.value = value;
	own.name = name;
	/* Kids without names are the field's widgets: it is counted where it has its name. */
	if (pdf_name_is(&own.type, "Sig") && own.value.type == PDF_DICT && (part.type != PDF_NULL || value.type != PDF_NULL))
		r = signature_add(walk->pdf, walk->list, name, &own.value);
	if (r == 0 && kids.type == PDF_ARRAY)
		r = fields_walk(walk, &kids, &own, depth + 1);
	free(name);
	return r;
}

static int
fields_walk(struct walk *walk, const struct pdf_value *fields, const struct inherited *from, unsigned depth)
{
	struct pdf_cursor c = pdf_items(fields);
	struct pdf_value field;
	int r;

	if (depth == PDF_DEPTH_MAX)
		return pdf_refuse(walk->pdf, ERR_DOCUMENT_INVALID, "the fields do not end");
	while ((r = pdf_array_next(&c, &field)) == 1) {
		if (++walk->nodes > PDF_FIELDS_MAX)
			return pdf_refuse(walk->pdf, ERR_TOO_LARGE, "too many fields");
		if ((r = pdf_resolve(walk->pdf, &field, &field)) != 0)
			return r;
		/* Fields that were deleted may leave a null behind. */
		if (field.type != PDF_NULL && (r = field_visit(walk, &field, from, depth)) != 0)
			return r;
	}
	return r;
}

int
pdf_signatures_read(struct pdf *pdf, struct pdf_signatures *ret_signatures)
{
	const struct inherited none = { { .type = PDF_NULL }, { .type = PDF_NULL }, "" };
	struct pdf_signatures list = { NULL, 0 };
	struct walk walk = { pdf, &list, 0 };
	struct pdf_value reference, catalog, form, fields;
	int r;

	if ((r = pdf_catalog_read(pdf, &reference, &catalog)) != 0 || (r = pdf_get(pdf, &catalog, "AcroForm", &form)) != 0)
		return r;
	if (form.type != PDF_NULL && (r = pdf_get(pdf, &form, "Fields", &fields)) == 0 && fields.type == PDF_ARRAY)
		r = fields_walk(&walk, &fields, &none, 0);
	if (r != 0) {
		pdf_signatures_free(&list);
		return r;
	}
	*ret_signatures = list;
	return 0;
}

void
pdf_signatures_free(struct pdf_signatures *signatures)
{
	for (size_t i = 0; i < signatures->count; i++)
		free(signatures->items[i].name);
	free(signatures->items);
	*signatures = (struct pdf_signatures){ NULL, 0 };
}

/* --- permissions --- */

/* The /P of a signature's DocMDP reference (0: it has none), and whether it has a FieldMDP, which locks fields. */
static int
document_permission(struct pdf *pdf, const struct pdf_value *signature, unsigned *ret_permission, bool *ret_locks)
{
	struct pdf_value references, item, method, parameters, level;
	struct pdf_cursor c;
	uint64_t permission;
	int r;

	*ret_permission = 0;
	if ((r = pdf_get(pdf, signature, "Reference", &references)) != 0 || references.type != PDF_ARRAY)
		return r;
	c = pdf_items(&references);
	while ((r = pdf_array_next(&c, &item)) == 1) {
		if ((r = pdf_resolve(pdf, &item, &item)) != 0 || (r = pdf_get(pdf, &item, "TransformMethod", &method)) != 0 ||
		    (r = pdf_get(pdf, &item, "TransformParams", &parameters)) != 0)
			return r;
		*ret_locks = *ret_locks || pdf_name_is(&method, "FieldMDP");
		if (!pdf_name_is(&method, "DocMDP"))
			continue;
		level.type = PDF_NULL;
		if (parameters.type == PDF_DICT && (r = pdf_get(pdf, &parameters, "P", &level)) != 0)
			return r;
		/* What can't be read permits nothing. */
		*ret_permission = level.type == PDF_NULL ? PERMISSION_DEFAULT : pdf_unsigned(&level, 3, &permission) && permission > 0 ?
		    (unsigned)permission : 1;
	}
	return r;
}

int
pdf_permission_read(struct pdf *pdf, const struct pdf_signature *signature, unsigned *ret_permission)
{
	struct pdf_value reference, catalog, permissions, certifying;
	unsigned own = 0, whole = 0;
	bool locks = false;
	int r;

	if ((r = document_permission(pdf, &signature->dict, &own, &locks)) != 0 || (r = pdf_catalog_read(pdf, &reference, &catalog)) != 0 ||
	    (r = pdf_get(pdf, &catalog, "Perms", &permissions)) != 0)
		return r;
	if (permissions.type == PDF_DICT && ((r = pdf_get(pdf, &permissions, "DocMDP", &certifying)) != 0 ||
	    (certifying.type == PDF_DICT && (r = document_permission(pdf, &certifying, &whole, &locks)) != 0)))
		return r;
	*ret_permission = own == 0 || (whole != 0 && whole < own) ? whole : own;
	/* Which fields are locked is not looked at: then none may be filled in. */
	if (locks && *ret_permission >= 2)
		*ret_permission = 0;
	return 0;
}
