// SPDX-License-Identifier: Apache-2.0
// The part of WebSocket that the client uses, so that Node's own, a browser's and the ws package's all fit.

export interface SocketLike {
  readonly readyState: number;
  readonly protocol: string;
  readonly bufferedAmount: number;
  binaryType: string;
  send(data: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error" | "close" | "message", listener: (event: any) => void): void;
  removeEventListener(type: "open" | "error" | "close" | "message", listener: (event: any) => void): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

export const OPEN = 1;
