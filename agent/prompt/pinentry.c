/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/pinentry.c: starting pinentry, its commands, and what its answers mean. */
#include "prompt/pinentry.h"

#include <assuan.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/trusted_file.h"
#include "prompt/language.h"
#include "prompt/locked.h"
#include "prompt/text.h"

#define LINE_BYTES 1000		/* an Assuan line without its end */
#define GRACE_MS 1000		/* pinentry's own timeout comes first; ours is for one that hangs */
#define FLAVOR_BYTES 32

struct pinentry {
	assuan_context_t context;
	char flavor[FLAVOR_BYTES];	/* "gtk2", "qt", "gnome3", "gtk2:curses" */
};

/* The running pinentry, written by the child itself before exec: the alarm must end one that never says hello. Shared memory. */
static volatile pid_t *child_pid;
static volatile sig_atomic_t expired;

static void
deadline_passed(int signal_number)
{
	(void)signal_number;
	expired = 1;
	if (*child_pid > 0)
		kill(*child_pid, SIGKILL);
}

static int
deadline_start(int64_t deadline)
{
	int64_t left = deadline - clock_ms() + GRACE_MS;
	/* Again each second: the first may come between fork and the child's word. */
	struct itimerval timer = { .it_interval = { .tv_sec = 1 }, .it_value = { .tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 } };
	struct sigaction action = { .sa_handler = deadline_passed, .sa_flags = SA_RESTART };

	if (left <= GRACE_MS)
		return ERR_TIMEOUT;
	if (child_pid == NULL) {
		child_pid = mmap(NULL, sizeof(*child_pid), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (child_pid == MAP_FAILED) {
			child_pid = NULL;
			return ERR_INTERNAL;
		}
	}
	*child_pid = 0;
	expired = 0;
	return sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &timer, NULL) == 0 ? 0 : ERR_INTERNAL;
}

static void
deadline_stop(void)
{
	const struct itimerval never = { 0 };

	setitimer(ITIMER_REAL, &never, NULL);
	if (child_pid != NULL)
		*child_pid = 0;
}

/* In the child, before libassuan closes what is not its own and calls exec. */
static void
child_prepare(void *parent, int reserved)
{
	(void)reserved;
	signal(SIGPIPE, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != *(const pid_t *)parent)
		_exit(126);
	*child_pid = getpid();
}

static int
log_nothing(assuan_context_t context, void *data, unsigned category, const char *message)
{
	(void)context, (void)data, (void)category, (void)message;
	return 0;
}

static int
error_from_gpg(gpg_error_t error)
{
	if (expired)
		return ERR_TIMEOUT;
	switch (gpg_err_code(error)) {
	case GPG_ERR_NO_ERROR:
		return 0;
	case GPG_ERR_TIMEOUT:
		return ERR_TIMEOUT;
	case GPG_ERR_ENOTTY:		/* no display, and no terminal to fall back to */
	case GPG_ERR_EOF:		/* it crashed or was killed */
	case GPG_ERR_EPIPE:
	case GPG_ERR_ASS_SERVER_START:
	case GPG_ERR_ASS_CONNECT_FAILED:
	case GPG_ERR_ASS_READ_ERROR:
	case GPG_ERR_ASS_WRITE_ERROR:
	case GPG_ERR_NO_PIN_ENTRY:
	case GPG_ERR_PIN_ENTRY:
	case GPG_ERR_LOCALE_PROBLEM:
	case GPG_ERR_WINDOW_TOO_SMALL:
	case GPG_ERR_MISSING_ENVVAR:
		log_warning("pinentry: %s", gpg_strerror(error));
		return ERR_NO_DISPLAY;
	default:
		log_warning("pinentry: %s", gpg_strerror(error));
		return ERR_INTERNAL;
	}
}

static gpg_error_t
flavor_receive(void *flavor, const void *data, size_t len)
{
	snprintf(flavor, FLAVOR_BYTES, "%.*s", (int)(len < FLAVOR_BYTES ? len : FLAVOR_BYTES), (const char *)data);
	return 0;
}

/* Its own words; an old pinentry that knows an option or a question not is no worse for it. */
static void
options_send(struct pinentry *pinentry)
{
	const char *const options[][2] = {
		{ "OPTION grab", NULL },
		{ "OPTION lc-ctype=", "C.UTF-8" },
		{ "OPTION default-tt-visi=", _("Show the PIN") },
		{ "OPTION default-tt-hide=", _("Hide the PIN") },
		{ "OPTION default-capshint=", _("Caps Lock is on") },
	};
	const char *terminal = getenv("IMZA_TTY"), *type = getenv("TERM");	/* agent/helpers/programs.h */
	char line[LINE_BYTES + 1];

	if (terminal != NULL) {
		snprintf(line, sizeof(line), "OPTION ttyname=%s", terminal);
		assuan_transact(pinentry->context, line, NULL, NULL, NULL, NULL, NULL, NULL);
		snprintf(line, sizeof(line), "OPTION ttytype=%s", type != NULL ? type : "dumb");
		assuan_transact(pinentry->context, line, NULL, NULL, NULL, NULL, NULL, NULL);
	}
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		snprintf(line, sizeof(line), "%s%s", options[i][0], options[i][1] != NULL ? options[i][1] : "");
		assuan_transact(pinentry->context, line, NULL, NULL, NULL, NULL, NULL, NULL);
	}
	assuan_transact(pinentry->context, "GETINFO flavor", flavor_receive, pinentry->flavor, NULL, NULL, NULL, NULL);
}

static int
pinentry_connect(struct pinentry *pinentry, const char *path)
{
	static struct assuan_malloc_hooks hooks = { locked_malloc, locked_realloc, locked_free };
	const char *argv[] = { path, NULL };
	pid_t parent = getpid();
	gpg_error_t error;

	error = assuan_new_ext(&pinentry->context, GPG_ERR_SOURCE_USER_1, &hooks, log_nothing, NULL);
	if (error != 0)
		return ERR_INTERNAL;
	/* Everything libassuan logs is off; and from here on it would say "[Confidential data not shown]". */
	assuan_begin_confidential(pinentry->context);
	error = assuan_pipe_connect(pinentry->context, path, argv, NULL, child_prepare, &parent, 0);
	if (error == 0)
		return 0;
	log_error("%s: %s", path, gpg_strerror(error));
	return expired ? ERR_TIMEOUT : ERR_NO_DISPLAY;
}

int
pinentry_open(const char *path, int64_t deadline, struct pinentry **ret_pinentry)
{
	struct pinentry *pinentry = NULL;
	const char *why = NULL;
	char *program = NULL;
	int r;

	if (trusted_file_resolve(path, &program, &why) != 0) {
		log_error("pinentry %s: %s", path, why);
		return ERR_NO_DISPLAY;
	}
	if ((r = deadline_start(deadline)) != 0)
		goto out;
	if ((pinentry = calloc(1, sizeof(*pinentry))) == NULL) {
		r = ERR_INTERNAL;
		goto out;
	}
	if ((r = pinentry_connect(pinentry, program)) != 0)
		goto out;
	options_send(pinentry);
	if (strncmp(pinentry->flavor, "fltk", 4) == 0) {
		/* 1.2.1 answers OK when its window is closed or left by Escape: a refusal would sign. */
		log_error("pinentry-fltk takes Escape for OK and is not used; install pinentry-gtk2, pinentry-qt or pinentry-gnome3");
		r = ERR_NO_DISPLAY;
		goto out;
	}
	*ret_pinentry = pinentry;
	pinentry = NULL;
out:
	if (r != 0)
		deadline_stop();
	pinentry_close(&pinentry);
	free(program);
	return r;
}

void
pinentry_close(struct pinentry **pinentry)
{
	pid_t pid;

	if (*pinentry == NULL)
		return;
	deadline_stop();
	if ((*pinentry)->context != NULL) {
		/* assuan_release() waits for the process, which does not end by itself while a dialog is open. */
		pid = assuan_get_pid((*pinentry)->context);
		if (pid > 0)
			kill(pid, SIGKILL);
		assuan_release((*pinentry)->context);
	}
	free(*pinentry);
	*pinentry = NULL;
}

bool
pinentry_has_third_button(const struct pinentry *pinentry)
{
	/* gnome3 shows two buttons whatever is set; of one that we don't know we don't expect more. */
	static const char *const known[] = { "gtk2", "qt", "qt4", "qt5", "qt6", "curses", "tty", "gtk2:curses", "qt:curses", "qt5:curses",
		"gnome3:curses" };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(pinentry->flavor, known[i]) == 0)
			return true;
	return false;
}

int
pinentry_set(struct pinentry *pinentry, const char *command, const char *text)
{
	struct buf line;
	gpg_error_t error;
	int r;

	buf_init(&line, LINE_BYTES + 1);
	buf_append_string(&line, command);
	buf_append_string(&line, " ");
	text_append_escaped(&line, text, strlen(text));
	buf_append(&line, "", 1);
	if (line.failed) {
		/* libassuan would cut the line, and the signer would not see the rest. */
		r = ERR_TOO_LARGE;
	} else {
		error = assuan_transact(pinentry->context, (const char *)line.data, NULL, NULL, NULL, NULL, NULL, NULL);
		r = error_from_gpg(error);
	}
	buf_clear(&line);
	return r;
}

static int
answer_from_gpg(gpg_error_t error, enum pinentry_answer *ret_answer)
{
	switch (gpg_err_code(error)) {
	case GPG_ERR_NO_ERROR:
		*ret_answer = PINENTRY_OK;
		return 0;
	case GPG_ERR_NOT_CONFIRMED:
		*ret_answer = PINENTRY_NOTOK;
		return 0;
	case GPG_ERR_CANCELED:
	case GPG_ERR_FULLY_CANCELED:
	case GPG_ERR_ASS_CANCELED:
		*ret_answer = PINENTRY_CANCEL;
		return 0;
	default:
		return error_from_gpg(error);
	}
}

int
pinentry_confirm(struct pinentry *pinentry, enum pinentry_answer *ret_answer)
{
	return answer_from_gpg(assuan_transact(pinentry->context, "CONFIRM", NULL, NULL, NULL, NULL, NULL, NULL), ret_answer);
}

struct pin_sink {
	struct secret *secret;
	bool too_long;
};

/* libassuan has undone the percent escapes, in its line.  An error from here would leave the rest of the answer unread: it is told later. */
static gpg_error_t
pin_receive(void *sink_data, const void *data, size_t len)
{
	struct pin_sink *sink = sink_data;

	if (secret_append(sink->secret, data, len) != 0)
		sink->too_long = true;
	return 0;
}

int
pinentry_pin(struct pinentry *pinentry, struct secret *secret, enum pinentry_answer *ret_answer)
{
	struct pin_sink sink = { .secret = secret };
	gpg_error_t error;

	secret_clear(secret);
	error = assuan_transact(pinentry->context, "GETPIN", pin_receive, &sink, NULL, NULL, NULL, NULL);
	if (error != 0 || sink.too_long)
		secret_clear(secret);
	if (error == 0 && sink.too_long)
		return ERR_TOO_LARGE;
	return answer_from_gpg(error, ret_answer);
}

int
pinentry_message(struct pinentry *pinentry)
{
	return error_from_gpg(assuan_write_line(pinentry->context, "MESSAGE"));
}
