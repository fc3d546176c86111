# SPDX-License-Identifier: GPL-2.0-or-later
# awk -v policy=P -v letters=L -f judge.awk EXPECT OBSERVED
# See expect, and run.  What a plan cannot show is not judged; a process of which
# nothing is judged is not ok, but where it is not the policy's business.  TAP;
# exit status 1 when something is not as expected.
BEGIN {
	column["selinux"] = 4
	column["apparmor"] = 5
	column["nftables"] = 6
	split("monitor imager runner auditor broker front status spawner " \
	    "executor zygote cell-one unpack pack job", procs, " ")
	nprocs = 14
}

# Is @who in the list @list?
function fits(list, who,    n, i, w) {
	n = split(list, w, ",")
	for (i = 1; i <= n; i++)
		if (w[i] == "*" || w[i] == who)
			return 1
	return 0
}

function learn(    i, j, n, act) {
	n = split($2, act, ",")
	for (i = 1; i <= nprocs; i++)
		if (fits($1, procs[i]))
			for (j = 1; j <= n; j++) {
				k = procs[i] " " act[j]
				needs[k] = $3
				want[k] = policy == "none" ? "open" \
				    : $(column[policy])
			}
}

NR == FNR {
	if ($0 !~ /^#/ && NF >= 6)
		learn()
	next
}

{ got[$1 " " $2] = $3 }

function refused(k) {
	if (policy == "nftables") # drop, reject by ICMP or by RST
		return got[k] ~ /^(1|101|110|111|113|13)$/
	return got[k] ~ /^(1|13)$/
}

function bad(text) {
	wrong[++nwrong] = text
}

# Does @who have every capability in this plan?
function capable(who) {
	return letters ~ /C/ && (letters !~ /U/ ||
	    who !~ /^(zygote|cell-one|unpack|pack|job)$/)
}

function judge(k,    n) {
	n = needs[k]
	if (want[k] == "-" || n == "-") {
		left++
		return
	}
	asked++
	if (!(k in got)) {
		bad(k ": it has said nothing of it")
		return
	}
	if (n ~ /\?/ && got[k] ~ /^(2|38)$/) {
		absent[substr(k, index(k, " ") + 1)]
		left++
		return
	}
	if ((n ~ /^caps/ && !capable(substr(k, 1, index(k, " ") - 1))) ||
	    (policy == "nftables" && letters ~ /C/)) {
		left++
		return
	}
	if (want[k] == "open") {
		opened++
		if (got[k] != 0)
			bad(k ": errno " got[k] ", should go through")
	} else {
		denied++
		if (!refused(k))
			bad(k ": " (got[k] == 0 ? "went through" \
			    : "errno " got[k]) ", should be denied")
	}
}

END {
	for (i = 1; i <= nprocs; i++) {
		denied = opened = left = asked = nwrong = 0
		for (k in want)
			if (index(k, procs[i] " ") == 1)
				judge(k)
		for (k in got)
			if (index(k, procs[i] " ") == 1 && !(k in want))
				bad(k ": not in tests/outer/expect")
		if (asked > 0 && denied + opened == 0)
			bad(procs[i] ": nothing of it was judged in this plan")
		printf("%sok %d - %s, %s: %d denied, %d open, %d not judged\n",
		    (nwrong > 0) ? "not " : "", i, policy, procs[i], denied,
		    opened, left)
		for (j = 1; j <= nwrong; j++)
			print "# " wrong[j]
		failed += (nwrong > 0)
	}
	for (k in absent)
		print "# not on this machine: " k
	print "1.." nprocs
	exit (failed > 0)
}
