/* SPDX-License-Identifier: Apache-2.0 */
/* document/form_signature.c: one box stands beside code and note; two stand beside the code, with the note below all three. */
#include "document/form_signature.h"

#include "document/form_code.h"

#define CODE_SIZE 60.0	/* its modules are 0.4 mm then, which a scan of 200 dots an inch reads */
#define BAND 17.0
#define EDGE 0.5	/* of a box, that its line stays free */
#define GAP 8.0
#define NOTE_GAP 3.0

static const struct type type_label = { 9, true, PANGO_ALIGN_LEFT }, type_date = { 6.8, false, PANGO_ALIGN_LEFT },
    type_note = { 6.6, false, PANGO_ALIGN_LEFT };

static double
note_draw(struct paper *paper, const struct form_foot *foot, double x, double y, double width, bool draw)
{
	char *words = g_strdup(foot->note);
	PangoLayout *text;
	double height;

	/* Across the page its sentences go on in one line. */
	if (foot->labels[1] != NULL)
		g_strdelimit(words, "\n", ' ');
	text = text_layout(paper, words, &type_note, width);
	height = text_height(text);

	if (draw)
		text_draw(paper, text, &ink_grey, x, y);
	g_free(words);
	return height;
}

double
form_foot_height(struct paper *paper, const struct form_foot *foot)
{
	double row = foot->box_height > CODE_SIZE ? foot->box_height : CODE_SIZE;

	return foot->labels[1] == NULL ? foot->box_height : row + NOTE_GAP + note_draw(paper, foot, 0, 0, foot->width, false);
}

static struct form_place
box_draw(struct paper *paper, const struct form_foot *foot, const char *label, int page, double x, double y, double width)
{
	box_fill(paper, &ink_tint, x, y, width, BAND);
	box_stroke(paper, &ink_accent, x, y, width, foot->box_height);
	text_put(paper, label, &type_label, &ink_accent, x + 8, y + 3, width - 16);
	if (foot->date != NULL)
		text_put(paper, foot->date, &type_date, &ink_grey, x + 8, y + foot->box_height - 14, 40);
	return (struct form_place){ page, x + EDGE, y + BAND, width - 2 * EDGE, foot->box_height - BAND - EDGE };
}

void
form_foot_draw(struct paper *paper, const struct form_foot *foot, int page, double y, struct form_place ret_places[FORM_SIGNERS_MAX])
{
	double after_code = foot->left + CODE_SIZE + GAP, half = (foot->width - CODE_SIZE - 2 * GAP) / 2, middle = foot->left + foot->width * 0.46;

	form_code_draw(paper, foot->id, foot->version, foot->digest, foot->left, y, CODE_SIZE);
	if (foot->labels[1] == NULL) {
		note_draw(paper, foot, foot->left + CODE_SIZE + 4, y + 4, middle - foot->left - CODE_SIZE - 12, true);
		ret_places[0] = box_draw(paper, foot, foot->labels[0], page, middle, y, foot->width * 0.54);
		ret_places[1] = (struct form_place){ .page = 0 };
		return;
	}
	for (int i = 0; i < FORM_SIGNERS_MAX; i++)
		ret_places[i] = box_draw(paper, foot, foot->labels[i], page, after_code + i * (half + GAP), y, half);
	note_draw(paper, foot, foot->left, y + form_foot_height(paper, foot) - note_draw(paper, foot, 0, 0, foot->width, false), foot->width, true);
}
