/* SPDX-License-Identifier: Apache-2.0 */
/* base/wire.h: the numbers of the wire contract that agent.info tells and that more than one room keeps. */
#ifndef BASE_WIRE_H
#define BASE_WIRE_H

#define WIRE_PROTOCOL "imza.v1"			/* WebSocket subprotocol */
#define WIRE_VERSIONS "imza.versions"		/* offered last by a page: answered with the versions there are, when none of its own is */
#define WIRE_MESSAGE_MAX (1u << 20)		/* bytes of one message, text or binary */
#define WIRE_BATCH_MAX 1000			/* documents of one request */

#endif
