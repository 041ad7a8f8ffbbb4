/* SPDX-License-Identifier: Apache-2.0 */
/* health/module.c: the card drivers (PKCS #11 modules): there, safe, of this machine, loading, starting, answering. */
#include "health/checks.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/trusted_file.h"

#define MODULE_COMPARE_MAX (64u << 20)	/* bytes of a module that are compared with its copy */

/* The first bytes of an ELF file; both classes begin alike. 0 when it is none. */
static size_t
elf_read(const char *path, Elf64_Ehdr *header)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd >= 0 ? read(fd, header, sizeof(*header)) : -1;

	if (fd >= 0)
		close(fd);
	return n == sizeof(*header) && memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 ? (size_t)n : 0;
}

/* Whether the file is a library for the machine that this program was built for. */
static bool
architecture_check(struct health *h, const struct health_module *module)
{
	Elf64_Ehdr own, header;

	if (elf_read("/proc/self/exe", &own) == 0)
		return true;
	if (elf_read(module->path, &header) == 0 || header.e_type != ET_DYN) {
		report_tell(h->report, "module_architecture", "no_library", "%s: no shared ELF object", module->name);
		return false;
	}
	if (header.e_ident[EI_CLASS] != own.e_ident[EI_CLASS] || header.e_ident[EI_DATA] != own.e_ident[EI_DATA] ||
	    header.e_machine != own.e_machine) {
		report_tell(h->report, "module_architecture", "wrong", "%s: %d bit, machine %u; this program: %d bit, machine %u", module->name,
		    header.e_ident[EI_CLASS] == ELFCLASS32 ? 32 : 64, header.e_machine, own.e_ident[EI_CLASS] == ELFCLASS32 ? 32 : 64, own.e_machine);
		return false;
	}
	report_tell(h->report, "module_architecture", "ok", "%s: %d bit, machine %u", module->name,
	    header.e_ident[EI_CLASS] == ELFCLASS32 ? 32 : 64, header.e_machine);
	return true;
}

/* What the helper's words (agent/token/module.c) say about where it stopped. */
static void
work_check(struct health *h, const struct health_module *module)
{
	const char *detail = module->detail, *name = module->name;
	bool load = detail != NULL && strncmp(detail, "the module can't be loaded", 26) == 0;
	bool start = detail != NULL && strncmp(detail, "C_Initialize", 12) == 0;

	if (!module->asked) {
		report_tell(h->report, "module_stable", "resting", "%s: waiting after a failure", name);
		return;
	}
	if (load) {
		report_tell(h->report, "module_loads", "fails", "%s: %s", name, detail);
		return;
	}
	report_tell(h->report, "module_loads", "ok", "%s", name);
	if (start) {
		report_tell(h->report, "module_starts", "fails", "%s: %s", name, detail);
		return;
	}
	if (module->err == ERR_MODULE_FAILED && detail == NULL) {
		report_tell(h->report, "module_stable", "crashes", "%s: its process ended without an answer", name);
		return;
	}
	report_tell(h->report, "module_stable", "ok", "%s", name);
	/* A service that does not answer holds up every driver that asks it. */
	if (module->err == ERR_MODULE_TIMEOUT && detail == NULL && !h->probed) {
		report_skip(h->report, "module_answers", "no_service", "%s", name);
		return;
	}
	if (module->err == ERR_MODULE_TIMEOUT && detail == NULL) {
		report_tell(h->report, "module_answers", "hangs", "%s: no answer in time", name);
		return;
	}
	report_tell(h->report, "module_starts", "ok", "%s", name);
	if (module->err != 0)
		report_tell(h->report, "module_answers", "fails", "%s: %s: %s", name, err_reason(module->err), detail != NULL ? detail : "");
	else
		report_tell(h->report, "module_answers", "ok", "%s", name);
}

static void
module_check(struct health *h, const struct health_module *module)
{
	const char *why = NULL;
	int r;

	if (access(module->path, F_OK) != 0) {
		report_tell(h->report, "module_present", "missing", "%s: %s", module->path, strerror(errno));
		return;
	}
	report_tell(h->report, "module_present", "ok", "%s", module->path);
	if ((r = trusted_file_resolve(module->path, NULL, &why)) != 0) {
		report_tell(h->report, "module_trusted", "refused", "%s: %s", module->path, why != NULL ? why : err_reason(r));
		return;
	}
	report_tell(h->report, "module_trusted", "ok", "%s", module->name);
	if (architecture_check(h, module))
		work_check(h, module);
}

static bool
files_equal(const char *a, const char *b)
{
	char *x = NULL, *y = NULL;
	size_t x_len = 0, y_len = 0;
	struct stat s, t;
	bool equal = true;

	if (stat(a, &s) != 0 || stat(b, &t) != 0)
		return true;
	if (s.st_dev == t.st_dev && s.st_ino == t.st_ino)
		return true;
	if (s.st_size != t.st_size)
		return false;
	x = health_file(a, MODULE_COMPARE_MAX, &x_len);
	y = health_file(b, MODULE_COMPARE_MAX, &y_len);
	if (x != NULL && y != NULL)
		equal = x_len == y_len && memcmp(x, y, x_len) == 0;
	free(x);
	free(y);
	return equal;
}

/* An old copy beside a new one, where vendors put them. */
static void
versions_check(struct health *h, const struct health_module *module)
{
	const cJSON *folder;
	bool two = false;

	cJSON_ArrayForEach(folder, report_folders(h->report)) {
		char place[512], *path;

		snprintf(place, sizeof(place), "%s/%s", cJSON_GetStringValue(folder), module->name);
		path = health_path(h, place);
		if (path != NULL && access(path, R_OK) == 0 && access(module->path, R_OK) == 0 && !files_equal(path, module->path)) {
			report_tell(h->report, "module_versions", "two", "%s and %s differ", module->path, path);
			two = true;
		}
		free(path);
	}
	if (!two)
		report_tell(h->report, "module_versions", "ok", "%s", module->name);
}

void
check_modules(struct health *h)
{
	static const char *const each[] = { "module_present", "module_trusted", "module_architecture", "module_loads", "module_starts",
		"module_stable", "module_answers", "module_versions" };

	report_tell(h->report, "module_configured", h->modules_count > 0 ? "ok" : "none", "%zu modules", h->modules_count);
	for (size_t i = 0; i < h->modules_count; i++) {
		module_check(h, &h->modules[i]);
		versions_check(h, &h->modules[i]);
	}
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		report_skip(h->report, each[i], "no_module", "%s", "");
}
