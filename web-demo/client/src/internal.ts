// SPDX-License-Identifier: Apache-2.0
// What the tests look at and the package does not offer.
export * from "./index.js";
export { openSocket } from "./connection.js";
