/* Any command line is parsed or refused with a message; nothing leaks. */
#include "cli/opt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct common {
	int mode;
	bool help;
};

struct args {
	struct common common;
	const char *name;
	int64_t days, verbose;
	bool all;
	struct opt_list tags;
};

static const struct tk_choice modes[] = {
	{ "slow", 0 },
	{ "fast", 5 },
	{ NULL, 0 },
};

static const struct opt common_opts[] = {
	OPT_CHOICE('m', "mode", struct common, mode, "mode", modes, "how"),
	OPT_FLAG('h', "help", struct common, help, "help"),
	OPT_END,
};

static const struct opt opts[] = {
	OPT_FLAG('a', "all", struct args, all, "everything"),
	OPT_STR('n', "name", struct args, name, "name", HINT_NONE, "which"),
	OPT_INT('d', "days", struct args, days, "n", "how long"),
	OPT_LIST('t', "tag", struct args, tags, "tag", HINT_NONE, "any"),
	OPT_COUNT('v', "verbose", struct args, verbose, "say more"),
	OPT_GROUP(struct args, common, struct common, common_opts),
	OPT_END,
};

enum { MAX_WORDS = 64 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct tk_err err = TK_ERR_INIT;
	struct args args = { .days = 0 };
	const char *argv[MAX_WORDS + 1] = { "cmd" };
	char *text = malloc(len + 1), *s;
	int argc = 1, nargs = 0;

	memcpy(text, data, len);
	text[len] = '\0';
	/* A line break ends a word. */
	for (s = text; argc < MAX_WORDS && s != NULL;) {
		argv[argc++] = s;
		s = strchr(s, '\n');
		if (s != NULL)
			*s++ = '\0';
	}
	if (opt_parse(opts, &args, argc, argv, &nargs, &err) < 0) {
		if (err.code != TK_USAGE || err.msg[0] == '\0')
			abort();
	} else if (nargs < 0 || nargs >= argc) {
		abort();
	}
	for (int i = 1; i < argc; i++)
		opt_find(opts, argv[i]);
	opt_release(opts, &args);
	free(text);
	return 0;
}
