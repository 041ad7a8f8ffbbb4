/* SPDX-License-Identifier: Apache-2.0 */
/* test_anchors.c: which files of the trust folders count, and that a change is seen. */
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>

#include "helpers/anchors.h"
#include "unit/pki.h"

static char folder[48];

static void
file_put(const char *name, X509 *certificate, bool der, mode_t mode)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	if (certificate == NULL)
		fputs("not a certificate", file);
	else if (der)
		i2d_X509_fp(file, certificate);
	else
		PEM_write_X509(file, certificate);
	fclose(file);
	chmod(path, mode);
}

static void
file_remove(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static size_t
certificates_in(int fd)
{
	char text[16384];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	size_t count = 0;

	text[len < 0 ? 0 : len] = '\0';
	for (const char *at = text; (at = strstr(at, "BEGIN CERTIFICATE")) != NULL; at++)
		count++;
	return count;
}

static void
good_files_count_and_changes_are_seen(void)
{
	struct pki_party root = pki_make(&(struct pki_wish){ .name = "Kök", .extensions = { CA_EXTENSIONS } });
	struct config_list folders = { .items = (char *[]){ folder }, .count = 1 };
	struct anchors *anchors = NULL;
	int first;

	snprintf(folder, sizeof(folder), "/tmp/anchors-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	CHECK_INT(anchors_new(&folders, &anchors), 0);
	CHECK_INT(certificates_in(anchors_fd(anchors)), 0);

	file_put("a.pem", root.certificate, false, 0644);
	file_put("b.der", root.certificate, true, 0644);
	file_put("c.crt", root.certificate, false, 0646);	/* anybody can write it */
	file_put("d.cer", NULL, false, 0644);
	file_put("e.txt", root.certificate, false, 0644);
	first = anchors_fd(anchors);
	CHECK_INT(certificates_in(first), 2);
	CHECK_INT(anchors_count(anchors), 2);
	/* Nothing has changed: the same file. Nobody who gets it can change it for others. */
	CHECK_INT(anchors_fd(anchors), first);
	CHECK(pwrite(first, "x", 1, 0) < 0 && ftruncate(first, 0) != 0);

	file_remove("a.pem");
	CHECK_INT(certificates_in(anchors_fd(anchors)), 1);
	/* A folder that others may write to counts no more than its files. */
	chmod(folder, 0777);
	file_put("f.pem", root.certificate, false, 0644);
	CHECK_INT(certificates_in(anchors_fd(anchors)), 0);

	for (size_t i = 0; i < 5; i++)
		file_remove((const char *[]){ "b.der", "c.crt", "d.cer", "e.txt", "f.pem" }[i]);
	rmdir(folder);
	CHECK_INT(certificates_in(anchors_fd(anchors)), 0);
	anchors_free(anchors);
	pki_free(&root);
}

TEST_MAIN(TEST_CASE(good_files_count_and_changes_are_seen))
