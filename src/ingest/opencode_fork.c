#include "ingest/opencode_fork.h"

#include <string.h>

#include "base/num.h"
#include "ingest/database.h"
#include "store/store.h"

void
opencode_fork_release(struct opencode_fork *f)
{
	tk_buf_release(&f->session);
	tk_buf_release(&f->folder);
}

/* The boundary is the number of a row, or the id that it has in the parent;
 * 1 when the parent has it. */
static int
find_boundary(struct opencode_fork *f, struct store *db, const char *parent,
    const char *boundary, struct tk_err *err)
{
	static const char sql[] = "SELECT seq"
				  "  FROM session_message"
				  " WHERE session_id = $1"
				  "   AND (id = $2 OR seq = $3)";
	int64_t number = -1;
	struct stmt *q;
	int more;

	tk_int_parse(boundary, strlen(boundary), &number);
	if (store_prepare(db, &q, sql, err) < 0)
		return -1;
	stmt_bind_text(q, 1, parent);
	stmt_bind_text(q, 2, boundary);
	stmt_bind_int(q, 3, number);
	more = stmt_step(q, err);
	if (more > 0)
		f->boundary = stmt_int(q, 0);
	stmt_free(q);
	return more;
}

static int
read_session(struct opencode_fork *f, struct store *db, struct tk_err *err)
{
	static const char *const columns[] = { "directory", "fork_session_id",
		"fork_boundary", NULL };
	struct stmt *q;
	int more, found = 0;

	if (database_select(db, &q, "session_v2", columns, "WHERE id = $1",
		err) < 0)
		return -1;
	stmt_bind_text(q, 1, f->session.s);
	more = stmt_step(q, err);
	if (more > 0)
		tk_buf_adds(&f->folder, stmt_text(q, 0));
	if (more > 0 && !stmt_is_null(q, 1) && !stmt_is_null(q, 2))
		found =
		    find_boundary(f, db, stmt_text(q, 1), stmt_text(q, 2), err);
	f->copied = found > 0;
	stmt_free(q);
	return more < 0 || found < 0 ? -1 : 0;
}

int
opencode_fork_look(struct opencode_fork *f, struct store *db,
    const char *session, struct tk_err *err)
{
	int has;

	if (f->session.len > 0 && strcmp(f->session.s, session) == 0)
		return 0;
	tk_buf_reset(&f->session);
	tk_buf_reset(&f->folder);
	tk_buf_adds(&f->session, session);
	f->copied = false;
	has = database_has(db, "session_v2", "id", err);
	if (has > 0 && read_session(f, db, err) < 0)
		has = -1;
	return has < 0 ? -1 : 0;
}
