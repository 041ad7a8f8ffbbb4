/* SPDX-License-Identifier: Apache-2.0 */
/* tls/certutil.c: runs certutil, with a deadline and without a terminal: it would ask for a database's password there. */
#include "tls/certutil.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"

#define OUTPUT_MAX (1u << 20)
#define DEADLINE_MS 20000

/* Starts the tool in a session of its own, which has no terminal. The process, or -1. */
static pid_t
tool_start(const char *const argv[], int in, int out)
{
	static const char *const environment[] = { "LC_ALL=C", NULL };
	sigset_t none;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (setsid() >= 0 && dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 && dup2(out, STDERR_FILENO) >= 0 &&
	    close_range(STDERR_FILENO + 1, ~0u, 0) == 0)
		execve(argv[0], (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
	_exit(127);
}

/* Collects what it says until it closes its output. False: it was too slow, or said too much. */
static bool
output_read(int fd, struct buf *output)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	const int64_t end = clock_ms() + DEADLINE_MS;

	for (;;) {
		int64_t left = end - clock_ms();
		unsigned char *room;
		ssize_t n;

		if (left <= 0 || poll(&ready, 1, (int)left) <= 0 || (room = buf_reserve(output, 4096)) == NULL || (n = read(fd, room, 4096)) < 0)
			return false;
		if (n == 0)
			return true;
		output->len += (size_t)n;
	}
}

/* Runs it to its end. input: what it reads (at most a pipe's worth), NULL: nothing. The output is terminated. */
static int
tool_run(const char *const argv[], const char *input, struct buf *output)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, status = -1, r = ERR_INTERNAL;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 && (pid = tool_start(argv, in[0], out[1])) > 0) {
		if (input != NULL && write(in[1], input, strlen(input)) < 0)
			log_debug("certutil does not read");
		close(in[1]);
		close(out[1]);
		in[1] = out[1] = -1;
		if (!output_read(out[0], output))
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
		r = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ERR_INTERNAL;
	}
	for (int i = 0; i < 2; i++) {
		if (in[i] >= 0)
			close(in[i]);
		if (out[i] >= 0)
			close(out[i]);
	}
	buf_append(output, "", 1);
	return output->failed ? ERR_INTERNAL : r;
}

/* One action on a store. ret_output (NULL: not wanted) is the caller's, a string. */
static int
store_act(const char *folder, const char *const action[], const char *input, char **ret_output)
{
	const char *argv[16] = { CERTUTIL_PROGRAM };
	char *database = NULL;
	struct buf output;
	size_t count = 1;
	int r;

	if (asprintf(&database, "sql:%s", folder) < 0)
		return ERR_INTERNAL;
	for (; *action != NULL; action++)
		argv[count++] = *action;
	argv[count++] = "-d";
	argv[count] = database;
	buf_init(&output, OUTPUT_MAX);
	if ((r = tool_run(argv, input, &output)) != 0)
		log_error("%s: certutil %s: %s", folder, argv[1], output.len > 0 ? (const char *)output.data : "no answer");
	else if (ret_output != NULL && (*ret_output = strdup((const char *)output.data)) == NULL)
		r = ERR_INTERNAL;
	buf_clear(&output);
	free(database);
	return r;
}

int
certutil_create(const char *folder)
{
	return store_act(folder, (const char *const[]){ "-N", "--empty-password", NULL }, NULL, NULL);
}

int
certutil_add(const char *folder, const char *nickname, const char *pem)
{
	return store_act(folder, (const char *const[]){ "-A", "-a", "-t", "C,,", "-n", nickname, NULL }, pem, NULL);
}

/* The next line of a list that is a certificate: its nickname without the padding, and its trust. NULL at the end. text is cut up. */
static char *
list_next(char **text, const char **ret_trust)
{
	char *line;

	while ((line = strsep(text, "\n")) != NULL) {
		size_t len = strlen(line);
		char *trust;

		while (len > 0 && line[len - 1] == ' ')
			line[--len] = '\0';
		/* The trust is three lists of letters with commas between them, at the line's end. */
		if ((trust = strrchr(line, ' ')) == NULL || strchr(trust, ',') == NULL || strspn(trust + 1, "pPcCTuw,") != strlen(trust + 1))
			continue;
		*ret_trust = trust + 1;
		while (trust > line && trust[-1] == ' ')
			trust--;
		*trust = '\0';
		return line;
	}
	return NULL;
}

int
certutil_remove(const char *folder, const char *prefix, const char *keep, size_t *ret_count)
{
	char *list = NULL, *rest, *nickname;
	const char *trust;
	int r = store_act(folder, (const char *const[]){ "-L", NULL }, NULL, &list);

	*ret_count = 0;
	rest = list;
	while (r == 0 && (nickname = list_next(&rest, &trust)) != NULL) {
		if (strncmp(nickname, prefix, strlen(prefix)) != 0 || (keep != NULL && strcmp(nickname, keep) == 0))
			continue;
		if ((r = store_act(folder, (const char *const[]){ "-D", "-n", nickname, NULL }, NULL, NULL)) == 0)
			++*ret_count;
	}
	free(list);
	return r;
}

bool
certutil_has(const char *folder, const char *wanted)
{
	char *list = NULL, *rest, *nickname;
	const char *trust;
	bool found = false;

	if (store_act(folder, (const char *const[]){ "-L", NULL }, NULL, &list) != 0)
		return false;
	rest = list;
	while (!found && (nickname = list_next(&rest, &trust)) != NULL)
		found = strcmp(nickname, wanted) == 0 && *trust == 'C';
	free(list);
	return found;
}

/* certutil -K fails where there is none, and says so. */
static bool
has_no_key(const char *folder)
{
	const char *argv[] = { CERTUTIL_PROGRAM, "-K", "-d", NULL, NULL };
	char *database = NULL;
	struct buf output;
	bool none = false;

	buf_init(&output, OUTPUT_MAX);
	if (asprintf(&database, "sql:%s", folder) >= 0) {
		argv[3] = database;
		none = tool_run(argv, NULL, &output) != 0 && !output.failed && strstr((const char *)output.data, "no keys found") != NULL;
	}
	free(database);
	buf_clear(&output);
	return none;
}

bool
certutil_is_empty(const char *folder)
{
	char *list = NULL, *rest;
	const char *trust;
	bool empty = false;

	if (store_act(folder, (const char *const[]){ "-L", NULL }, NULL, &list) == 0) {
		rest = list;
		empty = list_next(&rest, &trust) == NULL && has_no_key(folder);
	}
	free(list);
	return empty;
}
