#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The page of --stats as its readers see it.

stats_page.py PORT                  print the page
stats_page.py PORT key KEY          the value of KEY
stats_page.py PORT same OTHER       the page at OTHER has the same lines but
                                    for the values, and values of one kind
stats_page.py PORT denied ADDRESS   from ADDRESS: closed without a byte
stats_page.py PORT strangers        clients that never read, never close, send
                                    rubbish, two hundred at once; all the while
                                    a page comes within two seconds
"""
import os
import re
import socket
import sys
import time

HOST = '127.0.0.1'


def connect(port, source=None):
    s = socket.create_connection((HOST, port), 5,
                                 (source, 0) if source else None)
    s.settimeout(5)
    return s


def page(port, request=b''):
    with connect(port) as s:
        if request:
            s.sendall(request)
        got = b''
        while True:
            more = s.recv(65536)
            if not more:
                return got.decode()
            got += more


def kind(line):
    """A line without its value, and what kind of value that was."""
    key, _, value = line.partition(' ')
    for name, pattern in (('int', r'-?\d+'), ('float', r'\d+\.\d\d'),
                          ('MB', r'\d+ MB'), ('(name)', r'\(\S+\)'),
                          ('word', r'\S+')):
        if key.startswith('dcc_') and re.fullmatch(pattern, value):
            return f'{key} {name}'
    return line


def same(mine, other):
    mine, other = ([kind(line) for line in p.split('\n')]
                   for p in (mine, other))
    for a, b in zip(mine, other):
        if a != b:
            print(f'{a!r}, but there {b!r}')
    return mine != other or len(mine) < 30


def denied(port, address):
    with connect(port, address) as s:
        try:
            return s.recv(1) != b''
        except ConnectionResetError:
            return False


def strangers(port):
    slowest, held = 0, []
    for i in range(200):
        s = connect(port)
        if i % 4 == 1:
            s.sendall(b'GET / HTTP/1.1\r\n\r\n')
        elif i % 4 == 2:
            s.sendall(os.urandom(60000))
        elif i % 4 == 3:
            s.shutdown(socket.SHUT_WR)
        held.append(s)
        if i % 10 == 0:
            begun = time.monotonic()
            if not page(port, b'x' * i).endswith('</distccstats>\n'):
                print(f'no whole page beside {i} others')
                return 1
            slowest = max(slowest, time.monotonic() - begun)
    print(f'the slowest page beside them took {slowest:.3f} s')
    time.sleep(2.5)  # by now every one of them is cut off
    for s in held:
        s.setblocking(False)
        try:
            while s.recv(65536):
                pass
        except ConnectionResetError:
            pass
        except BlockingIOError:
            print('one is still open')
            return 1
    return slowest > 2


def main():
    port, what = int(sys.argv[1]), sys.argv[2:3]
    if not what:
        print(page(port), end='')
        return 0
    if what == ['key']:
        print(re.search(f'^{sys.argv[3]} (.*)$', page(port), re.M).group(1))
        return 0
    if what == ['same']:
        return same(page(port), page(int(sys.argv[3])))
    if what == ['denied']:
        return denied(port, sys.argv[3])
    return strangers(port)


if __name__ == '__main__':
    sys.exit(main())
