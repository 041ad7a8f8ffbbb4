/* SPDX-License-Identifier: Apache-2.0 */
/* document/signature_picture.c: a few lines of text, each cut where its room ends. */
#include "document/signature_picture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cairo-pdf.h>

#include "base/err.h"
#include "document/form_paint.h"

#define STRIP 2.5		/* width of the bar at the left */
#define INDENT 8.0		/* of the text */
#define LABEL_WIDTH 54.0
#define LABEL_WIDTH_NARROW 52.0
#define NARROW 240.0		/* points: below, there is no room for the time in UTC beside the local one */
#define TALL 56.0		/* points: from here on there is room for a heading */
#define SERIAL_SHOWN 16		/* hex digits of a serial number that is shown whole */
#define TEXT_MAX 256		/* characters that may matter for a line: it holds fewer */

static const struct type type_heading = { 6.2, false, PANGO_ALIGN_LEFT }, type_name = { 10, true, PANGO_ALIGN_LEFT },
    type_name_dense = { 9, true, PANGO_ALIGN_LEFT }, type_line = { 6.4, false, PANGO_ALIGN_LEFT };

struct words {
	const char *heading, *time, *certificate, *origin;
};
static const struct words words_tr = { "Elektronik olarak imzalayan", "Zaman (beyan)", "Sertifika", "Kaynak" };
static const struct words words_en = { "Electronically signed by", "Claimed time", "Certificate", "Origin" };

/* Whether a character may stand in a line that is read from left to right. */
static bool
character_fits(gunichar c)
{
	GUnicodeScript script = g_unichar_get_script(c);

	return !g_unichar_iscntrl(c) && (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_LATIN || script == G_UNICODE_SCRIPT_GREEK ||
	    script == G_UNICODE_SCRIPT_CYRILLIC);
}

static bool
character_is_shown(struct paper *paper, const char *p, const char *end)
{
	char one[8] = "";

	memcpy(one, p, (size_t)(end - p));
	return text_can_be_shown(paper, one);
}

/* Text from others as it can be shown: composed, and U+FFFD for what can't. In memory of glib's. */
static char *
text_clean(struct paper *paper, const char *text, size_t len)
{
	char *valid = g_utf8_make_valid(text, (gssize)len), *composed = g_utf8_normalize(valid, -1, G_NORMALIZE_DEFAULT_COMPOSE);
	GString *clean = g_string_new(NULL);
	bool all = text_can_be_shown(paper, composed);
	int count = 0;

	for (const char *p = composed; *p != '\0' && count < TEXT_MAX; count++) {
		const char *end = g_utf8_find_next_char(p, NULL);

		if (character_fits(g_utf8_get_char(p)) && (all || character_is_shown(paper, p, end)))
			g_string_append_len(clean, p, end - p);
		else
			g_string_append(clean, "\xef\xbf\xbd");
		p = end;
	}
	g_free(composed);
	g_free(valid);
	return g_string_free(clean, FALSE);
}

/* The name of a subject or issuer: its last common name, or else organisation; "" without. In memory of glib's. */
static char *
name_text(struct paper *paper, const X509_NAME *name)
{
	static const int kinds[] = { NID_commonName, NID_organizationName };
	unsigned char *utf8 = NULL;
	char *clean;
	int len = -1;

	for (size_t i = 0; i < 2 && len < 0; i++) {
		int at = -1, next;

		while ((next = X509_NAME_get_index_by_NID(name, kinds[i], at)) >= 0)
			at = next;
		if (at >= 0)
			len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
	}
	if (len < 0)
		return g_strdup("");
	clean = text_clean(paper, (const char *)utf8, (size_t)len);
	OPENSSL_free(utf8);
	return clean;
}

/* The serial number's hex digits, the middle of a long one left out, and who issued it. In memory of glib's. */
static char *
certificate_text(struct paper *paper, X509 *certificate)
{
	BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
	char *hex = number != NULL ? BN_bn2hex(number) : NULL, *issuer = name_text(paper, X509_get_issuer_name(certificate)), *text = NULL;
	size_t len = hex != NULL ? strlen(hex) : 0;

	if (hex != NULL && len <= SERIAL_SHOWN)
		text = g_strdup_printf("%s · %s", hex, issuer);
	else if (hex != NULL)
		text = g_strdup_printf("%.6s…%s · %s", hex, hex + len - 6, issuer);
	OPENSSL_free(hex);
	BN_free(number);
	g_free(issuer);
	return text;
}

/* A moment as the language writes it; false: no such time. */
static bool
moment_text(time_t time, bool turkish, char *text, size_t size)
{
	struct tm tm;

	if (gmtime_r(&time, &tm) == NULL)
		return false;
	return (turkish ? strftime(text, size, "%d.%m.%Y %H:%M:%S", &tm) : strftime(text, size, "%Y-%m-%d %H:%M:%S", &tm)) != 0;
}

/* The moment on the signer's clock with its distance from UTC, and in UTC where there is room. In memory of glib's; NULL: no such time. */
static char *
time_text(const struct signature_picture *picture, bool turkish)
{
	int minutes = abs(picture->offset) / 60;
	char local[32], utc[32];

	if (!moment_text(picture->time + picture->offset, turkish, local, sizeof(local)) || !moment_text(picture->time, turkish, utc, sizeof(utc)))
		return NULL;
	if (picture->width < NARROW)
		return g_strdup_printf("%s (UTC%c%02d:%02d)", local, picture->offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
	return g_strdup_printf("%s (UTC%c%02d:%02d) · %s UTC", local, picture->offset < 0 ? '-' : '+', minutes / 60, minutes % 60, utc);
}

/* One line, cut with an ellipsis where its room ends; returns its height. */
static double
line_draw(struct paper *paper, const char *text, const struct type *type, const struct ink *ink, double x, double y, double width)
{
	PangoLayout *layout = pango_layout_copy(text_layout(paper, text, type, width));
	double height;

	pango_layout_set_single_paragraph_mode(layout, TRUE);
	pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
	height = text_height(layout);
	text_draw(paper, layout, ink, x, y);
	g_object_unref(layout);
	return height;
}

static void
lines_draw(struct paper *paper, const struct signature_picture *picture, const struct words *words)
{
	char *name = name_text(paper, X509_get_subject_name(picture->certificate)), *origin = text_clean(paper, picture->origin, strlen(picture->origin));
	char *time = time_text(picture, words == &words_tr), *certificate = certificate_text(paper, picture->certificate);
	const char *const lines[][2] = { { words->time, time }, { words->certificate, certificate }, { words->origin, origin } };
	bool tall = picture->height >= TALL;
	double width = picture->width - INDENT - 4, y = tall ? 4 : 1.5, label_width = picture->width < NARROW ? LABEL_WIDTH_NARROW : LABEL_WIDTH;

	if (time == NULL || certificate == NULL)
		paper->err = ERR_INTERNAL;
	if (tall)
		y += line_draw(paper, words->heading, &type_heading, &ink_grey, INDENT, y, width) + 0.5;
	y += line_draw(paper, name, tall ? &type_name : &type_name_dense, &ink_accent, INDENT, y, width) + (tall ? 2.5 : 1);
	for (size_t i = 0; paper->err == 0 && i < sizeof(lines) / sizeof(lines[0]); i++) {
		line_draw(paper, lines[i][0], &type_line, &ink_grey, INDENT, y, label_width);
		y += line_draw(paper, lines[i][1], &type_line, &ink_black, INDENT + label_width, y, width - label_width) + (tall ? 1.5 : 0.5);
	}
	g_free(name);
	g_free(origin);
	g_free(time);
	g_free(certificate);
}

int
signature_picture_draw(const struct signature_picture *picture, struct buf *pdf)
{
	struct paper paper;
	cairo_surface_t *surface;
	int err;

	if ((err = paper_begin(&paper, picture->language)) != 0)
		return err;
	surface = cairo_pdf_surface_create_for_stream(paper_write, pdf, picture->width, picture->height);
	cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
	paper.cr = cairo_create(surface);
	box_fill(&paper, &ink_pale, 0, 0, picture->width, picture->height);
	box_fill(&paper, &ink_accent, 0, 0, STRIP, picture->height);
	lines_draw(&paper, picture, strcmp(picture->language, "tr") == 0 ? &words_tr : &words_en);
	cairo_show_page(paper.cr);
	if (cairo_status(paper.cr) != CAIRO_STATUS_SUCCESS)
		paper.err = ERR_INTERNAL;
	cairo_destroy(paper.cr);
	cairo_surface_finish(surface);
	if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS)
		paper.err = ERR_INTERNAL;
	cairo_surface_destroy(surface);
	paper_end(&paper);
	return paper.err == 0 ? 0 : ERR_INTERNAL;
}
