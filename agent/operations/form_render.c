/* SPDX-License-Identifier: Apache-2.0 */
/* operations/form_render.c: form.render: the page, to be looked at or printed and signed by hand. */
#include "operations/methods.h"

#include "base/err.h"
#include "base/json.h"
#include "operations/form_page.h"
#include "operations/results.h"

static void
form_render_cancel(void *context)
{
	struct form_page *page = context;

	form_page_end(&page);
}

static void
form_rendered(void *context, int err, const cJSON *content)
{
	struct form_page *page = context;
	struct call *call = page->call;
	const char *sha256 = json_string(content, "sha256");
	struct document *document = NULL;
	char name[80];
	int fd = page->fd;

	if (err == 0 && sha256 == NULL)
		err = ERR_INTERNAL;
	if (err == 0) {
		form_page_name(page, name);
		page->fd = -1;
		err = documents_adopt(&call->session->documents, fd, (uint64_t)json_integer(content, "size", 0), sha256, name, "application/pdf", &document);
	}
	form_page_end(&page);
	if (err == 0)
		call_finish(call, 0, stored_document_to_json(document));
	else
		form_page_refuse(call, err, NULL);
}

static int
form_render_run(struct call *call, const cJSON *params)
{
	struct form_page *page = NULL;
	cJSON *problem = NULL;
	int r;

	if ((r = form_page_new(call, params, &page, &problem)) == 0 && (r = form_page_check(page, false, &problem)) == 0)
		r = form_page_make(page, false, form_rendered, page);
	if (r != 0) {
		form_page_end(&page);
		call_finish(call, r, problem);
	} else {
		call_on_cancel(call, form_render_cancel, page);
	}
	return 0;
}

const struct method method_form_render = { "form.render", form_render_run };
