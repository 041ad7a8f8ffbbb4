/* SPDX-License-Identifier: Apache-2.0 */
/* test_trusted_file.c: which files code may be loaded from. */
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/trusted_file.h"

static char root[32], folder[64], file[96];

static void
tree_make(void)
{
	int fd;

	snprintf(root, sizeof(root), "/tmp/trusted-file-XXXXXX");
	CHECK(mkdtemp(root) != NULL);
	snprintf(folder, sizeof(folder), "%s/folder", root);
	snprintf(file, sizeof(file), "%s/module.so", folder);
	CHECK_INT(mkdir(folder, 0755), 0);
	fd = open(file, O_CREAT | O_WRONLY, 0644);
	CHECK(fd >= 0);
	close(fd);
}

static void
tree_remove(void)
{
	unlink(file);
	rmdir(folder);
	rmdir(root);
}

static void
own_file_below_a_sticky_folder_is_trusted(void)
{
	char *resolved = NULL;
	const char *why = NULL;

	tree_make();
	CHECK_INT(trusted_file_resolve(file, &resolved, &why), 0);
	CHECK_STR(resolved, file);
	CHECK(why == NULL);
	free(resolved);
	CHECK_INT(trusted_file_check("/bin/sh"), 0);
	tree_remove();
}

static void
modes_that_let_others_write_are_refused(void)
{
	static const struct {
		const char *path;
		mode_t mode, good;
	} cases[] = {
		{ file, 0646, 0644 },
		{ file, 0664, 0644 },
		{ folder, 0777, 0755 },
		{ folder, 0775, 0755 },
		{ folder, 01777, 0755 },	/* sticky is not enough for the file's own folder */
		{ root, 0777, 0700 },
	};

	tree_make();
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *resolved = NULL;
		const char *why = NULL;

		CHECK_INT(chmod(cases[i].path, cases[i].mode), 0);
		CHECK_MSG(trusted_file_resolve(file, &resolved, &why) == ERR_MODULE_FAILED, "case %zu", i);
		CHECK_MSG(resolved == NULL && why != NULL, "case %zu", i);
		CHECK_INT(chmod(cases[i].path, cases[i].good), 0);
		CHECK_MSG(trusted_file_check(file) == 0, "case %zu afterwards", i);
	}
	tree_remove();
}

static void
a_link_is_judged_by_its_target(void)
{
	char link_path[96];
	char *resolved = NULL;

	tree_make();
	snprintf(link_path, sizeof(link_path), "%s/link.so", root);
	CHECK_INT(symlink(file, link_path), 0);
	CHECK_INT(trusted_file_resolve(link_path, &resolved, NULL), 0);
	CHECK_STR(resolved, file);
	free(resolved);
	chmod(folder, 0777);
	CHECK_INT(trusted_file_check(link_path), ERR_MODULE_FAILED);
	unlink(link_path);
	tree_remove();
}

static void
a_file_of_another_user_is_refused(void)
{
	tree_make();
	if (geteuid() != 0) {
		printf("# only root can give a file away\n");
	} else {
		CHECK_INT(chown(file, 65534, 65534), 0);
		CHECK_INT(trusted_file_check(file), ERR_MODULE_FAILED);
		CHECK_INT(chown(file, 0, 0), 0);
		CHECK_INT(chown(folder, 65534, 65534), 0);
		CHECK_INT(trusted_file_check(file), ERR_MODULE_FAILED);
	}
	tree_remove();
}

static void
what_is_no_file_is_refused(void)
{
	tree_make();
	CHECK_INT(trusted_file_check("module.so"), ERR_NOT_FOUND);
	CHECK_INT(trusted_file_check(""), ERR_NOT_FOUND);
	CHECK_INT(trusted_file_check("/nowhere/module.so"), ERR_NOT_FOUND);
	CHECK_INT(trusted_file_check(folder), ERR_MODULE_FAILED);
	CHECK_INT(trusted_file_check("/dev/null"), ERR_MODULE_FAILED);
	tree_remove();
}

TEST_MAIN(TEST_CASE(own_file_below_a_sticky_folder_is_trusted), TEST_CASE(modes_that_let_others_write_are_refused),
    TEST_CASE(a_link_is_judged_by_its_target), TEST_CASE(a_file_of_another_user_is_refused), TEST_CASE(what_is_no_file_is_refused))
