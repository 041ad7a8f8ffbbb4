/* SPDX-License-Identifier: Apache-2.0 */
/* fetch/fetch.c: libcurl, with the address judged where the socket is opened: after the name was resolved, so that no rebinding helps. */
#include "fetch/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <curl/curl.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "fetch/address.h"

#define CONNECT_MS 5000
#define HOP_MS 10000

/* One request to one server. */
struct hop {
	struct buf answer;
	int64_t date;
	bool any_address;	/* the administrator has named the host, or the proxy */
	bool refused;		/* an address was */
	char *next;		/* where a redirect leads; curl_free() */
	long status;
};

int
fetch_init(void)
{
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? 0 : ERR_INTERNAL;
}

static curl_socket_t
socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct hop *hop = context;

	(void)purpose;
	if (!hop->any_address && !address_is_public(&address->addr)) {
		hop->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t
body_take(char *data, size_t size, size_t count, void *context)
{
	struct hop *hop = context;

	buf_append(&hop->answer, data, size * count);
	return hop->answer.failed ? 0 : size * count;
}

static size_t
header_take(char *line, size_t size, size_t count, void *context)
{
	struct hop *hop = context;
	char name[6], value[64];
	time_t date;

	snprintf(name, sizeof(name), "%.*s", (int)(size * count < 5 ? size * count : 5), line);
	if (ascii_equal_folded(name, "date:")) {
		snprintf(value, sizeof(value), "%.*s", (int)(size * count - 5), line + 5);
		if ((date = curl_getdate(value, NULL)) > 0)
			hop->date = date;
	}
	return size * count;
}

/* --- which URL --- */

static bool
host_is_listed(const struct fetch_settings *settings, const char *host, const char *port)
{
	char both[FETCH_URL_MAX + 8];

	snprintf(both, sizeof(both), "%s:%s", host, port);
	for (size_t i = 0; i < settings->hosts_count; i++)
		if (ascii_equal_folded(settings->hosts[i], host) || ascii_equal_folded(settings->hosts[i], both))
			return true;
	return false;
}

/* What is wrong with a URL before anything is looked up; NULL: nothing, and *ret_listed is whether the administrator named its host. */
static const char *
url_problem(const struct fetch_settings *settings, const char *url, bool *ret_listed)
{
	CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	const char *problem = NULL;

	if (parsed == NULL || strlen(url) > FETCH_URL_MAX || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK || curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
		problem = "scheme_refused";
	} else {
		*ret_listed = host_is_listed(settings, host, port);
		/* A proxy would connect there for us. */
		if (!*ret_listed && !host_may_be_public(host))
			problem = "address_refused";
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(parsed);
	return problem;
}

/* --- one hop --- */

static CURLcode
options_set(CURL *curl, const struct fetch_request *request, const char *url, const char *proxy, struct curl_slist *headers, long left_ms,
    struct hop *hop)
{
	CURLcode r = CURLE_OK;

#define SET(option, value) do { if (r == CURLE_OK) r = curl_easy_setopt(curl, option, value); } while (0)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, proxy);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_HTTP_CONTENT_DECODING, 0L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, left_ms < HOP_MS ? left_ms : HOP_MS);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max);
	SET(CURLOPT_USERAGENT, "imza-agent");
	SET(CURLOPT_OPENSOCKETFUNCTION, socket_open);
	SET(CURLOPT_OPENSOCKETDATA, hop);
	SET(CURLOPT_WRITEFUNCTION, body_take);
	SET(CURLOPT_WRITEDATA, hop);
	SET(CURLOPT_HEADERFUNCTION, header_take);
	SET(CURLOPT_HEADERDATA, hop);
	if (request->body != NULL) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
		SET(CURLOPT_POSTFIELDS, request->body);
		SET(CURLOPT_HTTPHEADER, headers);
	}
#undef SET
	return r;
}

static const char *
problem_of(CURLcode code, const struct hop *hop)
{
	if (hop->refused)
		return "address_refused";
	if (hop->answer.failed || code == CURLE_FILESIZE_EXCEEDED)
		return "too_large";
	switch (code) {
	case CURLE_OK:
		return hop->status == 200 || hop->next != NULL ? NULL : "http_status";
	case CURLE_OPERATION_TIMEDOUT:
		return "timeout";
	case CURLE_UNSUPPORTED_PROTOCOL:
		return "scheme_refused";
	default:
		return "unreachable";
	}
}

/* Asks one server; the hop's buffer and next are the caller's to clear. NULL or the problem. */
static const char *
hop_run(const struct fetch_request *request, const char *url, const char *proxy, long left_ms, struct hop *hop)
{
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();
	CURLcode code = CURLE_OUT_OF_MEMORY;
	char line[128], *next = NULL;

	buf_init(&hop->answer, request->max);
	if (request->body != NULL) {
		snprintf(line, sizeof(line), "Content-Type: %s", request->media_type);
		headers = curl_slist_append(NULL, line);
	}
	if (curl != NULL && (request->body == NULL || headers != NULL) &&
	    (code = options_set(curl, request, url, proxy, headers, left_ms, hop)) == CURLE_OK)
		code = curl_easy_perform(curl);
	if (code == CURLE_OK && curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &hop->status) == CURLE_OK && hop->status / 100 == 3 &&
	    curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next) == CURLE_OK && next != NULL)
		hop->next = strdup(next);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return problem_of(code, hop);
}

int
fetch(const struct fetch_settings *settings, const struct fetch_request *request, struct fetched *ret_fetched, const char **ret_problem)
{
	char *url = strdup(request->url);
	const char *problem = url == NULL ? "unreachable" : NULL;
	int hops = 0;

	while (problem == NULL) {
		struct hop hop = { 0 };
		bool listed = false;
		int64_t left = request->deadline - clock_ms();
		const char *proxy;

		if ((problem = left <= 0 ? "timeout" : url_problem(settings, url, &listed)) != NULL) {
			if (hops > 0 && strcmp(problem, "scheme_refused") == 0)
				problem = "redirect_refused";
			break;
		}
		proxy = !listed && settings->proxy != NULL ? settings->proxy : "";
		hop.any_address = listed || *proxy != '\0';
		if ((problem = hop_run(request, url, proxy, (long)left, &hop)) == NULL && hop.next == NULL) {
			*ret_fetched = (struct fetched){ hop.answer.data, hop.answer.len, hop.date };
			free(url);
			return 0;
		}
		if (problem == NULL && ++hops > FETCH_REDIRECTS_MAX)
			problem = "redirect_refused";
		buf_clear(&hop.answer);
		free(url);
		url = hop.next;
	}
	log_info("an address of a certificate gave nothing: %s", problem);
	free(url);
	*ret_problem = problem;
	return ERR_REVOCATION_UNAVAILABLE;
}
