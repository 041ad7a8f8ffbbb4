// SPDX-License-Identifier: Apache-2.0
// Has one form signed with the client package, sends it to the portal, and says how far it is.
import { AgentClient } from "/client/index.js";

const status = document.querySelector("#status");
const say = (tr, en) => (status.textContent = `${tr} · ${en}`);

async function post(path, body) {
  const answer = await (await fetch(path, { method: "POST", body })).json();
  if (answer.error) throw Object.assign(new Error(answer.error), answer.text && { text: { tr: answer.text[0], en: answer.text[1] } });
  return answer;
}

const receiptFile = () => document.querySelector("#receipt").files[0];

/** What the page wants: the server makes the data, and remembers the SHA-256 of the file that is to come with it. */
async function open(receipt) {
  const digest = receipt && [...new Uint8Array(await crypto.subtle.digest("SHA-256", await receipt.arrayBuffer()))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return post("/applications", JSON.stringify({ quantity: document.querySelector("#quantity").valueAsNumber, receipt: digest }));
}

/** The portal's answer to a signed form. */
async function hand(application, pdf) {
  const { state, text } = await post(`/applications/${application.number}`, pdf);
  if (state === "verified") say("Başvurunuz alındı ve doğrulandı", "Your application was received and verified");
  else say(...text);
}

document.querySelector("#sign").onclick = async () => {
  let agent;
  try {
    say("Aracı aranıyor", "Looking for the agent");
    agent = await AgentClient.connect();
    say("Aracının penceresine bakın", "Look at the agent's window");
    await agent.agent.requestAccess({ reason: "Başvurunuzu imzalamak için" });
    const receipt = receiptFile();
    const application = await open(receipt);
    const { form, data, manifest } = application; // manifest: what the portal's server says is to be signed, for agents that want to know
    const { certificates } = await agent.certificate.list({ filter: { purpose: "signature", valid: true, identityNumber: application.person } });
    const attachments = receipt && [{ id: "bank-receipt", document: await agent.upload(receipt, { name: receipt.name }) }];
    const signed = await agent.form.sign({ form, data, certificate: certificates[0].id, ...(attachments && { attachments }), ...(manifest && { manifest }) });
    await hand(application, await agent.download(signed));
  } catch (error) {
    say(error.text?.tr ?? error.message, error.text?.en ?? "");
  } finally {
    agent?.close();
  }
};

document.querySelector("#file").onchange = async ({ target }) => {
  try {
    await hand(await open(receiptFile()), target.files[0]);
  } catch (error) {
    say(error.text?.tr ?? error.message, error.text?.en ?? "");
  }
};
