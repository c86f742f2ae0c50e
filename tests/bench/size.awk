# Records for measuring how large a ledger gets:
#	awk -f size.awk -v n=100000 -v users=200 -v all=1
# Half the calls follow the one before within seconds; ids are random.  With
# all=1 every field of an imported call is there.
function hex(n, s) {
	s = ""
	while (n-- > 0)
		s = s substr("0123456789abcdefghijklmnopqrstuvwxyz", int(rand() * 36) + 1, 1)
	return s
}
BEGIN {
	srand(7)
	t = 1690000000
	head = "time,user,application,model,input_tokens,output_tokens,request_id"
	if (all)
		head = head ",provider,session,project,agent,endpoint,source,tier,cache_read_tokens,cache_write_5m_tokens,cache_write_1h_tokens,reasoning_tokens,web_searches,latency_ms,first_token_ms"
	print head
	session = hex(36)
	for (i = 0; i < n; i++) {
		t += rand() < 0.5 ? int(rand() * 9) : int(rand() * 120)
		if (rand() < 0.02)
			session = hex(8) "-" hex(4) "-" hex(4) "-" hex(12)
		out = int(exp(rand() * 8))
		printf "%d%03d,user%d,app%d,%s,%d,%d,%s", t, rand() * 1000,
		    rand() * users, rand() * 20,
		    rand() < 0.5 ? "gpt-4.1" : rand() < 0.8 ? "claude-sonnet-4-5" : "gpt-4o-mini",
		    exp(rand() * 10), out, hex(24 + int(rand() * 9))
		if (all)
			printf ",anthropic,%s,/home/u%d/src/p%d,%s,/v1/messages,claude-code,%s,%d,%d,%d,%d,%d,%d,%d",
			    session, rand() * 50, rand() * 80,
			    rand() < 0.2 ? "agent" int(rand() * 30) : "",
			    rand() < 0.1 ? "batch" : "standard",
			    exp(rand() * 12), rand() < 0.5 ? exp(rand() * 10) : 0,
			    rand() < 0.1 ? exp(rand() * 10) : 0, rand() * out,
			    rand() < 0.05, exp(5 + rand() * 6), exp(4 + rand() * 4)
		print ""
	}
}
