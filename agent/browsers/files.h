/* SPDX-License-Identifier: Apache-2.0 */
/* browsers/files.h: policy files, which everybody may read; inside browsers/. */
#ifndef BROWSERS_FILES_H
#define BROWSERS_FILES_H

#include <stdbool.h>
#include <cjson/cJSON.h>

#include "base/json.h"

#define POLICY_MAX (1u << 20)	/* bytes of a file */

/* The file's content, terminated, the caller's; NULL when there is none, or it is not a regular file below POLICY_MAX. */
char *policy_read(const char *path);

/* The content as an object, the caller's; NULL when it is none. */
cJSON *policy_parse(const char *text);

/* Writes it whole, mode 0644, and makes the folders above it. 0 or a negative error after a log line. */
int policy_write(const char *path, const char *text);

/* Takes the file away, and as many folders above it as are empty, at most depth. 0 or ERR_INTERNAL after a log line. */
int policy_remove(const char *path, int depth);

bool policy_list_has(const cJSON *list, const char *text);

#endif
