#include "ledger/anchor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num.h"

static const char magic[] = "tokctl-anchor/1";

/* The next word of a line, ended by a NUL in place; "" at the end. */
static char *
next_word(char **line)
{
	char *word = *line + strspn(*line, " \t\r\n");
	size_t n = strcspn(word, " \t\r\n");

	*line = word[n] == '\0' ? word + n : word + n + 1;
	word[n] = '\0';
	return word;
}

static bool
read_head(char **line, char head[65])
{
	const char *word = next_word(line);
	bool whole =
	    strlen(word) == 64 && strspn(word, "0123456789abcdef") == 64;

	if (!whole && strcmp(word, "-") != 0)
		return false;
	snprintf(head, 65, "%s", whole ? word : "");
	return true;
}

static bool
read_count(char **line, int64_t *n)
{
	const char *word = next_word(line);

	return tk_int_parse(word, strlen(word), n) && *n >= 0;
}

/* 1: it is for this ledger; 0: for another; -1: it is no anchor. */
static int
read_line(char *line, const char *uuid, struct ledger_anchor *a)
{
	const char *ledger;

	if (strcmp(next_word(&line), magic) != 0)
		return -1;
	ledger = next_word(&line);
	if (!read_count(&line, &a->records) || !read_head(&line, a->head) ||
	    !read_count(&line, &a->audit_entries) ||
	    !read_head(&line, a->audit_head) || *next_word(&line) != '\0')
		return -1;
	return strcmp(ledger, uuid) == 0;
}

int
anchor_read(struct ledger_anchor *a, const char *path, const char *uuid,
    struct tk_err *err)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int found = 0;

	if (in == NULL)
		return errno == ENOENT
		    ? 0
		    : tk_fail_errno(err, "cannot open '%s'", path);
	for (int64_t n = 1; found >= 0 && getline(&line, &room, in) >= 0; n++) {
		struct ledger_anchor one;
		int ours = read_line(line, uuid, &one);

		if (ours < 0) {
			found = tk_fail(err, TK_DATA,
			    "'%s' line %" PRId64 ": this is no anchor", path,
			    n);
		} else if (ours > 0) {
			*a = one;
			found = 1;
		}
	}
	if (found >= 0 && ferror(in))
		found = tk_fail_errno(err, "cannot read '%s'", path);
	free(line);
	fclose(in);
	return found;
}

int
anchor_append(const struct ledger_anchor *a, const char *path, const char *uuid,
    struct tk_err *err)
{
	FILE *to = fopen(path, "ae");
	int rc = 0;

	if (to == NULL)
		return tk_fail_errno(err, "cannot open '%s'", path);
	fprintf(to, "%s %s %" PRId64 " %s %" PRId64 " %s\n", magic, uuid,
	    a->records, *a->head ? a->head : "-", a->audit_entries,
	    *a->audit_head ? a->audit_head : "-");
	if (fflush(to) != 0 || fsync(fileno(to)) != 0)
		rc = tk_fail_errno(err, "cannot write '%s'", path);
	fclose(to);
	return rc;
}
