#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""limits.py TABLE WHAT: each limit set small, met, and just not met.

WHAT: check    each row of TABLE (of limits_page --rows) has a driver
      conf G   the settings of a node for group G
      G        drive its limits: reload, cell, space; or admission, deadlines
For each limit: what fits is served; what is one more, or goes on longer, ends
with the limit's word on record, and the counter of that word (limits.counts)
rises by one.  Of a node of tests/lib/node.sh: NODE_PORT, NODE_PID, NODE_AUDIT,
NODE_CONF, the file of its settings; LIBEXEC, programs of its own to move.
"""
import contextlib
import datetime
import json
import os
import signal
import socket
import subprocess
import sys
import time

from strangers import ask, connect, heads, literals, token

ENV = os.environ.get
PORT = int(ENV("NODE_PORT", "0"))
WAIT = 60  # for what must come: a busy machine is no failure
WORDS = [b"gcc", b"-c", b"x.c", b"-o", b"x.o"]


# -- requests --

def plain(source=b"int a;\n", words=WORDS):
    return heads(1, words) + token(b"DOTI", len(source)) + source


def sized(n):
    """A source of n bytes."""
    return b"int a;" + b" " * (n - 7) + b"\n"


def pump(files, words=WORDS):
    out = heads(3, words) + token(b"NFIL", len(files))
    for name, text in files:
        body = literals(text)
        out += token(b"NAME", len(name)) + name
        out += token(b"FILE", len(body)) + body
    return out


def many_files(n):
    return pump([(b"/home/u/x.c", b"int a;\n")] +
                [(b"/home/u/%d.h" % i, b"") for i in range(n - 1)])


def asked(request, dialled):
    """The reply to it; over a connection that is there already, or one."""
    if dialled is None:
        return ask(PORT, request)
    reply = b""
    with dialled as s, contextlib.suppress(ConnectionError):
        s.sendall(request)
        while piece := s.recv(65536):
            reply += piece
    return reply


def ok(request, dialled=None):
    reply = asked(request, dialled)
    return None if b"STAT00000000" in reply else "not served: %r" % reply[:200]


def ended(request, dialled=None):
    """Served with no object, or closed: what it was told is on record."""
    reply = asked(request, dialled)
    return "served" if b"STAT00000000" in reply else None


def closed_within(s, seconds):
    s.settimeout(seconds)
    try:
        return s.recv(1) == b""
    except socket.timeout:
        return False
    except ConnectionError:
        return True


def heavy(functions=1500):
    text = b"".join(b"int f%d(int a){int i,s=0;for(i=0;i<a;i++)s+=i*a%%7;"
                    b"return s;}\n" % i for i in range(functions))
    return plain(text, [b"gcc", b"-O2"] + WORDS[1:])


# -- the node --

def records(mark=0):
    with open(ENV("NODE_AUDIT"), encoding="ascii") as f:
        f.seek(mark)
        lines = f.read().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def now():
    return os.path.getsize(ENV("NODE_AUDIT"))


def wait_for(what, mark, seconds=WAIT):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for r in records(mark):
            if what(r):
                return r
        time.sleep(0.05)
    return None


def is_told(word):
    return lambda r: word in (r.get("reason"), r.get("word"))


def is_counts(role):
    return lambda r: r.get("word") == "limits.counts" and r["role"] == role


def counters():
    """Of broker and monitor together, as last told."""
    told = {}
    for r in records():
        if r.get("word") == "limits.counts":
            for one in r["text"].split(", "):
                word, n = one.split()
                told[r["role"], word] = int(n)
    sums = {}
    for (_, word), n in told.items():
        sums[word] = sums.get(word, 0) + n
    return sums


def poke():
    """What is no request, which the broker counts."""
    mark = now()
    with connect(PORT) as s:
        s.sendall(b"GET / HTTP/1.1")
        s.recv(1)
    if not wait_for(is_told("conn.protocol"), mark):
        sys.exit("the node records nothing")


def nobody_is_here():
    """No connection of before is still the node's: one more would count."""
    for _ in range(int(WAIT / 0.05)):
        for name in ("tcp", "tcp6"):
            with open("/proc/self/net/" + name, encoding="ascii") as f:
                rows = [row.split() for row in list(f)[1:]]
            # established, or closed by the client alone (tcp_states.h)
            if any(row[1].endswith(":%04X" % PORT) and row[3] in ("01", "08")
                   for row in rows):
                break
        else:
            return
        time.sleep(0.05)


def settle(conf):
    """All of @conf is in force, and all counters until here are told: the
    broker tells them when new settings come, if any has changed."""
    with open(ENV("NODE_CONF"), "w", encoding="ascii") as f:
        for key, value in conf.items():
            f.write("%s = %s\n" % (key, value))
    for _ in range(20):
        poke()
        mark = now()
        os.kill(int(ENV("NODE_PID")), signal.SIGHUP)
        if wait_for(is_counts("broker"), mark, 5):
            if not wait_for(is_told("settings.loaded"), mark):
                break
            nobody_is_here()
            return
    sys.exit("the node does not take settings")


# -- drivers: (fits, over), each says what is wrong --

def conns(n):
    """The last of them is told of, and others wait."""
    with contextlib.ExitStack() as held:
        for _ in range(n):
            held.enter_context(connect(PORT))
            time.sleep(0.05)
        time.sleep(0.5)
    return None


def conns_from(address, n, dial):
    with contextlib.ExitStack() as held:
        many = [held.enter_context(dial(address(i))) for i in range(n)]
        time.sleep(0.5)
        bad = [s for s in many[:-1] if closed_within(s, 0.01)]
        if bad:
            return "%d that fit were closed" % len(bad)
        return None if not closed_within(many[-1], 0.5) else "closed"


def over_conns(address, n, dial):
    fault = conns_from(address, n + 1, dial)
    return None if fault == "closed" else fault or "not closed"


def dial6(address):
    s = socket.socket(socket.AF_INET6)
    s.bind((address, 0))
    s.connect(("2001:db8:2::1", PORT))
    s.settimeout(WAIT)
    return s


def one_client(_):
    return "127.0.5.1"


def one_site(i):
    return "2001:db8:1:%x::1" % i


def silent(sent, seconds=WAIT):
    """Nothing follows @sent: it is closed."""
    with connect(PORT) as s:
        s.sendall(sent)
        return None if closed_within(s, seconds) else "not closed"


def late(first, then, pause):
    """@then comes after @pause seconds, and all is well."""
    with connect(PORT) as s:
        s.sendall(first)
        time.sleep(pause)
        s.sendall(then)
        reply = b""
        while piece := s.recv(65536):
            reply += piece
    return None if b"STAT00000000" in reply else "not served"


def trickle(seconds):
    """A byte now and then, in a word."""
    with connect(PORT) as s:
        s.sendall(b"DIST00000001ARGC00000001ARGV0000ffff")
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if closed_within(s, 0.25):
                return "closed"
            try:
                s.sendall(b"x")
            except ConnectionError:
                return "closed"
    return None


def slow_reader(seconds, piece, pause):
    """Take a large reply piece by piece; "closed" if it ends too early."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        s.settimeout(WAIT)
        s.connect(("127.0.0.1", PORT))
        s.sendall(plain(b"char a[50000000] = { 1 };\n"))
        s.recv(1)  # it begins
        until, got = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            if piece:
                try:
                    n = len(s.recv(piece))
                except ConnectionError:
                    n = 0
                if n == 0:
                    return "closed"
                got += n
            time.sleep(pause)
        # what is under way is still to come; then its end
        try:
            while n := len(s.recv(1 << 20)):
                got += n
        except ConnectionError:
            pass
    return "closed" if got < 50000000 else None


def negate(fault):
    return None if fault == "closed" else fault or "not closed"


def padded(total):
    """Heads of just so many bytes."""
    words = WORDS + [b"-DA"]
    spare = total - len(heads(1, words)) - 12
    words[-1] += b"A" * spare
    return plain(words=words)


def command(total):
    words = WORDS + [b"-DA"] * 4
    spare = total - sum(len(w) + 1 for w in words)
    words[-1] += b"A" * spare
    return plain(words=words)


def with_words(n):
    return plain(words=WORDS + [b"-DA"] * (n - len(WORDS)))


def with_word(n):
    return plain(words=WORDS + [b"-D" + b"A" * (n - 2)])


def with_path(n):
    name = b"/home/u/" + b"a" * (n - 10) + b".h"
    return pump([(b"/home/u/x.c", b"int a;\n"), (name, b"")])


def queue_over():
    with connect(PORT) as s:
        s.sendall(heavy(4000))
        time.sleep(0.5)
        fault = ended(plain())
        return fault if not closed_within(s, 0.01) else "the first one ended"


fresh = iter(range(1, 250))  # clients nothing is known of: 512M a job


def two_at_once(one, other, then):
    """While a job of @one runs."""
    with connect(PORT, one) as s:
        s.sendall(heavy(4000))
        time.sleep(0.5)
        fault = then(plain(), connect(PORT, other))
        return fault if not closed_within(s, 0.01) else "the first one ended"


def both_run(net):
    return two_at_once(net + str(next(fresh)), net + str(next(fresh)), ok)


def one_waits(net):
    """Of one client: while others are here it has half (limit-memory)."""
    client = net + str(next(fresh))
    return two_at_once(client, client, ended)


def processes():
    """Of the node: pid, parent and name."""
    out = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,comm="], text=True,
                         capture_output=True, check=True).stdout
    rows = [line.split(None, 2) for line in out.splitlines()]
    return [int(pid) for pid, parent, name in rows
            if parent == ENV("NODE_PID") and name.startswith("immure-execu")]


def without_slots(then):
    """No slot can be made while @then is done."""
    spawner = ENV("LIBEXEC") + "/immure-spawner"
    os.rename(spawner, spawner + ".away")
    try:
        until = time.monotonic() + WAIT
        while pids := processes():  # one may have been under way
            if time.monotonic() > until:
                return "slots do not end"
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        time.sleep(0.5)  # the broker sees sockets that are closed
        return then(lambda: os.rename(spawner + ".away", spawner))
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.rename(spawner + ".away", spawner)


def waits_for_slot(back):
    with connect(PORT) as s:
        s.sendall(plain())
        time.sleep(1)
        back()
        reply = b""
        while piece := s.recv(65536):
            reply += piece
    return None if b"STAT00000000" in reply else "not served"


def chain(n):
    """Assembler files that include each other: gas has all of them open."""
    files = [(b"/home/u/x.c", b'__asm__(".include \\"/home/u/0.s\\"");\n')]
    files += [(b"/home/u/%d.s" % i, b'.include "/home/u/%d.s"\n' % (i + 1))
              for i in range(n)]
    return pump(files + [(b"/home/u/%d.s" % n, b"\n")])


def parentheses(n):
    return plain(b"int a = " + b"(" * n + b"1" + b")" * n + b";\n")


def launcher_has(limit, n):
    """No compiler has as many processes as a limit that lets it run: that of
    the launcher which waits for the next job, as the kernel has it."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            with open("/proc/%s/comm" % pid, encoding="ascii") as f:
                name = f.read().strip()
            with open("/proc/%s/limits" % pid, encoding="ascii") as f:
                line = [x for x in f if x.startswith(limit)][0]
            if name == "launch" and is_of_node(int(pid)):
                found.append(line[len(limit):].split()[:2])
    return None if found and all(v == [str(n)] * 2 for v in found) else \
        "%s: %s" % (limit, found)


def is_of_node(pid):
    while pid > 1:
        with open("/proc/%d/stat" % pid, encoding="ascii") as f:
            pid = int(f.read().rpartition(")")[2].split()[1])
        if pid == int(ENV("NODE_PID")):
            return True
    return False


def warnings(n):
    return plain(b"".join(b"char *p%d = 1;\n" % i for i in range(n)))


MEMORY = b"""template<int D,long N> struct A { typedef typename A<D-1,2*N>::t x;
typedef typename A<D-1,2*N+1>::t y; typedef int t; };
template<long N> struct A<0,N> { typedef int t; };
A<%d,1>::t v;
"""


def templates(depth):
    return plain(MEMORY % depth, [b"g++", b"-c", b"x.cc", b"-o", b"x.o"])


def array(n):
    return plain(b"char a[%d] = { 1 };\n" % n)


def failed(request, text):
    """The compiler fails, and says @text."""
    reply = ask(PORT, request)
    return None if text in reply and b"STAT00000000" not in reply else \
        "not so: %r" % reply[:300]


V1 = b"DIST00000001ARGC00000001ARGV00000003gcc"
SLOW = b"limit-token"

# limit: settings where it is fits, its drive, settings where it is over, drive
RELOAD = {
    "conns": ({"limit-connections": 5}, lambda: conns(4),
              {"limit-connections": 5}, lambda: conns(5)),
    "client_conns": ({"limit-client-connections": 3},
                     lambda: conns_from(one_client, 3, lambda a:
                                        connect(PORT, a)),
                     {"limit-client-connections": 3},
                     lambda: over_conns(one_client, 3, lambda a:
                                        connect(PORT, a))),
    "site_conns": ({"limit-site-connections": 4},
                   lambda: conns_from(one_site, 4, dial6),
                   {"limit-site-connections": 4},
                   lambda: over_conns(one_site, 4, dial6)),
    "first_byte_ms": ({"limit-first-byte": 60},
                      lambda: late(b"", plain(), 2),
                      {"limit-first-byte": 1}, lambda: silent(b"")),
    "token_ms": ({"limit-token": 60},
                 lambda: late(plain()[:8], plain()[8:], 2),
                 {"limit-token": 1}, lambda: silent(b"DIST0000")),
    "upload_rate": ({"limit-token": 2, "limit-upload-rate": 1},
                    lambda: trickle(5),
                    {"limit-token": 2, "limit-upload-rate": "1K"},
                    lambda: negate(trickle(WAIT))),
    "preprocess_ms": ({"limit-preprocess": 60, "limit-token": 1},
                      lambda: late(heads(1, WORDS), plain()[
                          len(heads(1, WORDS)):], 3),
                      {"limit-preprocess": 1}, lambda: silent(V1)),
    "reply_ms": ({"limit-reply": 60}, lambda: slow_reader(3, 0, 0.2),
                 {"limit-reply": 1}, lambda: negate(slow_reader(3, 0, 0.2))),
    "reply_rate": ({"limit-reply": 2, "limit-reply-rate": 1},
                   lambda: slow_reader(4, 1 << 20, 0.02),
                   {"limit-reply": 2, "limit-reply-rate": "1G"},
                   lambda: negate(slow_reader(8, 1 << 18, 0.1))),
    "slow_ms": ({"limit-connections": 1, "limit-slow": 60},
                lambda: None if silent(V1, 3) else "closed",
                {"limit-connections": 1, "limit-slow": 1},
                lambda: silent(V1)),
    "heads": ({"limit-heads": "4K"}, lambda: ok(padded(4096)),
              {"limit-heads": "4K"}, lambda: ended(padded(4097))),
    "words": ({"limit-words": 8}, lambda: ok(with_words(8)),
              {"limit-words": 8}, lambda: ended(with_words(9))),
    "word": ({"limit-word": 256}, lambda: ok(with_word(256)),
             {"limit-word": 256}, lambda: ended(with_word(257))),
    "command": ({"limit-command": "4K"}, lambda: ok(command(4096)),
                {"limit-command": "4K"}, lambda: ended(command(4097))),
    "path": ({"limit-path": 64}, lambda: ok(with_path(64)),
             {"limit-path": 64}, lambda: ended(with_path(65))),
    "files": ({"limit-files": 20}, lambda: ok(many_files(20)),
              {"limit-files": 20}, lambda: ended(many_files(21))),
    "bodies": ({"limit-bodies": "4K"}, lambda: ok(plain(sized(4096))),
               {"limit-bodies": "4K"}, lambda: ended(plain(sized(4097)))),
    "budget": ({"limit-budget": "2M"}, lambda: ok(plain(sized(500000))),
               {"limit-budget": "1M"}, lambda: ended(plain(sized(1 << 20)))),
    "client_budget": ({"limit-client-budget": "2M"},
                      lambda: ok(plain(sized(500000))),
                      {"limit-client-budget": "1M"},
                      lambda: ended(plain(sized(1 << 20)))),
    "site_budget": ({"limit-site-budget": "2M"},
                    lambda: ok(plain(sized(500000)), dial6(one_site(1))),
                    {"limit-site-budget": "1M"},
                    lambda: ended(plain(sized(1 << 20)),
                                  dial6(one_site(1)))),
    "queue": ({"limit-queue": 1}, lambda: ok(plain()),
              {"limit-queue": 1}, queue_over),
    "memory": ({"limit-memory": "1G"}, lambda: both_run("127.0.8."),
               {"limit-memory": "600M", "max-wait": 1},
               lambda: one_waits("127.0.8.")),
    "job_memory": ({"limit-memory": "600M", "limit-job-memory": "256M"},
                   lambda: both_run("127.0.9."),
                   {"limit-memory": "600M", "limit-job-memory": "512M",
                    "max-wait": 1}, lambda: one_waits("127.0.9.")),
    "memory_free": ({"limit-memory-free": "1M"}, lambda: ok(plain()),
                    {"limit-memory-free": "65536G", "max-wait": 1},
                    lambda: ended(plain())),
    "no_slot_ms": ({"limit-no-slot": 60}, lambda: without_slots(
        waits_for_slot), {"limit-no-slot": 1}, lambda: without_slots(
            lambda back: ended(plain()))),
}

# … without a reload: the node has the settings of its group from the start.
CELL = {
    "unpacked": (lambda: ok(plain(sized(65536))),
                 lambda: ended(plain(sized(65537)))),
    "object": (lambda: ok(array(260000)), lambda: ended(array(262144))),
    "text": (lambda: ok(warnings(10)), lambda: ended(warnings(300))),
    "cpu_ms": (lambda: ok(heavy(50)), lambda: ended(templates(22))),
}
SPACE = {
    "space": (lambda: ok(plain(sized(500000))),
              lambda: ended(plain(sized(2000000)))),
    "inodes": (lambda: ok(many_files(30)), lambda: ended(many_files(100))),
    "address_space": (lambda: ok(templates(10)),
                      lambda: ended(templates(22))),
    "open_files": (lambda: ok(chain(3)),
                   lambda: failed(chain(40), b"Too many open")),
    "processes": (lambda: ok(plain(words=[b"gcc", b"-pipe"] + WORDS[1:])),
                  lambda: launcher_has("Max processes", 9)),
    "stack": (lambda: ok(parentheses(100)),
              lambda: failed(parentheses(8000), b"Segmentation fault")),
}
GROUPS = {
    "cell": (CELL, {"limit-unpacked": "64K", "limit-object": "256K",
                    "limit-text": "4K", "limit-cpu": 1}),
    "space": (SPACE, {"limit-space": "1M", "limit-inodes": 64,
                      "limit-address-space": "256M",
                      "limit-open-files": 32, "limit-stack": "1M",
                      "limit-processes": 9}),
    "reload": (RELOAD, {}),
    "admission": ({}, {"limit-memory": "1G"}),
    "deadlines": ({}, {"limit-first-byte": 1, "limit-token": 3,
                       "limit-preprocess": 6, "limit-reply": 9}),
}


# -- --

def table(path):
    with open(path, encoding="ascii") as f:
        return {line.split("\t")[1]: line.rstrip("\n").split("\t")
                for line in f}


def drive(field, word, conf_fits, fits, conf_over, over):
    settle(conf_fits)
    fault = fits()
    if fault:
        return "what fits: %s" % fault
    settle(conf_over)
    before, mark = counters(), now()
    fault = over()
    if fault:
        return "what is over: %s" % fault
    if not word:
        return None
    if not wait_for(is_told(word), mark):
        return "%s is not on record" % word
    settle({})
    more = counters().get(word, 0) - before.get(word, 0)
    return None if more == 1 else "%s counted %d times" % (word, more)


def run(group, rows, only):
    drivers, conf = GROUPS[group]
    bad = 0
    for field, row in drivers.items():
        if only and field not in only:
            continue
        if group != "reload":
            row = (conf, row[0], conf, row[1])
        fault = drive(field, rows[field][5], *row)
        print("# %s: %s" % (field, fault or "holds"), flush=True)
        bad += fault is not None
    settle({})
    return bad != 0


def check(rows):
    driven = [field for drivers, _ in GROUPS.values() for field in drivers]
    bad = sorted(set(rows) ^ set(driven))
    if bad or len(driven) != len(set(driven)):
        print("without a driver, or without a row, or twice: %s" % bad)
        return 1
    return 0


def admission():
    """Eight jobs of as many clients, each thought to need 512M, at a node of
    eight slots and 1G: never more than two at once, and all are served."""
    mark, many = now(), []
    for i in range(8):
        many.append(connect(PORT, "127.0.10.%d" % (i + 1)))
        many[-1].sendall(templates(14))
    served = 0
    for s in many:
        reply = b""
        while piece := s.recv(65536):
            reply += piece
        served += b"STAT00000000" in reply
    until = time.monotonic() + WAIT
    while len(jobs := [r for r in records(mark) if r["type"] == "job"]) < 8:
        if time.monotonic() > until:
            break
        time.sleep(0.1)
    ends = [(datetime.datetime.fromisoformat(r["time"][:-1]).timestamp(),
             r["wall_us"] / 1e6) for r in jobs]
    # the record is written a moment after the end
    at_once = max(sum(t - w < u - v + 0.05 < t - 0.02 for t, w in ends)
                  for u, v in ends)
    print("# %d of 8 served, %d at once, %s s each" % (
        served, at_once, " ".join("%.1f" % w for _, w in ends)))
    return served != 8 or at_once != 2


DRIP = b"DIST00000001ARGC00000001ARGV0000ffff"  # and a byte now and then

# Who does what, in the order in which they must be ended: seconds that are
# allowed, what is sent, and what the record says beside the word.
DEADLINES = [
    ("127.0.11.1", 1, b"", "no byte in"),
    ("127.0.11.2", 3, b"DIST0000", "request too slowly"),
    ("127.0.11.3", 3, DRIP, "request too slowly"),
    ("127.0.11.4", 6, V1, "no source"),
    ("127.0.11.5", 9, plain(b"char a[50000000] = { 1 };\n"),
     "took its reply too slowly"),
]


def told_of(mark):
    """Address, second and text of each end by a deadline, in order."""
    return [(r["client"], datetime.datetime.fromisoformat(
        r["time"][:-1] + "+00:00").timestamp(), r["text"])
            for r in records(mark) if r.get("word") == "limit.time"]


def deadlines():
    """All at once; one of them drips bytes, and honest jobs are served before
    the last has ended.  Order, and none too early: not how late."""
    mark, begin, served = now(), time.time(), 0
    with contextlib.ExitStack() as held:
        many = []
        for address, _, request, _ in reversed(DEADLINES):
            many.append(held.enter_context(connect(PORT, address)))
            many[-1].sendall(request)
        until = time.monotonic() + WAIT
        while len(told_of(mark)) < len(DEADLINES):
            if time.monotonic() > until:
                break
            if ok(plain()) is None and len(told_of(mark)) < len(DEADLINES):
                served += 1
            with contextlib.suppress(ConnectionError):
                many[2].sendall(b"x")
            time.sleep(0.25)
    ends, bad = told_of(mark), []
    if [e[0] for e in ends] not in ([d[0] for d in DEADLINES],
                                    [DEADLINES[i][0] for i in
                                     (0, 2, 1, 3, 4)]):
        bad.append("out of order")
    for address, second, text in ends:
        row = [d for d in DEADLINES if d[0] == address][0]
        print("# %s after %.1f s: %s" % (address, second - begin, text))
        # the record is cut to milliseconds
        if second - begin < row[1] - 0.01:
            bad.append("%s too early" % address)
        if row[3] not in text:
            bad.append("%s: not of %r" % (address, row[3]))
        if row[2] == DRIP and int(text.split()[-4]) <= len(DRIP):
            bad.append("%s: nothing dripped" % address)
    print("# %d jobs served meanwhile; %s" % (served, bad or "all is well"))
    return bool(bad) or served < 4


def main():
    rows, what = table(sys.argv[1]), sys.argv[2]
    if what == "check":
        return check(rows)
    if what == "conf":
        for key, value in GROUPS[sys.argv[3]][1].items():
            print("%s = %s" % (key, value))
        return 0
    if what == "admission":
        return admission()
    if what == "deadlines":
        return deadlines()
    return run(what, rows, sys.argv[3:])


sys.exit(main())
