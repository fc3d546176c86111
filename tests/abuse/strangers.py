#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""strangers.py PORT WHAT: what one client tries against all others.

burst    450 connections that are reset at once; others' half-sent requests,
         one on each front, must outlive it
files    a pump request of 99,999 files, as many as there may be
specs    a specs file wherever gcc 12 would obey one; each must be refused
announce bodies that are announced and do not come, from three addresses,
         while a fourth compiles
queue    twenty jobs of one client wait; three of another's, one after the
         other, are answered before seven more of the first one's
site     2200 connections from 20 networks of one IPv6 /48: not all are kept,
         and IPv4 has room
wait     twenty jobs of one client, at a node of one slot and a --max-wait of
         three seconds: some are compiled, the others closed, and that first
many     forty jobs, eight at a time, are all compiled
repeat   one sends seven times what is refused; five jobs of another are done
         before it has its answers; it leaves before one more
Exit status 0 when the node does what it should; why not, otherwise.
"""
import select
import socket
import struct
import sys
import threading
import time


def token(name, value):
    return b"%s%08x" % (name, value)


def connect(port, source="127.0.0.1"):
    s = socket.socket()
    s.bind((source, 0))
    s.settimeout(200)
    s.connect(("127.0.0.1", port))
    return s


def heads(proto, argv):
    out = bytearray(token(b"DIST", proto))
    if proto == 3:
        out += token(b"CDIR", 7) + b"/home/u"
    out += token(b"ARGC", len(argv))
    for word in argv:
        out += token(b"ARGV", len(word)) + word
    return out


def literals(text):
    """An LZO1X block of literals only (wire-protocol 1.7)."""
    return bytes([17 + len(text)]) + text + b"\x11\0\0" if text else b""


def pump(files):
    out = heads(3, [b"gcc", b"-c", b"x.c", b"-o", b"x.o"])
    out += token(b"NFIL", len(files))
    for name, text in files:
        body = literals(text)
        out += token(b"NAME", len(name)) + name
        out += token(b"FILE", len(body)) + body
    return out


def plain():
    body = b"int a;\n"
    return heads(1, [b"gcc", b"-c", b"x.c", b"-o", b"x.o"]) + \
        token(b"DOTI", len(body)) + body


def ask(port, request, source="127.0.0.1"):
    reply = b""
    with connect(port, source) as s:
        try:
            s.sendall(request)
            while piece := s.recv(65536):
                reply += piece
        except ConnectionError:
            pass  # refused while it was still sending
    return reply


def compiles(port, source="127.0.0.1"):
    return b"STAT00000000" in ask(port, plain(), source)


def burst(port):
    others = [connect(port, "127.0.1.%d" % i) for i in range(1, 5)]
    for s in others:
        s.sendall(b"DIST00000001ARGC")
    many = [connect(port, "127.0.2.1") for _ in range(450)]
    time.sleep(0.5)
    for s in many:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
        s.close()
    time.sleep(0.5)
    ended = select.select(others, [], [], 0)[0]
    if ended:
        return "%d connections of others have ended" % len(ended)
    return None


def files(port):
    many = [(b"/home/u/x.c", b"int a;\n")]
    many += [(b"/home/u/f%d.h" % i, b"") for i in range(99998)]
    if b"STAT00000000" not in ask(port, pump(many)):
        return "not compiled"
    return None


def specs(port):
    lib = b"/usr/lib/gcc/x86_64-linux-gnu"
    for where in (lib + b"/12", lib, b"/usr/x86_64-linux-gnu/lib",
                  b"/usr/x86_64-linux-gnu/lib/x86_64-linux-gnu/12"):
        reply = ask(port, pump([
            (b"/home/u/x.c", b"int a = OBEYED;\n"),
            (where + b"/specs", b"*cc1_options:\n+ -DOBEYED=1\n\n")]))
        if b"place.toolchain" not in reply:
            return "%s: %r" % (where.decode(), reply[:100])
    return None


def announce(port):
    held = []
    # what two may have at most, and from a third whatever is left then
    sizes = [500] * 24 + [64, 32, 16, 8, 4] + [0] * 30
    for i, mib in enumerate(sizes):
        s = connect(port, "127.0.3.%d" % (1 + min(i // 12, 2)))
        s.sendall(heads(1, [b"gcc", b"-c", b"x.c", b"-o", b"x.o"]) +
                  token(b"DOTI", mib << 20) if mib else b"D")
        held.append(s)
        time.sleep(0.02) # in this order
    time.sleep(1)
    return None if compiles(port, "127.0.4.1") else "no room for others"


def slow(functions=1500):
    """A job of some 3 ms for each function."""
    text = b"".join(b"int f%d(int a){int i,s=0;for(i=0;i<a;i++)s+=i*a%%7;"
                    b"return s;}\n" % i for i in range(functions))
    return heads(1, [b"gcc", b"-O2", b"-c", b"x.c", b"-o", b"x.o"]) + \
        token(b"DOTI", len(text)) + text


def answered(many):
    """How many of them have an answer, or have ended."""
    p = select.poll() # select() knows 1024 descriptors
    for s in many:
        p.register(s, select.POLLIN)
    return len(p.poll(0))


def queue(port):
    many = [connect(port, "127.0.6.1") for _ in range(20)]
    for s in many:
        s.sendall(slow())
    while answered(many) < 2: # the node knows what they take
        time.sleep(0.05)
    before = answered(many)
    for _ in range(3):
        if not compiles(port, "127.0.6.2"):
            return "the other client's job was not compiled"
    # Each waits for one of two slots to be free, and the job of the other one
    # may end meanwhile: two for each, or eighteen without a turn of its own.
    came = answered(many) - before
    return "%d were served before it" % came if came > 6 else None


def wait(port):
    many = {}
    functions = 200
    for _ in range(8): # it knows then what they take
        begun = time.monotonic()
        ask(port, slow(functions))
        # no longer than these do on a machine that is not busy
        took = time.monotonic() - begun
        functions = min(200, max(10, int(functions * 0.7 / took)))
    for _ in range(20):
        s = connect(port)
        s.sendall(slow(functions))
        many[s] = b""
    ended = []
    while many:
        for s in select.select(list(many), [], [], 200)[0]:
            try:
                piece = s.recv(65536)
            except ConnectionError:
                piece = b""
            many[s] += piece
            if not piece:
                ended.append(b"DOTO" in many.pop(s))
    if not 0 < sum(ended) < 19:
        return "%d of 20 compiled" % sum(ended)
    return "closed late" if sum(ended[:10]) > 3 else None


def refused(n):
    body = b"int a%d;\n" % n
    return heads(1, [b"gcc", b"-fplugin=x", b"-c", b"x.c", b"-o", b"x.o"]) + \
        token(b"DOTI", len(body)) + body


def repeat(port):
    for n in range(30): # a build, each file refused
        if b"option.plugin" not in ask(port, refused(n)):
            return "not refused"
    jobs = []
    stop = threading.Event()

    def honest():
        while not stop.is_set():
            jobs.append(compiles(port, "127.0.7.2"))

    other = threading.Thread(target=honest)
    other.start()
    for _ in range(7):
        ask(port, refused(99))
    stop.set()
    other.join()
    s = connect(port)
    s.sendall(refused(99))
    time.sleep(0.5)
    s.close()
    if not all(jobs):
        return "another client's job failed"
    return "%d jobs of another meanwhile" % len(jobs) if len(jobs) < 5 \
        else None


def many(port):
    done = []

    def five():
        done.extend([compiles(port, "127.0.8.1") for _ in range(5)])

    threads = [threading.Thread(target=five) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return None if done.count(True) == 40 else "%d of 40" % done.count(True)


def of_site(port, n):
    """From one of the twenty /64s of a /48."""
    s = socket.socket(socket.AF_INET6)
    s.bind(("2001:db8:1:%x::1" % (n % 20), 0))
    s.connect(("2001:db8:2::1", port))
    return s


def endless():
    text = (b"constexpr long f() { long s = 0; for (long i = 0; "
            b"i < 2000000000; i++) s += i; return s; }\n"
            b"constexpr long x = f();\n")
    return heads(1, [b"g++", b"-fconstexpr-ops-limit=1000000000000",
                     b"-fconstexpr-loop-limit=2147483647", b"-c", b"x.ii",
                     b"-o", b"x.o"]) + token(b"DOTI", len(text)) + text


def rotate(port):
    if not compiles(port): # somebody else is here
        return "not compiled"
    many = [of_site(port, i) for i in range(20)]
    for s in many:
        s.sendall(endless())
    time.sleep(1)
    if not compiles(port):
        return "the other client's job was not compiled"
    if answered(many) > 0:
        return "a job that should not end has ended: nothing was seen"
    return None


def site(port):
    kept = [of_site(port, i) for i in range(2200)]
    time.sleep(2)
    ended = answered(kept)
    if not 100 < ended < 500:
        return "%d of 2200 were closed" % ended
    return None


def main():
    port, what = int(sys.argv[1]), sys.argv[2]
    fault = {"burst": burst, "files": files, "specs": specs,
             "announce": announce,
              "queue": queue, "wait": wait, "many": many,
              "repeat": repeat, "site": site, "rotate": rotate}[what](port)
    if fault is None and not compiles(port, "127.0.5.1"):
        fault = "the node compiles no more"
    if fault is not None:
        print("%s: %s" % (what, fault))
        return 1
    return 0


if __name__ == "__main__": # limits.py has the same requests
    sys.exit(main())
