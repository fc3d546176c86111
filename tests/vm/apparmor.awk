# SPDX-License-Identifier: GPL-2.0-or-later
# awk -f apparmor.awk EXPECT SEEN DMESG DMESG
# Did the kernel say each denial that tests/outer/expect wants of AppArmor and
# that was one (SEEN, `run --keep`)?  TAP, a line for each kind of process; exit
# status 1 when one is missing.
#
# A line counts for an act if it is of the process' own profile, or of the
# outermost one and of that program, and names what the act aims at.  Who fails
# at file modes before that meets a capability, of which the line names nothing
# else.  zygote and cell-one have one profile: cell-one is the process whose
# number in its names is 1.
#
# What the kernel may leave out: a capability that is denied to the profile that
# was the last on that CPU to be denied one, if that CPU has seen it denied to
# anybody before (audit_caps() never forgets those).  It cannot be so where the
# outermost profile denies it as well, whose line comes between; nor with those
# that file modes ask for, of which each process meets its first ahead of any
# other.  Elsewhere, and where EPERM says that it was a capability, such an act
# counts as "not to be said".
BEGIN {
	split("monitor imager runner auditor broker front status spawner " \
	    "executor zygote cell-one unpack pack job", procs, " ")
	nprocs = 14
	dac = "dac_override|dac_read_search"
	log_dir = "/var/log/immure/outer"
	outer = "/run/immure-outer/"

	named("read-passwd", "/etc/passwd")
	named("read-shadow", "/etc/shadow", dac)
	named("read-key", "/etc/immure/outer.key", dac)
	named("read-environ", "/proc/1/environ", dac "|sys_ptrace")
	named("read-audit", log_dir ".audit", dac)
	named("write-audit", log_dir ".audit", dac)
	named("truncate-log", log_dir ".old", dac)
	named("unlink-log", log_dir ".gone", dac)
	named("create-log", log_dir ".new", dac)
	named("write-out", outer "out/file")
	named("write-srv", "/srv/immure-outer/file", dac)
	named("write-tool", "/opt/immure-outer/bin/gcc-")
	named("write-library", "/opt/immure-outer/bin/x.so")
	by["exec-sh"] = "operation=\"exec\".* name=\"/(usr/)?bin/"
	by["exec-out"] = "operation=\"exec\".* name=\"" outer "out/program"
	socket("connect-v4", "inet", "stream")
	socket("connect-v6", "inet6", "stream")
	socket("connect-unix", "unix", "stream", dac)
	socket("send-udp", "inet", "dgram")
	socket("listen-v4", "inet", "stream")
	socket("raw-socket", "inet", "raw", "net_raw")
	socket("packet-socket", "packet", "raw", "net_raw")
	socket("netlink-socket", "netlink", "raw")
	operation("ptrace-parent", "ptrace", "sys_ptrace")
	operation("signal-parent", "signal", "kill")
	by["open-parent-mem"] = " name=\"/proc/[0-9]+/mem\""
	cap["open-parent-mem"] = dac "|sys_ptrace"
	operation("mount", "mount", "sys_admin")
	cap["load-module"] = "sys_module"
	cap["bpf"] = "bpf|sys_admin"
	cap["perf-event"] = "perfmon|sys_admin"
	cap["userfaultfd"] = "sys_ptrace"
	cap["setuid-0"] = "setuid"
	cap["chroot"] = "sys_chroot"
	cap["net-ns"] = cap["sethostname"] = "sys_admin"
	named("dev-mem", "/dev/mem", dac "|sys_rawio")
	named("dev-kmsg", "/dev/kmsg", dac "|syslog")
	named("core-pattern", "/proc/sys/kernel/core_pattern", dac)
	named("sysrq", "/proc/sysrq-trigger", dac)
	named("cgroup-procs", outer "cg/cgroup.procs", dac)

	# a job's of tests/escape
	socket("abstract", "unix", "[a-z]+")
	cap["chown()"] = "chown"
	cap["chroot()"] = "sys_chroot"
	cap["clone-pid()"] = cap["fsopen()"] = cap["unshare-mnt()"] = "sys_admin"
	cap["device()"] = "mknod"
	cap["kill0(1)"] = "kill"
	cap["mlock()"] = "ipc_lock"
	cap["setgroups()"] = "setgid"
	cap["setpriority()"] = "sys_nice"
	cap["setresuid()"] = cap["setuid()"] = "setuid"
	cap["syslog()"] = "syslog|sys_admin"
	operation("kill0(1)", "signal", "kill")
	operation("ptrace-seize()", "ptrace", "sys_ptrace")
	operation("traceme()", "ptrace")
	socket("socketpair()", "unix", "[a-z]+")
	socket("connect(3632)", "inet", "stream")
	socket("socket(1)", "unix", "[a-z]+")
	socket("socket(2)", "inet", "[a-z]+")
	socket("socket(10)", "inet6", "[a-z]+")
	socket("socket(16)", "netlink", "[a-z]+")
	socket("socket(17)", "packet", "[a-z]+", "net_raw")
}

# The start of a file's name; the capabilities that its mode may ask for.
function named(act, name, caps) {
	by[act] = " name=\"" name
	if (caps != "")
		cap[act] = caps
}

function socket(act, family, type, caps) {
	by[act] = " family=\"" family "\" sock_type=\"" type "\""
	if (caps != "")
		cap[act] = caps
}

function operation(act, op, caps) {
	by[act] = "operation=\"" op "\""
	if (caps != "")
		cap[act] = caps
}

# Acts of tests/escape on a file of the host's: create(/../tmp/x).
function of_file(act,    name) {
	name = act
	if (sub(/^[a-z-]+\(\/\.\.\//, "/", name))
		named(act, substr(name, 1, length(name) - 1), dac)
	else if (act ~ /^abstract/)
		by[act] = by["abstract"]
}

function word(name,    w) {
	w = $0
	if (!sub(".* " name "=\"?", "", w))
		return ""
	sub(/[" ].*/, "", w)
	return w
}

# Which process has that profile, or that program under the outermost one?
function who(profile, comm) {
	if (profile == "immured")
		profile = comm
	if (profile == "immured")
		return "monitor"
	if (profile == "gcc-99")
		return "job"
	sub(/^immure-/, "", profile)
	return profile
}

FNR == 1 { file++ }

file == 1 && !/^#/ && NF >= 6 {
	n = split($1, them, ",")
	m = split($2, act, ",")
	for (i = 1; i <= nprocs; i++)
		for (j = 1; j <= n; j++)
			for (l = 1; (them[j] == "*" || them[j] == procs[i]) &&
			    l <= m; l++)
				want[procs[i] " " act[l]] = $5
}

file == 2 { got[$1 " " $2] = $3 }

# Who are cells' first processes, and whose child is who?
file == 3 && /profile="immure-zygote" name="\/run\/immure-outer\/out\/file\.[0-9]*\.1"/ {
	cell[word("pid")] = 1
}
file == 3 && /type=1300 / {
	parent[word("pid")] = word("ppid")
}

file == 4 && /apparmor="DENIED"/ {
	w = who(word("profile"), word("comm"))
	if (w == "zygote" && (word("pid") in cell || (word("pid") in parent &&
	    parent[word("pid")] in cell)))
		w = "cell-one"
	if (word("operation") == "capable")
		capables[w] = capables[w] " " word("profile") ":" word("capname") " "
	else
		lines[w] = lines[w] "\n" $0
}

# 1: said; 2: no line, and none is owed; 0: no line
function said(w, act,    c) {
	if (act in by && match(lines[w], by[act]))
		return 1
	c = cap[act]
	if (c == "")
		return 0
	if (match(capables[w], ":(" c ") "))
		return 1
	return got[w " " act] == 1 && c !~ /dac/ && !both(c) ? 2 : 0
}

# Does the outermost profile deny one of those, too?
function both(caps) {
	return match(capables["monitor"], "immured:(" caps ") ")
}

END {
	for (i = 1; i <= nprocs; i++) {
		n = m = l = missed = 0
		text = ""
		for (k in want) {
			split(k, p, " ")
			if (p[1] != procs[i] || want[k] != "deny" ||
			    got[k] !~ /^(1|13)$/)
				continue
			if (!(p[2] in by))
				of_file(p[2])
			n++
			r = said(p[1], p[2])
			m += r == 1
			l += r == 2
			if (r != 1)
				text = text "# " k ": " (r == 2 \
				    ? "not to be said" : "the kernel has not said it") \
				    "\n"
			missed += r == 0
		}
		printf("%sok %d - %s: %d denials, %d said, %d not to be said\n%s",
		    missed > 0 || n == 0 ? "not " : "", i, procs[i], n, m, l,
		    text)
		failed += missed > 0 || n == 0
	}
	print "1.." nprocs
	exit (failed > 0)
}
