#!/bin/sh
# Daily token limits of applications, to begin with: sh quotas.example.sh
set -eu
while read -r application daily; do
	tokctl quota set --application "$application" --daily "$daily"
done <<EOF
chat-assistant 5000
content-generation 10000
code-analysis 15000
document-processing 25000
data-analysis 50000
EOF
