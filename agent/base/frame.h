/* SPDX-License-Identifier: Apache-2.0 */
/* base/frame.h: framed JSON with descriptors between imza-agent and its helpers (agent/HELPERS.md). */
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <cjson/cJSON.h>

#include "base/buf.h"

#define FRAME_HELPER_FD 3	/* a helper's end of the socket */
#define FRAME_MAX (8u << 20)	/* bytes of JSON in a frame */
#define FRAME_FDS_MAX 10	/* a form's page and its attachments */

/* A frame that has arrived. The receiver owns it: frame_clear() frees the JSON and closes the descriptors still there. */
struct frame {
	cJSON *json;
	int fds[FRAME_FDS_MAX];	/* -1 where none; take one by reading it and writing -1 back */
};

/* An unsent or half-received stream end. Zeroed by frame_stream_init(). */
struct frame_stream {
	int fd;			/* borrowed */
	bool dont_wait;		/* set it to read what is there and no more, on a blocking socket */
	struct buf in;
	int fds[FRAME_FDS_MAX];
	size_t fds_count;
};

void frame_clear(struct frame *frame);

void frame_stream_init(struct frame_stream *stream, int fd);
void frame_stream_clear(struct frame_stream *stream);

/*
 * Sends one frame, waiting while the socket is full; fds are borrowed (at most FRAME_FDS_MAX). The agent's frames to a helper are few
 * and answered one by one, so its blocking send is bounded by the socket's SO_SNDTIMEO. 0, ERR_TOO_LARGE, ERR_TIMEOUT or ERR_INTERNAL (peer gone).
 */
int frame_send(int fd, const cJSON *json, const int *fds, size_t fds_count);

/*
 * Takes one frame out of the stream.  Waits for a whole one, unless the socket is non-blocking or dont_wait is set.
 * 1: *ret_frame is filled and the caller's; 0: no whole frame yet; negative: the peer is gone or broke the rules.
 */
int frame_receive(struct frame_stream *stream, struct frame *ret_frame);

#endif
