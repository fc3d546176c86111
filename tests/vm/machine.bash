# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the bats files here begin and end with: `load machine`, and a setup_file()
# that boots one.  T is a test's directory.
cd "$BATS_TEST_DIRNAME/../.." || return 1
# shellcheck source=tests/vm/vm.sh
. tests/vm/vm.sh

needs_root() {
	[ "$(id -u)" = 0 ] || skip "the guest's files must be root's"
}

teardown_file() {
	vm_stop
}

setup() {
	T=$BATS_TEST_TMPDIR
}

teardown() {
	vm_failed
}

# A shell's words as root in the guest.
guest() {
	vm_run sh -euc "$@"
}

# The object that the guest's own compiler makes of what is in $T.
made_there() { # files..., --, compiler and its words without -o
	vm_run mkdir -p /tmp/w
	while [ "$1" != -- ]; do
		vm_put "$T/$1" "/tmp/w/$1"
		shift
	done
	shift
	guest 'cd /tmp/w && "$@" -o there.o' sh "$@"
	vm_get /tmp/w/there.o "$T/there.o"
}

# powers_off: the last thing to be tested of a machine.
powers_off() {
	pid=$(cat "$VM_DIR/pid")
	vm_stop
	[ ! -e "/proc/$pid" ]
	[ ! -e "$VM_DIR" ]
}
