#include <string.h>

#include "base/buf.h"
#include "chat/chat.h"

/* The end of the white space, from at on. */
static size_t
skip_white(const char *text, size_t at, size_t len)
{
	while (
	    at < len && strchr(" \t\r\n", text[at]) != NULL && text[at] != '\0')
		at++;
	return at;
}

/*
 * Items go with the comma and the white space before them; when those before
 * one that stays are all gone, so is what would now begin the array.
 */
void
chat_write(const struct chat_request *r, const bool *keep, struct tk_buf *to)
{
	size_t done = 0;  /* of the source */
	bool any = false; /* an item of the array was kept */
	bool first = true;

	for (size_t i = 0; i < r->messages; i++) {
		const struct chat_message *m = &r->message[i];
		size_t end = m->at + m->len;

		if (m->outside)
			continue;
		if (first) {
			/* Up to the first item, with what is before it. */
			tk_buf_add(to, r->text + done, m->at - done);
			done = m->at;
			first = false;
		}
		if (!keep[i]) {
			done = end;
			if (!any) {
				size_t at = skip_white(r->text, end, r->len);

				if (at < r->len && r->text[at] == ',')
					done =
					    skip_white(r->text, at + 1, r->len);
			}
			continue;
		}
		tk_buf_add(to, r->text + done, end - done);
		done = end;
		any = true;
	}
	tk_buf_add(to, r->text + done, r->len - done);
}
