/* SPDX-License-Identifier: Apache-2.0 */
/* forge.c: what `imza-agent tls` would have made some days ago, and what it never makes: a leaf of the same authority for another name. */
#include "tls/authority.c"	/* its key never leaves: forging takes what is static in there */

#include <sys/stat.h>
#include <time.h>

static int
file_write(const char *folder, const char *name, X509 *certificate, EVP_PKEY *key)
{
	char path[4096], *text = certificate_text(certificate, key);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	umask(077);
	if (text == NULL || (file = fopen(path, "we")) == NULL)
		return 1;
	fputs(text, file);
	free(text);
	return fclose(file) != 0;
}

int
main(int argc, char **argv)
{
	static const struct extension forged_extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" }, { NID_key_usage, "critical,digitalSignature" }, { NID_ext_key_usage, "serverAuth" },
		{ NID_subject_alt_name, "DNS:localhost,DNS:portal.example,IP:127.0.0.1" }, { NID_undef, NULL },
	};
	const int64_t made = argc == 3 ? time(NULL) - atoll(argv[2]) * DAY : 0;
	EVP_PKEY *key = EVP_EC_gen("P-256"), *leaf_key = EVP_EC_gen("P-256");
	X509 *authority, *leaf, *forged;
	int r;

	if (argc != 3) {
		fprintf(stderr, "usage: forge FOLDER DAYS-AGO   (writes authority.pem, server.pem, forged.pem)\n");
		return 2;
	}
	authority = certificate_make(made, "imza-agent on this computer only 0123456789abcdef", key, NULL, key, authority_extensions);
	leaf = certificate_make(made, "localhost", leaf_key, authority, key, leaf_extensions);
	forged = certificate_make(made, "localhost", leaf_key, authority, key, forged_extensions);
	r = file_write(argv[1], "authority.pem", authority, NULL) | file_write(argv[1], "server.pem", leaf, leaf_key) |
	    file_write(argv[1], "forged.pem", forged, leaf_key);
	X509_free(authority);
	X509_free(leaf);
	X509_free(forged);
	EVP_PKEY_free(key);
	EVP_PKEY_free(leaf_key);
	return r;
}
