/* SPDX-License-Identifier: Apache-2.0 */
/* transport/tls.h: the certificate that wss connections are given, as it is on the disk now; inside the room that knows libwebsockets. */
#ifndef TRANSPORT_TLS_H
#define TRANSPORT_TLS_H

#include <libwebsockets.h>

struct tls;

/* Nothing is read yet. path: PEM of a certificate and its key, a file that need not exist (copied). 0 or ERR_INTERNAL. */
int tls_new(const char *path, struct tls **ret_tls);
void tls_free(struct tls *tls);

/*
 * The vhost that a new TLS connection goes to, with the file's present content; made from info (its protocols, user and limits) when the
 * first one comes, so that an agent without TLS carries nothing of it. NULL: TLS is not set up, or the file is not to be used (logged).
 */
struct lws_vhost *tls_vhost(struct tls *tls, struct lws_context *context, const struct lws_context_creation_info *info);

/* LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS, which tls_vhost() raises: gives this SSL_CTX its certificate. 0; else the vhost fails. */
int tls_prepare(struct tls *tls, void *ssl_ctx);

#endif
