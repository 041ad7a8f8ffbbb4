/* SPDX-License-Identifier: Apache-2.0 */
/* pdf/place.c: writes and reads /PieceInfo; what it says comes from whoever made the file and is bounded. */
#include "pdf/place.h"

#include <stdio.h>

#include "pdf/form.h"

#define WIDTH_MAX 300u	/* so that it covers no more than a box */
#define HEIGHT_MAX 90u
#define COORDINATE_MAX 14400u

void
pdf_place_append(struct buf *out, const struct pdf_place *place, const char *date)
{
	char text[200];

	snprintf(text, sizeof(text), "<</imza-agent <</LastModified %s /Private <</Countersignature [%u %u %u %u %u]>>>>>>", date, place->page,
	    place->left, place->bottom, place->right, place->top);
	buf_append_string(out, text);
}

/* The array's five numbers; false: it is not what we write. */
static bool
numbers_read(const struct pdf_value *array, uint64_t numbers[5])
{
	struct pdf_value value;
	struct pdf_cursor c;

	if (array->type != PDF_ARRAY)
		return false;
	c = pdf_items(array);
	for (int i = 0; i < 5; i++)
		if (pdf_array_next(&c, &value) != 1 || !pdf_unsigned(&value, COORDINATE_MAX, &numbers[i]))
			return false;
	return numbers[0] > 0 && numbers[1] < numbers[3] && numbers[3] - numbers[1] <= WIDTH_MAX && numbers[2] < numbers[4] &&
	    numbers[4] - numbers[2] <= HEIGHT_MAX;
}

int
pdf_place_read(struct pdf *pdf, struct pdf_place *ret_place)
{
	static const char *const names[] = { "Root", "PieceInfo", "imza-agent", "Private", "Countersignature" };
	struct pdf_value at = pdf->trailer;
	struct pdf_form form;
	uint64_t numbers[5];
	int r;

	*ret_place = (struct pdf_place){ .page = 0 };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (at.type != PDF_DICT || pdf_get(pdf, &at, names[i], &at) != 0)
			return 0;
	if (!numbers_read(&at, numbers))
		return 0;
	if ((r = pdf_form_read(pdf, 1, &form)) == 0 && form.names_used == 1)
		*ret_place = (struct pdf_place){ (unsigned)numbers[0], (unsigned)numbers[1], (unsigned)numbers[2], (unsigned)numbers[3],
			(unsigned)numbers[4] };
	return r;
}
