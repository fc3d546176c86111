#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""traffic.py RULES...: packets against the rules of nftables/immure.nft.

Three network namespaces: the node's, that of everybody who sends to it, and one
that lies behind it.  Each case sends what one rule is for and looks at what
came of it and at that rule's counter, which its comment names.  Prints TAP.
RULES is a file with printed rules for scope host; --node FILE for scope node.
Cases that stand in the way of others come last.  Needs root, ip, nft.
"""
import argparse
import contextlib
import ctypes
import functools
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 3632
AUDITOR, CACHER, LOOK_UP, FRONT, BROKER = (1900000004, 1900000007, 1900000006,
                                           1900000001, 1900000002)
JOB = 1900001001
WAIT = 0.4  # what is dropped is waited for so long
LONG = 30   # what must come

libc = ctypes.CDLL(None, use_errno=True)
NAME = 'immure-fw-%d' % os.getpid()


def sh(*words, **kw):
    return subprocess.run(words, check=True, text=True, capture_output=True,
                          **kw).stdout


class Spaces:
    """The three of them; `with spaces('node')` is in one."""

    def __init__(self):
        self.fd = {}
        self.home = os.open('/proc/self/ns/net', os.O_RDONLY)

    def make(self):
        for n in ('node', 'out', 'behind'):
            sh('ip', 'netns', 'add', f'{NAME}-{n}')
            self.fd[n] = os.open(f'/run/netns/{NAME}-{n}', os.O_RDONLY)
        self.link('node', 'n0', 'out', 'o0')
        self.link('node', 'n1', 'behind', 'b0')
        self.addresses('node', 'n0', ['10.77.0.1/24', '10.78.0.1/24',
                                      '10.77.0.3/24',
                                      'fd77::1/32', 'fd78::1/32'])
        self.addresses('node', 'n1', ['10.79.0.1/24', 'fd79::1/64'])
        self.addresses('out', 'o0', [f'10.77.0.{i}/24' for i in range(2, 50)
                                     if i != 3] + ['10.78.0.2/24'] +
                       [f'fd77:0:{i:x}::2/32' for i in range(0, 32)] +
                       ['fd78::2/32'])
        self.addresses('behind', 'b0', ['10.79.0.2/24', 'fd79::2/64'])
        for n in self.fd:
            self.run(n, 'ip', 'link', 'set', 'lo', 'up')
        self.run('out', 'ip', 'route', 'add', '10.79.0.0/24', 'via',
                 '10.77.0.1')
        self.run('behind', 'ip', 'route', 'add', 'default', 'via',
                 '10.79.0.1')
        self.run('node', 'sysctl', '-qw', 'net.ipv4.ip_forward=1')

    def link(self, a, dev_a, b, dev_b):
        sh('ip', 'link', 'add', dev_a, 'netns', f'{NAME}-{a}', 'type', 'veth',
           'peer', 'name', dev_b, 'netns', f'{NAME}-{b}')

    def addresses(self, n, dev, list_):
        with self(n):
            for a in list_:
                sh('ip', 'addr', 'add', a, 'dev', dev,
                   *(['nodad'] if ':' in a else []))
            sh('ip', 'link', 'set', dev, 'up')

    def run(self, n, *words, **kw):
        with self(n):
            return sh(*words, **kw)

    @contextlib.contextmanager
    def __call__(self, n):
        if libc.setns(self.fd[n], 0) != 0:
            raise OSError(ctypes.get_errno(), 'setns')
        try:
            yield
        finally:
            libc.setns(self.home, 0)

    def remove(self):
        for n, fd in self.fd.items():
            os.close(fd)
            subprocess.run(['ip', 'netns', 'del', f'{NAME}-{n}'])


spaces = Spaces()


@contextlib.contextmanager
def as_uid(uid):
    """Sockets made in it are that user's."""
    os.seteuid(uid)
    try:
        yield
    finally:
        os.seteuid(0)


def sock(n, kind, family, uid=0):
    with spaces(n):
        with as_uid(uid):
            s = socket.socket(family, kind)
    s.settimeout(LONG)
    return s


def family(addr):
    return socket.AF_INET6 if ':' in addr else socket.AF_INET


def connect(src, dst, port, n='out', wait=WAIT, uid=0):
    """'open', 'timeout', 'refused' or an error's name; and the socket."""
    s = sock(n, socket.SOCK_STREAM, family(dst), uid)
    s.settimeout(wait)
    try:
        if src:
            s.bind((src, 0))
        s.connect((dst, port))
    except (TimeoutError, socket.timeout):
        return 'timeout', s
    except ConnectionRefusedError:
        return 'refused', s
    except OSError as e:
        return os.strerror(e.errno), s
    s.settimeout(LONG)
    return 'open', s


def listener(n, port, kind=socket.SOCK_STREAM):
    s = sock(n, kind, socket.AF_INET6)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('::', port))
    if kind == socket.SOCK_STREAM:
        s.listen(256)
    return s


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def segment(src, dst, dport, flags, sport=40000, options=b'', ack=0):
    """A TCP segment with a right checksum."""
    f = family(src)
    head = struct.pack('!HHIIBBHHH', sport, dport, 1000, ack,
                       (5 + len(options) // 4) << 4, flags, 8192, 0, 0)
    pseudo = (socket.inet_pton(f, src) + socket.inet_pton(f, dst) +
              (struct.pack('!BBH', 0, 6, len(head + options))
               if f == socket.AF_INET else
               struct.pack('!IHBB', len(head + options), 0, 0, 6)))
    c = checksum(pseudo + head + options)
    return head[:16] + struct.pack('!H', c) + head[18:] + options


def v4(src, dst, payload, proto=6, frag=0, ident=1):
    head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), ident,
                       frag, 64, proto, 0, socket.inet_aton(src),
                       socket.inet_aton(dst))
    return head[:10] + struct.pack('!H', checksum(head)) + head[12:] + payload


def v6(src, dst, payload, proto=6, frag=None, ident=1):
    if frag is not None:  # offset in 8 bytes, more
        payload = struct.pack('!BBHI', proto, 0, frag[0] << 3 | frag[1],
                              ident) + payload
        proto = 44
    return struct.pack('!IHBB16s16s', 6 << 28, len(payload), proto, 64,
                       socket.inet_pton(socket.AF_INET6, src),
                       socket.inet_pton(socket.AF_INET6, dst)) + payload


@functools.lru_cache
def wire():
    """A socket of `out`, and the node's address on it."""
    link = json.loads(spaces.run('node', 'ip', '-j', 'link', 'show', 'n0'))
    with spaces('out'):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        s.bind(('o0', 0))
    return s, bytes.fromhex(link[0]['address'].replace(':', ''))


def send_raw(packet):
    """On the wire, whatever this kernel thinks of it."""
    s, mac = wire()
    s.send(mac + b'\x02\0\0\0\0\1' +
           struct.pack('!H', 0x800 if packet[0] >> 4 == 4 else 0x86dd) +
           packet)


def send_segment(src, dst, dport, flags, **kw):
    make = v6 if ':' in src else v4
    send_raw(make(src, dst, segment(src, dst, dport, flags, **kw)))


FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32


def counters():
    """{'chain/comment': packets}"""
    out, chain = {}, None
    for line in spaces.run('node', 'nft', 'list', 'table', 'inet',
                           'immure').splitlines():
        m = re.match(r'\tchain (\w+)', line)
        if m:
            chain = m[1]
        m = re.search(r'counter packets (\d+)', line)
        if m:
            what = re.search(r'comment "([^"]*)"', line)
            name = f'{chain}/{what[1] if what else "?"}'
            out[name] = out.get(name, 0) + int(m[1])
    return out


class Failed(Exception):
    pass


def same(what, got, want):
    if got != want:
        raise Failed(f'{what}: {got}, not {want}')


@contextlib.contextmanager
def counts(**want):
    """Those counters rise by so much ('+': by one or more), written
    chain__comment with _ for blanks."""
    before = counters()
    yield
    deadline = time.monotonic() + 20
    while True:
        after = counters()
        bad = []
        for name, n in want.items():
            name = name.replace('__', '/').replace('_', ' ')
            rose = after.get(name, 0) - before.get(name, 0)
            if rose != n and not (n == '+' and rose > 0):
                bad.append(f'{name} rose by {rose}, not {n}')
        if not bad:
            return
        if time.monotonic() > deadline:
            raise Failed('; '.join(bad))
        time.sleep(0.02)


CASES = []


def case(scope):
    def add(f):
        CASES.append((scope, f.__doc__.strip(), f))
        return f
    return add


def echo(client, server, text=b'hello'):
    """Both ways, through a connection that somebody has accepted."""
    client.sendall(text)
    same('what came', server.recv(64), text)
    server.sendall(text)
    same('what came back', client.recv(64), text)


# Scope host ---------------------------------------------------------------

@case('host')
def allowed(w):
    """a client, IPv4 and IPv6: its connection works, and counts once"""
    for src, dst, rule in (('10.77.0.2', '10.77.0.1', 'client4__client'),
                           ('fd77::2', 'fd77::1', 'client6__client6')):
        with counts(**{rule: 1}):
            r, s = connect(src, dst, PORT, wait=LONG)
            same('client', r, 'open')
            peer = w['node'][PORT].accept()[0]
            for _ in range(3):
                echo(s, peer)
            s.close()
            same('its end', peer.recv(1), b'')
            peer.close()


@case('host')
def stranger(w):
    """a stranger hears nothing, IPv4 and IPv6, and is counted and logged"""
    for src, dst in (('10.78.0.2', '10.78.0.1'), ('fd78::2', 'fd78::1')):
        with counts(compile__stranger='+', compile__logged='+'):
            same('stranger', connect(src, dst, PORT)[0], 'timeout')


@case('host')
def not_here(w):
    """an address the node does not listen on is a stranger's business"""
    with counts(input__stranger='+', client4__client=0):
        same('client', connect('10.77.0.2', '10.77.0.3', PORT)[0], 'timeout')


@case('host')
def scan(w):
    """a scan of other ports by a client: nothing answers, TCP and UDP"""
    with counts(input__stranger='+', input__logged='+'):
        for port in (8080, 1, 65535):
            same('port', connect('10.77.0.2', '10.77.0.1', port,
                                 wait=0.2)[0], 'timeout')
        u = sock('out', socket.SOCK_DGRAM, socket.AF_INET)
        u.settimeout(0.2)
        u.connect(('10.77.0.1', 9))
        u.send(b'x')
        try:
            u.recv(1)
            raise Failed('an answer')
        except (TimeoutError, socket.timeout):
            pass


@case('host')
def admin(w):
    """an administrator reaches his port, another client does not"""
    with counts(input__admin='+'):
        same('admin', connect('10.77.0.9', '10.77.0.1', 22, wait=LONG)[0],
             'open')
    with counts(input__admin6='+'):
        same('admin, IPv6', connect('fd77:0:9::2', 'fd77::1', 22,
                                    wait=LONG)[0], 'open')
    same('client', connect('10.77.0.2', '10.77.0.1', 22)[0], 'timeout')
    same('admin elsewhere', connect('10.77.0.9', '10.77.0.1', 8080)[0],
         'timeout')


@case('host')
def itself(w):
    """the machine talks to itself"""
    with counts(output__out=0):
        same('loopback', connect('127.0.0.1', '127.0.0.1', 8080, n='node',
                                 wait=LONG)[0], 'open')
        same('own address', connect('', '10.77.0.1', PORT, n='node',
                                    wait=LONG)[0], 'open')


@case('host')
def ping(w):
    """a ping is answered, and not more than twenty at once"""
    for dst, n, kind in (('10.77.0.1', 4, socket.IPPROTO_ICMP),
                         ('fd77::1', 6, socket.IPPROTO_ICMPV6)):
        with spaces('out'):
            s = socket.socket(family(dst), socket.SOCK_RAW, kind)
        for i in range(200):
            head = struct.pack('!BBHHH', 8 if n == 4 else 128, 0, 0, i, 0)
            s.sendto(head[:2] + struct.pack('!H', checksum(head)) + head[4:]
                     if n == 4 else head, (dst, 0))
        got = 0
        s.settimeout(WAIT)
        try:
            while True:
                data = s.recv(256)
                got += data[20 if n == 4 else 0] == (0 if n == 4 else 129)
        except (TimeoutError, socket.timeout):
            pass
        if not 5 <= got <= 100:
            raise Failed(f'{got} answers to 200 of IPv{n}')


@case('host')
def neighbours(w):
    """IPv6 neighbours are found, from both sides"""
    spaces.run('out', 'ip', 'neigh', 'flush', 'all')
    spaces.run('node', 'ip', 'neigh', 'flush', 'all')
    same('client', connect('fd77:0:1::2', 'fd77::1', PORT, wait=LONG)[0],
         'open')
    spaces.run('node', 'ip', 'neigh', 'flush', 'all')
    s = sock('node', socket.SOCK_DGRAM, socket.AF_INET6)
    s.sendto(b'x', ('fd77:0:2::2', 53))
    same('what came', w['out-dns'].recv(16), b'x')


def mld(hops):
    """A question of the switch's: who listens to which group?  (RFC 3810)"""
    src, dst = 'fe80::1:2', 'ff02::1'
    query = struct.pack('!BBHHH16sBBH', 130, 0, 0, 1, 0, b'', 2, 125, 0)
    c = checksum(socket.inet_pton(socket.AF_INET6, src) +
                 socket.inet_pton(socket.AF_INET6, dst) +
                 struct.pack('!IHBB', len(query), 0, 0, 58) + query)
    alert = struct.pack('!BBBBHBB', 58, 0, 5, 2, 0, 1, 0)
    packet = v6(src, dst, alert + query[:2] + struct.pack('!H', c) + query[4:],
                proto=0)
    return packet[:7] + bytes([hops]) + packet[8:]


@case('host')
def listeners(w):
    """a switch that asks for listeners hears of the node; no router may ask"""
    with spaces('out'):
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                          socket.htons(0x86dd))
        s.bind(('o0', 0x86dd))
    s.settimeout(LONG)
    with counts(input__who_listens=1):
        send_raw(mld(64))
        send_raw(mld(1))
    while True:  # its length: a header, the alert, and then the report
        frame = s.recv(2048)
        if frame[6:12] == wire()[1] and frame[14 + 48] == 143:
            break


@case('host')
def out(w):
    """this machine asks for names, hears the answer, and nothing else"""
    with counts(output__out='+'):
        s = sock('node', socket.SOCK_DGRAM, socket.AF_INET)
        s.sendto(b'who', ('10.77.0.13', 53))
        data, peer = w['out-dns'].recvfrom(16)
        same('what came', data, b'who')
        with spaces('out'):
            reply = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        reply.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reply.bind(('10.77.0.13', 53))
        reply.sendto(b'it', (peer[0].replace('::ffff:', ''), peer[1]))
        reply.close()
        same('the answer', s.recv(16), b'it')
    with counts(output__out='+', output__logged='+'):
        same('elsewhere', connect('', '10.77.0.13', 514, n='node')[0],
             'No route to host')


@case('host')
def forward(w):
    """nothing is forwarded"""
    with counts(forward__forwarded='+'):
        same('through', connect('10.77.0.2', '10.79.0.2', 8080)[0],
             'timeout')


@case('host')
def older(w):
    """who was connected before the rules stays so, whoever speaks first"""
    for who in ('node first', 'client first'):
        s, peer = w['older'][who]
        if who == 'node first':
            peer.sendall(b'prompt')
            same('what came', s.recv(16), b'prompt')
        echo(s, peer)
    with counts(**{'segments__older_than_these_rules': '+'}):
        s, peer = w['older']['compile']
        echo(s, peer)


GOOD = {SYN, ACK, RST, SYN | ACK, FIN | ACK, RST | ACK}


@case('host')
def flags(w):
    """segments with flags that nobody's kernel sets, on any port"""
    bad = [f for f in range(64) if f & (FIN | SYN | RST | ACK) not in GOOD]
    for port in (PORT, 22):
        with counts(segments__flags=len(bad)):
            for f in bad:
                send_segment('10.77.0.2', '10.77.0.1', port, f)
    with counts(segments__flags=len(bad)):
        for f in bad:
            send_segment('fd77::2', 'fd77::1', PORT, f)
    with counts(segments__flags=0):
        for f in sorted(GOOD - {SYN}):
            send_segment('10.77.0.2', '10.77.0.1', PORT, f, sport=41000 + f)


@case('host')
def of_nothing(w):
    """segments of no connection, as a scan sends them"""
    with counts(segments__of_no_connection=4):
        for f in (ACK, RST, SYN | ACK, FIN | ACK):
            send_segment('10.77.0.2', '10.77.0.1', PORT, f, sport=42000 + f)


@case('host')
def small_segments(w):
    """a connection that wants segments of a few bytes"""
    with counts(segments__segment_size=2, client4__client=0):
        for size in (1, 87):
            send_segment('10.77.0.2', '10.77.0.1', PORT, SYN, sport=43000,
                         options=struct.pack('!BBH', 2, 4, size))
    with counts(segments__segment_size=0, client4__client=1):
        send_segment('10.77.0.14', '10.77.0.1', PORT, SYN, sport=43001,
                     options=struct.pack('!BBH', 2, 4, 536))


@case('host')
def own_address(w):
    """the node's own address as a source, from outside"""
    with counts(**{'compile__our_own_address,_from_outside': 1}):
        send_segment('fd77::1', 'fd77::1', PORT, SYN)


@case('host')
def invalid(w):
    """an answer that nobody asked for"""
    head = struct.pack('!BBHHH', 0, 0, 0, 7, 7)
    head = head[:2] + struct.pack('!H', checksum(head)) + head[4:]
    with counts(input__invalid=1):
        send_raw(v4('10.77.0.2', '10.77.0.1', head, proto=1))


def fragments4(port, scope):
    part = segment('10.77.0.15', '10.77.0.1', port, SYN, sport=44000,
                   options=b'\1\1\1\1')
    send_raw(v4('10.77.0.15', '10.77.0.1', part[:16], frag=0x2000,
                ident=port))
    send_raw(v4('10.77.0.15', '10.77.0.1', part[16:], frag=2, ident=port))


def fragments6(port):
    part = segment('fd77:0:f::2', 'fd77::1', port, SYN, sport=44000,
                   options=b'\1\1\1\1')
    send_raw(v6('fd77:0:f::2', 'fd77::1', part[:16], frag=(0, 1),
                ident=port))
    send_raw(v6('fd77:0:f::2', 'fd77::1', part[16:], frag=(2, 0),
                ident=port))


@case('host')
def fragments(w):
    """fragments of TCP, to the node's port and any other"""
    with counts(**{'fragments__fragment,_IPv4': 1, 'client4__client': 0,
                   'fragments__any_fragment,_IPv4': 1}):
        fragments4(PORT, 'host')
    with counts(**{'fragments__any_fragment,_IPv4': 2}):
        fragments4(22, 'host')
    with counts(**{'fragments__fragment,_IPv6': 1, 'client6__client6': 0,
                   'fragments__any_fragment,_IPv6': 1}):
        fragments6(PORT)
    with counts(**{'fragments__any_fragment,_IPv6': 2}):
        fragments6(22)


def nobody(uid, chain, src='node'):
    """Whatever @uid sends is refused at once, and counted."""
    for dst in ('10.77.0.13', 'fd77:0:d::2', '127.0.0.1', '10.77.0.1'):
        begin = time.monotonic()
        with counts(**{f'{chain}__{chain}': '+'}):
            r = connect('', dst, 8080, n=src, uid=uid, wait=LONG)[0]
        if r not in ('No route to host', 'Permission denied'):
            raise Failed(f'{uid} to {dst}: {r}')
        if time.monotonic() - begin > LONG:
            raise Failed(f'{uid} to {dst}: not at once')
        for port in (53, 514):
            u = sock(src, socket.SOCK_DGRAM, family(dst), uid=uid)
            with counts(**{f'{chain}__{chain}': '+'}):
                try:
                    u.sendto(b'x', (dst, port))
                except PermissionError:
                    pass
    spaces.run(src, 'sysctl', '-qw', 'net.ipv4.ping_group_range=0 2147483647')
    for dst, proto, kind in (('10.77.0.13', socket.IPPROTO_ICMP, 8),
                             ('fd77:0:d::2', socket.IPPROTO_ICMPV6, 128)):
        with spaces(src), as_uid(uid):
            p = socket.socket(family(dst), socket.SOCK_DGRAM, proto)
        with counts(**{f'{chain}__{chain}': '+'}):
            try:
                p.sendto(struct.pack('!BBHHH', kind, 0, 0, 0, 1), (dst, 0))
            except PermissionError:
                pass


@case('host')
def role(w):
    """a role that was taken over reaches nobody: TCP, UDP, ICMP, IPv4, IPv6"""
    with counts(role__logged='+'):
        nobody(BROKER, 'role')
    with counts(role__role='+'):
        same('front', connect('', '10.77.0.10', 514, n='node', uid=FRONT)[0],
             'No route to host')


@case('host')
def job(w):
    """a job in the node's own network reaches nobody"""
    with counts(job__logged='+'):
        nobody(JOB, 'job')


ENTER = ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"']


@case('host')
def group(w):
    """a job in the node's own network, whatever its uid"""
    with counts(job__job='+'):
        with spaces('node'):
            r = subprocess.run(
                [*ENTER, w['group'] + '/jobs', sys.executable, '-c',
                 'import socket, sys\n'
                 's = socket.socket()\n'
                 's.settimeout(5)\n'
                 'sys.exit(s.connect_ex(("127.0.0.1", 8080)))'])
        same('connect', os.strerror(r.returncode), 'No route to host')


# What a front has that was taken over: a connection that root has accepted.
TAKEN_OVER = os.path.join(HERE, '../..', os.environ.get('B', 'build'),
                          'tests/firewall/taken_over')


def anew(w, dst, port):
    """The node answers through what it has accepted; that connects nowhere."""
    with spaces('node'):
        p = subprocess.Popen(
            [*ENTER, w['group'] + '/own', TAKEN_OVER, str(FRONT), dst,
             str(port)], stdout=subprocess.PIPE, text=True)
    with p, contextlib.ExitStack() as stack:
        # else a client that did not come would be waited for without end
        stack.callback(p.kill)
        at = int(p.stdout.readline())
        r, s = connect('', '::1' if ':' in dst else '127.0.0.1', at, n='node',
                       wait=LONG)
        same('client', r, 'open')
        with counts(role__role='+'):
            s.sendall(b'hello')
            same('what came back', s.recv(16), b'hello')
            r = os.strerror(p.wait())
            if r not in ('No route to host', 'Permission denied'):
                raise Failed(f'{dst}: {r}')


@case('host')
def accepted(w):
    """a front's client, connected anew, reaches not even what root may"""
    same('root', connect('', '10.77.0.13', 53, n='node', wait=LONG)[0], 'open')
    for dst, port in (('10.77.0.13', 53), ('fd77:0:d::2', 53),
                      ('127.0.0.1', 8080), ('10.77.0.10', 514)):
        anew(w, dst, port)


def reaches(uid, dst, port, udp=True, peer=None):
    same(f'{uid} to {dst}', connect('', dst, port, n='node', uid=uid,
                                    wait=LONG)[0], 'open')
    if udp:
        u = sock('node', socket.SOCK_DGRAM, family(dst), uid=uid)
        u.sendto(b'record', (dst, port))
        same('what came', peer.recv(16), b'record')


@case('host')
def log_host(w):
    """the auditor reaches the log host, and there that port alone"""
    with counts(role__log_host='+'):
        reaches(AUDITOR, '10.77.0.10', 514, peer=w['out-log'])
    with counts(**{'role__log_host,_IPv6': '+'}):
        reaches(AUDITOR, 'fd77:0:a::2', 514, peer=w['out-log'])
    for dst, port in (('10.77.0.10', 8080), ('10.77.0.11', 514),
                      ('10.77.0.11', 6379), ('10.77.0.12', 53)):
        same('auditor elsewhere', connect('', dst, port, n='node',
                                          uid=AUDITOR)[0],
             'No route to host')


@case('host')
def cache_peer(w):
    """the cacher reaches the cache, and no other role does"""
    with counts(role__cache_peer='+'):
        reaches(CACHER, '10.77.0.11', 6379, udp=False)
    with counts(**{'role__cache_peer,_IPv6': '+'}):
        reaches(CACHER, 'fd77:0:b::2', 6379, udp=False)
    for uid, port in ((CACHER, 514), (AUDITOR, 6379), (BROKER, 6379)):
        same('elsewhere', connect('', '10.77.0.11', port, n='node',
                                  uid=uid)[0], 'No route to host')


@case('host')
def name_server(w):
    """the look-up reaches the name servers, since settings have names"""
    with counts(role__name_server='+'):
        reaches(LOOK_UP, '10.77.0.12', 53, peer=w['out-dns'])
    with counts(**{'role__name_server,_IPv6': '+'}):
        reaches(LOOK_UP, 'fd77:0:c::2', 53, peer=w['out-dns'])
    same('look-up elsewhere', connect('', '10.77.0.13', 53, n='node',
                                      uid=LOOK_UP)[0], 'No route to host')


@case('host')
def concurrency(w):
    """a client's connections beyond its number are refused at once"""
    for n, src, dst in ((4, '10.77.0.20', '10.77.0.1'),
                        (6, 'fd77:0:10::2', 'fd77::1')):
        keep = []
        for i in range(w['count']):
            r, s = connect(src, dst, PORT, wait=LONG)
            same(f'connection {i + 1}', r, 'open')
            keep.append(s)
            time.sleep(1.5 / w['rate'])
        with counts(**{f'client{n}__concurrency{"" if n == 4 else "6"}': 1}):
            same('one more', connect(src, dst, PORT, wait=LONG)[0],
                 'refused')
        same('another client', connect(
            '10.77.0.21' if n == 4 else 'fd77:0:11::2', dst, PORT,
            wait=LONG)[0], 'open')
        if n == 6:
            spaces.run('out', 'ip', 'addr', 'add', 'fd77:0:10::3/32', 'dev',
                       'o0', 'nodad')
            same('the same /64', connect('fd77:0:10::3', dst, PORT,
                                         wait=LONG)[0], 'refused')
        for s in keep:
            s.close()


@case('host')
def rate(w):
    """a client that connects faster than it may is dropped"""
    for n, src, dst in ((4, '10.77.0.22', '10.77.0.1'),
                        (6, 'fd77:0:12::2', 'fd77::1')):
        name = f'client{n}/rate{"" if n == 4 else "6"}'
        before = counters().get(name, 0)
        for i in range(200):
            send_segment(src, dst, PORT, SYN, sport=20000 + i)
        rose = counters().get(name, 0) - before
        if not 50 <= rose < 200:
            raise Failed(f'{rose} of 200 dropped')


def sources4(n):
    return [f'10.77.0.{i}' for i in range(49 - n, 49)]


def sources6(n):
    return [f'fd77:0:{i:x}::2' for i in range(31 - n, 31)]


def burst(srcs, dst, times):
    """As many SYNs of each, all at once."""
    for i in range(times):
        for src in srcs:
            send_segment(src, dst, PORT, SYN, sport=21000 + i)


@case('host')
def all_clients(w):
    """many clients that connect at once, none of them too fast"""
    for srcs, dst in ((sources4(24), '10.77.0.1'), (sources6(12), 'fd77::1')):
        with counts(total__total='+', client4__rate=0, client6__rate6=0,
                    crowd__crowd=0):
            burst(srcs, dst, 4)


# Sets of two elements, in scope host ---------------------------------------

@case('fast')
def crowd_fast(w):
    """more clients than the kernel remembers: no faster, together, than one"""
    crowd(w, '4', '10.77.0.1', sources4(24))
    crowd(w, '6', 'fd77::1', sources6(12))


@case('busy')
def crowd_busy(w):
    """more clients with connections than it remembers: the same"""
    crowd(w, '4', '10.77.0.1', sources4(24))
    crowd(w, '6', 'fd77::1', sources6(12))


def crowd(w, n, dst, srcs):
    keep = [connect(src, dst, PORT, wait=LONG) for src in srcs[:2]]
    same('the first two', [r for r, _ in keep], ['open'] * 2)
    with counts(crowd__crowd='+'):
        burst(srcs[2:], dst, 4)
    time.sleep(0.5)
    with counts(crowd__crowd=0):
        same('one of the others', connect(srcs[2], dst, PORT, wait=LONG)[0],
             'open')
    for _, s in keep:
        s.close()


# Scope node ---------------------------------------------------------------

@case('node')
def node_client(w):
    """scope node: a client works, a stranger hears nothing"""
    same('client', connect('10.77.0.2', '10.77.0.1', PORT, wait=LONG)[0],
         'open')
    same('client, IPv6', connect('fd77::2', 'fd77::1', PORT, wait=LONG)[0],
         'open')
    with counts(compile__stranger='+'):
        same('stranger', connect('10.78.0.2', '10.78.0.1', PORT)[0],
             'timeout')


@case('node')
def node_others(w):
    """scope node: what else the machine does is nobody's business here"""
    for src, dst in (('10.78.0.2', '10.78.0.1'), ('fd78::2', 'fd78::1')):
        same('stranger', connect(src, dst, 8080, wait=LONG)[0], 'open')
    same('outwards', connect('', '10.77.0.13', 514, n='node', wait=LONG)[0],
         'open')
    same('through', connect('10.77.0.2', '10.79.0.2', 8080, wait=LONG)[0],
         'open')


@case('node')
def node_fragments(w):
    """scope node: fragments are dropped for the node's port alone"""
    with counts(**{'fragments__fragment,_IPv4': 1, 'client4__client': 0,
                   'fragments__any_fragment,_IPv4': 0}):
        fragments4(PORT, 'node')
        fragments4(8080, 'node')
    with counts(**{'fragments__fragment,_IPv6': 1, 'client6__client6': 0,
                   'fragments__any_fragment,_IPv6': 0}):
        fragments6(PORT)
        fragments6(8080)


@case('node')
def node_flags(w):
    """scope node: flags are looked at on the node's port alone"""
    with counts(segments__flags=1):
        send_segment('10.77.0.2', '10.77.0.1', PORT, 0)
        send_segment('10.77.0.2', '10.77.0.1', 8080, 0)


@case('node')
def node_roles(w):
    """scope node: roles and jobs reach nobody all the same"""
    nobody(BROKER, 'role')
    nobody(JOB, 'job')
    for dst in ('10.77.0.13', 'fd77:0:d::2', '127.0.0.1'):
        anew(w, dst, 8080)


# -------------------------------------------------------------------------

def world():
    """Listeners, and connections that are there before any rule."""
    w = {'node': {p: listener('node', p) for p in (PORT, 22, 8080)},
         'out': {p: listener('out', p) for p in (514, 6379, 53, 8080)},
         'behind': listener('behind', 8080),
         'out-dns': listener('out', 53, socket.SOCK_DGRAM),
         'out-log': listener('out', 514, socket.SOCK_DGRAM)}
    w['older'] = {}
    for who, src, port in (('node first', '10.78.0.2', 8080),
                           ('client first', '10.78.0.2', 8080),
                           ('compile', '10.78.0.2', PORT)):
        dst = src[:-1] + '1'
        r, s = connect(src, dst, port, wait=LONG)
        same('before the rules', r, 'open')
        w['older'][who] = s, w['node'][port].accept()[0]
        w['older'][who][1].settimeout(LONG)
        s.settimeout(LONG)
    return w


def rules(a, scope):
    with open(a.node if scope == 'node' else a.host, encoding='utf-8') as f:
        return re.sub(rf'(set {scope}[46] .* size )65536;', r'\g<1>2;',
                      f.read())


def run_cases(scope, w, only):
    failed = 0
    for of, name, f in CASES:
        if of != scope or (only and f.__name__ not in only):
            continue
        try:
            f(w)
            print(f'ok - {name}', flush=True)
        except (Failed, OSError) as e:
            failed += 1
            print(f'not ok - {name}\n# {e}', flush=True)
    return failed


def main():
    p = argparse.ArgumentParser()
    p.add_argument('--host', required=True)
    p.add_argument('--node', required=True)
    p.add_argument('--group', required=True)
    p.add_argument('--count', type=int, default=5)
    p.add_argument('--rate', type=int, default=10)
    p.add_argument('only', nargs='*')
    a = p.parse_args()
    failed = 0
    try:
        spaces.make()
        w = world()
        w.update(group=a.group, count=a.count, rate=a.rate)
        for scope in ('host', 'fast', 'busy', 'node'):
            spaces.run('node', 'nft', '-f', '-', input=rules(a, scope))
            failed += run_cases(scope, w, a.only)
    finally:
        spaces.remove()
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
