/* SPDX-License-Identifier: Apache-2.0 */
/* devices/certificate.h: what a signer's X.509 certificate (RFC 5280) says, for people and for the rules. */
#ifndef DEVICES_CERTIFICATE_H
#define DEVICES_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <cjson/cJSON.h>

#define CERTIFICATE_DER_MAX (16u << 10)
#define CERTIFICATE_EXPIRING_DAYS 90

struct certificate;

/*
 * Parses DER (copied), or gives out once more the one that was parsed lately: they never change.  0, ERR_CERTIFICATE_UNSUITABLE when it is no
 * certificate, ERR_INTERNAL.  Pair with certificate_free().
 */
int certificate_new(const unsigned char *der, size_t len, struct certificate **ret_certificate);
void certificate_free(struct certificate *certificate);

/* Frees what was kept parsed and nobody holds any more. At the end of the program. */
void certificates_forget(void);

/* SHA-256 of the DER in lower-case hex; the subject's common name; its X.520 serialNumber or "". Borrowed from the certificate. */
const char *certificate_id(const struct certificate *certificate);
const char *certificate_owner(const struct certificate *certificate);
const char *certificate_issuer(const struct certificate *certificate);
const char *certificate_identity_number(const struct certificate *certificate);
const cJSON *certificate_subject(const struct certificate *certificate);	/* types.json name */
const char *certificate_not_after(const struct certificate *certificate);
time_t certificate_ends(const struct certificate *certificate);	/* the same moment */
const unsigned char *certificate_der(const struct certificate *certificate, size_t *ret_len);

/* "rsa", "ec" or "other", and the key's size in bits. */
const char *certificate_key_type(const struct certificate *certificate, unsigned *ret_bits);

/* keyUsage holds nonRepudiation (RFC 5280 section 4.2.1.3): the only kind that signs documents. */
bool certificate_signs(const struct certificate *certificate);

/* A certificate authority's (basicConstraints, RFC 5280 section 4.2.1.9): not somebody's. */
bool certificate_is_authority(const struct certificate *certificate);

/*
 * 0 when it may prove who somebody is, now: keyUsage digitalSignature without nonRepudiation, and extendedKeyUsage, where it is there, with
 * clientAuth: one key never does both.  Else ERR_CERTIFICATE_UNSUITABLE, _EXPIRED, _NOT_YET_VALID.
 */
int certificate_may_log_in(const struct certificate *certificate, time_t now);

/*
 * Whether authority, one that is not self-signed, has issued this certificate (names, key identifiers, keyUsage, signature) and its own time is
 * not over: so it belongs beside a signature. Anchors do not.
 */
bool certificate_is_from(const struct certificate *certificate, const struct certificate *authority, time_t now);

/* The statements of a Turkish qualified certificate of a person: QcCompliance and BTK's, and not a seal's. */
bool certificate_is_qualified(const struct certificate *certificate);

/* 0 when it may sign now; else ERR_CERTIFICATE_UNSUITABLE, _EXPIRED, _NOT_YET_VALID. */
int certificate_may_sign(const struct certificate *certificate, time_t now);

/* The wire's object (types.json certificate) without `card` and `recommended`. NULL when memory runs out. The caller frees it. */
cJSON *certificate_to_json(const struct certificate *certificate, time_t now);

#endif
