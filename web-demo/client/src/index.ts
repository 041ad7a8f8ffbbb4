// SPDX-License-Identifier: Apache-2.0
// What the package offers.
export { AgentError, type Language, type Text, type WireError } from "./agent_error.js";
export { Batch, type BatchItem, type BatchParams } from "./batch.js";
export { AgentClient, AgentEvent, type AgentEvents, type AgentOptions } from "./client.js";
export { ConnectionError, type ConnectionReason } from "./connection_error.js";
export { FIRST_PORT, LAST_PORT, queryPermission, type ConnectOptions, type ConnectStatus, type Permission } from "./connection.js";
export type { Progress, TransferOptions, UploadOptions } from "./documents.js";
export { toAgentError, type WireMessage } from "./rpc.js";
export type { SocketConstructor, SocketLike } from "./socket.js";
export * from "./generated/errors.js";
export * from "./generated/types.js";
export type { CallOptions } from "./call_options.js";
export { SUBPROTOCOL, type Side } from "./versions.js";
