/* What is generated from the command tables, for "tokctl help --as". */
#include <string.h>

#include "base/buf.h"
#include "cli/gen.h"
#include "help.h"

const struct cmd *
help_parent(const struct cmd *c)
{
	for (const struct cmd *const *p = cmds; *p != NULL; p++) {
		if (*p == c)
			return c;
		for (const struct cmd *const *v = (*p)->verbs;
		     v != NULL && *v != NULL; v++)
			if (*v == c)
				return *p;
	}
	return c;
}

void
help_words(const struct cmd *c, struct tk_buf *b)
{
	const struct cmd *parent = help_parent(c);

	if (parent != c)
		tk_buf_addf(b, "%s ", parent->name);
	tk_buf_adds(b, c->name);
}

void
help_as_names(struct tk_buf *b)
{
	for (const struct cmd *const *c = cmds; *c != NULL; c++) {
		if ((*c)->hidden)
			continue;
		tk_buf_addf(b, "%s\n", (*c)->name);
		for (const struct cmd *const *v = (*c)->verbs;
		     v != NULL && *v != NULL; v++)
			if (!(*v)->hidden)
				tk_buf_addf(b, "%s %s\n", (*c)->name,
				    (*v)->name);
	}
}

void
help_as_synopsis(const struct cmd *c, struct tk_buf *b)
{
	struct tk_buf words = TK_BUF_INIT;

	if (c->verbs != NULL) {
		for (const struct cmd *const *v = c->verbs; *v != NULL; v++)
			if (!(*v)->hidden)
				help_as_synopsis(*v, b);
		return;
	}
	tk_buf_adds(&words, "tokctl ");
	help_words(c, &words);
	gen_man_synopsis(words.s, c->opts, c->operands, b);
	tk_buf_release(&words);
}

/* Tables that several verbs share are described once; those that begin with
 * a group have no rows of their own. */
static void
man_section(const struct cmd *c, const struct cmd *verb, struct tk_buf *b)
{
	const struct cmd *const *v = c->verbs;

	tk_buf_addf(b, ".Ss tokctl %s %s\n", c->name, verb->name);
	gen_man_sentence(verb->summary, b);
	while ((*v)->opts != verb->opts)
		v++;
	if (*v == verb)
		gen_man_list(verb->opts, b);
	else if (verb->opts->type != OPT_T_GROUP)
		tk_buf_addf(b, "Its options are those of\n.Cm %s .\n",
		    (*v)->name);
}

static bool
has_group(const struct cmd *c, const struct opt *group)
{
	for (const struct opt *o = c->opts; o->type != OPT_T_END; o++)
		if (o->type == OPT_T_GROUP && o->group == group)
			return true;
	return false;
}

static void
man_group(const struct cmd *c, const struct opt *group, struct tk_buf *b)
{
	bool any = false;

	tk_buf_adds(b, ".Ss Options of ");
	for (const struct cmd *const *v = c->verbs; *v != NULL; v++) {
		if ((*v)->hidden || !has_group(*v, group))
			continue;
		tk_buf_addf(b, "%s%s", any ? ", " : "", (*v)->name);
		any = true;
	}
	tk_buf_adds(b, "\n");
	gen_man_list(group, b);
}

/* Each group but the common one, where the first verb has it. */
static void
man_groups(const struct cmd *c, struct tk_buf *b)
{
	for (const struct cmd *const *v = c->verbs; *v != NULL; v++) {
		for (const struct opt *o = (*v)->opts; o->type != OPT_T_END;
		     o++) {
			const struct cmd *const *first = c->verbs;

			if (o->type != OPT_T_GROUP || (*v)->hidden ||
			    o->group == cmd_common_opts)
				continue;
			while (!has_group(*first, o->group))
				first++;
			if (first == v)
				man_group(c, o->group, b);
		}
	}
}

/* Verbs get a section each, and the common options one at the end. */
void
help_as_man(const struct cmd *c, struct tk_buf *b)
{
	if (c->verbs == NULL) {
		gen_man_items(c->opts, b);
		return;
	}
	for (const struct cmd *const *v = c->verbs; *v != NULL; v++)
		if (!(*v)->hidden)
			man_section(c, *v, b);
	man_groups(c, b);
	tk_buf_adds(b, ".Ss Options of every verb\n");
	gen_man_list(cmd_common_opts, b);
}

void
help_as_markdown(struct tk_buf *b)
{
	tk_buf_adds(b,
	    "| command | verbs | what it does |\n| --- | --- | --- |\n");
	for (const struct cmd *const *c = cmds; *c != NULL; c++) {
		if ((*c)->hidden)
			continue;
		tk_buf_addf(b, "| `%s` |", (*c)->name);
		for (const struct cmd *const *v = (*c)->verbs;
		     v != NULL && *v != NULL; v++)
			if (!(*v)->hidden)
				tk_buf_addf(b, " `%s`", (*v)->name);
		tk_buf_addf(b, " | %s |\n", (*c)->summary);
	}
}
