#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2086 # words are split where they stand unquoted
# immure explain: what a node makes of a command line.  Needs nothing but a
# built tree; that it is what a node does is seen with one in the last test.

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
	B=$(cd "${B:-build}" && pwd)
	PATH=$B:$PATH
}

@test "accepted: status 0, a line an option, language, phase, what would run" {
	run immure explain -- gcc --include-directory=inc -O2 -x c++ \
	    -gsplit-dwarf -c -o x.o src/hello.c
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "left out  -I inc, written --include-directory=inc: the preprocessor's" ]
	[[ ${lines[1]} == "passed    -O2: "* ]]
	[[ ${lines[2]} == "replaced  -x c++ -> -x c++-cpp-output: "* ]]
	[[ ${lines[3]} == "left out  -gsplit-dwarf: "* ]]
	[[ ${lines[4]} == "kept      -c: "* ]]
	[[ ${lines[5]} == "replaced  -o x.o: "* ]]
	[ "${lines[6]}" = "source    src/hello.c -> hello.ii" ]
	[ "${lines[7]}" = "accepted: c++, -c (gcc, plain)" ]
	[ "${lines[8]}" = "runs      gcc -O2 -x c++-cpp-output -c hello.ii -o /tmp/.immure/o" ]
	[[ ${lines[9]} == "immured: note: \"-gsplit-dwarf\""* ]]
}

@test "--pump: the preprocessor's options stay" {
	run immure explain --pump -- clang -Iinc -MMD -MF a.d -S a.m
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[0]}" = "kept      -I inc: the preprocessor's" ]
	[[ $output == *"accepted: objective-c, -S (clang, pump)"* ]]
	[[ $output == *"runs      clang -Iinc -MMD -S a.m -MF /tmp/.immure/d -MQa.o -o /tmp/.immure/o"* ]]
}

@test "refused: status 1, every option that is, the first one's word" {
	run immure explain -- gcc -O2 -fplugin=x.so -c a.c -Wa,@y -specs=z
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *"refused   -fplugin=x.so: option.plugin: "* ]]
	[[ $output == *"refused   -Wa,@y: option.assembler: "* ]]
	[[ $output == *"refused   -specs=z: option.specs: "* ]]
	[[ ${lines[-1]} == "refused: option.plugin: "*"(gcc, plain)" ]]
	[[ $output != *runs* ]]
}

@test "the compiler's family: by its name, by its link, by --family" {
	line=(-Xclang -disable-O0-optnone -c a.c)
	immure explain -- clang-14 "${line[@]}" | grep -q '(clang, plain)'
	immure explain -- /opt/x86_64-linux-gnu-g++-12 -c a.c |
		grep -q '^accepted: c, -c (gcc'
	immure explain --family clang -- mycc "${line[@]}" |
		grep -q '(clang, plain)'
	run immure explain -- mycc "${line[@]}"
	[ "$status" = 64 ]
	mkdir "$BATS_TEST_TMPDIR/bin"
	touch "$BATS_TEST_TMPDIR/bin/clang-99"
	ln -s clang-99 "$BATS_TEST_TMPDIR/bin/cc"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH immure explain -- cc "${line[@]}" |
		grep -q '(clang, plain)'
}

@test "--json: one object" {
	out=$BATS_TEST_TMPDIR/out
	immure explain --json -- gcc -I inc -O2 -c $'d/\xffa.c' >"$out"
	[ "$(jq -r '[.family, .mode, .verdict, .language, .phase] | join(" ")' \
	    "$out")" = "gcc plain accepted c -c" ]
	[ "$(jq -c '[.options[] | [.action, .option, .value]]' "$out")" = \
	    '[["left out","-I","inc"],["passed","-O2",null],["kept","-c",null],["source","d/\\xffa.c",null]]' ]
	[ "$(jq -c '.run[1:]' "$out")" = \
	    '["-O2","-c","\\xffa.i","-o","/tmp/.immure/o"]' ]
	[ "$(jq -c '[.reason, .text, .notes]' "$out")" = '[null,null,[]]' ]
	status=0
	immure explain --json -- gcc -c a.c b.c >"$out" || status=$?
	[ "$status" = 1 ]
	[ "$(jq -r '[.verdict, .reason, .options[2].reason] | join(" ")' \
	    "$out")" = "refused option.input option.input" ]
	[ "$(jq -c '.run' "$out")" = null ]
}

@test "a word that would move the cursor does not" {
	run immure explain -- gcc $'-D\e[2J\n' -c $'a\e.c' $'-fnew=\e[2J'
	echo "$output"
	[[ $output != *$'\e'* ]]
	[[ $output == *'-fnew=\x1b[2J'* ]]
}

@test "the command line may follow without --" {
	run immure explain --pump gcc --json -c a.c
	echo "$output"
	[[ $output == *"(gcc, pump)"* ]]
	[ "$(immure explain gcc -O2 -c a.c)" = \
	    "$(immure explain -- gcc -O2 -c a.c)" ]
}

@test "wrong words: status 64, what is wrong, how to write it" {
	for words in "" "--" "--jsn -- gcc" "--family" \
	    "--family tcc -- gcc -c a.c"; do
		run immure explain $words
		echo "$words: $output"
		[ "$status" = 64 ]
		[[ $output == *"immure explain [--json]"* ]]
	done
}

@test "--help, and the manual's example does what the manual says" {
	run immure explain --help
	[ "$status" = 0 ]
	[[ $output == *--pump* ]]
	example=$(sed -nE '/^\.Bd/,/^\.Ed/s/^immure (explain -- .*)/\1/p' \
	    docs/immure.1)
	[ -n "$example" ]
	run immure $example
	echo "$output"
	[ "$status" = 1 ]
	[[ $output == *option.plugin* ]]
}

# The same words to a node, over the wire: same reason, or an object.
@test "a node's verdict is the one that is explained" {
	export DAEMON=$B/immured
	. tests/lib/node.sh
	[ "$(id -u)" = 0 ] || skip "a node in root mode needs root"
	cd "$BATS_TEST_TMPDIR"
	node_start --allow 127.0.0.1
	while read -r words; do
		want=$("$B/immure" explain --json -- gcc $words |
			jq -r '.reason // "accepted"')
		got=$(python3 - "$NODE_PORT" gcc $words <<-'END'
		import re, socket, sys
		words, text = sys.argv[2:], b"int x;\n"
		request = b"DIST00000001ARGC%08x" % len(words)
		for w in words:
		    request += b"ARGV%08x" % len(w) + w.encode()
		request += b"DOTI%08x" % len(text) + text
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20)
		s.sendall(request)
		reply = b""
		while piece := s.recv(65536):
		    reply += piece
		word = re.search(rb"refused: ([a-z.-]+):", reply)
		print(word.group(1).decode() if word else
		      "accepted" if reply[12:24] == b"STAT00000000" else reply)
		END
		)
		echo "$words: $want, $got"
		[ "$want" = "$got" ] || bad=1
	done <<-'END'
	-O2 -c a.c -o a.o
	-O2 -Ix -MD -MF d -S a.c
	--include-directory=x -x c -c a.c
	-c a.c b.c
	-fplugin=x -c a.c
	-Wa,-al=x -c a.c
	-fsome-option=/etc/passwd -c a.c
	-Wp,-MD,d -c a.c
	-march=native -c a.c
	-E a.c
	-c a.c -o
	END
	node_stop
	rm -rf "$NODE_DIR"
	[ -z "${bad-}" ]
}
