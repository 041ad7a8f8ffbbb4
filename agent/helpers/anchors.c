/* SPDX-License-Identifier: Apache-2.0 */
/* helpers/anchors.c: folders of certificates into one sealed memory file, read again only when something in them has changed. */
#include "helpers/anchors.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/trusted_file.h"

#define ADMINISTRATOR_FOLDER "/etc/imza-agent/trust.d"
#define FILE_MAX (1l << 20)
#define FILES_MAX 1000		/* of one folder */
#define SEEN_MAX ((size_t)1 << 20)

struct anchors {
	const struct config_list *folders;
	struct buf seen;	/* what the folders looked like when they were read */
	struct certificate **authorities;	/* all of them; the self-signed too */
	size_t count;
	int fd;			/* -1 before the first reading */
};

static const char *const usual[] = { ADMINISTRATOR_FOLDER, TRUST_DIR };

static int
name_is_certificate(const struct dirent *entry)
{
	static const char *const endings[] = { ".pem", ".crt", ".cer", ".der" };
	const char *dot = strrchr(entry->d_name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(endings) / sizeof(endings[0]); i++)
		if (strcmp(dot, endings[i]) == 0)
			return 1;
	return 0;
}

/* Calls each(context, path) for the certificate files of every folder, by name; a folder that is not there has none. */
static void
files_walk(const struct anchors *anchors, void (*each)(void *context, const char *path), void *context)
{
	bool set = anchors->folders->count > 0 || anchors->folders->unread_count > 0;
	size_t folders = set ? anchors->folders->count : sizeof(usual) / sizeof(usual[0]);

	for (size_t i = 0; i < folders; i++) {
		const char *folder = set ? anchors->folders->items[i] : usual[i];
		struct dirent **entries = NULL;
		int count = scandir(folder, &entries, name_is_certificate, alphasort);
		char *path;

		for (int n = 0; n < count; n++) {
			if (n < FILES_MAX && asprintf(&path, "%s/%s", folder, entries[n]->d_name) >= 0) {
				each(context, path);
				free(path);
			}
			free(entries[n]);
		}
		free(entries);
	}
}

/* What a file is, without its bytes: all that can change when they do. */
static void
look_add(void *context, const char *path)
{
	struct buf *look = context;
	struct stat st = { 0 };
	char line[160];

	if (stat(path, &st) != 0)
		st = (struct stat){ 0 };
	snprintf(line, sizeof(line), " %ju %ju %jd %jd.%ld %jd.%ld %o %u\n", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, (intmax_t)st.st_size,
	    (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec, (intmax_t)st.st_ctim.tv_sec, st.st_ctim.tv_nsec, st.st_mode, st.st_uid);
	buf_append_string(look, path);
	buf_append_string(look, line);
}

/* --- reading --- */

struct reading {
	BIO *pem;
	struct certificate **certificates;
	size_t count;
	bool failed;	/* memory ran out */
};

static void
certificates_free(struct certificate **certificates, size_t count)
{
	while (count > 0)
		certificate_free(certificates[--count]);
	free(certificates);
}

/* Takes certificate. One that is too large for us to read is left out. */
static void
certificate_add(struct reading *reading, X509 *certificate)
{
	struct certificate **grown = realloc(reading->certificates, (reading->count + 1) * sizeof(*grown)), *own = NULL;
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der), r = ERR_INTERNAL;

	if (grown != NULL)
		reading->certificates = grown;
	if (grown != NULL && len > 0 && (r = certificate_new(der, (size_t)len, &own)) == 0 && PEM_write_bio_X509(reading->pem, certificate) == 1)
		reading->certificates[reading->count++] = own;
	else
		certificate_free(own);
	reading->failed = reading->failed || r == ERR_INTERNAL;
	OPENSSL_free(der);
	X509_free(certificate);
}

static size_t
certificates_read(struct reading *reading, BIO *in)
{
	size_t before = reading->count;
	X509 *certificate;

	while ((certificate = PEM_read_bio_X509(in, NULL, NULL, NULL)) != NULL)
		certificate_add(reading, certificate);
	if (reading->count == before && BIO_seek(in, 0) == 0 && (certificate = d2i_X509_bio(in, NULL)) != NULL)
		certificate_add(reading, certificate);
	ERR_clear_error();
	return reading->count - before;
}

static void
file_read(void *context, const char *path)
{
	struct reading *reading = context;
	const char *why = NULL;
	char *resolved = NULL;
	struct stat st;
	BIO *in = NULL;

	/* Whoever can write here decides whose certificates count. */
	if (trusted_file_resolve(path, &resolved, &why) == 0) {
		if (stat(resolved, &st) != 0 || st.st_size > FILE_MAX)
			why = "it is too large";
		else if ((in = BIO_new_file(resolved, "re")) == NULL)
			why = "it can't be opened";
		else if (certificates_read(reading, in) == 0)
			why = "it is no certificate";
	}
	if (why != NULL)
		log_warning("%s is left out: %s", path, why);
	BIO_free(in);
	free(resolved);
}

/* A file that is the same for every helper that gets it: nobody can write to it any more. */
static int
sealed_file(const char *data, size_t len)
{
	int fd = memfd_create("imza-anchors", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && (write(fd, data, len) != (ssize_t)len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int
folders_read(struct anchors *anchors)
{
	struct reading reading = { .pem = BIO_new(BIO_s_mem()) };
	char *pem;
	long len;
	int fd = -1;

	if (reading.pem == NULL)
		return ERR_INTERNAL;
	files_walk(anchors, file_read, &reading);
	len = BIO_get_mem_data(reading.pem, &pem);
	if (!reading.failed)
		fd = sealed_file(pem, (size_t)len);
	BIO_free(reading.pem);
	if (fd < 0) {
		certificates_free(reading.certificates, reading.count);
		return ERR_INTERNAL;
	}
	if (anchors->fd >= 0)
		close(anchors->fd);
	certificates_free(anchors->authorities, anchors->count);
	anchors->authorities = reading.certificates;
	anchors->fd = fd;
	anchors->count = reading.count;
	return 0;
}

int
anchors_fd(struct anchors *anchors)
{
	struct buf look;

	buf_init(&look, SEEN_MAX);
	files_walk(anchors, look_add, &look);
	if (anchors->fd < 0 || look.failed || look.len != anchors->seen.len ||
	    (look.len > 0 && memcmp(look.data, anchors->seen.data, look.len) != 0)) {
		if (folders_read(anchors) != 0) {
			buf_clear(&look);
			return -1;
		}
		buf_clear(&anchors->seen);
		anchors->seen = look;
		return anchors->fd;
	}
	buf_clear(&look);
	return anchors->fd;
}

const struct certificate *
anchors_issuer(const struct anchors *anchors, const struct certificate *certificate)
{
	for (size_t i = 0; i < anchors->count; i++)
		if (certificate_is_from(certificate, anchors->authorities[i], time(NULL)))
			return anchors->authorities[i];
	return NULL;
}

size_t
anchors_count(const struct anchors *anchors)
{
	return anchors->count;
}

int
anchors_new(const struct config_list *folders, struct anchors **ret_anchors)
{
	struct anchors *anchors = calloc(1, sizeof(*anchors));

	if (anchors == NULL)
		return ERR_INTERNAL;
	*anchors = (struct anchors){ .folders = folders, .fd = -1 };
	buf_init(&anchors->seen, SEEN_MAX);
	*ret_anchors = anchors;
	return 0;
}

void
anchors_free(struct anchors *anchors)
{
	if (anchors == NULL)
		return;
	if (anchors->fd >= 0)
		close(anchors->fd);
	buf_clear(&anchors->seen);
	certificates_free(anchors->authorities, anchors->count);
	free(anchors);
}
