// SPDX-License-Identifier: Apache-2.0
// The top line and the foot of the page: name, language, light or dark.
import type { Language } from "imza-agent-client";
import { h, icon } from "./dom.js";
import { language, onLanguage, setLanguage, t } from "./i18n.js";

const KEY = "imza-agent.theme";

export function mountChrome(top: HTMLElement, foot: HTMLElement): void {
  applyTheme(stored());
  const draw = () => {
    document.documentElement.lang = language();
    document.title = t("page.title");
    document.querySelectorAll<HTMLElement>("[data-t='page.skip']").forEach((link) => (link.textContent = t("page.skip")));
    const focused = document.activeElement?.id;
    top.replaceChildren(
      h("a", { class: "brand", href: "./" }, h("img", { src: "icon.svg", alt: "", width: 32, height: 32 }), h("span", {}, "imza-agent")),
      h("div", { class: "tools" }, drawLanguages(), drawTheme()));
    foot.replaceChildren(h("p", {}, t("page.foot")));
    if (focused) document.getElementById(focused)?.focus();
  };
  onLanguage(draw);
  draw();
}

function drawLanguages(): HTMLElement {
  const button = (code: Language, name: string) =>
    h("button", { id: `language-${code}`, lang: code, "aria-pressed": String(language() === code), "aria-label": `${code.toUpperCase()} ${name}`, onclick: () => setLanguage(code) }, code.toUpperCase());
  return h("div", { class: "toggle", role: "group", "aria-label": t("page.language") }, button("tr", t("page.tr")), button("en", t("page.en")));
}

function drawTheme(): HTMLElement {
  const button = h("button", { id: "theme", class: "round" });
  const draw = () => {
    const dark = isDark();
    button.setAttribute("aria-label", t(dark ? "page.light" : "page.dark"));
    button.title = t(dark ? "page.light" : "page.dark");
    button.replaceChildren(icon(dark ? "sun" : "moon"));
  };
  button.addEventListener("click", () => {
    applyTheme(isDark() ? "light" : "dark");
    draw();
  });
  draw();
  return button;
}

function isDark(): boolean {
  return (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}

function applyTheme(theme: string | undefined): void {
  if (!theme) return;
  document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // storage is off: the choice holds until the page is closed
  }
}

function stored(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}
