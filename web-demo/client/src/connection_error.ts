// SPDX-License-Identifier: Apache-2.0
// Why a page does not reach the agent. These are the client's own: no agent was there to say them.
import type { Text } from "./agent_error.js";
import type { Side } from "./versions.js";

interface Cause {
  text: Text;
  remedy: Text;
}

const causes = {
  not_running: {
    text: { tr: "E-imza aracısı bulunamadı.", en: "The agent was not found." },
    remedy: {
      tr: "Kuruluysa oturumunuzda başlatın; değilse kurun. Sonra yeniden deneyin.",
      en: "Start it in your session if it is installed, or install it. Then try again.",
    },
  },
  permission_denied: {
    text: {
      tr: "Tarayıcı, bu sitenin bilgisayarınızdaki uygulamalara bağlanmasını engelliyor.",
      en: "The browser keeps this site from reaching programs on your computer.",
    },
    remedy: {
      tr: "Adres çubuğunun solundaki site ayarlarını açın, “Bu cihazdaki uygulamalar” iznini verin ve yeniden deneyin.",
      en: "Open the site settings to the left of the address, allow “Apps on this device”, and try again.",
    },
  },
  frame_not_allowed: {
    text: {
      tr: "Sayfa, portalın bir çerçevesinde açık; portal bu çerçevenin bilgisayarınızdaki uygulamalara bağlanmasına izin vermiyor.",
      en: "The page is in a frame that the portal keeps from programs on your computer.",
    },
    remedy: {
      tr: "Portal geliştiricisi iframe etiketine allow=\"loopback-network\" eklemeli; Permissions-Policy başlığı da bunu yasaklamamalı.",
      en: "The portal's developers must add allow=\"loopback-network\" to the iframe; its Permissions-Policy header must not forbid it either.",
    },
  },
  prompt_dismissed: {
    text: { tr: "Tarayıcının izin sorusu yanıtlanmadan kapatıldı.", en: "The browser's permission prompt was closed without an answer." },
    remedy: { tr: "Yeniden deneyin ve tarayıcının sorusuna “İzin ver” deyin.", en: "Try again and answer “Allow” to the browser." },
  },
  blocked_by_csp: {
    text: { tr: "Sayfanın güvenlik ilkesi (CSP) aracıya bağlanmaya izin vermiyor.", en: "The page's Content Security Policy forbids the connection." },
    remedy: {
      tr: "Portal geliştiricisi connect-src satırına aracının adreslerini (ws://127.0.0.1:15070 … 15079) eklemeli.",
      en: "The portal's developers must add the agent's addresses (ws://127.0.0.1:15070 … 15079) to connect-src.",
    },
  },
  insecure_blocked: {
    text: { tr: "Bu tarayıcı aracıya yalnız şifreli bağlantı (wss) ile izin veriyor.", en: "This browser reaches the agent over an encrypted connection (wss) only." },
    remedy: { tr: "Yöneticiniz aracıda TLS'i açmalı; ya da başka bir tarayıcı kullanın.", en: "Your administrator must set up TLS in the agent; or use another browser." },
  },
  certificate_not_trusted: {
    text: { tr: "Tarayıcı, aracının bağlantı sertifikasına güvenmiyor.", en: "The browser does not trust the agent's connection certificate." },
    remedy: { tr: "Aracının TLS kurulumunu bu tarayıcı için yeniden çalıştırın.", en: "Run the agent's TLS set-up again for this browser." },
  },
  wrong_version: {
    text: { tr: "Aracı, bu sayfanın sürümüne göre eski.", en: "The agent is too old for this page." },
    remedy: { tr: "E-imza aracısını güncelleyin.", en: "Update the agent." },
  },
  agent_changed: {
    text: { tr: "Yanıt veren aracı, bu sitenin tanıdığı aracı değil.", en: "The agent that answers is not the one that this site knows." },
    remedy: {
      tr: "Aracıyı siz yeniden kurduysanız ona güvenin; kurmadıysanız bilgi işleme haber verin. Ona hiçbir şey gönderilmedi.",
      en: "Trust it if you reinstalled the agent; if not, tell your IT staff. Nothing was sent to it.",
    },
  },
  connection_lost: {
    text: { tr: "Aracıyla bağlantı koptu.", en: "The connection to the agent was lost." },
    remedy: { tr: "Hiçbir yarım imza kalmadı; yeniden bağlanın.", en: "No half-made signature remains; connect again." },
  },
  protocol_error: {
    text: { tr: "Aracıdan anlaşılmayan bir ileti geldi.", en: "The agent sent a message that makes no sense." },
    remedy: { tr: "E-imza aracısını güncelleyin.", en: "Update the agent." },
  },
} satisfies Record<string, Cause>;

const pageIsBehind: Cause = {
  text: { tr: "Bu sayfa, aracının sürümüne göre eski.", en: "This page is too old for the agent." },
  remedy: {
    tr: "Sayfayı yenileyin; sürerse portalın geliştiricisi sayfadaki istemci kitaplığını güncellemeli. Aracı günceldir.",
    en: "Reload the page; if that does not help, the portal's developers must update its client library. The agent is newer than the page.",
  },
};

export type ConnectionReason = keyof typeof causes;

export class ConnectionError extends Error {
  readonly reason: ConnectionReason;
  readonly text: Text;
  readonly remedy: Text;
  /** Of wrong_version: which side is behind. */
  readonly update: Side | undefined;

  constructor(reason: ConnectionReason, detail = "", update?: Side) {
    const { text, remedy } = update === "page" ? pageIsBehind : causes[reason];
    super(`${reason}: ${text.en}${detail && ` (${detail})`}`);
    this.name = "ConnectionError";
    this.reason = reason;
    this.text = text;
    this.remedy = remedy;
    this.update = update;
  }
}
