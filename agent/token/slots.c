/* SPDX-License-Identifier: Apache-2.0 */
/* token/slots.c: C_GetSlotList, C_GetSlotInfo, C_GetTokenInfo as JSON. */
#include "token/slots.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/pin_lengths.h"
#include "token/ckr.h"
#include "token/padded.h"

#define SLOTS_MAX 64
#define SLOT_ID_MAX ((1ULL << 53) - 1)	/* what a JSON number carries exactly */
#define LIST_TRIES 3
#define GONE_LOOK_MS 50		/* pcscd looks at most readers every 400 ms, so a card may be gone for so long before a slot is empty */
#define GONE_LOOKS 10

static CK_RV
slot_ids(struct module *module, CK_SLOT_ID *slots, CK_ULONG *ret_count)
{
	CK_RV rv = CKR_BUFFER_TOO_SMALL;
	CK_ULONG count = 0;

	/* Without a buffer first: that is when a module looks for new readers. A token put in between makes the list longer. */
	for (int i = 0; i < LIST_TRIES && rv == CKR_BUFFER_TOO_SMALL; i++) {
		if ((rv = module_note(module, module->fn->C_GetSlotList(CK_TRUE, NULL, &count))) != CKR_OK)
			return rv;
		count = SLOTS_MAX;
		rv = module_note(module, module->fn->C_GetSlotList(CK_TRUE, slots, &count));
	}
	if (rv == CKR_OK && count > SLOTS_MAX)
		return CKR_BUFFER_TOO_SMALL;
	if (rv == CKR_OK)
		*ret_count = count;
	return rv;
}

const char *
pin_state_name(CK_FLAGS flags)
{
	if (flags & CKF_USER_PIN_LOCKED)
		return "locked";
	if (flags & CKF_USER_PIN_FINAL_TRY)
		return "final";
	if (flags & CKF_USER_PIN_COUNT_LOW)
		return "low";
	if ((flags & CKF_USER_PIN_INITIALIZED) == 0 || (flags & CKF_USER_PIN_TO_BE_CHANGED) != 0)
		return "not_set";
	return "ok";
}

CK_ULONG
pin_limit(CK_ULONG length)
{
	return length == CK_UNAVAILABLE_INFORMATION || length == CK_EFFECTIVELY_INFINITE || length > INT32_MAX ? 0 : length;
}

cJSON *
pin_state_json(const CK_TOKEN_INFO *info)
{
	cJSON *pin = cJSON_CreateObject();

	if (cJSON_AddStringToObject(pin, "state", pin_state_name(info->flags)) == NULL ||
	    cJSON_AddNumberToObject(pin, "minLength", (double)pin_limit(info->ulMinPinLen)) == NULL ||
	    cJSON_AddNumberToObject(pin, "maxLength", (double)pin_limit(info->ulMaxPinLen)) == NULL ||
	    cJSON_AddBoolToObject(pin, "keypad", (info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0) == NULL) {
		cJSON_Delete(pin);
		return NULL;
	}
	return pin;
}

static cJSON *
token_json(CK_SLOT_ID id, const CK_SLOT_INFO *slot, const CK_TOKEN_INFO *info)
{
	cJSON *token = cJSON_CreateObject(), *pin = pin_state_json(info);

	if (!cJSON_AddItemToObject(token, "pin", pin)) {
		cJSON_Delete(pin);
		goto fail;
	}
	if (cJSON_AddNumberToObject(token, "slot", (double)id) == NULL ||
	    !padded_add(token, "slotDescription", slot->slotDescription, sizeof(slot->slotDescription)) ||
	    cJSON_AddBoolToObject(token, "removable", (slot->flags & CKF_REMOVABLE_DEVICE) != 0) == NULL ||
	    cJSON_AddBoolToObject(token, "pukLocked", (info->flags & CKF_SO_PIN_LOCKED) != 0) == NULL ||
	    !padded_add(token, "label", info->label, sizeof(info->label)) ||
	    !padded_add(token, "manufacturer", info->manufacturerID, sizeof(info->manufacturerID)) ||
	    !padded_add(token, "model", info->model, sizeof(info->model)) ||
	    !padded_add(token, "serial", info->serialNumber, sizeof(info->serialNumber)))
		goto fail;
	return token;
fail:
	cJSON_Delete(token);
	return NULL;
}

/* A slot whose token can't be used (unknown card, blank token, pulled this moment) is left out: the others still count. */
static int
slot_append(struct module *module, CK_SLOT_ID id, cJSON *tokens)
{
	CK_SLOT_INFO slot = { 0 };
	CK_TOKEN_INFO info = { 0 };
	cJSON *token;
	CK_RV rv;

	if (id > SLOT_ID_MAX) {
		log_warning("slot 0x%lx: its number is too large", id);
		return 0;
	}
	if ((rv = module_note(module, module->fn->C_GetSlotInfo(id, &slot))) != CKR_OK ||
	    (rv = module_note(module, module->fn->C_GetTokenInfo(id, &info))) != CKR_OK) {
		log_info("slot %lu is left out: %s", id, ckr_name(rv));
		return 0;
	}
	if ((info.flags & CKF_TOKEN_INITIALIZED) == 0)
		return 0;
	if ((token = token_json(id, &slot, &info)) == NULL)
		return ERR_INTERNAL;
	cJSON_AddItemToArray(tokens, token);
	return 0;
}

int
slots_list(struct helper_call *call, struct module *module, cJSON **ret_result)
{
	cJSON *result = cJSON_CreateObject(), *tokens = cJSON_AddArrayToObject(result, "tokens");
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = 0;
	bool restarted = module->suspect;
	CK_RV rv = CKR_OK;
	int r = tokens == NULL ? ERR_INTERNAL : 0;

	if (restarted)
		rv = module_restart(module);
	if (rv == CKR_OK && (rv = slot_ids(module, slots, &count)) != CKR_OK && module->suspect && !restarted &&
	    (rv = module_restart(module)) == CKR_OK)
		rv = slot_ids(module, slots, &count);
	if (rv != CKR_OK)
		r = ckr_fail(call, "C_GetSlotList", rv);
	for (CK_ULONG i = 0; i < count && r == 0; i++)
		r = slot_append(module, slots[i], tokens);
	if (r != 0) {
		cJSON_Delete(result);
		return r;
	}
	*ret_result = result;
	return 0;
}

/* A request knows more than the token where its kind of card is known. */
static void
lengths_narrow(const struct helper_call *call, CK_TOKEN_INFO *info)
{
	const struct pin_lengths token = { (unsigned)pin_limit(info->ulMinPinLen), (unsigned)pin_limit(info->ulMaxPinLen) };
	struct pin_lengths lengths = pin_lengths_narrow(token, pin_lengths_read(json_member(call->request, "pinLengths")));

	info->ulMinPinLen = lengths.min;
	info->ulMaxPinLen = lengths.max;
}

int
slot_token_info(struct module *module, CK_SLOT_ID slot, struct helper_call *call, CK_TOKEN_INFO *ret_info)
{
	CK_TOKEN_INFO info = { 0 };
	CK_RV rv = module_note(module, module->fn->C_GetTokenInfo(slot, &info));

	if (rv != CKR_OK)
		return ckr_fail(call, "C_GetTokenInfo", rv);
	lengths_narrow(call, &info);
	*ret_info = info;
	return 0;
}

int
slot_check_token(struct module *module, CK_SLOT_ID slot, const char *serial, struct helper_call *call, CK_TOKEN_INFO *ret_info)
{
	CK_TOKEN_INFO info;
	char *found;
	int r;

	if ((r = slot_token_info(module, slot, call, &info)) != 0)
		return r;
	if ((found = padded_text(info.serialNumber, sizeof(info.serialNumber))) == NULL)
		return ERR_INTERNAL;
	if (strcmp(found, serial) != 0)
		r = call_fail(call, ERR_NOT_FOUND, "another token is in this slot");
	else
		*ret_info = info;
	free(found);
	return r;
}

bool
slot_lost_its_token(struct module *module, CK_SLOT_ID slot, int err)
{
	const struct timespec pause = { 0, GONE_LOOK_MS * 1000000L };
	CK_SLOT_INFO info = { 0 };

	if (err != ERR_MODULE_FAILED && err != ERR_NOT_FOUND)
		return false;
	for (int i = 0; i < GONE_LOOKS; i++) {
		if (i > 0)
			nanosleep(&pause, NULL);
		if (module_note(module, module->fn->C_GetSlotInfo(slot, &info)) != CKR_OK)
			return false;
		if ((info.flags & CKF_TOKEN_PRESENT) == 0)
			return true;
	}
	return false;
}
