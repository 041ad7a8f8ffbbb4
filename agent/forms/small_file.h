/* SPDX-License-Identifier: Apache-2.0 */
/* forms/small_file.h: a file of settings that only root or this user could have written, read whole. */
#ifndef FORMS_SMALL_FILE_H
#define FORMS_SMALL_FILE_H

#include <stddef.h>

/*
 * Reads a file that trusted_file_check() lets pass and that is shorter than max bytes; *ret_text is the caller's.  0, ERR_NOT_FOUND,
 * ERR_MODULE_FAILED (not to be trusted), ERR_TOO_LARGE or ERR_INTERNAL; each told in the log.
 */
int small_file_read(const char *path, size_t max, char **ret_text, size_t *ret_len);

#endif
