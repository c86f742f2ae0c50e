/*
 * tokctl count --lines, --jsonl and --decode: inputs that are read by line
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "count.h"
#include "json/json.h"

static int
base64_value(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* RFC 4648, both alphabets, padding optional; in place. */
static bool
decode_base64(struct tk_buf *b)
{
	size_t n = b->len, out = 0;
	uint32_t bits = 0;
	int have = 0;

	while (n > 0 && b->s[n - 1] == '=' && b->len - n < 2)
		n--;
	for (size_t i = 0; i < n; i++) {
		int value = base64_value((unsigned char)b->s[i]);

		if (value < 0)
			return false;
		bits = bits << 6 | (uint32_t)value;
		if ((have += 6) >= 8)
			b->s[out++] = (char)(bits >> (have -= 8));
	}
	b->len = out;
	return n % 4 != 1;
}

/* The text of the field; the last one if there are several. */
static int
field_of(const char *line, size_t len, const struct count_args *a,
    struct tk_buf *text, struct tk_err *err)
{
	struct json_scan s;
	struct json_text key, value;
	bool found = false;

	json_scan_init(&s, line, len);
	if (json_scan_object(&s) > 0) {
		while (json_scan_key(&s, &key)) {
			if (!json_text_is(&key, a->jsonl))
				json_scan_skip(&s);
			else
				found = json_scan_text(&s, &value) > 0;
		}
	} else if (s.wrong == NULL) {
		return tk_fail(err, TK_DATA, "not a JSON object");
	}
	if (!json_scan_end(&s))
		return tk_fail(err, TK_DATA, "column %td: %s",
		    s.at - s.start + 1, s.wrong);
	if (!found)
		return tk_fail(err, TK_DATA, "no text in field '%s'", a->jsonl);
	tk_buf_reset(text);
	json_text_add(&value, text);
	if (a->base64 && !decode_base64(text))
		return tk_fail(err, TK_DATA, "field '%s' is not base64",
		    a->jsonl);
	return 0;
}

static bool
is_blank(const char *s, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", s[n - 1]) != NULL && s[n - 1] != 0)
		n--;
	return n == 0;
}

static int
count_line(struct count_job *j, struct count_result *r, const char *line,
    size_t len, struct tk_buf *text, struct tk_err *err)
{
	if (len > 0 && line[len - 1] == '\n')
		len--;
	if (j->args->jsonl != NULL) {
		if (is_blank(line, len))
			return 0;
		if (field_of(line, len, j->args, text, err) < 0)
			return -1;
		line = text->s;
		len = text->len;
	}
	r->bytes = (int64_t)len;
	count_start(j);
	if (count_add(j, line, len, err) < 0)
		return -1;
	return count_finish(j, r, err);
}

static FILE *
open_stream(const struct count_input *in, struct tk_err *err)
{
	int fd = dup(in->fd);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (f == NULL) {
		tk_fail_errno(err, "%s", in->name);
		if (fd >= 0)
			close(fd);
	}
	return f;
}

int
count_lines_input(struct count_job *j, struct count_input *in,
    struct tk_err *err)
{
	struct count_result r = { .file = in->file };
	struct tk_buf text = TK_BUF_INIT;
	FILE *f = open_stream(in, err);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int rc = -1;

	if (f == NULL)
		return -1;
	while ((n = getline(&line, &cap, f)) >= 0) {
		r.line++;
		if (count_line(j, &r, line, (size_t)n, &text, err) < 0) {
			tk_wrap(err, "%s:%" PRId64, in->name, r.line);
			goto out;
		}
		if (j->plain == NULL && out_failed(j->ctx->out))
			break;
	}
	rc = ferror(f) ? tk_fail_errno(err, "%s", in->name) : 0;
out:
	tk_buf_release(&text);
	free(line);
	fclose(f);
	return rc;
}

/*
 * Ids as --ids writes them: numbers with blanks, commas and brackets.  They
 * are decoded together, as the first one can be special.
 */
static int
decode_ids(struct count_job *j, const char *line, const char *end,
    struct tk_buf *text, struct tk_err *err)
{
	struct tk_buf ids = TK_BUF_INIT;
	int rc = 0;

	while (line < end && rc == 0) {
		uint64_t id = 0;
		const char *s = line;
		uint32_t id32;

		if (strchr(" \t\r\n,[]", *s) != NULL && *s != '\0') {
			line++;
			continue;
		}
		while (s < end && *s >= '0' && *s <= '9' && id <= UINT32_MAX)
			id = id * 10 + (uint64_t)(*s++ - '0');
		if (s == line || id > UINT32_MAX)
			rc = tk_fail(err, TK_DATA, "'%.*s' is no token id",
			    (int)strcspn(line, " \t\r\n,[]"), line);
		id32 = (uint32_t)id;
		tk_buf_add(&ids, &id32, sizeof(id32));
		line = s;
	}
	if (rc == 0)
		rc = count_decode(j->target[0].e,
		    (const uint32_t *)(const void *)ids.s,
		    ids.len / sizeof(uint32_t), text, err);
	tk_buf_release(&ids);
	return rc;
}

int
count_decode_input(struct count_job *j, struct count_input *in,
    struct tk_err *err)
{
	struct tk_buf text = TK_BUF_INIT;
	FILE *f = open_stream(in, err);
	char *line = NULL;
	size_t cap = 0;
	int64_t number = 0;
	ssize_t n;
	int rc = -1;

	if (f == NULL)
		return -1;
	while ((n = getline(&line, &cap, f)) >= 0) {
		number++;
		tk_buf_reset(&text);
		if (decode_ids(j, line, line + n, &text, err) < 0) {
			tk_wrap(err, "%s:%" PRId64, in->name, number);
			goto out;
		}
		fwrite(text.s, 1, text.len, j->plain);
	}
	rc = ferror(f) ? tk_fail_errno(err, "%s", in->name) : 0;
out:
	tk_buf_release(&text);
	free(line);
	fclose(f);
	return rc;
}
