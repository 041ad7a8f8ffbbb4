/* SPDX-License-Identifier: Apache-2.0 */
/* transport/server.c: libwebsockets (4.1 and 4.3) behind transport/server.h: adoption, the gate's headers, messages, queues. */
#include "transport/server.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "base/wire.h"
#include "transport/door.h"
#include "transport/gate.h"
#include "transport/handshake.h"
#include "transport/tls.h"

#define HANDSHAKE_SECONDS 10
#define FAREWELL_MS 1000
static const char versions[] = "{\"protocols\":[\"" WIRE_PROTOCOL "\"]}";

#define RECEIVE_SIZE (1u << 20)	/* read at once: a large upload spends less on small writes; memory that nobody sends to is never touched */
#define HANDLE_LEN 4		/* a document's handle, big-endian, before its bytes */

struct message {
	struct message *next;
	size_t len;
	enum lws_write_protocol kind;
	unsigned char bytes[];		/* LWS_PRE free bytes, then len */
};

/* A WebSocket connection; lives from ESTABLISHED to CLOSED. */
struct connection {
	struct server *server;
	struct connection *next;
	struct lws *wsi;
	uint64_t number;
	struct buf in;			/* the text message under way */
	unsigned char handle[HANDLE_LEN];	/* of the binary message under way */
	size_t in_len;			/* bytes of the message under way */
	struct message *out, **out_end;
	size_t out_bytes;
	uint16_t close_code;		/* 0: stays open */
	char origin[GATE_VALUE_MAX];
};

struct server {
	struct loop *loop;
	struct lws_context *lws;
	struct lws_context_creation_info info;	/* what its vhosts are made from */
	struct lws_vhost *vhost;
	struct tls *tls;
	struct door *door;
	const struct server_events *events;
	void *context;
	uint16_t port;
	struct connection *connections;
	size_t adopted;			/* sockets that libwebsockets holds, upgraded or not */
	size_t open;
	uint64_t last_number;
	bool stopping, farewell_over;
	struct loop_timer *farewell;
};

/* What libwebsockets keeps for each connection. */
struct per_session {
	struct connection *connection;
};

static void connection_free(struct connection *connection);

static struct connection *
connection_find(struct server *server, uint64_t number)
{
	struct connection *c = server->connections;

	while (c != NULL && c->number != number)
		c = c->next;
	return c;
}

/* One site's pages must not keep the others' out. */
static bool
is_full(const struct server *server, const char *origin)
{
	size_t count = 0;

	for (const struct connection *c = server->connections; c != NULL; c = c->next)
		count += strcmp(c->origin, origin) == 0;
	return server->open >= SERVER_CONNECTIONS_MAX || count >= SERVER_ORIGIN_MAX;
}

/* Every upgrade is judged here, before libwebsockets answers 101; `in` of this callback may dangle in 4.1 and is never read. */
static int
upgrade_judge(struct server *server, struct lws *wsi)
{
	struct gate_handshake h;
	int status;

	handshake_read(wsi, &h);
	status = gate_check(&h, server->port, server->events->origin_may_connect, server->context);
	if (status == 0 && (server->stopping || is_full(server, h.origin.text)))
		status = 503;
	if (status == 0)
		return 0;
	log_info("handshake refused with %d: origin \"%s\", host \"%s\", protocol \"%s\"", status, h.origin.text, h.host.text, h.protocol.text);
	handshake_refuse(wsi, status);
	return 1;
}

/* --- messages --- */

/* Passes a piece of a binary message on, once its handle is there. */
static void
binary_receive(struct connection *c, const unsigned char *data, size_t len, bool last)
{
	struct server *server = c->server;
	uint32_t document;

	while (len > 0 && c->in_len < HANDLE_LEN) {
		c->handle[c->in_len++] = *data++;
		len--;
	}
	document = (uint32_t)c->handle[0] << 24 | (uint32_t)c->handle[1] << 16 | (uint32_t)c->handle[2] << 8 | c->handle[3];
	if (c->in_len >= HANDLE_LEN && (len > 0 || last))
		server->events->binary(server->context, c->number, document, data, len);
	else if (last)
		server->events->binary(server->context, c->number, 0, data, 0);
	c->in_len += len;
}

static void
text_receive(struct connection *c, const unsigned char *data, size_t len, bool last)
{
	struct server *server = c->server;

	buf_append(&c->in, data, len);
	c->in_len += len;
	if (!last)
		return;
	server->events->text(server->context, c->number, (const char *)c->in.data, c->in.len);
	buf_clear(&c->in);
}

static int
connection_receive(struct connection *c, const void *data, size_t len)
{
	size_t remaining = lws_remaining_packet_payload(c->wsi);
	bool last = lws_is_final_fragment(c->wsi) && remaining == 0;

	/* On its way out: nothing is taken any more. */
	if (c->close_code != 0)
		return 0;
	/* Known from the frame's header, before its bytes are here. */
	if (c->in_len + len + remaining > WIRE_MESSAGE_MAX) {
		lws_close_reason(c->wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
		return -1;
	}
	if (lws_frame_is_binary(c->wsi))
		binary_receive(c, data, len, last);
	else
		text_receive(c, data, len, last);
	if (last)
		c->in_len = 0;
	return 0;
}

static int
connection_write(struct connection *c)
{
	struct message *message = c->out;
	int n;

	if (message == NULL) {
		if (c->close_code == 0)
			return 0;
		lws_close_reason(c->wsi, (enum lws_close_status)c->close_code, NULL, 0);
		return -1;
	}
	n = lws_write(c->wsi, message->bytes + LWS_PRE, message->len, message->kind);
	if (n < (int)message->len)
		return -1;
	c->out_bytes -= message->len;
	if ((c->out = message->next) == NULL)
		c->out_end = &c->out;
	free(message);
	if (c->out != NULL || c->close_code != 0)
		lws_callback_on_writable(c->wsi);
	else
		c->server->events->drained(c->server->context, c->number);
	return 0;
}

static void
connection_queue(struct connection *c, enum lws_write_protocol kind, const void *head, size_t head_len, const void *data, size_t len)
{
	struct message *message;

	if (c->close_code != 0)
		return;
	if (c->out_bytes + head_len + len > SERVER_QUEUE_MAX || (message = malloc(sizeof(*message) + LWS_PRE + head_len + len)) == NULL) {
		log_warning("connection %llu does not read what it is sent", (unsigned long long)c->number);
		c->close_code = LWS_CLOSE_STATUS_POLICY_VIOLATION;
		lws_callback_on_writable(c->wsi);
		return;
	}
	*message = (struct message){ .len = head_len + len, .kind = kind };
	memcpy(message->bytes + LWS_PRE, head, head_len);
	memcpy(message->bytes + LWS_PRE + head_len, data, len);
	*c->out_end = message;
	c->out_end = &message->next;
	c->out_bytes += message->len;
	lws_callback_on_writable(c->wsi);
}

static int
connection_open(struct server *server, struct lws *wsi, struct per_session *session)
{
	struct connection *c = calloc(1, sizeof(*c));
	struct gate_value origin;

	if (c == NULL)
		return -1;
	handshake_origin(wsi, &origin);
	*c = (struct connection){ .server = server, .next = server->connections, .wsi = wsi, .number = ++server->last_number };
	c->out_end = &c->out;
	memcpy(c->origin, origin.text, sizeof(c->origin));
	buf_init(&c->in, WIRE_MESSAGE_MAX);
	server->connections = c;
	server->open++;
	session->connection = c;
	/* A page of another version learns ours, so that it can say which side to update. */
	if (strcmp(lws_get_protocol(wsi)->name, WIRE_VERSIONS) == 0) {
		connection_queue(c, LWS_WRITE_TEXT, "", 0, versions, sizeof(versions) - 1);
		c->close_code = LWS_CLOSE_STATUS_NORMAL;
		return 0;
	}
	server->events->opened(server->context, c->number, origin.text);
	return 0;
}

static void
connection_free(struct connection *c)
{
	struct server *server = c->server;
	struct connection **place = &server->connections;

	while (*place != c)
		place = &(*place)->next;
	*place = c->next;
	server->open--;
	server->events->closed(server->context, c->number);
	while (c->out != NULL) {
		struct message *message = c->out;

		c->out = message->next;
		free(message);
	}
	buf_clear(&c->in);
	free(c);
}

static int
lws_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct lws_vhost *vhost = wsi != NULL ? lws_get_vhost(wsi) : NULL;
	struct server *server = vhost != NULL ? lws_vhost_user(vhost) : NULL;
	struct per_session *session = user;

	switch ((int)reason) {
	case LWS_CALLBACK_RAW_RX_FILE:		/* our own loop has something to do */
		loop_run_once(server->loop, 0);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return upgrade_judge(server, wsi);
	case LWS_CALLBACK_HTTP:
		return handshake_plain(wsi);
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		return tls_prepare(server->tls, user);
	case LWS_CALLBACK_WSI_CREATE:
		server->adopted++;
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		server->adopted--;
		return 0;
	case LWS_CALLBACK_ESTABLISHED:
		return connection_open(server, wsi, session);
	case LWS_CALLBACK_RECEIVE:
		return session->connection != NULL ? connection_receive(session->connection, in, len) : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return session->connection != NULL ? connection_write(session->connection) : -1;
	case LWS_CALLBACK_CLOSED:
		if (session->connection != NULL)
			connection_free(session->connection);
		session->connection = NULL;
		return 0;
	default:
		return 0;
	}
}

/* --- the loop --- */

static void
lws_log(int level, const char *line)
{
	size_t len = strcspn(line, "\n");

	log_write(level == LLL_ERR ? LOG_WARNING : LOG_DEBUG, "libwebsockets", "%.*s", (int)len, line);
}

static void
socket_adopt(void *context, int fd, bool tls)
{
	struct server *server = context;
	struct lws_vhost *vhost = tls ? tls_vhost(server->tls, server->lws, &server->info) : server->vhost;

	if (vhost == NULL) {
		log_info("a TLS handshake came, and TLS is not set up");
		close(fd);
		return;
	}
	/* From here the descriptor is libwebsockets', even when it fails. */
	if (lws_adopt_socket_vhost(vhost, fd) == NULL)
		log_warning("a connection could not be adopted");
}

static const struct lws_protocols protocols[] = {
	{ WIRE_PROTOCOL, lws_event, sizeof(struct per_session), RECEIVE_SIZE, 0, NULL, 0 },
	{ WIRE_VERSIONS, lws_event, sizeof(struct per_session), 256, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

int
server_new(struct loop *loop, const struct listeners *listeners, const char *tls_path, const struct server_events *events, void *context,
    struct server **ret_server)
{
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN_SERVER,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
		.gid = (gid_t)-1, .uid = (uid_t)-1,
		.timeout_secs = HANDSHAKE_SECONDS, .timeout_secs_ah_idle = HANDSHAKE_SECONDS,
		.vhost_name = "imza-agent",
		.fd_limit_per_thread = SERVER_CONNECTIONS_MAX + DOOR_SILENT_MAX + 64,
		.pt_serv_buf_size = RECEIVE_SIZE,
	};
	struct server *server = calloc(1, sizeof(*server));
	lws_sock_file_fd_type file = { .filefd = loop_fd(loop) };

	if (server == NULL)
		return ERR_INTERNAL;
	*server = (struct server){ .loop = loop, .events = events, .context = context, .port = listeners->port };
	info.user = server;
	server->info = info;
	lws_set_log_level(LLL_ERR | LLL_WARN, lws_log);
	info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	server->lws = lws_create_context(&info);
	if (server->lws != NULL)
		server->vhost = lws_create_vhost(server->lws, &server->info);
	if (server->vhost == NULL || tls_new(tls_path, &server->tls) != 0 ||
	    lws_adopt_descriptor_vhost(server->vhost, LWS_ADOPT_RAW_FILE_DESC, file, WIRE_PROTOCOL, NULL) == NULL ||
	    door_new(loop, listeners, socket_adopt, server, &server->door) != 0) {
		server_free(server);
		return ERR_INTERNAL;
	}
	server->adopted = 0;	/* the loop's own descriptor is no connection */
	*ret_server = server;
	return 0;
}

static void
farewell_ends(void *context)
{
	struct server *server = context;

	server->farewell = NULL;
	server->farewell_over = true;
}

void
server_run(struct server *server)
{
	while (!server->farewell_over && !(server->stopping && server->connections == NULL)) {
		/*
		 * libwebsockets wakes up every 30 s for housekeeping. Without connections it has none to keep, so our loop
		 * alone is waited for and an idle agent sleeps.
		 */
		if (server->adopted == 0)
			loop_run_once(server->loop, -1);
		else if (lws_service(server->lws, 0) < 0)
			break;
	}
}

void
server_stop(struct server *server)
{
	if (server->stopping)
		return;
	server->stopping = true;
	door_free(server->door);
	server->door = NULL;
	for (struct connection *c = server->connections; c != NULL; c = c->next)
		if (c->close_code == 0) {
			c->close_code = LWS_CLOSE_STATUS_GOINGAWAY;
			lws_callback_on_writable(c->wsi);
		}
	if ((server->farewell = loop_after(server->loop, FAREWELL_MS, farewell_ends, server)) == NULL)
		server->farewell_over = true;
}

void
server_free(struct server *server)
{
	if (server == NULL)
		return;
	door_free(server->door);
	loop_cancel(&server->farewell);
	if (server->lws != NULL)
		lws_context_destroy(server->lws);
	tls_free(server->tls);
	free(server);
}

void
server_send_text(struct server *server, uint64_t connection, const char *text)
{
	struct connection *c = connection_find(server, connection);

	if (c != NULL)
		connection_queue(c, LWS_WRITE_TEXT, "", 0, text, strlen(text));
}

void
server_send_binary(struct server *server, uint64_t connection, uint32_t document, const void *data, size_t len)
{
	const unsigned char handle[HANDLE_LEN] = { (unsigned char)(document >> 24), (unsigned char)(document >> 16),
		(unsigned char)(document >> 8), (unsigned char)document };
	struct connection *c = connection_find(server, connection);

	if (c != NULL)
		connection_queue(c, LWS_WRITE_BINARY, handle, sizeof(handle), data, len);
}

void
server_close(struct server *server, uint64_t connection, uint16_t code)
{
	struct connection *c = connection_find(server, connection);

	if (c == NULL || c->close_code != 0)
		return;
	c->close_code = code;
	lws_callback_on_writable(c->wsi);
}
