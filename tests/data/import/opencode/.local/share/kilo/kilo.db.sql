CREATE TABLE message (id TEXT, session_id TEXT, data TEXT);
INSERT INTO message VALUES ('k1', 's', '{"role":"assistant","modelID":"gpt-5","providerID":"openai","tokens":{"input":100,"output":20,"reasoning":5,"cache":{"read":30,"write":4}},"time":{"created":1794309000000,"completed":1794309001000}}');
