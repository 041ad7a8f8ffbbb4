/* SPDX-License-Identifier: Apache-2.0 */
/* session/identity.c: the agent's own key pair, in the user's state folder. */
#include "session/identity.h"

#include <fcntl.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/encoding.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/replace_file.h"

#define KEY_FILE_MAX 1024
#define MESSAGE_MAX 1024
#define COORDINATE 32	/* bytes of r and of s on P-256 */
#define PREFIX "imza-agent identity 1"

struct identity {
	EVP_PKEY *key;
};

static EVP_PKEY *
key_read(const char *path)
{
	unsigned char der[KEY_FILE_MAX];
	const unsigned char *p = der;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t len = fd >= 0 ? read(fd, der, sizeof(der)) : -1;
	EVP_PKEY *key = NULL;

	if (fd >= 0)
		close(fd);
	if (len > 0)
		key = d2i_AutoPrivateKey(NULL, &p, len);
	OPENSSL_cleanse(der, sizeof(der));
	if (key != NULL && (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || EVP_PKEY_get_bits(key) != 256)) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	if (key == NULL && fd >= 0)
		log_warning("%s is damaged and is made anew", path);
	return key;
}

static int
key_write(const char *path, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	int len = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
	int r = len > 0 ? replace_file(path, der, (size_t)len) : ERR_INTERNAL;

	OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
	PKCS8_PRIV_KEY_INFO_free(info);
	return r;
}

int
identity_new(const char *folder, struct identity **ret_identity)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	char *path = NULL;

	if (identity == NULL || asprintf(&path, "%s/identity.key", folder) < 0) {
		free(identity);
		return ERR_INTERNAL;
	}
	if ((identity->key = key_read(path)) == NULL && (identity->key = EVP_EC_gen("P-256")) != NULL)
		key_write(path, identity->key);	/* read-only home: the key then lasts as long as the agent */
	free(path);
	if (identity->key == NULL) {
		free(identity);
		return ERR_INTERNAL;
	}
	*ret_identity = identity;
	return 0;
}

void
identity_free(struct identity *identity)
{
	if (identity == NULL)
		return;
	EVP_PKEY_free(identity->key);
	free(identity);
}

/* ECDSA as Web Cryptography takes it, from the DER that OpenSSL makes. */
static int
sign_raw(EVP_PKEY *key, const struct buf *message, unsigned char raw[2 * COORDINATE])
{
	unsigned char der[128];
	const unsigned char *p = der;
	size_t len = sizeof(der);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	ECDSA_SIG *signature = NULL;
	int r = ERR_INTERNAL;

	if (context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(context, der, &len, message->data, message->len) == 1 && (signature = d2i_ECDSA_SIG(NULL, &p, (long)len)) != NULL &&
	    BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, COORDINATE) == COORDINATE &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + COORDINATE, COORDINATE) == COORDINATE)
		r = 0;
	ECDSA_SIG_free(signature);
	EVP_MD_CTX_free(context);
	return r;
}

int
identity_prove(const struct identity *identity, const char *origin, const char *challenge, cJSON **ret_proof)
{
	unsigned char *bytes = NULL, *public_key = NULL, raw[2 * COORDINATE];
	struct buf message;
	cJSON *proof = NULL;
	size_t len;
	int public_len, r;

	buf_init(&message, MESSAGE_MAX);
	if ((r = base64_decode(challenge, &bytes, &len)) != 0)
		return r;
	buf_append(&message, PREFIX, sizeof(PREFIX));	/* with its NUL */
	buf_append(&message, origin, strlen(origin) + 1);
	buf_append(&message, bytes, len);
	public_len = i2d_PUBKEY(identity->key, &public_key);
	r = message.failed || public_len <= 0 ? ERR_INTERNAL : sign_raw(identity->key, &message, raw);
	if (r == 0 && (proof = cJSON_CreateObject()) != NULL && json_add_base64(proof, "publicKey", public_key, (size_t)public_len) &&
	    json_add_base64(proof, "signature", raw, sizeof(raw))) {
		*ret_proof = proof;
		proof = NULL;
	} else {
		r = r != 0 ? r : ERR_INTERNAL;
	}
	cJSON_Delete(proof);
	OPENSSL_free(public_key);
	buf_clear(&message);
	free(bytes);
	return r;
}
