/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/locked.h: memory for libassuan, whose line buffer holds the PIN for a moment. */
#ifndef PROMPT_LOCKED_H
#define PROMPT_LOCKED_H

#include <stddef.h>

/* malloc(), realloc() and free() over locked pages that no core file sees and that are wiped before they go. */
void *locked_malloc(size_t size);
void *locked_realloc(void *data, size_t size);
void locked_free(void *data);

#endif
