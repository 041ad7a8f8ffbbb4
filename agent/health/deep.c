/* SPDX-License-Identifier: Apache-2.0 */
/* health/deep.c: what only a deep run looks at: the card's speed, the way to a signature, the providers' servers. */
#include "health/checks.h"

#include <stdio.h>
#include <string.h>
#include <winscard.h>

#define SLOW_MS 400	/* a command that moves 8 bytes takes a good reader some milliseconds */

static void
speed_check(struct health *h)
{
	for (size_t i = 0; i < h->probe.cards_count; i++) {
		const struct probe_card *card = &h->probe.cards[i];

		if (!health_looks_at(h, card->reader))
			continue;
		/* Somebody has it for himself: reader_shared tells of that. */
		if (card->connected == (long)SCARD_E_SHARING_VIOLATION)
			continue;
		if (card->connected != SCARD_S_SUCCESS || card->failed != SCARD_S_SUCCESS)
			report_tell(h->report, "card_speed", "fails", "%s: 0x%08lX after %u commands", card->reader,
			    (card->connected != SCARD_S_SUCCESS ? card->connected : card->failed) & 0xffffffffl, card->rounds);
		else
			report_tell(h->report, "card_speed", card->p95_ms > SLOW_MS ? "slow" : "ok", "%s: %u commands, median %.1f ms, p95 %.1f ms",
			    card->reader, card->rounds, card->median_ms, card->p95_ms);
		report_figure(h->report, "card_command_median_seconds", card->reader, card->median_ms / 1000);
		report_figure(h->report, "card_command_p95_seconds", card->reader, card->p95_ms / 1000);
	}
	report_skip(h->report, "card_speed", "no_card", "%s", "");
}

static void
hosts_check(struct health *h)
{
	for (size_t i = 0; i < h->probe.hosts_count; i++) {
		const struct probe_host *host = &h->probe.hosts[i];

		if (host->error == 0)
			report_tell(h->report, "network_hosts", "ok", "%s: %.0f ms", host->name, host->ms);
		else
			report_tell(h->report, "network_hosts", "unreachable", "%s: %s", host->name,
			    host->error == -1 ? "name not known" : strerror(host->error));
	}
	report_skip(h->report, "network_hosts", "not_here", "%s", "");
}

void
check_deep(struct health *h)
{
	static const char *const each[] = { "card_speed", "signing_way", "network_hosts" };

	if (h->options.deep) {
		if (h->way_outcome != NULL)
			report_tell(h->report, "signing_way", h->way_outcome, "%s", h->way_measured);
		else
			report_skip(h->report, "signing_way", "no_certificate", "%s", h->way_tried ? "the reader would ask for the PIN by itself" : "");
		speed_check(h);
		hosts_check(h);
	}
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++)
		report_skip(h->report, each[i], "not_deep", "%s", "");
}
