/* SPDX-License-Identifier: Apache-2.0 */
/* piv_objects.h: what lies in the virtual PIV card: data objects, certificates and keys, read from a folder. */
#ifndef PIV_OBJECTS_H
#define PIV_OBJECTS_H

#include <stddef.h>

struct objects;

/* See applet_new(). */
struct objects *objects_new(const char *folder, unsigned number);
void objects_free(struct objects *objects);

/* The data object with this tag, as GET DATA answers it. NULL: there is none. */
const unsigned char *objects_find(const struct objects *objects, const unsigned char *tag, size_t tag_len, size_t *ret_len);

/*
 * GENERAL AUTHENTICATE with a key and a PIV algorithm identifier: the dynamic authentication template in data, and in answer (APDU_MAX
 * bytes).  The status word.
 */
unsigned objects_sign(const struct objects *objects, unsigned char key, unsigned char algorithm, const unsigned char *data, size_t len,
    unsigned char *answer, size_t *ret_len);

#endif
