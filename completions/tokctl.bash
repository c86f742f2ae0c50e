# bash completion for tokctl, written by "make gen"
_tokctl() {
	local line word
	COMPREPLY=()
	while IFS= read -r line; do
		printf -v word %q "${line%%$'\t'*}"
		COMPREPLY+=("$word")
	done < <("${COMP_WORDS[0]}" __complete -- \
		"${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -o nosort -F _tokctl tokctl
