/* SPDX-License-Identifier: Apache-2.0 */
/* test_frame.c: frames between the agent and its helpers, whole, in pieces, too long, with descriptors. */
#include "test.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/json.h"

static void
a_frame_arrives_with_its_descriptor(void)
{
	struct frame_stream stream;
	struct frame frame;
	int sockets[2], ends[2];
	char byte = 0;
	cJSON *json = cJSON_Parse("{\"id\":7,\"op\":\"sign\"}");

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(frame_send(sockets[0], json, &ends[0], 1), 0);
	CHECK_INT(frame_send(sockets[0], json, NULL, 0), 0);
	frame_stream_init(&stream, sockets[1]);
	CHECK_INT(frame_receive(&stream, &frame), 1);
	CHECK_INT(json_integer(frame.json, "id", -1), 7);
	CHECK(frame.fds[0] >= 0);
	for (size_t i = 1; i < FRAME_FDS_MAX; i++)
		CHECK_INT(frame.fds[i], -1);
	CHECK(write(ends[1], "x", 1) == 1 && read(frame.fds[0], &byte, 1) == 1 && byte == 'x');
	frame_clear(&frame);
	CHECK_INT(frame_receive(&stream, &frame), 1);
	CHECK_INT(frame.fds[0], -1);
	frame_clear(&frame);
	frame_stream_clear(&stream);
	cJSON_Delete(json);
	close(sockets[0]), close(sockets[1]), close(ends[0]), close(ends[1]);
}

static void
a_frame_carries_so_many_descriptors_and_no_more(void)
{
	struct frame_stream stream;
	struct frame frame;
	int sockets[2], fds[FRAME_FDS_MAX + 1];
	cJSON *json = cJSON_CreateObject();

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	for (size_t i = 0; i < COUNT_OF(fds); i++)
		fds[i] = sockets[0];
	CHECK_INT(frame_send(sockets[0], json, fds, FRAME_FDS_MAX + 1), ERR_INTERNAL);
	CHECK_INT(frame_send(sockets[0], json, fds, FRAME_FDS_MAX), 0);
	frame_stream_init(&stream, sockets[1]);
	CHECK_INT(frame_receive(&stream, &frame), 1);
	for (size_t i = 0; i < FRAME_FDS_MAX; i++)
		CHECK(frame.fds[i] > 2);
	frame_clear(&frame);
	frame_stream_clear(&stream);
	cJSON_Delete(json);
	close(sockets[0]), close(sockets[1]);
}

static void
a_frame_in_pieces_is_put_together(void)
{
	static const char wire[] = "\0\0\0\x08{\"id\":1}";
	struct frame_stream stream;
	struct frame frame;
	int sockets[2];

	CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), 0);
	frame_stream_init(&stream, sockets[1]);
	for (size_t i = 0; i + 1 < sizeof(wire); i++) {
		CHECK_INT(frame_receive(&stream, &frame), 0);
		CHECK(write(sockets[0], wire + i, 1) == 1);
	}
	CHECK_INT(frame_receive(&stream, &frame), 1);
	frame_clear(&frame);
	frame_stream_clear(&stream);
	close(sockets[0]), close(sockets[1]);
}

static void
a_broken_frame_is_refused(void)
{
	static const struct { const char *bytes; size_t len; } cases[] = {
		{ "\xff\xff\xff\xff{}", 6 },	/* longer than FRAME_MAX */
		{ "\0\0\0\x02{]", 6 },		/* not JSON */
		{ "\0\0\0\0", 4 },		/* empty */
		{ "\0\0\0\x08{\"id\"", 9 },	/* cut by end of file */
		{ "", 0 },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct frame_stream stream;
		struct frame frame;
		int sockets[2];

		CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
		CHECK(write(sockets[0], cases[i].bytes, cases[i].len) == (ssize_t)cases[i].len);
		close(sockets[0]);
		frame_stream_init(&stream, sockets[1]);
		CHECK_MSG(frame_receive(&stream, &frame) < 0, "case %zu", i);
		frame_stream_clear(&stream);
		close(sockets[1]);
	}
}

TEST_MAIN(TEST_CASE(a_frame_arrives_with_its_descriptor), TEST_CASE(a_frame_carries_so_many_descriptors_and_no_more),
    TEST_CASE(a_frame_in_pieces_is_put_together), TEST_CASE(a_broken_frame_is_refused))
