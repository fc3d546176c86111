# bash completion for immure, immured and immure-jail
_immure()
{
	local cur=${COMP_WORDS[COMP_CWORD]} name=${1##*/} words

	case $name in
	immure)
		if [ "$COMP_CWORD" = 1 ]; then
			words="check toolchains version help --version --help"
		else
			case ${COMP_WORDS[1]} in
			check | toolchains) words="--json --help" ;;
			help) words="check toolchains version help" ;;
			*) words= ;;
			esac
		fi
		;;
	*)
		# Both print their options, one a line, with --help.
		words=$("$1" --help 2>/dev/null | grep -oE -- '--[a-z-]+')
		;;
	esac
	# shellcheck disable=SC2207 # options have no blanks
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
	[ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default
}
complete -F _immure immure immured immure-jail
