/*
 * Webhooks, through tokctl-deliver: deliver.h.
 *
 * libcurl takes milliseconds to load, so it is in a program of its own,
 * which reads one request as JSON and answers with one object.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/sha256.h"
#include "child.h"
#include "deliver.h"
#include "ledger/ledger.h"
#include "json/json.h"
#include "json/write.h"

/* Beside this program, or where "make install" puts it. */
static int
find_helper(struct tk_buf *path, struct tk_err *err)
{
	static const char *const places[] = { "/tokctl-deliver",
		"/../libexec/tokctl/tokctl-deliver" };
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n < 0)
		return tk_fail_errno(err, "/proc/self/exe");
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; i < TK_LEN(places); i++) {
		tk_buf_reset(path);
		tk_buf_addf(path, "%s%s", self, places[i]);
		if (access(path->s, X_OK) == 0)
			return 0;
	}
	tk_fail(err, TK_IO, "'tokctl-deliver' is not installed");
	return tk_hint(err, "it is built where libcurl is: see 'make help'");
}

static int
read_answer(const struct tk_buf *text, struct outbox_attempt *a,
    struct tk_buf *result)
{
	enum { DAY_S = 86400 };
	struct json_text key, said = { NULL, 0, false };
	struct json_scan s;
	bool ok = false;
	int64_t status = 0, wait = 0;

	json_scan_init(&s, text->s, text->len);
	if (json_scan_object(&s) > 0) {
		while (json_scan_key(&s, &key)) {
			if (json_text_is(&key, "ok"))
				json_scan_bool(&s, &ok);
			else if (json_text_is(&key, "status"))
				json_scan_int(&s, &status);
			else if (json_text_is(&key, "retry_after"))
				json_scan_int(&s, &wait);
			else if (json_text_is(&key, "result"))
				json_scan_text(&s, &said);
			else
				json_scan_skip(&s);
		}
	}
	if (!json_scan_end(&s))
		return -1;
	a->outcome = ok     ? OUTCOME_SENT
	    : status == 410 ? OUTCOME_GONE
			    : OUTCOME_FAILED;
	if (wait > 0)
		a->retry_after = (wait < DAY_S ? wait : DAY_S) * 1000;
	if (said.p != NULL)
		json_text_add(&said, result);
	return 0;
}

int
deliver_help(const struct tk_buf *request, struct outbox_attempt *a,
    struct tk_buf *result, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT, answer = TK_BUF_INIT;
	const char *argv[] = { NULL, NULL };
	struct child c = { .argv = argv,
		.input = request->s,
		.input_len = request->len,
		.output = &answer,
		.max = 1 << 16,
		.timeout = DELIVER_TIMEOUT_MS + 10000 };
	int status, rc = -1;

	if (find_helper(&path, err) < 0)
		goto out;
	argv[0] = path.s;
	if (child_run(&c, &status, err) < 0)
		goto out;
	rc = 0;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    read_answer(&answer, a, result) < 0) {
		rc = tk_fail(err, TK_IO, "'%.200s' failed", path.s);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
			tk_hint(err, "is libcurl installed?");
	}
out:
	tk_buf_release(&path);
	tk_buf_release(&answer);
	return rc;
}

static void
add_hex(struct tk_buf *b, const uint8_t digest[TK_SHA256_LEN])
{
	char hex[65];

	tk_sha256_hex(digest, hex);
	tk_buf_adds(b, hex);
}

/*
 * X-Webhook-Signature is the HMAC of the body, in hexadecimal; the
 * Standard Webhooks 1.0 headers sign the id and the time as well, with what
 * stands behind "whsec_" as base64, or else the same bytes.
 */
static void
sign(const struct tk_buf *secret, const char *id, int64_t seconds,
    const char *body, struct tk_buf *hex, struct tk_buf *standard)
{
	static const char prefix[] = "whsec_";
	struct tk_buf key = TK_BUF_INIT, text = TK_BUF_INIT;
	uint8_t digest[TK_SHA256_LEN];

	tk_hmac_sha256(secret->s, secret->len, body, strlen(body), digest);
	add_hex(hex, digest);
	if (strncmp(secret->s, prefix, strlen(prefix)) == 0)
		tk_buf_add(&key, secret->s + strlen(prefix),
		    secret->len - strlen(prefix));
	if (key.len == 0 || !tk_base64_decode(&key, 0)) {
		tk_buf_reset(&key);
		tk_buf_add(&key, secret->s, secret->len);
	}
	tk_buf_addf(&text, "%s.%" PRId64 ".%s", id, seconds, body);
	tk_hmac_sha256(key.s, key.len, text.s, text.len, digest);
	tk_buf_adds(standard, "v1,");
	tk_base64_add(standard, digest, sizeof(digest));
	tk_buf_release(&key);
	tk_buf_release(&text);
}

static int
write_headers(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, struct json_write *w, struct tk_err *err)
{
	struct tk_buf id = TK_BUF_INIT, text = TK_BUF_INIT, hex = TK_BUF_INIT;
	struct tk_buf standard = TK_BUF_INIT, secret = TK_BUF_INIT;
	int64_t seconds = ctx->now / 1000;
	char uuid[33];
	int rc = -1;

	if (ledger_uuid(ctx->ledger, uuid, err) < 0 ||
	    (t->secret != NULL && deliver_secret(t->secret, &secret, err) < 0))
		goto out;
	tk_buf_addf(&id, "msg_%.16s_%" PRId64, uuid, d->id);
	tk_buf_addf(&text, "%" PRId64, seconds);
	json_write_key(w, "headers");
	json_write_open(w, '{');
	json_write_member_text(w, "Content-Type", "application/json");
	json_write_member_text(w, "X-Webhook-Event", d->event);
	json_write_member_text(w, "webhook-id", id.s);
	json_write_member_text(w, "webhook-timestamp", text.s);
	if (t->secret != NULL) {
		sign(&secret, id.s, seconds, d->body, &hex, &standard);
		json_write_member_text(w, "X-Webhook-Signature", hex.s);
		json_write_member_text(w, "webhook-signature", standard.s);
	}
	json_write_close(w, '}');
	rc = 0;
out:
	tk_buf_release(&id);
	tk_buf_release(&text);
	tk_buf_release(&hex);
	tk_buf_release(&standard);
	tk_buf_release(&secret);
	return rc;
}

int
deliver_web(struct cmd_ctx *ctx, const struct target *t,
    const struct delivery *d, struct outbox_attempt *a, struct tk_buf *result,
    struct tk_err *err)
{
	struct tk_buf request = TK_BUF_INIT;
	struct json_write w = { .to = &request };
	int rc;

	json_write_open(&w, '{');
	json_write_member_text(&w, "url", t->address);
	json_write_member_bool(&w, "private", t->private_ok);
	json_write_member_text(&w, "body", d->body);
	rc = write_headers(ctx, t, d, &w, err);
	json_write_close(&w, '}');
	if (rc == 0)
		rc = deliver_help(&request, a, result, err);
	tk_buf_release(&request);
	return rc;
}
