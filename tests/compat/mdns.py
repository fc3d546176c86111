#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""mdns.py NAME: ask for NAME (…._sub._distcc._tcp) as clients do, for at most
five seconds; print the instance, its port and its TXT records, one a line.
Exit status 1 when nobody answers."""
import socket
import struct
import sys
import time

GROUP, PORT, HERE = '224.0.0.251', 5353, '198.51.100.1'
PTR, TXT, SRV = 12, 16, 33


def encode(name):
    return b''.join(bytes([len(p)]) + p.encode() for p in name.split('.')) + \
        b'\0'


def decode(data, at):
    parts, end = [], None
    for _ in range(100):
        n = data[at]
        if n == 0:
            return '.'.join(parts), end if end is not None else at + 1
        if n >= 0xc0:
            if end is None:
                end = at + 2
            at = (n & 0x3f) << 8 | data[at + 1]
            continue
        parts.append(data[at + 1:at + 1 + n].decode())
        at += 1 + n
    raise ValueError('a loop')


def records(data):
    _, _, questions, *counts = struct.unpack_from('!6H', data)
    at = 12
    for _ in range(questions):
        at = decode(data, at)[1] + 4
    for _ in range(sum(counts)):
        name, at = decode(data, at)
        kind, _, _, n = struct.unpack_from('!HHIH', data, at)
        yield name, kind, at + 10, n
        at += 10 + n


def question(names):
    return struct.pack('!6H', 0, 0, len(names), 0, 0, 0) + \
        b''.join(encode(n) + struct.pack('!HH', k, 1) for n, k in names)


def main():
    name = sys.argv[1] + '.local'
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind(('', PORT))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(GROUP) + socket.inet_aton(HERE))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                 socket.inet_aton(HERE))
    s.settimeout(1)
    found, wanted, end = {}, [(name, PTR)], time.monotonic() + 30
    while time.monotonic() < end and not {PTR, SRV, TXT} <= set(found):
        s.sendto(question(wanted), (GROUP, PORT))
        try:
            data = s.recv(9000)
            while True:
                for owner, kind, at, n in records(data):
                    if kind == PTR and owner == name:
                        found[PTR] = decode(data, at)[0]
                        wanted = [(name, PTR), (found[PTR], SRV),
                                  (found[PTR], TXT)]
                    elif found.get(PTR) == owner and kind in (SRV, TXT):
                        found[kind] = data[at:at + n]
                data = s.recv(9000)
        except socket.timeout:
            pass
    if not {PTR, SRV, TXT} <= set(found):
        print('nobody answers', found)
        return 1
    print(found[PTR])
    print('port', struct.unpack_from('!H', found[SRV], 4)[0])
    txt = found[TXT]
    while txt:
        print(txt[1:1 + txt[0]].decode())
        txt = txt[1 + txt[0]:]
    return 0


if __name__ == '__main__':
    sys.exit(main())
