#ifndef CHAT_TRIM_H
#define CHAT_TRIM_H

#include "chat/chat.h"

/*
 * Cutting a conversation so that it fits.
 *
 * Kept are the system prompt, the tools and the last messages.  Dropped are
 * whole turns, the oldest first: a turn is what a user says and all that
 * follows up to what the user says next, so what is left begins as the APIs
 * want it and takes turns as they want it.  When one turn is left, its
 * oldest steps go, an assistant's message and the results it asked for, but
 * what the user said stays.  No call is kept without its results, nor a
 * result without its call; and no message is changed.
 */
struct chat_limits {
	int64_t conversation; /* tokens without the tools */
	int64_t message;      /* of one message that is no system prompt */
	int64_t request;      /* of all */
};

/* How large a request is, as limits see it. */
struct chat_size {
	struct chat_counts counts;
	int64_t conversation;
	size_t largest; /* the message; SIZE_MAX: there is none */
	int64_t message;
};

/* Count it; the messages know their tokens then. */
int chat_measure(struct chat_request *r, const struct chat_options *o,
    struct chat_size *s, struct tk_err *err);
bool chat_fits(const struct chat_size *s, const struct chat_limits *limits);

/*
 * The request as it fits, in *to; keep_last messages of the end stay in any
 * case.  *s is its size and *dropped how many messages it lost.  1: it is
 * there; 0: not even what must be kept fits, and *s says how large that is.
 */
int chat_trim(const struct chat_request *r, const struct chat_options *o,
    const struct chat_limits *limits, size_t keep_last, struct tk_buf *to,
    struct chat_size *s, size_t *dropped, struct tk_err *err);

#endif
