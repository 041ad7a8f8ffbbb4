/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_frame.c: a helper's request and a helper's answer as bytes: the first of the input says which side reads them. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../agent/helpers/helper.c"	/* a helper that is a socket, without a process */
#include "base/helper.h"
#include "fuzz.h"

#define SIZE_MAX_BYTES 65000	/* what a socket's buffer takes at once */

static int answers;

/* A helper that answers whatever it is asked, and takes descriptors as imza-token does. */
static int
serve(struct helper_call *call, void *context, cJSON **ret_result)
{
	int fd = helper_take_fd(call, 0);

	(void)context;
	fuzz_require(call->id >= 1 && call->op != NULL && cJSON_IsObject(call->request), "half a request");
	if (fd >= 0)
		close(fd);
	if (strcmp(call->op, "fail") == 0)
		return ERR_NOT_FOUND;
	helper_event(call, "progress", NULL);
	*ret_result = cJSON_Duplicate(call->request, true);
	return 0;
}

static void
done(void *context, int err, const cJSON *content)
{
	(void)context;
	fuzz_require(err <= 0, "an error that is none");
	fuzz_require(err != 0 || content != NULL, "a success without a result");
	answers++;
}

static void
event(void *context, const char *name, const cJSON *json)
{
	(void)context;
	fuzz_require(name != NULL && cJSON_IsObject(json), "half an event");
}

static void
died(void *context)
{
	*(bool *)context = true;
}

/* The agent's side: two requests under way; each is answered once, whatever comes. */
static void
agent_side(struct loop *loop, int fd)
{
	bool memory = fuzz_memory_pause(), dead = false;
	struct helper *helper = calloc(1, sizeof(*helper));
	int asked = 0;

	fuzz_require(helper != NULL, "no memory");
	*helper = (struct helper){ .loop = loop, .died = died, .context = &dead, .ready = false, .process = { .fd = fd, .pidfd = -1 } };
	frame_stream_init(&helper->stream, fd);
	helper->stream.dont_wait = true;
	helper->watch = loop_watch(loop, fd, EPOLLIN, helper_readable, helper);
	fuzz_memory_resume(memory);
	answers = 0;
	for (int i = 0; i < 2; i++)
		asked += helper_request(helper, "op", NULL, NULL, 0, 60000, ERR_TIMEOUT, (struct helper_callbacks){ done, event, NULL }) != NULL;
	fuzz_require(asked == 2 || fuzz_memory_failed(), "no request");
	for (int i = 0; i < 1000 && !dead; i++)
		loop_run_once(loop, 0);
	fuzz_require(dead && answers == asked, "a request without an answer, or with two");
	helper_end(&helper);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	/* The number that a helper's socket has. */
	fuzz_require(fcntl(FRAME_HELPER_FD, F_GETFD) >= 0 || dup2(STDIN_FILENO, FRAME_HELPER_FD) == FRAME_HELPER_FD, "no descriptor");
	log_init("fuzz", LOG_NONE);
	return 0;
}

void
fuzz_run(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	int ends[2], wide = 4 << 20;
	bool agent;

	if (size < 1 || size > SIZE_MAX_BYTES || (loop == NULL && loop_new(&loop) != 0))
		return;
	agent = (data[0] & 1) != 0;
	fuzz_require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &wide, sizeof(wide));
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &wide, sizeof(wide));
	fuzz_require(write(ends[0], data + 1, size - 1) == (ssize_t)(size - 1), "the socket does not take it");
	shutdown(ends[0], SHUT_WR);
	if (agent) {
		agent_side(loop, ends[1]);
	} else {
		dup2(ends[1], FRAME_HELPER_FD);
		close(ends[1]);
		/* Whoever asks does not read. */
		fcntl(FRAME_HELPER_FD, F_SETFL, O_NONBLOCK);
		fuzz_require(helper_run(serve, NULL) == EXIT_SUCCESS || fuzz_memory_failed(), "a helper that fails");
		dup2(STDIN_FILENO, FRAME_HELPER_FD);
	}
	close(ends[0]);
}
