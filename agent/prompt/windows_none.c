/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/windows_none.c: imza-prompt without windows: a machine without a display does not need GTK, and none of it is in this process. */
#include "base/err.h"
#include "prompt/windows.h"

bool
window_possible(void)
{
	return false;
}

int
access_window(const struct prompt *prompt, const struct site *site, const char *words, const char **ret_answer)
{
	(void)prompt, (void)site, (void)words, (void)ret_answer;
	return ERR_NO_DISPLAY;
}

int
consent_window(const struct prompt *prompt, struct helper_call *call, const struct site *site, const struct summary *summary)
{
	(void)prompt, (void)call, (void)site, (void)summary;
	return ERR_NO_DISPLAY;
}

int
select_window(const struct prompt *prompt, const struct site *site, const cJSON *certificates, size_t *ret_chosen)
{
	(void)prompt, (void)site, (void)certificates, (void)ret_chosen;
	return ERR_NO_DISPLAY;
}
