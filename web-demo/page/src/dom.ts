// SPDX-License-Identifier: Apache-2.0
// Makes elements. Text goes in as text, never as markup.

type Child = Node | string | number | undefined | null | false;
type Props = Record<string, unknown>;

/** h("button", {class: "primary", onclick: act, disabled: true}, "text", child, ...): falsy props and children are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, props: Props = {}, ...children: (Child | Child[])[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setProps(element, props);
  append(element, children);
  return element;
}

/** A line icon of the page's own set, hidden from screen readers. */
export function icon(name: IconName): SVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  for (const data of icons[name]) {
    const path = document.createElementNS(svg.namespaceURI!, "path");
    path.setAttribute("d", data);
    svg.append(path);
  }
  return svg;
}

const icons = {
  check: ["M5 12.5l4.5 4.5L19 7.5"],
  alert: ["M12 8v5", "M12 16.5v.2", "M10.3 4.3L2.6 17.8A2 2 0 0 0 4.3 20.8h15.4a2 2 0 0 0 1.7-3L13.7 4.3a2 2 0 0 0-3.4 0z"],
  info: ["M12 11v5.5", "M12 7.6v.2", "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z"],
  lock: ["M7 11V8a5 5 0 0 1 10 0v3", "M5.5 11h13v9.5h-13z"],
  card: ["M3 6.5A1.5 1.5 0 0 1 4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5z", "M6.5 9.5h4v4h-4z", "M14 10h3.5", "M14 13h3.5"],
  search: ["M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z", "M16.2 16.2L21 21"],
  sun: ["M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z", "M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4"],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z"],
  download: ["M12 4v11", "M7.5 11L12 15.5 16.5 11", "M4.5 20h15"],
  eye: ["M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z", "M12 14.7a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4z"],
  pen: ["M4 20l1-4.5L16.5 4 20 7.5 8.5 19z", "M13.8 6.7l3.5 3.5"],
  spark: ["M12 3.5l1.9 5.6 5.6 1.9-5.6 1.9L12 18.5l-1.9-5.6L4.5 11l5.6-1.9z", "M19 16.5v4M17 18.5h4"],
  file: ["M6 3.5h8l4.5 4.5v12.5H6z", "M13.5 3.5V8.5h5"],
  copy: ["M9 9h10.5v11.5H9z", "M15 9V4.5H4.5V15H9"],
  trash: ["M4.5 6.5h15", "M9 6V4h6v2", "M6.5 6.5l1 14h9l1-14"],
  refresh: ["M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4", "M20 4.5v5h-5"],
  stack: ["M12 3.5L3 8l9 4.5L21 8z", "M3 12.2l9 4.5 9-4.5", "M3 16.3l9 4.5 9-4.5"],
  print: ["M7 9V3.5h10V9", "M7 17H4V9h16v8h-3", "M7 14h10v6.5H7z"],
  shield: ["M12 3l7.5 3v5.5c0 4.6-3.1 8-7.5 9.5-4.4-1.5-7.5-4.9-7.5-9.5V6z", "M8.7 12l2.3 2.3 4.3-4.6"],
  pulse: ["M3 12h4l2.5-6.5 4 13L16 12h5"],
  key: ["M8.5 17a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z", "M12.5 10.5L20.5 4.5", "M17 7.2l2.5 3"],
  cross: ["M6 6l12 12M18 6L6 18"],
  up: ["M12 19V5", "M6 11l6-6 6 6"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
} satisfies Record<string, string[]>;

export type IconName = keyof typeof icons;

function setProps(element: HTMLElement, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
    else if (name === "value") (element as HTMLInputElement).value = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function append(element: Element, children: (Child | Child[])[]): void {
  for (const child of children.flat()) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}
