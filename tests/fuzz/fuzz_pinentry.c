/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_pinentry.c: what a pinentry may answer, as Assuan lines: hello, then its words to options, texts, a confirmation and a PIN. */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../agent/prompt/pinentry.c"	/* a pinentry that is a socket, without a process */
#include "base/secret.h"
#include "fuzz.h"

#define SIZE_MAX_BYTES 60000

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	log_init("fuzz", LOG_NONE);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

static bool
answer_is_known(int r)
{
	return r == 0 || r == ERR_NO_DISPLAY || r == ERR_TIMEOUT || r == ERR_INTERNAL || (r == ERR_TOO_LARGE && fuzz_memory_failed());
}

static void
dialogs_run(struct pinentry *pinentry, struct secret *pin)
{
	enum pinentry_answer answer;
	int r;

	options_send(pinentry);
	(void)pinentry_has_third_button(pinentry);
	fuzz_require(strlen(pinentry->flavor) < FLAVOR_BYTES, "a flavour without an end");
	fuzz_require(answer_is_known(pinentry_set(pinentry, "SETDESC", "Güvenli imza:\nhttps://örnek.example % belge")), "another error");
	r = pinentry_confirm(pinentry, &answer);
	fuzz_require(answer_is_known(r) && (r != 0 || answer <= PINENTRY_CANCEL), "no answer");
	r = pinentry_pin(pinentry, pin, &answer);
	fuzz_require(answer_is_known(r) || r == ERR_TOO_LARGE, "no PIN and no reason");
	fuzz_require(secret_len(pin) <= SECRET_MAX && (r == 0 || secret_len(pin) == 0), "a PIN that is left");
	fuzz_require(r != 0 || answer == PINENTRY_OK || secret_len(pin) == 0, "a PIN with a refusal");
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	static struct assuan_malloc_hooks hooks = { locked_malloc, locked_realloc, locked_free };
	struct pinentry pinentry = { 0 };
	struct secret *pin = secret_new();
	int ends[2], wide = 4 << 20;

	if (size > SIZE_MAX_BYTES || pin == NULL) {
		secret_free(&pin);
		return;
	}
	fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &wide, sizeof(wide));
	fuzz_require(write(ends[0], data, size) == (ssize_t)size, "the socket does not take it");
	shutdown(ends[0], SHUT_WR);
	if (assuan_new_ext(&pinentry.context, GPG_ERR_SOURCE_USER_1, &hooks, log_nothing, NULL) == 0) {
		assuan_begin_confidential(pinentry.context);
		/* Takes the descriptor over, whatever comes of it. */
		if (assuan_socket_connect_fd(pinentry.context, ends[1], 0) == 0)
			dialogs_run(&pinentry, pin);
		assuan_release(pinentry.context);
	}
	close(ends[0]);
	close(ends[1]);
	secret_free(&pin);
}
