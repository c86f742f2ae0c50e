#ifndef CMD_NEWS_H
#define CMD_NEWS_H

#include "base/buf.h"

struct out;

/*
 * What a command that has no rows says of what it did ("made ...", "is now
 * ..."): lines on stderr for people, and a row each of a document for who asks
 * for a format.
 */
struct news {
	struct tk_buf texts; /* each ends with a 0 */
};

#define NEWS_INIT \
	{ \
		TK_BUF_INIT \
	}

void news_add(struct news *n, const char *text);
void news_print(const struct news *n, struct out *o);

#endif
