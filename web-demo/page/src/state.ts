// SPDX-License-Identifier: Apache-2.0
// What the page knows. A step changes it through update(), and every step that listens draws itself again.
import type {
  AgentClient, CardListResult, Certificate, CertificateValidateResult, ConnectStatus, FormCatalogResult, OperationProgressEvent, ReaderHealthResult, ReaderListResult, Grant,
} from "imza-agent-client";
import type { ApplicationBatch } from "./batch/model.js";
import type { FormModel } from "./form/model.js";
import type { Verification } from "./steps/verify.js";

export type Format = "pades" | "cades-attached" | "cades-detached";

export interface SignedResult {
  name: string;
  mediaType: string;
  blob: Blob;
  sha256: string;
  signer: string;
  time: string;
  detachedFrom?: File;
}

export interface State {
  client?: AgentClient;
  connecting?: ConnectStatus | { phase: "starting" };
  connectError?: unknown;
  grant: Grant;
  askingAccess?: AbortController;
  accessError?: unknown;
  readers: ReaderListResult["readers"];
  service: ReaderListResult["service"];
  cards: CardListResult["cards"];
  certificates?: Certificate[];
  cardsLoading: boolean;
  cardsError?: unknown;
  chosen?: string;
  /** The user is choosing in the agent's window. */
  choosing?: AbortController;
  chooseError?: unknown;
  validity?: CertificateValidateResult;
  validityBusy?: boolean;
  validityError?: unknown;
  pinOperation?: AbortController;
  pinError?: unknown;
  health?: ReaderHealthResult;
  healthBusy?: boolean;
  healthError?: unknown;
  /** What happened at the workstation, the newest first. */
  events: { time: Date; text: string }[];
  task: "form" | "file" | "batch";
  catalog?: FormCatalogResult["forms"];
  catalogError?: unknown;
  form?: FormModel;
  file?: File;
  batch?: ApplicationBatch;
  format: Format;
  operation?: { controller: AbortController; progress?: OperationProgressEvent };
  signError?: unknown;
  result?: SignedResult | "batch";
  signedFile?: File;
  /** What a detached signature signs. */
  signedContent?: File;
  verifyBusy?: boolean;
  verifyError?: unknown;
  verification?: Verification;
}

export const state: State = {
  grant: "none", readers: [], service: "running", cards: [], cardsLoading: false, events: [], task: "form", format: "pades",
};

const listeners: (() => void)[] = [];

export function update(change: Partial<State>): void {
  Object.assign(state, change);
  listeners.forEach((listener) => listener());
}

export function onUpdate(listener: () => void): void {
  listeners.push(listener);
}

/** The origin may use the agent on this connection. */
export function isAllowed(): boolean {
  return state.client !== undefined && ["once", "always", "listed"].includes(state.grant);
}

export function chosenCertificate(): Certificate | undefined {
  return state.certificates?.find(({ id }) => id === state.chosen);
}
