/*
 * Every importer, in the order in which they are asked about a file.  One
 * line here and one file are all it takes; see README.md.
 */
IMPORTER(claude)
IMPORTER(codex)
IMPORTER(csv)
IMPORTER(jsonl)
IMPORTER(gemini)
IMPORTER(qwen)
IMPORTER(kimi)
IMPORTER(amp)
IMPORTER(droid)
IMPORTER(goose)
IMPORTER(llm)
IMPORTER(opencode)
IMPORTER(copilot)
IMPORTER(api)
IMPORTER(litellm)
IMPORTER(otel)
