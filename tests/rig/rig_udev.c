/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rig_udev.c: a libudev for pcscd (LD_PRELOAD) whose USB devices are the rig's readers: $RIG_FOLDER/plugged lists the numbers of those there
 * at start, one a line, and lines "add N" and "remove N" in the FIFO $RIG_FOLDER/usb plug and unplug them.
 */
#include "rig_udev.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

struct udev { int unused; };
struct udev_monitor { int fd; };
struct udev_enumerate { int unused; };
struct udev_list_entry { int reader; char name[32]; };
struct udev_device { int reader; const char *action; char node[32], serial[16], sysname[16]; };

static bool plugged[RIG_READERS_MAX + 1];	/* readers count from 1; written by the hot-plug thread and before it starts */
static struct udev_list_entry entries[RIG_READERS_MAX + 1];
static struct udev the_udev;
static struct udev_enumerate the_enumerate;
static void (*unplug_told)(int reader);

/* What pcscd imports; no header of libudev is needed, or wanted, for that. */
EXPORT struct udev *udev_new(void);
EXPORT struct udev *udev_unref(struct udev *udev);
EXPORT struct udev_enumerate *udev_enumerate_new(struct udev *udev);
EXPORT struct udev_enumerate *udev_enumerate_unref(struct udev_enumerate *enumerate);
EXPORT int udev_enumerate_add_match_subsystem(struct udev_enumerate *enumerate, const char *subsystem);
EXPORT int udev_enumerate_scan_devices(struct udev_enumerate *enumerate);
EXPORT struct udev_list_entry *udev_enumerate_get_list_entry(struct udev_enumerate *enumerate);
EXPORT struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *entry);
EXPORT const char *udev_list_entry_get_name(struct udev_list_entry *entry);
EXPORT struct udev_device *udev_device_new_from_syspath(struct udev *udev, const char *path);
EXPORT struct udev_device *udev_device_unref(struct udev_device *device);
EXPORT struct udev_device *udev_device_get_parent_with_subsystem_devtype(struct udev_device *device, const char *subsystem, const char *type);
EXPORT const char *udev_device_get_devnode(struct udev_device *device);
EXPORT const char *udev_device_get_sysname(struct udev_device *device);
EXPORT const char *udev_device_get_action(struct udev_device *device);
EXPORT const char *udev_device_get_sysattr_value(struct udev_device *device, const char *name);
EXPORT struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev, const char *name);
EXPORT int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *monitor, const char *subsystem, const char *type);
EXPORT int udev_monitor_enable_receiving(struct udev_monitor *monitor);
EXPORT int udev_monitor_get_fd(struct udev_monitor *monitor);
EXPORT struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor);

EXPORT void
rig_on_unplug(void (*unplugged)(int reader))
{
	unplug_told = unplugged;
}

static void
path_in_folder(char *path, size_t size, const char *name)
{
	const char *folder = getenv("RIG_FOLDER");

	snprintf(path, size, "%s/%s", folder != NULL ? folder : "/nonexistent", name);
}

static int
number_read(const char *text)
{
	long number = strtol(text, NULL, 10);

	return number >= 1 && number <= RIG_READERS_MAX ? (int)number : 0;
}

struct udev *
udev_new(void)
{
	char path[4096], line[32];
	FILE *file;

	path_in_folder(path, sizeof(path), "plugged");
	if ((file = fopen(path, "re")) != NULL) {
		while (fgets(line, sizeof(line), file) != NULL)
			plugged[number_read(line)] = true;
		fclose(file);
	}
	return &the_udev;
}

struct udev *
udev_unref(struct udev *udev)
{
	(void)udev;
	return NULL;
}

/* --- the list of what is plugged in --- */

struct udev_enumerate *
udev_enumerate_new(struct udev *udev)
{
	(void)udev;
	return &the_enumerate;
}

struct udev_enumerate *
udev_enumerate_unref(struct udev_enumerate *enumerate)
{
	(void)enumerate;
	return NULL;
}

int
udev_enumerate_add_match_subsystem(struct udev_enumerate *enumerate, const char *subsystem)
{
	(void)enumerate;
	(void)subsystem;
	return 0;
}

int
udev_enumerate_scan_devices(struct udev_enumerate *enumerate)
{
	(void)enumerate;
	return 0;
}

static struct udev_list_entry *
entry_from(int reader)
{
	for (; reader <= RIG_READERS_MAX; reader++)
		if (plugged[reader]) {
			entries[reader].reader = reader;
			snprintf(entries[reader].name, sizeof(entries[reader].name), "/rig/%d", reader);
			return &entries[reader];
		}
	return NULL;
}

struct udev_list_entry *
udev_enumerate_get_list_entry(struct udev_enumerate *enumerate)
{
	(void)enumerate;
	return entry_from(1);
}

struct udev_list_entry *
udev_list_entry_get_next(struct udev_list_entry *entry)
{
	return entry_from(entry->reader + 1);
}

const char *
udev_list_entry_get_name(struct udev_list_entry *entry)
{
	return entry->name;
}

/* --- a device: the interface and its parent are one here --- */

static struct udev_device *
device_new(int reader, const char *action)
{
	struct udev_device *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return NULL;
	device->reader = reader;
	device->action = action;
	snprintf(device->node, sizeof(device->node), "/dev/bus/usb/900/%03d", reader);
	snprintf(device->serial, sizeof(device->serial), "RIG%03d", reader);
	snprintf(device->sysname, sizeof(device->sysname), "900-%d:1.0", reader);
	return device;
}

struct udev_device *
udev_device_new_from_syspath(struct udev *udev, const char *path)
{
	(void)udev;
	return device_new(number_read(strrchr(path, '/') + 1), NULL);
}

struct udev_device *
udev_device_unref(struct udev_device *device)
{
	free(device);
	return NULL;
}

struct udev_device *
udev_device_get_parent_with_subsystem_devtype(struct udev_device *device, const char *subsystem, const char *type)
{
	(void)subsystem;
	(void)type;
	return device;
}

const char *
udev_device_get_devnode(struct udev_device *device)
{
	return device->node;
}

const char *
udev_device_get_sysname(struct udev_device *device)
{
	return device->sysname;
}

const char *
udev_device_get_action(struct udev_device *device)
{
	return device->action;
}

const char *
udev_device_get_sysattr_value(struct udev_device *device, const char *name)
{
	if (strcmp(name, "idVendor") == 0)
		return "f0f0";
	if (strcmp(name, "idProduct") == 0)
		return "0001";
	if (strcmp(name, "bInterfaceNumber") == 0)
		return "00";
	if (strcmp(name, "bInterfaceClass") == 0)
		return "0b";
	return strcmp(name, "serial") == 0 ? device->serial : NULL;
}

/* --- news --- */

struct udev_monitor *
udev_monitor_new_from_netlink(struct udev *udev, const char *name)
{
	static struct udev_monitor monitor;
	char path[4096];

	(void)udev;
	(void)name;
	path_in_folder(path, sizeof(path), "usb");
	/* Our own writing end keeps the FIFO from ever ending. */
	monitor.fd = open(path, O_RDWR | O_CLOEXEC);
	return monitor.fd >= 0 ? &monitor : NULL;
}

int
udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *monitor, const char *subsystem, const char *type)
{
	(void)monitor;
	(void)subsystem;
	(void)type;
	return 0;
}

int
udev_monitor_enable_receiving(struct udev_monitor *monitor)
{
	(void)monitor;
	return 0;
}

int
udev_monitor_get_fd(struct udev_monitor *monitor)
{
	return monitor->fd;
}

struct udev_device *
udev_monitor_receive_device(struct udev_monitor *monitor)
{
	char line[32];
	size_t len = 0;
	int reader;

	while (len < sizeof(line) - 1 && read(monitor->fd, line + len, 1) == 1 && line[len] != '\n')
		len++;
	line[len] = '\0';
	if (strncmp(line, "add ", 4) == 0) {
		reader = number_read(line + 4);
		plugged[reader] = reader != 0;
		return device_new(reader, "add");
	}
	reader = number_read(line + strcspn(line, "0123456789"));
	plugged[reader] = false;
	if (reader != 0 && unplug_told != NULL)
		unplug_told(reader);
	return device_new(reader, "remove");
}
