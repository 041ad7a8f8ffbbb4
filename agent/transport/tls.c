/* SPDX-License-Identifier: Apache-2.0 */
/* transport/tls.c: the TLS vhost (1.2 and 1.3), whose certificate changes when `imza-agent tls` puts another file in its place. */
#include "transport/tls.h"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/log.h"
#include "base/trusted_file.h"

struct tls {
	char *path;
	struct stat seen;		/* the file that certificate and key are from; zeroed: none */
	X509 *certificate;
	EVP_PKEY *key;
	SSL_CTX *ssl;			/* borrowed from the vhost */
	struct lws_vhost *vhost;	/* borrowed from libwebsockets' context */
};

int
tls_new(const char *path, struct tls **ret_tls)
{
	struct tls *tls = calloc(1, sizeof(*tls));

	if (tls == NULL || (tls->path = strdup(path)) == NULL) {
		free(tls);
		return ERR_INTERNAL;
	}
	*ret_tls = tls;
	return 0;
}

static void
pair_forget(struct tls *tls)
{
	X509_free(tls->certificate);
	EVP_PKEY_free(tls->key);
	tls->certificate = NULL;
	tls->key = NULL;
	tls->seen = (struct stat){ 0 };
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	pair_forget(tls);
	free(tls->path);
	free(tls);
}

/* Reads the pair; others must not be able to read or change the file. */
static bool
pair_read(struct tls *tls, const struct stat *now)
{
	BIO *file;

	pair_forget(tls);
	if (trusted_file_check(tls->path) != 0 || (now->st_mode & 077) != 0) {
		log_error("%s: others can read or write it, so it is not used", tls->path);
		return false;
	}
	if ((file = BIO_new_file(tls->path, "r")) == NULL)
		return false;
	tls->certificate = PEM_read_bio_X509(file, NULL, NULL, NULL);
	tls->key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
	BIO_free(file);
	if (tls->certificate == NULL || tls->key == NULL || X509_check_private_key(tls->certificate, tls->key) != 1) {
		log_error("%s: no certificate with its key", tls->path);
		pair_forget(tls);
		return false;
	}
	tls->seen = *now;
	return true;
}

/* Connections that are open keep the certificate that they began with. */
static bool
pair_give(struct tls *tls)
{
	return SSL_CTX_use_certificate(tls->ssl, tls->certificate) == 1 && SSL_CTX_use_PrivateKey(tls->ssl, tls->key) == 1;
}

int
tls_prepare(struct tls *tls, void *ssl_ctx)
{
	if (tls == NULL || ssl_ctx == NULL || tls->certificate == NULL)
		return 1;
	tls->ssl = ssl_ctx;
	return SSL_CTX_set_min_proto_version(tls->ssl, TLS1_2_VERSION) == 1 && pair_give(tls) ? 0 : 1;
}

struct lws_vhost *
tls_vhost(struct tls *tls, struct lws_context *context, const struct lws_context_creation_info *info)
{
	struct stat now;

	if (stat(tls->path, &now) != 0) {
		pair_forget(tls);
		return NULL;
	}
	if (tls->seen.st_ino != now.st_ino || tls->seen.st_mtim.tv_sec != now.st_mtim.tv_sec || tls->seen.st_mtim.tv_nsec != now.st_mtim.tv_nsec) {
		if (!pair_read(tls, &now) || (tls->ssl != NULL && !pair_give(tls)))
			return NULL;
	}
	if (tls->vhost == NULL) {
		struct lws_context_creation_info own = *info;

		own.vhost_name = "imza-agent-tls";
		own.alpn = "http/1.1";	/* WebSocket over HTTP/2 had faults that 4.1 still has */
		own.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX |
		    LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
		if ((tls->vhost = lws_create_vhost(context, &own)) == NULL) {
			tls->ssl = NULL;
			log_error("TLS can't be set up");
		}
	}
	return tls->vhost;
}
