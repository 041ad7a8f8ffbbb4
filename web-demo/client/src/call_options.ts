// SPDX-License-Identifier: Apache-2.0
// What every call takes beside its params.
import type { OperationProgressEvent } from "./generated/types.js";

export interface CallOptions {
  /** Ends the operation by operation.cancel; the call then ends with the agent's answer. */
  signal?: AbortSignal;
  /** Where the operation stands; needs agent.subscribe({topics: ["operations"]}). */
  onProgress?: (progress: OperationProgressEvent) => void;
}
