#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# What the shells complete is what --help lists.  Needs nothing but a built
# tree; zsh for its own part.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	B=$(cd "${B:-build}" && pwd)
	PATH=$B:$PATH
}

# Long options that a program prints, at a line's beginning or behind a blank
# or a bracket.
usage_options() {
	"$@" | grep -oE -- '(^|[[ ])--[a-z]+(-[a-z]+)*' | tr -d '[ ' | sort -u
}

# Words that bash offers for a command line whose last word is empty.
bash_offers() {
	bash -c '
		compopt() { :; }
		. packaging/completions/immure.bash
		COMP_WORDS=("$@" "") COMP_CWORD=$#
		_immure "$1" "" "${!#}"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort -u
}

zsh_offers() {
	zsh -f -c '
		compadd() { # what it adds would be shown
			if [[ $1 == -a ]]; then print -l -- ${(P)2}
			else print -l -- ${@:#--}; fi
		}
		_files() { :; }; _message() { :; }; _users() { :; }
		_groups() { :; }; _directories() { :; }; _normal() { :; }
		words=("$@" "") CURRENT=$(($# + 1))
		set --
		. packaging/completions/_immure' zsh "$@" | sort -u
}

offers_all() { # function that asks a shell
	for command in immured immure-jail; do
		usage_options "$command" --help >"$BATS_TEST_TMPDIR/want"
		[ -s "$BATS_TEST_TMPDIR/want" ]
		diff -u "$BATS_TEST_TMPDIR/want" <("$1" "$command") || bad=1
	done
	commands=$(immure help | sed -nE 's/^  ([a-z]+) .*/\1/p')
	diff -u <(printf '%s\n' "$commands" --help --version | sort) \
		<("$1" immure) || bad=1
	for command in $commands; do
		[ "$command" != help ] || continue
		diff -u <({
			usage_options immure help "$command"
			echo --help
		} | sort -u) <("$1" immure "$command") || bad=1
	done
	diff -u <(printf '%s\n' "$commands" | sort) <("$1" immure help) || bad=1
	[ -z "${bad-}" ]
}

@test "bash completes all commands and options, and nothing else" {
	offers_all bash_offers
}

@test "zsh completes all commands and options, and nothing else" {
	command -v zsh >/dev/null || skip "no zsh here"
	offers_all zsh_offers
}

@test "bash completes what may follow an option" {
	[ "$(bash_offers immured --log-format)" = "$(printf 'json\ntext')" ]
	bash_offers immured --log-level | grep -qx debug
	[ -z "$(bash_offers immured --port)" ]
	[ -z "$(bash_offers immure-jail --usual --)" ]
	[ "$(bash_offers immure explain --family)" = "$(printf 'clang\ngcc')" ]
	[ -z "$(bash_offers immure explain --pump -- gcc)" ]
}

@test "what may be required is what is not required anyway" {
	immure check --json >"$BATS_TEST_TMPDIR/check" || :
	# groups: in user mode alone
	jq -r '.layers[] | select(.required | not).name' \
	    "$BATS_TEST_TMPDIR/check" | grep -vx groups | sort \
	    >"$BATS_TEST_TMPDIR/want"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/want")" -gt 5 ]
	diff "$BATS_TEST_TMPDIR/want" <(bash_offers immured --require)
	[ -z "$(command -v zsh)" ] ||
	    diff "$BATS_TEST_TMPDIR/want" <(zsh_offers immured --require)
}
