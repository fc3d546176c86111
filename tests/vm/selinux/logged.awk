# SPDX-License-Identifier: GPL-2.0-or-later
# awk -f logged.awk EXPECT RECORDS SEEN DENIALS
# Is every act that SELinux is expected to deny (tests/outer/expect), and that was
# refused (SEEN, of tests/outer/run --keep), on record: as many records of its
# process' domain that fit (RECORDS) as there are acts that they would fit?  TAP
# of a line for each process; exit status 1 when one is missing.
BEGIN {
	n = split("monitor imager runner auditor broker front status spawner " \
	    "executor zygote cell-one unpack pack job", procs, " ")
	domain["monitor"] = "immured_t"
	domain["cell-one"] = "immure_zygote_t" # a fork of it
}

FNR == 1 { file++ }
/^#/ || NF == 0 { next }

file == 1 && NF >= 6 {
	m = split($2, act, ",")
	for (i = 1; i <= n; i++)
		if ($1 == "*" || ("," $1 ",") ~ ("," procs[i] ","))
			for (j = 1; j <= m; j++)
				want[procs[i] " " act[j]] = \
				    $3 == "-" ? "-" : $4
}

file == 2 {
	m = split($1, act, ",")
	pattern = $0
	sub(/^[^ \t]+[ \t]+/, "", pattern)
	for (j = 1; j <= m; j++)
		fits[act[j]] = pattern
}

file == 3 && ($3 == 1 || $3 == 13) { refused[$1 " " $2] = 1 }

# Some are printed twice: their serial tells.
file == 4 && match($0, /audit\([0-9.]+:[0-9]+\)/) && /avc: +denied/ {
	serial = substr($0, RSTART, RLENGTH)
	sub(/.*denied/, "")
	if (serial in known)
		next
	known[serial] = 1
	match($0, /scontext=[^ ]+/)
	split(substr($0, RSTART, RLENGTH), part, ":")
	record[part[3], ++records[part[3]]] = $0
}

function found(d, pattern,    i, k) {
	for (i = 1; i <= records[d]; i++)
		k += record[d, i] ~ pattern
	return k + 0
}

END {
	for (i = 1; i <= n; i++) {
		p = procs[i]
		d = (p in domain) ? domain[p] : "immure_" p "_t"
		missing = ""
		logged = 0
		split("", needed)
		for (k in want) {
			a = substr(k, length(p) + 2)
			if (index(k, p " ") != 1 || want[k] != "deny" ||
			    !(k in refused))
				continue
			if (!(a in fits))
				missing = missing "# " k ": not in RECORDS\n"
			else
				needed[fits[a]] = needed[fits[a]] " " a
		}
		for (f in needed) {
			m = split(needed[f], w, " ")
			if (found(d, f) < m)
				missing = missing "# " p needed[f] ": " \
				    found(d, f) " records of " d " for " m "\n"
			else
				logged += m
		}
		printf "%sok %d - %s: %d acts on record\n%s", \
		    missing != "" || !logged ? "not " : "", i, p, logged, missing
		failed += missing != "" || !logged
	}
	print "1.." n
	exit failed > 0
}
