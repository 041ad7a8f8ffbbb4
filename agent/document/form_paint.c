/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_paint.c: Cairo and Pango behind the few things that a form's page needs. */
#include "document/form_paint.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <fontconfig/fontconfig.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#define LINE_WIDTH 0.6

const struct ink ink_black = { 0.07, 0.09, 0.12 }, ink_grey = { 0.35, 0.40, 0.46 }, ink_accent = { 0.09, 0.24, 0.42 },
    ink_line = { 0.62, 0.68, 0.75 }, ink_tint = { 0.90, 0.93, 0.965 }, ink_pale = { 0.97, 0.975, 0.985 };

/* Both fonts of one folder; false when it lacks one. */
static bool
fonts_add(FcConfig *config, const char *folder)
{
	static const char *const names[] = { "DejaVuSans.ttf", "DejaVuSans-Bold.ttf" };

	for (size_t i = 0; i < 2; i++) {
		char path[200];

		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (access(path, R_OK) != 0 || !FcConfigAppFontAddFile(config, (const FcChar8 *)path))
			return false;
	}
	return true;
}

/*
 * Fontconfig with two files instead of the system's configuration: the page looks the same everywhere, no other font can slip in,
 * and nothing is scanned.  Once a process, before Pango starts fontconfig by itself.
 */
static int
fonts_load(void)
{
	static const char *const folders[] = { "/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF",
		"/usr/share/fonts/dejavu" };
	static bool loaded, kept;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !loaded; i++) {
		FcConfig *config = FcConfigCreate();

		if (config == NULL)
			return ERR_INTERNAL;
		loaded = fonts_add(config, folders[i]) && FcConfigSetCurrent(config);
		FcConfigDestroy(config);	/* the current one keeps a reference of its own */
	}
	/* Fontconfig keeps offsets where others keep pointers, so a leak checker takes what is in use for lost unless it is freed. */
	if (loaded && !kept)
		kept = atexit(FcFini) == 0;
	if (!loaded)
		log_error("the fonts DejaVu Sans and DejaVu Sans Bold are missing (Debian: fonts-dejavu-core)");
	return loaded ? 0 : ERR_INTERNAL;
}

int
paper_begin(struct paper *paper, const char *language)
{
	cairo_font_options_t *options;
	PangoFontMap *fonts;
	int err;

	if ((err = fonts_load()) != 0)
		return err;
	if ((fonts = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT)) == NULL)
		return ERR_INTERNAL;
	pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts), 72);	/* so that a point is a point */
	*paper = (struct paper){ .context = pango_font_map_create_context(fonts),
		.texts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref) };
	g_object_unref(fonts);
	/* Metrics as in the font's file, not rounded for a screen. */
	options = cairo_font_options_create();
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(paper->context, options);
	cairo_font_options_destroy(options);
	pango_context_set_language(paper->context, pango_language_from_string(language));
	pango_context_set_base_dir(paper->context, PANGO_DIRECTION_LTR);
	pango_context_set_round_glyph_positions(paper->context, FALSE);
	return 0;
}

void
paper_end(struct paper *paper)
{
	g_hash_table_destroy(paper->texts);
	g_object_unref(paper->context);
}

/* Whether each character leaves a mark, or a gap, of its own on the paper. */
static bool
text_is_visible(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_find_next_char(p, NULL)) {
		gunichar c = g_utf8_get_char(p);
		GUnicodeType type = g_unichar_type(c);

		if (c == '\n' || c == '\t')
			continue;
		if (c == 0xad || g_unichar_iszerowidth(c) || type == G_UNICODE_CONTROL || type == G_UNICODE_LINE_SEPARATOR ||
		    type == G_UNICODE_PARAGRAPH_SEPARATOR || type == G_UNICODE_UNASSIGNED || type == G_UNICODE_PRIVATE_USE ||
		    type == G_UNICODE_SURROGATE || type == G_UNICODE_FORMAT)
			return false;
	}
	return true;
}

static PangoLayout *
layout_new(const struct paper *paper, const char *text, const struct type *type, double width)
{
	PangoFontDescription *font = pango_font_description_new();
	PangoLayout *layout = pango_layout_new(paper->context);
	PangoAttrList *attributes = pango_attr_list_new();

	pango_font_description_set_family_static(font, "DejaVu Sans");
	pango_font_description_set_weight(font, type->bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
	pango_font_description_set_absolute_size(font, type->size * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	pango_font_description_free(font);
	/*
	 * Each letter stays a letter, for whoever reads, copies or searches: no ligatures ("fı" never looks like "fi"), and no hyphen
	 * where a long word is broken, which nobody wrote.  No other font.
	 */
	pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
	pango_attr_list_insert(attributes, pango_attr_font_features_new("liga=0, clig=0, dlig=0"));
	pango_attr_list_insert(attributes, pango_attr_fallback_new(FALSE));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(layout, type->align);
	pango_layout_set_spacing(layout, (int)(type->size * 0.13 * PANGO_SCALE));	/* so that ş above Ö do not touch */
	pango_layout_set_text(layout, text, -1);
	return layout;
}

PangoLayout *
text_layout(struct paper *paper, const char *text, const struct type *type, double width)
{
	char *key = g_strdup_printf("%d %d %d %d %s", (int)(type->size * PANGO_SCALE), type->bold, type->align, (int)(width * PANGO_SCALE), text);
	PangoLayout *layout = g_hash_table_lookup(paper->texts, key);

	if (layout != NULL) {
		g_free(key);
		return layout;
	}
	layout = layout_new(paper, text, type, width);
	g_hash_table_insert(paper->texts, key, layout);
	if (paper->err == 0 && (!text_is_visible(text) || pango_layout_get_unknown_glyphs_count(layout) > 0))
		paper->err = ERR_FORM_INVALID;
	return layout;
}

bool
text_can_be_shown(struct paper *paper, const char *text)
{
	static const struct type type = { 10, false, PANGO_ALIGN_LEFT };
	PangoLayout *layout;
	bool shown;

	if (!text_is_visible(text))
		return false;
	layout = layout_new(paper, text, &type, PAPER_WIDTH);
	shown = pango_layout_get_unknown_glyphs_count(layout) == 0;
	g_object_unref(layout);
	return shown;
}

double
text_height(PangoLayout *text)
{
	PangoRectangle logical;

	pango_layout_get_extents(text, NULL, &logical);
	return (double)logical.height / PANGO_SCALE;
}

int
text_draw_part(struct paper *paper, PangoLayout *text, const struct ink *ink, double x, double y, int first, double height, bool draw,
    double *ret_height)
{
	PangoLayoutIter *iter = pango_layout_get_iter(text);
	int number = 0, start = 0, top, bottom, drawn = 0;

	*ret_height = 0;
	do {
		PangoRectangle logical;

		if (number++ < first)
			continue;
		pango_layout_iter_get_line_yrange(iter, &top, &bottom);
		pango_layout_iter_get_line_extents(iter, NULL, &logical);
		if (drawn == 0)
			start = top;
		if ((double)(bottom - start) / PANGO_SCALE > height)
			break;
		*ret_height = (double)(bottom - start) / PANGO_SCALE;
		drawn++;
		if (!draw || paper->cr == NULL)
			continue;
		cairo_set_source_rgb(paper->cr, ink->red, ink->green, ink->blue);
		cairo_move_to(paper->cr, x + (double)logical.x / PANGO_SCALE,
		    y + (double)(pango_layout_iter_get_baseline(iter) - start) / PANGO_SCALE);
		pango_cairo_show_layout_line(paper->cr, pango_layout_iter_get_line_readonly(iter));
	} while (pango_layout_iter_next_line(iter));
	pango_layout_iter_free(iter);
	return drawn;
}

void
text_draw(struct paper *paper, PangoLayout *text, const struct ink *ink, double x, double y)
{
	double height;

	text_draw_part(paper, text, ink, x, y, 0, PAPER_HEIGHT * 1000, true, &height);
}

double
text_put(struct paper *paper, const char *text, const struct type *type, const struct ink *ink, double x, double y, double width)
{
	PangoLayout *layout = text_layout(paper, text, type, width);

	text_draw(paper, layout, ink, x, y);
	return text_height(layout);
}

cairo_status_t
paper_write(void *closure, const unsigned char *data, unsigned int len)
{
	struct buf *pdf = closure;

	buf_append(pdf, data, len);
	return pdf->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

void
tag_begin(struct paper *paper, const char *tag)
{
	if (paper->cr != NULL)
		cairo_tag_begin(paper->cr, tag, NULL);
}

void
tag_end(struct paper *paper, const char *tag)
{
	if (paper->cr != NULL)
		cairo_tag_end(paper->cr, tag);
}

void
box_fill(struct paper *paper, const struct ink *ink, double x, double y, double width, double height)
{
	if (paper->cr == NULL)
		return;
	cairo_set_source_rgb(paper->cr, ink->red, ink->green, ink->blue);
	cairo_rectangle(paper->cr, x, y, width, height);
	cairo_fill(paper->cr);
}

void
box_stroke(struct paper *paper, const struct ink *ink, double x, double y, double width, double height)
{
	if (paper->cr == NULL)
		return;
	cairo_set_source_rgb(paper->cr, ink->red, ink->green, ink->blue);
	cairo_set_line_width(paper->cr, LINE_WIDTH);
	cairo_rectangle(paper->cr, x, y, width, height);
	cairo_stroke(paper->cr);
}
