/* SPDX-License-Identifier: Apache-2.0 */
/* session/audit.c: the audit log in the user's state folder. */
#include "session/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"

#define LINE_MAX_BYTES (256u << 10)	/* a batch of 1,000 hashes is 70 KiB */
#define ENTRY_MORE 400			/* what we add to the members, and a longer result than was reserved for */

struct audit {
	char *folder, *path;
	char previous[65];
	int told;	/* that it can't be written */
};

char *
audit_path(const char *folder, unsigned older)
{
	char *path = NULL;
	int n = older == 0 ? asprintf(&path, "%s/" AUDIT_FILE, folder) : asprintf(&path, "%s/" AUDIT_FILE ".%u", folder, older);

	return n < 0 ? NULL : path;
}

int
audit_line_hash(const char *line, size_t len, char ret_hash[65])
{
	unsigned char digest[SHA256_DIGEST_LENGTH];
	char *text;

	SHA256((const unsigned char *)line, len, digest);
	if ((text = hex_encode(digest, sizeof(digest))) == NULL)
		return ERR_INTERNAL;
	snprintf(ret_hash, 65, "%s", text);
	free(text);
	return 0;
}

/* The hash of the last whole line, without its end; a line that a power cut left half is ended first, so that it stays alone. */
static void
last_line_read(struct audit *audit)
{
	int fd = open(audit->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	char *tail = malloc(LINE_MAX_BYTES), *start;
	off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;
	size_t len = size > LINE_MAX_BYTES ? LINE_MAX_BYTES : (size_t)size;

	if (tail != NULL && len > 0 && pread(fd, tail, len, size - (off_t)len) == (ssize_t)len) {
		if (tail[len - 1] == '\n')
			len--;
		else if (pwrite(fd, "\n", 1, size) != 1)
			log_warning("%s: %s", audit->path, strerror(errno));
		start = memrchr(tail, '\n', len);
		start = start != NULL ? start + 1 : tail;
		audit_line_hash(start, len - (size_t)(start - tail), audit->previous);
	}
	free(tail);
	if (fd >= 0)
		close(fd);
}

int
audit_new(const char *folder, struct audit **ret_audit)
{
	struct audit *audit = calloc(1, sizeof(*audit));

	if (audit == NULL || (audit->folder = strdup(folder)) == NULL || (audit->path = audit_path(folder, 0)) == NULL) {
		audit_free(audit);
		return ERR_INTERNAL;
	}
	memset(audit->previous, '0', sizeof(audit->previous) - 1);
	last_line_read(audit);
	*ret_audit = audit;
	return 0;
}

void
audit_free(struct audit *audit)
{
	if (audit == NULL)
		return;
	free(audit->folder);
	free(audit->path);
	free(audit);
}

/* Each file takes the next one's name, from the oldest on. */
static void
rotate(struct audit *audit)
{
	struct stat about;

	if (stat(audit->path, &about) != 0 || about.st_size < (off_t)AUDIT_SIZE_MAX)
		return;
	for (unsigned older = AUDIT_OLDER_MAX; older > 0; older--) {
		char *from = audit_path(audit->folder, older - 1), *to = audit_path(audit->folder, older);

		if (from != NULL && to != NULL && rename(from, to) != 0 && errno != ENOENT)
			log_warning("%s: %s", to, strerror(errno));
		free(from);
		free(to);
	}
}

static int
log_open(struct audit *audit)
{
	rotate(audit);
	return open(audit->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* Whole or not at all: half a line would spoil the next one. */
static int
line_append(struct audit *audit, const char *line, size_t len)
{
	int fd = log_open(audit), error;
	off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
	ssize_t n = end >= 0 ? write(fd, line, len) : -1;

	error = n >= 0 ? ENOSPC : errno;
	if (n > 0 && n != (ssize_t)len && ftruncate(fd, end) != 0)
		log_warning("%s: %s", audit->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	errno = error;
	return n == (ssize_t)len ? 0 : ERR_AUDIT_UNAVAILABLE;
}

static int
unavailable_tell(struct audit *audit)
{
	if (!audit->told++)
		log_error("%s: the audit log can't be written: %s", audit->path, strerror(errno));
	return ERR_AUDIT_UNAVAILABLE;
}

int
audit_reserve(struct audit *audit, size_t bytes)
{
	int fd = log_open(audit), r = -1, error;
	off_t end = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;

	if (end >= 0)
		r = fallocate(fd, FALLOC_FL_KEEP_SIZE, end, (off_t)(bytes + ENTRY_MORE));
	error = errno;
	if (fd >= 0)
		close(fd);
	/* Some file systems of networks keep no room: there it shows when the line is written. */
	if (r == 0 || (end >= 0 && error == EOPNOTSUPP))
		return 0;
	errno = error;
	return unavailable_tell(audit);
}

static void
journal_tell(const cJSON *members)
{
	static const char *const names[] = { "origin", "kind", "certificate", "result" };
	const char *values[4];

	for (size_t i = 0; i < 4; i++)
		if ((values[i] = json_string(members, names[i])) == NULL)
			values[i] = "-";
	log_info("audit: origin %s, %s, %d hashes, certificate %.16s: %s", values[0], values[1],
	    cJSON_GetArraySize(json_member(members, "signed")), values[2], values[3]);
}

int
audit_add(struct audit *audit, cJSON *members)
{
	char now[32], *text, *line = NULL;
	time_t t = time(NULL);
	struct tm tm;
	int len, r;

	gmtime_r(&t, &tm);
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", &tm);
	journal_tell(members);
	cJSON_AddStringToObject(members, "time", now);
	cJSON_AddStringToObject(members, "previous", audit->previous);
	text = cJSON_PrintUnformatted(members);
	cJSON_Delete(members);
	if (text == NULL || (len = asprintf(&line, "%s\n", text)) < 0) {
		cJSON_free(text);
		return ERR_AUDIT_UNAVAILABLE;
	}
	if ((r = line_append(audit, line, (size_t)len)) == 0) {
		audit_line_hash(text, strlen(text), audit->previous);
		audit->told = 0;
	} else {
		unavailable_tell(audit);
	}
	free(line);
	cJSON_free(text);
	return r;
}
