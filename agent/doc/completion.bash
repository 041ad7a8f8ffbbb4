# SPDX-License-Identifier: Apache-2.0
# Completion of imza-agent for bash, out of what imza-agent --help prints: a new command or option is known here by itself.

# A command's arguments, as one line.
_imza_agent_arguments() {
	"$1" --help 2>/dev/null | sed -n "s/^  $2 //p"
}

# The words that may follow a command: "[list | allow ORIGIN] [--json]" gives list, allow.
_imza_agent_words() {
	sed -n 's/^\[\([a-z][^]]*\)\].*/\1/p' <<<"$1" | tr '|' '\n' | sed -n 's/^ *\([a-z]*\).*/\1/p'
}

_imza_agent_options() {
	grep -oE -- '(^|[[ ])--?[a-z][a-z-]*' <<<"$1" | tr -d '[ '
}

# What an option takes: "[--format pades|cades]" gives pades|cades; nothing for one that stands alone.
_imza_agent_value() {
	grep -oE -- "(^|[[ ])$2 [^]|[ -][^] ]*" <<<"$1" | head -n 1 | sed 's/^[[ ]*[^ ]* //'
}

_imza_agent() {
	local program=$1 current=$2 previous=$3 verb='' word='' i arguments value
	local -a rest=()

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ -n $verb ]]; then
			rest+=("${COMP_WORDS[i]}")
		elif [[ ${COMP_WORDS[i]} == --config ]]; then
			((i++))
		elif [[ ${COMP_WORDS[i]} != -* ]]; then
			verb=${COMP_WORDS[i]}
		fi
	done
	if [[ -z $verb ]]; then
		if [[ $previous == --config ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		elif [[ $current == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | sed -n 's/^  \(--[a-z-]*\).*/\1/p')" -- "$current")
		else
			mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\).*/\1/p')" -- "$current")
		fi
		return
	fi
	arguments=$(_imza_agent_arguments "$program" "$verb")
	value=$(_imza_agent_value "$arguments" "$previous")
	if [[ $previous == -* && -n $value ]]; then
		if [[ $value =~ ^[a-z]+(\|[a-z]+)+$ ]]; then
			mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$current")
		elif [[ $value != ID ]]; then
			mapfile -t COMPREPLY < <(compgen -f -- "$current")
		fi
		return
	fi
	if [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_imza_agent_options "$arguments") --help" -- "$current")
		return
	fi
	for i in "${rest[@]}"; do
		[[ $i == -* || -n $word ]] || word=$i
	done
	if [[ -z $word && -n $(_imza_agent_words "$arguments") ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_imza_agent_words "$arguments")" -- "$current")
	elif [[ $verb == forms && ${rest[-1]} =~ ^(validate|render|sign)$ ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$program" forms list 2>/dev/null | grep -v '^ ')" -- "$current")
	elif [[ $verb == config && $word == show ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$program" config show 2>/dev/null | sed -n 's/^\(# \)\?\([a-z-]*\) =.*/\2/p')" -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}

complete -o filenames -F _imza_agent imza-agent
