/* SPDX-License-Identifier: Apache-2.0 */
/* base/frame.c: length-prefixed JSON and SCM_RIGHTS over a Unix stream socket. */
#include "base/frame.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"

#define HEADER 4

void
frame_clear(struct frame *frame)
{
	cJSON_Delete(frame->json);
	frame->json = NULL;
	for (size_t i = 0; i < FRAME_FDS_MAX; i++) {
		if (frame->fds[i] >= 0)
			close(frame->fds[i]);
		frame->fds[i] = -1;
	}
}

void
frame_stream_init(struct frame_stream *stream, int fd)
{
	*stream = (struct frame_stream){ .fd = fd };
	buf_init(&stream->in, FRAME_MAX + HEADER);
}

void
frame_stream_clear(struct frame_stream *stream)
{
	buf_clear(&stream->in);
	while (stream->fds_count > 0)
		close(stream->fds[--stream->fds_count]);
}

static int
send_all(int fd, const unsigned char *data, size_t len, const int *fds, size_t fds_count)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(FRAME_FDS_MAX * sizeof(int))];
	} control = { 0 };

	while (len > 0) {
		struct iovec part = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
		ssize_t n;

		if (fds_count > 0) {
			struct cmsghdr *header;

			message.msg_control = control.space;
			message.msg_controllen = CMSG_SPACE(fds_count * sizeof(int));
			header = CMSG_FIRSTHDR(&message);
			header->cmsg_level = SOL_SOCKET;
			header->cmsg_type = SCM_RIGHTS;
			header->cmsg_len = CMSG_LEN(fds_count * sizeof(int));
			memcpy(CMSG_DATA(header), fds, fds_count * sizeof(int));
		}
		n = sendmsg(fd, &message, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK ? ERR_TIMEOUT : ERR_INTERNAL;
		data += n;
		len -= (size_t)n;
		fds_count = 0;	/* they went with the first byte */
	}
	return 0;
}

int
frame_send(int fd, const cJSON *json, const int *fds, size_t fds_count)
{
	char *text = cJSON_PrintUnformatted(json);
	unsigned char *frame = NULL;
	size_t len;
	int r = ERR_INTERNAL;

	if (text == NULL || fds_count > FRAME_FDS_MAX)
		goto out;
	len = strlen(text);
	if (len > FRAME_MAX) {
		r = ERR_TOO_LARGE;
		goto out;
	}
	if ((frame = malloc(HEADER + len)) == NULL)
		goto out;
	for (size_t i = 0; i < HEADER; i++)
		frame[i] = (unsigned char)(len >> (24 - 8 * i));
	memcpy(frame + HEADER, text, len);
	r = send_all(fd, frame, HEADER + len, fds, fds_count);
out:
	free(frame);
	cJSON_free(text);
	return r;
}

/* Keeps the descriptors that came with a message; more than fit are a broken rule. */
static int
stream_take_fds(struct frame_stream *stream, struct msghdr *message)
{
	int r = message->msg_flags & MSG_CTRUNC ? ERR_INTERNAL : 0;

	for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL; header = CMSG_NXTHDR(message, header)) {
		size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
			if (stream->fds_count < FRAME_FDS_MAX) {
				stream->fds[stream->fds_count++] = fd;
			} else {
				close(fd);
				r = ERR_INTERNAL;
			}
		}
	}
	return r;
}

/* Reads once, never past the end of the frame under way, so that descriptors belong to the frame they came with. */
static ssize_t
stream_read(struct frame_stream *stream, size_t wanted)
{
	char control[CMSG_SPACE(FRAME_FDS_MAX * sizeof(int))] __attribute__((aligned(8)));
	unsigned char *room = buf_reserve(&stream->in, wanted);
	struct iovec part = { .iov_base = room, .iov_len = wanted };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n;

	if (room == NULL)
		return ERR_INTERNAL;
	do
		n = recvmsg(stream->fd, &message, MSG_CMSG_CLOEXEC | (stream->dont_wait ? MSG_DONTWAIT : 0));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : ERR_INTERNAL;
	if (n == 0 || stream_take_fds(stream, &message) != 0)
		return ERR_INTERNAL;
	stream->in.len += (size_t)n;
	return n;
}

static size_t
stream_frame_len(const struct frame_stream *stream)
{
	const unsigned char *d = stream->in.data;

	return (size_t)d[0] << 24 | (size_t)d[1] << 16 | (size_t)d[2] << 8 | d[3];
}

int
frame_receive(struct frame_stream *stream, struct frame *ret_frame)
{
	struct frame frame = { .json = NULL };
	size_t whole = HEADER;
	int r;

	for (;;) {
		ssize_t n;

		if (stream->in.len >= HEADER) {
			if (stream_frame_len(stream) > FRAME_MAX)
				return ERR_TOO_LARGE;
			whole = HEADER + stream_frame_len(stream);
		}
		if (stream->in.len >= HEADER && stream->in.len == whole)
			break;
		if ((n = stream_read(stream, whole - stream->in.len)) <= 0)
			return (int)n;
	}
	if ((r = json_parse((const char *)stream->in.data + HEADER, whole - HEADER, &frame.json)) != 0)
		return r;
	for (size_t i = 0; i < FRAME_FDS_MAX; i++)
		frame.fds[i] = i < stream->fds_count ? stream->fds[i] : -1;
	stream->fds_count = 0;
	buf_clear(&stream->in);
	*ret_frame = frame;
	return 1;
}
