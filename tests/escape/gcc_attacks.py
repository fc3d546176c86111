#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Real compilers as the attacker: hostile options and sources, sent as no
stock client would send them (it keeps most of these at home).

gcc_attacks.py PORT SCRATCH

Each runs outside first, with the host's compiler, and must have its effect
there (the canary's text in what comes out, or a file made): else it is void
and counts as failed.  As a job, in plain and in pump mode with every file the
attack needs among the client's own, it must have none, and the reply must be
a whole one: refused with the reason's word, or the compiler's own error, or an
object without what was asked for, as the table says.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402
from gcc_cases import CASES, ORACLES  # noqa: E402

MARK = b'IMMURECANARY'
PLUGIN = '''
#include <fcntl.h>
int plugin_is_GPL_compatible;
int plugin_init(void *a, void *b) { return 0; }
__attribute__((constructor)) static void run(void)
{ open(RAN, O_CREAT | O_WRONLY, 0600); }
'''
SENT = 'evil.so', 'evil.specs', 'evil.cfg', 'as', 'overlay', \
    'module.modulemap'


class Attack:
    def __init__(self, port, scratch):
        self.port, self.scratch = port, scratch
        self.dir = os.path.join(scratch, 'dir')
        self.made = os.path.join(self.dir, 'made')
        os.makedirs(self.dir, exist_ok=True)
        self.write('dir/canary', f'char canary[] = "{MARK.decode()}";\n')
        self.write('macros', f'#define WORD "{MARK.decode()}"\n')
        self.write('evil.specs', f'*cc1:\n-include {scratch}/dir/canary\n\n')
        self.write('evil.cfg', f'-include {scratch}/dir/canary\n')
        self.write('evil.c', PLUGIN)
        # -B: what is called "as" there is run
        self.write('as', f'#!/bin/sh\n>{self.made}\nexec /usr/bin/as "$@"\n')
        os.chmod(os.path.join(scratch, 'as'), 0o755)
        subprocess.run(['gcc', '-shared', '-fPIC', f'-DRAN="{self.made}"',
                        '-o', os.path.join(scratch, 'evil.so'),
                        os.path.join(scratch, 'evil.c')], check=True)
        self.more_files()
        self.heard = False
        # gcc asks for IPv6 addresses alone
        self.tcp = self.listen(socket.AF_INET6, ('::1', 0))
        self.unix = os.path.join(scratch, 'socket')
        self.listen(socket.AF_UNIX, self.unix)

    def more_files(self):
        canary = os.path.join(self.dir, 'canary')
        self.write('words', f'-include {canary}\n')
        self.write('overlay', '{ "version": 0, "roots": [ { "type": "file", '
                   '"name": "/nowhere/canary", '
                   f'"external-contents": "{canary}" }} ] }}\n')
        self.write('module.modulemap',
                   f'module canary {{ header "{canary}" }}\n')
        os.makedirs(os.path.join(self.scratch, 'root/sys'), exist_ok=True)
        shutil.copy(canary, os.path.join(self.scratch, 'root/sys'))
        subprocess.run(['gcc', '-x', 'c-header', '-c', canary, '-o',
                        os.path.join(self.scratch, 'pch')], check=True)

    def listen(self, family, address):
        """Somebody to be connected to; says where."""
        s = socket.socket(family)
        s.bind(address)
        s.listen()

        def accept():
            while True:
                c, _ = s.accept()
                self.heard = True
                c.close()

        threading.Thread(target=accept, daemon=True).start()
        return s.getsockname()[1] if family == socket.AF_INET6 else None

    def write(self, name, text):
        with open(os.path.join(self.scratch, name), 'w') as f:
            f.write(text)

    def fill(self, text, where):
        for name, value in (
                ('w', where), ('canary', os.path.join(self.dir, 'canary')),
                ('made', self.made), ('dir', self.dir),
                ('macros', os.path.join(self.scratch, 'macros')),
                ('words', os.path.join(self.scratch, 'words')),
                ('pch', os.path.join(self.scratch, 'pch')),
                ('port', str(self.tcp)),
                ('unix', self.unix), ('loader', loader()),
                ('touch', '/usr/bin/touch')):
            text = text.replace('{' + name + '}', value)
        return text

    def clean(self):
        for name in os.listdir(self.dir):
            path = os.path.join(self.dir, name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            elif name != 'canary':
                os.unlink(path)
        self.heard = False

    def command(self, case, where, source, out):
        _, _, compiler, options = case[:4]
        options = [self.fill(o, where) for o in options]
        own = [] if any(o == '-o' or o.startswith('--output')
                        for o in options) else ['-o', out]
        return [compiler] + options + ['-c', source] + own

    def effect(self, what):
        if os.listdir(self.dir) != ['canary'] or self.heard:
            return True
        return MARK.lower() in what.lower()

    def compile(self, case):
        """What the host's compiler says and makes."""
        name = name_of(case)
        self.write(name, self.fill(case[4], self.scratch))
        obj = os.path.join(self.scratch, 'case.o')
        if os.path.exists(obj):
            os.unlink(obj)
        p = subprocess.run(
            self.command(case, self.scratch, name, 'case.o'),
            cwd=self.scratch, capture_output=True, check=False, timeout=30,
            input=f'char canary[] = "{MARK.decode()}";\n'.encode(),
            # an environment that is source, too
            env={f'.error "{MARK.decode()}"\n': '1',
                 'PATH': os.environ['PATH']})
        what = p.stderr + p.stdout
        if os.path.exists(obj):
            with open(obj, 'rb') as f:
                what += f.read()
        return what

    def outside(self, case):
        seen = self.effect(self.compile(case))
        self.clean()
        return seen

    def inside(self, case, pump):
        name, where = name_of(case), '/home/u' if pump else '/tmp'
        argv = self.command(case, where, name, 'case.o')
        source = self.fill(case[4], where).encode()
        if not pump:
            return escape.ask(self.port, escape.plain_request(argv, source),
                              False)
        files = {'/home/u/' + name: source}
        for extra in SENT:
            with open(os.path.join(self.scratch, extra), 'rb') as f:
                files['/home/u/' + extra] = f.read()
        return escape.ask(self.port,
                          escape.pump_request(argv, '/home/u', files), True)


def name_of(case):
    if len(case) > 7:
        return 'case' + case[7]
    return 'case.cc' if case[2] == 'g++' else 'case.c'


def loader():
    text = subprocess.run(['readelf', '-l', '/bin/sh'], text=True,
                          stdout=subprocess.PIPE, check=True).stdout
    return re.search('interpreter: ([^]]+)', text).group(1)


def ended(reply, allowed):
    """Which of @allowed the reply is, or None."""
    text = reply.text()
    for one in allowed.split('|'):
        if one == 'ok' and reply.status == 0 and reply.parts[b'DOTO']:
            return one
        if one == 'error' and reply.status == 0x100 and \
                'immured: refused' not in text:
            return one
        if one == 'crash' and reply.status not in (None, 0, 0x100) and \
                'immured: refused' not in text:
            return one
        if one.endswith('.') and 'immured: refused: ' + one in text and \
                reply.status not in (None, 0):
            return one
    return None


def run(attack, case):
    wrong = []
    if not attack.outside(case):
        wrong.append('void: no effect outside')
    for pump, allowed in ((False, case[5]), (True, case[6])):
        mode = 'pump' if pump else 'plain'
        reply = attack.inside(case, pump)
        if not reply.whole:
            wrong.append(f'{mode}: no whole reply ({reply.raw[:80]!r})')
        elif ended(reply, allowed) is None:
            wrong.append(f'{mode}: status {reply.status}, not {allowed}: '
                         f'{reply.text()[:300]!r}')
        # The option's own text may stand in an error message.
        said = (reply.text() + reply.object().decode('latin-1')).replace(
            attack.scratch, '').encode('latin-1')
        if attack.effect(said):
            wrong.append(f'{mode}: it had its effect')
        attack.clean()
    return wrong


def as_case(oracle, nothing):
    """With another name of the same length in the canary's place."""
    number, name, compiler, options, source, suffix = oracle

    def change(text):
        return text.replace('{canary}', '{dir}/absent') if nothing else text

    return (number, name, compiler, [change(o) for o in options],
            change(source), '', '', suffix)


def without_names(text):
    """Without what differs anyway: the two names, and temporary ones."""
    return re.sub('canary|absent|cc[A-Za-z0-9]{6}', '', text)


def run_oracle(attack, oracle):
    wrong, there, nothing = [], as_case(oracle, False), as_case(oracle, True)
    said = [attack.compile(c).decode('latin-1') for c in (there, nothing)]
    if without_names(said[0]) == without_names(said[1]):
        wrong.append('void: nothing is told outside')
    attack.clean()
    for pump in False, True:
        replies = [attack.inside(c, pump) for c in (there, nothing)]
        if not all(r.whole for r in replies):
            wrong.append('no whole reply')
        said = [without_names(f'{r.status} {r.text()} ' +
                              r.object().decode('latin-1')) for r in replies]
        if said[0] != said[1]:
            wrong.append(f'{"pump" if pump else "plain"}: it tells: {said!r}')
    return wrong


def main():
    attack = Attack(int(sys.argv[1]), sys.argv[2])
    only, bad = sys.argv[3:], 0
    for how, cases in (run, CASES), (run_oracle, ORACLES):
        for case in cases:
            wrong = how(attack, case) if not only or case[1] in only else []
            if wrong:
                bad += 1
                print(f'{case[0]} {case[1]}: ' + '; '.join(wrong))
    print(f'{len(CASES)} cases and {len(ORACLES)} oracles in two modes, '
          f'{bad} wrong')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
