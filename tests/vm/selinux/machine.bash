# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the files begin and end with that boot a guest under SELinux, and the node
# without walls in it: `load selinux/machine`.

cd "$BATS_TEST_DIRNAME/../.." || return 1
# shellcheck source=tests/vm/vm.sh
. tests/vm/vm.sh

# boot HOOK OVERLAY: every record is kept for an audit daemon, which is not there.
boot() {
	vm_start --lsm selinux --hook "$1" \
	    --overlay "$PWD/tests/vm/selinux/overlay" --overlay "$2" \
	    --append audit_backlog_limit=32768 >&3
}

teardown_file() {
	vm_stop >&3 2>&3
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return 1
}

# run_walls_off [OPTION...]: the installed node gives way to the one of the
# overlay, whose kinds of process all must be as expected; options of
# tests/outer/run.
run_walls_off() {
	vm_run sh -ec 'rc-service immured stop </dev/null 2>&1 | cat
		sed -i "/^require = selinux/d" /etc/immure/immured.conf
		cp -a /opt/outer/root/usr/. /usr/
		restorecon -RF /usr/sbin/immured /usr/libexec/immure /usr/local
		echo 1 >/sys/fs/selinux/booleans/immure_outer
		echo 1 >/sys/fs/selinux/commit_pending_bools
		grep -q "^1" /sys/fs/selinux/booleans/immure_outer
		[ "$(cat /sys/fs/selinux/enforce)" = 1 ]'
	vm_denials >/dev/null
	VM_SECONDS=240 run vm_run /opt/outer/run --policy selinux \
	    --before 'restorecon -RF /run/immure-outer /etc/immure /srv /opt' \
	    --options '--cgroup none --socket /run/immure-outer/job.sock' \
	    "$@" --send /opt/tests/send_request /usr
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(grep -c '^ok' <<<"$output")" -eq 14 ]
}
