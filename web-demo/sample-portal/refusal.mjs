// SPDX-License-Identifier: Apache-2.0
// Why a form is not accepted: a name for programs, and words for people in Turkish and English.
export const reasons = {
  not_signed: ["Dosyada imza yok.", "The file bears no signature."],
  not_covered: ["İmza dosyanın tamamını kapsamıyor.", "The signature does not cover the whole file."],
  signature_invalid: ["İmza geçerli değil.", "The signature is not valid."],
  wrong_signer: ["Formu başvuru sahibi imzalamamış.", "The signer is not the applicant."],
  other_form: ["Bu, istenen form değil.", "This is not the form that was asked for."],
  other_data: ["Formdaki veriler gönderdiğimiz verilerle aynı değil.", "The form's data is not what we sent."],
  other_attachments: ["Formun ekleri, başvuruda bildirilen dosyalar değil.", "The form's attachments are not the files that the application named."],
  page_differs: ["Sayfada yazan, formun verileriyle aynı değil.", "What the page says is not the form's data."],
  replayed: ["Bu form daha önce alınmış.", "This form was received before."],
  not_verified: ["İmza şu anda denetlenemiyor; form alındı, sonra yeniden denenecek.", "The signature can't be checked now; try again later."],
};

export class Refusal extends Error {
  constructor(reason, detail = "") {
    super(`${reason}: ${detail}`);
    Object.assign(this, { reason, detail });
  }
}
