/* SPDX-License-Identifier: Apache-2.0 */
/* document/attachment_name.h: the name of a file that goes along with a form, as the page shows it and as whoever takes it out gets it. */
#ifndef DOCUMENT_ATTACHMENT_NAME_H
#define DOCUMENT_ATTACHMENT_NAME_H

#include <stdbool.h>

#define ATTACHMENT_NAME_MAX 100	/* code points */

/*
 * The name (UTF-8) in composed letters (NFC), with _ for each character that the page's font lacks, that can't be seen, turns the line's order
 * or means something in a path; cut to ATTACHMENT_NAME_MAX; with the ending of its media type, so that no system takes it for anything else.
 * The caller frees it with g_free().  NULL: a media type without an ending that we know.
 */
char *attachment_name(const char *name, const char *media_type);

/* The same name with a number before the ending: "dekont-2.pdf". */
char *attachment_name_numbered(const char *name, unsigned number);

#endif
