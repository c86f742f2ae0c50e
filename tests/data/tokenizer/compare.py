#!/usr/bin/env python3
"""Compare golden cases with what a command counts.

    compare.py CASES tokctl count OPTION...

CASES has an object a line: text or b64, ids, and ids_special where special
tokens, when found, change them.
"""
import base64
import json
import subprocess
import sys

cases_path, *command = sys.argv[1:]
special = '--allow-special' in command
with open(cases_path, encoding='utf-8') as f:
    cases = [json.loads(line) for line in f]
lines = []
for c in cases:
    raw = base64.b64decode(c['b64']) if 'b64' in c else c['text'].encode()
    lines.append(json.dumps({'b': base64.b64encode(raw).decode()}) + '\n')
command += ['--jsonl', 'b', '--base64', '--ids', '-f', 'jsonl']
out = subprocess.run(command, input=''.join(lines), stdout=subprocess.PIPE,
                     text=True, check=True).stdout.splitlines()
bad = 0
for c, line in zip(cases, out):
    want = c.get('ids_special', c['ids']) if special else c['ids']
    if json.loads(line)['ids'] != want:
        bad += 1
        if bad <= 5:
            print(c.get('id'), repr(c.get('text')), line[:300], want)
print(len(out), 'cases,', bad, 'differ')
sys.exit(bad > 0 or len(out) != len(cases) or len(out) < 1000)
