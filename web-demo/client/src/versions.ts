// SPDX-License-Identifier: Apache-2.0
// Which versions of the protocol the page and the agent speak, and which of the two is behind.
import type { SocketLike } from "./socket.js";

export const SUBPROTOCOL = "imza.v1";
/** Offered last: an agent that knows none of the page's versions picks this one, names its own and closes. */
export const VERSIONS = "imza.versions";

export type Side = "agent" | "page";

/** The versions that the agent names; none where it says nothing sensible in time. */
export function readVersions(socket: SocketLike, ms: number): Promise<string[]> {
  return new Promise((resolve) => {
    const end = (list: string[]) => {
      clearTimeout(timer);
      socket.removeEventListener("message", onMessage);
      socket.removeEventListener("close", onClose);
      resolve(list);
    };
    const onMessage = (event: { data: unknown }) => end(parse(event.data));
    const onClose = () => end([]);
    const timer = setTimeout(onClose, ms);
    socket.addEventListener("message", onMessage);
    socket.addEventListener("close", onClose);
  });
}

function parse(data: unknown): string[] {
  try {
    const { protocols } = JSON.parse(String(data));
    return Array.isArray(protocols) ? protocols.filter((name) => numberOf(name) > 0).slice(0, 16) : [];
  } catch {
    return [];
  }
}

function numberOf(protocol: unknown): number {
  return typeof protocol === "string" ? Number(/^imza\.v(\d{1,6})$/.exec(protocol)?.[1] ?? 0) : 0;
}

/** The side whose newest version is the older one; the agent where it named none. */
export function sideToUpdate(offered: string[]): Side {
  return Math.max(0, ...offered.map(numberOf)) > numberOf(SUBPROTOCOL) ? "page" : "agent";
}
