/* SPDX-License-Identifier: Apache-2.0 */
/* base/replace_file.c: write, fsync, rename. */
#include "base/replace_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

int
replace_file(const char *path, const void *data, size_t len)
{
	char *beside = NULL;
	int fd = -1, r = 0;

	if (asprintf(&beside, "%s.new", path) < 0)
		return ERR_INTERNAL;
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len || fsync(fd) != 0 || rename(beside, path) != 0) {
		r = errno == ENOSPC || errno == EDQUOT ? ERR_STORAGE_FULL : ERR_INTERNAL;
		log_warning("%s: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(beside);
	}
	if (fd >= 0)
		close(fd);
	free(beside);
	return r;
}
