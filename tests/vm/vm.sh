# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A node in a virtual machine, to be sourced by a bats file (boot.bats is one to
# copy from).  Root, apt once.
#
#   vm_start [--kernel 6.1|6.12] [--init openrc|systemd]
#            [--lsm none|apparmor|selinux] [--memory MB] [--append 'words']
#            [--overlay DIR] [--hook COMMAND] [--c-only] [--attacker] [--fresh]
#       builds what is needed (tests/vm/build says what --overlay, --hook and
#       --c-only are), boots, returns when the guest has booted and its agent
#       answers.  VM_DIR is a directory of this machine's; VM_PORT a port of the host's
#       loopback that leads to the guest's 3632, where a node is being started
#       by the guest's init: /etc/immure/immured.conf, log and record in
#       /var/log/immure, programs where PREFIX=/usr has them, test programs in
#       /opt/tests.  To the guest the host is 10.0.2.2.
#       --attacker makes tests/escape/attacker one of the node's compilers
#       (gcc-99).  --fresh: the node tries each toolchain, which takes a minute;
#       else what passed in an earlier guest of its kind is remembered.
#   vm_run CMD [ARG...]
#       as root in the guest: its stdout and stderr, its exit status.  VM_INPUT
#       names a file for its stdin; VM_SECONDS (180): longer, and it is ended,
#       with status 124; 125: the guest does not answer.  What it leaves in
#       the background stays.
#   vm_put FILE PATH, vm_get PATH FILE
#       copy a file in or out; vm_put keeps its mode
#   vm_node_ready [SECONDS]
#       waits (180) until a stock client on the host compiles through VM_PORT
#   vm_client HOSTOPTIONS CMD...
#       run CMD as a stock client of the node: vm_client '' distcc gcc ...,
#       vm_client ,lzo distcc ...
#   vm_attack ACT [ARGUMENT]
#       an act of tests/escape/attacker.c as a job (--attacker): what came back
#   vm_denials
#       the kernel's denials since the last call, as it printed them: SELinux'
#       (avc, or an invalid context), AppArmor's, calls that a seccomp filter
#       killed for.  Fails, with words, when the kernel lost some
#   vm_log
#       the guest's console and kernel log, for a failing test
#   vm_failed
#       for teardown(): after a failed test prints what vm_log does, and lets
#       vm_stop keep the logs
#   vm_stop
#       powers off, within three minutes; fails if the guest does not, or leaves
#       something.  VM_DIR goes; logs that are kept lie in build/vm-logs
#
# VM_SLOT is a command that the emulator is run by, such as one that waits for
# its turn; VM_KEEP=1 keeps the logs of any run.  One machine at a time in one
# shell.  A boot takes 15 s of two cores and a node's start in it as long again,
# so boot once in a file (setup_file), and look at many things.

VM_TREE=${VM_TREE:-$(pwd)}

# vm_accelerator: KVM if a machine comes up with it, which /dev/kvm alone does
# not promise: some hosts run no stock kernel on it.
vm_accelerator() {
	vm_known=${XDG_CACHE_HOME:-$HOME/.cache}/immure-tests/vm/accelerator
	vm_host=$(uname -r)-$(cat /proc/sys/kernel/random/boot_id)
	if [ "$(cut -d ' ' -f 1 "$vm_known" 2>/dev/null)" != "$vm_host" ]; then
		vm_answer=tcg
		if [ -w /dev/kvm ] && vm_kvm_works; then
			vm_answer=kvm
		fi
		echo "$vm_host $vm_answer" >"$vm_known"
	fi
	cut -d ' ' -f 2 "$vm_known"
}

# The kernel at hand panics for want of a root, if it gets that far.
vm_kvm_works() {
	timeout 20 qemu-system-x86_64 -machine q35 -accel kvm -cpu host -m 256 \
	    -nodefaults -nographic -no-reboot -serial "file:$VM_DIR/kvm" \
	    -kernel "$VM_DIR/vmlinuz" -append 'console=ttyS0 panic=-1' \
	    </dev/null >/dev/null 2>&1
	grep -q 'Kernel panic' "$VM_DIR/kvm"
}

# vm_lsm NAME: words for the kernel.
vm_lsm() {
	case $1 in
	none) echo lsm=landlock,lockdown,yama,integrity,bpf ;;
	apparmor) echo apparmor=1 \
	    lsm=landlock,lockdown,yama,integrity,apparmor,bpf ;;
	selinux) echo selinux=1 enforcing=1 \
	    lsm=landlock,lockdown,yama,integrity,selinux,bpf ;;
	*) return 1 ;;
	esac
}

vm_start() {
	vm_kernel=6.1 vm_init=openrc vm_lsm=none vm_memory=1536 vm_append=
	VM_DIR=$(mktemp -d "${TMPDIR:-/tmp}/immure-vm.XXXXXX")
	VM_PID=
	export VM_DIR VM_PID
	vm_build="$VM_TREE/tests/vm/build"
	vm_checked=${XDG_CACHE_HOME:-$HOME/.cache}/immure-tests/vm/checked
	set -- "$@" --
	while [ "$1" != -- ]; do
		case $1 in
		--kernel) vm_kernel=$2 ;;
		--init) vm_init=$2 ;;
		--lsm) vm_lsm=$2 ;;
		--memory) vm_memory=$2 ;;
		--append) vm_append=$2 ;;
		--attacker)
			vm_attacker
			shift
			set -- "$@" --overlay "$VM_DIR/attacker"
			continue
			;;
		--fresh)
			vm_checked=
			shift
			continue
			;;
		--c-only)
			vm_checked=${vm_checked:+$vm_checked-c}
			set -- "$@" "$1"
			shift
			continue
			;;
		--overlay | --hook) set -- "$@" "$1" "$2" ;;
		*)
			echo "vm_start: what is $1?" >&2
			return 1
			;;
		esac
		shift 2
	done
	shift
	vm_words=$(vm_lsm "$vm_lsm") || return
	[ -z "$vm_checked" ] || vm_checked=$vm_checked-$vm_kernel
	"$vm_build" --kernel "$vm_kernel" --init "$vm_init" \
	    --checked "$vm_checked" "$@" "$VM_DIR" || {
		rm -rf "$VM_DIR"
		return 1
	}
	for _ in 1 2 3; do
		vm_boot && vm_up && return
		vm_crashed || break
	done
	vm_log >&2
	touch "$VM_DIR/failed"
	vm_stop
	return 1
}

# vm_crashed: was it the emulator, not the guest?  7.2 is seen to end by SIGSEGV
# when it has barely begun, once in some hundred boots on a busy machine.
vm_crashed() {
	! kill -0 "$VM_PID" 2>/dev/null || return
	vm_status=0
	wait "$VM_PID" || vm_status=$?
	[ $vm_status -ge 128 ] || return
	echo "vm: the emulator was ended by signal $((vm_status - 128))" >&2
	rm -f "$VM_DIR/pid" "$VM_DIR/agent"
}

# vm_attacker: an overlay with it.  Names that Debian's distcc does not list are
# served only when a node is told to.
vm_attacker() {
	mkdir -p "$VM_DIR/attacker/usr/local/bin" "$VM_DIR/attacker/etc/immure"
	cp "$VM_TREE/${B:-build}/tests/escape/attacker" \
	    "$VM_DIR/attacker/usr/local/bin/gcc-99"
	{
		cat "$VM_TREE/tests/vm/system/common/etc/immure/immured.conf"
		echo 'enable-tcp-insecure = yes'
	} >"$VM_DIR/attacker/etc/immure/immured.conf"
}

vm_boot() {
	VM_PORT=$(. "$VM_TREE/tests/lib/node.sh" && free_port)
	export VM_PORT
	case $(vm_accelerator) in
	kvm) vm_accel='-accel kvm -cpu host' ;;
	*)
		# Wide vectors are dear to emulate: digesting the toolchains
		# with them makes a node's start a third longer.
		vm_accel='-accel tcg,thread=multi -cpu max,-avx,-avx2'
		vm_accel=$vm_accel,-ssse3,-sse4.1,-sse4.2
		# So are a clock that is a device and calls that no processor
		# may guess.
		vm_words="$vm_words tsc=reliable mitigations=off"
		;;
	esac
	# Whoever is killed leaves it running: not for long.
	# shellcheck disable=SC2086 # words
	${VM_SLOT-} timeout -k 5 2400 qemu-system-x86_64 -machine q35 $vm_accel -smp 2 \
	    -pidfile "$VM_DIR/pid" \
	    -m "$vm_memory" -nodefaults -nographic -no-reboot \
	    -serial "file:$VM_DIR/console" -kernel "$VM_DIR/vmlinuz" \
	    -initrd "$VM_DIR/initramfs" -append "console=ttyS0 quiet panic=-1 \
log_buf_len=16M audit=1 audit_backlog_limit=8192 $vm_words $vm_append" \
	    -netdev "user,id=n,restrict=on,hostfwd=tcp:127.0.0.1:$VM_PORT-10.0.2.15:3632" \
	    -device virtio-net-pci,netdev=n,romfile= \
	    -object rng-random,filename=/dev/urandom,id=r \
	    -device virtio-rng-pci,rng=r -device virtio-serial-pci \
	    -chardev "socket,id=a,path=$VM_DIR/agent,server=on,wait=off" \
	    -device virtserialport,chardev=a,name=immure.agent \
	    </dev/null >"$VM_DIR/qemu" 2>&1 3>&- &
	VM_PID=$!
	export VM_PID
	echo 0 >"$VM_DIR/seen"
}

# vm_up: until the agent answers and the service manager is through.
vm_up() {
	# its turn may not have come yet (VM_SLOT)
	while [ ! -e "$VM_DIR/pid" ] && kill -0 "$VM_PID" 2>/dev/null; do
		sleep 0.2
	done
	vm_until=$(($(date +%s) + 600))
	until VM_SECONDS=5 vm_run true 2>/dev/null; do
		if [ "$(date +%s)" -ge $vm_until ] ||
		    ! kill -0 "$VM_PID" 2>/dev/null; then
			echo "vm: the guest does not come up" >&2
			return 1
		fi
		sleep 1
	done
	[ "$vm_init" != systemd ] ||
	    VM_SECONDS=400 vm_run systemctl is-system-running --wait \
		>"$VM_DIR/running" || :
}

vm_run() {
	if [ -n "${VM_INPUT-}" ]; then
		set -- --input "$VM_INPUT" "$@"
	fi
	"$VM_TREE/tests/vm/ask" "$VM_DIR/agent" "${VM_SECONDS:-180}" "$@"
}

vm_put() {
	# shellcheck disable=SC2016 # the guest's
	VM_INPUT=$1 vm_run sh -c 'cat >"$1" && chmod "$2" "$1"' sh "$2" \
	    "$(stat -L -c %a "$1")"
}

vm_get() {
	vm_run cat "$1" >"$2"
}

vm_client() {
	vm_options=$1
	shift
	vm_state=$(mktemp -d "$VM_DIR/client.XXXXXX")
	env DISTCC_DIR="$vm_state" DISTCC_FALLBACK=0 DISTCC_IO_TIMEOUT=120 \
	    DISTCC_HOSTS="127.0.0.1:$VM_PORT$vm_options" "$@"
}

vm_node_ready() {
	vm_until=$(($(date +%s) + ${1:-180}))
	echo 'int ready;' >"$VM_DIR/ready.c"
	until vm_client '' distcc gcc -c "$VM_DIR/ready.c" \
	    -o "$VM_DIR/ready.o" 2>"$VM_DIR/ready"; do
		if [ "$(date +%s)" -ge $vm_until ]; then
			echo 'vm: the node does not compile' >&2
			cat "$VM_DIR/ready" >&2
			return 1
		fi
		sleep 0.5
	done
	[ -z "${vm_checked-}" ] || vm_remember || :
}

# vm_remember: what this guest's node has tried, for the next of its kind.
vm_remember() {
	vm_get /var/cache/immure/checked "$VM_DIR/checked" &&
	    ! cmp -s "$VM_DIR/checked" "$vm_checked" &&
	    mv "$VM_DIR/checked" "$vm_checked"
}

vm_attack() {
	vm_act=$1
	{
		echo "attack $*"
		echo 'int x;'
	} >"$VM_DIR/$vm_act.c"
	"$VM_TREE/${B:-build}/tests/wire/send_request" --proto 3 --cdir /tmp/w \
	    --file "/tmp/w/$vm_act.c=$VM_DIR/$vm_act.c" \
	    --object "$VM_DIR/$vm_act.o" 127.0.0.1 "$VM_PORT" -- \
	    gcc-99 -c "$vm_act.c" -o "$vm_act.o" 2>&1 || : # its own status
}

vm_denials() {
	vm_run dmesg >"$VM_DIR/dmesg" || return
	if ! head -n 1 "$VM_DIR/dmesg" | grep -q 'Linux version' ||
	    grep -E 'audit_lost=|backlog limit exceeded|callbacks suppressed|printk messages dropped' \
		"$VM_DIR/dmesg" >&2; then
		echo 'vm: the log of the kernel has lost something' >&2
		return 1
	fi
	tail -n "+$(($(cat "$VM_DIR/seen") + 1))" "$VM_DIR/dmesg" |
	    grep -E 'avc: *denied|apparmor="DENIED"|type=(1326|1401) ' || :
	wc -l <"$VM_DIR/dmesg" >"$VM_DIR/seen"
}

vm_log() {
	# not what the layers' own probes, and hostile jobs, died of
	VM_SECONDS=10 vm_run dmesg 2>/dev/null |
	    grep -vE 'type=(1326|1701) ' >"$VM_DIR/dmesg" || :
	for vm_file in console qemu dmesg; do
		echo "== $vm_file"
		tail -n 30 "$VM_DIR/$vm_file" | cut -c 1-300
	done
	echo "== the node's log"
	VM_SECONDS=10 vm_run tail -n 40 /var/log/immure/immured.log 2>&1 || :
}

vm_failed() {
	[ "${BATS_TEST_COMPLETED-}" != 1 ] || return 0
	vm_log
	touch "$VM_DIR/failed"
}

# vm_keep: the logs, where a test run leaves its own.
vm_keep() {
	vm_kept="$VM_TREE/${B:-build}/vm-logs/$(basename \
	    "${BATS_TEST_FILENAME:-$$}" .bats)"
	rm -rf "$vm_kept"
	mkdir -p "$vm_kept"
	VM_SECONDS=10 vm_run dmesg >"$VM_DIR/dmesg" 2>/dev/null || :
	VM_SECONDS=10 vm_run sh -c 'cat /var/log/immure/* /var/log/messages' \
	    >"$VM_DIR/node" 2>/dev/null || :
	cp "$VM_DIR/console" "$VM_DIR/qemu" "$VM_DIR/dmesg" "$VM_DIR/node" \
	    "$vm_kept/"
	echo "vm: console and logs: $vm_kept" >&2
}

# vm_gone SECONDS: has the emulator ended?
vm_gone() {
	vm_tries=0
	while kill -0 "$vm_pid" 2>/dev/null; do
		[ $vm_tries -lt "$1" ] || return 1
		vm_tries=$((vm_tries + 1))
		sleep 1
	done
}

vm_stop() {
	{ [ -n "${VM_PID-}" ] && [ -d "$VM_DIR" ]; } || return 0
	vm_status=0
	if [ -e "$VM_DIR/failed" ] || [ -n "${VM_KEEP-}" ]; then
		vm_keep
	fi
	vm_pid=$(cat "$VM_DIR/pid" 2>/dev/null || echo "$VM_PID")
	# again, since on a busy machine one request may be given up
	for _ in 1 2 3; do
		VM_SECONDS=20 vm_run sh -c \
		    '(sleep 1; poweroff) >/dev/null 2>&1 &' 2>/dev/null || :
		! vm_gone 60 || break
	done
	if ! vm_gone 0; then
		echo 'vm: the guest does not power off' >&2
		[ -e "$VM_DIR/failed" ] || vm_keep
		kill -KILL "$vm_pid" 2>/dev/null || :
		vm_status=1
	fi
	kill "$VM_PID" 2>/dev/null || : # VM_SLOT's, if its turn never came
	wait "$VM_PID" 2>/dev/null || :
	VM_PID=
	rm -rf "$VM_DIR"
	return $vm_status
}
