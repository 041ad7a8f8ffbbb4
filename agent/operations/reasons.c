/* SPDX-License-Identifier: Apache-2.0 */
/* operations/reasons.c: the texts of the reasons, Turkish and English. */
#include "operations/reasons.h"

#include <string.h>

#include "base/json.h"

static const struct reason {
	const char *code;
	const char *text_tr, *text_en;
	const char *remedy_tr, *remedy_en;	/* NULL: nothing to do */
} reasons[] = {
	{ "NO_CERTIFICATE_CHAIN_FOUND", "Sertifikanın bağlı olduğu kök, bu bilgisayarda güvenilenler arasında bulunamadı.",
	    "No chain leads from the certificate to an authority that this computer trusts.",
	    "Yönetici, sağlayıcının kök ve alt kök sertifikalarını güven klasörüne (trust.d) koymalıdır.",
	    "An administrator puts the provider's root and issuing certificates into the trust folder (trust.d)." },
	{ "NO_TRUST_ANCHORS", "Bu bilgisayarda güvenilen hiçbir kök sertifika tanımlı değil.", "No trusted root certificate is set up on this computer.",
	    "Yönetici, BTK'nın yayımladığı kök sertifikaları güven klasörüne (trust.d) koymalıdır.",
	    "An administrator puts the root certificates that BTK publishes into the trust folder (trust.d)." },
	{ "CERTIFICATE_CHAIN_GENERAL_FAILURE", "Sertifika zinciri doğrulanamadı.", "The certificate chain could not be validated.",
	    "Sağlayıcınıza başvurun.", "Contact your provider." },
	{ "CHAIN_CONSTRAINTS_FAILURE", "Zincirdeki bir sertifika kullanım kurallarına uymuyor.", "A certificate of the chain breaks the rules of its use.",
	    "Sağlayıcınıza başvurun.", "Contact your provider." },
	{ "CRYPTO_CONSTRAINTS_FAILURE_NO_POE", "Zincirdeki bir anahtar veya imza algoritması artık yeterince güçlü değil.",
	    "A key or signature algorithm of the chain is no longer strong enough.", "Yeni bir sertifika alın.", "Get a new certificate." },
	{ "EXPIRED", "Sertifikanın süresi dolmuş.", "The certificate has expired.", "Sertifikanızı yenileyin.", "Renew your certificate." },
	{ "NOT_YET_VALID", "Sertifika henüz geçerli değil.", "The certificate is not valid yet.",
	    "Başlangıç tarihini bekleyin; bilgisayarın saatini kontrol edin.", "Wait for its first day; check the computer's clock." },
	{ "OUT_OF_BOUNDS_NO_POE", "Üst sertifikalardan biri bu tarihte geçerli değil.", "A certificate above it is not valid at this time.",
	    "Yönetici, güven klasöründeki sertifikaları güncellemelidir.", "An administrator updates the certificates in the trust folder." },
	{ "REVOKED", "Sertifika iptal edilmiş.", "The certificate is revoked.", "Yeni sertifika için sağlayıcınıza başvurun.",
	    "Contact your provider for a new certificate." },
	{ "SUSPENDED", "Sertifika askıya alınmış.", "The certificate is suspended.",
	    "Askıyı sağlayıcınızın çağrı merkezinden veya sitesinden kaldırtın.", "Have the provider lift the suspension, by phone or on its site." },
	{ "REVOKED_CA_NO_POE", "Üst sertifikalardan biri iptal edilmiş.", "A certificate above it is revoked.", "Sağlayıcınıza başvurun.",
	    "Contact your provider." },
	{ "TRY_LATER", "İptal durumu öğrenilemedi.", "The revocation status could not be learnt.",
	    "Ağ bağlantısını ve sağlayıcının sunucularına erişimi kontrol edip yeniden deneyin.",
	    "Check the network and whether the provider's servers can be reached, and try again." },
	{ "REVOCATION_OUT_OF_BOUNDS_NO_POE", "Sertifikanın süresi dolduğu için iptal durumu artık bilinemiyor.",
	    "The certificate has expired since, and its revocation is no longer told.", NULL, NULL },
	{ "RESPONDER_NOT_CHECKED", "OCSP sunucusunun kendi sertifikasının iptal durumuna bakılmadı.",
	    "Whether the OCSP responder's own certificate is revoked was not looked at.", NULL, NULL },
	{ "CLOCK_WRONG", "Bilgisayarın saati sağlayıcının saatinden beş dakikadan fazla farklı.",
	    "The computer's clock differs from the provider's by more than five minutes.", "Tarih ve saati ağdan alacak biçimde ayarlayın.",
	    "Set the date and time to be taken from the network." },
};

static const struct reason *
reason_find(const char *code)
{
	static const struct reason *const general = &reasons[2];

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(reasons[i].code, code) == 0)
			return &reasons[i];
	return general;
}

static void
text_add(cJSON *json, const char *name, const char *tr, const char *en)
{
	cJSON *text = cJSON_AddObjectToObject(json, name);

	cJSON_AddStringToObject(text, "tr", tr);
	cJSON_AddStringToObject(text, "en", en);
}

cJSON *
reason_to_json(const char *code, int depth, const char *detail)
{
	const struct reason *reason = reason_find(code);
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "code", code);
	cJSON_AddNumberToObject(json, "depth", depth);
	text_add(json, "text", reason->text_tr, reason->text_en);
	if (reason->remedy_tr != NULL)
		text_add(json, "remedy", reason->remedy_tr, reason->remedy_en);
	if (detail != NULL)
		cJSON_AddStringToObject(json, "detail", detail);
	return json;
}
