#include "cli/opt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/suggest.h"
#include "base/utf8.h"

static const struct opt *
find(const struct opt *opts, const char *name, size_t n, char letter,
    size_t *offset)
{
	for (const struct opt *o = opts; o->type != OPT_T_END; o++) {
		if (o->type == OPT_T_GROUP) {
			const struct opt *in;

			in = find(o->group, name, n, letter, offset);
			if (in != NULL) {
				*offset += o->offset;
				return in;
			}
		} else if ((letter && o->letter == letter) ||
		    (name && strncmp(o->name, name, n) == 0 &&
			o->name[n] == '\0')) {
			*offset = o->offset;
			return o;
		}
	}
	return NULL;
}

static int
store_int(const struct opt *o, int64_t *to, const char *value,
    struct tk_err *err)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(value, &end, 10);
	if (end == value || *end != '\0')
		return tk_fail(err, TK_USAGE, "--%s: '%s' is not a number",
		    o->name, value);
	/* The lowest number stands for "not given" in some commands. */
	if (errno == ERANGE || n == INT64_MIN)
		return tk_fail(err, TK_USAGE, "--%s: '%s' is out of range",
		    o->name, value);
	*to = n;
	return 0;
}

void
opt_choices(const struct opt *o, const char *sep, struct tk_buf *b)
{
	for (const struct tk_choice *c = o->choices; c->name != NULL; c++)
		tk_buf_addf(b, "%s%s", c == o->choices ? "" : sep, c->name);
}

static int
store_choice(const struct opt *o, int *to, const char *value,
    struct tk_err *err)
{
	struct tk_buf names = TK_BUF_INIT;
	struct tk_suggest near;

	for (const struct tk_choice *c = o->choices; c->name != NULL; c++) {
		if (strcasecmp(c->name, value) == 0) {
			*to = c->value;
			return 0;
		}
	}
	opt_choices(o, ", ", &names);
	tk_fail(err, TK_USAGE, "--%s: '%s' is not one of %s", o->name, value,
	    names.s);
	tk_buf_release(&names);
	tk_suggest_init(&near, value);
	for (const struct tk_choice *c = o->choices; c->name != NULL; c++)
		tk_suggest_offer(&near, c->name);
	return tk_suggest_hint(&near, NULL, err);
}

bool
opt_takes_value(const struct opt *o)
{
	return o->type != OPT_T_FLAG && o->type != OPT_T_COUNT;
}

static void
list_add(struct opt_list *l, const char *value)
{
	l->v = tk_xreallocarray(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = value;
}

static int
store(const struct opt *o, void *to, const char *value, struct tk_err *err)
{
	switch (o->type) {
	case OPT_T_FLAG:
		*(bool *)to = true;
		return 0;
	case OPT_T_STR:
		*(const char **)to = value;
		return 0;
	case OPT_T_LIST:
		list_add(to, value);
		return 0;
	case OPT_T_COUNT:
		++*(int64_t *)to;
		return 0;
	case OPT_T_INT:
		return store_int(o, to, value, err);
	case OPT_T_CHOICE:
		return store_choice(o, to, value, err);
	case OPT_T_GROUP:
	case OPT_T_END:
		break;
	}
	return tk_fail(err, TK_BUG, "option table: bad row --%s", o->name);
}

/* What other programs, or other commands, call an option of ours. */
static const struct {
	const char *name, *ours;
} elsewhere[] = {
	{ "after", "since" },
	{ "app", "application" },
	{ "before", "until" },
	{ "cached-tokens", "cache-read" },
	{ "cache-read-tokens", "cache-read" },
	{ "completion-tokens", "output" },
	{ "database", "ledger" },
	{ "date", "at" },
	{ "db", "ledger" },
	{ "end", "until" },
	{ "from", "since" },
	{ "group-by", "by" },
	{ "head", "top" },
	{ "input-tokens", "input" },
	{ "output-tokens", "output" },
	{ "prompt-tokens", "input" },
	{ "reasoning-tokens", "reasoning" },
	{ "start", "since" },
	{ "time", "at" },
	{ "timestamp", "at" },
	{ "timezone", "tz" },
	{ "to", "until" },
	{ "when", "at" },
};

/* An option of that name; "at" is a place or a percentage for some. */
static int
is_named(const struct opt *o, void *name_)
{
	const char *name = name_;

	return strcmp(o->name, name) == 0 &&
	    (strcmp(name, "at") != 0 || strcmp(o->arg, "time") == 0);
}

/* Our name for it, if these options have one. */
static const char *
known_elsewhere(const struct opt *opts, const char *typed)
{
	for (size_t i = 0; i < TK_LEN(elsewhere); i++)
		if (strcmp(elsewhere[i].name, typed) == 0 &&
		    opt_walk(opts, is_named, (void *)elsewhere[i].ours) != 0)
			return elsewhere[i].ours;
	return NULL;
}

static int
offer(const struct opt *o, void *data)
{
	tk_suggest_offer(data, o->name);
	return 0;
}

static int
unknown(const struct opt *opts, const char *name, size_t n, struct tk_err *err)
{
	struct tk_buf typed = TK_BUF_INIT, text = TK_BUF_INIT;
	struct tk_suggest near;
	const char *ours;

	tk_buf_add(&typed, name, n);
	tk_fail(err, TK_USAGE, "unknown option '--%s'", typed.s);
	tk_suggest_init(&near, typed.s);
	if ((ours = known_elsewhere(opts, typed.s)) != NULL)
		tk_hint(err, "did you mean '--%s'?", ours);
	else
		opt_walk(opts, offer, &near);
	for (size_t i = 0; i < near.n; i++)
		tk_buf_addf(&text, "%s'--%s'",
		    i == 0 ? "did you mean " : " or ", near.word[i]);
	if (near.n > 0)
		tk_hint(err, "%s?", text.s);
	tk_buf_release(&text);
	tk_buf_release(&typed);
	return -1;
}

/* "--name", "--name=value" or "--name value"; may use up argv[*i + 1]. */
static int
parse_long(const struct opt *opts, char *args, int argc, const char **argv,
    int *i, struct tk_err *err)
{
	const char *name = argv[*i] + 2;
	const char *value = strchr(name, '=');
	size_t n = value ? (size_t)(value - name) : strlen(name);
	size_t offset = 0;
	const struct opt *o = find(opts, name, n, 0, &offset);

	if (o == NULL && value == NULL && strncmp(name, "no-", 3) == 0) {
		o = find(opts, name + 3, n - 3, 0, &offset);
		if (o != NULL && o->type == OPT_T_FLAG) {
			*(bool *)(void *)(args + offset) = false;
			return 0;
		}
		o = NULL;
	}
	if (o == NULL)
		return unknown(opts, name, n, err);
	if (value != NULL)
		value++;
	if (!opt_takes_value(o) && value != NULL)
		return tk_fail(err, TK_USAGE, "--%s takes no value", o->name);
	if (opt_takes_value(o) && value == NULL) {
		if (*i + 1 >= argc)
			return tk_fail(err, TK_USAGE, "--%s needs a value",
			    o->name);
		value = argv[++*i];
	}
	return store(o, args + offset, value, err);
}

/* "-abc", "-mVALUE" or "-m VALUE". */
static int
parse_short(const struct opt *opts, char *args, int argc, const char **argv,
    int *i, struct tk_err *err)
{
	for (const char *p = argv[*i] + 1; *p != '\0'; p++) {
		size_t offset = 0;
		const struct opt *o = find(opts, NULL, 0, *p, &offset);
		const char *value = NULL;

		if (o == NULL) {
			tk_fail(err, TK_USAGE, "unknown option '-%c'", *p);
			if (*p >= '0' && *p <= '9')
				tk_hint(err,
				    "write '--' before a negative number");
			return -1;
		}
		if (opt_takes_value(o)) {
			if (p[1] != '\0')
				value = p + 1;
			else if (*i + 1 < argc)
				value = argv[++*i];
			else
				return tk_fail(err, TK_USAGE,
				    "-%c needs a value", *p);
			return store(o, args + offset, value, err);
		}
		if (store(o, args + offset, NULL, err) < 0)
			return -1;
	}
	return 0;
}

int
opt_parse(const struct opt *opts, void *args, int argc, const char **argv,
    int *nargs, struct tk_err *err)
{
	int n = 0;
	bool only_operands = false;

	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (only_operands || a[0] != '-' || a[1] == '\0') {
			argv[n++] = a;
		} else if (strcmp(a, "--") == 0) {
			only_operands = true;
		} else if (a[1] == '-') {
			if (parse_long(opts, args, argc, argv, &i, err) < 0)
				return -1;
		} else if (parse_short(opts, args, argc, argv, &i, err) < 0) {
			return -1;
		}
	}
	*nargs = n;
	return 0;
}

void
opt_release(const struct opt *opts, void *args)
{
	for (const struct opt *o = opts; o->type != OPT_T_END; o++) {
		char *at = (char *)args + o->offset;

		if (o->type == OPT_T_GROUP) {
			opt_release(o->group, at);
		} else if (o->type == OPT_T_LIST) {
			struct opt_list *l = (struct opt_list *)(void *)at;

			free(l->v);
			*l = (struct opt_list){ 0 };
		}
	}
}

const struct opt *
opt_find(const struct opt *opts, const char *word)
{
	size_t offset;
	const struct opt *o;

	if (word[0] != '-' || word[1] == '\0')
		return NULL;
	if (word[1] != '-')
		return find(opts, NULL, 0, word[1], &offset);
	word += 2;
	o = find(opts, word, strcspn(word, "="), 0, &offset);
	if (o == NULL && strncmp(word, "no-", 3) == 0)
		o = find(opts, word + 3, strlen(word) - 3, 0, &offset);
	return o;
}

/* Its name is that of an option before it, as --output of what counts tokens:
 * only its letter is left. */
static bool
is_shadowed(const struct opt *all, const struct opt *o)
{
	size_t offset;

	return find(all, o->name, strlen(o->name), 0, &offset) != o;
}

static int
walk(const struct opt *all, const struct opt *opts, opt_visit_fn *fn,
    void *data)
{
	int rc = 0;

	for (const struct opt *o = opts; o->type != OPT_T_END && rc == 0; o++) {
		if (o->type == OPT_T_GROUP)
			rc = walk(all, o->group, fn, data);
		else if (!is_shadowed(all, o))
			rc = fn(o, data);
	}
	return rc;
}

int
opt_walk(const struct opt *opts, opt_visit_fn *fn, void *data)
{
	return walk(opts, opts, fn, data);
}

enum { HELP_COLUMN = 30, HELP_WIDTH = 80 };

/* "  -q, --quiet", then the help from HELP_COLUMN on. */
static void
help_row(const struct opt *all, const struct opt *o, struct tk_buf *b)
{
	struct tk_buf left = TK_BUF_INIT, help = TK_BUF_INIT;
	bool shadowed = is_shadowed(all, o);

	if (shadowed && o->letter == 0)
		return;
	if (shadowed)
		tk_buf_addf(&left, "  -%c", o->letter);
	else if (o->letter != 0)
		tk_buf_addf(&left, "  -%c, --%s", o->letter, o->name);
	else
		tk_buf_addf(&left, "      --%s", o->name);
	if (o->arg != NULL)
		tk_buf_addf(&left, " <%s>", o->arg);
	tk_buf_adds(&help, o->help);
	if (o->type == OPT_T_CHOICE) {
		tk_buf_adds(&help, ": ");
		opt_choices(o, ", ", &help);
	}
	if (left.len + 2 > HELP_COLUMN)
		tk_buf_addf(b, "%s\n%*s", left.s, HELP_COLUMN, "");
	else
		tk_buf_addf(b, "%-*s", HELP_COLUMN, left.s);
	tk_utf8_add_wrapped(b, help.s, HELP_COLUMN, HELP_COLUMN, HELP_WIDTH);
	tk_buf_adds(b, "\n");
	tk_buf_release(&help);
	tk_buf_release(&left);
}

static void
help_rows(const struct opt *all, const struct opt *opts, struct tk_buf *b)
{
	size_t start = b->len;

	for (const struct opt *o = opts; o->type != OPT_T_END; o++)
		if (o->type != OPT_T_GROUP)
			help_row(all, o, b);
	for (const struct opt *o = opts; o->type != OPT_T_END; o++) {
		if (o->type != OPT_T_GROUP)
			continue;
		if (b->len > start)
			tk_buf_adds(b, "\n");
		if (o->help != NULL)
			tk_buf_addf(b, "%s:\n", o->help);
		help_rows(all, o->group, b);
	}
}

void
opt_help(const struct opt *opts, struct tk_buf *b)
{
	help_rows(opts, opts, b);
}
