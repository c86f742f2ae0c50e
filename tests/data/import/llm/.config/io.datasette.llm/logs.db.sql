CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT,
	conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT,
	input_tokens INTEGER, output_tokens INTEGER, token_details TEXT);
INSERT INTO responses VALUES
	('01jc5', 'gpt-5', 'hi', 'c1', 1500, '2026-11-10T10:00:00.123456+00:00',
	1200, 300, '{"prompt_tokens_details":{"cached_tokens":1024},"completion_tokens_details":{"reasoning_tokens":128}}'),
	('01jc6', 'claude-opus-4-6', 'hi', 'c2', 900, '2026-11-10T10:01:00',
	3, 40, '{"cache_creation_input_tokens":100,"cache_read_input_tokens":5000}'),
	('01jc7', 'gemini-2.5-pro', 'hi', 'c3', 900, '2026-11-10T10:02:00',
	1200, 80, '{"cachedContentTokenCount":900,"thoughtsTokenCount":40}'),
	('01jc8', 'gpt-5', 'an error', 'c4', 1, '2026-11-10T10:03:00', NULL,
	NULL, NULL);
