/* How a user is told: user.h. */
#include "user.h"

#include <string.h>

#include "alert/outbox.h"
#include "base/buf.h"
#include "config/config.h"

static int
add_webhook(struct cmd_ctx *ctx, const char *name, struct tk_buf *to,
    struct tk_err *err)
{
	struct target t;
	int found = target_find(ctx->ledger, name, &t, err);

	target_release(&t);
	if (found < 0)
		return -1;
	if (found == 0 || strchr(name, ',') != NULL) {
		tk_fail(err, TK_NOTFOUND, "no webhook '%.200s'", name);
		return tk_hint(err, "see 'tokctl webhook list'");
	}
	tk_buf_addf(to, "webhook:%s", name);
	return 0;
}

static int
add_command(struct cmd_ctx *ctx, struct tk_buf *to, struct tk_err *err)
{
	const char *path = NULL;

	if (config_get(ctx->config, "alert.command", &path, err) < 0)
		return -1;
	if (path == NULL || *path == '\0') {
		tk_fail(err, TK_USAGE,
		    "--notify command: no program is set for it");
		return tk_hint(err,
		    "'tokctl config set alert.command PATH' names one");
	}
	if (strchr(path, ',') != NULL)
		return tk_fail(err, TK_USAGE,
		    "alert.command: '%.200s' has a comma in it", path);
	tk_buf_addf(to, "command:%s", path);
	return 0;
}

static int
add_word(struct cmd_ctx *ctx, const char *word, struct tk_buf *to,
    struct tk_err *err)
{
	static const char webhook[] = "webhook:";

	if (to->len > 0)
		tk_buf_adds(to, ",");
	if (strncmp(word, webhook, strlen(webhook)) == 0)
		return add_webhook(ctx, word + strlen(webhook), to, err);
	if (strcmp(word, "command") == 0)
		return add_command(ctx, to, err);
	if (strcmp(word, "email") == 0) {
		tk_buf_adds(to, word);
		return 0;
	}
	if (strcmp(word, "in_app") == 0 || strcmp(word, "none") == 0) {
		tk_buf_adds(to, "in_app");
		return 0;
	}
	tk_fail(err, TK_USAGE, "--notify: '%.64s' is no way to tell", word);
	return tk_hint(err,
	    "give email, webhook:NAME, command, in_app or none");
}

int
user_read_notify(struct cmd_ctx *ctx, const char *list, struct tk_buf *to,
    struct tk_err *err)
{
	int rc = 0;

	while (rc == 0 && *list != '\0') {
		struct tk_buf word = TK_BUF_INIT;
		size_t len = strcspn(list, ",");

		tk_buf_add(&word, list, len);
		rc = add_word(ctx, word.s, to, err);
		tk_buf_release(&word);
		list += len + (list[len] == ',');
	}
	return rc;
}
