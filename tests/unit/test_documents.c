/* SPDX-License-Identifier: Apache-2.0 */
/* test_documents.c: documents come in pieces, are hashed, counted, and gone with the connection. */
#include "test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "session/documents.h"

#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void
a_document_in_pieces_is_hashed(void)
{
	struct documents documents = { 0 };
	struct document *document = NULL;
	char back[3];

	CHECK_INT(documents_open(&documents, "/tmp", 3, "a.txt", "text/plain", &document), 0);
	CHECK_INT(document_check(document), ERR_DOCUMENT_INVALID);
	CHECK_INT(document_append(document, "a", 1), 0);
	CHECK_INT(document_append(document, "", 0), 0);
	CHECK_INT(document_append(document, "bc", 2), 0);
	CHECK_INT(document_check(document), 0);
	CHECK_STR(document->sha256, ABC);
	CHECK(pread(document->fd, back, 3, 0) == 3 && memcmp(back, "abc", 3) == 0);
	CHECK(documents_find(&documents, document->handle) == document);
	CHECK(documents_find(&documents, document->handle + 1) == NULL);
	documents_clear(&documents);
	CHECK(documents.count == 0 && documents.bytes == 0);
}

static void
an_empty_document_is_complete_at_once(void)
{
	struct documents documents = { 0 };
	struct document *document = NULL;

	CHECK_INT(documents_open(&documents, "/tmp", 0, "a", "text/plain", &document), 0);
	CHECK_INT(document_check(document), 0);
	CHECK_STR(document->sha256, EMPTY);
	documents_clear(&documents);
}

static void
more_bytes_than_announced_spoil_it(void)
{
	struct documents documents = { 0 };
	struct document *document = NULL;

	CHECK_INT(documents_open(&documents, "/tmp", 2, "a", "text/plain", &document), 0);
	CHECK_INT(document_append(document, "abc", 3), ERR_TOO_LARGE);
	CHECK_INT(document_append(document, "ab", 2), ERR_TOO_LARGE);
	CHECK_INT(document_check(document), ERR_TOO_LARGE);
	documents_clear(&documents);
}

static void
size_and_count_have_limits(void)
{
	struct documents documents = { 0 };
	struct document *document = NULL;
	int r = 0;

	CHECK_INT(documents_open(&documents, "/tmp", DOCUMENT_SIZE_MAX + 1ull, "a", "text/plain", &document), ERR_TOO_LARGE);
	for (int i = 0; i < 4; i++)
		CHECK_INT(documents_open(&documents, "/tmp", DOCUMENT_SIZE_MAX, "a", "text/plain", &document), 0);
	CHECK_INT(documents_open(&documents, "/tmp", 1, "a", "text/plain", &document), ERR_TOO_LARGE);
	documents_clear(&documents);
	for (int i = 0; i < DOCUMENTS_MAX && r == 0; i++)
		r = documents_adopt(&documents, dup(STDIN_FILENO), 0, EMPTY, "a", "text/plain", &document);
	/* A machine may allow fewer descriptors than we do documents. */
	if (r == 0)
		CHECK_INT(documents_open(&documents, "/tmp", 0, "a", "text/plain", &document), ERR_BUSY);
	documents_clear(&documents);
}

static void
a_spool_file_has_no_name_and_is_ours_alone(void)
{
	int fd = documents_spool("/tmp");
	char path[64], target[256];
	ssize_t len;

	CHECK(fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	CHECK(strstr(target, "(deleted)") != NULL);
	close(fd);
	CHECK_INT(documents_spool("/nonexistent"), -1);
}

TEST_MAIN(TEST_CASE(a_document_in_pieces_is_hashed), TEST_CASE(an_empty_document_is_complete_at_once),
    TEST_CASE(more_bytes_than_announced_spoil_it), TEST_CASE(size_and_count_have_limits),
    TEST_CASE(a_spool_file_has_no_name_and_is_ours_alone))
