/*
 * What keys of tokctl top do besides changing the screen
 *
 * Each is a command of ours that is run with its words, so that it has the
 * same checks and the same entry in the audit chain; the command itself is
 * shown with what it said.  u runs the command that takes the last one back.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "config/config.h"
#include "limit.h"
#include "limit/people.h"
#include "top.h"

enum { SAID_MAX = 512, WORDS_MAX = 40 };

/* The words of a command, each with its NUL. */
static void
add_word(struct tk_buf *w, const char *word)
{
	tk_buf_add(w, word, strlen(word) + 1);
}

static void
add_words(struct tk_buf *w, const char *const *word)
{
	for (; *word != NULL; word++)
		add_word(w, *word);
}

/* "tokctl quota set --user bob": of whom the action is; else everyone. */
static void
begin(struct top_acts *a, const struct top_model *m, struct tk_buf *w,
    const char *command, const char *verb)
{
	const char *user = top_ui_user(&a->r->ui, &a->r->q, m);

	add_words(w, (const char *const[]){ "tokctl", command, verb, NULL });
	if (user != NULL)
		add_words(w, (const char *const[]){ "--user", user, NULL });
	else
		add_word(w, "--everyone");
}

/* How a person would type it. */
static void
add_typed(struct tk_buf *b, const struct tk_buf *w)
{
	for (size_t i = 0; i < w->len; i += strlen(w->s + i) + 1) {
		const char *word = w->s + i;
		bool plain = *word != '\0' &&
		    strspn(word,
			"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			"0123456789-_./:@%,+=") == strlen(word);

		tk_buf_addf(b, plain ? "%s%s" : "%s'%s'", i > 0 ? " " : "",
		    word);
	}
}

/* The words as execv() has them, with where the ledger is at their end. */
static void
list_words(const struct run *r, const struct tk_buf *w,
    const char *v[WORDS_MAX + 5])
{
	size_t n = 0;

	for (size_t i = 0; i < w->len && n < WORDS_MAX; i +=
	     strlen(w->s + i) + 1)
		v[n++] = w->s + i;
	v[n++] = "--ledger";
	v[n++] = r->ctx->ledger_url;
	if (r->ctx->common->config != NULL) {
		v[n++] = "--config";
		v[n++] = r->ctx->common->config;
	}
	v[n] = NULL;
}

static void
child(const struct run *r, const struct tk_buf *w, int out)
{
	const char *v[WORDS_MAX + 5];
	int null = open("/dev/null", O_RDONLY);

	/* Stopped, it would keep us waiting, and others from the ledger. */
	signal(SIGTSTP, SIG_IGN);
	list_words(r, w, v);
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	execv("/proc/self/exe", (char *const *)(uintptr_t)v);
	_exit(127);
}

/* Run it; what it says is appended to said, in one line.  False: it failed. */
static bool
run_quietly(const struct run *r, const struct tk_buf *w, struct tk_buf *said)
{
	char bytes[SAID_MAX];
	int out[2], status = 0;
	size_t from = said->len;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0) {
		tk_buf_addf(said, "cannot start: %s", strerror(errno));
		return false;
	}
	pid = fork();
	if (pid == 0)
		child(r, w, out[1]);
	close(out[1]);
	while ((n = read(out[0], bytes, sizeof(bytes))) > 0 ||
	    (n < 0 && errno == EINTR))
		if (n > 0 && said->len < from + SAID_MAX)
			tk_buf_add(said, bytes, (size_t)n);
	close(out[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	while (said->len > from && said->s[said->len - 1] == '\n')
		said->s[--said->len] = '\0';
	for (size_t i = from; i < said->len; i++)
		if (said->s[i] == '\n')
			said->s[i] = ';';
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * Run it and say so; when it was done, undo is what takes it back ("": it
 * cannot be).  Both are released.
 */
static void
perform(struct top_acts *a, struct tk_buf *w, struct tk_buf *undo)
{
	struct tk_buf *message = &a->r->ui.message, said = TK_BUF_INIT;
	bool done = run_quietly(a->r, w, &said);

	tk_buf_reset(message);
	if (done) {
		tk_buf_adds(message, "$ ");
		add_typed(message, w);
		if (undo->len > 0)
			tk_buf_adds(message, " - u undoes it");
		tk_buf_release(&a->undo);
		tk_buf_release(&a->undoes);
		a->undo = *undo;
		tk_buf_addf(&a->undoes, "%s", message->s + 2);
		*undo = (struct tk_buf)TK_BUF_INIT;
	} else {
		tk_buf_adds(message, said.s);
	}
	tk_buf_release(w);
	tk_buf_release(undo);
	tk_buf_release(&said);
}

static int
read_role(const struct person *p, void *data, struct tk_err *err)
{
	(void)err;
	*(bool *)data = p->listed && p->role == ROLE_USER;
	return 0;
}

bool
top_act_asks(struct run *r)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct ledger_actor by;
	bool asks = false;

	if (r->ctx->ledger == NULL || cmd_actor(r->ctx, &by, &ignored) < 0 ||
	    person_get(r->ctx->ledger, by.name, r->ctx->now, read_role, &asks,
		&ignored) < 0)
		return false;
	return asks;
}

/* Whether somebody with no more than the role of a user does that to others;
 * then it is said. */
static bool
is_refused(struct top_acts *a, const char *user, const char *what)
{
	struct tk_err ignored = TK_ERR_INIT;
	struct ledger_actor by;

	if (!top_act_asks(a->r) || cmd_actor(a->r->ctx, &by, &ignored) < 0 ||
	    (user != NULL && strcmp(by.name, user) == 0))
		return false;
	tk_buf_reset(&a->r->ui.message);
	tk_buf_addf(&a->r->ui.message,
	    "%s is a user: %s of others takes a manager or an admin", by.name,
	    what);
	return true;
}

/* What brings the daily quota back to what it is. */
static void
undo_limit(struct top_acts *a, const struct top_model *m, struct tk_buf *w)
{
	const char *user = top_ui_user(&a->r->ui, &a->r->q, m);
	const struct top_limit *l = NULL;
	struct tk_buf n = TK_BUF_INIT;

	for (size_t i = 0; i < m->limits; i++)
		if (m->limit[i].kind == LIMIT_QUOTA &&
		    m->limit[i].period == PERIOD_DAY &&
		    (user != NULL ? m->limit[i].scope == SCOPE_USER &&
				strcmp(m->limit[i].name, user) == 0
				  : m->limit[i].scope == SCOPE_EVERYONE))
			l = &m->limit[i];
	begin(a, m, w, "quota", l != NULL ? "set" : "unset");
	add_word(w, "--daily");
	if (l != NULL) {
		tk_int128_add(&n, l->amount);
		add_word(w, n.s);
	}
	tk_buf_release(&n);
}

/* Who may not set a quota asks for it. */
void
top_act_limit(struct top_acts *a, const struct top_model *m)
{
	struct tk_buf w = TK_BUF_INIT, undo = TK_BUF_INIT, amount = TK_BUF_INIT;
	bool asks = top_act_asks(a->r);

	for (const char *c = a->r->ui.input.s; *c != '\0'; c++)
		if (*c != ',' && *c != ' ')
			tk_buf_add(&amount, c, 1);
	begin(a, m, &w, "quota", asks ? "request" : "set");
	add_words(&w, (const char *const[]){ "--daily", amount.s, NULL });
	if (asks)
		add_words(&w,
		    (const char *const[]){ "--justification",
			"asked for in tokctl top", NULL });
	else
		undo_limit(a, m, &undo);
	perform(a, &w, &undo);
	tk_buf_release(&amount);
}

void
top_act_alert(struct top_acts *a, const struct top_model *m)
{
	const char *user = top_ui_user(&a->r->ui, &a->r->q, m);
	const char *at = a->r->ui.input.s;
	struct tk_buf w = TK_BUF_INIT, undo = TK_BUF_INIT, name = TK_BUF_INIT;

	if (is_refused(a, user, "an alert"))
		return;
	/* A name of its own, so that it can be taken away again. */
	tk_buf_addf(&name, "top-%s-%.*s", user != NULL ? user : "everyone",
	    (int)strcspn(at, "%"), at);
	begin(a, m, &w, "alert", "add");
	add_words(&w,
	    (const char *const[]){ "--at", at, "--name", name.s, NULL });
	add_words(&undo,
	    (const char *const[]){ "tokctl", "alert", "remove", name.s, NULL });
	perform(a, &w, &undo);
	tk_buf_release(&name);
}

void
top_act_ack(struct top_acts *a, const struct top_model *m)
{
	const char *id = a->r->ui.input.s, *user = NULL;
	struct tk_buf w = TK_BUF_INIT, undo = TK_BUF_INIT;

	for (size_t i = 0; i < m->alerts; i++) {
		struct tk_buf b = TK_BUF_INIT;

		tk_buf_addf(&b, "%" PRId64, m->alert[i].id);
		if (strcmp(b.s, id) == 0 && m->alert[i].is_user)
			user = m->alert[i].name;
		tk_buf_release(&b);
	}
	if (is_refused(a, user, "an alert"))
		return;
	add_words(&w,
	    (const char *const[]){ "tokctl", "alert", "ack", id, NULL });
	add_words(&undo,
	    (const char *const[]){ "tokctl", "alert", "ack", "--undo", id,
		NULL });
	perform(a, &w, &undo);
}

void
top_act_undo(struct top_acts *a)
{
	struct tk_buf *message = &a->r->ui.message, said = TK_BUF_INIT;

	tk_buf_reset(message);
	if (a->undo.len == 0) {
		tk_buf_adds(message,
		    a->undoes.len > 0 ? "that cannot be undone here"
				      : "there is nothing to undo");
		return;
	}
	if (run_quietly(a->r, &a->undo, &said)) {
		tk_buf_adds(message, "undone: $ ");
		add_typed(message, &a->undo);
		tk_buf_reset(&a->undo);
		tk_buf_reset(&a->undoes);
	} else {
		tk_buf_adds(message, said.s);
	}
	tk_buf_release(&said);
}

/* The names that the view is narrowed by, as options. */
static void
add_filter(struct top_acts *a, struct tk_buf *w)
{
	struct top_query q;

	top_query(a->r, &q);
	for (int kind = 0; kind < NAME_KINDS; kind++)
		for (size_t i = 0; i < q.filter.names[kind]; i++) {
			struct tk_buf option = TK_BUF_INIT;

			tk_buf_addf(&option, "--%s", pack_names[kind].key);
			add_words(w,
			    (const char *const[]){ option.s,
				q.filter.name[kind][i], NULL });
			tk_buf_release(&option);
		}
}

/* A file beside where we were started, of this moment: none is replaced. */
void
top_act_export(struct top_acts *a, const struct top_model *m)
{
	const struct ledger_filter *f = &m->table[TABLE_VIEW].query.filter;
	const struct tk_zone *z = a->r->ctx->zone;
	struct tk_buf w = TK_BUF_INIT, undo = TK_BUF_INIT, file = TK_BUF_INIT;
	struct tk_buf since = TK_BUF_INIT, until = TK_BUF_INIT;
	const char *view =
	    top_views[m->view < TOP_LIVE ? m->view : TOP_USER].name;

	tk_time_add(&since, z, f->since);
	tk_time_add(&until, z, f->until);
	tk_buf_addf(&file, "tokctl-%s-", view);
	tk_day_add(&file, tk_zone_day(z, a->r->ctx->now));
	tk_buf_adds(&file, "-");
	tk_time_add_second(&file, z, a->r->ctx->now);
	tk_buf_adds(&file, ".csv");
	for (char *c = file.s; *c != '\0'; c++)
		if (*c == ':')
			*c = '.';
	add_words(&w,
	    (const char *const[]){ "tokctl", "report", "by", view, "--since",
		since.s, "--until", until.s, NULL });
	add_filter(a, &w);
	add_words(&w, (const char *const[]){ "-f", "csv", "-o", file.s, NULL });
	perform(a, &w, &undo);
	tk_buf_release(&file);
	tk_buf_release(&since);
	tk_buf_release(&until);
}

/* A child with the terminal: when it has stopped, the shell shall have it. */
static void
wait_for(pid_t pid)
{
	int status = 0;

	signal(SIGTSTP, SIG_IGN);
	while (pid > 0 &&
	    (waitpid(pid, &status, WUNTRACED) < 0 ? errno == EINTR
						  : WIFSTOPPED(status))) {
		if (!WIFSTOPPED(status))
			continue;
		signal(SIGTSTP, SIG_DFL);
		raise(SIGTSTP);
		signal(SIGTSTP, SIG_IGN);
		kill(pid, SIGCONT);
		status = 0;
	}
	signal(SIGTSTP, SIG_DFL);
}

void
top_act_report(struct top_acts *a, const struct top_model *m)
{
	const char *user = top_ui_user(&a->r->ui, &a->r->q, m);
	const char *v[WORDS_MAX + 5];
	struct tk_buf w = TK_BUF_INIT;
	pid_t pid;

	add_words(&w,
	    (const char *const[]){ "tokctl", "report", "daily", "--full",
		NULL });
	if (user != NULL)
		add_words(&w, (const char *const[]){ "--user", user, NULL });
	list_words(a->r, &w, v);
	pid = fork();
	if (pid == 0) {
		setenv("LESS", "R", 1); /* a short one shall stay, too */
		execv("/proc/self/exe", (char *const *)(uintptr_t)v);
		_exit(127);
	}
	signal(SIGINT, SIG_IGN);
	wait_for(pid);
	signal(SIGINT, SIG_DFL);
	tk_buf_release(&w);
}

/* What W writes, key by key; false: the settings could not be written. */
static bool
save_key(struct run *r, const char *key, const char *value, struct tk_buf *path)
{
	struct tk_err err = TK_ERR_INIT;

	tk_buf_reset(path);
	if (config_set(r->ctx->config, key, value, path, &err) >= 0)
		return true;
	tk_buf_reset(&r->ui.message);
	tk_buf_adds(&r->ui.message, err.msg);
	return false;
}

void
top_act_save(struct run *r)
{
	const struct top_ui *ui = &r->ui;
	struct tk_buf path = TK_BUF_INIT, delay = TK_BUF_INIT;

	tk_buf_addf(&delay, "%dms", (int)ui->delay);
	if (save_key(r, "top.refresh", delay.s, &path) &&
	    save_key(r, "top.view", top_views[ui->view].name, &path) &&
	    save_key(r, "top.sort", top_sorts[ui->sort].name, &path) &&
	    save_key(r, "top.theme", screen_themes[ui->theme].name, &path) &&
	    save_key(r, "top.mouse", ui->mouse ? "true" : "false", &path) &&
	    (ui->ascii == r->ascii ||
		save_key(r, "ui.ascii", ui->ascii ? "yes" : "no", &path))) {
		tk_buf_reset(&r->ui.message);
		tk_buf_addf(&r->ui.message, "saved in %s", path.s);
	}
	tk_buf_release(&path);
	tk_buf_release(&delay);
}
