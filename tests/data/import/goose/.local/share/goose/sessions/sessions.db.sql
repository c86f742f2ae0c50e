CREATE TABLE sessions (id TEXT PRIMARY KEY, working_dir TEXT NOT NULL,
	session_type TEXT NOT NULL DEFAULT 'user', created_at TIMESTAMP,
	total_tokens INTEGER, input_tokens INTEGER, output_tokens INTEGER,
	accumulated_total_tokens INTEGER, accumulated_input_tokens INTEGER,
	accumulated_output_tokens INTEGER, provider_name TEXT,
	model_config_json TEXT);
INSERT INTO sessions VALUES
	('20261110_1', '/home/sam/shop', 'user', '2026-11-10 10:00:00', 20, 10,
	5, 1900, 1500, 400, 'anthropic', '{"model_name":"claude-opus-4-6"}'),
	('20261110_2', '/home/sam/shop', 'user', '2026-11-10 11:00:00', NULL,
	NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	('20261110_3', '/home/sam/shop', 'user', '2026-11-10 12:00:00', 30, 10,
	5, NULL, NULL, NULL, 'openai', '{"model_name":"gpt-5"}');
