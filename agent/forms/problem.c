/* SPDX-License-Identifier: Apache-2.0 */
/* forms/problem.c: the catalogue of codes and their texts; {} is the gap for a value. */
#include "forms/problem.h"

#include <string.h>

#include "base/buf.h"
#include "base/json.h"

#define MESSAGE_MAX 4096

static const struct {
	const char *code, *tr, *en;
} messages[] = {
	{ "required", "Bu alan doldurulmalı.", "This field must be filled in." },
	{ "unknown_field", "Bu formda böyle bir alan yok.", "The form has no such field." },
	{ "not_applicable", "Yaptığınız seçimle bu bölüm boş kalmalı.", "With what you have chosen, this part must be left empty." },
	{ "wrong_type", "Değer beklenen türde değil.", "The value is not of the expected type." },
	{ "too_long", "En çok {} karakter yazılabilir.", "At most {} characters fit here." },
	{ "too_short", "En az {} karakter yazılmalı.", "At least {} characters are needed." },
	{ "characters", "Yazım beklenen biçimde değil ya da burada kullanılamayan bir karakter var.",
	    "This is not written as expected, or has a character that can't be used here." },
	{ "decomposed_letters", "Harflerin işaretleri ayrı karakterler olarak gelmiş. Alanı silip klavyeden yeniden yazın.",
	    "Letters have come with their accents as separate characters. Clear the field and type it again." },
	{ "not_an_option", "Verilen seçeneklerden biri seçilmeli.", "One of the given options must be chosen." },
	{ "must_be_accepted", "Devam etmek için bu kutu işaretlenmeli.", "This box must be ticked to go on." },
	{ "out_of_range", "Sayı izin verilen aralıkta değil.", "The number is not in the allowed range." },
	{ "too_precise", "Sayının ondalık basamağı fazla.", "The number has too many decimals." },
	{ "identity_number", "Geçerli bir T.C. kimlik numarası değil. 11 rakamı denetleyin.",
	    "This is not a valid T.C. identity number. Check its 11 digits." },
	{ "tax_number", "Geçerli bir vergi kimlik numarası değil. 10 rakamı denetleyin.",
	    "This is not a valid tax number. Check its 10 digits." },
	{ "iban", "Geçerli bir Türkiye IBAN'ı değil. TR ile başlar, 26 karakterdir.",
	    "This is not a valid Turkish IBAN. It starts with TR and has 26 characters." },
	{ "phone", "Geçerli bir telefon numarası değil. Örnek: 0532 123 45 67", "This is not a valid telephone number. Example: 0532 123 45 67" },
	{ "date", "Geçerli bir tarih değil.", "This is not a valid date." },
	{ "email", "Geçerli bir e-posta adresi değil.", "This is not a valid e-mail address." },
	{ "invalid", "Değer geçerli değil.", "The value is not valid." },
	{ "attachment_missing", "Bu ek eklenmeli: {}.", "This attachment is needed: {}." },
	{ "attachment_unknown", "Bu form böyle bir ek almıyor.", "The form takes no such attachment." },
	{ "attachment_type", "Bu dosya kabul edilen türde değil. Kabul edilenler: {}.", "This file is not of an accepted kind. Accepted: {}." },
	{ "attachment_large", "Bu dosya çok büyük: en çok {} MB olabilir.", "This file is too large: it may have at most {} MB." },
	{ "attachment_unstated", "Ek eklendi; bu kutu da işaretlenmeli.", "The file is attached, so this box must be ticked, too." },
	{ "future_date", "Bu tarih bugünden sonra olamaz.", "This date can't be later than today." },
	{ "future_time", "Bu saat henüz gelmedi.", "This time has not come yet." },
	{ "too_late", "Bu tarih {} gününden sonra olamaz.", "This date can't be later than {}." },
	{ "name_unchanged", "Önceki ad ve soyad şimdikiyle aynı; ad soyad değişikliğinde farklı olmalı.",
	    "The former name is the same as the present one; after a change of name they differ." },
	{ "pin_in_text", "Buraya PIN, PUK veya buna benzer bir rakam dizisi yazılamaz. PIN kodunuzu kimse isteyemez; kimseye vermeyin.",
	    "No PIN, PUK or row of digits like one may be written here. Nobody may ask for your PIN; give it to nobody." },
	{ "stale_prices", "Kurumun bildirdiği ücret {} yılına ait. Güncel ücreti kurumun biriminden öğrenin.",
	    "The price that the institution tells is of {}. Ask its unit for today's." },
	{ "too_young", "Başvuru sahibi en az {} yaşında olmalı.", "The applicant must be at least {} years old." },
	{ "too_old", "Doğum tarihini denetleyin: yaş {} üzerinde çıkıyor.", "Check the date of birth: it makes an age above {}." },
	{ "renewal_too_early", "Yenileme için henüz erken: bu sertifika {} gününden başlayarak yenilenebilir; süresi bitene dek e-imza ile, "
	    "bittikten sonra ıslak imzalı başvuruyla.",
	    "It is too early: this certificate can be renewed from {} on, with an electronic signature until it ends, on paper signed by hand after "
	    "that." },
	{ "certificate_ended", "Sertifikanın süresi dolmuş; elektronik imza ile yenilenemez. Başvuru yolu olarak ıslak imzalıyı seçin, formu basıp "
	    "elle imzalayın ve kurumun birimine teslim edin.",
	    "The certificate has ended and can't be renewed with an electronic signature. Choose the way signed by hand, print the form, sign it "
	    "and hand it in at the institution's unit." },
	{ "not_signed_here", "Form bu yolda e-imza ile imzalanmaz: ıslak imzalı yolda basılıp elle imzalanır, e-onaylı yolda devletin portalında "
	    "onaylanır. E-imza ile imzalamak için yol olarak e-imzalıyı seçin.",
	    "This way the form is not signed with an e-imza: it is printed and signed by hand, or approved through the state's portal. To sign it "
	    "with an e-imza, choose the way e-signed." },
	{ "certificate_end_differs", "İmzalayan sertifikanın son günü {}; buraya o gün yazılmalı ya da yenilenecek sertifika seçilmeli. Yenilenecek "
	    "sertifikanın süresi dolduysa başvuru yolu olarak ıslak imzalıyı seçin, formu basıp elle imzalayın.",
	    "The certificate that signs ends on {}: write that day here, or choose the certificate that is to be renewed. If that one has ended, choose "
	    "the way signed by hand, print the form and sign it." },
};

static cJSON *
message_text(const char *text, const char *value, const char *hint)
{
	const char *gap = strstr(text, "{}");
	cJSON *string = NULL;
	struct buf buf;

	buf_init(&buf, MESSAGE_MAX);
	buf_append(&buf, text, gap != NULL ? (size_t)(gap - text) : strlen(text));
	if (gap != NULL) {
		buf_append_string(&buf, value != NULL ? value : "");
		buf_append_string(&buf, gap + 2);
	}
	if (hint != NULL) {
		buf_append_string(&buf, " ");
		buf_append_string(&buf, hint);
	}
	buf_append(&buf, "", 1);
	if (!buf.failed)
		string = cJSON_CreateString((const char *)buf.data);
	buf_clear(&buf);
	return string;
}

cJSON *
problem_at(const cJSON *problems, const char *pointer)
{
	cJSON *item;

	cJSON_ArrayForEach(item, problems)
		if (strcmp(json_string(item, "pointer"), pointer) == 0)
			return item;
	return NULL;
}

static bool
member_add(cJSON *object, const char *name, cJSON *item)
{
	if (item != NULL && cJSON_AddItemToObject(object, name, item))
		return true;
	cJSON_Delete(item);
	return false;
}

bool
problem_add(cJSON *problems, const struct problem *problem)
{
	size_t i = 0, last = sizeof(messages) / sizeof(messages[0]) - 1;
	cJSON *entry, *message = NULL;

	if (problem_at(problems, problem->pointer) != NULL)
		return true;
	while (i < last && strcmp(messages[i].code, problem->code) != 0)
		i++;
	if ((entry = cJSON_CreateObject()) != NULL && (message = cJSON_AddObjectToObject(entry, "message")) != NULL &&
	    member_add(entry, "pointer", cJSON_CreateString(problem->pointer)) && member_add(entry, "code", cJSON_CreateString(messages[i].code)) &&
	    member_add(message, "tr", message_text(messages[i].tr, problem->value_tr, problem->hint_tr)) &&
	    member_add(message, "en", message_text(messages[i].en, problem->value_en, problem->hint_en)) &&
	    cJSON_AddItemToArray(problems, entry))
		return true;
	cJSON_Delete(entry);
	return false;
}
