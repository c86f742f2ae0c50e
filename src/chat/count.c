#include <string.h>

#include "base/buf.h"
#include "chat/chat_int.h"

enum { ONE = 1000000 };

int
chat_text_tokens(const struct chat_options *o, const struct json_text *t,
    bool is_json, int64_t *tokens, struct tk_err *err)
{
	struct tk_buf b = TK_BUF_INIT;
	int rc;

	*tokens = 0;
	if (t->p == NULL || t->n == 0)
		return 0;
	if (is_json)
		return o->tokens_of(t->p, t->n, tokens, o->data, err);
	json_text_add(t, &b);
	rc = o->tokens_of(b.s, b.len, tokens, o->data, err);
	tk_buf_release(&b);
	return rc;
}

void
chat_sample(const struct chat_request *r, struct content *c)
{
	struct tk_buf b = TK_BUF_INIT;

	*c = (struct content){ 0 };
	for (size_t i = 0; i < r->parts; i++) {
		const struct chat_part *p = &r->part[i];

		if (p->text.p == NULL)
			continue;
		tk_buf_reset(&b);
		if (p->is_json)
			tk_buf_add(&b, p->text.p, p->text.n);
		else
			json_text_add(&p->text, &b);
		content_add(c, b.s, b.len);
	}
	tk_buf_release(&b);
}

/* While a request is counted; in millionths, but for images. */
struct sums {
	const struct chat_options *o;
	const struct chat_rule *rule;
	struct chat_counts *c;
	int64_t system, messages, overhead;
	size_t inside; /* messages of the array so far */
};

static void
doubt(struct chat_counts *c, const char *why)
{
	c->estimated = true;
	if (c->why == NULL)
		c->why = why;
}

/* What a call or a result takes besides its texts, as it was fitted. */
enum { CALL_TOKENS = 3 };

static int
count_part(struct sums *s, const struct chat_part *p, int64_t *texts,
    int64_t *images, struct tk_err *err)
{
	int64_t tokens;
	bool known;

	if (chat_text_tokens(s->o, &p->text, p->is_json, &tokens, err) < 0)
		return -1;
	*texts += tokens;
	switch (p->kind) {
	case CHAT_TEXT:
		break;
	case CHAT_CALL:
	case CHAT_RESULT:
		s->overhead += (int64_t)CALL_TOKENS * ONE;
		doubt(s->c, "calls of tools");
		break;
	case CHAT_IMAGE:
		*images += image_tokens(s->o->model != NULL ? s->o->model : "",
		    &p->image, &known);
		if (known)
			break;
		s->c->unsized += p->image.width == 0;
		doubt(s->c, "images of unknown size or rule");
		break;
	case CHAT_OTHER:
		doubt(s->c, "content of a kind that is not known");
		break;
	}
	return 0;
}

/* One, but minus one for the model of March 2023, of four a message: there
 * a name stands for the role. */
static int64_t
name_tokens(const struct chat_rule *rule)
{
	return rule->exact && rule->message == 4 ? -ONE : ONE;
}

/*
 * The role and the name, and what stands between messages.  Instructions
 * outside of the messages have no role; of Responses they are a message.
 */
static int
count_frame(struct sums *s, const struct chat_message *m, enum chat_api api,
    struct tk_err *err)
{
	static const struct json_text user = { "user", 4, false };
	const struct json_text *role = &m->role_text;
	bool apart = m->outside && m->role == CHAT_SYSTEM;
	int64_t tokens = 0;

	if (role->p == NULL && (!apart || api == CHAT_RESPONSES))
		role = &user;
	if (chat_text_tokens(s->o, role, false, &tokens, err) < 0)
		return -1;
	s->overhead += tokens;
	if ((!apart || api == CHAT_RESPONSES) && s->inside++ > 0)
		s->overhead += (int64_t)s->rule->message * ONE;
	if (m->name.p == NULL)
		return 0;
	if (chat_text_tokens(s->o, &m->name, false, &tokens, err) < 0)
		return -1;
	s->overhead += tokens + name_tokens(s->rule);
	return 0;
}

static int
count_message(struct sums *s, const struct chat_request *r,
    struct chat_message *m, struct tk_err *err)
{
	int64_t texts = 0, images = 0, before = s->overhead;

	if (count_frame(s, m, r->api, err) < 0)
		return -1;
	for (size_t i = m->part; i < m->part + m->parts; i++)
		if (count_part(s, &r->part[i], &texts, &images, err) < 0)
			return -1;
	if (m->role == CHAT_SYSTEM)
		s->system += texts;
	else
		s->messages += texts;
	s->c->images += images;
	m->tokens = (texts + s->overhead - before + ONE / 2) / ONE + images;
	return 0;
}

static int64_t
whole(int64_t millionths)
{
	return millionths >= 0 ? (millionths + ONE / 2) / ONE : 0;
}

static int
count_messages(struct sums *s, struct chat_request *r, struct tk_err *err)
{
	for (size_t i = 0; i < r->messages; i++)
		if (count_message(s, r, &r->message[i], err) < 0)
			return -1;
	return 0;
}

int
chat_count(struct chat_request *r, const struct chat_options *o,
    struct chat_counts *c, struct tk_err *err)
{
	struct sums s = { .o = o,
		.rule = chat_rule_of(o->model, r->api),
		.c = c };
	int64_t tools = 0;

	*c = (struct chat_counts){ 0 };
	if (!o->exact)
		doubt(c, "an estimated tokenizer");
	if (!s.rule->exact)
		doubt(c, "a template that was fitted");
	/* The base has what stands around the first message. */
	s.overhead = (int64_t)s.rule->base * ONE;
	if (r->messages == 0)
		s.overhead -= (int64_t)s.rule->message * ONE;
	if (count_messages(&s, r, err) < 0 ||
	    chat_count_tools(r, s.rule, o, &tools, err) < 0)
		return -1;
	if (r->tools > 0)
		doubt(c, "definitions of tools");
	if (r->answer.p != NULL)
		doubt(c, "a schema for the answer");
	if (r->odd_role)
		doubt(c, "a role that is not known");
	if (r->unknown)
		doubt(c, "content of a kind that is not known");
	c->system = whole(s.system);
	c->messages = whole(s.messages);
	c->tools = whole(tools);
	c->overhead = whole(s.overhead);
	c->total = c->system + c->messages + c->tools + c->images + c->overhead;
	return 0;
}
