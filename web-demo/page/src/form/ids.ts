// SPDX-License-Identifier: Apache-2.0
// The ids of controls on the page: of a field, of a file that goes along.
import type { Attachment, Field } from "./model.js";

export const idOfAttachment = ({ id }: Attachment) => `attachment-${id}`;

export const idOf = ({ pointer }: Field) => `field${pointer.replaceAll("/", "-").replaceAll(/[^\w-]/g, "_")}`;
