/* SPDX-License-Identifier: Apache-2.0 */
/* tests/bench/raw_sign.c: what a signature costs with nothing between: C_Sign on the token, in this process. The floor of bench.py. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <p11-kit/pkcs11.h>

#define ROUNDS_MAX 100000
#define SLOTS_MAX  16

/* DigestInfo of SHA-256 (RFC 8017 section 9.2, note 1). */
static const unsigned char sha256_prefix[] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
};

static CK_FUNCTION_LIST *p11;

static void
check(CK_RV rv, const char *what)
{
	if (rv == CKR_OK)
		return;
	fprintf(stderr, "raw_sign: %s: 0x%lx\n", what, rv);
	exit(1);
}

static double
now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

static int
double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
percentile(double *values, size_t n, size_t percent)
{
	qsort(values, n, sizeof(*values), double_compare);
	return values[(n - 1) * percent / 100];
}

static CK_SLOT_ID
slot_find(const char *label)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX, i;
	CK_TOKEN_INFO info;

	check(p11->C_GetSlotList(CK_TRUE, slots, &n), "C_GetSlotList");
	for (i = 0; i < n; i++)
		if (p11->C_GetTokenInfo(slots[i], &info) == CKR_OK && (info.flags & CKF_TOKEN_INITIALIZED) &&
		    memcmp(info.label, label, strlen(label)) == 0)
			return slots[i];
	fprintf(stderr, "raw_sign: no token %s\n", label);
	exit(1);
}

static CK_OBJECT_HANDLE
key_find(CK_SESSION_HANDLE session, unsigned char id, CK_KEY_TYPE *ret_type)
{
	CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_ATTRIBUTE find[] = { { CKA_CLASS, &class, sizeof(class) }, { CKA_ID, &id, 1 } };
	CK_ATTRIBUTE type = { CKA_KEY_TYPE, ret_type, sizeof(*ret_type) };
	CK_OBJECT_HANDLE key = 0;
	CK_ULONG n = 0;

	check(p11->C_FindObjectsInit(session, find, 2), "C_FindObjectsInit");
	check(p11->C_FindObjects(session, &key, 1, &n), "C_FindObjects");
	check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	if (n != 1) {
		fprintf(stderr, "raw_sign: no key %02x\n", id);
		exit(1);
	}
	check(p11->C_GetAttributeValue(session, key, &type, 1), "C_GetAttributeValue");
	return key;
}

/* The token's certificates with their values, in a session that is open: the floor of certificate.list. */
static void
certificates_read(CK_SESSION_HANDLE session)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE find = { CKA_CLASS, &class, sizeof(class) };
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n = 0;

	check(p11->C_FindObjectsInit(session, &find, 1), "C_FindObjectsInit");
	check(p11->C_FindObjects(session, found, 64, &n), "C_FindObjects");
	check(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
	for (CK_ULONG i = 0; i < n; i++) {
		unsigned char der[8192];
		CK_ATTRIBUTE value = { CKA_VALUE, NULL, 0 };

		check(p11->C_GetAttributeValue(session, found[i], &value, 1), "C_GetAttributeValue");
		value.pValue = der;
		if (value.ulValueLen <= sizeof(der))
			check(p11->C_GetAttributeValue(session, found[i], &value, 1), "C_GetAttributeValue");
	}
}

static void
sign(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_KEY_TYPE type)
{
	unsigned char input[sizeof(sha256_prefix) + 32], signature[512];
	CK_MECHANISM mechanism = { type == CKK_RSA ? CKM_RSA_PKCS : CKM_ECDSA, NULL, 0 };
	CK_ULONG length = sizeof(signature), skip = type == CKK_RSA ? 0 : sizeof(sha256_prefix);

	memcpy(input, sha256_prefix, sizeof(sha256_prefix));
	memset(input + sizeof(sha256_prefix), 0x5a, 32);
	check(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
	check(p11->C_Sign(session, input + skip, sizeof(input) - skip, signature, &length), "C_Sign");
}

int
main(int argc, char **argv)
{
	CK_C_GetFunctionList get_list;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	CK_KEY_TYPE type = 0;
	CK_SLOT_ID slot;
	double *times, begin, list, sign_median, sign_p90, operation;
	unsigned char id;
	size_t i, n;
	void *module;

	if (argc != 6 || (n = strtoul(argv[5], NULL, 10)) == 0 || n > ROUNDS_MAX) {
		fprintf(stderr, "usage: raw_sign MODULE TOKEN-LABEL PIN CKA-ID ROUNDS\n");
		return 2;
	}
	id = (unsigned char)strtoul(argv[4], NULL, 16);
	if (!(times = calloc(n, sizeof(*times))) || !(module = dlopen(argv[1], RTLD_NOW)))
		return 1;
	*(void **)&get_list = dlsym(module, "C_GetFunctionList");
	if (!get_list)
		return 1;
	check(get_list(&p11), "C_GetFunctionList");
	check(p11->C_Initialize(NULL), "C_Initialize");
	slot = slot_find(argv[2]);

	/* Signatures in a session that stays logged in: what a batch costs a document. */
	check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
	certificates_read(session);
	for (i = 0; i < n; i++) {
		begin = now_us();
		certificates_read(session);
		times[i] = now_us() - begin;
	}
	list = percentile(times, n, 50);
	check(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR *)argv[3], strlen(argv[3])), "C_Login");
	key = key_find(session, id, &type);
	sign(session, key, type);
	for (i = 0; i < n; i++) {
		begin = now_us();
		sign(session, key, type);
		times[i] = now_us() - begin;
	}
	sign_median = percentile(times, n, 50);
	sign_p90 = percentile(times, n, 90);
	check(p11->C_CloseSession(session), "C_CloseSession");

	/* Login, one signature, logout: what the agent asks of the token for each operation that a person agrees to. */
	for (i = 0; i < n; i++) {
		begin = now_us();
		check(p11->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
		check(p11->C_Login(session, CKU_USER, (CK_UTF8CHAR *)argv[3], strlen(argv[3])), "C_Login");
		sign(session, key_find(session, id, &type), type);
		check(p11->C_Logout(session), "C_Logout");
		check(p11->C_CloseSession(session), "C_CloseSession");
		times[i] = now_us() - begin;
	}
	operation = percentile(times, n, 50);
	p11->C_Finalize(NULL);
	printf("{\"key\": \"%s\", \"rounds\": %zu, \"sign_us\": %.1f, \"sign_p90_us\": %.1f, \"operation_us\": %.1f, "
	    "\"list_us\": %.1f}\n", type == CKK_RSA ? "rsa" : "ec", n, sign_median, sign_p90, operation, list);
	free(times);
	return 0;
}
