/*
 * tokctl-deliver - send one message over HTTP or SMTP
 *
 * Not for people: tokctl starts it.  On standard input is one object,
 *
 *	{"url", "body", "private", "headers": {name: value}}	http, https
 *	{"url", "body", "private", "from", "to", "user", "password"}	smtp(s)
 *
 * and on standard output one, {"ok", "status", "result", "retry_after"}.
 * private allows addresses that are not public.  The address is looked at
 * when the connection is made, so that no name can lead elsewhere; redirects
 * are not followed, and proxies of the environment are not used.
 * $SSL_CERT_FILE has the certificates that are trusted, if set.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "json/json.h"
#include "json/write.h"

enum { CONNECT_MS = 10000, TIMEOUT_MS = 20000 };

struct request {
	struct tk_buf url, body, from, to, user, password;
	struct curl_slist *headers;
	bool private_ok;
	bool refused; /* the address is not public */
	size_t sent;  /* of the body */
};

static bool
in_net(uint32_t address, uint32_t net, int bits)
{
	return (address ^ net) >> (32 - bits) == 0;
}

/* Special-purpose addresses (RFC 6890): nothing that a receiver on the
 * internet can have. */
static bool
is_public4(uint32_t a)
{
	static const struct {
		uint32_t net;
		int bits;
	} nets[] = {
		{ 0x00000000, 8 },  /* this network */
		{ 0x0a000000, 8 },  /* private */
		{ 0x64400000, 10 }, /* shared */
		{ 0x7f000000, 8 },  /* loopback */
		{ 0xa9fe0000, 16 }, /* link local, and clouds' metadata */
		{ 0xac100000, 12 }, /* private */
		{ 0xc0000000, 24 }, /* protocols */
		{ 0xc0000200, 24 }, /* examples, as the next but two */
		{ 0xc0a80000, 16 }, /* private */
		{ 0xc6120000, 15 }, /* benchmarks */
		{ 0xc6336400, 24 }, { 0xcb007100, 24 },
		{ 0xe0000000, 3 }, /* multicast, and what is reserved */
	};

	for (size_t i = 0; i < TK_LEN(nets); i++)
		if (in_net(a, nets[i].net, nets[i].bits))
			return false;
	return true;
}

static uint32_t
word_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

/* Of IPv6 only 2000::/3 is public, but for what holds an IPv4 address. */
static bool
is_public6(const uint8_t *p)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(p, mapped, sizeof(mapped)) == 0 ||
	    memcmp(p, nat64, sizeof(nat64)) == 0)
		return is_public4(word_at(p + 12));
	if (p[0] == 0x20 && p[1] == 0x02) /* 6to4 */
		return is_public4(word_at(p + 2));
	if (word_at(p) == 0x20010000 || word_at(p) == 0x20010db8)
		return false; /* Teredo, examples */
	return p[0] >> 5 == 1;
}

static bool
is_public(const struct curl_sockaddr *a)
{
	if (a->family == AF_INET)
		return is_public4(
		    ntohl(((const struct sockaddr_in *)(const void *)&a->addr)
			      ->sin_addr.s_addr));
	if (a->family == AF_INET6)
		return is_public6(
		    ((const struct sockaddr_in6 *)(const void *)&a->addr)
			->sin6_addr.s6_addr);
	return false;
}

static curl_socket_t
open_socket(void *r_, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct request *r = r_;

	(void)purpose;
	if (!r->private_ok && !is_public(a)) {
		r->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t
drop(char *bytes, size_t size, size_t n, void *data)
{
	(void)bytes, (void)data;
	return size * n;
}

static size_t
read_body(char *to, size_t size, size_t n, void *r_)
{
	struct request *r = r_;
	size_t left = r->body.len - r->sent;
	size_t len = size * n < left ? size * n : left;

	memcpy(to, r->body.s + r->sent, len);
	r->sent += len;
	return len;
}

static void
read_text(struct json_scan *s, struct tk_buf *b)
{
	struct json_text text;

	if (json_scan_text(s, &text) > 0)
		json_text_add(&text, b);
}

static void
read_headers(struct json_scan *s, struct request *r)
{
	struct json_text key;

	if (json_scan_object(s) <= 0)
		return;
	while (json_scan_key(s, &key)) {
		struct tk_buf line = TK_BUF_INIT;

		json_text_add(&key, &line);
		tk_buf_adds(&line, ": ");
		read_text(s, &line);
		r->headers = curl_slist_append(r->headers, line.s);
		tk_buf_release(&line);
	}
}

static bool
read_request(const struct tk_buf *in, struct request *r)
{
	const struct {
		const char *key;
		struct tk_buf *to;
	} texts[] = {
		{ "url", &r->url },
		{ "body", &r->body },
		{ "from", &r->from },
		{ "to", &r->to },
		{ "user", &r->user },
		{ "password", &r->password },
	};
	struct json_text key;
	struct json_scan s;

	json_scan_init(&s, in->s, in->len);
	if (json_scan_object(&s) <= 0)
		return false;
	while (json_scan_key(&s, &key)) {
		size_t i = 0;

		while (i < TK_LEN(texts) && !json_text_is(&key, texts[i].key))
			i++;
		if (i < TK_LEN(texts))
			read_text(&s, texts[i].to);
		else if (json_text_is(&key, "private"))
			json_scan_bool(&s, &r->private_ok);
		else if (json_text_is(&key, "headers"))
			read_headers(&s, r);
		else
			json_scan_skip(&s);
	}
	return json_scan_end(&s) && r->url.len > 0;
}

static void
set_up(CURL *c, struct request *r, char *why)
{
	const char *trusted = getenv("SSL_CERT_FILE");

	if (trusted != NULL && *trusted != '\0')
		curl_easy_setopt(c, CURLOPT_CAINFO, trusted);
	curl_easy_setopt(c, CURLOPT_URL, r->url.s);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, r);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "tokctl");
}

static void
set_up_http(CURL *c, struct request *r)
{
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_POST, 1L);
	curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->body.s);
	curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)r->body.len);
	r->headers = curl_slist_append(r->headers, "Expect:");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, r->headers);
}

/* Lines end in CRLF on the wire. */
static void
set_up_smtp(CURL *c, struct request *r, struct curl_slist **to)
{
	struct tk_buf mail = TK_BUF_INIT;

	for (size_t i = 0; i < r->body.len; i++) {
		if (r->body.s[i] == '\n')
			tk_buf_adds(&mail, "\r");
		tk_buf_add(&mail, r->body.s + i, 1);
	}
	tk_buf_release(&r->body);
	r->body = mail;
	*to = curl_slist_append(NULL, r->to.s);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(c, CURLOPT_MAIL_FROM, r->from.s);
	curl_easy_setopt(c, CURLOPT_MAIL_RCPT, *to);
	curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(c, CURLOPT_READFUNCTION, read_body);
	curl_easy_setopt(c, CURLOPT_READDATA, r);
	if (r->user.len > 0) {
		/* A password is not sent in the clear. */
		curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
		curl_easy_setopt(c, CURLOPT_USERNAME, r->user.s);
		curl_easy_setopt(c, CURLOPT_PASSWORD, r->password.s);
	} else {
		curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
	}
}

static void
answer(CURL *c, CURLcode rc, const struct request *r, const char *why,
    bool smtp)
{
	struct tk_buf out = TK_BUF_INIT, text = TK_BUF_INIT;
	struct json_write w = { .to = &out };
	curl_off_t wait = 0;
	long status = 0;
	bool ok;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait);
	ok = rc == CURLE_OK && (smtp || (status >= 200 && status < 300));
	if (r->refused)
		tk_buf_adds(&text, "its address is not public");
	else if (rc != CURLE_OK)
		tk_buf_adds(&text, *why ? why : curl_easy_strerror(rc));
	else if (!smtp && status >= 300 && status < 400)
		tk_buf_addf(&text, "%ld: redirects are not followed", status);
	else
		tk_buf_addf(&text, "%ld", status);
	json_write_open(&w, '{');
	json_write_member_bool(&w, "ok", ok);
	json_write_member_int(&w, "status", smtp ? 0 : status);
	json_write_member_int(&w, "retry_after", wait);
	json_write_member_text(&w, "result", text.s);
	json_write_close(&w, '}');
	puts(out.s);
	tk_buf_release(&out);
	tk_buf_release(&text);
}

static void
read_input(struct tk_buf *in)
{
	char bytes[16384];
	size_t n;

	while ((n = fread(bytes, 1, sizeof(bytes), stdin)) > 0)
		tk_buf_add(in, bytes, n);
}

static void
request_release(struct request *r)
{
	tk_buf_release(&r->url);
	tk_buf_release(&r->body);
	tk_buf_release(&r->from);
	tk_buf_release(&r->to);
	tk_buf_release(&r->user);
	tk_buf_release(&r->password);
	curl_slist_free_all(r->headers);
}

int
main(void)
{
	struct request r = { .url = TK_BUF_INIT,
		.body = TK_BUF_INIT,
		.from = TK_BUF_INIT,
		.to = TK_BUF_INIT,
		.user = TK_BUF_INIT,
		.password = TK_BUF_INIT };
	struct tk_buf in = TK_BUF_INIT;
	struct curl_slist *to = NULL;
	char why[CURL_ERROR_SIZE] = "";
	CURL *c;
	bool smtp;

	read_input(&in);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    !read_request(&in, &r) || (c = curl_easy_init()) == NULL) {
		fputs("tokctl-deliver: no request; tokctl starts this\n",
		    stderr);
		return 2;
	}
	smtp = strncmp(r.url.s, "smtp", 4) == 0;
	set_up(c, &r, why);
	if (smtp)
		set_up_smtp(c, &r, &to);
	else
		set_up_http(c, &r);
	answer(c, curl_easy_perform(c), &r, why, smtp);
	curl_easy_cleanup(c);
	curl_slist_free_all(to);
	request_release(&r);
	tk_buf_release(&in);
	return fflush(stdout) == 0 ? 0 : 1;
}
