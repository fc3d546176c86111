#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Needs a built tree.  The configuration file: read, checked, shown.

setup() {
	B=${B:-build}
	immure=$PWD/$B/immure
	immured=$PWD/$B/immured
	conf=$BATS_TEST_TMPDIR/immured.conf
	cat >"$conf" <<-'END'
	port = 4000
	allow = 192.0.2.0/24
	jobs = 3
	[alias 192.0.2.0/25]
	gcc = gcc-12
	END
}

@test "immured --check-config: OK, and which file" {
	run "$immured" --check-config --config "$conf"
	[ "$status" = 0 ]
	[ "$output" = "immured: $conf is OK" ]
}

@test "a wrong line: 101, file, line, key, reason, remedy" {
	echo 'cc = /bin/cc' >>"$conf"
	for option in --check-config --no-detach; do
		run "$immured" $option --config "$conf"
		echo "$output"
		[ "$status" = 101 ]
		[[ $output == "immured: $conf:6: key \"cc\": "*"as in"* ]]
	done
}

@test "the example: right as it is, its defaults are those, and it has every key" {
	example=$PWD/packaging/immured.conf.example
	"$immured" --check-config --config "$example"
	sed -E 's/^#([a-z-]+ = )/\1/' "$example" >"$conf"
	"$immured" --check-config --config "$conf"
	for f in "$example" "$conf"; do
		"$immure" config --json --config "$f" |
		    jq -r '.settings[] | "\(.name) \(.value)"' >"$BATS_TEST_TMPDIR/${f##*/}.values"
	done
	diff "$BATS_TEST_TMPDIR"/*.values
	# and with what has no default; the group and the directory may not be there
	sed -E "s/^# e\.g\. //; s/^(socket-group =).*/\1 root/
	    s,/opt/sysroot,/usr,; s,/var/log/immure,$BATS_TEST_TMPDIR,
	    s,/run/immure/,$BATS_TEST_TMPDIR/,; s,^(listen =).*,\1 127.0.0.1,
	    s,^(compiler =).*,\1 /usr/bin/gcc,; s,^(cgroup =).*,\1 none," "$conf" \
	    >"$conf.all"
	"$immured" --check-config --config "$conf.all"
	"$immure" config --json --config "$conf.all" |
	    jq -r '.settings[] | select(.source != "file") | .name' \
	    >"$BATS_TEST_TMPDIR/left"
	echo "not in it: $(cat "$BATS_TEST_TMPDIR/left")"
	[ ! -s "$BATS_TEST_TMPDIR/left" ]
}

@test "[firewall] is shown as a file has it, and a fault has its line" {
	printf '[firewall]\nscope = host\nadmin = 192.0.2.1 2001:db8::/64\n' \
	    >"$conf"
	run "$immure" config --config "$conf"
	[[ $output == *"[firewall]"*"scope = host"*"# out = 53 67 123"* ]]
	[[ $output == *"admin = 192.0.2.1/32 2001:db8::/64"* ]]
	"$immure" config --config "$conf" >"$conf.shown"
	"$immured" --check-config --config "$conf.shown"
	[ "$("$immure" config --json --config "$conf" |
	    jq -r '.firewall.scope, .firewall.rate')" = "host
500" ]
	echo 'rate = 0' >>"$conf"
	run "$immured" --check-config --config "$conf"
	[ "$status" = 101 ]
	[[ $output == "immured: $conf:4: key \"rate\": "*"from 1 to"* ]]
}

@test "a file that is named must be there" {
	run "$immured" --check-config --config "$conf.not"
	[ "$status" = 101 ]
	[[ $output == *"$conf.not"*"No such file"* ]]
}

@test "a relative --config is of the directory we are in" {
	cd "$BATS_TEST_TMPDIR"
	run "$immured" --check-config --config immured.conf
	[ "$status" = 0 ]
}

@test "an ordinary user has a file of his own" {
	[ "$(id -u)" = 0 ] || skip "becomes another user"
	home=$(mktemp -d)
	mkdir "$home/immure"
	echo 'port = x' >"$home/immure/immured.conf"
	cp "$immured" "$home/immured"
	chmod -R a+rX "$home"
	chown 65534 "$home"
	run setpriv --reuid 65534 --regid 65534 --clear-groups env \
	    XDG_CONFIG_HOME="$home" "$home/immured" --check-config
	rm -r "$home"
	echo "$output"
	[ "$status" = 101 ]
	[[ $output == *"$home/immure/immured.conf:1: key \"port\""* ]]
}

@test "--check-config: users, groups and directories that are not there" {
	[ "$(id -u)" = 0 ] || skip "these concern root's node"
	for line in "user = no-such-user" "socket-group = no-such-group" \
	    "sysroot = /no/such/directory"; do
		echo "$line" >"$conf"
		run "$immured" --check-config --config "$conf"
		echo "$line: $output"
		[ "$status" = 101 ]
		[[ $output == *"--${line%% =*}"*"no"*"such"*";"* ]]
	done
}

@test "a file that others may write, or that is another's, is not read" {
	[ "$(id -u)" = 0 ] || skip "becomes another user"
	for mode in 664 646 666; do
		chmod $mode "$conf"
		for option in --check-config --no-detach; do
			run "$immured" $option --config "$conf"
			echo "$output"
			[ "$status" = 101 ]
			[ "$output" = "immured: $conf: others may write it (mode 0$mode); chmod go-w $conf" ]
		done
	done
	run "$immure" config --config "$conf"
	[ "$status" = 1 ]
	chmod 600 "$conf"
	chown 65534 "$conf"
	run "$immured" --check-config --config "$conf"
	[ "$status" = 101 ]
	[[ $output == *"belongs to uid 65534"*"; give it to root"* ]]
	dir=$(mktemp -d)
	cp "$immured" "$dir/immured"
	cp "$conf" "$dir/conf"
	chmod -R a+rX "$dir"
	as() { # UID
		setpriv --reuid "$1" --regid 65534 --clear-groups \
		    "$dir/immured" --check-config --config "$dir/conf"
	}
	status=0
	chown 65534 "$dir/conf"
	as 65534 || status=1 # one's own
	chown 0 "$dir/conf"
	as 65534 || status=1 # root's
	chown 1234 "$dir/conf"
	! as 65534 || status=1 # another's
	rm -r "$dir"
	[ "$status" = 0 ]
}

# checked WORD OPTION...: --check-config fails, and says so of --WORD.
checked() {
	word=$1
	shift
	run "$immured" --check-config "$@"
	echo "$*: $status: $output"
	[ "$status" = 101 ]
	[[ $output == *"immured: --$word: "*"; "* ]]
}

@test "--check-config: files that cannot be made, hosts, compilers, ports" {
	cd "$BATS_TEST_TMPDIR"
	for word in log-file audit-file pid-file socket; do
		checked "$word" "--$word" /nonexistent/file
		[[ $output == *"No such file or directory"* ]]
	done
	for word in log-file audit-file pid-file; do
		checked "$word" "--$word" "$BATS_TEST_TMPDIR"
		ln -sf target "link.$word"
		checked "$word" "--$word" "link.$word"
		[[ $output == *"name the file itself" ]]
	done
	export RES_OPTIONS="timeout:1 attempts:1"
	run "$immured" --check-config --listen nosuchhost.invalid
	[ "$status" = 101 ]
	[[ $output == *'--listen: "nosuchhost.invalid"'* ]]
	checked compiler --compiler /nonexistent/gcc
	checked compiler --compiler /etc/passwd
	[[ $output == *"not a program"* ]]
	checked stats-port --stats --port 4000 --stats-port 4000
	checked cgroup --cgroup /nonexistent/group
	[[ $output == *"it cannot be opened"* ]]
	checked cgroup --cgroup "$BATS_TEST_TMPDIR"
	[[ $output == *"no directory of a cgroup v2"* ]]
	"$immured" --check-config --cgroup none
	[ ! -e file ] # nothing is made by checking
	"$immured" --check-config --log-file log --audit-file audit \
	    --pid-file pid --socket sock --listen localhost \
	    --compiler "$(command -v cc)" --port 4000 --stats-port 4000
	[ ! -e log ] && [ ! -e audit ] && [ ! -e pid ]
}

@test "one port for jobs and statistics: the start says so, too" {
	run "$immured" --no-detach --stats --port 4000 --stats-port 4000
	echo "$output"
	[ "$status" = 101 ]
	[[ $output == *"--stats-port: 4000: that is --port, too; "*differ* ]]
}

@test "a name that is not found stops the start, and the check" {
	export RES_OPTIONS="timeout:1 attempts:1"
	for option in --check-config --no-detach; do
		run "$immured" $option --config /dev/null --allow a..b
		[ "$status" = 101 ]
		run "$immured" $option --listen 127.0.0.1 --port 1 \
		    --allow nosuchhost.invalid
		echo "$output"
		[ "$status" = 101 ]
		[[ $output == *"--allow: \"nosuchhost.invalid\": "*"; give a host"* ]]
	done
	run "$immured" --check-config --allow localhost
	[ "$status" = 0 ]
}

@test "HOME of somebody else, who started us, is as if it were not set" {
	[ "$(id -u)" = 0 ] || skip "becomes another user"
	home=$(mktemp -d)
	mkdir -m 700 "$home/root"
	cp "$immured" "$home/immured"
	chmod -R a+rX "$home/immured"
	chmod 755 "$home"
	as_nobody() {
		setpriv --reuid 65534 --regid 65534 --clear-groups \
		    env -u XDG_CONFIG_HOME HOME="$home/root" \
		    "$home/immured" --check-config "$@"
	}
	run as_nobody
	echo "$output"
	[ "$status" = 0 ]
	# also where it can be read
	chmod 755 "$home/root"
	mkdir -p "$home/root/.config/immure"
	echo 'port = x' >"$home/root/.config/immure/immured.conf"
	run as_nobody
	echo "$output"
	[ "$status" = 0 ]
	[[ $output != *immured.conf* ]]
	chmod 700 "$home/root"
	# but a file of one's own, or one that is named, must be readable
	run as_nobody --config "$home/root/.config/immure/immured.conf"
	[ "$status" = 101 ]
	chown 65534 "$home/root"
	mkdir -p "$home/root/.config/immure"
	chmod 700 "$home/root/.config/immure"
	run as_nobody
	rm -r "$home"
	[ "$status" = 101 ]
	[[ $output == *"Permission denied"* ]]
}

@test "immure config: each setting, its value, where it comes from" {
	run "$immure" config --config "$conf" -- --jobs 7 --log-file x
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *"port = 4000 "*"; $conf:1"* ]]
	[[ $output == *"allow = 192.0.2.0/24 "*"; $conf:2"* ]]
	[[ $output == *"jobs = 7 "*"; command line"* ]]
	[[ $output == *"drain = 10 "*"; default"* ]]
	[[ $output == *"log-file = $PWD/x "*"; command line"* ]]
	[[ $output == *"[alias 192.0.2.0/25]"*"gcc = gcc-12"* ]]
}

@test "immure config: what is in force where nothing was set" {
	run "$immure" config -- --no-tcp
	[[ $output == *"# listen =  "* ]] # nowhere
	run "$immure" config
	echo "$output"
	[[ $output == *"# listen = 0.0.0.0 ::"*"; default"* ]]
	[[ $output == *"# user = $(id -un) "*"; default"* ]]
	[ "$("$immure" config --json | jq -r \
	    '.settings[] | select(.name == "user") | .value')" = "$(id -un)" ]
	[ "$(id -u)" = 0 ] || return 0
	[[ $output == *"# socket = /run/immure/job.sock "* ]]
	group=$(getent group immure | cut -d : -f 1)
	[[ $output == *"# socket-group = $group "* ]]
	run setpriv --reuid 65534 --clear-groups env -u HOME \
	    -u XDG_RUNTIME_DIR "$immure" config
	[[ $output == *"# socket = /tmp/immure-65534/job.sock "* ]]
}

@test "immure config: which files of distccd the service takes" {
	[ "$(id -u)" = 0 ] || skip "makes a mount of its own"
	[ ! -e /etc/immure/immured.conf ] || skip "this machine has settings"
	in_etc() {
		unshare -m sh -c "mount -t tmpfs none /etc/$1 &&
		    : >/etc/$1/$2 && $immure config"
	}
	run in_etc default distcc
	echo "$output"
	[[ $output == *"# The service also takes /etc/default/distcc"* ]]
	# shellcheck disable=SC2016 # to be copied
	[[ $output == *"immured-start 'immure config --'"* ]]
	run in_etc default other
	[[ $output != *"The service also takes"*default* ]]
}

@test "immure config: what has no effect is not there" {
	DISTCCD_PATH=/opt/bin DISTCC_CMDLIST=/list run "$immure" config
	echo "$output"
	[[ $output == *"# DISTCC_CMDLIST=/list ; environment"* ]]
	[[ $output != */opt/bin* ]]
}

@test "what immure config prints is a configuration file" {
	"$immure" config --config "$conf" >"$conf.2"
	"$immured" --check-config --config "$conf.2"
	"$immure" config --config "$conf.2" | sed 's/ *;.*//' >"$conf.3"
	sed 's/ *;.*//' "$conf.2" | diff - "$conf.3"
}

@test "immure config --json" {
	"$immure" config --json --config "$conf" >"$conf.json"
	[ "$(jq -r '.settings[] | select(.name == "port") |
	    [.value, .source, .line] | @csv' "$conf.json")" = \
	    '"4000","file",1' ]
	[ "$(jq -r '.aliases[0].target' "$conf.json")" = gcc-12 ]
	[ "$(jq -r .file "$conf.json")" = "$conf" ]
}

@test "immure config: a wrong setting, and wrong words" {
	run "$immure" config -- --port 0
	[ "$status" = 1 ]
	[[ $output == *"--port: bad value"* ]]
	run "$immure" config --jsn
	[ "$status" = 64 ]
	run "$immure" config jobs
	[ "$status" = 64 ]
	[[ $output == "immure: jobs: it shows all settings, not one"*grep* ]]
}

@test "a layer that is required and not there keeps it from starting" {
	"$immure" check >"$conf.check" || [ "$(id -u)" != 0 ]
	grep -q '^ *cgroup .*not in force' "$conf.check" ||
	    skip "every layer is in force here"
	run "$immured" --no-detach --require cgroup
	echo "$output"
	[ "$status" = 100 ]
	[[ $output == *"cgroup is not in force"* ]]
}

@test "every setting stands in a manual" {
	missing=
	for name in $("$immure" config --json | jq -r '.settings[].name'); do
		grep -q "^\.It Ic $name" docs/immured.conf.5 ||
			missing="$missing $name"
	done
	echo "immured.conf(5) lacks:$missing"
	[ -z "$missing" ]
}

@test "which settings a reload applies is what the manual says" {
	"$immure" config --json | jq -r \
	    '.settings[] | select(.reloads) | .name' | sort >"$conf.applied"
	awk '$1 == ".It" && $2 == "Ic" { name = $3 }
	    $1 == ".El" { name = "" }
	    name == "allow-private" { next } # a part of allow
	    $1 == "(reload)" && name != "" { print name }' \
	    docs/immured.conf.5 | sort >"$conf.manual"
	[ "$(wc -l <"$conf.applied")" -gt 5 ]
	diff "$conf.applied" "$conf.manual"
}

@test "immure check: the memory bound, and settings with which it holds" {
	[ "$(id -u)" = 0 ] || skip "becomes another user"
	home=$(mktemp -d)
	mkdir -p "$home/immure" "$home/here"
	cp -r "$B/immure" "$B/libexec" "$home/here"
	bound() { # of $1 in immured.conf
		printf '%s\n' "$1" >"$home/immure/immured.conf"
		chmod -R a+rX "$home"
		chown -R 65534 "$home"
		setpriv --reuid 65534 --regid 65534 --clear-groups env \
		    XDG_CONFIG_HOME="$home" "$home/here/immure" check --json |
		    jq -r '.machine[] | select(.name == "memory bound") | .'"$2"
	}
	[ "$(bound 'jobs = 64' good)" = false ]
	[[ $(bound 'jobs = 64' value) == *": 64 jobs x (64 processes x 8G + 2G of "* ]]
	advice=$(bound 'jobs = 64' remedy)
	echo "$advice"
	[[ $advice == *"limit-address-space = "*"within four fifths of it; "* ]]
	advice=${advice%% would*}
	# a later line of one key is an error: the advice names jobs, or not
	[[ $advice == *"jobs = "* ]] || advice="jobs = 64, $advice"
	[ "$(bound "${advice//, /$'\n'}" good)" = true ]
	[[ $(bound 'jobs = x' value) == "unknown: "* ]]
	rm -r "$home"
}
