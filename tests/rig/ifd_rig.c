/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ifd_rig.c: pcscd's driver (IFD handler) for the rig's readers.  Reader N listens on the Unix socket $RIG_FOLDER/reader-N; a card is put in by
 * connecting and pulled by closing.  Messages both ways are 2 bytes of length, big-endian, and the bytes: length 1 is power off (0),
 * power on (1), reset (2), none of them answered, or the question for the ATR (4; an empty answer is a mute card); anything else a command
 * and its answer.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <winscard.h>
#include <ifdhandler.h>

#include "rig_udev.h"

#define EXPORT __attribute__((visibility("default")))
#define MESSAGE_MAX 65535
#define ANSWER_MS 60000
#define BROKEN_MS 100	/* how often a broken reader looks whether it works again */

/* One call at a time but for reader_poll() and reader_unplugged(), which close nothing. */
struct reader {
	int number;		/* 0: this entry is free */
	int listener, card;	/* card: -1 without one */
	int wake;		/* eventfd: ends reader_poll() */
	bool gone;		/* unplugged, pcscd is about to hear of it */
};

static struct reader readers[RIG_READERS_MAX];

static struct reader *
reader_of(DWORD lun)
{
	size_t i = (lun >> 16) & 0xff;

	return i < RIG_READERS_MAX && readers[i].number != 0 ? &readers[i] : NULL;
}

static void
reader_unplugged(int number)
{
	for (size_t i = 0; i < RIG_READERS_MAX; i++)
		if (readers[i].number == number) {
			readers[i].gone = true;
			if (readers[i].card >= 0)
				shutdown(readers[i].card, SHUT_RDWR);
			eventfd_write(readers[i].wake, 1);
		}
}

/* A reader that does not answer its host: there is a file $RIG_FOLDER/broken-N. */
static bool
is_broken(int number)
{
	const char *folder = getenv("RIG_FOLDER");
	char path[256];

	snprintf(path, sizeof(path), "%s/broken-%d", folder != NULL ? folder : "/nonexistent", number);
	return access(path, F_OK) == 0;
}

static RESPONSECODE
reader_poll(DWORD lun, int timeout)
{
	struct reader *reader = reader_of(lun);
	struct pollfd fds[2];
	eventfd_t count;

	if (reader == NULL)
		return IFD_NO_SUCH_DEVICE;
	fds[0] = (struct pollfd){ reader->wake, POLLIN, 0 };
	fds[1] = reader->card >= 0 ? (struct pollfd){ reader->card, POLLRDHUP, 0 } : (struct pollfd){ reader->listener, POLLIN, 0 };
	poll(fds, 2, is_broken(reader->number) && timeout > BROKEN_MS ? BROKEN_MS : timeout);
	if ((fds[0].revents & POLLIN) != 0)
		eventfd_read(reader->wake, &count);
	return reader->gone ? IFD_NO_SUCH_DEVICE : IFD_SUCCESS;
}

static RESPONSECODE
reader_poll_stop(DWORD lun)
{
	struct reader *reader = reader_of(lun);

	if (reader != NULL)
		eventfd_write(reader->wake, 1);
	return IFD_SUCCESS;
}

static int
listener_open(int number)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *folder = getenv("RIG_FOLDER");
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/reader-%d", folder != NULL ? folder : "/nonexistent", number);
	unlink(address.sun_path);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 2) != 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* --- the card's end --- */

static bool
send_all(int fd, const unsigned char *data, size_t len)
{
	return send(fd, data, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool
receive_all(int fd, unsigned char *data, size_t len)
{
	struct pollfd ready = { fd, POLLIN, 0 };

	for (size_t at = 0; at < len;) {
		ssize_t n;

		if (poll(&ready, 1, ANSWER_MS) <= 0 || (n = recv(fd, data + at, len - at, 0)) <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static bool
message_send(int card, const unsigned char *data, size_t len)
{
	unsigned char message[2 + MESSAGE_MAX];

	if (len > MESSAGE_MAX)
		return false;
	message[0] = (unsigned char)(len >> 8);
	message[1] = (unsigned char)len;
	memcpy(message + 2, data, len);
	return send_all(card, message, len + 2);
}

static bool
message_receive(int card, unsigned char *data, size_t size, size_t *ret_len)
{
	unsigned char head[2];

	if (!receive_all(card, head, 2) || (*ret_len = (size_t)head[0] << 8 | head[1]) > size)
		return false;
	return receive_all(card, data, *ret_len);
}

/* --- what pcscd calls --- */

EXPORT RESPONSECODE
IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
	size_t i = (Lun >> 16) & 0xff;
	const char *slash = strrchr(DeviceName, '/');
	int number = slash != NULL ? atoi(slash + 1) : 0;
	void (*on_unplug)(void (*unplugged)(int)) = (void (*)(void (*)(int)))dlsym(RTLD_DEFAULT, "rig_on_unplug");

	if (i >= RIG_READERS_MAX || number < 1 || on_unplug == NULL)
		return IFD_NO_SUCH_DEVICE;
	on_unplug(reader_unplugged);
	readers[i] = (struct reader){ .listener = listener_open(number), .card = -1, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (readers[i].listener < 0 || readers[i].wake < 0)
		return IFD_COMMUNICATION_ERROR;
	readers[i].number = number;
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
	(void)Lun;
	(void)Channel;
	return IFD_NOT_SUPPORTED;
}

EXPORT RESPONSECODE
IFDHCloseChannel(DWORD Lun)
{
	struct reader *reader = reader_of(Lun);

	if (reader == NULL)
		return IFD_NO_SUCH_DEVICE;
	if (reader->card >= 0)
		close(reader->card);
	close(reader->listener);
	close(reader->wake);
	*reader = (struct reader){ 0 };
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
	void *function = Tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT ? (void *)reader_poll :
	    Tag == TAG_IFD_STOP_POLLING_THREAD ? (void *)reader_poll_stop : NULL;

	(void)Lun;
	if (function != NULL && *Length >= sizeof(function)) {
		memcpy(Value, &function, sizeof(function));
		*Length = sizeof(function);
		return IFD_SUCCESS;
	}
	if ((Tag != TAG_IFD_SIMULTANEOUS_ACCESS && Tag != TAG_IFD_THREAD_SAFE && Tag != TAG_IFD_SLOTS_NUMBER) || *Length < 1)
		return IFD_ERROR_TAG;
	/* Different readers at the same time; one slot each. */
	*Value = Tag == TAG_IFD_SIMULTANEOUS_ACCESS ? RIG_READERS_MAX : 1;
	*Length = 1;
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
	(void)Lun;
	(void)Tag;
	(void)Length;
	(void)Value;
	return IFD_NOT_SUPPORTED;
}

EXPORT RESPONSECODE
IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1, UCHAR PTS2, UCHAR PTS3)
{
	(void)Lun;
	(void)Protocol;
	(void)Flags;
	(void)PTS1;
	(void)PTS2;
	(void)PTS3;
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
	struct reader *reader = reader_of(Lun);
	unsigned char command = Action == IFD_POWER_DOWN ? 0 : Action == IFD_POWER_UP ? 1 : 2, get_atr = 4, atr[MAX_ATR_SIZE];
	size_t len = 0;

	if (reader == NULL || reader->gone)
		return IFD_NO_SUCH_DEVICE;
	if (reader->card < 0 || !message_send(reader->card, &command, 1))
		return IFD_ERROR_POWER_ACTION;
	*AtrLength = 0;
	if (Action == IFD_POWER_DOWN)
		return IFD_SUCCESS;
	if (!message_send(reader->card, &get_atr, 1) || !message_receive(reader->card, atr, sizeof(atr), &len) || len == 0)
		return reader->gone ? IFD_NO_SUCH_DEVICE : IFD_ERROR_POWER_ACTION;
	memcpy(Atr, atr, len);
	*AtrLength = len;
	return IFD_SUCCESS;
}

EXPORT RESPONSECODE
IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer, PDWORD RxLength,
    PSCARD_IO_HEADER RecvPci)
{
	struct reader *reader = reader_of(Lun);
	size_t len = 0;

	(void)SendPci;
	(void)RecvPci;
	if (reader != NULL && reader->card >= 0 && message_send(reader->card, TxBuffer, TxLength) &&
	    message_receive(reader->card, RxBuffer, *RxLength, &len)) {
		*RxLength = len;
		return IFD_SUCCESS;
	}
	*RxLength = 0;
	return reader == NULL || reader->gone ? IFD_NO_SUCH_DEVICE : IFD_COMMUNICATION_ERROR;
}

EXPORT RESPONSECODE
IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength, PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
	(void)Lun;
	(void)dwControlCode;
	(void)TxBuffer;
	(void)TxLength;
	(void)RxBuffer;
	(void)RxLength;
	*pdwBytesReturned = 0;
	return IFD_ERROR_NOT_SUPPORTED;
}

/* Called before each look at the state, so that is where cards come and go; a pulled card is told once even when the next one waits. */
EXPORT RESPONSECODE
IFDHICCPresence(DWORD Lun)
{
	struct reader *reader = reader_of(Lun);
	struct pollfd ready;

	if (reader == NULL || reader->gone)
		return IFD_NO_SUCH_DEVICE;
	if (is_broken(reader->number)) {
		/* Whoever knocks only wants this to be found out at once (rig.py). */
		ready = (struct pollfd){ reader->listener, POLLIN, 0 };
		if (reader->card < 0 && poll(&ready, 1, 0) == 1)
			close(accept4(reader->listener, NULL, NULL, SOCK_CLOEXEC));
		return IFD_COMMUNICATION_ERROR;
	}
	if (reader->card >= 0) {
		ready = (struct pollfd){ reader->card, POLLRDHUP, 0 };
		if (poll(&ready, 1, 0) == 0)
			return IFD_ICC_PRESENT;
		close(reader->card);
		reader->card = -1;
		return IFD_ICC_NOT_PRESENT;
	}
	ready = (struct pollfd){ reader->listener, POLLIN, 0 };
	if (poll(&ready, 1, 0) == 1 && (reader->card = accept4(reader->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		return IFD_ICC_PRESENT;
	return IFD_ICC_NOT_PRESENT;
}
