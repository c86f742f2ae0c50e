#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/choice.h"
#include "base/err.h"

struct tk_buf;

/*
 * Options as constant data.
 *
 * A command describes its options in a static const table.  The table holds
 * offsets into the command's argument struct, never pointers to variables,
 * so it can be read without running the command: parsing, --help, shell
 * completion, the man page and the tests all walk the same rows.
 */
enum opt_type {
	OPT_T_END,
	OPT_T_FLAG,   /* bool */
	OPT_T_STR,    /* const char *, pointing into argv */
	OPT_T_INT,    /* int64_t */
	OPT_T_LIST,   /* struct opt_list; may be given several times */
	OPT_T_COUNT,  /* int64_t; how often the option was given */
	OPT_T_CHOICE, /* int, from a table of names */
	OPT_T_GROUP,  /* another table, for a struct inside the struct */
};

/* What a shell offers after the option; asked from "tokctl __complete". */
enum opt_hint {
	HINT_NONE,
	HINT_FILE,
	HINT_FOLDER,
	HINT_DATE,
	HINT_ZONE,
	HINT_MODEL,
	HINT_ENCODING,
	HINT_USER,
	HINT_APPLICATION,
	HINT_SESSION,
	HINT_PROJECT,
	HINT_SOURCE,
	HINT_DIMENSION,
	HINT_LEDGER,
};

/* Every value of an option that may be given several times. */
struct opt_list {
	const char **v; /* in argv; freed by opt_release() */
	size_t n;
};

struct opt {
	enum opt_type type;
	char letter;      /* 0 if there is none */
	const char *name; /* without the dashes */
	const char *arg;  /* what the value is, as "model"; NULL for flags */
	const char *help; /* one line: lower case, no full stop */
	size_t offset;
	enum opt_hint hint;
	const struct tk_choice *choices; /* OPT_T_CHOICE: ends with NULL */
	const struct opt *group;         /* OPT_T_GROUP */
};

/*
 * The offset of field f of struct type S.  Does not compile cleanly unless
 * the field really is a T.
 */
#define OPT_AT(S, f, T) \
	(offsetof(S, f) + 0 * sizeof(*(1 ? (T *)0 : &((S *)0)->f)))

#define OPT_FLAG(l, n, S, f, h) \
	{ \
		.type = OPT_T_FLAG, .letter = (l), .name = (n), .help = (h), \
		.offset = OPT_AT(S, f, bool) \
	}
#define OPT_STR(l, n, S, f, a, hi, h) \
	{ \
		.type = OPT_T_STR, .letter = (l), .name = (n), .arg = (a), \
		.help = (h), .hint = (hi), \
		.offset = OPT_AT(S, f, const char *) \
	}
#define OPT_INT(l, n, S, f, a, h) \
	{ \
		.type = OPT_T_INT, .letter = (l), .name = (n), .arg = (a), \
		.help = (h), .offset = OPT_AT(S, f, int64_t) \
	}
#define OPT_COUNT(l, n, S, f, h) \
	{ \
		.type = OPT_T_COUNT, .letter = (l), .name = (n), .help = (h), \
		.offset = OPT_AT(S, f, int64_t) \
	}
#define OPT_LIST(l, n, S, f, a, hi, h) \
	{ \
		.type = OPT_T_LIST, .letter = (l), .name = (n), .arg = (a), \
		.help = (h), .hint = (hi), \
		.offset = OPT_AT(S, f, struct opt_list) \
	}
#define OPT_CHOICE(l, n, S, f, a, c, h) \
	{ \
		.type = OPT_T_CHOICE, .letter = (l), .name = (n), .arg = (a), \
		.help = (h), .choices = (c), .offset = OPT_AT(S, f, int) \
	}
#define OPT_GROUP(S, f, T, g) \
	{ \
		.type = OPT_T_GROUP, .group = (g), .offset = OPT_AT(S, f, T) \
	}
#define OPT_END \
	{ \
		.type = OPT_T_END \
	}

/*
 * Parse argv[1..] into the struct at args.  Options may stand before or
 * after operands; "--" ends them; "--no-x" takes back the flag "--x"; the
 * last one wins.  Operands are moved to the front of argv and their number
 * is stored in *nargs.  An option that is not given leaves its
 * field alone.
 */
int opt_parse(const struct opt *opts, void *args, int argc, const char **argv,
    int *nargs, struct tk_err *err);

/* Free what opt_parse() allocated in the struct at args. */
void opt_release(const struct opt *opts, void *args);

/* The row for "--name[=...]", "--no-name" or "-x..."; NULL if there is none.
 * For main(), which must find the command between options. */
const struct opt *opt_find(const struct opt *opts, const char *word);

/* Call fn for every option, groups flattened; stop when it returns non-0.
 * An option whose name another one has before it is passed over. */
typedef int opt_visit_fn(const struct opt *o, void *data);
int opt_walk(const struct opt *opts, opt_visit_fn *fn, void *data);

/* Whether "--name" needs a value after it. */
bool opt_takes_value(const struct opt *o);

/*
 * Append the option list of --help, wrapped at 80 columns: first the
 * table's own rows, then each group after an empty line, under its help
 * text if the group's row has one.  An option whose name another one has
 * before it has only its letter.
 */
void opt_help(const struct opt *opts, struct tk_buf *b);

/* Append the words an OPT_T_CHOICE option takes, with sep between them. */
void opt_choices(const struct opt *o, const char *sep, struct tk_buf *b);

#endif
