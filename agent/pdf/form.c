/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/form.c: from the trailer to the form (ISO 32000-1 12.7.2) and to a page (7.7.3). */
#include "pdf/form.h"

#include "base/err.h"

/* The entry as it stands and the dictionary, array or null behind it. */
static int
entry_read(struct pdf *pdf, const struct pdf_value *dict, const char *key, enum pdf_type type, struct pdf_value *ret_entry,
    struct pdf_value *ret_value)
{
	int r = pdf_dict_get(dict, key, ret_entry);

	if (r != 0)
		return pdf_refuse(pdf, r, "a dictionary is malformed");
	if ((r = pdf_resolve(pdf, ret_entry, ret_value)) != 0)
		return r;
	if (ret_value->type == PDF_NULL)
		ret_entry->type = PDF_NULL;
	else if (ret_value->type != type)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "an entry has the wrong type");
	return 0;
}

static int
catalog_read(struct pdf *pdf, struct pdf_form *form)
{
	struct pdf_object object;
	struct pdf_value type;
	int r;

	if ((r = pdf_dict_get(&pdf->trailer, "Root", &form->catalog_reference)) != 0 || form->catalog_reference.type != PDF_REFERENCE ||
	    (r = pdf_object_read(pdf, &form->catalog_reference, &object)) != 0 || object.stream != NULL || object.value.type != PDF_DICT)
		return pdf_refuse(pdf, r != 0 ? r : ERR_DOCUMENT_INVALID, "the trailer's /Root is no dictionary");
	form->catalog = object.value;
	if ((r = pdf_get(pdf, &form->catalog, "Type", &type)) != 0)
		return r;
	return pdf_name_is(&type, "Catalog") ? 0 : pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "the trailer's /Root is no catalog");
}

/* What a dynamic form shows is made by a program in it: it is not what would be signed. */
static int
dynamic_check(struct pdf *pdf, const struct pdf_form *form)
{
	struct pdf_value needs_rendering, xfa;
	int r;

	if (form->form.type == PDF_NULL)
		return 0;
	if ((r = pdf_get(pdf, &form->catalog, "NeedsRendering", &needs_rendering)) != 0 || (r = pdf_get(pdf, &form->form, "XFA", &xfa)) != 0)
		return r;
	return pdf_is_true(&needs_rendering) && xfa.type != PDF_NULL ? ERR_DOCUMENT_DYNAMIC : 0;
}

/* A certifying signature counts even if no field shows it. */
static int
permissions_check(struct pdf *pdf, struct pdf_form *form)
{
	struct pdf_value permissions, signature;
	int r;

	if ((r = pdf_get(pdf, &form->catalog, "Perms", &permissions)) != 0 || permissions.type == PDF_NULL)
		return r;
	if ((r = pdf_get(pdf, &permissions, "DocMDP", &signature)) != 0 || signature.type == PDF_NULL)
		return r;
	return pdf_signature_check(pdf, form, &signature);
}

/*
 * Searches the tree below node for its *number'th page, from 1, counted down.  1: found, 0: not below, negative: broken.  Depth and the count
 * of nodes are bounded, so loops end.
 */
static int
page_search(struct pdf *pdf, const struct pdf_value *reference, unsigned depth, unsigned *nodes, unsigned *number, struct pdf_form *form)
{
	struct pdf_object object;
	struct pdf_value kids, kid;
	struct pdf_cursor c;
	int r;

	if (depth == PDF_DEPTH_MAX || ++*nodes > PDF_NODES_MAX)
		return pdf_refuse(pdf, depth == PDF_DEPTH_MAX ? ERR_DOCUMENT_INVALID : ERR_TOO_LARGE, "the page tree does not end");
	if (reference->type != PDF_REFERENCE || (r = pdf_object_read(pdf, reference, &object)) != 0 || object.stream != NULL ||
	    object.value.type != PDF_DICT)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "a page is no indirect dictionary");
	if ((r = pdf_get(pdf, &object.value, "Kids", &kids)) != 0)
		return r;
	if (kids.type == PDF_NULL) {
		if (--*number > 0)
			return 0;
		form->page_reference = *reference;
		form->page = object.value;
		return 1;
	}
	if (kids.type != PDF_ARRAY)
		return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "/Kids of a page tree is no array");
	c = pdf_items(&kids);
	while ((r = pdf_array_next(&c, &kid)) == 1)
		if ((r = page_search(pdf, &kid, depth + 1, nodes, number, form)) != 0)
			return r;
	return r;
}

static int
page_read(struct pdf *pdf, unsigned number, struct pdf_form *form)
{
	struct pdf_value pages;
	unsigned nodes = 0;
	int r;

	if ((r = pdf_dict_get(&form->catalog, "Pages", &pages)) != 0)
		return pdf_refuse(pdf, r, "the catalog is malformed");
	if ((r = page_search(pdf, &pages, 0, &nodes, &number, form)) <= 0)
		return r != 0 ? r : pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "the document has no such page");
	return entry_read(pdf, &form->page, "Annots", PDF_ARRAY, &form->annotations_entry, &form->annotations);
}

int
pdf_form_read(struct pdf *pdf, unsigned page, struct pdf_form *ret_form)
{
	struct pdf_form form = { .flags = 0 };
	struct pdf_value flags;
	int r;

	if ((r = catalog_read(pdf, &form)) != 0 ||
	    (r = entry_read(pdf, &form.catalog, "AcroForm", PDF_DICT, &form.form_entry, &form.form)) != 0 ||
	    (r = dynamic_check(pdf, &form)) != 0 || (r = permissions_check(pdf, &form)) != 0)
		return r;
	form.fields_entry.type = form.fields.type = PDF_NULL;
	if (form.form.type == PDF_DICT) {
		if ((r = entry_read(pdf, &form.form, "Fields", PDF_ARRAY, &form.fields_entry, &form.fields)) != 0 ||
		    (r = pdf_get(pdf, &form.form, "SigFlags", &flags)) != 0 || (r = pdf_fields_walk(pdf, &form)) != 0)
			return r;
		if (flags.type != PDF_NULL && !pdf_unsigned(&flags, UINT32_MAX, &form.flags))
			return pdf_refuse(pdf, ERR_DOCUMENT_INVALID, "/SigFlags is no number");
	}
	if ((r = page_read(pdf, page, &form)) != 0)
		return r;
	*ret_form = form;
	return 0;
}
