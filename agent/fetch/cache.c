/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/cache.c: one file an answer, named by the SHA-256 of what was asked. */
#include "fetch/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <openssl/evp.h>

#include "base/err.h"
#include "base/log.h"

int
cache_open(const char *folder)
{
	return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

void
cache_name(const char *kind, const void *key, size_t len, char name[CACHE_NAME_MAX])
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char hash[EVP_MAX_MD_SIZE] = { 0 };

	name[0] = '\0';
	if (ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, kind, strlen(kind) + 1) == 1 &&
	    EVP_DigestUpdate(ctx, key, len) == 1 && EVP_DigestFinal_ex(ctx, hash, NULL) == 1)
		for (size_t i = 0; i < 32; i++)
			snprintf(name + 2 * i, 3, "%02x", hash[i]);
	EVP_MD_CTX_free(ctx);
}

int
cache_get(int folder, const char *name, size_t max, unsigned char **ret_data, size_t *ret_len, time_t *ret_kept)
{
	int fd = folder < 0 || *name == '\0' ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	unsigned char *data = NULL;
	struct stat st;
	int r = ERR_NOT_FOUND;

	if (fd < 0)
		return r;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && (size_t)st.st_size <= max &&
	    (data = malloc((size_t)st.st_size)) != NULL && pread(fd, data, (size_t)st.st_size, 0) == st.st_size) {
		*ret_data = data;
		*ret_len = (size_t)st.st_size;
		*ret_kept = st.st_mtime;
		data = NULL;
		r = 0;
	}
	free(data);
	close(fd);
	return r;
}

/* A folder that has grown too large is emptied: everything in it can be had again. */
static void
folder_trim(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	size_t count = 0;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir)) != NULL)
		count++;
	rewinddir(dir);
	while (count > CACHE_FILES_MAX && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(folder, entry->d_name, 0);
	closedir(dir);
}

void
cache_put(int folder, const char *name, const void *data, size_t len)
{
	char part[CACHE_NAME_MAX + 16];
	int fd;

	if (folder < 0 || *name == '\0')
		return;
	folder_trim(folder);
	snprintf(part, sizeof(part), "%s.%d", name, (int)getpid());
	if ((fd = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) < 0) {
		log_info("an answer can't be kept: %s", strerror(errno));
		return;
	}
	if (write(fd, data, len) != (ssize_t)len || renameat(folder, part, folder, name) != 0)
		unlinkat(folder, part, 0);
	close(fd);
}
