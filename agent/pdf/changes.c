/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/changes.c: which objects are new or changed since a revision; whether a changed one is of a kind that may change. */
#include "pdf/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "pdf/change_rules.h"

static const struct pdf_entry *
entry_of(const struct pdf *pdf, size_t number)
{
	return number < pdf->entries_count ? &pdf->entries[number] : NULL;
}

static bool
is_live(const struct pdf_entry *entry)
{
	return entry != NULL && (entry->kind == PDF_ENTRY_OFFSET || entry->kind == PDF_ENTRY_COMPRESSED);
}

static bool
entries_equal(const struct pdf_entry *a, const struct pdf_entry *b)
{
	return a->kind == b->kind && a->where == b->where && a->detail == b->detail;
}

/* Later revisions come behind the signed one and lead back to it. */
static int
sections_check(const struct pdf *before, struct pdf *after)
{
	size_t later = after->sections_count - before->sections_count;

	if (after->sections_count < before->sections_count ||
	    memcmp(after->sections + later, before->sections, before->sections_count * sizeof(*before->sections)) != 0)
		return pdf_refuse(after, ERR_DOCUMENT_INVALID, "later cross-references do not continue those of the signed revision");
	for (size_t i = 0; i < later; i++)
		if (after->sections[i] < before->size)
			return pdf_refuse(after, ERR_DOCUMENT_INVALID, "a later cross-reference section stands in the signed bytes");
	return after->hybrids == before->hybrids ? 0 :
	    pdf_refuse(after, ERR_DOCUMENT_INVALID, "a later revision shows different objects to different readers");
}

static uint32_t
generation_of(const struct pdf_entry *entry)
{
	return entry->kind == PDF_ENTRY_OFFSET ? entry->detail : 0;
}

/* An object that was written later must stand in later bytes. */
static int
place_check(struct pdf *before, struct pdf *after, const struct pdf_entry *entry)
{
	const struct pdf_entry *stream;

	if (entry->kind == PDF_ENTRY_OFFSET)
		return entry->where >= before->size ? 0 : pdf_refuse(after, ERR_DOCUMENT_INVALID, "a later revision leads into the signed bytes");
	stream = entry_of(before, (size_t)entry->where);
	return !is_live(stream) ? 0 : pdf_refuse(after, ERR_DOCUMENT_INVALID, "a later revision leads into an object stream of the signed one");
}

/* Sorts the objects into those that are new and those that have another place now. */
static int
entries_compare(struct change_set *set)
{
	struct pdf *before = set->before, *after = set->after;
	int r;

	for (size_t number = 0; number < set->count; number++) {
		const struct pdf_entry *old = entry_of(before, number), *new = entry_of(after, number);

		if (!is_live(old) && !is_live(new))
			continue;
		if (is_live(old) && is_live(new) && entries_equal(old, new))
			continue;
		if (!is_live(new))
			return pdf_refuse(after, ERR_DOCUMENT_INVALID, "an object of the signed revision was removed");
		if ((r = place_check(before, after, new)) != 0)
			return r;
		if (is_live(old) && generation_of(old) != generation_of(new))
			return pdf_refuse(after, ERR_DOCUMENT_INVALID, "an object of the signed revision was removed and its number used again");
		set->state[number] = is_live(old) ? CHANGE_REWRITTEN : CHANGE_ADDED;
	}
	return 0;
}

static int
reference_note(void *context, uint32_t number, const struct pdf_value *name)
{
	struct change_set *set = context;

	if (number >= set->count)
		return 0;
	if (set->references[number] < UINT8_MAX)
		set->references[number]++;
	/* A field is led to from lists, from its kids and from the structure tree; by another name it is something else besides. */
	if (name != NULL && !pdf_name_is(name, "Parent") && !pdf_name_is(name, "Obj") && set->named[number] < UINT8_MAX)
		set->named[number]++;
	/* What the signed revision left open, a later one must not fill. */
	return set->state[number] == CHANGE_ADDED ?
	    pdf_refuse(set->after, ERR_DOCUMENT_INVALID, "a later revision adds an object that the signed one refers to and lacks") : 0;
}

/* Counts who refers to what in the signed revision. */
static int
references_count(struct change_set *set)
{
	int r;

	for (size_t number = 0; number < set->before->entries_count; number++) {
		const struct pdf_entry *entry = &set->before->entries[number];
		struct pdf_value reference = { .type = PDF_REFERENCE, .number = (uint32_t)number };
		struct pdf_object object;

		if (!is_live(entry))
			continue;
		reference.generation = generation_of(entry);
		if ((r = pdf_object_read(set->before, &reference, &object)) != 0 ||
		    (r = pdf_references_walk(&object.value, reference_note, set)) != 0)
			return pdf_refuse(set->after, r, "an object of the signed revision can't be read");
	}
	return 0;
}

static int
rewritten_check(struct change_set *set)
{
	int r;

	for (size_t number = 0; number < set->count; number++) {
		struct pdf_value reference = { .type = PDF_REFERENCE, .number = (uint32_t)number };
		struct pdf_object old, new;

		if (set->state[number] != CHANGE_REWRITTEN)
			continue;
		reference.generation = generation_of(entry_of(set->before, number));
		if ((r = pdf_object_read(set->before, &reference, &old)) != 0 || (r = pdf_object_read(set->after, &reference, &new)) != 0)
			return pdf_refuse(set->after, r, "a changed object can't be read");
		if ((r = change_rules_apply(set, (uint32_t)number, &old, &new)) != 0)
			return r;
	}
	return 0;
}

/* Same catalog; /Info may be new. */
static int
trailers_check(struct change_set *set)
{
	struct pdf_value old, new;
	int r;

	if ((r = pdf_dict_get(&set->before->trailer, "Root", &old)) != 0 || (r = pdf_dict_get(&set->after->trailer, "Root", &new)) != 0)
		return pdf_refuse(set->after, r, "a trailer is malformed");
	return pdf_same(set->after, &old, &new) ? 0 : pdf_refuse(set->after, ERR_DOCUMENT_INVALID, "a later revision has another catalog");
}

int
pdf_changes_find(struct pdf *before, struct pdf *after, unsigned permission, unsigned *ret_changes)
{
	struct change_set set = { .before = before, .after = after, .permission = permission,
		.count = before->entries_count > after->entries_count ? before->entries_count : after->entries_count };
	int r = ERR_INTERNAL;

	if ((set.state = calloc(set.count + 1, 1)) == NULL || (set.references = calloc(set.count + 1, 1)) == NULL ||
	    (set.named = calloc(set.count + 1, 1)) == NULL)
		goto out;
	if ((r = sections_check(before, after)) != 0 || (r = trailers_check(&set)) != 0 || (r = entries_compare(&set)) != 0 ||
	    (r = references_count(&set)) != 0 || (r = change_rules_prepare(&set)) != 0 || (r = rewritten_check(&set)) != 0)
		goto out;
	*ret_changes = set.found;
out:
	free(set.state);
	free(set.references);
	free(set.named);
	return r;
}
