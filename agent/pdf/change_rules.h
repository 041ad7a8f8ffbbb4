/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/change_rules.h: between changes.c, which finds the changed objects, and the rules about each kind of them. */
#ifndef PDF_CHANGE_RULES_H
#define PDF_CHANGE_RULES_H

#include "pdf/changes.h"
#include "pdf/compare.h"

#define CHANGE_DSS_OBJECTS_MAX 4096u

enum change_state { CHANGE_NONE, CHANGE_ADDED, CHANGE_REWRITTEN };

struct change_set {
	struct pdf *before, *after;
	unsigned permission, found;	/* pdf_permission_read(); PDF_CHANGE_... */
	size_t count;			/* of the two below */
	unsigned char *state;		/* by object number: enum change_state */
	unsigned char *references;	/* by object number: how often the signed revision refers to it, at most 255 */
	unsigned char *named;		/* how often of these by a name, as a dictionary's entry, other than as a field's kin */
	/* Object numbers of the signed revision's catalog, /Info, XMP and /AcroForm; 0: none. */
	uint32_t catalog, information, metadata, form;
	uint32_t dss[CHANGE_DSS_OBJECTS_MAX];	/* and of the parts of its DSS */
	size_t dss_count;
};

/* Notes the objects that have a role of their own. 0, ERR_DOCUMENT_INVALID, ERR_TOO_LARGE. */
int change_rules_prepare(struct change_set *set);

/*
 * Whether an object that was rewritten may read so now.  An object may have several roles, as a catalog that is also a page's resources:
 * entries that mean something elsewhere may change only in objects that have one.  0 and set->found, or as pdf_changes_find().
 */
int change_rules_apply(struct change_set *set, uint32_t number, const struct pdf_object *old, const struct pdf_object *new);

/* Of change_fields.c: whether the item that an array of fields or annotations got is a new signature field. 0 or as pdf_changes_find(). */
int change_field_added(struct change_set *set, const struct pdf_value *reference);

/* Of change_fields.c: whether a field or widget may have this entry changed. 0 or as pdf_changes_find(). */
int change_field_entry(struct change_set *set, const struct pdf_value *old_field, const struct pdf_value *new_field, const struct pdf_value *key,
    const struct pdf_value *new);

/* Whether a reference leads to an object that the signed revision did not have. */
bool change_is_added(const struct change_set *set, const struct pdf_value *reference);

/* Notes a kind of change; ERR_DOCUMENT_LOCKED when the permission forbids it. */
int change_note(struct change_set *set, unsigned change);

#endif
