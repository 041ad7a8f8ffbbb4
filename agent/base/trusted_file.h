/* SPDX-License-Identifier: Apache-2.0 */
/* base/trusted_file.h: whether a file could have been put there only by root or by this user; asked before code is loaded from it. */
#ifndef BASE_TRUSTED_FILE_H
#define BASE_TRUSTED_FILE_H

/*
 * Follows symbolic links and looks at the file they end at: a regular file, it and each folder above it owned by root or the effective user
 * and writable by nobody else (a sticky folder such as /tmp may stand above the file's own folder).  0: *ret_resolved (NULL: not wanted) is
 * the real path and the caller's.  ERR_NOT_FOUND: no such file, or path is not absolute; ERR_MODULE_FAILED: not to be trusted;
 * then *ret_why (NULL: not wanted) is a sentence in static storage.
 */
int trusted_file_resolve(const char *path, char **ret_resolved, const char **ret_why);

/* The same, for who only asks. 0, ERR_NOT_FOUND or ERR_MODULE_FAILED. */
int trusted_file_check(const char *path);

#endif
