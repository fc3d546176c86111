# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A real sshd on a loopback port with its own keys and configuration, and a
# user for it, to be sourced after node.sh.  Nothing of the machine's own sshd
# is read; the user is removed again.
#
#   sshd_start             sets SSHD_DIR SSHD_PORT SSHD_PID; it and its logins
#                          have a mount namespace of their own
#   sshd_sees DIR PLACE    … in which DIR lies at PLACE
#   sshd_sees_no PLACE     … no more
#   sshd_stop
#   ssh_user NAME SHELL    make it; sets SSH_UID
#   ssh_user_gone NAME
#   ssh_allow NAME LINE    what stands before its key in authorized_keys
#   ssh_env NAME=VALUE     what sshd gives to every login from then on
#   ssh_as NAME [ARG...]   run ssh to it
#   ssh_client NAME PROTO PROGRAM COMMAND...  as client() of node.sh, through
#                          ssh; PROGRAM: what to start there ("": distccd)

sshd_path() {
	PATH=$PATH:/usr/sbin:/sbin command -v sshd
}

sshd_start() {
	SSHD_DIR=$(mktemp -d /tmp/immure-sshd.XXXXXX)
	chmod 711 "$SSHD_DIR"
	SSHD_PORT=$(free_port)
	export SSHD_DIR SSHD_PORT
	ssh-keygen -q -t ed25519 -N '' -f "$SSHD_DIR/host"
	ssh-keygen -q -t ed25519 -N '' -f "$SSHD_DIR/key"
	mkdir -p /run/sshd # where sshd's own child shuts itself in
	cat >"$SSHD_DIR/config" <<-END
	Port $SSHD_PORT
	ListenAddress 127.0.0.1
	HostKey $SSHD_DIR/host
	PidFile $SSHD_DIR/pid
	AuthorizedKeysFile $SSHD_DIR/keys.%u
	StrictModes no
	UsePAM no
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	MaxStartups 100
	LogLevel VERBOSE
	Subsystem sftp internal-sftp
	END
	cat >"$SSHD_DIR/client" <<-END
	Host node
	HostName 127.0.0.1
	Port $SSHD_PORT
	IdentityFile $SSHD_DIR/key
	IdentitiesOnly yes
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	BatchMode yes
	LogLevel ERROR
	END
	sshd_run
}

sshd_run() {
	unshare -m --propagation private "$(sshd_path)" -D -f "$SSHD_DIR/config" -E "$SSHD_DIR/log" 3>&- &
	SSHD_PID=$!
	export SSHD_PID
	sshd_tries=0
	until grep -q 'Server listening' "$SSHD_DIR/log" 2>/dev/null; do
		sshd_tries=$((sshd_tries + 1))
		if [ $sshd_tries -gt 300 ]; then
			cat "$SSHD_DIR/log" >&2
			return 1
		fi
		sleep 0.1
	done
}

sshd_sees() {
	mkdir -p "$2"
	nsenter -m -t "$SSHD_PID" mount --bind "$1" "$2"
}

sshd_sees_no() {
	nsenter -m -t "$SSHD_PID" umount "$1"
}

sshd_stop() {
	[ -z "${SSHD_PID-}" ] || kill "$SSHD_PID" 2>/dev/null || :
	[ -z "${SSHD_DIR-}" ] || rm -rf "$SSHD_DIR"
}

# No password, but not locked, which sshd would refuse.
ssh_user() {
	if command -v useradd >/dev/null; then
		useradd --no-create-home --home-dir / --shell "$2" \
		    --password '*' "$1" 2>/dev/null
	else
		adduser -D -H -h / -s "$2" "$1" && echo "$1:*" | chpasswd -e
	fi
	SSH_UID=$(id -u "$1")
	export SSH_UID
}

ssh_user_gone() {
	if command -v userdel >/dev/null; then
		userdel "$1"
	else
		deluser "$1"
	fi 2>/dev/null
}

ssh_allow() {
	printf '%s %s\n' "$2" "$(cat "$SSHD_DIR/key.pub")" \
	    >"$SSHD_DIR/keys.$1"
	chmod 644 "$SSHD_DIR/keys.$1"
}

ssh_env() {
	sed -i '/^SetEnv/d' "$SSHD_DIR/config"
	echo "SetEnv $1" >>"$SSHD_DIR/config"
	sshd_before=$(sshd_listened)
	kill -HUP "$SSHD_PID"
	sshd_tries=0
	while [ "$(sshd_listened)" = "$sshd_before" ]; do
		sshd_tries=$((sshd_tries + 1))
		[ $sshd_tries -le 300 ] || return 1
		sleep 0.1
	done
}

sshd_listened() { grep -c 'Server listening' "$SSHD_DIR/log"; }

ssh_as() {
	ssh_name=$1
	shift
	ssh -F "$SSHD_DIR/client" -l "$ssh_name" "$@"
}

ssh_client() {
	ssh_host=$1@node/8${3:+:$3}
	case $2 in
	1) ssh_options= ;;
	2) ssh_options=,lzo ;;
	3) ssh_options=,cpp,lzo ;;
	esac
	shift 3
	(
		for v in $(env | sed -n 's/^\(DISTCC_[A-Z_]*\)=.*/\1/p'); do
			[ "$v" = DISTCC_CLIENT_TMP ] || unset "$v"
		done
		unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH \
		    DEPENDENCIES_OUTPUT
		DISTCC_DIR=$(mktemp -d "$SSHD_DIR/client.XXXXXX")
		export LC_ALL=C.UTF-8 DISTCC_DIR DISTCC_FALLBACK=0 \
		    DISTCC_IO_TIMEOUT=120 TMPDIR="$DISTCC_DIR" \
		    DISTCC_HOSTS="$ssh_host$ssh_options" \
		    DISTCC_SSH="ssh -F $SSHD_DIR/client"
		exec "$@"
	)
}
