/* SPDX-License-Identifier: Apache-2.0 */
/* mod_core.c: the working token that all fake modules share: slots, sessions, PIN, signatures. */
#include "mod_objects.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/ec.h>

struct mod mod;
struct mod_state mod_state;

static bool so_logged_in, logout_called, context_login, signing, read_write;
static char card_pin[32] = MOD_PIN;

/* A setting from the environment, or from a line NAME=value of the file MODULE.so.settings: the agent gives its helpers no environment. */
static const char *
setting(const char *name)
{
	static char line[256];
	const char *value = getenv(name), *answer = NULL;
	char path[4096];
	Dl_info info;
	FILE *file;

	if (value != NULL || dladdr(&mod, &info) == 0)
		return value;
	snprintf(path, sizeof(path), "%s.settings", info.dli_fname);
	if ((file = fopen(path, "re")) == NULL)
		return NULL;
	while (answer == NULL && fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == '=') {
			line[strcspn(line, "\n")] = '\0';
			answer = line + strlen(name) + 1;
		}
	fclose(file);
	return answer;
}

void
mod_length_give(const char *call, CK_ULONG *length)
{
	if (mod.length != NULL)
		mod.length(call, length);
}

bool
mod_call_is(const char *call, const char *fallback)
{
	const char *wanted = setting("MOD_CALL");

	return strcmp(call, wanted != NULL ? wanted : fallback) == 0;
}

long
mod_number(const char *name, long fallback)
{
	const char *text = setting(name);

	return text != NULL ? strtol(text, NULL, 0) : fallback;
}

static void
pad(unsigned char *field, size_t size, const void *text)
{
	size_t len = strlen(text);

	memset(field, ' ', size);
	memcpy(field, text, len < size ? len : size);
}

CK_RV
C_Initialize(void *args)
{
	CK_RV rv = mod.before != NULL ? mod.before("C_Initialize") : CKR_OK;

	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return rv;
	if (mod.refuses_args && args != NULL)
		return CKR_ARGUMENTS_BAD;
	if (mod_state.initialized)
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	objects_make();
	mod_state.initialized = true;
	return rv;
}

CK_RV
C_Finalize(void *reserved)
{
	(void)reserved;
	ENTER("C_Finalize");
	mod_state.initialized = mod_state.logged_in = false;
	mod_state.session = 0;
	return CKR_OK;
}

CK_RV
C_GetInfo(CK_INFO *info)
{
	ENTER("C_GetInfo");
	*info = (CK_INFO){ .cryptokiVersion = { 2, 40 }, .libraryVersion = { 1, 2 } };
	pad(info->manufacturerID, sizeof(info->manufacturerID), "imza-agent tests");
	pad(info->libraryDescription, sizeof(info->libraryDescription), "fake module");
	return CKR_OK;
}

CK_RV
C_GetSlotList(unsigned char token_present, CK_SLOT_ID *slots, CK_ULONG *count)
{
	CK_SLOT_ID list[2];
	CK_ULONG n = 0;

	ENTER("C_GetSlotList");
	if (mod.unknown_slot)
		list[n++] = MOD_SLOT_UNKNOWN;
	if (mod.present || !token_present)
		list[n++] = MOD_SLOT;
	if (slots != NULL && *count < n)
		return CKR_BUFFER_TOO_SMALL;
	if (slots != NULL)
		memcpy(slots, list, n * sizeof(*slots));
	*count = n;
	mod_length_give("C_GetSlotList", count);
	return CKR_OK;
}

CK_RV
C_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	ENTER("C_GetSlotInfo");
	if (slot != MOD_SLOT && slot != MOD_SLOT_UNKNOWN)
		return CKR_SLOT_ID_INVALID;
	*info = (CK_SLOT_INFO){ .flags = CKF_REMOVABLE_DEVICE | CKF_HW_SLOT | (mod.present ? CKF_TOKEN_PRESENT : 0) };
	pad(info->slotDescription, sizeof(info->slotDescription), "Sahte Okuyucu 00 00");
	pad(info->manufacturerID, sizeof(info->manufacturerID), "imza-agent tests");
	return CKR_OK;
}

CK_RV
C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	static const CK_FLAGS tries_flags[] = { CKF_USER_PIN_LOCKED, CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_COUNT_LOW, 0 };

	ENTER("C_GetTokenInfo");
	if (slot == MOD_SLOT_UNKNOWN)
		return CKR_TOKEN_NOT_RECOGNIZED;
	if (slot != MOD_SLOT)
		return CKR_SLOT_ID_INVALID;
	if (!mod.present)
		return CKR_TOKEN_NOT_PRESENT;
	*info = (CK_TOKEN_INFO){ .flags = mod.flags | tries_flags[mod.tries] | (mod.puk_tries == 0 ? CKF_SO_PIN_LOCKED : 0), .ulMinPinLen = mod.min_pin, .ulMaxPinLen = mod.max_pin };
	pad(info->label, sizeof(info->label), mod.label);
	pad(info->manufacturerID, sizeof(info->manufacturerID), "imza-agent tests");
	pad(info->model, sizeof(info->model), "sahte");
	pad(info->serialNumber, sizeof(info->serialNumber), "0042");
	return CKR_OK;
}

CK_RV
C_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count)
{
	ENTER("C_GetMechanismList");
	(void)slot;
	if (list != NULL && *count < 1)
		return CKR_BUFFER_TOO_SMALL;
	if (list != NULL)
		list[0] = CKM_ECDSA;
	*count = 1;
	mod_length_give("C_GetMechanismList", count);
	return CKR_OK;
}

CK_RV
C_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *ret_handle)
{
	static CK_SESSION_HANDLE last;

	(void)application;
	(void)notify;
	ENTER("C_OpenSession");
	if (slot != MOD_SLOT)
		return CKR_SLOT_ID_INVALID;
	if (!mod.present)
		return CKR_TOKEN_NOT_PRESENT;
	if ((flags & CKF_SERIAL_SESSION) == 0)
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	if (mod_state.session != 0)
		return CKR_SESSION_COUNT;	/* one at a time: a session that is not closed is found out */
	*ret_handle = mod_state.session = ++last;
	read_write = (flags & CKF_RW_SESSION) != 0;
	return CKR_OK;
}

CK_RV
C_CloseSession(CK_SESSION_HANDLE handle)
{
	ENTER("C_CloseSession");
	if (handle != mod_state.session)
		return CKR_SESSION_HANDLE_INVALID;
	if ((mod_state.logged_in || so_logged_in) && !logout_called)
		abort();	/* a login must end by C_Logout: on real cards it outlives the session */
	mod_state.session = 0;
	mod_state.logged_in = so_logged_in = signing = false;
	return CKR_OK;
}

static bool
is_same(const unsigned char *typed, CK_ULONG len, const char *right)
{
	return len == strlen(right) && memcmp(typed, right, len) == 0;
}

/* A try at what is locked; where it must never come to that, the end. */
static CK_RV
locked(void)
{
	if (mod.ends_when_locked)
		abort();
	return CKR_PIN_LOCKED;
}

static CK_RV
so_login(const unsigned char *puk, CK_ULONG len)
{
	if (mod.no_puk)
		return CKR_USER_TYPE_INVALID;
	if (!read_write)
		return CKR_SESSION_READ_ONLY_EXISTS;
	if (mod.puk_tries == 0)
		return locked();
	if (puk != NULL && !is_same(puk, len, MOD_PUK))
		return --mod.puk_tries == 0 ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT;
	mod.puk_tries = 3;
	so_logged_in = true;
	logout_called = false;
	return CKR_OK;
}

CK_RV
C_Login(CK_SESSION_HANDLE handle, CK_USER_TYPE user, unsigned char *pin, CK_ULONG pin_len)
{
	bool keypad = (mod.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;

	ENTER_SESSION("C_Login");
	if (user == CKU_USER && mod_state.logged_in)
		return CKR_USER_ALREADY_LOGGED_IN;
	if (user == CKU_CONTEXT_SPECIFIC && !signing)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (keypad != (pin == NULL))
		return CKR_ARGUMENTS_BAD;
	if (user == CKU_SO)
		return so_login(pin, pin_len);
	if (mod.tries == 0)
		return locked();
	if (!keypad && !is_same(pin, pin_len, card_pin))
		return --mod.tries == 0 ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT;
	mod.tries = 3;
	mod_state.logged_in = true;
	logout_called = false;
	context_login = user == CKU_CONTEXT_SPECIFIC;
	return CKR_OK;
}

CK_RV
C_Logout(CK_SESSION_HANDLE handle)
{
	logout_called = true;
	ENTER_SESSION("C_Logout");
	if (!mod_state.logged_in && !so_logged_in)
		return CKR_USER_NOT_LOGGED_IN;
	mod_state.logged_in = so_logged_in = signing = false;
	return CKR_OK;
}

static CK_RV
pin_set(const unsigned char *pin, CK_ULONG len)
{
	if (pin == NULL)
		return CKR_OK;
	if (len < mod.min_pin || len > mod.max_pin)
		return CKR_PIN_LEN_RANGE;
	if (is_same(pin, len, "666666"))
		return CKR_PIN_INVALID;		/* too simple, this card says */
	memcpy(card_pin, pin, len);
	card_pin[len] = '\0';
	mod.tries = 3;
	return CKR_OK;
}

CK_RV
C_InitPIN(CK_SESSION_HANDLE handle, unsigned char *pin, CK_ULONG len)
{
	ENTER_SESSION("C_InitPIN");
	return so_logged_in ? pin_set(pin, len) : CKR_USER_NOT_LOGGED_IN;
}

CK_RV
C_SetPIN(CK_SESSION_HANDLE handle, unsigned char *old, CK_ULONG old_len, unsigned char *pin, CK_ULONG len)
{
	bool keypad = (mod.flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;

	ENTER_SESSION("C_SetPIN");
	if (!read_write)
		return CKR_SESSION_READ_ONLY;
	if (!mod_state.logged_in && !keypad)
		abort();	/* without a login it may mean anything, the PUK's try too */
	if (!keypad && !is_same(old, old_len, card_pin))
		return --mod.tries == 0 ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT;
	return pin_set(pin, len);
}

CK_RV
C_SignInit(CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	ENTER_SESSION("C_SignInit");
	if (!mod_state.logged_in)
		return CKR_USER_NOT_LOGGED_IN;
	if (mechanism->mechanism != CKM_ECDSA)
		return CKR_MECHANISM_INVALID;
	if (key != OBJECT_PRIVATE)
		return CKR_KEY_HANDLE_INVALID;
	if (signing)
		return CKR_OPERATION_ACTIVE;
	signing = true;
	context_login = false;
	return CKR_OK;
}

/* r || s, 64 bytes. */
static bool
digest_sign(const unsigned char *digest, size_t digest_len, unsigned char *signature)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(objects_key, NULL);
	unsigned char encoded[80];
	const unsigned char *p = encoded;
	size_t len = sizeof(encoded);
	ECDSA_SIG *sig = NULL;
	bool ok;

	ok = EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, encoded, &len, digest, digest_len) == 1 &&
	    (sig = d2i_ECDSA_SIG(NULL, &p, (long)len)) != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, 32) == 32 &&
	    BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + 32, 32) == 32;
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(context);
	return ok;
}

CK_RV
C_Sign(CK_SESSION_HANDLE handle, unsigned char *data, CK_ULONG data_len, unsigned char *signature, CK_ULONG *signature_len)
{
	ENTER_SESSION("C_Sign");
	if (!signing)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (mod.always_authenticate && !context_login)
		return CKR_USER_NOT_LOGGED_IN;
	if (*signature_len < 64)
		return CKR_BUFFER_TOO_SMALL;
	signing = false;
	if (!digest_sign(data, data_len, signature))
		return CKR_FUNCTION_FAILED;
	*signature_len = 64;
	mod_length_give("C_Sign", signature_len);
	return CKR_OK;
}

static CK_FUNCTION_LIST functions = {
	.version = { 2, 40 }, .C_Initialize = C_Initialize, .C_Finalize = C_Finalize, .C_GetInfo = C_GetInfo,
	.C_GetSlotList = C_GetSlotList, .C_GetSlotInfo = C_GetSlotInfo, .C_GetTokenInfo = C_GetTokenInfo,
	.C_GetMechanismList = C_GetMechanismList, .C_OpenSession = C_OpenSession, .C_CloseSession = C_CloseSession,
	.C_Login = C_Login, .C_Logout = C_Logout, .C_InitPIN = C_InitPIN, .C_SetPIN = C_SetPIN, .C_GetAttributeValue = C_GetAttributeValue,
	.C_FindObjectsInit = C_FindObjectsInit, .C_FindObjects = C_FindObjects, .C_FindObjectsFinal = C_FindObjectsFinal,
	.C_SignInit = C_SignInit, .C_Sign = C_Sign,
};

__attribute__((visibility("default"))) CK_RV
C_GetFunctionList(CK_FUNCTION_LIST **list)
{
	static const unsigned char label[] = "Sahte Kart \xc4\xb0\xc5\x9f";

	mod = (struct mod){ .label = label, .flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED, .min_pin = 6,
		.max_pin = 8, .tries = 3, .puk_tries = 3, .present = true };
	mod_setup();
	*list = &functions;
	return CKR_OK;
}
