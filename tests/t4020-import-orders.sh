#!/bin/sh
# tokctl usage import: whatever the order, the pieces and the interruptions,
# the ledger comes out the same.
. "$(dirname "$0")/lib.sh"
unset CLAUDE_CONFIG_DIR CODEX_HOME XDG_CONFIG_HOME XDG_DATA_HOME

command -v python3 >/dev/null || test_done
"$here/gen-logs" logs --calls 150 --seed 5
for seed in 1 2 3; do
	test_ok "order $seed" '
		"$here/import-orders" --seed $seed --imports 12 logs/home'
done
test_done
