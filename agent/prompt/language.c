/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/language.c: looks texts up in the table that agent/po/po_to_header.py makes from tr.po. */
#include "prompt/language.h"

#include <stdlib.h>
#include <string.h>

struct language_entry {
	const char *msgid;
	const char *text[2];	/* singular and plural; the same where there is no count */
};

#include "prompt_tr.h"	/* language_turkish[], sorted by msgid */

static bool turkish = true;

void
language_set(const char *tag)
{
	turkish = tag == NULL || strcmp(tag, "en") != 0;
}

bool
language_is_turkish(void)
{
	return turkish;
}

static int
entry_compare(const void *key, const void *entry)
{
	return strcmp(key, ((const struct language_entry *)entry)->msgid);
}

static const struct language_entry *
entry_find(const char *msgid)
{
	if (!turkish)
		return NULL;
	return bsearch(msgid, language_turkish, sizeof(language_turkish) / sizeof(language_turkish[0]), sizeof(language_turkish[0]),
	    entry_compare);
}

const char *
language_text(const char *msgid)
{
	const struct language_entry *entry = entry_find(msgid);

	return entry != NULL ? entry->text[0] : msgid;
}

const char *
language_plural(const char *one, const char *many, unsigned long n)
{
	const struct language_entry *entry = entry_find(one);

	if (entry != NULL)
		return entry->text[n != 1];
	return n == 1 ? one : many;
}
