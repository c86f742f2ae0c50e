CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT,
	time_created INTEGER, time_updated INTEGER, data TEXT);
-- the file of storage, moved here; a fork of it; one that is being written
INSERT INTO message VALUES
	('msg_1', 'ses_1', 1794304800000, 1794304803000, '{"role":"assistant","modelID":"claude-sonnet-4-6","providerID":"anthropic","cost":0.0123,"tokens":{"input":10,"output":200,"reasoning":7,"cache":{"read":5000,"write":300}},"time":{"created":1794304800000,"completed":1794304803000},"path":{"cwd":"/home/sam/shop"}}'),
	('msg_2', 'ses_2', 1794304900000, 1794304900000, '{"role":"assistant","modelID":"claude-sonnet-4-6","providerID":"anthropic","cost":0.0123,"tokens":{"input":10,"output":200,"reasoning":7,"cache":{"read":5000,"write":300}},"time":{"created":1794304800000,"completed":1794304803000},"path":{"cwd":"/home/sam/shop"}}'),
	('msg_3', 'ses_2', 1794304901000, 1794304901000, '{"role":"user","time":{"created":1794304901000}}'),
	('msg_4', 'ses_2', 1794305000000, 1794305000000, '{"role":"assistant","modelID":"gpt-5","providerID":"openai","cost":0,"tokens":{"input":100,"output":5,"reasoning":0,"cache":{"read":0,"write":0}},"time":{"created":1794305000000}}');
CREATE TABLE session_v2 (id TEXT PRIMARY KEY, directory TEXT, title TEXT,
	fork_session_id TEXT, fork_boundary INTEGER);
CREATE TABLE session_message (id TEXT PRIMARY KEY, session_id TEXT, type TEXT,
	seq INTEGER, data TEXT, time_created INTEGER, time_updated INTEGER);
INSERT INTO session_v2 VALUES
	('a', '/home/sam/api', 't', NULL, NULL), ('b', '/home/sam/api', 't', 'a', 1);
INSERT INTO session_message VALUES
	('m1', 'a', 'assistant', 1, '{"model":{"id":"gpt-5","providerID":"openai"},"tokens":{"input":1,"output":2,"reasoning":0,"cache":{"read":3,"write":4}},"time":{"created":1794306000000,"completed":1794306001000}}', 1, 1),
	('m2', 'b', 'assistant', 1, '{"model":{"id":"gpt-5","providerID":"openai"},"tokens":{"input":1,"output":2,"reasoning":0,"cache":{"read":3,"write":4}},"time":{"created":1794307000000,"completed":1794307001000}}', 1, 1),
	('m3', 'b', 'assistant', 2, '{"model":{"id":"gpt-5","providerID":"openai"},"tokens":{"input":10,"output":20,"reasoning":0,"cache":{"read":30,"write":0}},"time":{"created":1794308000000,"completed":1794308001000}}', 1, 1),
	('m4', 'b', 'user', 3, '{"text":"x"}', 1, 1);
