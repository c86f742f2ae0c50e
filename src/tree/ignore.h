#ifndef TREE_IGNORE_H
#define TREE_IGNORE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which files git would not show, by the rules of gitignore(5).
 *
 * Rules are a stack of files of patterns: the user's own first, then
 * .git/info/exclude, then each .gitignore from the top folder down.  The
 * last line of the deepest file that fits a path decides.
 *
 *	ignore_init(&ig);
 *	at = ignore_mark(&ig);
 *	ignore_add(&ig, bytes, n, base);	the rules of that folder
 *	ignore_says(&ig, "/home/a/x/y.o", false)
 *	ignore_cut(&ig, at);			when the walk leaves it
 *
 * Patterns may hold any bytes, and a match takes at most about the product
 * of both lengths.
 */
struct ignore_rule {
	char *glob;
	size_t base; /* bytes of the path that are the rules' own folder */
	bool not ;   /* "!": shown again */
	bool folder; /* "x/": folders alone */
	bool name;   /* no slash: fits the last name of a path */
};

struct ignore {
	struct ignore_rule *rule;
	size_t n, cap;
};

void ignore_init(struct ignore *ig);
void ignore_release(struct ignore *ig);

/* Take in a file's lines.  base is the length of its folder's path, without
 * the slash behind it. */
void ignore_add(struct ignore *ig, const char *text, size_t n, size_t base);

size_t ignore_mark(const struct ignore *ig);
void ignore_cut(struct ignore *ig, size_t mark);

/* Whether the path, which lies below all folders whose rules were added, is
 * left out.  What is in a folder that is left out is not asked for. */
bool ignore_says(const struct ignore *ig, const char *path, bool folder);

/*
 * git's globs: "*" and "?" and "[a-z]" stop at slashes, "**" between slashes
 * does not, a backslash takes what follows as it is.
 */
bool ignore_glob(const char *glob, const char *path);

#endif
