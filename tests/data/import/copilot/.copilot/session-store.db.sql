CREATE TABLE assistant_usage_events (id INTEGER PRIMARY KEY, session_id TEXT,
	model TEXT, created_at TEXT, input_tokens INTEGER,
	output_tokens INTEGER, cache_read_tokens INTEGER,
	cache_write_tokens INTEGER, reasoning_tokens INTEGER, duration_ms REAL,
	time_to_first_token_ms REAL);
INSERT INTO assistant_usage_events VALUES
	(1, 's1', 'gpt-5', '2026-11-10 10:00:00', 1000, 50, 700, 100, 20, 1234.5,
	300.2),
	(2, 's1', 'gpt-5', '2026-11-10 10:00:10', 2000, 60, 1700, 0, 0, 1000.0,
	200.0);
