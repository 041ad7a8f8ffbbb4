/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/language.h: the dialogs' texts in the user's language; msgids are English, agent/po/tr.po is compiled in. */
#ifndef PROMPT_LANGUAGE_H
#define PROMPT_LANGUAGE_H

#include <stdbool.h>

/*
 * Why not gettext(3): without a system locale for the language it has to be lured by LANGUAGE under C.UTF-8, and glibc 2.39 and later
 * treat C.UTF-8 like C, untranslated.  A workstation without tr_TR must still read Turkish.
 */

/* Chooses by tag: "en" is English, everything else Turkish. */
void language_set(const char *tag);

/* True while the texts are Turkish. */
bool language_is_turkish(void);

/* The text in the chosen language, msgid itself where there is none. Static storage. */
const char *language_text(const char *msgid) __attribute__((format_arg(1)));

/* The same for a text with a count. */
const char *language_plural(const char *one, const char *many, unsigned long n) __attribute__((format_arg(1), format_arg(2)));

#define _(msgid) language_text(msgid)
#define plural_(one, many, n) language_plural(one, many, n)

#endif
