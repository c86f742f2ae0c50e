#include "chat/trim.h"

#include <stdlib.h>

#include "base/buf.h"
#include "tap.h"

/* As many tokens as a text has letters "w". */
static int
words(const char *text, size_t n, int64_t *millionths, void *data,
    struct tk_err *err)
{
	int64_t w = 0;

	(void)data, (void)err;
	for (size_t i = 0; i < n; i++)
		w += text[i] == 'w';
	*millionths = w * 1000000;
	return 0;
}

static const struct chat_options options = { .model = "gpt-4o",
	.exact = true,
	.tokens_of = words };

static uint32_t seed;

static uint32_t
chance(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

/* One conversation of a form, piece by piece. */
struct talk {
	struct tk_buf b;
	enum chat_api api;
	int calls;
	bool some;
};

static void
item(struct talk *t)
{
	tk_buf_adds(&t->b, t->some ? ",\n  " : "\n  ");
	t->some = true;
}

static void
add_words(struct talk *t)
{
	for (uint32_t n = 1 + chance(40); n > 0; n--)
		tk_buf_adds(&t->b, "w ");
}

static void
say(struct talk *t, const char *role)
{
	item(t);
	if (t->api == CHAT_GEMINI)
		tk_buf_addf(&t->b,
		    "{\"role\": \"%s\", \"parts\": [{\"text\": \"",
		    *role == 'u' ? "user" : "model");
	else
		tk_buf_addf(&t->b, "{\"role\": \"%s\", \"content\": \"", role);
	add_words(t);
	tk_buf_adds(&t->b, t->api == CHAT_GEMINI ? "\"}]}" : "\"}");
}

/* An assistant calls one or two tools, and gets the results. */
static void
call(struct talk *t)
{
	int n = 1 + (int)chance(2), first = t->calls;

	t->calls += n;
	if (t->api == CHAT_COMPLETIONS || t->api == CHAT_ANTHROPIC) {
		item(t);
		tk_buf_addf(&t->b, "{\"role\": \"assistant\", \"%s\": [",
		    t->api == CHAT_ANTHROPIC ? "content"
					     : "content\": null, \"tool_calls");
	}
	for (int i = first; i < t->calls; i++) {
		if (t->api == CHAT_COMPLETIONS)
			tk_buf_addf(&t->b,
			    "%s{\"id\": \"c%d\", \"type\": \"function\", "
			    "\"function\": {\"name\": \"w\", \"arguments\": "
			    "\"{}\"}}",
			    i > first ? ", " : "", i);
		if (t->api == CHAT_ANTHROPIC)
			tk_buf_addf(&t->b,
			    "%s{\"type\": \"tool_use\", \"id\": \"c%d\", "
			    "\"name\": \"w\", \"input\": {}}",
			    i > first ? ", " : "", i);
		if (t->api == CHAT_RESPONSES) {
			item(t);
			tk_buf_addf(&t->b,
			    "{\"type\": \"function_call\", \"call_id\": "
			    "\"c%d\", \"name\": \"w\", \"arguments\": \"{}\"}",
			    i);
		}
	}
	if (t->api == CHAT_COMPLETIONS || t->api == CHAT_ANTHROPIC)
		tk_buf_adds(&t->b, "]}");
	if (t->api == CHAT_ANTHROPIC) {
		item(t);
		tk_buf_adds(&t->b, "{\"role\": \"user\", \"content\": [");
	}
	for (int i = first; i < t->calls; i++) {
		if (t->api == CHAT_ANTHROPIC)
			tk_buf_addf(&t->b,
			    "%s{\"type\": \"tool_result\", \"tool_use_id\": "
			    "\"c%d\", \"content\": \"",
			    i > first ? ", " : "", i);
		if (t->api == CHAT_COMPLETIONS || t->api == CHAT_RESPONSES)
			item(t);
		if (t->api == CHAT_COMPLETIONS)
			tk_buf_addf(&t->b,
			    "{\"role\": \"tool\", \"tool_call_id\": \"c%d\", "
			    "\"content\": \"",
			    i);
		if (t->api == CHAT_RESPONSES)
			tk_buf_addf(&t->b,
			    "{\"type\": \"function_call_output\", \"call_id\": "
			    "\"c%d\", \"output\": \"",
			    i);
		add_words(t);
		tk_buf_adds(&t->b, "\"}");
	}
	if (t->api == CHAT_ANTHROPIC)
		tk_buf_adds(&t->b, "]}");
}

/* Gemini's calls have no ids. */
static void
call_gemini(struct talk *t)
{
	item(t);
	tk_buf_adds(&t->b,
	    "{\"role\": \"model\", \"parts\": [{\"functionCall\":"
	    " {\"name\": \"w\", \"args\": {}}}]}");
	item(t);
	tk_buf_adds(&t->b,
	    "{\"role\": \"user\", \"parts\": "
	    "[{\"functionResponse\": {\"name\": \"w\", "
	    "\"response\": {\"x\": \"");
	add_words(t);
	tk_buf_adds(&t->b, "\"}}}]}");
}

static void
make(struct talk *t)
{
	static const char *const head[] = {
		[CHAT_COMPLETIONS] = "{\"temperature\": 0.5, \"messages\": [",
		[CHAT_RESPONSES] = "{\"instructions\": \"w w\", \"input\": [",
		[CHAT_ANTHROPIC] = "{\"system\": \"w w w\", \"max_tokens\": 9, "
				   "\"messages\": [",
		[CHAT_GEMINI] = "{\"systemInstruction\": {\"parts\": "
				"[{\"text\": \"w\"}]}, \"contents\": [",
	};

	tk_buf_adds(&t->b, head[t->api]);
	if (t->api == CHAT_COMPLETIONS)
		say(t, "system");
	for (uint32_t turns = 1 + chance(6); turns > 0; turns--) {
		say(t, "user");
		for (uint32_t steps = chance(5); steps > 0; steps--) {
			if (t->api == CHAT_GEMINI)
				call_gemini(t);
			else
				call(t);
		}
		if (turns > 1 || chance(2) == 0)
			say(t, "assistant");
	}
	tk_buf_adds(&t->b, "\n], \"last\": {\"kept\": [1,  2]}}");
}

static bool
is_result(const struct chat_request *r, const struct chat_message *m)
{
	for (size_t p = m->part; p < m->part + m->parts; p++)
		if (r->part[p].kind == CHAT_RESULT)
			return true;
	return m->role == CHAT_TOOL;
}

/* As the APIs want it: the first is a user, who is not given a result; every
 * result has its call; users and assistants take turns. */
static bool
is_valid(const struct chat_request *r, enum chat_api api)
{
	const struct chat_message *last = NULL;
	size_t calls = 0, results = 0;

	for (size_t i = 0; i < r->links; i++)
		*(r->link[i].result ? &results : &calls) += 1;
	if (calls != results)
		return false;
	for (size_t i = 0; i < r->messages; i++) {
		const struct chat_message *m = &r->message[i];

		if (m->outside || m->role == CHAT_SYSTEM)
			continue;
		if (last == NULL && (m->role != CHAT_USER || is_result(r, m)))
			return false;
		if (last != NULL &&
		    (api == CHAT_ANTHROPIC || api == CHAT_GEMINI) &&
		    (last->role == CHAT_ASSISTANT) ==
			(m->role == CHAT_ASSISTANT))
			return false;
		last = m;
	}
	return last != NULL;
}

/* Both end with the same messages, so many of them. */
static bool
ends_alike(const struct chat_request *a, const struct chat_request *b, size_t n)
{
	for (size_t i = 1; i <= n && i <= b->messages; i++) {
		const struct chat_message *x = &a->message[a->messages - i];
		const struct chat_message *y = &b->message[b->messages - i];

		if (x->outside || x->role == CHAT_SYSTEM)
			return true;
		if (x->len != y->len ||
		    memcmp(a->text + x->at, b->text + y->at, x->len) != 0)
			return false;
	}
	return b->messages >= n || b->messages == a->messages;
}

static int fitted, refused;

static bool
cut_is_right(uint32_t number, enum chat_api api)
{
	struct chat_limits limits = { .message = 1000 };
	struct tk_buf once = TK_BUF_INIT, twice = TK_BUF_INIT;
	struct talk t = { .b = TK_BUF_INIT, .api = api };
	struct chat_request whole, r = { 0 };
	struct chat_size s, again;
	struct tk_err err = TK_ERR_INIT;
	size_t keep, dropped;
	bool ok = true;
	int rc;

	seed = number;
	limits.conversation = 30 + (int64_t)chance(300);
	limits.request = 30 + (int64_t)chance(400);
	make(&t);
	keep = 1 + chance(4);
	if (chance(4) == 0)
		limits.message = 30 + (int64_t)chance(20);
	if (chat_parse(&whole, t.b.s, t.b.len, &err) < 0)
		abort();
	rc = chat_trim(&whole, &options, &limits, keep, &once, &s, &dropped,
	    &err);
	if (rc > 0) {
		fitted++;
		ok = chat_parse(&r, once.s, once.len, &err) == 0 &&
		    chat_measure(&r, &options, &again, &err) == 0 &&
		    chat_fits(&again, &limits) && is_valid(&r, api) &&
		    ends_alike(&whole, &r, keep) &&
		    whole.messages - r.messages == dropped &&
		    strstr(once.s, "{\"kept\": [1,  2]}}") != NULL &&
		    chat_trim(&r, &options, &limits, keep, &twice, &s, &dropped,
			&err) == 1 &&
		    dropped == 0 && strcmp(once.s, twice.s) == 0;
	} else {
		refused++;
		ok = rc == 0 && !chat_fits(&s, &limits);
	}
	if (!ok)
		printf("# conversation %u, api %d, keep %zu\n# %s\n# %s\n",
		    number, (int)api, keep, t.b.s, once.s);
	chat_release(&whole);
	chat_release(&r);
	tk_buf_release(&t.b);
	tk_buf_release(&once);
	tk_buf_release(&twice);
	return ok;
}

static void
random_conversations_fit_and_are_valid(void)
{
	static const enum chat_api apis[] = { CHAT_COMPLETIONS, CHAT_RESPONSES,
		CHAT_ANTHROPIC, CHAT_GEMINI };
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < 4000 && wrong < 3; i++)
		wrong += !cut_is_right(i, apis[i % 4]);
	CHECK(wrong == 0);
	CHECK(fitted > 1000 && refused > 100);
}

static void
steps_go_and_the_question_stays(void)
{
	static const char text[] =
	    "[{\"role\":\"user\",\"content\":\"w\"},"
	    "{\"role\":\"assistant\",\"content\":\"w w w w w w w w\"},"
	    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\","
	    "\"function\":"
	    "{\"name\":\"w\",\"arguments\":\"\"}}]},"
	    "{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"w w w w "
	    "w\"},"
	    "{\"role\":\"assistant\",\"content\":\"w\"}]";
	static const struct chat_limits limits = { 20, 20, 20 };
	struct tk_err err = TK_ERR_INIT;
	struct tk_buf to = TK_BUF_INIT;
	struct chat_request r;
	struct chat_size s;
	size_t dropped;

	CHECK(chat_parse(&r, text, strlen(text), &err) == 0);
	CHECK(
	    chat_trim(&r, &options, &limits, 1, &to, &s, &dropped, &err) == 1);
	CHECK_STR(to.s,
	    "[{\"role\":\"user\",\"content\":\"w\"},"
	    "{\"role\":\"assistant\",\"content\":\"w\"}]");
	CHECK(dropped == 3);
	chat_release(&r);
	tk_buf_release(&to);
}

int
main(void)
{
	random_conversations_fit_and_are_valid();
	steps_go_and_the_question_stays();
	return tap_done();
}
