/* SPDX-License-Identifier: Apache-2.0 */
/* prompt/site.c: decoding an international host name (IDNA 2008, by libidn2) and telling letters that may deceive. */
#include "prompt/site.h"

#include <glib.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "prompt/language.h"

#define LABEL_MAX 63	/* RFC 1035 section 2.3.4 */

/* Letters beyond ASCII that Turkish writes. */
static bool
is_turkish(uint32_t point)
{
	static const uint32_t letters[] = { 0xe2, 0xe7, 0xee, 0xf6, 0xfb, 0xfc, 0x11f, 0x131, 0x15f };

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
		if (letters[i] == point)
			return true;
	return false;
}

/*
 * No table of letters that look alike: whatever is neither ASCII nor Turkish is unusual here, so that a name written wholly in a script
 * whose letters pass for Latin ones is marked as well.
 */
static enum site_doubt
label_doubt(const char *label)
{
	GUnicodeScript script = G_UNICODE_SCRIPT_COMMON, next;
	enum site_doubt doubt = SITE_PLAIN;
	uint32_t point;

	while ((point = text_next(&label)) != 0) {
		if (point == UINT32_MAX)
			return SITE_UNREADABLE;
		if (point >= 0x80 && !is_turkish(point))
			doubt = SITE_UNUSUAL;
		next = g_unichar_get_script(point);
		if (next == G_UNICODE_SCRIPT_COMMON || next == G_UNICODE_SCRIPT_INHERITED)
			continue;
		if (script != G_UNICODE_SCRIPT_COMMON && next != script)
			return SITE_MIXED;
		script = next;
	}
	return doubt;
}

/* Appends one part of the host, decoded when it is in Punycode. Decoding and encoding must agree: else it is no name that a browser makes. */
static enum site_doubt
label_append(struct buf *letters, const char *start, size_t len)
{
	char label[LABEL_MAX + 1], *decoded = NULL, *encoded = NULL;
	enum site_doubt doubt = SITE_UNREADABLE;

	if (len < 4 || strncmp(start, "xn--", 4) != 0) {
		buf_append(letters, start, len);
		return SITE_PLAIN;
	}
	if (len > LABEL_MAX)
		return SITE_UNREADABLE;
	memcpy(label, start, len);
	label[len] = '\0';
	if (idn2_to_unicode_8z8z(label, &decoded, 0) == IDN2_OK &&
	    idn2_to_ascii_8z(decoded, &encoded, IDN2_NONTRANSITIONAL) == IDN2_OK && strcmp(encoded, label) == 0) {
		buf_append_string(letters, decoded);
		doubt = label_doubt(decoded);
	}
	idn2_free(decoded);
	idn2_free(encoded);
	return doubt;
}

static void
host_read(const char *origin, struct site *site)
{
	const char *slashes = strstr(origin, "://"), *label = slashes != NULL ? slashes + 3 : origin;
	enum site_doubt doubt;
	struct buf letters;
	size_t len;

	buf_init(&letters, sizeof(site->letters));
	buf_append(&letters, origin, (size_t)(label - origin));
	for (; *label != '\0'; label += len) {
		len = strcspn(label, ".:");
		doubt = label_append(&letters, label, len);
		site->international = site->international || strncmp(label, "xn--", 4) == 0;
		if (doubt > site->doubt)
			site->doubt = doubt;
		len += strspn(label + len, ".:");
		buf_append(&letters, label + strcspn(label, ".:"), len - strcspn(label, ".:"));
	}
	buf_append(&letters, "", 1);
	if (letters.failed)
		site->doubt = SITE_UNREADABLE;
	else if (site->doubt != SITE_UNREADABLE)
		text_safe((const char *)letters.data, TEXT_ORIGIN_MAX, site->letters);
	buf_clear(&letters);
}

int
site_read(const char *origin, struct site *ret_site)
{
	if (origin == NULL || origin[0] == '\0' || strlen(origin) > TEXT_ORIGIN_MAX)
		return ERR_INVALID_PARAMS;
	*ret_site = (struct site){ .doubt = SITE_PLAIN };
	text_safe(origin, TEXT_ORIGIN_MAX, ret_site->origin);
	host_read(origin, ret_site);
	return 0;
}

const char *
site_warning(const struct site *site)
{
	switch (site->doubt) {
	case SITE_PLAIN:
		return NULL;
	case SITE_UNUSUAL:
		return _("ATTENTION: this address has letters that are not Turkish ones; it may imitate another site's.");
	case SITE_MIXED:
		return _("ATTENTION: this address mixes the letters of several scripts; it may imitate another site's.");
	case SITE_UNREADABLE:
		break;
	}
	return _("ATTENTION: this address is not a valid international one.");
}

void
site_add(const struct site *site, struct pages *pages)
{
	char letters[TEXT_BYTES(TEXT_NAME_MAX)];

	if (!site->international)
		return;
	text_safe(site->letters, TEXT_NAME_MAX, letters);
	if (letters[0] != '\0')
		pages_add_format(pages, 0, _("In its own letters: %s"), letters);
	if (site_warning(site) != NULL)
		pages_add(pages, site_warning(site), 0);
	pages_add_blank(pages);
}
