/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schold.c: another program at the same card: schold exclusive|transaction|reset READER.  "exclusive" has the card for itself and "transaction" its
 * turn until standard input ends; "reset" resets the card and ends.  Prints "done" once it has what it wants, else the PC/SC error.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <winscard.h>

static int
refused(const char *what, LONG rv)
{
	fprintf(stderr, "schold: %s: 0x%08lX\n", what, rv & 0xffffffffl);
	return 1;
}

int
main(int argc, char **argv)
{
	bool exclusive = argc == 3 && strcmp(argv[1], "exclusive") == 0, transaction = argc == 3 && strcmp(argv[1], "transaction") == 0;
	SCARDCONTEXT context;
	SCARDHANDLE card;
	DWORD protocol;
	char byte;
	LONG rv;

	if (argc != 3 || (!exclusive && !transaction && strcmp(argv[1], "reset") != 0)) {
		fprintf(stderr, "usage: schold exclusive|transaction|reset READER\n");
		return 2;
	}
	if ((rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) != SCARD_S_SUCCESS)
		return refused("SCardEstablishContext", rv);
	rv = SCardConnect(context, argv[2], exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &protocol);
	if (rv != SCARD_S_SUCCESS)
		return refused("SCardConnect", rv);
	if (transaction && (rv = SCardBeginTransaction(card)) != SCARD_S_SUCCESS)
		return refused("SCardBeginTransaction", rv);
	if (exclusive || transaction) {
		puts("done");
		fflush(stdout);
		while (read(STDIN_FILENO, &byte, 1) > 0)
			;
	}
	rv = SCardDisconnect(card, exclusive || transaction ? SCARD_LEAVE_CARD : SCARD_RESET_CARD);
	SCardReleaseContext(context);
	if (rv != SCARD_S_SUCCESS)
		return refused("SCardDisconnect", rv);
	if (!exclusive && !transaction)
		puts("done");
	return 0;
}
