#ifndef TREE_GIT_H
#define TREE_GIT_H

#include <stdbool.h>
#include <stddef.h>

struct ignore;

/*
 * What git knows about a folder, read from its files as gitrepository-
 * layout(5) and git-config(1) have them; git itself is not asked.
 */

/* Whether a folder is in a repository; *top is the length of the part of its
 * path that is the top of it.  The path of the root is "". */
bool git_top(const char *path, size_t *top);

/* Add the rules that stand in no .gitignore: the user's and those of
 * .git/info/exclude.  top is the top of a repository. */
void git_rules(struct ignore *ig, const char *top);

/* Add the rules of one file, if it is there. */
void git_rules_file(struct ignore *ig, const char *path, size_t base);

#endif
