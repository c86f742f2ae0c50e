/*
 * tokctl config - show and change settings, and where each came from
 *
 * "get" and "check" print plain text unless a format is asked for: they must
 * work while a file is broken, and the writer itself has settings.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cmd.h"
#include "config/config.h"
#include "out/out.h"

struct config_args {
	struct cmd_common common;
	bool origin;
};

static const struct opt show_opts[] = {
	OPT_FLAG(0, "origin", struct config_args, origin,
	    "say where each value is from"),
	OPT_COMMON(struct config_args),
	OPT_END,
};

static const struct opt config_opts[] = {
	OPT_COMMON(struct config_args),
	OPT_END,
};

static const struct out_col show_cols[] = {
	{ "key", "Key", OUT_TEXT, 0 },
	{ "value", "Value", OUT_TEXT, 0 },
	OUT_COL_END,
};

static const struct out_col origin_cols[] = {
	{ "key", "Key", OUT_TEXT, 0 },
	{ "value", "Value", OUT_TEXT, 0 },
	{ "origin", "Origin", OUT_TEXT, 0 },
	OUT_COL_END,
};

/* Is it the key, or one of the section, that was asked for? */
static bool
is_wanted(const char *key, int argc, const char **argv)
{
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(argv[i]);

		if (strncmp(key, argv[i], len) == 0 &&
		    (key[len] == '\0' || key[len] == '.'))
			return true;
	}
	return argc == 0;
}

static int
check_wanted(int argc, const char **argv, struct tk_err *err)
{
	for (int i = 0; i < argc; i++) {
		const struct config_key *k = config_keys;

		while (k->name != NULL && !is_wanted(k->name, 1, &argv[i]))
			k++;
		if (k->name == NULL && config_find(argv[i], err) == NULL)
			return -1;
	}
	return 0;
}

static int
show_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.config.show/1" };
	const struct config_args *args = args_;

	if (check_wanted(argc, argv, err) < 0)
		return -1;
	out_document(ctx->out, &doc);
	out_begin(ctx->out, args->origin ? origin_cols : show_cols);
	for (const struct config_key *k = config_keys; k->name != NULL; k++) {
		const char *value, *origin;

		if (!is_wanted(k->name, argc, argv))
			continue;
		if (config_get(ctx->config, k->name, &value, err) < 0 ||
		    config_origin(ctx->config, k->name, &origin, err) < 0)
			return -1;
		out_text(ctx->out, k->name);
		out_text(ctx->out, value);
		if (args->origin)
			out_text(ctx->out, origin);
		out_end_row(ctx->out);
	}
	return 0;
}

/* As many operands as the synopsis names? */
static int
check_operands(int argc, const char **argv, int want, struct tk_err *err)
{
	if (argc < want) {
		tk_fail(err, TK_USAGE, "which %s?",
		    argc == 0 ? "key" : "value");
		return tk_hint(err, "'tokctl config show' has all of them");
	}
	if (argc > want) {
		tk_fail(err, TK_USAGE, "'%.64s' is one operand too many",
		    argv[want]);
		return tk_hint(err, "put a value with spaces in quotes");
	}
	return 0;
}

static int
get_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.config.get/1",
		.shape = OUT_ONE };
	const char *value;

	(void)args;
	if (check_operands(argc, argv, 1, err) < 0 ||
	    config_get(ctx->config, argv[0], &value, err) < 0)
		return -1;
	if (ctx->out != NULL) {
		out_document(ctx->out, &doc);
		out_begin(ctx->out, show_cols);
		out_text(ctx->out, argv[0]);
		out_text(ctx->out, value);
		out_end_row(ctx->out);
	} else if (value != NULL) {
		puts(value);
	}
	return value == NULL;
}

/* Does the value count now, or does something above the file hide it, or
 * not go with it? */
static int
say_hidden(struct cmd_ctx *ctx, const char *key, const char *path,
    struct tk_err *err)
{
	struct config *now = config_new(ctx->common->config);
	struct tk_err problem;
	const char *value, *origin;
	size_t len = strlen(path);
	int rc = config_get(now, key, &value, err);

	if (rc == 0)
		rc = config_origin(now, key, &origin, err);
	if (rc == 0 && config_verify(now, &problem) < 0)
		cmd_say(ctx, "but now %s", problem.msg);
	if (rc == 0 && strcmp(origin, "default") != 0 &&
	    (strncmp(origin, path, len) != 0 || origin[len] != ':'))
		cmd_say(ctx, "'%s' from %s counts more", value, origin);
	config_free(now);
	return rc;
}

static int
change(struct cmd_ctx *ctx, const char *key, const char *value,
    struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT, before = TK_BUF_INIT;
	const char *old, *origin;
	int rc = -1;

	if (config_get(ctx->config, key, &old, err) < 0 ||
	    config_origin(ctx->config, key, &origin, err) < 0)
		goto out;
	rc = config_set(ctx->config, key, value, &path, err);
	if (rc < 0)
		goto out;
	if (rc > 0) {
		cmd_say(ctx, "'%s' is not set in %s", key, path.s);
		rc = 0;
		goto out;
	}
	if (old != NULL)
		tk_buf_addf(&before, "; was '%s', from %s", old, origin);
	if (value == NULL)
		cmd_say(ctx, "'%s' is no longer set in %s%s", key, path.s,
		    before.s);
	else
		cmd_say(ctx, "'%s' is now '%s' in %s%s", key, value, path.s,
		    before.s);
	rc = say_hidden(ctx, key, path.s, err);
out:
	tk_buf_release(&path);
	tk_buf_release(&before);
	return rc;
}

static int
set_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)args;
	if (check_operands(argc, argv, 2, err) < 0)
		return -1;
	return change(ctx, argv[0], argv[1], err);
}

static int
unset_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)args;
	if (check_operands(argc, argv, 1, err) < 0)
		return -1;
	return change(ctx, argv[0], NULL, err);
}

static const struct out_col path_cols[] = {
	{ "name", "Name", OUT_TEXT, 0 },
	{ "path", "Path", OUT_TEXT, 0 },
	{ "exists", "Exists", OUT_BOOL, 0 },
	OUT_COL_END,
};

static void
print_path(struct out *out, const char *name, const char *path, bool exists)
{
	out_text(out, name);
	out_text(out, path);
	out_bool(out, exists);
	out_end_row(out);
}

static void
print_file(const struct config_file *f, void *out)
{
	struct tk_buf name = TK_BUF_INIT;

	tk_buf_addf(&name, "%s settings", f->layer);
	print_path(out, name.s, f->path, f->exists);
	tk_buf_release(&name);
}

static int
path_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.config.path/1" };
	static const struct {
		const char *name;
		enum config_place place;
	} folders[] = {
		{ "data", PLACE_DATA },
		{ "state", PLACE_STATE },
		{ "cache", PLACE_CACHE },
	};
	const char *ledger;

	(void)args;
	if (check_operands(argc, argv, 0, err) < 0)
		return -1;
	out_document(ctx->out, &doc);
	out_begin(ctx->out, path_cols);
	config_files(ctx->config, print_file, ctx->out);
	if (config_get(ctx->config, "ledger.path", &ledger, err) < 0)
		return -1;
	print_path(ctx->out, "ledger", ledger, access(ledger, F_OK) == 0);
	for (size_t i = 0; i < TK_LEN(folders); i++) {
		struct tk_buf path = TK_BUF_INIT;
		int rc = config_path(folders[i].place, "", &path, err);

		if (rc == 0)
			print_path(ctx->out, folders[i].name, path.s,
			    access(path.s, F_OK) == 0);
		tk_buf_release(&path);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static const struct out_col check_cols[] = {
	{ "path", "Path", OUT_TEXT, 0 },
	{ "state", "State", OUT_TEXT, OUT_STATE },
	OUT_COL_END,
};

struct check {
	struct cmd_ctx *ctx;
	struct tk_err *err; /* the first problem */
	int read;
};

static void
print_state(struct out *out, const char *path, const char *state)
{
	out_text(out, path);
	out_text(out, state);
	out_end_row(out);
}

static void
check_file(const struct config_file *f, void *data)
{
	struct check *c = data;

	if (f->err->code != TK_OK && c->err->code == TK_OK)
		*c->err = *f->err;
	else if (f->err->code != TK_OK)
		cmd_say(c->ctx, "%s", f->err->msg);
	else if (f->exists && c->ctx->out == NULL)
		printf("%s: fine\n", f->path);
	else if (f->exists)
		print_state(c->ctx->out, f->path, "ok");
	c->read += f->exists;
}

static int
check_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	static const struct out_doc doc = { .schema = "tokctl.config.check/1" };
	struct check c = { ctx, err, 0 };

	(void)args;
	if (check_operands(argc, argv, 0, err) < 0)
		return -1;
	*err = (struct tk_err)TK_ERR_INIT;
	if (ctx->out != NULL) {
		out_document(ctx->out, &doc);
		out_begin(ctx->out, check_cols);
	}
	config_files(ctx->config, check_file, &c);
	if (err->code != TK_OK || config_verify(ctx->config, err) < 0)
		return -1;
	if (c.read == 0 && ctx->out == NULL)
		puts("no files: every setting has its default");
	return 0;
}

static const struct cmd config_show = {
	.name = "show",
	.summary = "show every setting, or those of some keys or sections",
	.operands = "[key...]",
	.examples = "tokctl config show --origin\twhere each value is from\n"
		    "tokctl config show ui --json\tone section, for a script\n",
	.opts = show_opts,
	.args_size = sizeof(struct config_args),
	.needs = CMD_OUT,
	.run = show_run,
};

static const struct cmd config_get_ = {
	.name = "get",
	.summary = "print the value of a key; exit 1 when it has none",
	.operands = "key",
	.examples = "tokctl config get ledger.path\n",
	.opts = config_opts,
	.args_size = sizeof(struct config_args),
	.needs = CMD_OUT_ASKED,
	.run = get_run,
};

static const struct cmd config_set_ = {
	.name = "set",
	.summary = "set a key in your file, changing no other byte of it",
	.operands = "key value",
	.examples = "tokctl config set ui.tz Europe/Berlin\n"
		    "tokctl config set ui.thousands space\n",
	.opts = config_opts,
	.args_size = sizeof(struct config_args),
	.run = set_run,
};

static const struct cmd config_unset = {
	.name = "unset",
	.summary = "remove a key from your file",
	.operands = "key",
	.examples = "tokctl config unset ui.tz\n",
	.opts = config_opts,
	.args_size = sizeof(struct config_args),
	.run = unset_run,
};

static const struct cmd config_path_ = {
	.name = "path",
	.summary = "show where files are looked for and kept",
	.opts = config_opts,
	.args_size = sizeof(struct config_args),
	.needs = CMD_OUT,
	.run = path_run,
};

static const struct cmd config_check_ = {
	.name = "check",
	.summary = "read every file and say what is wrong in it",
	.opts = config_opts,
	.args_size = sizeof(struct config_args),
	.needs = CMD_OUT_ASKED,
	.run = check_run,
};

static const struct cmd *const config_verbs[] = { &config_show, &config_get_,
	&config_set_, &config_unset, &config_path_, &config_check_, NULL };

const struct cmd cmd_config = {
	.name = "config",
	.summary = "show and change settings, and where each came from",
	.opts = config_opts,
	.args_size = sizeof(struct config_args),
	.verbs = config_verbs,
};
