# A made-up team, as CSV for "usage record --csv -": what a day of theirs and
# two weeks before it look like.  awk -f team.awk; nothing is random but by
# a generator of its own, so it is the same everywhere.
function next_number() {
	seed = (seed * 16807) % 2147483647
	return seed
}
function pick(list,    n, part) {
	n = split(list, part, " ")
	return part[next_number() % n + 1]
}
# Dollars a million tokens: in, from the cache, out.
function price(model, input, cached, output,    p, rates) {
	if (model == "llama-3.3-70b-local")
		return ""
	rates = "1 0.1 5"
	if (model == "claude-sonnet-4-5")
		rates = "3 0.3 15"
	if (model == "gpt-4.1")
		rates = "2 0.5 8"
	split(rates, p, " ")
	return sprintf("%.8f",
	    (input * p[1] + cached * p[2] + output * p[3]) / 1000000)
}
function call(day, h, m, s, user, app, model, session, input, output,
    cached) {
	printf "2026-%sT%02d:%02d:%02d+01:00,%s,%s,%s,%s,web,%d,%d,%d,%s\n",
	    day, h, m, s, user, app, model, session, input - cached, cached,
	    output, price(model, input - cached, cached, output)
}
function some(day, from, to, n, scale,    i, user, at) {
	for (i = 0; i < n; i++) {
		user = pick("alice alice bob bob ci-bot ci-bot carol")
		at = from * 60 + int((to - from) * 60 * i / n) + next_number() % 7
		call(day, at / 60, at % 60, next_number() % 60, user,
		    user == "ci-bot" ? "ci" : pick("editor chat cli batch"),
		    pick("claude-sonnet-4-5 claude-sonnet-4-5 gpt-4.1 claude-haiku-4-5"),
		    substr(user, 1, 2) "-" substr(day, 1, 2) substr(day, 4) "b",
		    (300 + next_number() % 3000) * scale, 60 + next_number() % 900,
		    (next_number() % 200) * scale)
	}
}
BEGIN {
	seed = 20261121
	print "time,user,application,model,session,project,input_tokens," \
	    "cache_read_tokens,output_tokens,cost_usd"
	for (d = 2; d <= 20; d++) {
		weekend = d % 7 == 0 || d % 7 == 1
		some(sprintf("11-%02d", d), weekend ? 10 : 8, weekend ? 13 : 18,
		    weekend ? 8 : 42 + next_number() % 20, weekend ? 2 : 4)
	}
	call("11-21", 10, 37, 12, "dmitri.konstantinovich-lin", "cli",
	    "llama-3.3-70b-local", "dm-1121b", 1558, 344, 1200)
	some("11-21", 8, 12, 5, 1)
	call("11-21", 13, 13, 40, "carol", "chat", "claude-sonnet-4-5",
	    "ca-1121b", 6505, 2720, 2000)
	some("11-21", 13.9, 14.45, 34, 2)
	call("11-21", 14, 28, 28, "alice", "editor", "claude-haiku-4-5",
	    "al-1121b", 2261, 179, 1808)
	call("11-21", 14, 28, 52, "alice", "editor", "gpt-4.1", "al-1121b",
	    1139, 243, 911)
	call("11-21", 14, 29, 35, "alice", "cli", "claude-sonnet-4-5",
	    "al-1121b", 1764, 187, 1411)
	call("11-21", 14, 30, 20, "bob", "chat", "gpt-4.1", "bo-1121b", 2287,
	    884, 1829)
	call("11-21", 14, 31, 7, "alice", "editor", "claude-sonnet-4-5",
	    "al-1121b", 2030, 1131, 1624)
	call("11-21", 14, 32, 3, "bob", "chat", "gpt-4.1", "bo-1121b", 3495,
	    517, 2796)
}
