/* SPDX-License-Identifier: Apache-2.0 */
/* base/replace_file.h: writes a small file whole or not at all. */
#ifndef BASE_REPLACE_FILE_H
#define BASE_REPLACE_FILE_H

#include <stddef.h>

/*
 * Writes beside the file and renames over it (mode 0600), so that a full disk or a power cut leaves the old one.
 * 0, ERR_STORAGE_FULL or ERR_INTERNAL, after a log line.
 */
int replace_file(const char *path, const void *data, size_t len);

#endif
