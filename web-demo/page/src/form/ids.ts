// SPDX-License-Identifier: Apache-2.0
// The id of a field's control on the page.
import type { Field } from "./model.js";

export const idOf = ({ pointer }: Field) => `field${pointer.replaceAll("/", "-").replaceAll(/[^\w-]/g, "_")}`;
