/* Pseudonyms for exports: see anonymize.h. */
#include "anonymize.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/file.h"
#include "config/config.h"
#include "ledger/record.h"

/* Hexadecimal digits: of the secret, of names, of what identifies a call. */
enum { SECRET = 64, SHORT = 16, LONG = 32, MOST_FILE = 4096 };

static const struct {
	const char *key, *prefix;
	size_t offset;
	int digits;
} personal[ANONYMIZE_TEXTS] = {
	{ "user", "user-", offsetof(struct usage_record, user), SHORT },
	{ "session", "session-", offsetof(struct usage_record, session),
	    SHORT },
	{ "project", "project-", offsetof(struct usage_record, project),
	    SHORT },
	{ "agent", "agent-", offsetof(struct usage_record, agent), SHORT },
	{ "endpoint", "endpoint-", offsetof(struct usage_record, endpoint),
	    SHORT },
	{ "machine", "machine-", offsetof(struct usage_record, machine),
	    SHORT },
	{ "key", "key-", offsetof(struct usage_record, key), SHORT },
	{ "request_id", "request-", offsetof(struct usage_record, request_id),
	    LONG },
};

/* Two processes may make it at once: the file of the first one stands. */
static int
make_secret(const char *path, struct tk_err *err)
{
	struct tk_buf name = TK_BUF_INIT;
	uint8_t random[SECRET / 2];
	char hex[65];
	int rc = -1;

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return tk_fail_errno(err, "cannot make a secret");
	tk_sha256_hex(random, hex);
	tk_buf_addf(&name, "%s.%ld", path, (long)getpid());
	if (tk_write_state(name.s, hex, SECRET, err) < 0)
		goto out;
	rc = 0;
	if (link(name.s, path) != 0 && errno != EEXIST)
		rc = tk_fail_errno(err, "cannot make '%s'", path);
	unlink(name.s);
out:
	tk_buf_release(&name);
	return rc;
}

static int
read_secret(const char *path, struct tk_buf *secret, struct tk_err *err)
{
	struct stat sb;

	if (stat(path, &sb) != 0 && errno == ENOENT &&
	    make_secret(path, err) < 0)
		return -1;
	if (stat(path, &sb) != 0)
		return tk_fail_errno(err, "cannot open '%s'", path);
	if (sb.st_mode & 077) {
		tk_fail(err, TK_DATA, "others can read the key in '%s'", path);
		return tk_hint(err, "chmod 600 '%s'", path);
	}
	if (tk_read_file(path, MOST_FILE, secret, err) < 0)
		return -1;
	while (secret->len > 0 &&
	    isspace((unsigned char)secret->s[secret->len - 1]))
		secret->len--;
	if (secret->len < SECRET / 2)
		return tk_fail(err, TK_DATA,
		    "the key in '%s' is shorter than %d bytes", path,
		    SECRET / 2);
	return 0;
}

int
anonymize_open(struct anonymizer *a, const char *file, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT, secret = TK_BUF_INIT;
	int rc = -1;

	a->key = (struct tk_buf)TK_BUF_INIT;
	for (int i = 0; i < ANONYMIZE_TEXTS; i++)
		a->text[i] = (struct tk_buf)TK_BUF_INIT;
	if (file != NULL)
		tk_buf_adds(&path, file);
	else if (config_path(PLACE_CONFIG, "anonymize.key", &path, err) < 0)
		goto out;
	if (read_secret(path.s, &secret, err) < 0)
		goto out;
	tk_buf_add(&a->key, secret.s, secret.len);
	rc = 0;
out:
	tk_buf_release(&secret);
	tk_buf_release(&path);
	return rc;
}

void
anonymize_release(struct anonymizer *a)
{
	tk_buf_release(&a->key);
	for (int i = 0; i < ANONYMIZE_TEXTS; i++)
		tk_buf_release(&a->text[i]);
}

static int
find(const char *key)
{
	for (int i = 0; i < ANONYMIZE_TEXTS; i++)
		if (strcmp(personal[i].key, key) == 0)
			return i;
	return -1;
}

const char *
anonymize_text(const struct anonymizer *a, const char *key, const char *text,
    struct tk_buf *b)
{
	uint8_t digest[TK_SHA256_LEN];
	int i = find(key);
	char hex[65];

	if (text == NULL || i < 0)
		return text;
	tk_buf_reset(b);
	tk_buf_add(b, key, strlen(key) + 1);
	tk_buf_adds(b, text);
	tk_hmac_sha256(a->key.s, a->key.len, b->s, b->len, digest);
	tk_sha256_hex(digest, hex);
	tk_buf_reset(b);
	tk_buf_addf(b, "%s%.*s", personal[i].prefix, personal[i].digits, hex);
	return b->s;
}

void
anonymize_record(struct anonymizer *a, struct usage_record *r)
{
	for (int i = 0; i < ANONYMIZE_TEXTS; i++) {
		const char **text =
		    (const char **)((char *)r + personal[i].offset);

		*text = anonymize_text(a, personal[i].key, *text, &a->text[i]);
	}
	r->tools = NULL;
	r->metadata = NULL;
}
