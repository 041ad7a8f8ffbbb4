/* SPDX-License-Identifier: Apache-2.0 */
/* health/reader.c: the readers: found, driven, awake, steady, free. */
#include "health/checks.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "health/history.h"

#define FLAP_SECONDS 600
#define FLAP_COUNT 5
#define USB "/sys/bus/usb/devices"

/* A small file of sysfs, without its line break; "" when it is not there. */
static void
attribute_read(const char *folder, const char *device, const char *name, char text[32])
{
	char path[512], *content;
	size_t len;

	snprintf(path, sizeof(path), "%s/%.100s/%s", folder, device, name);
	text[0] = '\0';
	if ((content = health_file(path, 4096, &len)) != NULL)
		snprintf(text, 32, "%.*s", (int)strcspn(content, "\n"), content);
	free(content);
}

/* Vendors whose devices are card readers and little else; smart card class devices of others count too. */
static bool
device_is_reader(const char *folder, const char *device)
{
	static const char *const vendors[] = { "072f", "04e6", "0529", "096e", "08e6", "076b" };
	char text[32], interface[128];

	attribute_read(folder, device, "idVendor", text);
	if (text[0] == '\0')
		return false;
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++)
		if (strcmp(vendors[i], text) == 0)
			return true;
	snprintf(interface, sizeof(interface), "%.100s:1.0", device);
	attribute_read(folder, interface, "bInterfaceClass", text);
	return strcmp(text, "0b") == 0;
}

static void
usb_check(struct health *h, size_t readers)
{
	char *folder = health_path(h, USB), control[32], vendor[32], product[32];
	DIR *directory = folder != NULL ? opendir(folder) : NULL;
	const struct dirent *entry;
	size_t count = 0;

	while (directory != NULL && (entry = readdir(directory)) != NULL) {
		/* Interfaces have a colon in their names. */
		if (entry->d_name[0] == '.' || strchr(entry->d_name, ':') != NULL || !device_is_reader(folder, entry->d_name))
			continue;
		count++;
		attribute_read(folder, entry->d_name, "idVendor", vendor);
		attribute_read(folder, entry->d_name, "idProduct", product);
		attribute_read(folder, entry->d_name, "power/control", control);
		report_tell(h->report, "reader_power", strcmp(control, "auto") == 0 ? "suspends" : "ok", "USB %s:%s: power/control %s", vendor,
		    product, control[0] != '\0' ? control : "unknown");
	}
	if (directory == NULL) {
		report_skip(h->report, "reader_driver", "unknown", "%s can't be read", USB);
		report_skip(h->report, "reader_power", "unknown", "%s can't be read", USB);
	} else if (count == 0) {
		report_skip(h->report, "reader_driver", "no_reader", "no reader on USB");
		report_skip(h->report, "reader_power", "no_reader", "no reader on USB");
	} else if (!h->pcsc.running) {
		report_skip(h->report, "reader_driver", "no_service", "%zu on USB", count);
	} else {
		report_tell(h->report, "reader_driver", readers == 0 ? "missing" : readers < count ? "some_missing" : "ok",
		    "%zu on USB, %zu in PC/SC", count, readers);
	}
	if (directory != NULL)
		closedir(directory);
	free(folder);
}

static void
steady_check(struct health *h)
{
	const struct history *history = h->services->history;

	if (h->options.command_line || history == NULL) {
		report_skip(h->report, "reader_steady", "not_here", "only the running agent sees readers come and go");
		return;
	}
	for (size_t i = 0; i < h->pcsc.count; i++) {
		size_t lost = history_count(history, "reader.removed", h->pcsc.readers[i].name, FLAP_SECONDS);

		report_tell(h->report, "reader_steady", lost >= FLAP_COUNT ? "flapping" : "ok", "%s: lost %zu times in %d s", h->pcsc.readers[i].name,
		    lost, FLAP_SECONDS);
	}
	/* One that is away at this moment is still one that comes and goes. */
	if (h->pcsc.count == 0 && h->options.reader == NULL) {
		size_t lost = history_count(history, "reader.removed", NULL, FLAP_SECONDS);

		report_tell(h->report, "reader_steady", lost >= FLAP_COUNT ? "flapping" : "ok", "lost %zu times in %d s", lost, FLAP_SECONDS);
	}
}

static void
keypad_check(struct health *h)
{
	const cJSON *token;
	bool any = false;

	cJSON_ArrayForEach(token, h->tokens) {
		const char *reader = json_string(token, "reader");
		bool keypad = json_true(json_member(token, "pin"), "keypad");
		/* These two announce one that they do not have. */
		bool without = strstr(reader, "OMNIKEY") != NULL && (strstr(reader, "3x21") != NULL || strstr(reader, "6121") != NULL);

		any = true;
		report_tell(h->report, "reader_keypad", keypad && without ? "false_claim" : "ok", "%s: %s", reader, keypad ? "keypad" : "no keypad");
	}
	if (!any)
		report_skip(h->report, "reader_keypad", "no_card", "%s", "");
}

void
check_readers(struct health *h)
{
	static const char *const each[] = { "reader_state", "reader_shared" };
	bool software = health_has_software_token(h);

	steady_check(h);
	keypad_check(h);
	usb_check(h, devices_pcsc(h->services->devices)->count);
	for (size_t i = 0; i < h->pcsc.count; i++) {
		const struct pcsc_reader *reader = &h->pcsc.readers[i];

		report_tell(h->report, "reader_present", "ok", "%s", reader->name);
		report_tell(h->report, "reader_state", reader->unavailable ? "unavailable" : "ok", "%s", reader->name);
		report_tell(h->report, "reader_shared", reader->in_use ? "exclusive" : "ok", "%s", reader->name);
	}
	if (!h->pcsc.running)
		report_skip(h->report, "reader_present", "no_service", "%s", "");
	else if (h->pcsc.count == 0)
		report_tell(h->report, "reader_present", software ? "unneeded" : "none", "PC/SC lists no reader");
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		report_skip(h->report, each[i], h->pcsc.running ? "no_reader" : "no_service", "%s", "");
}
