/*
 * tokctl count: whole files, and those in folders, on as many threads as it
 * is worth
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "count.h"
#include "tally/tally.h"
#include "tree/tree.h"

struct files {
	struct count_job *j;
	struct tally_input *in;
	size_t n, cap;
	struct tree_list *trees; /* one for each folder */
	size_t ntrees;
	int64_t binaries;
	struct tk_err *err;
};

static void
add_file(struct files *f, const char *path, bool found)
{
	if (f->n == f->cap) {
		f->cap = f->cap > 0 ? 2 * f->cap : 16;
		f->in = tk_xreallocarray(f->in, f->cap, sizeof(*f->in));
	}
	f->in[f->n++] = (struct tally_input){ .path = path, .found = found };
}

static int
add_folder(struct files *f, const char *folder)
{
	struct tree_list *l;

	f->trees = tk_xreallocarray(f->trees, f->ntrees + 1, sizeof(*f->trees));
	l = &f->trees[f->ntrees++];
	*l = (struct tree_list){ 0 };
	if (tree_walk(l, folder, f->j->args->no_ignore ? TREE_ALL : 0, f->err) <
	    0)
		return -1;
	for (size_t i = 0; i < l->problems; i++)
		cmd_warn(f->j->ctx, "%s", l->problem[i]);
	f->j->unread += l->problems;
	for (size_t i = 0; i < l->n; i++)
		add_file(f, l->path[i], true);
	return 0;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int
add_operands(struct files *f)
{
	const struct count_job *j = f->j;

	for (size_t i = 0; i < j->operands; i++) {
		const char *path = j->operand[i];

		if (strcmp(path, "-") == 0)
			add_file(f, NULL, false);
		else if (!is_folder(path))
			add_file(f, path, false);
		else if (add_folder(f, path) < 0)
			return -1;
	}
	if (j->operands == 0)
		add_file(f, NULL, false);
	return 0;
}

static int
take_result(size_t i, const struct tally_result *r, void *f_)
{
	struct files *f = f_;
	struct count_job *j = f->j;
	struct count_text x = { .file = f->in[i].path,
		.bytes = r->bytes,
		.content = r->content,
		.counted = r->tokens };

	if (r->err != NULL)
		return count_input_failed(j, r->err, f->err);
	if (r->binary) {
		f->binaries++;
		return 0;
	}
	if (r->utf16)
		cmd_warn(j->ctx,
		    "%s: seems to be UTF-16, and its bytes were counted as "
		    "they are; 'iconv -f UTF-16 -t UTF-8' makes text of it",
		    x.file != NULL ? x.file : "standard input");
	if (x.file == NULL && j->operands > 0)
		x.file = "-";
	if (j->plain == NULL && out_failed(j->ctx->out))
		return 1;
	return count_text_row(j, &x, f->err);
}

int
count_files(struct count_job *j, struct tk_err *err)
{
	struct files f = { .j = j, .err = err };
	struct tally t = { .e = (const struct count_encoding *const *)j->e,
		.n = j->encodings,
		.count_flags = j->args->special ? COUNT_SPECIAL : 0,
		.flags = count_has_estimate(j) ? TALLY_SAMPLE : 0,
		.threads = (int)j->args->threads };
	int rc = -1;

	if (add_operands(&f) < 0)
		goto out;
	/* What is found in a folder has its name printed, even if it is one. */
	j->inputs = f.ntrees > 0 ? f.n + 2 : f.n;
	j->wide = j->wide && j->inputs > 1;
	count_begin(j);
	rc = tally_run(&t, f.in, f.n, take_result, &f) < 0 ? -1 : 0;
	if (rc == 0 && f.binaries > 0 && j->ctx->common->verbose > 0)
		cmd_say(j->ctx, "%" PRId64 " binary file%s passed over",
		    f.binaries, f.binaries == 1 ? "" : "s");
	if (rc == 0)
		count_end(j);
out:
	for (size_t i = 0; i < f.ntrees; i++)
		tree_release(&f.trees[i]);
	free(f.trees);
	free(f.in);
	return rc;
}
