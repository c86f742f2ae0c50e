/* What the commands about limits share: see limit.h. */
#include "limit.h"

#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/time.h"
#include "config/config.h"
#include "ledger/record.h"
#include "limit/people.h"
#include "out/out.h"
#include "price/price.h"
#include "usage.h"

const struct opt cmd_scope_opts[] = {
	OPT_STR('u', "user", struct cmd_scope, user, "name", HINT_USER,
	    "of this user"),
	OPT_STR(0, "department", struct cmd_scope, department, "name",
	    HINT_NONE, "of everybody in this department"),
	OPT_STR(0, "application", struct cmd_scope, application, "name",
	    HINT_APPLICATION, "of this application, or with --user"),
	OPT_STR('m', "model", struct cmd_scope, model, "model", HINT_MODEL,
	    "of this model"),
	OPT_STR(0, "key", struct cmd_scope, key, "name", HINT_NONE,
	    "of this API key"),
	OPT_FLAG(0, "everyone", struct cmd_scope, everyone,
	    "of all users together"),
	OPT_END,
};

void
cmd_need_init(struct cmd_need *need)
{
	need->tokens = need->input = need->output = RECORD_UNKNOWN;
}

/* Numbers that were given and are negative: bad data, as for records. */
static int
check_count(int64_t n, const char *option, struct tk_err *err)
{
	if (n >= 0 || n == RECORD_UNKNOWN)
		return 0;
	return tk_fail(err, TK_DATA, "--%s is negative: %" PRId64, option, n);
}

int
cmd_need_check(const struct cmd_need *need, struct tk_err *err)
{
	if (need->request_id != NULL && *need->request_id == '\0')
		return tk_fail(err, TK_USAGE, "--request-id: it is empty");
	return check_count(need->tokens, "tokens", err) < 0 ||
		check_count(need->input, "input", err) < 0 ||
		check_count(need->output, "output", err) < 0
	    ? -1
	    : 0;
}

int
cmd_scope_read(const struct cmd_scope *a, struct limit_name *of,
    struct tk_err *err)
{
	const struct {
		const char *name;
		enum limit_scope scope;
	} given[] = {
		{ a->user, SCOPE_USER },
		{ a->department, SCOPE_DEPARTMENT },
		{ a->application, SCOPE_APPLICATION },
		{ a->model, SCOPE_MODEL },
		{ a->key, SCOPE_KEY },
		{ a->everyone ? "" : NULL, SCOPE_EVERYONE },
	};
	int n = 0;

	*of = (struct limit_name){ SCOPE_USER, "", "" };
	for (size_t i = 0; i < TK_LEN(given); i++) {
		if (given[i].name == NULL)
			continue;
		if (*given[i].name == '\0' && given[i].scope != SCOPE_EVERYONE)
			return tk_fail(err, TK_USAGE, "--%s: it is empty",
			    limit_scope_name(given[i].scope));
		if (strlen(given[i].name) > RECORD_MAX_NAME)
			return tk_fail(err, TK_DATA,
			    "--%s is longer than %d bytes",
			    limit_scope_name(given[i].scope), RECORD_MAX_NAME);
		n++;
		of->scope = given[i].scope;
		of->name = given[i].name;
	}
	if (n == 2 && a->user != NULL && a->application != NULL) {
		*of = (struct limit_name){ SCOPE_USER_APPLICATION, a->user,
			a->application };
		return 1;
	}
	if (n > 1) {
		tk_fail(err, TK_USAGE, "a limit belongs to one of these");
		return tk_hint(err,
		    "only --user and --application go together");
	}
	return n;
}

int
cmd_scope_need(const struct cmd_scope *a, const char *what,
    struct limit_name *of, struct tk_err *err)
{
	int n = cmd_scope_read(a, of, err);

	if (n != 0)
		return n < 0 ? -1 : 0;
	tk_fail(err, TK_USAGE, "whose %s?", what);
	return tk_hint(err, "give --user, --application, --everyone, ...");
}

int
cmd_actor(struct cmd_ctx *ctx, struct ledger_actor *by, struct tk_err *err)
{
	by->name = NULL;
	by->time = ctx->now;
	return usage_user(ctx, &by->name, err);
}

int
cmd_strangers(struct cmd_ctx *ctx, enum limit_strangers *what,
    struct tk_err *err)
{
	int choice;

	if (config_get_choice(ctx->config, "user.unknown", &choice, err) < 0)
		return -1;
	*what = (enum limit_strangers)choice;
	return 0;
}

int
cmd_scope_known(struct cmd_ctx *ctx, const struct limit_name *of,
    struct tk_err *err)
{
	bool listed;
	int standing;

	if (of->scope != SCOPE_USER)
		return 0;
	standing = person_standing(ctx->ledger, of->name, &listed, err);
	if (standing < 0)
		return -1;
	return standing == PERSON_UNKNOWN
	    ? person_unknown(ctx->ledger, of->name, err)
	    : 0;
}

int
cmd_scope_user(struct cmd_ctx *ctx, const struct limit_name *of,
    const struct ledger_actor *by, struct tk_err *err)
{
	enum limit_strangers strangers;
	bool listed;
	int standing;

	if (of->scope != SCOPE_USER && of->scope != SCOPE_USER_APPLICATION)
		return 0;
	standing = person_standing(ctx->ledger, of->name, &listed, err);
	if (standing < 0 || cmd_strangers(ctx, &strangers, err) < 0)
		return -1;
	if (standing == PERSON_REMOVED) {
		tk_fail(err, TK_NOTFOUND, "user '%.200s' was removed",
		    of->name);
		return tk_hint(err, "add it again with 'tokctl user add'");
	}
	if (!listed && strangers == STRANGERS_REFUSE)
		return person_unknown(ctx->ledger, of->name, err);
	return person_ensure(ctx->ledger, of->name, by, err);
}

int
cmd_read_part(const char *option, const char *text, int64_t *ppm,
    struct tk_err *err)
{
	if (tk_part_parse(text, ppm))
		return 0;
	return tk_fail(err, TK_USAGE,
	    "--%s: '%.64s' is no part of 1, as 0.8 or 80%%", option, text);
}

/* "$12.50", or "1250c": the length of the number without its unit. */
static size_t
strip_unit(const char **text, bool *cents)
{
	static const char *const units[] = { "cents", "cent", "c", "\xc2\xa2" };
	size_t len;

	*cents = false;
	if (**text == '$') {
		++*text;
		return strlen(*text);
	}
	len = strlen(*text);
	for (size_t i = 0; i < TK_LEN(units) && !*cents; i++) {
		size_t n = strlen(units[i]);

		*cents = len > n && strcmp(*text + len - n, units[i]) == 0;
		len -= *cents ? n : 0;
	}
	while (*cents && len > 0 && (*text)[len - 1] == ' ')
		len--;
	return len;
}

int
cmd_read_money(const char *option, const char *text, tk_int128 *pico,
    struct tk_err *err)
{
	const char *digits = text;
	bool cents;
	size_t len = strip_unit(&digits, &cents);

	if (!tk_money_parse(digits, len, pico) || (cents && *pico % 100 != 0))
		return tk_fail(err, TK_DATA,
		    "--%s: '%.64s' is no amount of dollars with at most 12 "
		    "decimals",
		    option, text);
	if (cents)
		*pico /= 100;
	if (*pico < 0)
		return tk_fail(err, TK_DATA, "--%s: '%.64s' is negative",
		    option, text);
	if (*pico / TK_PICO_PER_USD > INT64_C(1000000000000000))
		return tk_fail(err, TK_DATA, "--%s: '%.64s' is too much",
		    option, text);
	return 0;
}

/* More than a record can cost is asked for in millions of tokens. */
enum { MANY = 1000000 };

static int64_t
scaled(int64_t n, int64_t unit)
{
	return n / unit + (n % unit != 0);
}

static int
estimate(const struct price_book *pb, const struct cmd_need *need, int64_t now,
    struct limit_ask *ask)
{
	struct tk_err ignored = TK_ERR_INIT;
	bool split = need->input >= 0 || need->output >= 0;
	int64_t in = need->input > 0 ? need->input : 0;
	int64_t out = need->output > 0 ? need->output : 0;
	int64_t rest = split ? 0 : ask->tokens > 0 ? ask->tokens : 0;

	for (int64_t unit = 1;; unit *= MANY) {
		struct price_usage u = { .time = now,
			.provider = need->provider,
			.model = need->model,
			.input = scaled(in, unit),
			.output = scaled(out, unit),
			.unsplit = scaled(rest, unit) };
		int64_t cost;
		int priced = price_cost(pb, &u, &cost, &ignored);

		if (priced >= 0 || unit > INT64_C(1000000000000)) {
			ask->cost = priced > 0 ? (tk_int128)cost * unit : 0;
			return priced > 0;
		}
	}
}

/* What the price book says that any model costs at most. */
static bool
ceiling(const struct price_book *pb, const struct cmd_need *need,
    struct limit_ask *ask)
{
	bool split = need->input >= 0 || need->output >= 0;
	int64_t in, out, dear;

	if (!price_ceiling(pb, &in, &out))
		return false;
	dear = in > out ? in : out;
	if (split)
		ask->cost =
		    (tk_int128)(need->input > 0 ? need->input : 0) * in +
		    (tk_int128)(need->output > 0 ? need->output : 0) * out;
	else
		ask->cost =
		    (tk_int128)(ask->tokens > 0 ? ask->tokens : 0) * dear;
	return true;
}

static int
read_tokens(const struct cmd_need *need, struct limit_ask *ask,
    struct tk_err *err)
{
	int64_t in = need->input >= 0 ? need->input : 0;
	int64_t out = need->output >= 0 ? need->output : 0;

	ask->tokens = need->tokens >= 0 ? need->tokens : -1;
	if (need->input < 0 && need->output < 0)
		return 0;
	if (need->tokens >= 0)
		return tk_fail(err, TK_USAGE,
		    "--tokens does not go with --input and --output");
	if (__builtin_add_overflow(in, out, &ask->tokens))
		return tk_fail(err, TK_DATA, "these are too many tokens");
	return 0;
}

int
cmd_need_ask(struct cmd_ctx *ctx, const struct cmd_need *need,
    struct limit_ask *ask, struct tk_err *err)
{
	const char *ttl = need->ttl;

	*ask = (struct limit_ask){ .who = { need->user, need->application,
				       need->model, need->key, need->session },
		.now = ctx->now,
		.request_id = need->request_id };
	if (read_tokens(need, ask, err) < 0 ||
	    cmd_strangers(ctx, &ask->strangers, err) < 0 ||
	    usage_user(ctx, &ask->who.user, err) < 0)
		return -1;
	if (ttl != NULL && tk_duration_parse(ttl, &ask->ttl, err) < 0)
		return tk_wrap(err, "--ttl");
	if (ttl == NULL &&
	    config_get_int(ctx->config, "quota.ttl", &ask->ttl, err) < 0)
		return -1;
	if (ask->ttl <= 0)
		return tk_fail(err, TK_USAGE, "--ttl: it is over at once");
	if (need->cost != NULL) {
		ask->priced = ask->given = true;
		return cmd_read_money("cost", need->cost, &ask->cost, err);
	}
	if (need->model != NULL)
		ask->priced = estimate(ctx->prices, need, ctx->now, ask);
	if (!ask->priced) {
		struct limit_ask dear = *ask;

		ask->unknown = ask->tokens > 0;
		if (ask->unknown && ceiling(ctx->prices, need, &dear)) {
			ask->ceiling = dear.cost;
			ask->has_ceiling = true;
		}
	}
	return 0;
}
