#ifndef MAIL_MAIL_H
#define MAIL_MAIL_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct tk_buf;
struct tk_zone;

/*
 * One mail, as RFC 5322 and MIME (RFC 2045 to 2047) have it, given to
 * sendmail(1), which every mail system brings, or to a server.
 *
 * Texts may be any bytes: what is not plain ASCII is encoded, and nothing
 * in them can become a header, an address or the end of a part.  Lines end
 * with "\n" alone, as sendmail(1) takes them.
 */
struct mail {
	const char *from;
	const char *const *to; /* checked by mail_address() */
	size_t n;
	const char *subject;
	int64_t now; /* ms */
	const struct tk_zone *zone;
	const char *host; /* of the message's id */
	const char *id;   /* what is before that; NULL: a new one */
	const char *text;
	const char *html; /* the same again; NULL: the text alone */
};

/* Whether it is an address ("alice@example.com", "root") that can be given
 * to a program as it is; RFC 5322's quoted and commented forms are not. */
int mail_address(const char *s, struct tk_err *err);

/* Append the whole message. */
void mail_add(const struct mail *m, struct tk_buf *b);

/* Run "program -i address..." with the message; TK_IO when it fails. */
int mail_send(const struct mail *m, const char *program, struct tk_err *err);

#endif
