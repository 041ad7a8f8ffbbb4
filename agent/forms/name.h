/* SPDX-License-Identifier: Apache-2.0 */
/* forms/name.h: people's names compared as Turkish compares them. */
#ifndef FORMS_NAME_H
#define FORMS_NAME_H

#include <stdbool.h>

/*
 * Whether both are one name but for capitals (I is ı, İ is i), for letters that have come with their marks apart (NFD) and for white
 * space.  UTF-8; no locale is asked.  Letters beyond Latin Extended-A count as they are.
 */
bool name_same(const char *a, const char *b);

#endif
