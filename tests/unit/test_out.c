/* One table in all formats and widths: what people see, and the envelope. */
#include "out_written.h"
#include "tap.h"

static const struct out_col day_cols[] = {
	{ "date", "Date", OUT_DAY, 0 },
	{ "complete", "Complete", OUT_BOOL, OUT_MACHINE },
	{ "requests", "Req", OUT_INT, OUT_MEDIUM },
	{ "input_tokens", "Input", OUT_INT, OUT_WIDE },
	{ "output_tokens", "Output", OUT_INT, OUT_WIDE },
	{ "cached_ratio", "Cached", OUT_RATIO, OUT_WIDE | OUT_WHOLE },
	{ "total_tokens", "Tokens", OUT_INT, 0 },
	{ "cost_usd", "Cost", OUT_MONEY, OUT_PARTIAL },
	{ "bar", "", OUT_BAR, 0 },
	OUT_COL_END,
};

static const struct {
	int req, in, out, cached;
	const char *cost;
	bool partial;
} days[] = {
	{ 5, 12518, 2900, 3380, "0.04", false },
	{ 69, 163914, 42112, 70483, "0.68", false },
	{ 71, 208276, 37019, 41655, "0.71", true },
	{ 65, 166530, 33971, 48293, "0.60", true },
	{ 85, 210887, 42601, 75919, "0.70", true },
	{ 53, 142306, 26035, 40262, "0.420337", true },
	{ 49, 160171, 24935, 97803, "0.431328", true },
};

static void
put_money(struct out *o, const char *text, bool partial)
{
	tk_int128 pico;

	CHECK(tk_money_parse(text, strlen(text), &pico));
	out_money(o, pico);
	if (partial)
		out_partial(o);
}

static void
daily(struct out *o)
{
	static const struct out_doc doc = {
		.schema = "tokctl.report.daily/1",
		.title = "Usage by day, all users",
		.since = INT64_C(1794697200000), /* 2026-11-15, Berlin */
		.until = NOW,
	};
	int32_t first = tk_day_from_civil(2026, 11, 15);

	out_document(o, &doc);
	out_begin(o, day_cols);
	for (int i = 0; i < 7; i++) {
		out_day(o, first + i);
		if (i == 6)
			out_unfinished(o);
		out_bool(o, i < 6);
		out_int(o, days[i].req);
		out_int(o, days[i].in);
		out_int(o, days[i].out);
		out_ratio(o, days[i].cached, days[i].in);
		out_int(o, days[i].in + days[i].out);
		put_money(o, days[i].cost, days[i].partial);
		out_bar(o, days[i].in + days[i].out);
		out_end_row(o);
	}
	out_total(o);
	out_null(o);
	out_null(o);
	out_int(o, 397);
	out_int(o, 1064602);
	out_int(o, 209573);
	out_ratio(o, 375980, 1064602);
	out_int(o, 1274175);
	put_money(o, "3.578018", true);
	out_null(o);
	out_end_row(o);
	out_summary(o, "Mean day");
	out_null(o);
	out_null(o);
	out_int(o, 56);
	out_int(o, 152086);
	out_int(o, 29939);
	out_null(o);
	out_int(o, 182025);
	put_money(o, "0.511145", false);
	out_null(o);
	out_end_row(o);
	out_note(o, "* the day is not over");
	out_warning(o, "unpriced",
	    "+ 10 requests have no price (llama-3.3-70b-local); set one with"
	    " 'tokctl price set'");
}

static void
table_of_80_columns(void)
{
	struct out_style st = style(F_TABLE, 80);

	CHECK_STR(written(daily, st),
	    "Usage by day, all users            2026-11-15 to 2026-11-21"
	    " 14:32, Europe/Berlin\n"
	    "\n"
	    "Date             Req      Input   Output  Cached     Tokens   "
	    "Cost\n"
	    "2026-11-15 Sun     5     12,518    2,900     27%     15,418  "
	    "$0.04   ▋\n"
	    "2026-11-16 Mon    69    163,914   42,112     43%    206,026  "
	    "$0.68   ████████▉\n"
	    "2026-11-17 Tue    71    208,276   37,019     20%    245,295  "
	    "$0.71+  ██████████▋\n"
	    "2026-11-18 Wed    65    166,530   33,971     29%    200,501  "
	    "$0.60+  ████████▋\n"
	    "2026-11-19 Thu    85    210,887   42,601     36%    253,488  "
	    "$0.70+  ███████████\n"
	    "2026-11-20 Fri    53    142,306   26,035     28%    168,341  "
	    "$0.42+  ███████▎\n"
	    "2026-11-21 Sat*   49    160,171   24,935     61%    185,106  "
	    "$0.43+  ████████\n"
	    "----------------------------------------------------------------"
	    "---\n"
	    "Total            397  1,064,602  209,573     35%  1,274,175  "
	    "$3.58+\n"
	    "Mean day          56    152,086   29,939            182,025  "
	    "$0.51\n"
	    "\n"
	    "* the day is not over\n"
	    "+ 10 requests have no price (llama-3.3-70b-local); set one with"
	    " 'tokctl price\n"
	    "  set'\n");
	st.utf8 = false;
	CHECK(strstr(written(daily, st), "$0.70+  ###########\n") != NULL);
	CHECK(strstr(written(daily, st), "$0.68   ########=\n") != NULL);
	CHECK(strstr(written(daily, st), "$0.42+  #######-\n") != NULL);
	st = style(F_TABLE, 0);
	CHECK(strstr(written(daily, st), "$0.70+\n") != NULL);
}

static void
table_of_fewer_columns(void)
{
	CHECK(
	    strstr(written(daily, style(F_TABLE, 60)),
		"Usage by day, all users\n"
		"2026-11-15 to 2026-11-21 14:32, Europe/Berlin\n"
		"\n"
		"Date             Req      Input     Tokens   Cost\n") != NULL);
	CHECK(strstr(written(daily, style(F_TABLE, 40)),
		  "Usage by day, all users\n"
		  "11-15 to 11-21 14:32 Europe/Berlin\n"
		  "Date             Req     Tokens   Cost\n"
		  "2026-11-15 Sun     5     15,418  $0.04\n") != NULL);
	CHECK(strstr(written(daily, style(F_TABLE, 30)),
		  "Date           Tokens   Cost\n"
		  "11-15 Sun      15,418  $0.04\n") != NULL);
	CHECK(strstr(written(daily, style(F_TABLE, 26)),
		  "Total        1.27M  $3.58+\n") != NULL);
	CHECK(strstr(written(daily, style(F_TABLE, 20)),
		  "11-21 Sat*  $0.43+\n") != NULL);
}

static void
since_new_year(struct out *o)
{
	static const struct out_doc doc = {
		.schema = "tokctl.report.by/1",
		.title = "Usage",
		.since = INT64_C(1767222000000), /* 2026-01-01, Berlin */
		.until = NOW,
	};

	out_document(o, &doc);
	out_begin(o, day_cols);
}

static void
since_last_year(struct out *o)
{
	static const struct out_doc doc = {
		.schema = "tokctl.report.by/1",
		.title = "Usage",
		.since = INT64_C(1767222000000) - 1000,
		.until = NOW,
	};

	out_document(o, &doc);
	out_begin(o, day_cols);
}

static void
years_are_said_where_there_are_two(void)
{
	CHECK(strstr(written(since_new_year, style(F_TABLE, 40)),
		  "Usage\n01-01 to 11-21 14:32 Europe/Berlin\n") != NULL);
	CHECK(strstr(written(since_last_year, style(F_TABLE, 40)),
		  "2025-12-31 23:59 to 2026-11-21 14:32 Europe/Berlin\n") !=
	    NULL);
}

/* Extra columns go before others, and for a bar; a state is never cut; the
 * label of a total is room for names; small columns come back. */
static void
write_extras(struct out *o)
{
	static const struct out_col cols[] = {
		{ "user", "User", OUT_TEXT, 0 },
		{ "a", "Extra one", OUT_INT, OUT_EXTRA },
		{ "b", "A wide one", OUT_INT, OUT_WIDE },
		{ "c", "C", OUT_INT, OUT_WIDE },
		{ "change", "Change", OUT_RATIO, OUT_SIGNED },
		{ "state", "State", OUT_TEXT, OUT_STATE },
		{ "bar", "", OUT_BAR, 0 },
		OUT_COL_END,
	};

	out_begin(o, cols);
	for (int i = 0; i < 2; i++) {
		out_text(o, i ? "dmitri.konstantinovich" : "al");
		out_int(o, 1);
		out_int(o, 2);
		out_int(o, 3);
		if (i == 0)
			out_ratio(o, 1, 2);
		else
			out_unknown(o, "so far");
		out_text(o, "warning");
		out_bar(o, i);
		out_end_row(o);
	}
	out_summary(o, "of the budget");
	for (int i = 0; i < 7; i++)
		out_null(o);
	out_end_row(o);
}

static void
what_goes_first_and_what_stays(void)
{
	CHECK(strstr(written(write_extras, style(F_TABLE, 0)),
		  "User                    Extra one  A wide one  C  Change  "
		  "State\n") != NULL);
	CHECK(strstr(written(write_extras, style(F_TABLE, 74)),
		  "User                    A wide one  C  Change  State\n") !=
	    NULL);
	CHECK(strstr(written(write_extras, style(F_TABLE, 56)),
		  "User                    C  Change  State\n") != NULL);
	CHECK(strstr(written(write_extras, style(F_TABLE, 32)),
		  "dmitri.kon~vich  so far  warning\n") != NULL);
	CHECK(strstr(written(write_extras, style(F_TABLE, 32)),
		  "of the budget\n") != NULL);
	CHECK(strstr(written(write_extras, style(F_CSV, 0)),
		  "dmitri.konstantinovich,1,2,3,,warning\n") != NULL);
}

static void
json_is_one_envelope(void)
{
	const char *got = written(daily, style(F_JSON, 0));

	CHECK(strstr(got,
		  "{\n"
		  "  \"schema\": \"tokctl.report.daily/1\",\n"
		  "  \"generated\": \"2026-11-21T14:32:07+01:00\",\n"
		  "  \"timezone\": \"Europe/Berlin\",\n"
		  "  \"range\": {\"since\": \"2026-11-15T00:00:00+01:00\","
		  " \"until\": \"2026-11-21T14:32:07+01:00\"},\n"
		  "  \"filters\": {},\n"
		  "  \"rows\": [\n"
		  "    {\"date\":\"2026-11-15\",\"complete\":true,"
		  "\"requests\":5,\"input_tokens\":12518,"
		  "\"output_tokens\":2900,\"cached_ratio\":0.270011,"
		  "\"total_tokens\":15418,\"cost_usd\":0.04},\n") == got);
	CHECK(strstr(got,
		  "\"cost_usd\":0.431328}\n"
		  "  ],\n"
		  "  \"total\": {\"requests\":397,\"input_tokens\":1064602,"
		  "\"output_tokens\":209573,\"cached_ratio\":0.353165,"
		  "\"total_tokens\":1274175,\"cost_usd\":3.578018},\n"
		  "  \"warnings\": [\n"
		  "    {\"code\":\"unpriced\",\"message\":\"+ 10 ") != NULL);
	CHECK(strstr(got, "Mean") == NULL);
	CHECK_STR(got + strlen(got) - 6, "  ]\n}\n");
}

int
main(void)
{
	struct tk_err err = TK_ERR_INIT;

	CHECK(tk_zone_open(&berlin, "Europe/Berlin", &err) == 0);
	table_of_80_columns();
	table_of_fewer_columns();
	years_are_said_where_there_are_two();
	what_goes_first_and_what_stays();
	json_is_one_envelope();
	tk_zone_free(berlin);
	return tap_done();
}
