#ifndef PROVIDER_CLAUDE_STATUS_H
#define PROVIDER_CLAUDE_STATUS_H

#include "base/num.h"
#include "provider/limits.h"

/*
 * What Claude Code says on the standard input of its status line's command:
 * one JSON object with the session, the model, its cost so far, how full
 * the context is and, for subscribers, the limits of the account:
 *
 *	{"session_id":"...","cwd":"/src/web",
 *	 "model":{"id":"claude-opus-4-6","display_name":"Opus 4.6"},
 *	 "workspace":{"project_dir":"/src/web"},"version":"2.1.200",
 *	 "cost":{"total_cost_usd":0.52},
 *	 "context_window":{"used_percentage":23,"total_input_tokens":46000,
 *	     "context_window_size":200000},
 *	 "rate_limits":{"five_hour":{"used_percentage":42.5,
 *	     "resets_at":1795311600},"seven_day":{...}}}
 *
 * Anything may be missing, null or of another type, in some version: then it
 * is not known.  Texts are clean and short enough for a line.
 */
struct claude_status {
	char session[128], model[64], model_id[128], project[256], version[32];
	bool has_cost;
	tk_int128 cost;                /* of the session, as it says */
	int64_t context_used;          /* millionths; -1: not known */
	int64_t context_tokens;        /* -1: not known */
	int64_t context_size;          /* -1: not known */
	struct provider_limits limits; /* seen now */
};

/* Fails when the text is no JSON object; what was read until then is kept. */
int claude_status_read(struct claude_status *c, const char *text, size_t len,
    int64_t now, struct tk_err *err);

#endif
