// SPDX-License-Identifier: Apache-2.0
// Signs one form with the client package, and says how far it is.
import { AgentClient } from "/client/index.js";

const data = {
  "way": "e-signed",
  "applicationDate": "2026-11-24",
  "quantity": 1,
  "recipient": {
    "identityNumber": "10000000146",
    "givenName": "Çağla Şule",
    "surname": "Öğüt",
    "mobilePhone": "0532 123 45 67",
    "email": "cagla.ogut@hastane.example"
  },
  "invoice": {
    "kind": "company",
    "name": "Örnek Şehir Hastanesi Döner Sermaye İşletmesi",
    "taxNumber": "1234567890",
    "taxOffice": "Çankaya",
    "address": "Işıklar Mahallesi, Gülüm Sokağı No: 14/3\n06420 Çankaya / Ankara"
  },
  "delivery": {
    "address": "Işıklar Mahallesi, Gülüm Sokağı No: 14/3\nÖrnek Şehir Hastanesi Personel Müdürlüğü",
    "district": "Çankaya",
    "province": "Ankara",
    "postalCode": "06420"
  },
  "payment": {
    "way": "card"
  },
  "declarations": {
    "personalData": true
  }
};
const status = document.querySelector("#status");
const say = (tr, en) => (status.textContent = `${tr} · ${en}`);

document.querySelector("#sign").onclick = async () => {
  let agent;
  try {
    say("Aracı aranıyor", "Looking for the agent");
    agent = await AgentClient.connect();
    say("Aracının penceresine bakın", "Look at the agent's window");
    await agent.agent.requestAccess({ reason: "Başvurunuzu imzalamak için" });
    const { certificates } = await agent.certificate.list({ filter: { purpose: "signature", valid: true } });
    const signed = await agent.form.sign({ form: "card-reader-request", data, certificate: certificates[0].id });
    const pdf = await agent.download(signed);
    say(`İmzalandı: ${pdf.size} bayt`, `Signed: ${pdf.size} bytes`);
  } catch (error) {
    say(error.text?.tr ?? error.message, error.text?.en ?? "");
  } finally {
    agent?.close();
  }
};
