/* SPDX-License-Identifier: Apache-2.0 */
/* trust/revocation.c: what OCSP answers and CRLs have in common: times and algorithms. */
#include "trust/revocation.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>

#define AGE_MAX (24 * 3600)	/* of an answer that does not say when the next one comes */

time_t
revocation_time(const ASN1_TIME *asn1)
{
	struct tm tm;

	return asn1 != NULL && ASN1_TIME_to_tm(asn1, &tm) == 1 ? timegm(&tm) : 0;
}

const char *
revocation_staleness(const struct revocation *r, time_t now)
{
	if (r->this_update == 0 || (r->next_update != 0 && r->next_update < r->this_update))
		return "malformed";
	if (r->this_update > now + CLOCK_TOLERANCE || r->produced_at > now + CLOCK_TOLERANCE)
		return "not_yet_valid";
	if (r->next_update != 0 ? r->next_update < now - CLOCK_TOLERANCE : r->this_update < now - AGE_MAX)
		return "stale";
	return NULL;
}

bool
revocation_weak(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;
	int md = NID_undef;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	/* RSASSA-PSS and EdDSA name no digest here; they came after SHA-1's time. */
	if (OBJ_find_sigid_algs(OBJ_obj2nid(oid), &md, NULL) != 1)
		return true;
	return md == NID_sha1 || md == NID_md5 || md == NID_md4 || md == NID_md2 || md == NID_ripemd160 || md == NID_md5_sha1;
}
