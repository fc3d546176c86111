# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A node on a free loopback port, to be sourced.  Everything it makes lies in
# $NODE_DIR.  DAEMON names the daemon: build/immured, or distccd, against
# which every test of the client's behaviour can be tried too.  NODE_USER is a
# uid to start it with (and an equal gid, and one group more): user mode.
#
#   node_start [option...]   sets NODE_PORT NODE_PID NODE_DIR
#   node_stop                SIGTERM; fails when it takes over half a minute
#   node_end                 the same, and its directory goes
#   eventually COMMAND       until it succeeds: half a minute at most
#   mounts_here              all mounts but those of named network namespaces,
#                            which other suites have while they run
#   free_uid FROM            one that no user has, below FROM + 10000; the next
#                            one is free too
#   node_jobs                a line per finished job: result, protocol, wait
#                            status, milliseconds, compiler, source (tabs)
#   node_mark                remember how many jobs there are
#   node_since N             wait until N more are on record, print those
#   client PROTO command...  run it as a client of that protocol (pump: 3;
#                            PUMP_DIR, from tests/compat/build_pump, is set)
#   pump_start, pump_stop    one include server for many clients: starting one
#                            for each takes two seconds
#   pump_says                what that server has complained about

NODE_TREE=${NODE_TREE:-$(pwd)}
DAEMON=${DAEMON:-$NODE_TREE/${B:-build}/immured}

node_is_stock() {
	case $(basename "$DAEMON") in
	distccd) return 0 ;;
	*) return 1 ;;
	esac
}

# A port nobody listens on, out of reach of those that the kernel gives to
# outgoing connections: one of them may take the port before the node does.
free_port() {
	python3 -c 'import random, socket
with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
    low, high = map(int, f.read().split())
ports = [p for p in range(10000, 65536) if not low <= p <= high]
while True:
    port = random.choice(ports)
    try:
        with socket.socket() as s:
            s.bind(("127.0.0.1", port))
    except OSError:
        continue
    print(port)
    break'
}

# A container may have no more than 65536 uids.  Two suites at once, each with a
# FROM of its own, have different ones; two runs of one suite most likely too.
free_uid() { # FROM
	free=$(($1 + $$ % 4990 * 2))
	while getent passwd "$free" || getent passwd $((free + 1)); do
		free=$((free + 2))
	done >&2
	echo "$free"
}

# node_answers: does it compile?  lsdistcc sends a small job (§1.11).
node_answers() {
	[ -n "$(lsdistcc -pgcc -r"$NODE_PORT" 127.0.0.1 2>/dev/null)" ]
}

# as_user UID COMMAND...: as a user who is in no group.
as_user() {
	_uid=$1
	shift
	setpriv --reuid "$_uid" --regid "$_uid" --clear-groups "$@"
}

node_start() {
	NODE_DIR=$(mktemp -d "${TMPDIR:-/tmp}/immure-node.XXXXXX")
	NODE_PORT=$(free_port)
	NODE_LOG=$NODE_DIR/log
	NODE_AUDIT=$NODE_DIR/audit
	: >"$NODE_LOG"
	if node_is_stock; then
		# It opens its log as another user.
		chmod 755 "$NODE_DIR"
		chmod 666 "$NODE_LOG"
		set -- --log-level debug --enable-tcp-insecure "$@"
	else
		# What a failed test leaves running is not waited for.
		set -- --audit-file "$NODE_AUDIT" --drain 2 "$@"
	fi
	set -- "$DAEMON" --no-detach --port "$NODE_PORT" --listen 127.0.0.1 \
	    --allow 127.0.0.1 --log-file "$NODE_LOG" "$@"
	if [ -n "${NODE_USER-}" ]; then
		chown -R "$NODE_USER:$NODE_USER" "$NODE_DIR"
		chmod 755 "$NODE_DIR"
		set -- setpriv --reuid "$NODE_USER" --regid "$NODE_USER" \
		    --groups "$NODE_USER,50" env HOME="$NODE_DIR" \
		    XDG_RUNTIME_DIR="$NODE_DIR" "$@"
	fi
	"$@" </dev/null >"$NODE_DIR/out" 2>&1 3>&- &
	NODE_PID=$!
	export NODE_DIR NODE_PORT NODE_LOG NODE_AUDIT NODE_PID
	node_tries=0
	until node_answers; do # making the images takes a while
		node_tries=$((node_tries + 1))
		if [ $node_tries -gt 600 ] || ! kill -0 "$NODE_PID" \
		    2>/dev/null; then
			echo "node: $DAEMON does not answer" >&2
			cat "$NODE_DIR/out" "$NODE_LOG" >&2
			return 1
		fi
		sleep 0.2
	done
	sleep 0.5 # that job's own record may come after its answer
	[ ! -s "$NODE_AUDIT" ] || eventually node_has_jobs
}

# shellcheck disable=SC2317 # by name
node_has_jobs() { [ -n "$(node_jobs)" ]; }

# The processes of the node, itself included: descendants of NODE_PID.  A
# cell's are among them, because its pid namespace is below ours.
node_processes() {
	ps -e -o pid= -o ppid= | awk -v root="$NODE_PID" '
		{ parent[$1] = $2 }
		END {
			for (p in parent) {
				q = p
				while (q > 1 && q != root)
					q = parent[q]
				if (q == root)
					print p
			}
		}'
}

# Until COMMAND succeeds; its last output is shown when it does not.  Half a
# minute of a machine that is busy with other things may be a second of one that
# is not.
eventually() { # COMMAND ARG...
	eventually_tries=0
	until eventually_said=$("$@" 2>&1); do
		eventually_tries=$((eventually_tries + 1))
		if [ $eventually_tries -ge 300 ]; then
			echo "half a minute, and still not: $*" >&2
			echo "$eventually_said" >&2
			return 1
		fi
		sleep 0.1
	done
}

mounts_here() { grep -v ' /run/netns' /proc/self/mountinfo; }

node_stop() {
	[ -n "${NODE_PID-}" ] || return 0
	node_left=$(node_processes)
	kill -TERM "$NODE_PID" 2>/dev/null
	node_tries=0
	while [ $node_tries -lt 300 ]; do
		# A zombie of ours is waited for below.  One ps for all: a shell
		# that had thousands of children since forgets how ours ended.
		# shellcheck disable=SC2086 # pids
		node_alive=$(ps -o pid= -o stat= -p "$(echo $node_left |
		    tr ' ' ,)" | awk '$2 !~ /^Z/ { printf " %s", $1 }')
		[ -n "$node_alive" ] || break
		node_tries=$((node_tries + 1))
		sleep 0.1
	done
	if [ -n "$node_alive" ]; then
		echo "node: alive 30 seconds after SIGTERM:$node_alive" >&2
		# shellcheck disable=SC2086 # pids
		kill -KILL $node_alive
	fi
	wait "$NODE_PID" 2>/dev/null
	NODE_PID=
	[ -z "$node_alive" ]
}

node_end() {
	[ -n "${NODE_PID-}" ] || return 0
	node_status=0
	node_stop || node_status=$?
	rm -rf "$NODE_DIR"
	return $node_status
}

node_jobs() {
	if node_is_stock; then
		awk '
		/ got DIST/ {
			worker = $1
			sub(/.*DIST0*/, "")
			proto[worker] = $0 + 0
		}
		/dcc_job_summary/ {
			split($0, w, " ")
			status = w[6]; sub(/exit:/, "", status)
			sig = w[7]; sub(/sig:/, "", sig)
			ms = w[10]; sub(/time:/, "", ms); sub(/ms/, "", ms)
			source = $0
			sub(/.*time:[0-9]*ms [^ ]* /, "", source)
			print w[5] "\t" proto[w[1]] "\t" status * 256 + sig \
			    "\t" ms "\t" w[11] "\t" source
		}
		' "$NODE_LOG"
		return
	fi
	[ -e "$NODE_AUDIT" ] || return 0
	jq -r 'select(.type == "job") |
	    [.result, .protocol, .exit * 256 + .signal,
	    (.wall_us / 1000 | floor), .compiler, .source] | @tsv' \
	    "$NODE_AUDIT"
}

node_mark() {
	NODE_MARK=$(node_jobs | wc -l)
	export NODE_MARK
}

node_since() {
	node_tries=0
	while [ "$(node_jobs | wc -l)" -lt $((NODE_MARK + $1)) ] &&
	    [ $node_tries -lt 200 ]; do
		node_tries=$((node_tries + 1))
		sleep 0.1
	done
	node_jobs | tail -n +$((NODE_MARK + 1))
}

# client PROTO command...: with a state directory of its own, no fallback.
client() {
	client_proto=$1
	shift
	case $client_proto in
	1) client_host=127.0.0.1:$NODE_PORT/4 client_start= ;;
	2) client_host=127.0.0.1:$NODE_PORT/4,lzo client_start= ;;
	3) client_host=127.0.0.1:$NODE_PORT/4,cpp,lzo client_start=pump ;;
	esac
	client_dir=$(mktemp -d "$NODE_DIR/client.XXXXXX")
	(
		for v in $(env | sed -n 's/^\(DISTCC_[A-Z_]*\)=.*/\1/p'); do
			unset "$v"
		done
		unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH \
		    DEPENDENCIES_OUTPUT
		# A client that is killed leaves its temporary files.
		export LC_ALL=C.UTF-8 DISTCC_DIR="$client_dir" \
		    DISTCC_FALLBACK=0 DISTCC_HOSTS="$client_host" \
		    DISTCC_IO_TIMEOUT=120 TMPDIR="$client_dir"
		if [ -n "$client_start" ] && [ -n "${INCLUDE_SERVER_PORT-}" ]
		then
			: # pump_start has been called
		elif [ -n "$client_start" ]; then
			pump_place
			# shellcheck disable=SC2030 # for this client alone
			PATH=$PUMP_DIR:$PATH
			client_status=0
			pump "$@" || client_status=$?
			rm -rf "$DISTCC_CLIENT_TMP"
			exit $client_status
		fi
		exec "$@"
	)
}

# A starting include server removes the files of every other one in /dev/shm
# whose process it does not see, such as those of another pid namespace; the
# robbed one gives up, and its clients go on with protocol 2 without a word.
# So each has a place of its own.  It wants one of at most two levels.
pump_place() {
	DISTCC_CLIENT_TMP=$(mktemp -d /tmp/immure-pump.XXXXXX)
	export DISTCC_CLIENT_TMP
}

pump_start() {
	pump_place
	# shellcheck disable=SC2031 # no wish to change it
	eval "$(PATH=$PUMP_DIR:$PATH DISTCC_HOSTS=127.0.0.1:$NODE_PORT,cpp,lzo \
	    TMPDIR=$DISTCC_CLIENT_TMP \
	    pump --startup 3>&- | grep '^export INCLUDE')"
	[ -n "${INCLUDE_SERVER_PORT-}" ]
}

pump_says() {
	[ -z "${INCLUDE_SERVER_PORT-}" ] ||
	    cat "$(dirname "$INCLUDE_SERVER_PORT")/stderr"
}

pump_stop() {
	[ -n "${INCLUDE_SERVER_PORT-}" ] || return 0
	# shellcheck disable=SC2031
	PATH=$PUMP_DIR:$PATH pump --shutdown >/dev/null 2>&1 || :
	rm -rf "$DISTCC_CLIENT_TMP"
	unset INCLUDE_SERVER_PORT INCLUDE_SERVER_PID INCLUDE_SERVER_DIR \
	    DISTCC_CLIENT_TMP
}
