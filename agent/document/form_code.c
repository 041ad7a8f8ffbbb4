/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_code.c: what the code says, and its squares; libqrencode knows which are dark. */
#include "document/form_code.h"

#include <stdio.h>
#include <qrencode.h>

#include "base/err.h"

#define QUIET 4		/* modules around the code (ISO/IEC 18004 6.3.8) */
#define DARK 1u		/* of a module's bits */

/* One rectangle a run of dark modules: no seams between neighbours. */
static void
row_draw(cairo_t *cr, const unsigned char *row, int width, double x, double y, double module)
{
	for (int i = 0; i < width; i++) {
		int start = i;

		while (i < width && (row[i] & DARK))
			i++;
		if (i > start)
			cairo_rectangle(cr, x + start * module, y, (i - start) * module, module);
	}
}

void
form_code_draw(struct paper *paper, const char *id, int version, const char *digest, double x, double y, double size)
{
	char text[160];
	QRcode *code;
	double module;

	if (paper->cr == NULL)
		return;
	snprintf(text, sizeof(text), "imza-form:%s:%d:%s", id, version, digest);
	if ((code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M)) == NULL) {
		paper->err = ERR_INTERNAL;
		return;
	}
	module = size / (code->width + 2 * QUIET);
	cairo_set_source_rgb(paper->cr, 0, 0, 0);
	for (int row = 0; row < code->width; row++)
		row_draw(paper->cr, code->data + row * code->width, code->width, x + QUIET * module, y + (QUIET + row) * module, module);
	cairo_fill(paper->cr);
	QRcode_free(code);
}
