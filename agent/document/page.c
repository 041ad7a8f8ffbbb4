/* SPDX-License-Identifier: Apache-2.0 */
/* document/page.c: running pdfinfo and pdftoppm in this process's sandbox, and taking the picture out of what they print. */
#include "document/page.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/sandbox.h"

#define PDFINFO "/usr/bin/pdfinfo"
#define PDFTOPPM "/usr/bin/pdftoppm"
#define MEMORY_MAX (768ul << 20)
#define CPU_SECONDS_MAX 15
#define WIDTH_MIN 100
#define WIDTH_MAX 2400
#define HEIGHT_MAX 4800
#define INFO_BYTES_MAX (256u << 10)
#define HEADER_BYTES_MAX 64

struct reader {
	pid_t pid;
	int fd;		/* what the program prints */
	int complaints;	/* what it says of the document, as far as a pipe holds it */
};

struct picture {
	long width, height;
	bool flawed;	/* poppler found mistakes: it may not be all */
};

int
page_sandbox(void)
{
	static const char *const readable[] = { "/usr/lib", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/usr/share/fonts", "/usr/local/share/fonts",
		"/usr/share/fontconfig", "/var/cache/fontconfig", "/usr/share/poppler", "/usr/share/color", NULL };
	static const char *const runnable[] = { PDFINFO, PDFTOPPM, "/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", NULL };

	if (fcntl(FRAME_HELPER_FD, F_SETFD, FD_CLOEXEC) != 0)
		return ERR_INTERNAL;
	return sandbox_enter_programs(readable, runnable);
}

static void __attribute__((noreturn))
program_run(const char *const argv[], int input, int output, int complaints, pid_t parent)
{
	static char *const environment[] = { NULL };
	const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX }, cpu = { CPU_SECONDS_MAX, CPU_SECONDS_MAX }, files = { 64, 64 };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
	    dup2(complaints, STDERR_FILENO) < 0 ||
	    setrlimit(RLIMIT_CPU, &cpu) != 0 || setrlimit(RLIMIT_NOFILE, &files) != 0 || setrlimit(RLIMIT_AS, &memory) != 0)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	execve(argv[0], (char *const *)(uintptr_t)argv, environment);
	_exit(127);
}

/* Every other descriptor of ours closes with the exec. */
static int
program_start(const char *const argv[], int input, struct reader *ret_reader)
{
	pid_t parent = getpid();
	int ends[2], said[2];

	if (lseek(input, 0, SEEK_SET) != 0 || pipe2(ends, O_CLOEXEC) != 0)
		return ERR_INTERNAL;
	/* Nobody reads the complaints before the end: what does not fit is dropped. */
	if (pipe2(said, O_CLOEXEC | O_NONBLOCK) != 0) {
		close(ends[0]);
		close(ends[1]);
		return ERR_INTERNAL;
	}
	ret_reader->pid = fork();
	if (ret_reader->pid == 0)
		program_run(argv, input, ends[1], said[1], parent);
	close(ends[1]);
	close(said[1]);
	ret_reader->fd = ends[0];
	ret_reader->complaints = said[0];
	if (ret_reader->pid > 0)
		return 0;
	close(ends[0]);
	close(said[0]);
	return ERR_INTERNAL;
}

/* Closing the pipe ends a program that still prints; one that hangs, its processor time. 0 when it ended well; *ret_flawed: with errors told. */
static int
program_end(struct reader *reader, bool *ret_flawed)
{
	char said[4096 + 1];
	int status;
	ssize_t len;

	close(reader->fd);
	while (waitpid(reader->pid, &status, 0) < 0)
		if (errno != EINTR)
			return ERR_INTERNAL;
	len = read(reader->complaints, said, sizeof(said) - 1);
	said[len > 0 ? len : 0] = '\0';
	close(reader->complaints);
	*ret_flawed = strstr(said, "Error") != NULL;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : ERR_DOCUMENT_INVALID;
}

/* Up to max bytes; fewer at the end. */
static ssize_t
read_fully(int fd, void *data, size_t max)
{
	size_t len = 0;
	ssize_t n;

	while (len < max && (n = read(fd, (char *)data + len, max - len)) != 0) {
		if (n < 0 && errno != EINTR)
			return -1;
		len += n > 0 ? (size_t)n : 0;
	}
	return (ssize_t)len;
}

/*
 * pdfinfo prints what the document says of itself first, whatever it is, and only then the number of pages: the last line of that name is
 * its own.
 */
static int64_t
pages_find(char *info)
{
	int64_t pages = 0;
	char *save = NULL;

	for (char *line = strtok_r(info, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "Pages:", 6) == 0)
			pages = strtol(line + 6, NULL, 10);
	return pages;
}

static int
pages_count(int input, int64_t *ret_pages)
{
	static const char *const argv[] = { PDFINFO, "-", NULL };
	char *info = malloc(INFO_BYTES_MAX + 1);
	struct reader reader;
	int r = ERR_INTERNAL, ended;
	bool flawed;
	ssize_t len;

	if (info == NULL || (r = program_start(argv, input, &reader)) != 0)
		goto out;
	len = read_fully(reader.fd, info, INFO_BYTES_MAX + 1);
	ended = program_end(&reader, &flawed);
	if (len < 0 || len > (ssize_t)INFO_BYTES_MAX)
		r = ERR_DOCUMENT_INVALID;
	else
		r = ended;
	if (r != 0)
		goto out;
	info[len] = '\0';
	if ((*ret_pages = pages_find(info)) < 1)
		r = ERR_DOCUMENT_INVALID;
out:
	free(info);
	return r;
}

/* "P6", width, height, 255, each on a line's end or after a space; the picture follows. */
static int
header_read(int fd, struct picture *picture)
{
	char header[HEADER_BYTES_MAX + 1];
	size_t len = 0;
	int lines = 0, end = 0;

	while (lines < 3 && len < HEADER_BYTES_MAX && read_fully(fd, header + len, 1) == 1)
		lines += header[len++] == '\n';
	header[len] = '\0';
	if (lines != 3 || sscanf(header, "P6\n%4ld %4ld\n255\n%n", &picture->width, &picture->height, &end) != 2 || (size_t)end != len)
		return ERR_DOCUMENT_INVALID;
	if (picture->width < 1 || picture->height < 1 || picture->width > WIDTH_MAX || picture->height > HEIGHT_MAX)
		return ERR_TOO_LARGE;
	return 0;
}

static int
pixels_copy(int from, int to, size_t len)
{
	char data[65536];
	ssize_t n;

	for (; len > 0; len -= (size_t)n) {
		n = read_fully(from, data, len < sizeof(data) ? len : sizeof(data));
		if (n <= 0)
			return ERR_DOCUMENT_INVALID;
		for (ssize_t done = 0, written; done < n; done += written)
			if ((written = write(to, data + done, (size_t)(n - done))) <= 0)
				return ERR_INTERNAL;
	}
	return 0;
}

static int
picture_make(int input, int output, int64_t page, int64_t width, struct picture *ret_picture)
{
	char number[24], across[24];
	const char *argv[] = { PDFTOPPM, "-f", number, "-l", number, "-scale-to-x", across, "-scale-to-y", "-1", "-", NULL };
	struct reader reader;
	int r, ended;

	snprintf(number, sizeof(number), "%lld", (long long)page);
	snprintf(across, sizeof(across), "%lld", (long long)width);
	if ((r = program_start(argv, input, &reader)) != 0)
		return r;
	/* Where it can't have the memory it draws one pixel, and says so on standard error only. */
	if ((r = header_read(reader.fd, ret_picture)) == 0 && ret_picture->width != width)
		r = ERR_TOO_LARGE;
	if (r == 0)
		r = pixels_copy(reader.fd, output, (size_t)ret_picture->width * (size_t)ret_picture->height * 3);
	ended = program_end(&reader, &ret_picture->flawed);
	return r != 0 ? r : ended;
}

int
page_draw(struct helper_call *call, cJSON **ret_result)
{
	int64_t page = json_integer(call->request, "page", 0), width = json_integer(call->request, "width", 0), pages = 0;
	int input = helper_take_fd(call, 0), output = helper_take_fd(call, 1), r = ERR_INVALID_PARAMS;
	struct picture picture = { 0 };
	cJSON *result;

	if (input < 0 || output < 0 || page < 1 || width < WIDTH_MIN || width > WIDTH_MAX)
		goto out;
	if ((r = pages_count(input, &pages)) != 0)
		goto out;
	if (page > pages) {
		r = ERR_INVALID_PARAMS;
		goto out;
	}
	if ((r = picture_make(input, output, page, width, &picture)) != 0)
		goto out;
	result = cJSON_CreateObject();
	cJSON_AddNumberToObject(result, "pages", (double)pages);
	cJSON_AddNumberToObject(result, "width", (double)picture.width);
	cJSON_AddNumberToObject(result, "height", (double)picture.height);
	cJSON_AddBoolToObject(result, "flawed", picture.flawed);
	*ret_result = result;
out:
	if (input >= 0)
		close(input);
	if (output >= 0)
		close(output);
	return r;
}
