/* SPDX-License-Identifier: Apache-2.0 */
/* base/landlock_linux.c: a Landlock ruleset by its system calls, since no library of Debian 12 wraps them. */
#include "base/landlock.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"

/* Every right of Landlock's first version; later ones are asked for by number, since Debian 12's header ends at the second. */
#define FILES_V1 ((1ull << 13) - 1)
#define FILES_REFER (1ull << 13)
#define FILES_TRUNCATE (1ull << 14)
#define FILES_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FILES_OF_FILE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | FILES_TRUNCATE)
#define NETWORK_TCP 3ull	/* bind and connect, since version 4 */

struct ruleset {
	uint64_t files, network;
};

/* Which rights this kernel knows: asking for others would fail as a whole. */
static struct ruleset
ruleset_of(long version, const struct landlock_rules *rules)
{
	uint64_t files = FILES_V1 | (version >= 2 ? FILES_REFER : 0) | (version >= 3 ? FILES_TRUNCATE : 0);

	if (rules->readable == NULL)
		files &= ~(uint64_t)(FILES_READ | LANDLOCK_ACCESS_FS_EXECUTE);
	return (struct ruleset){ .files = files, .network = rules->no_tcp && version >= 4 ? NETWORK_TCP : 0 };
}

/* What isn't there needs no right; a file can't have a folder's. */
static int
folders_allow(int fd, const char *const *folders, uint64_t rights)
{
	int r = 0;

	for (; r == 0 && folders != NULL && *folders != NULL; folders++) {
		struct landlock_path_beneath_attr rule = { .allowed_access = rights, .parent_fd = open(*folders, O_PATH | O_CLOEXEC) };

		struct stat st;

		if (rule.parent_fd < 0)
			continue;
		if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
			rule.allowed_access &= FILES_OF_FILE;
		r = (int)syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
		close(rule.parent_fd);
	}
	return r == 0 ? 0 : ERR_INTERNAL;
}

int
landlock_restrict(const struct landlock_rules *rules)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset ruleset = ruleset_of(version, rules);
	int fd, r;

	if (version < 1)
		return ERR_NOT_SUPPORTED;
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, version >= 4 ? sizeof(ruleset) : sizeof(ruleset.files), 0);
	if (fd < 0)
		return ERR_INTERNAL;
	r = folders_allow(fd, rules->readable, FILES_READ);
	if (r == 0)
		r = folders_allow(fd, rules->runnable, FILES_READ | LANDLOCK_ACCESS_FS_EXECUTE);
	if (r == 0)
		r = folders_allow(fd, rules->writable, ruleset.files & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE);
	if (r == 0 && syscall(SYS_landlock_restrict_self, fd, 0) != 0)
		r = ERR_INTERNAL;
	close(fd);
	return r;
}
