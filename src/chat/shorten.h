#ifndef CHAT_SHORTEN_H
#define CHAT_SHORTEN_H

#include "chat/trim.h"

/*
 * The request with messages cut that are too large: first those over the
 * limit of one message; then, when rest is set, the largest, again and
 * again, until all limits hold.  What a message says first stays; its longest
 * text loses its end, between two characters.  System prompts, calls and
 * their arguments stay whole.
 *
 * 1: *to is the request, and *shortened messages were cut; 0: there is not
 * enough text to cut, and *to is as far as it got.
 */
int chat_shorten(const char *text, size_t len, const struct chat_options *o,
    const struct chat_limits *limits, bool rest, struct tk_buf *to,
    size_t *shortened, struct tk_err *err);

#endif
