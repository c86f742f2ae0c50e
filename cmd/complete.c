/*
 * tokctl __complete - what could stand next on a command line
 *
 *	tokctl __complete -- WORD...
 *
 * The last word is the one being typed, perhaps empty.  Prints lines of
 * "candidate<TAB>description", or nothing where file names are wanted.
 * Shells call it at every Tab, so it always succeeds, says nothing on
 * stderr, and opens only what the word at hand needs.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/topic.h"
#include "complete.h"
#include "config/config.h"

struct complete_args {
	struct cmd_common common;
};

static const struct opt complete_opts[] = {
	OPT_COMMON(struct complete_args),
	OPT_END,
};

static void
offer_cmds(const struct typed *t, const struct cmd *const *list)
{
	for (; list != NULL && *list != NULL; list++)
		if (!(*list)->hidden)
			complete_offer(t, (*list)->name, (*list)->summary);
}

static void
offer_values(struct typed *t, const struct opt *o)
{
	const char *comma = strrchr(t->last.s + t->from, ',');

	if (o->hint == HINT_DIMENSION && comma != NULL)
		t->from = (size_t)(comma - t->last.s) + 1;
	if (o->type == OPT_T_CHOICE)
		for (const struct tk_choice *c = o->choices; c->name; c++)
			complete_offer(t, c->name, "");
	else
		complete_offer_hint(t, o->hint);
}

static void
offer_settings(const struct typed *t)
{
	for (const struct config_key *k = config_keys; k->name != NULL; k++)
		complete_offer(t, k->name, k->help);
}

/* What a word of cmd.operands stands for. */
static void
offer_operand(const struct typed *t, const char *word)
{
	static const struct {
		const char *word;
		enum opt_hint hint;
	} kinds[] = {
		{ "user", HINT_USER },
		{ "model", HINT_MODEL },
		{ "application", HINT_APPLICATION },
		{ "session", HINT_SESSION },
		{ "project", HINT_PROJECT },
		{ "encoding", HINT_ENCODING },
		{ "date", HINT_DATE },
		{ "zone", HINT_ZONE },
	};
	const struct cmd *c;

	if (strcmp(word, "command") == 0) {
		offer_cmds(t, cmds);
	} else if (strcmp(word, "topic") == 0) {
		for (size_t i = 0; i < topic_count; i++)
			complete_offer(t, topic_list[i].name,
			    topic_list[i].summary);
	} else if (strcmp(word, "verb") == 0) {
		c = cmd_find(t->first.s);
		offer_cmds(t, c == NULL ? NULL : c->verbs);
	} else if (strcasecmp(word, "key") == 0) {
		offer_settings(t);
	}
	for (size_t i = 0; i < TK_LEN(kinds); i++)
		if (strcasecmp(kinds[i].word, word) == 0)
			complete_offer_hint(t, kinds[i].hint);
}

/* "[command|topic] [verb]", "bash|zsh|fish", "[PATH...]": of the word for
 * this operand, each alternative; the last may stand for many. */
static void
offer_operands(const struct typed *t, const char *operands)
{
	struct tk_buf word = TK_BUF_INIT;
	const char *s = operands, *next;
	int n = t->operands;
	char *one, *save = NULL;
	bool literal;

	while (s != NULL && *s != '\0' && n-- > 0) {
		next = s + strcspn(s, " ");
		next += strspn(next, " ");
		if (*next == '\0' && strstr(s, "...") == NULL)
			return;
		if (*next == '\0')
			break;
		s = next;
	}
	if (s == NULL)
		return;
	tk_buf_add(&word, s, strcspn(s, " "));
	literal = strchr(word.s, '|') != NULL && s[0] != '[';
	for (one = strtok_r(word.s, "[]|.", &save); one != NULL;
	     one = strtok_r(NULL, "[]|.", &save)) {
		if (literal)
			complete_offer(t, one, "");
		else
			offer_operand(t, one);
	}
	tk_buf_release(&word);
}

static const struct opt *
options(const struct typed *t)
{
	if (t->verb != NULL)
		return t->verb->opts;
	if (t->cmd == NULL)
		return cmd_common_opts;
	return t->cmd->verbs != NULL ? t->cmd->verbs[0]->opts : t->cmd->opts;
}

static int
offer_option(const struct opt *o, void *data)
{
	const struct typed *t = data;
	struct tk_buf b = TK_BUF_INIT;

	tk_buf_addf(&b, "--%s", o->name);
	complete_offer(t, b.s, o->help);
	if (o->type == OPT_T_FLAG && strncmp(t->last.s, "--no-", 5) == 0) {
		tk_buf_reset(&b);
		tk_buf_addf(&b, "--no-%s", o->name);
		complete_offer(t, b.s, o->help);
	}
	tk_buf_release(&b);
	return 0;
}

/* "-abm": the option whose value must follow, or NULL. */
static const struct opt *
needs_value(const struct typed *t, const char *word)
{
	const struct opt *o;

	if (word[1] == '-') {
		o = opt_find(options(t), word);
		return o != NULL && opt_takes_value(o) &&
			strchr(word, '=') == NULL
		    ? o
		    : NULL;
	}
	for (word++; *word != '\0'; word++) {
		const char letter[] = { '-', *word, '\0' };

		o = opt_find(options(t), letter);
		if (o != NULL && opt_takes_value(o))
			return word[1] == '\0' ? o : NULL;
	}
	return NULL;
}

static void
use_ledger(struct typed *t, const char *url)
{
	tk_buf_reset(&t->ledger);
	tk_buf_adds(&t->ledger, url);
}

static void
read_word(struct typed *t, const char *word)
{
	if (t->pending != NULL) {
		if (t->pending->hint == HINT_LEDGER)
			use_ledger(t, word);
		t->pending = NULL;
	} else if (!t->only_operands && strcmp(word, "--") == 0) {
		t->only_operands = true;
	} else if (!t->only_operands && word[0] == '-' && word[1] != '\0') {
		t->pending = needs_value(t, word);
		if (strncmp(word, "--ledger=", 9) == 0)
			use_ledger(t, word + 9);
	} else if (t->cmd == NULL) {
		t->cmd = cmd_find(word);
	} else if (t->operands == 0 && t->verb == NULL &&
	    cmd_find_verb(t->cmd, word) != NULL) {
		t->verb = cmd_find_verb(t->cmd, word);
	} else if (t->operands++ == 0) {
		tk_buf_adds(&t->first, word);
	}
}

static void
answer(struct typed *t)
{
	const char *last = t->last.s, *value = strchr(last, '=');
	const struct opt *o;

	if (t->pending != NULL) {
		offer_values(t, t->pending);
	} else if (last[0] == '-' && !t->only_operands && value != NULL) {
		o = opt_find(options(t), last);
		t->from = (size_t)(value - last) + 1;
		if (o != NULL)
			offer_values(t, o);
	} else if (last[0] == '-' && !t->only_operands) {
		opt_walk(options(t), offer_option, t);
	} else if (t->cmd == NULL) {
		offer_cmds(t, cmds);
	} else {
		const struct cmd *c = t->verb != NULL ? t->verb : t->cmd;

		if (c->verbs != NULL && t->operands == 0)
			offer_cmds(t, c->verbs);
		offer_operands(t,
		    c->verbs != NULL ? c->verbs[0]->operands : c->operands);
	}
}

static bool
is_separator(const char *word)
{
	return word[0] != '\0' && word[strspn(word, "=:")] == '\0';
}

/*
 * Bash cuts words at "=" and ":", and what is before the last cut it keeps:
 * "--format=js" comes as three words, and "json" is the answer.
 */
static void
join_words(int argc, const char **argv, int *i, struct typed *t)
{
	tk_buf_reset(&t->last);
	t->skip = 0;
	tk_buf_adds(&t->last, argv[*i]);
	while (*i + 1 < argc && is_separator(argv[*i + 1])) {
		tk_buf_adds(&t->last, argv[++*i]);
		t->skip = t->last.len;
		if (*i + 1 < argc && !is_separator(argv[*i + 1]))
			tk_buf_adds(&t->last, argv[++*i]);
	}
	++*i;
}

static int
complete_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct typed t = { .ledger = TK_BUF_INIT,
		.first = TK_BUF_INIT,
		.last = TK_BUF_INIT };
	struct tk_err none = TK_ERR_INIT;
	const char *url;

	(void)args, (void)err;
	/* whatever is wrong with the settings, words can be completed */
	if (config_get(ctx->config, "ledger.path", &url, &none) == 0)
		use_ledger(&t, url);
	for (int i = 0; i < argc;) {
		int from = i;

		join_words(argc, argv, &i, &t);
		if (i < argc)
			read_word(&t, i == from + 1 ? argv[from] : t.last.s);
	}
	answer(&t);
	tk_buf_release(&t.ledger);
	tk_buf_release(&t.first);
	tk_buf_release(&t.last);
	return 0;
}

const struct cmd cmd_complete = {
	.name = "__complete",
	.summary = "say what could stand next on a command line",
	.operands = "word...",
	.opts = complete_opts,
	.args_size = sizeof(struct complete_args),
	.run = complete_run,
	.hidden = true,
};
