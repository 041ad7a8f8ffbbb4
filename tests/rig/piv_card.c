/* SPDX-License-Identifier: Apache-2.0 */
/*
 * piv_card.c: a virtual PIV card with a hand on it: piv_card READER-SOCKET CONTROL-SOCKET FOLDER NUMBER.  The control socket takes one command
 * a line and answers each with a line, "ok" or what was asked for:
 *   insert | remove | swap        put it into the reader, pull it, pull it and put it in again at once
 *   mute on|off                   no ATR
 *   slow MS [INS [N]]             each answer, or those to one instruction (hexadecimal), or the next N of these, that much later
 *   fail INS SW N                 the next N of these instructions get this status word
 *   pull N before|after           pulled at the N-th command from now, before or after it is carried out
 *   atr HEX                       another ATR from the next power-on
 *   log | forget                  the instructions so far, "ins:p2" in hexadecimal (never data); and forget them
 *   state                         "inserted|out connected|alone pin=N puk=N logins=N"
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "piv_applet.h"

#define LOG_MAX 20000
#define RETRY_MS 5	/* between tries to get into a reader that is not there */

static struct {
	struct applet *applet;
	const char *reader_path;
	int link;			/* to the reader; -1: not in one */
	bool inserted, mute;
	unsigned char atr[33];
	size_t atr_len;
	unsigned slow_ms, slow_ins, slow_count;	/* slow_ins 256: all */
	unsigned fail_ins, fail_sw, fail_count;
	unsigned pull_at;		/* 0: never */
	bool pull_after;
	struct { unsigned char ins, p2; } log[LOG_MAX];
	size_t log_len;
	unsigned char pending[APDU_MAX + 2];	/* an answer that waits for its time */
	size_t pending_len;
	long long pending_ms;
} card = { .link = -1, .slow_ins = 256 };

static long long
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
unix_socket(const char *path, bool listening)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0 && (listening ? bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4) != 0 :
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
link_close(void)
{
	if (card.link >= 0)
		close(card.link);
	card.link = -1;
	card.pending_len = 0;
	applet_reset(card.applet);
}

static void
pull(void)
{
	link_close();
	card.inserted = false;
}

/* --- the reader's end --- */

static bool
read_all(int fd, unsigned char *data, size_t len)
{
	for (size_t at = 0; at < len;) {
		ssize_t n = read(fd, data + at, len - at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static void
answer_send(const unsigned char *data, size_t len)
{
	unsigned char message[APDU_MAX + 4] = { (unsigned char)(len >> 8), (unsigned char)len };

	memcpy(message + 2, data, len);
	if (send(card.link, message, len + 2, MSG_NOSIGNAL) != (ssize_t)len + 2)
		link_close();
}

static void
command_answer(const unsigned char *apdu, size_t len)
{
	unsigned char out[APDU_MAX + 2];
	unsigned ins = len > 1 ? apdu[1] : 0;
	size_t out_len;

	if (card.log_len < LOG_MAX && len > 3) {
		card.log[card.log_len].ins = apdu[1];
		card.log[card.log_len++].p2 = apdu[3];
	}
	if (card.pull_at == 1 && !card.pull_after) {
		card.pull_at = 0;
		pull();
		return;
	}
	if (card.fail_count > 0 && ins == card.fail_ins) {
		card.fail_count--;
		out[0] = (unsigned char)(card.fail_sw >> 8);
		out[1] = (unsigned char)card.fail_sw;
		out_len = 2;
	} else {
		out_len = applet_answer(card.applet, apdu, len, out);
	}
	if (card.pull_at > 0 && --card.pull_at == 0) {
		pull();
		return;
	}
	if (card.slow_ms > 0 && card.slow_count > 0 && (card.slow_ins == 256 || card.slow_ins == ins)) {
		card.slow_count--;
		memcpy(card.pending, out, out_len);
		card.pending_len = out_len;
		card.pending_ms = now_ms() + card.slow_ms;
		return;
	}
	answer_send(out, out_len);
}

static void
link_read(void)
{
	unsigned char head[2], message[APDU_MAX];
	size_t len;

	if (!read_all(card.link, head, 2) || (len = (size_t)head[0] << 8 | head[1]) > sizeof(message) || !read_all(card.link, message, len)) {
		link_close();
		return;
	}
	if (len > 1)
		command_answer(message, len);
	else if (len == 1 && message[0] == 4)
		answer_send(card.atr, card.mute ? 0 : card.atr_len);
	else if (len == 1)
		applet_reset(card.applet);
}

/* --- the hand's end --- */

static void
log_write(FILE *out)
{
	for (size_t i = 0; i < card.log_len; i++)
		fprintf(out, "%s%02x:%02x", i > 0 ? " " : "", card.log[i].ins, card.log[i].p2);
	fprintf(out, "\n");
}

static bool
atr_set(const char *hex)
{
	size_t len = strlen(hex) / 2;

	if (len == 0 || len > sizeof(card.atr) || strlen(hex) % 2 != 0)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned byte;

		if (sscanf(hex + 2 * i, "%2x", &byte) != 1)
			return false;
		card.atr[i] = (unsigned char)byte;
	}
	card.atr_len = len;
	return true;
}

static bool
order_run(char *line, FILE *out)
{
	char word[16] = "", more[80] = "";
	unsigned a = 0, b = 0, c = 0;

	if (sscanf(line, "%15s", word) != 1)
		return false;
	if (strcmp(word, "insert") == 0) {
		card.inserted = true;
	} else if (strcmp(word, "remove") == 0) {
		pull();
	} else if (strcmp(word, "swap") == 0) {
		pull();
		card.inserted = true;
	} else if (sscanf(line, "mute %15s", more) == 1) {
		card.mute = strcmp(more, "on") == 0;
	} else if ((a = (unsigned)sscanf(line, "slow %u %x %u", &b, &c, &card.slow_count)) >= 1 && a <= 3) {
		card.slow_ms = b;
		card.slow_ins = a >= 2 ? c : 256;
		card.slow_count = a == 3 ? card.slow_count : UINT_MAX;
	} else if (sscanf(line, "fail %x %x %u", &a, &b, &c) == 3) {
		card.fail_ins = a;
		card.fail_sw = b;
		card.fail_count = c;
	} else if (sscanf(line, "pull %u %15s", &a, more) == 2) {
		card.pull_at = a;
		card.pull_after = strcmp(more, "after") == 0;
	} else if (sscanf(line, "atr %79s", more) == 1) {
		if (!atr_set(more))
			return false;
	} else if (strcmp(word, "forget") == 0) {
		card.log_len = 0;
	} else if (strcmp(word, "log") == 0) {
		log_write(out);
		return true;
	} else if (strcmp(word, "state") == 0) {
		fprintf(out, "%s %s pin=%d puk=%d logins=%u\n", card.inserted ? "inserted" : "out", card.link >= 0 ? "connected" : "alone",
		    applet_pin_tries(card.applet), applet_puk_tries(card.applet), applet_logins(card.applet));
		return true;
	} else {
		return false;
	}
	fprintf(out, "ok\n");
	return true;
}

/* One connection, one order: a hand does one thing at a time. */
static void
order_take(int control)
{
	int fd = accept4(control, NULL, NULL, SOCK_CLOEXEC);
	FILE *stream = fd >= 0 ? fdopen(fd, "r+") : NULL;
	char line[128];

	if (stream == NULL)
		return;
	if (fgets(line, sizeof(line), stream) != NULL) {
		fseek(stream, 0, SEEK_CUR);
		if (!order_run(line, stream))
			fprintf(stream, "bad order\n");
	}
	fclose(stream);
}

int
main(int argc, char **argv)
{
	int control;

	if (argc != 5 || (card.applet = applet_new(argv[3], (unsigned)atoi(argv[4]))) == NULL || (control = unix_socket(argv[2], true)) < 0) {
		fprintf(stderr, "usage: piv_card READER-SOCKET CONTROL-SOCKET FOLDER NUMBER\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	card.reader_path = argv[1];
	/* T=1, historical bytes 80 73 FF 01 00: a category byte and card capabilities. */
	atr_set("3b951381018073ff01000b");
	for (;;) {
		struct pollfd fds[2] = { { control, POLLIN, 0 }, { card.link, POLLIN, 0 } };
		int wait = card.inserted && card.link < 0 ? RETRY_MS : -1;

		if (card.pending_len > 0)
			wait = card.pending_ms > now_ms() ? (int)(card.pending_ms - now_ms()) : 0;
		if (poll(fds, 2, wait) < 0 && errno != EINTR)
			return 1;
		if (card.pending_len > 0 && now_ms() >= card.pending_ms) {
			answer_send(card.pending, card.pending_len);
			card.pending_len = 0;
		}
		if (card.link >= 0 && fds[1].revents != 0)
			link_read();
		if (fds[0].revents != 0)
			order_take(control);
		if (card.inserted && card.link < 0)
			card.link = unix_socket(card.reader_path, false);
	}
}
