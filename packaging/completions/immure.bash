# bash completion for immure, immured and immure-jail
#
# Options and commands are asked of the program itself, so that none is
# forgotten here; only what may follow an option is listed.

# What may follow option $1: words into COMPREPLY, or files.  Fails when $1
# takes no value that is known here.
_immure_value()
{
	local words

	case $1 in
	--log-level)
		words="emergency alert critical error warning notice info debug"
		;;
	--log-format) words="text json" ;;
	--family) words="gcc clang" ;;
	--require) # what is not required anyway
		words="landlock.net landlock.scope mdwe cgroup.cell cgroup
			selinux apparmor nftables"
		;;
	--user) words=$(compgen -u) ;;
	--socket-group) words=$(compgen -g) ;;
	--sysroot | --chdir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$2")
		return 0
		;;
	--config | --log-file | --audit-file | --pid-file | -P | --socket | \
		--compiler | --bind | --exec)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$2")
		return 0
		;;
	--listen | --port | -p | --allow | -a | --jobs | -j | --job-lifetime | \
		--nice | -N | --idle-exit | --lifetime | --drip | --drain | --max-wait | \
		--slot-jobs | \
		--stats-port | --oom-score-adj | --tmpfs | --symlink | \
		--setenv | --uid | --as-limit | --fsize | --cpu | --wall | \
		--nproc | --nofile | --output | --digest | --pid | \
		--timeout)
		return 0 # anything
		;;
	*) return 1 ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$2")
}

# The long options that "$@" prints.
_immure_options()
{
	"$@" 2>/dev/null | grep -oE -- '(^|[[ ])--[a-z]+(-[a-z]+)*' | tr -d '[ '
	echo --help
}

_immure_behind_dashes()
{
	local i

	for ((i = 1; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" != -- ] || return 0
	done
	return 1
}

_immure()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local name=${1##*/} commands words

	COMPREPLY=()
	if [ "$name" = immure ]; then
		commands=$("$1" help 2>/dev/null |
			sed -nE 's/^  ([a-z]+) .*/\1/p')
		if [ "${COMP_WORDS[1]}" = explain ] &&
			_immure_behind_dashes; then
			compopt -o default
			return
		elif [ "$COMP_CWORD" = 1 ]; then
			words="$commands --help --version"
		elif [ "$prev" = help ] && [ "$COMP_CWORD" = 2 ]; then
			words=$commands
		elif _immure_value "$prev" "$cur"; then
			return
		else
			words=$(_immure_options "$1" help "${COMP_WORDS[1]}")
		fi
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi
	if [ "$name" = immure-jail ] && _immure_behind_dashes; then
		compopt -o default
		return
	fi
	_immure_value "$prev" "$cur" && return
	words=$(_immure_options "$1" --help)
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _immure immure immured immure-jail
