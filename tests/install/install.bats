#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs into a scratch DESTDIR and takes it away again.  Needs nothing.

setup_file() {
	export DEST=$BATS_FILE_TMPDIR/dest
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.."
}

install_to() {
	make --no-print-directory install DESTDIR="$DEST" PREFIX=/usr "$@"
}

@test "install puts every file where it belongs" {
	run install_to INIT="systemd openrc"
	echo "$output"
	[ "$status" = 0 ]
	for f in usr/sbin/immured usr/bin/immure usr/bin/immure-jail \
	    usr/libexec/immure/immure-front usr/libexec/immure/immure-broker \
	    usr/libexec/immure/immure-executor \
	    usr/libexec/immure/immure-auditor \
	    usr/libexec/immure/immure-imager \
	    usr/libexec/immure/immure-spawner \
	    usr/libexec/immure/immure-status \
	    usr/libexec/immure/immure-zygote \
	    usr/libexec/immure/stage-unpack usr/libexec/immure/stage-launch \
	    usr/libexec/immure/stage-pack usr/libexec/immure/stage-selftest \
	    usr/share/man/man8/immured.8 usr/share/man/man1/immure.1 \
	    usr/share/man/man1/immure-jail.1 \
	    usr/share/doc/immure/README.md \
	    usr/share/doc/immure/immured.conf.example \
	    usr/share/bash-completion/completions/immured \
	    usr/share/zsh/site-functions/_immure \
	    usr/lib/sysusers.d/immure.conf usr/lib/tmpfiles.d/immure.conf \
	    usr/share/selinux/packages/immure/immure.te \
	    usr/share/selinux/packages/immure/immure.fc \
	    usr/share/selinux/packages/immure/immure.if \
	    usr/share/selinux/packages/immure/immure-proc.cil \
	    usr/lib/systemd/system/immured.service \
	    etc/logrotate.d/immured etc/init.d/immured etc/conf.d/immured etc/default/immured; do
		[ -f "$DEST/$f" ] || { echo "lacks $f"; missing=1; }
	done
	[ -z "${missing-}" ]
}

@test "a directory for PATH holds distccd, which is immured" {
	install_to
	[ "$(ls "$DEST/usr/lib/immure")" = distccd ]
	[[ $(readlink "$DEST/usr/lib/immure/distccd") != /* ]]
	run env PATH="$DEST/usr/lib/immure:$PATH" distccd --version
	echo "$output"
	[ "$status" = 0 ]
	[[ ${lines[0]} =~ ^distccd\ [0-9a-z.-]+\ [a-z0-9_.-]+$ ]]
	[ "${lines[1]}" = "  (protocols 1, 2 and 3) (default port 3632)" ]
	[[ ${lines[2]} == *immured* ]]
}

@test "the manual's first example can start: its log's directory is there" {
	install_to
	[ "$(stat -c %a "$DEST/var/log/immure")" = 750 ]
	[ "$(stat -c %u "$DEST/var/log/immure")" = "$(id -u)" ]
	[[ $(cat packaging/tmpfiles.d/immure.conf) == \
	    *"d /var/log/immure  0750 root root -"* ]]
	words=$(sed -n '/^\.Sh EXAMPLES/,/^\.Ed/p' docs/immured.8 |
	    sed -n '/^immured/,/^\.Ed/{/^\.Ed/d;s/\\e$//;p}' | tr '\n' ' ')
	[[ $words == "immured "*"/var/log/immure/"* ]]
	# shellcheck disable=SC2086 # words on purpose
	run "$DEST/usr/sbin/"${words//\/var\/log/$DEST\/var\/log} --check-config
	echo "$words: $output"
	[ "$status" = 0 ]
}

@test "a user whose PATH has no sbin can start immured" {
	install_to
	[[ $(readlink "$DEST/usr/bin/immured") != /* ]]
	run env -i PATH="$DEST/usr/bin:/bin" immured --check-config
	echo "$output"
	[ "$status" = 0 ]
	# SBINDIR may be the same directory.
	make --no-print-directory install DESTDIR="$DEST/one" PREFIX=/usr \
	    SBINDIR=/usr/bin
	[ -f "$DEST/one/usr/bin/immured" ] && [ ! -L "$DEST/one/usr/bin/immured" ]
	rm -rf "$DEST/one"
}

@test "every program has a manual page that can be read" {
	install_to INIT="systemd openrc"
	for p in "$DEST"/usr/sbin/* "$DEST"/usr/bin/* \
	    "$DEST"/usr/libexec/immure/*; do
		name=${p##*/}
		run sh -c "cd '$DEST/usr/share/man' && cat man?/$name.?"
		[ "$status" = 0 ] || { echo "no page: $name"; missing=1; }
		case $output in
		*'.so man'*) page=${output##*.so } ;;
		*) continue ;;
		esac
		# Its own name at the head of the page that it leads to.
		sed '/^\.Nd/q' "$DEST/usr/share/man/$page" |
			grep -qE "^\.Nm $name( ,)?$" ||
			{ echo "$page does not name $name"; missing=1; }
	done
	for f in immured.conf immure-audit; do
		[ -f "$DEST/usr/share/man/man5/$f.5" ]
	done
	[ -z "${missing-}" ]
}

@test "the service files name the installed daemon" {
	install_to INIT="systemd openrc"
	grep -q '^ExecStart=/usr/libexec/immure/immured-start /usr/sbin/immured ' \
	    "$DEST/usr/lib/systemd/system/immured.service"
	grep -q '^command_args="--renew /usr/bin/immure /usr/sbin/immured ' "$DEST/etc/init.d/immured"
	run grep -r '@[a-z]*@' "$DEST/usr/lib" "$DEST/etc"
	[ "$status" = 1 ]
}

@test "nothing installed is writable by others or set-id" {
	install_to
	[ -z "$(find "$DEST" -type f -perm /6022)" ]
}

@test "build-time programs are not installed" {
	install_to
	[ -z "$(find "$DEST" -name 'policy_compile' -o -name 'test_*')" ]
}

@test "settings that were edited survive install and uninstall" {
	install_to INIT=systemd
	echo 'IMMURED_OPTS="--jobs 3"' >"$DEST/etc/default/immured"
	echo record >"$DEST/var/log/immure/audit.jsonl"
	install_to INIT=systemd
	grep -q 'jobs 3' "$DEST/etc/default/immured"
	make --no-print-directory uninstall DESTDIR="$DEST" PREFIX=/usr \
	    INIT=systemd
	grep -q 'jobs 3' "$DEST/etc/default/immured"
	[ "$(cat "$DEST/var/log/immure/audit.jsonl")" = record ]
	rm "$DEST/etc/default/immured" "$DEST/var/log/immure/audit.jsonl"
}

@test "uninstall leaves no file" {
	install_to INIT="systemd openrc"
	make --no-print-directory uninstall DESTDIR="$DEST" PREFIX=/usr \
	    INIT="systemd openrc"
	run find "$DEST" ! -type d
	echo "$output"
	[ -z "$output" ]
	[ ! -e "$DEST/usr/libexec/immure" ]
	[ ! -e "$DEST/var/log/immure" ]
}

@test "the unit is one that systemd takes" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze here"
	install_to INIT=systemd
	sed "s|^\\(Exec[A-Za-z]*=+*\\)/[^ ]*|\\1/bin/true|" \
	    "$DEST/usr/lib/systemd/system/immured.service" \
	    >"$BATS_TEST_TMPDIR/immured.service"
	run systemd-analyze verify --man=no "$BATS_TEST_TMPDIR/immured.service"
	echo "$output"
	[ "$status" = 0 ]
}

@test "users: each role has one, and a second run changes nothing" {
	# In a root of our own: the machine's user database stays as it is.
	command -v systemd-sysusers >/dev/null || skip "no systemd-sysusers here"
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc" "$root/usr/lib/sysusers.d"
	cp packaging/sysusers.d/immure.conf "$root/usr/lib/sysusers.d/"
	systemd-sysusers --root="$root"
	for role in front broker executor auditor imager status; do
		grep -q "^immure-$role:" "$root/etc/passwd"
		grep -q "^immure-$role:" "$root/etc/group"
	done
	grep -q '^immure:' "$root/etc/group"
	cp "$root/etc/passwd" "$BATS_TEST_TMPDIR/passwd"
	systemd-sysusers --root="$root"
	cmp "$root/etc/passwd" "$BATS_TEST_TMPDIR/passwd"
}

@test "users: Alpine's script asks for each role's, with no shell" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	for c in addgroup adduser; do
		printf '#!/bin/sh\necho %s "$@" >>%s\n' $c \
		    "$BATS_TEST_TMPDIR/calls" >"$BATS_TEST_TMPDIR/bin/$c"
		chmod +x "$BATS_TEST_TMPDIR/bin/$c"
	done
	PATH=$BATS_TEST_TMPDIR/bin:$PATH sh packaging/alpine/immured.pre-install
	for role in front broker executor auditor imager status; do
		grep -q "^addgroup -S immure-$role$" "$BATS_TEST_TMPDIR/calls"
		grep -q "^adduser .*-s /sbin/nologin.* immure-$role$" \
		    "$BATS_TEST_TMPDIR/calls"
	done
	grep -q '^addgroup -S immure$' "$BATS_TEST_TMPDIR/calls"
}
