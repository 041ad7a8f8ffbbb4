/* SPDX-License-Identifier: Apache-2.0 */
/* base/trusted_file.c: owners and modes along a path. */
#include "base/trusted_file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"

static bool
owner_is_trusted(const struct stat *st)
{
	return st->st_uid == 0 || st->st_uid == geteuid();
}

/* Each folder above path, which is cut down to "/" on the way. Others can't swap an entry of a sticky folder that isn't theirs. */
static const char *
folders_problem(char *path)
{
	struct stat st;
	bool own_folder = true;

	for (char *slash = strrchr(path, '/'); slash != NULL; slash = strrchr(path, '/'), own_folder = false) {
		slash[slash == path] = '\0';
		if (stat(path, &st) != 0)
			return "a folder above it can't be looked at";
		if (!owner_is_trusted(&st))
			return "a folder above it belongs to another user";
		if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (own_folder || (st.st_mode & S_ISVTX) == 0))
			return "others may write to a folder above it";
		if (slash == path)
			break;
	}
	return NULL;
}

int
trusted_file_resolve(const char *path, char **ret_resolved, const char **ret_why)
{
	char *resolved = NULL, *folders = NULL;
	const char *why = NULL;
	struct stat st;
	int r = ERR_MODULE_FAILED;

	if (path[0] != '/') {
		why = "its path is not absolute";
		r = ERR_NOT_FOUND;
	} else if ((resolved = realpath(path, NULL)) == NULL || stat(resolved, &st) != 0) {
		why = "there is no such file";
		r = ERR_NOT_FOUND;
	} else if (!S_ISREG(st.st_mode)) {
		why = "it is not a regular file";
	} else if (!owner_is_trusted(&st)) {
		why = "it belongs to another user";
	} else if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
		why = "others may write to it";
	} else if ((folders = strdup(resolved)) == NULL) {
		why = "memory ran out";
	} else {
		why = folders_problem(folders);
	}
	if (why != NULL)
		goto out;
	if (ret_resolved != NULL) {
		*ret_resolved = resolved;
		resolved = NULL;
	}
	r = 0;
out:
	if (why != NULL && ret_why != NULL)
		*ret_why = why;
	free(folders);
	free(resolved);
	return r;
}

int
trusted_file_check(const char *path)
{
	return trusted_file_resolve(path, NULL, NULL);
}
