/*
 * tokctl help - list the commands, or explain one, or a topic
 *
 * The texts come from the command tables, so they cannot be wrong.  With
 * --as it prints what "make gen" puts into completions/ and man/.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "cli/gen.h"
#include "cli/topic.h"
#include "cmd.h"
#include "config/config.h"
#include "help.h"
#include "top/ui.h"

enum { WIDTH = 80 };

enum help_form {
	AS_TEXT,
	AS_NAMES,
	AS_BASH,
	AS_ZSH,
	AS_FISH,
	AS_MAN,
	AS_SYNOPSIS,
	AS_MARKDOWN,
	AS_KEYS,
	AS_SETTINGS,
	AS_YAML,
};

static const struct tk_choice help_forms[] = {
	{ "text", AS_TEXT },
	{ "names", AS_NAMES },
	{ "bash", AS_BASH },
	{ "zsh", AS_ZSH },
	{ "fish", AS_FISH },
	{ "man", AS_MAN },
	{ "synopsis", AS_SYNOPSIS },
	{ "markdown", AS_MARKDOWN },
	{ "keys", AS_KEYS },
	{ "settings", AS_SETTINGS },
	{ "yaml", AS_YAML },
	{ NULL, 0 },
};

struct help_args {
	struct cmd_common common;
	int as;
};

static const struct opt help_opts[] = {
	OPT_CHOICE(0, "as", struct help_args, as, "form", help_forms,
	    "print the tables as one of"),
	OPT_COMMON(struct help_args),
	OPT_END,
};

/* Commands that are not named here are listed last. */
static const struct {
	const char *title;
	const char *names[8];
} groups[] = {
	{ "Count and record", { "count", "usage", "export" } },
	{ "Report and watch", { "report", "top", "status" } },
	{ "Limit and warn", { "quota", "budget", "alert", "webhook" } },
	{ "Keep", { "user", "price", "ledger", "audit" } },
	{ "Serve", { "serve", "mcp", "key" } },
	{ "Set up", { "config", "doctor", "completion", "help", "version" } },
};

/* "say which" becomes "Say which." */
static void
add_sentence(const char *text, struct tk_buf *b)
{
	tk_buf_addf(b, "%c%s.\n", toupper((unsigned char)text[0]), text + 1);
}

/* One unbreakable word of the usage line. */
static void
add_usage_word(struct tk_buf *b, size_t *at, size_t indent, const char *word)
{
	size_t len = strlen(word);

	if (*at + 1 + len > WIDTH) {
		tk_buf_addf(b, "\n%*s", (int)indent - 1, "");
		*at = indent - 1;
	}
	tk_buf_addf(b, " %s", word);
	*at += 1 + len;
}

static int
own_options(const struct cmd *c)
{
	int n = 0;

	for (const struct opt *o = c->opts; o && o->type != OPT_T_END; o++)
		n += o->type != OPT_T_GROUP;
	return n;
}

/* With more options than can be read in a line, the list below does. */
static void
add_usage(const struct cmd *c, struct tk_buf *b)
{
	enum { MOST = 8 };
	const struct opt *o = c->opts;
	size_t start = b->len, at, indent;
	struct tk_buf word = TK_BUF_INIT;

	tk_buf_adds(b, "usage: tokctl ");
	help_words(c, b);
	at = b->len - start;
	indent = at + 1;
	if (c->verbs != NULL)
		add_usage_word(b, &at, indent, "<verb>");
	if (own_options(c) > MOST)
		o = NULL;
	for (; o != NULL && o->type != OPT_T_END; o++) {
		if (o->type == OPT_T_GROUP)
			continue;
		tk_buf_reset(&word);
		if (o->letter != 0)
			tk_buf_addf(&word, "[-%c", o->letter);
		else
			tk_buf_addf(&word, "[--%s", o->name);
		if (o->arg != NULL)
			tk_buf_addf(&word, " <%s>", o->arg);
		tk_buf_adds(&word, "]");
		add_usage_word(b, &at, indent, word.s);
	}
	add_usage_word(b, &at, indent, "[options]");
	if (c->operands != NULL)
		add_usage_word(b, &at, indent, c->operands);
	tk_buf_adds(b, "\n");
	tk_buf_release(&word);
}

/* "command\tcomment\n"..., the comments below each other. */
static void
add_examples(const char *text, struct tk_buf *b)
{
	enum { MOST = 46 };
	size_t column = 0;

	for (const char *s = text; *s != '\0'; s += strcspn(s, "\n") + 1) {
		size_t len = strcspn(s, "\t\n");

		if (len > column && len <= MOST)
			column = len;
		if (s[strcspn(s, "\n")] == '\0')
			break;
	}
	for (const char *s = text; *s != '\0';) {
		size_t line = strcspn(s, "\n"), len = strcspn(s, "\t\n");
		struct tk_buf comment = TK_BUF_INIT;

		tk_buf_addf(b, "  %.*s", (int)len, s);
		if (len < line) {
			tk_buf_add(&comment, s + len + 1, line - len - 1);
			if (len > column)
				tk_buf_addf(b, "\n%*s", (int)column + 4, "");
			else
				tk_buf_addf(b, "%*s", (int)(column - len) + 2,
				    "");
			tk_utf8_add_wrapped(b, comment.s, column + 4,
			    column + 4, WIDTH);
			tk_buf_release(&comment);
		}
		tk_buf_adds(b, "\n");
		s += line + (s[line] == '\n');
	}
}

static void
add_row(const char *name, const char *summary, size_t column, struct tk_buf *b)
{
	tk_buf_addf(b, "  %-*s", (int)column - 2, name);
	tk_utf8_add_wrapped(b, summary, column, column, WIDTH);
	tk_buf_adds(b, "\n");
}

static void
add_verbs(const struct cmd *c, struct tk_buf *b)
{
	struct tk_buf words = TK_BUF_INIT, summary = TK_BUF_INIT;

	tk_buf_adds(b, "\n");
	for (const struct cmd *const *v = c->verbs; *v != NULL; v++) {
		if ((*v)->hidden)
			continue;
		tk_buf_reset(&words);
		tk_buf_reset(&summary);
		help_words(*v, &words);
		tk_buf_addf(&summary, "%s%s", (*v)->summary,
		    v == c->verbs ? " (the default)" : "");
		add_row(words.s, summary.s, 21, b);
	}
	tk_buf_addf(b,
	    "\n'tokctl %s <verb> --help' shows the options of a verb.\n",
	    c->name);
	tk_buf_release(&words);
	tk_buf_release(&summary);
}

static void
add_body(const struct cmd *c, struct tk_buf *b)
{
	add_usage(c, b);
	tk_buf_adds(b, "\n");
	add_sentence(c->summary, b);
	if (c->examples != NULL) {
		tk_buf_adds(b, "\n");
		add_examples(c->examples, b);
	}
	if (c->verbs != NULL) {
		add_verbs(c, b);
	} else {
		tk_buf_adds(b, "\n");
		opt_help(c->opts, b);
	}
}

/* The default verb is also what "tokctl usage --help" asks about, so the
 * list of verbs is added. */
static void
add_help(const struct cmd *c, struct tk_buf *b)
{
	const struct cmd *parent = help_parent(c);

	add_body(c, b);
	if (parent != c && parent->verbs[0] == c)
		add_verbs(parent, b);
	tk_buf_addf(b,
	    "\nExit status: 0 done or yes, 1 no, 2 usage, 3 not known, 4 no"
	    " access;\nsee 'tokctl help exit-codes'.  Manual: man"
	    " tokctl-%s\n",
	    parent->name);
}

void
cmd_help_text(const struct cmd *c, const char *name, FILE *to)
{
	struct tk_buf b = TK_BUF_INIT;

	(void)name;
	add_help(c, &b);
	fwrite(b.s, 1, b.len, to);
	tk_buf_release(&b);
}

static bool
in_group(const char *name, size_t group)
{
	for (size_t i = 0; i < TK_LEN(groups[group].names); i++)
		if (groups[group].names[i] != NULL &&
		    strcmp(groups[group].names[i], name) == 0)
			return true;
	return false;
}

static void
list_group(size_t group, struct tk_buf *b)
{
	bool any = false;

	for (const struct cmd *const *c = cmds; *c != NULL; c++) {
		bool here =
		    group < TK_LEN(groups) && in_group((*c)->name, group);

		if (group == TK_LEN(groups)) {
			here = true;
			for (size_t i = 0; i < TK_LEN(groups); i++)
				if (in_group((*c)->name, i))
					here = false;
		}
		if ((*c)->hidden || !here)
			continue;
		if (!any)
			tk_buf_addf(b, "\n%s\n",
			    group < TK_LEN(groups) ? groups[group].title
						   : "More");
		any = true;
		add_row((*c)->name, (*c)->summary, 15, b);
	}
}

static void
list_commands(struct tk_buf *b)
{
	tk_buf_adds(b, "usage: tokctl <command> [<verb>] [options]\n");
	for (size_t i = 0; i <= TK_LEN(groups); i++)
		list_group(i, b);
	tk_buf_adds(b,
	    "\n'tokctl help <command> [<verb>]' explains one; topics:\n");
	for (size_t i = 0; i < topic_count; i++)
		add_row(topic_list[i].name, topic_list[i].summary, 15, b);
}

void
cmd_list_text(FILE *to)
{
	struct tk_buf b = TK_BUF_INIT;

	list_commands(&b);
	fputs(b.s, to);
	tk_buf_release(&b);
}

static int
unknown_word(const char *word, const struct cmd *of, struct tk_err *err)
{
	struct tk_suggest near;
	const struct cmd *const *list = of == NULL ? cmds : of->verbs;

	tk_suggest_init(&near, word);
	for (; list != NULL && *list != NULL; list++)
		if (!(*list)->hidden)
			tk_suggest_offer(&near, (*list)->name);
	for (size_t i = 0; of == NULL && i < topic_count; i++)
		tk_suggest_offer(&near, topic_list[i].name);
	if (of == NULL)
		tk_fail(err, TK_USAGE, "'%s' is not a command or topic", word);
	else
		tk_fail(err, TK_USAGE, "'%s' is not a verb of 'tokctl %s'",
		    word, of->name);
	return tk_suggest_hint(&near, "'tokctl help' lists them", err);
}

/* One command or verb, or NULL with *topic set. */
static int
find_subject(int argc, const char **argv, const struct cmd **c,
    const char **topic, struct tk_err *err)
{
	*c = cmd_find(argv[0]);
	*topic = NULL;
	if (*c == NULL) {
		for (size_t i = 0; i < topic_count; i++)
			if (strcmp(topic_list[i].name, argv[0]) == 0)
				*topic = topic_list[i].text;
		return *topic == NULL ? unknown_word(argv[0], NULL, err) : 0;
	}
	if (argc > 1) {
		const struct cmd *v = cmd_find_verb(*c, argv[1]);

		if (v == NULL)
			return unknown_word(argv[1], *c, err);
		*c = v;
	}
	return 0;
}

static int
add_form(enum help_form as, const struct cmd *c, const char *topic,
    struct tk_buf *b, struct tk_err *err)
{
	switch (as) {
	case AS_TEXT:
		if (c != NULL)
			add_help(c, b);
		else if (topic != NULL)
			tk_buf_adds(b, topic);
		else
			list_commands(b);
		return 0;
	case AS_NAMES:
		help_as_names(b);
		return 0;
	case AS_BASH:
		gen_bash(b);
		return 0;
	case AS_ZSH:
		gen_zsh(b);
		return 0;
	case AS_FISH:
		gen_fish(b);
		return 0;
	case AS_MAN:
		if (c == NULL)
			break;
		help_as_man(c, b);
		return 0;
	case AS_SYNOPSIS:
		if (c == NULL)
			break;
		help_as_synopsis(c, b);
		return 0;
	case AS_MARKDOWN:
		help_as_markdown(b);
		return 0;
	case AS_KEYS:
		top_keys_man(b);
		return 0;
	case AS_SETTINGS:
		config_man(b);
		return 0;
	case AS_YAML:
		config_template(b);
		return 0;
	}
	return tk_fail(err, TK_USAGE, "--as=%s needs a command",
	    as == AS_MAN ? "man" : "synopsis");
}

static int
help_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct help_args *args = args_;
	struct tk_buf b = TK_BUF_INIT;
	const struct cmd *c = NULL;
	const char *topic = NULL;
	int rc = -1;

	(void)ctx;
	if (argc > 2) {
		tk_fail(err, TK_USAGE, "unexpected word '%s'", argv[2]);
		goto out;
	}
	if (argc > 0 && find_subject(argc, argv, &c, &topic, err) < 0)
		goto out;
	if (add_form((enum help_form)args->as, c, topic, &b, err) < 0)
		goto out;
	fwrite(b.s, 1, b.len, stdout);
	if (fflush(stdout) != 0 || ferror(stdout))
		tk_fail_errno(err, "cannot write the output");
	else
		rc = 0;
out:
	tk_buf_release(&b);
	return rc;
}

const struct cmd cmd_help = {
	.name = "help",
	.summary = "list the commands, or explain one",
	.operands = "[command|topic] [verb]",
	.examples = "tokctl help\tall commands, by what they are for\n"
		    "tokctl help usage import\tone verb, with its options\n"
		    "tokctl help dates\twhat --since understands\n",
	.opts = help_opts,
	.args_size = sizeof(struct help_args),
	.run = help_run,
};
