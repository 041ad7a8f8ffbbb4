/* SPDX-License-Identifier: Apache-2.0 */
/* session/session.c: a page's connection. */
#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>

struct session *
session_new(uint64_t connection, const char *origin)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return NULL;
	session->connection = connection;
	snprintf(session->origin, sizeof(session->origin), "%s", origin);
	return session;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	documents_clear(&session->documents);
	free(session);
}

enum grant
session_grant(const struct session *session, struct origins *origins)
{
	enum grant settled = origins_grant(origins, session->origin);

	return settled != GRANT_NONE ? settled : session->asked;
}
