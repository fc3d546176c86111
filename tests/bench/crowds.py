# SPDX-License-Identifier: GPL-2.0-or-later
"""crowds.py PORT IDLE SLOW: so many connections that say nothing, and so many
that send a request a byte a second, each from one of many addresses; whoever is
closed comes again.  A line each second: how many are open, and how many of them
have been closed so far.  Until standard input ends."""
import errno
import resource
import select
import socket
import sys
import time

ADDRESSES = 100
A_SECOND = 3000  # new connections
REQUEST = b"DIST00000001ARGC00000005ARGV00000003gccARGV00000002-cARGV00000003"


class Crowd:
    def __init__(self, port, idle, slow):
        self.port, self.left = port, {"idle": idle, "slow": slow}
        self.open, self.slow, self.serial = {}, {}, 0
        self.epoll = select.epoll()
        self.epoll.register(0, select.EPOLLIN)
        self.closed = 0

    def connect(self, kind):
        self.serial += 1
        s = socket.socket()
        s.setblocking(False)
        s.bind(("127.77.%d.%d" % (self.serial % 10 + 1,
                                  self.serial // 10 % (ADDRESSES // 10) + 1),
                0))
        if s.connect_ex(("127.0.0.1", self.port)) not in (
                0, errno.EINPROGRESS):
            s.close()
            return
        self.left[kind] -= 1
        self.open[s.fileno()] = (s, kind)
        if kind == "slow":
            self.slow[s.fileno()] = 0
        self.epoll.register(s, select.EPOLLIN | select.EPOLLRDHUP)

    def close(self, fd):
        s, kind = self.open.pop(fd)
        self.slow.pop(fd, None)
        self.left[kind] += 1
        self.closed += 1
        s.close()

    def drip(self):
        for fd, sent in list(self.slow.items()):
            try:
                self.open[fd][0].send(REQUEST[sent % len(REQUEST):][:1])
                self.slow[fd] = sent + 1
            except OSError:
                pass  # not connected yet, or closed: epoll says so

    def more(self, many):
        for kind in ("slow", "idle"):
            for _ in range(min(many, self.left[kind])):
                self.connect(kind)

    def run(self):
        last = time.monotonic()
        while True:
            for fd, _ in self.epoll.poll(0.05, 1000):
                if fd == 0:
                    return
                self.close(fd)
            self.more(A_SECOND // 20)
            if time.monotonic() - last >= 1:
                last = time.monotonic()
                self.drip()
                print(len(self.open), self.closed, flush=True)


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Crowd(*map(int, sys.argv[1:])).run()


main()
