#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "chat/image.h"
#include "estimate/content.h"
#include "json/json.h"

struct tk_buf;

/*
 * Requests of chat APIs: what is in them, and how many tokens that is.
 *
 *	struct chat_request r;
 *	struct chat_counts c;
 *
 *	if (chat_parse(&r, text, len, err) < 0)
 *		...
 *	chat_count(&r, &options, &c, err);	c.total, c.system, ...
 *	chat_write(&r, keep, &buf);		the request with fewer messages
 *	chat_release(&r);
 *
 * Read are OpenAI's chat completions and Responses, Anthropic's Messages and
 * Gemini's generateContent; which one it is the fields tell.  A bare array
 * of messages is one of OpenAI's.  Fields that hold no text for the model
 * (temperature and the like) are passed over; content of a kind that is not
 * known is counted as the JSON that it is, and makes the count an estimate.
 * What is missing or null is as if it were empty, but for the messages and,
 * except with Gemini, their roles; of members with one name the last counts.
 *
 * Nothing is copied: the text must stay while the request is used.
 */
enum chat_api {
	CHAT_COMPLETIONS, /* OpenAI, and all who do as they do */
	CHAT_RESPONSES,
	CHAT_ANTHROPIC,
	CHAT_GEMINI,
};

const char *chat_api_name(enum chat_api api);

enum chat_role {
	CHAT_SYSTEM, /* and "developer" */
	CHAT_USER,
	CHAT_ASSISTANT,
	CHAT_TOOL, /* the result of a call */
};

enum chat_part_kind {
	CHAT_TEXT,
	CHAT_CALL,   /* a tool is called: its name; the arguments follow */
	CHAT_RESULT, /* a tool's result begins here; what it says follows */
	CHAT_IMAGE,
	CHAT_OTHER, /* audio, files, what is not known */
};

struct chat_part {
	enum chat_part_kind kind;
	struct json_text text; /* p is NULL when there is none */
	bool is_json;          /* text is JSON itself, not a string's inside */
	struct chat_image image;
};

/* One message, or the instructions that stand outside of the messages. */
struct chat_message {
	enum chat_role role;
	struct json_text role_text, name; /* p NULL: not given */
	size_t at, len; /* where it is in the source, as a value */
	bool outside;   /* not an item of the array of messages */
	/* Messages of one group belong together: a call and its results. */
	size_t group;
	size_t part, parts; /* of request.part */
	int64_t tokens;     /* by chat_count(): all that leaving it out saves */
};

struct chat_tool {
	struct json_text name, description;
	struct json_text schema; /* JSON; p NULL: none */
	struct json_text other;  /* JSON of one that is no function */
};

/* The id that a call and its result share. */
struct chat_link {
	struct json_text id;
	size_t message;
	bool result;
	const struct chat_link *call; /* of a result; NULL: of none */
};

struct chat_request {
	const char *text;
	size_t len;
	enum chat_api api;
	struct json_text model; /* p NULL: not given */
	struct chat_message *message;
	size_t messages, message_cap;
	struct chat_part *part;
	size_t parts, part_cap;
	struct chat_tool *tool;
	size_t tools, tool_cap;
	struct chat_link *link;
	size_t links, link_cap;
	struct json_text answer; /* the schema of the answer; p NULL: none */
	bool tool_forced;        /* some tool must be called */
	enum chat_detail media_detail; /* Gemini's, for all images */
	bool unknown;                  /* there is content of unknown kind */
	bool odd_role;                 /* and a role that is not known */
};

int chat_parse(struct chat_request *r, const char *text, size_t len,
    struct tk_err *err);
void chat_release(struct chat_request *r);

/*
 * The request without the messages for which keep[] is false, else byte for
 * byte as it was.  What stands outside of the array is always kept.
 */
void chat_write(const struct chat_request *r, const bool *keep,
    struct tk_buf *to);

/* What the texts of a request are like. */
void chat_sample(const struct chat_request *r, struct content *c);

/* The tokens of one text, in millionths, so that estimates add up. */
typedef int chat_tokens_fn(const char *text, size_t n, int64_t *millionths,
    void *data, struct tk_err *err);

struct chat_options {
	const char *model; /* whose rules; NULL: the usual ones of the API */
	bool exact;        /* tokens_of() gives no estimates */
	chat_tokens_fn *tokens_of;
	void *data;
};

/* The parts are disjoint: total is their sum. */
struct chat_counts {
	int64_t system, messages, tools, images, overhead, total;
	bool estimated;
	/* Why, the first that holds; NULL when exact. */
	const char *why;
	size_t unsized; /* images whose size is not known */
};

int chat_count(struct chat_request *r, const struct chat_options *o,
    struct chat_counts *c, struct tk_err *err);

#endif
