/*
 * tokctl count --tokenizer, --add-tokenizer and the like: tokenizers that
 * come as a file, and the folder where those that were added are kept
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "count.h"
#include "out/out.h"
#include "tokenizer/tokenizer.h"

static int
folder(struct tk_buf *path, struct tk_err *err)
{
	return config_path(PLACE_DATA, "tokenizers", path, err);
}

int
count_open_named(struct count_encoding **e, const char *name,
    struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err why = TK_ERR_INIT;
	int rc;

	/* Without a home folder there are those that are built in. */
	if (folder(&path, &why) < 0)
		rc = count_open(e, name, err);
	else
		rc = tokenizer_open(e, path.s, name, err);
	tk_buf_release(&path);
	return rc;
}

void
count_each_added(void (*fn)(const char *name, void *data), void *data)
{
	struct tk_buf path = TK_BUF_INIT;
	struct tk_err why = TK_ERR_INIT;
	char **names = NULL;

	if (folder(&path, &why) == 0 &&
	    tokenizer_names(path.s, &names, &why) == 0)
		for (size_t i = 0; names[i] != NULL; i++)
			fn(names[i], data);
	free(names);
	tk_buf_release(&path);
}

static int
add(struct cmd_ctx *ctx, const struct count_args *a, const char *dir, int argc,
    const char **argv, struct tk_err *err)
{
	if (argc != 1)
		return tk_fail(err, TK_USAGE,
		    "--add-tokenizer takes a name and one file");
	if (tokenizer_add(dir, a->add, argv[0], a->pattern, err) < 0)
		return -1;
	cmd_say(ctx, "added '%s'; count with it as '-e %s'", a->add, a->add);
	return 0;
}

static const struct out_col cols[] = {
	{ "encoding", "Encoding", OUT_TEXT, 0 },
	{ "origin", "Origin", OUT_TEXT, 0 },
	OUT_COL_END,
};

static void
print_added(const char *name, void *data)
{
	struct out *o = data;

	out_text(o, name);
	out_text(o, "added");
	out_end_row(o);
}

static int
list(struct cmd_ctx *ctx)
{
	static const struct out_doc doc = { .schema = "tokctl.encodings/1",
		.title = "Encodings" };
	const char *name;

	out_document(ctx->out, &doc);
	out_begin(ctx->out, cols);
	for (size_t i = 0; (name = count_name(i)) != NULL; i++) {
		out_text(ctx->out, name);
		out_text(ctx->out, "built in");
		out_end_row(ctx->out);
	}
	count_each_added(print_added, ctx->out);
	return 0;
}

int
count_keep_tokenizers(struct cmd_ctx *ctx, const struct count_args *a, int argc,
    const char **argv, struct tk_err *err)
{
	struct tk_buf path = TK_BUF_INIT;
	int asked = (a->add != NULL) + (a->remove != NULL) + a->list, rc = -1;

	if (asked > 1)
		return tk_fail(err, TK_USAGE,
		    "--add-tokenizer, --remove-tokenizer and --list-encodings "
		    "do not go together");
	if (a->pattern != NULL && a->tokenizers.n == 0 && a->add == NULL)
		return tk_fail(err, TK_USAGE,
		    "--pattern needs --tokenizer or --add-tokenizer");
	if (asked == 0)
		return 0;
	if (a->add == NULL && argc > 0)
		return tk_fail(err, TK_USAGE, "%s takes no file",
		    a->list ? "--list-encodings" : "--remove-tokenizer");
	if (a->list)
		return list(ctx) < 0 ? -1 : 1;
	if (folder(&path, err) == 0)
		rc = a->add != NULL ? add(ctx, a, path.s, argc, argv, err)
				    : tokenizer_remove(path.s, a->remove, err);
	tk_buf_release(&path);
	return rc < 0 ? -1 : 1;
}
