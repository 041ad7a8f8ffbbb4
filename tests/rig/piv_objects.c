/* SPDX-License-Identifier: Apache-2.0 */
/* piv_objects.c: SP 800-73-4 part 1 section 3 (data objects), part 2 section 3.2.4 (GENERAL AUTHENTICATE). */
#include "piv_objects.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "piv_applet.h"

#define OBJECTS_MAX 32
#define KEYS_MAX 24
#define CERTIFICATE_MAX 3000

struct object {
	unsigned char tag[3];
	size_t tag_len;
	unsigned char data[CERTIFICATE_MAX + 32];
	size_t len;
};

struct objects {
	struct object list[OBJECTS_MAX];
	size_t count;
	struct { unsigned char reference; EVP_PKEY *key; } keys[KEYS_MAX];
	size_t keys_count;
};

static size_t
length_write(unsigned char *out, size_t len)
{
	if (len < 0x80) {
		out[0] = (unsigned char)len;
		return 1;
	}
	if (len < 0x100) {
		out[0] = 0x81;
		out[1] = (unsigned char)len;
		return 2;
	}
	out[0] = 0x82;
	out[1] = (unsigned char)(len >> 8);
	out[2] = (unsigned char)len;
	return 3;
}

/* Adds an object 5FC1xx: 53 L value. */
static void
object_add(struct objects *objects, unsigned char last, const unsigned char *value, size_t len)
{
	struct object *object = &objects->list[objects->count++];

	*object = (struct object){ .tag = { 0x5f, 0xc1, last }, .tag_len = 3, .data = { 0x53 } };
	object->len = 1 + length_write(object->data + 1, len);
	memcpy(object->data + object->len, value, len);
	object->len += len;
}

static void
discovery_add(struct objects *objects)
{
	static const unsigned char value[] = { 0x7e, 0x12, 0x4f, 0x0b, 0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
		0x5f, 0x2f, 0x02, 0x40, 0x00 };
	struct object *object = &objects->list[objects->count++];

	*object = (struct object){ .tag = { 0x7e }, .tag_len = 1, .len = sizeof(value) };
	memcpy(object->data, value, sizeof(value));
}

/* The card holder's unique identifier: the GUID's last bytes are what OpenSC shows as the serial number. */
static void
chuid_add(struct objects *objects, unsigned number)
{
	unsigned char value[] = {
		0x30, 0x19, 0xd4, 0xe7, 0x39, 0xda, 0x73, 0x9c, 0xed, 0x39, 0xce, 0x73, 0x9d, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10, 0x84, 0x21,
		0xc8, 0x42, 0x10, 0xc3, 0xeb,
		0x34, 0x10, 'i', 'm', 'z', 'a', '-', 'r', 'i', 'g', 0, 0, 0, 0, 0, 0, 0, 0,
		0x35, 0x08, '2', '0', '4', '9', '1', '2', '3', '1', 0x3e, 0x00, 0xfe, 0x00,
	};
	unsigned char *guid = value + 29;

	guid[14] = (unsigned char)(number >> 8);
	guid[15] = (unsigned char)number;
	object_add(objects, 0x02, value, sizeof(value));
}

/* Key history: how many retired certificates are on the card. */
static void
history_add(struct objects *objects, unsigned char retired)
{
	const unsigned char value[] = { 0xc1, 0x01, retired, 0xc2, 0x01, 0x00, 0xfe, 0x00 };

	object_add(objects, 0x0c, value, sizeof(value));
}

static unsigned char
certificate_tag(unsigned char reference)
{
	switch (reference) {
	case 0x9a: return 0x05;
	case 0x9c: return 0x0a;
	case 0x9d: return 0x0b;
	case 0x9e: return 0x01;
	}
	return (unsigned char)(0x0d + reference - 0x82);
}

static bool
certificate_add(struct objects *objects, const char *folder, unsigned char reference)
{
	unsigned char value[CERTIFICATE_MAX + 16] = { 0x70 }, der[CERTIFICATE_MAX];
	char path[4096];
	FILE *file;
	size_t len, at;

	snprintf(path, sizeof(path), "%s/%02x.der", folder, reference);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	len = fread(der, 1, sizeof(der), file);
	fclose(file);
	at = 1 + length_write(value + 1, len);
	memcpy(value + at, der, len);
	at += len;
	memcpy(value + at, "\x71\x01\x00\xfe\x00", 5);
	object_add(objects, certificate_tag(reference), value, at + 5);
	return true;
}

static void
key_add(struct objects *objects, const char *folder, unsigned char reference)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%02x.pem", folder, reference);
	if ((file = fopen(path, "re")) == NULL)
		return;
	objects->keys[objects->keys_count].reference = reference;
	if ((objects->keys[objects->keys_count].key = PEM_read_PrivateKey(file, NULL, NULL, NULL)) != NULL)
		objects->keys_count++;
	fclose(file);
}

struct objects *
objects_new(const char *folder, unsigned number)
{
	static const unsigned char references[] = { 0x9a, 0x9c, 0x9d, 0x9e, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87 };
	struct objects *objects = calloc(1, sizeof(*objects));
	unsigned char retired = 0;

	if (objects == NULL)
		return NULL;
	discovery_add(objects);
	chuid_add(objects, number);
	for (size_t i = 0; i < sizeof(references); i++) {
		if (certificate_add(objects, folder, references[i]) && references[i] < 0x9a)
			retired++;
		key_add(objects, folder, references[i]);
	}
	history_add(objects, retired);
	return objects;
}

void
objects_free(struct objects *objects)
{
	for (size_t i = 0; i < objects->keys_count; i++)
		EVP_PKEY_free(objects->keys[i].key);
	free(objects);
}

const unsigned char *
objects_find(const struct objects *objects, const unsigned char *tag, size_t tag_len, size_t *ret_len)
{
	for (size_t i = 0; i < objects->count; i++)
		if (objects->list[i].tag_len == tag_len && memcmp(objects->list[i].tag, tag, tag_len) == 0) {
			*ret_len = objects->list[i].len;
			return objects->list[i].data;
		}
	return NULL;
}

/* --- signatures --- */

/* Reads one tag and its length at *at; false at the end or when it does not fit. */
static bool
tlv_read(const unsigned char *data, size_t len, size_t *at, unsigned char *ret_tag, size_t *ret_len)
{
	size_t octets;

	if (*at + 2 > len)
		return false;
	*ret_tag = data[(*at)++];
	*ret_len = data[(*at)++];
	octets = *ret_len > 0x80 ? *ret_len & 0x7f : 0;
	if (octets > 2 || *at + octets > len)
		return false;
	for (size_t i = 0; i < octets; i++)
		*ret_len = (i == 0 ? 0 : *ret_len << 8) | data[(*at)++];
	return *at + *ret_len <= len;
}

/* What is to be signed: the value of tag 81 inside 7C. */
static const unsigned char *
challenge_find(const unsigned char *data, size_t len, size_t *ret_len)
{
	unsigned char tag;
	size_t at = 0, part;

	if (!tlv_read(data, len, &at, &tag, &part) || tag != 0x7c)
		return NULL;
	len = at + part;
	for (; tlv_read(data, len, &at, &tag, &part); at += part)
		if (tag == 0x81) {
			*ret_len = part;
			return data + at;
		}
	return NULL;
}

static bool
algorithm_fits(const EVP_PKEY *key, unsigned char algorithm)
{
	int bits = EVP_PKEY_get_bits(key);

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return algorithm == (bits == 1024 ? 0x06 : bits == 2048 ? 0x07 : 0);
	return algorithm == (bits == 256 ? 0x11 : bits == 384 ? 0x14 : 0);
}

/* RSA gets the padded block and is a bare private-key operation; EC gets a hash and gives DER. */
static bool
sign(EVP_PKEY *key, const unsigned char *data, size_t len, unsigned char *signature, size_t *ret_len)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	bool ok = context != NULL && EVP_PKEY_sign_init(context) == 1 &&
	    (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1) &&
	    EVP_PKEY_sign(context, signature, ret_len, data, len) == 1;

	EVP_PKEY_CTX_free(context);
	return ok;
}

unsigned
objects_sign(const struct objects *objects, unsigned char key, unsigned char algorithm, const unsigned char *data, size_t len,
    unsigned char *answer, size_t *ret_len)
{
	unsigned char signature[1024], head[8];
	size_t signature_len = sizeof(signature), challenge_len = 0, i = 0, at, head_len;
	const unsigned char *challenge = challenge_find(data, len, &challenge_len);

	while (i < objects->keys_count && objects->keys[i].reference != key)
		i++;
	if (challenge == NULL)
		return 0x6a80;
	if (i == objects->keys_count || !algorithm_fits(objects->keys[i].key, algorithm))
		return 0x6a86;
	if (!sign(objects->keys[i].key, challenge, challenge_len, signature, &signature_len))
		return 0x6a80;
	head[0] = 0x82;
	head_len = 1 + length_write(head + 1, signature_len);
	answer[0] = 0x7c;
	at = 1 + length_write(answer + 1, head_len + signature_len);
	memcpy(answer + at, head, head_len);
	memcpy(answer + at + head_len, signature, signature_len);
	*ret_len = at + head_len + signature_len;
	return 0x9000;
}
