/*
 * tokctl user - who uses tokens: names, departments, roles
 */
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "cmd.h"
#include "limit.h"
#include "limit/people.h"
#include "mail/mail.h"
#include "out/out.h"
#include "user.h"

static const struct out_col user_cols[] = {
	{ "user", "User", OUT_TEXT, 0 },
	{ "full_name", "Name", OUT_TEXT, OUT_MEDIUM },
	{ "email", "Email", OUT_TEXT, OUT_MEDIUM },
	{ "department", "Department", OUT_TEXT, 0 },
	{ "role", "Role", OUT_TEXT, 0 },
	{ "state", "State", OUT_TEXT, 0 },
	{ "added_at", "Added", OUT_TIME, OUT_WIDE },
	{ "removed_at", "Removed", OUT_TIME, OUT_MACHINE },
	{ "notify", "Told by", OUT_TEXT, OUT_WIDE },
	OUT_COL_END,
};

static const char *
state_of(const struct person *p)
{
	return p->removed != 0 ? "removed" : p->listed ? "active" : "seen";
}

static void
user_row(struct out *o, const struct person *p)
{
	out_text(o, p->name);
	out_text(o, p->full_name);
	out_text(o, p->email);
	out_text(o, p->department);
	out_text(o, person_roles[p->role].name);
	out_text(o, state_of(p));
	out_moment(o, p->added);
	out_moment(o, p->removed);
	out_text(o, p->notify);
	out_end_row(o);
}

struct list_args {
	struct cmd_common common;
	const char *department;
	int role;
	bool all;
};

static const struct opt list_opts[] = {
	OPT_STR(0, "department", struct list_args, department, "name",
	    HINT_NONE, "only of this department"),
	OPT_CHOICE(0, "role", struct list_args, role, "role", person_roles,
	    "only with this role"),
	OPT_FLAG('a', "all", struct list_args, all,
	    "with those who were removed"),
	OPT_COMMON(struct list_args),
	OPT_END,
};

static void
list_defaults(void *args)
{
	((struct list_args *)args)->role = -1;
}

struct listing {
	const struct list_args *args;
	struct out *o;
};

static int
list_person(const struct person *p, void *data, struct tk_err *err)
{
	const struct listing *l = data;
	const struct list_args *a = l->args;

	(void)err;
	if ((p->removed != 0 && !a->all) ||
	    (a->role >= 0 && (int)p->role != a->role) ||
	    (a->department != NULL &&
		(p->department == NULL ||
		    strcmp(p->department, a->department) != 0)))
		return 0;
	user_row(l->o, p);
	return 0;
}

static int
list_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	struct listing l = { args, ctx->out };

	(void)argc, (void)argv;
	out_document(ctx->out,
	    &(struct out_doc){ .schema = "tokctl.user.list/1",
		.title = "Users" });
	out_begin(ctx->out, user_cols);
	out_empty(ctx->out, "no users");
	return people_each(ctx->ledger, ctx->now, list_person, &l, err);
}

static const struct cmd cmd_user_list = {
	.name = "list",
	.summary = "list users, also those only seen in records",
	.opts = list_opts,
	.args_size = sizeof(struct list_args),
	.defaults = list_defaults,
	.needs = CMD_OUT | CMD_LEDGER_READ | CMD_PAGER,
	.run = list_run,
};

struct user_args {
	struct cmd_common common;
	const char *email, *full_name, *department, *notify;
	int role;
};

static const struct opt change_opts[] = {
	OPT_STR(0, "email", struct user_args, email, "address", HINT_NONE,
	    "where mail goes"),
	OPT_STR(0, "full-name", struct user_args, full_name, "name", HINT_NONE,
	    "the name as people write it"),
	OPT_STR(0, "department", struct user_args, department, "name",
	    HINT_NONE, "whose limits and bills it shares"),
	OPT_CHOICE(0, "role", struct user_args, role, "role", person_roles,
	    "what it may decide (user)"),
	OPT_STR(0, "notify", struct user_args, notify, "method,...", HINT_NONE,
	    "how it is told: email, webhook:NAME, ..."),
	OPT_COMMON(struct user_args),
	OPT_END,
};

static const struct opt plain_opts[] = {
	OPT_COMMON(struct user_args),
	OPT_END,
};

static void
user_defaults(void *args)
{
	((struct user_args *)args)->role = -1;
}

static int
one_name(int argc, const char **argv, struct tk_err *err)
{
	if (argc > 1)
		return tk_fail(err, TK_USAGE, "one user at a time");
	if (argc == 0) {
		tk_fail(err, TK_USAGE, "which user?");
		return tk_hint(err, "'tokctl user list' has them");
	}
	if (*argv[0] == '\0')
		return tk_fail(err, TK_USAGE, "the name is empty");
	if (!tk_utf8_valid(argv[0], strlen(argv[0])))
		return tk_fail(err, TK_DATA, "the name is not UTF-8");
	return 0;
}

static int
show_person(const struct person *p, void *data, struct tk_err *err)
{
	(void)err;
	user_row(data, p);
	return 0;
}

struct finding {
	const char *name;
	struct out *o;
	bool found;
};

static int
find_person(const struct person *p, void *data, struct tk_err *err)
{
	struct finding *f = data;

	(void)err;
	if (strcmp(p->name, f->name) == 0) {
		f->found = true;
		user_row(f->o, p);
	}
	return 0;
}

static int
print_user(struct cmd_ctx *ctx, const char *name, const char *schema,
    struct tk_err *err)
{
	struct finding f = { name, ctx->out, false };
	int found;

	out_document(ctx->out,
	    &(struct out_doc){ .schema = schema, .shape = OUT_ONE });
	out_begin(ctx->out, user_cols);
	found =
	    person_get(ctx->ledger, name, ctx->now, show_person, ctx->out, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (people_each(ctx->ledger, ctx->now, find_person, &f, err) < 0)
		return -1;
	return f.found ? 0 : person_unknown(ctx->ledger, name, err);
}

static int
show_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	(void)args;
	if (one_name(argc, argv, err) < 0)
		return -1;
	return print_user(ctx, argv[0], "tokctl.user.show/1", err);
}

/* "" takes it away; who is on this machine ("root") has one at a host, too. */
static int
check_email(const char *email, struct tk_err *err)
{
	if (*email == '\0')
		return 0;
	if (mail_address(email, err) < 0)
		return tk_wrap(err, "--email");
	if (strchr(email, '@') == NULL) {
		tk_fail(err, TK_USAGE, "--email: '%s' is no mail address",
		    email);
		return tk_hint(err, "as in --email alice@example.org");
	}
	return 0;
}

enum what { ADD, SET, REMOVE };

static int
change(struct cmd_ctx *ctx, enum what what, const struct user_args *a,
    const char *name, struct tk_err *err)
{
	static const char *const done[] = { "was added", "was changed",
		"was removed; its records stay" };
	struct person_change c = { .email = a->email,
		.full_name = a->full_name,
		.department = a->department,
		.role = a->role };
	struct tk_buf notify = TK_BUF_INIT;
	struct ledger_actor by;
	int rc = -1;

	if (what == ADD && c.role < 0)
		c.role = ROLE_USER;
	if (a->email != NULL && check_email(a->email, err) < 0)
		return -1;
	if (cmd_actor(ctx, &by, err) < 0 || ledger_begin(ctx->ledger, err) < 0)
		return -1;
	if (a->notify != NULL &&
	    user_read_notify(ctx, a->notify, &notify, err) < 0)
		goto out;
	if (a->notify != NULL)
		c.notify = notify.s;
	switch (what) {
	case ADD:
		rc = person_add(ctx->ledger, name, &c, &by, err);
		break;
	case SET:
		rc = person_change(ctx->ledger, name, &c, &by, err);
		break;
	case REMOVE:
		rc = person_remove(ctx->ledger, name, &by, err);
		break;
	}
	if (rc == 0)
		rc = ledger_commit(ctx->ledger, LEDGER_DURABLE, err);
out:
	ledger_rollback(ctx->ledger);
	tk_buf_release(&notify);
	if (rc == 0)
		cmd_say(ctx, "user %s %s", name, done[what]);
	if (rc == 0 && ctx->common->format > 0)
		rc = print_user(ctx, name, "tokctl.user.show/1", err);
	return rc;
}

static int
add_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	return one_name(argc, argv, err) < 0
	    ? -1
	    : change(ctx, ADD, args, argv[0], err);
}

static int
set_run(struct cmd_ctx *ctx, const void *args_, int argc, const char **argv,
    struct tk_err *err)
{
	const struct user_args *a = args_;

	if (one_name(argc, argv, err) < 0)
		return -1;
	if (a->email == NULL && a->full_name == NULL && a->department == NULL &&
	    a->notify == NULL && a->role < 0) {
		tk_fail(err, TK_USAGE, "what is to be changed?");
		return tk_hint(err, "give --department, --role, ...");
	}
	return change(ctx, SET, a, argv[0], err);
}

static int
remove_run(struct cmd_ctx *ctx, const void *args, int argc, const char **argv,
    struct tk_err *err)
{
	return one_name(argc, argv, err) < 0
	    ? -1
	    : change(ctx, REMOVE, args, argv[0], err);
}

#define USER_CMD(verb, text, options, need) \
	static const struct cmd cmd_user_##verb = { \
		.name = #verb, \
		.summary = (text), \
		.operands = "user", \
		.format = "table", \
		.opts = (options), \
		.args_size = sizeof(struct user_args), \
		.defaults = user_defaults, \
		.needs = (need), \
		.run = verb##_run, \
	};

USER_CMD(add, "add a user", change_opts, CMD_OUT | CMD_LEDGER_WRITE)
USER_CMD(show, "show one user", plain_opts, CMD_OUT | CMD_LEDGER_READ)
USER_CMD(set, "change a user", change_opts, CMD_OUT | CMD_LEDGER_UPDATE)
USER_CMD(remove, "remove a user, whose records stay", plain_opts,
    CMD_OUT | CMD_LEDGER_UPDATE)

static const struct cmd *const user_verbs[] = { &cmd_user_list, &cmd_user_add,
	&cmd_user_show, &cmd_user_set, &cmd_user_remove, NULL };

const struct cmd cmd_user = {
	.name = "user",
	.summary = "say who uses tokens: departments, roles",
	.verbs = user_verbs,
};
