/* Cutting a conversation so that it fits: trim.h. */
#include "chat/trim.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static bool
is_kept_always(const struct chat_message *m)
{
	return m->outside || m->role == CHAT_SYSTEM;
}

int
chat_measure(struct chat_request *r, const struct chat_options *o,
    struct chat_size *s, struct tk_err *err)
{
	*s = (struct chat_size){ .largest = SIZE_MAX };
	if (chat_count(r, o, &s->counts, err) < 0)
		return -1;
	s->conversation = s->counts.total - s->counts.tools;
	for (size_t i = 0; i < r->messages; i++) {
		if (r->message[i].role == CHAT_SYSTEM ||
		    (s->largest != SIZE_MAX &&
			r->message[i].tokens <= s->message))
			continue;
		s->largest = i;
		s->message = r->message[i].tokens;
	}
	return 0;
}

bool
chat_fits(const struct chat_size *s, const struct chat_limits *limits)
{
	return s->conversation <= limits->conversation &&
	    s->counts.total <= limits->request && s->message <= limits->message;
}

static bool
has_result(const struct chat_request *r, const struct chat_message *m)
{
	if (m->role == CHAT_TOOL)
		return true;
	for (size_t p = m->part; p < m->part + m->parts; p++)
		if (r->part[p].kind == CHAT_RESULT)
			return true;
	return false;
}

/* A user says something: a turn begins. */
static bool
begins_turn(const struct chat_request *r, size_t i)
{
	const struct chat_message *m = &r->message[i];

	return m->role == CHAT_USER && !m->outside && !has_result(r, m);
}

/* An assistant's message after something else: a step begins. */
static bool
begins_step(const struct chat_request *r, size_t i)
{
	if (r->message[i].role != CHAT_ASSISTANT)
		return false;
	while (i-- > 0)
		if (!is_kept_always(&r->message[i]))
			return r->message[i].role != CHAT_ASSISTANT;
	return true;
}

/* No call and its result are on two sides. */
static bool
is_closed(const struct chat_request *r, const bool *keep)
{
	for (size_t i = 0; i < r->messages; i++)
		if (keep[i] != keep[r->message[i].group] &&
		    !is_kept_always(&r->message[i]))
			return false;
	return true;
}

/* What is dropped, from less to more: an attempt after the other. */
struct trimming {
	const struct chat_request *r;
	bool *keep, *valid; /* as it is dropped; the last that may be */
	size_t last;        /* from here on all is kept */
	size_t turn;        /* the turn that holds it begins here */
	size_t next; /* nothing before it is kept but that turn's first */
};

static void
begin(struct trimming *t, const struct chat_request *r, size_t keep_last)
{
	*t = (struct trimming){ .r = r,
		.keep = tk_xcalloc(r->messages + 1, sizeof(*t->keep)),
		.valid = tk_xcalloc(r->messages + 1, sizeof(*t->valid)),
		.last = r->messages };
	for (size_t i = 0; i < r->messages; i++)
		t->keep[i] = t->valid[i] = true;
	if (keep_last == 0)
		keep_last = 1;
	while (t->last > 0 && keep_last > 0)
		if (!is_kept_always(&r->message[--t->last]))
			keep_last--;
	for (t->turn = t->last; t->turn > 0 && !begins_turn(r, t->turn);)
		t->turn--;
	/* There may be no user at all before it. */
	if (t->turn < r->messages && !begins_turn(r, t->turn))
		t->turn = SIZE_MAX;
}

/* Whether what is kept may go on at i. */
static bool
may_begin(const struct trimming *t, size_t i)
{
	if (i == 0)
		return false;
	if (t->turn != SIZE_MAX && i <= t->turn)
		return begins_turn(t->r, i);
	return i == t->last ? t->r->message[i].role == CHAT_ASSISTANT
			    : begins_step(t->r, i);
}

/* Drop a little more; false when nothing more may go. */
static bool
drop_more(struct trimming *t)
{
	while (t->next < t->last) {
		size_t from = t->next++;

		if (from != t->turn && !is_kept_always(&t->r->message[from]))
			t->keep[from] = false;
		if (!may_begin(t, t->next) || !is_closed(t->r, t->keep))
			continue;
		memcpy(t->valid, t->keep, t->r->messages * sizeof(*t->keep));
		return true;
	}
	return false;
}

/* Write and count it as it would be; 1: it fits. */
static int
try(const struct trimming *t, const struct chat_options *o,
    const struct chat_limits *limits, struct tk_buf *to, struct chat_size *s,
    struct tk_err *err)
{
	struct chat_request cut;
	int rc;

	tk_buf_reset(to);
	chat_write(t->r, t->valid, to);
	if (chat_parse(&cut, to->s, to->len, err) < 0)
		return tk_wrap(err, "what was cut");
	rc = chat_measure(&cut, o, s, err);
	chat_release(&cut);
	return rc < 0 ? -1 : chat_fits(s, limits);
}

/*
 * By the tokens of the messages alone, which are rounded, could it fit?  So
 * that not every attempt is counted.
 */
static bool
may_fit(const struct trimming *t, const struct chat_size *whole,
    const struct chat_limits *limits)
{
	int64_t less = 0, slack = (int64_t)t->r->messages + 16;

	for (size_t i = 0; i < t->r->messages; i++) {
		if (!t->keep[i])
			less += t->r->message[i].tokens;
		else if (t->r->message[i].tokens > limits->message + 1 &&
		    t->r->message[i].role != CHAT_SYSTEM)
			return false;
	}
	return whole->conversation - less - slack <= limits->conversation &&
	    whole->counts.total - less - slack <= limits->request;
}

int
chat_trim(const struct chat_request *r_, const struct chat_options *o,
    const struct chat_limits *limits, size_t keep_last, struct tk_buf *to,
    struct chat_size *s, size_t *dropped, struct tk_err *err)
{
	struct chat_request whole;
	struct chat_size size;
	struct trimming t;
	bool more = true;
	int rc;

	*dropped = 0;
	if (chat_parse(&whole, r_->text, r_->len, err) < 0)
		return -1;
	begin(&t, &whole, keep_last);
	rc = chat_measure(&whole, o, &size, err);
	if (rc == 0)
		rc = try(&t, o, limits, to, s, err);
	while (rc == 0 && more) {
		more = drop_more(&t);
		if (more && may_fit(&t, &size, limits))
			rc = try(&t, o, limits, to, s, err);
	}
	if (rc == 0) /* the least that may be */
		rc = try(&t, o, limits, to, s, err);
	for (size_t i = 0; i < whole.messages; i++)
		*dropped += !t.valid[i];
	free(t.valid);
	free(t.keep);
	chat_release(&whole);
	return rc;
}
