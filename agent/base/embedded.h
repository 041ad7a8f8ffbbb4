/* SPDX-License-Identifier: Apache-2.0 */
/* base/embedded.h: the files of proto/ that are compiled in (proto/embed.py). */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded_file {
	const char *name;	/* path below proto/, e.g. "methods/agent.info.json" */
	const char *data;	/* terminated with a NUL that len does not count */
	size_t len;
};

/* Sorted by name. */
extern const struct embedded_file embedded_files[];
extern const size_t embedded_files_count;

#endif
