/*
 * tokctl - dispatch to one command
 *
 * The words of a command line: which command and verb they call.  What that
 * has open is session.c's.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "cmd.h"
#include "session.h"

const struct cmd *const cmds[] = {
#define CMD(name) &cmd_##name,
#include "list.h"
#undef CMD
	NULL,
};

const struct cmd *
cmd_find(const char *name)
{
	for (const struct cmd *const *c = cmds; *c != NULL; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

const struct cmd *
cmd_find_verb(const struct cmd *c, const char *name)
{
	const struct cmd *const *v = c->verbs;

	while (v != NULL && *v != NULL && strcmp((*v)->name, name) != 0 &&
	    ((*v)->also == NULL || strcmp((*v)->also, name) != 0))
		v++;
	return v != NULL ? *v : NULL;
}

/* Is the value of this option the next word? */
static bool
value_follows(const struct opt *o, const char *word)
{
	if (!opt_takes_value(o))
		return false;
	return word[1] == '-' ? strchr(word, '=') == NULL : word[2] == '\0';
}

/*
 * The place of the first word in argv[1..] that is no option; argc if there
 * is none.  Which options take a value is looked up in the tables.
 */
static int
first_word(int argc, const char **argv, const struct opt *const *tables)
{
	for (int i = 1; i < argc; i++) {
		const struct opt *o = NULL;

		if (strcmp(argv[i], "--") == 0)
			return argc;
		if (argv[i][0] != '-' || argv[i][1] == '\0')
			return i;
		for (size_t t = 0; o == NULL && tables[t] != NULL; t++)
			o = opt_find(tables[t], argv[i]);
		if (o != NULL && value_follows(o, argv[i]))
			i++;
	}
	return argc;
}

/* Take word i out of argv. */
static void
remove_word(int *argc, const char **argv, int i)
{
	memmove(argv + i, argv + i + 1, (size_t)(*argc - i) * sizeof(*argv));
	--*argc;
}

/* Words that other programs have for what a verb does. */
static bool
means_the_same(const char *word, const char *verb)
{
	static const char *const rows[][6] = {
		{ "unset", "remove", "delete", "rm", "del", "revoke" },
		{ "list", "ls", "all" },
		{ "add", "set", "create", "new", "update" },
		{ "show", "get", "view", "cat", "info" },
	};
	enum { WORDS = TK_LEN(rows[0]) };

	for (size_t i = 0; i < TK_LEN(rows); i++) {
		bool is_word = false, is_verb = false;

		for (size_t j = 0; j < WORDS && rows[i][j] != NULL; j++) {
			is_word = is_word || strcmp(rows[i][j], word) == 0;
			is_verb = is_verb || strcmp(rows[i][j], verb) == 0;
		}
		if (is_word && is_verb)
			return true;
	}
	return false;
}

static int
unknown_word(const char *what, const char *word, const struct cmd *const *known,
    const char *otherwise, struct tk_err *err)
{
	struct tk_suggest near;

	tk_suggest_init(&near, word);
	tk_fail(err, TK_USAGE, "'%s' is not a %s", word, what);
	for (; *known != NULL; known++) {
		const char *name = (*known)->name;

		if ((*known)->hidden)
			continue;
		if (means_the_same(word, name))
			return tk_hint(err, "did you mean '%s'?", name);
		tk_suggest_offer(&near, name);
	}
	return tk_suggest_hint(&near, otherwise, err);
}

enum { MAX_TABLES = 24 };

/* The verb of a command that has verbs; its word is taken out of argv. */
static const struct cmd *
find_verb(const struct cmd *c, int *argc, const char **argv, struct tk_err *err)
{
	const struct opt *tables[MAX_TABLES] = { cmd_common_opts };
	const struct cmd *verb;
	char help[64];
	size_t n = 1;
	int i;

	for (const struct cmd *const *v = c->verbs;
	     *v != NULL && n + 1 < MAX_TABLES; v++)
		tables[n++] = (*v)->opts;
	i = first_word(*argc, argv, tables);
	if (i == *argc)
		return c->verbs[0];
	verb = cmd_find_verb(c, argv[i]);
	if (verb != NULL) {
		remove_word(argc, argv, i);
		return verb;
	}
	snprintf(help, sizeof(help), "'tokctl help %s' lists them", c->name);
	unknown_word("verb of this command", argv[i], c->verbs, help, err);
	return NULL;
}

/* "tokctl-quota" and "tokquota" are "tokctl quota". */
static const struct cmd *
called_as(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	const char *base = slash ? slash + 1 : argv0;

	if (strncmp(base, "tokctl-", 7) == 0)
		return cmd_find(base + 7);
	if (strncmp(base, "tok", 3) == 0 && strcmp(base, "tokctl") != 0)
		return cmd_find(base + 3);
	return NULL;
}

/* The word where a command should stand is none. */
static int
no_command(const char *before, const char *word, struct tk_err *err)
{
	if (before[0] != '-' || opt_find(cmd_common_opts, before) != NULL)
		return unknown_word("command", word, cmds,
		    "'tokctl help' lists them", err);
	tk_fail(err, TK_USAGE, "unknown option '%s' before the command",
	    before);
	return tk_hint(err, "options of a command come after its name");
}

static const struct cmd *
find_command(int *argc, const char **argv, struct tk_err *err)
{
	const struct opt *tables[] = { cmd_common_opts, NULL };
	const struct cmd *c = called_as(argv[0]);
	int i;

	if (c != NULL)
		return c;
	i = first_word(*argc, argv, tables);
	if (i == *argc) {
		for (i = 1; i < *argc; i++) {
			if (strcmp(argv[i], "--version") == 0 ||
			    strcmp(argv[i], "-V") == 0) {
				remove_word(argc, argv, i);
				return cmd_find("version");
			}
			if (strcmp(argv[i], "--help") == 0 ||
			    strcmp(argv[i], "-h") == 0) {
				remove_word(argc, argv, i);
				return cmd_find("help");
			}
		}
		cmd_list_text(stderr);
		tk_fail(err, TK_USAGE, "no command given");
		return NULL;
	}
	c = cmd_find(argv[i]);
	if (c == NULL)
		no_command(argv[i - 1], argv[i], err);
	else
		remove_word(argc, argv, i);
	return c;
}

/*
 * A ledger must never be opened as standard output: what is closed is opened,
 * so that reading standard input and writing the others fails.
 */
static void
fill_closed_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			_exit(tk_exit_status(TK_IO));
}

static int
show_error(const char *name, const struct tk_err *err)
{
	fflush(stdout);
	fprintf(stderr, "tokctl%s%s: ", *name ? " " : "", name);
	say_line(err->msg);
	if (err->hint[0] != '\0')
		say_line(err->hint);
	return tk_exit_status(err->code);
}

int
main(int argc, char **argv_)
{
	struct tk_err err = TK_ERR_INIT;
	const char **argv = (const char **)argv_;
	const struct cmd *c;
	char name[64] = "";
	int rc;

	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN); /* a full disk: write() says so */
	fill_closed_descriptors();
	c = find_command(&argc, argv, &err);
	if (c == NULL)
		return show_error(name, &err);
	snprintf(name, sizeof(name), "%s", c->name);
	if (c->verbs != NULL) {
		const struct cmd *verb = find_verb(c, &argc, argv, &err);

		if (verb == NULL)
			return show_error(name, &err);
		snprintf(name, sizeof(name), "%s %s", c->name, verb->name);
		c = verb;
	}
	rc = session_run(c, name, argc, argv, &err);
	return rc < 0 ? show_error(name, &err) : rc;
}
