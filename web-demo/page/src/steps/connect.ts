// SPDX-License-Identifier: Apache-2.0
// Step 1: finds the agent, and says exactly why when it does not.
import { AgentClient, ConnectionError, type ConnectStatus } from "imza-agent-client";
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { logMessage } from "../log.js";
import { drawNotice, drawProblem, problemOf } from "../problem.js";
import { announce, type Step } from "../step.js";
import { state, update } from "../state.js";

export const connectStep: Step = {
  number: 1,
  title: "connect.title",
  status: () => (state.client ? "done" : "open"),
  summary: () => (state.client ? t("connect.summary", { port: state.client.port, version: state.client.info.version }) : ""),
  depends: () => [state.client, state.connecting, state.connectError],
  draw,
};

function draw(): (Node | undefined | false)[] {
  if (state.client) return [];
  const searching = state.connecting;
  return [
    h("p", {}, t("connect.text")),
    drawProblem(state.connectError),
    searching?.phase === "permission" && drawNotice("warn", t("connect.permission")),
    h("div", { class: "actions" },
      h("button", { id: "find", class: "primary", onclick: find, "aria-busy": searching ? "true" : undefined, "aria-disabled": searching ? "true" : undefined },
        searching ? h("span", { class: "spinner" }) : icon("search"), t(state.connectError ? "connect.again" : "connect.find")),
      isChanged() && h("button", { id: "trust", onclick: trust }, t("connect.trust")),
      searching && h("span", { class: "muted" }, statusText(searching))),
  ];
}

function statusText(status: ConnectStatus | { phase: "starting" }): string {
  return status.phase === "trying" ? t("connect.trying", { port: status.port }) : "";
}

function isChanged(): boolean {
  return state.connectError instanceof ConnectionError && state.connectError.reason === "agent_changed";
}

function trust(): void {
  AgentClient.forgetAgent();
  void find();
}

async function find(): Promise<void> {
  if (state.connecting) return;
  update({ connecting: { phase: "starting" }, connectError: undefined });
  try {
    const client = await AgentClient.connect({ onMessage: logMessage, onStatus: (connecting) => update({ connecting }) });
    client.on("close", lost);
    update({ client, connecting: undefined, grant: client.info.grant });
    announce(t("connect.summary", { port: client.port, version: client.info.version }));
  } catch (error) {
    update({ connecting: undefined, connectError: error });
    announce(problemOf(error).text);
  }
}

/** The agent went away: everything that it held for this connection went too; what the user typed stays. */
function lost(error: unknown): void {
  update({
    client: undefined, connectError: error, grant: "none", askingAccess: undefined, readers: [], cards: [], certificates: undefined,
    catalog: undefined, operation: undefined, choosing: undefined, chooseError: undefined, pinOperation: undefined, pinError: undefined,
    health: undefined, healthBusy: false, healthError: undefined, validity: undefined, validityBusy: false, validityError: undefined, verifyBusy: false, batch: undefined, result: state.result === "batch" ? undefined : state.result,
  });
}
