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
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import escape  # noqa: E402

MARK = b'IMMURECANARY'
PLUGIN = '''
#include <fcntl.h>
int plugin_is_GPL_compatible;
int plugin_init(void *a, void *b) { return 0; }
__attribute__((constructor)) static void run(void)
{ open(RAN, O_CREAT | O_WRONLY, 0600); }
'''
HONEST = 'int f(void) { return 1; }\n'

# number, name, compiler, options, source, plain, pump.  {w}: where the
# client's files lie; {canary}: a file of the host; {made}: a file that must
# not come to be.  Ends: a word of a refusal, "error", "ok".
CASES = [
    (2, 'include', 'gcc', [], '#include "{canary}"\n', 'error', 'error'),
    (2, 'include-dots', 'gcc', [],
     '#include "../../../../../../../..{canary}"\n', 'error', 'error'),
    (3, 'incbin', 'gcc', [], '__asm__(".incbin \\"{canary}\\"");\n',
     'error', 'error'),
    (3, 'incbin-as', 'gcc', ['-Wa,--fatal-warnings'],
     '__asm__(".incbin \\"{canary}\\"");\n', 'error', 'error'),
    (3, 'as-include', 'gcc', [], '__asm__(".include \\"{canary}\\"");\n',
     'error', 'error'),
    (3, 'clang-incbin', 'clang', [],
     '__asm__(".incbin \\"{canary}\\"");\n', 'error', 'error'),
    (5, '-include', 'gcc', ['-include', '{canary}'], HONEST, 'ok|option.',
     'error|option.'),
    (5, '-imacros', 'gcc', ['-imacros', '{macros}'],
     'char s[] = WORD;\n', 'error|option.', 'error|option.'),
    (5, '@file', 'gcc', ['@{canary}'], HONEST, 'option.', 'option.'),
    (5, '-Wa,@file', 'gcc', ['-Wa,@{canary}'], HONEST, 'option.', 'option.'),
    (5, '-I', 'gcc', ['-I{dir}'], '#include <canary>\n', 'error',
     'error|option.'),
    (6, 'has-include', 'gcc', [],
     '#if __has_include("{canary}")\nchar s[] = "IMMURE" "CANARY";\n'
     '#endif\n', 'ok|error', 'ok'),
    (7, '-specs', 'gcc', ['-specs={w}/evil.specs'], HONEST, 'option.',
     'option.'),
    (8, '--config', 'clang', ['--config', '{w}/evil.cfg'], HONEST,
     'option.', 'option.'),
    (8, '-fsanitize-ignorelist', 'clang',
     ['-fsanitize=address', '-fsanitize-ignorelist={canary}'], HONEST,
     'option.|error', 'option.|error'),
    (11, '-o elsewhere', 'gcc', ['-o', '{made}'], HONEST, 'ok|option.',
     'ok|option.'),
    (11, '-MF elsewhere', 'gcc', ['-MD', '-MF', '{made}'], HONEST,
     'ok|option.', 'ok|option.'),
    (11, '-Wp,-MD', 'gcc', ['-Wp,-MD,{made}'], HONEST, 'ok|option.',
     'ok|option.'),
    (11, '-dumpbase', 'gcc', ['-save-temps', '-dumpdir', '{dir}/'], HONEST,
     'ok|option.', 'ok|option.'),
    (11, '-fdump-tree', 'gcc', ['-fdump-tree-original={made}'], HONEST,
     'ok|option.', 'ok|option.'),
    (11, '-Wa,-a', 'gcc', ['-Wa,-a={made}'], HONEST, 'option.', 'option.'),
    (11, '-aux-info', 'gcc', ['-aux-info', '{made}'], HONEST, 'ok|option.',
     'ok|option.'),
    (28, '-wrapper', 'gcc', ['-wrapper', '/bin/sh,-c,>{made}'], HONEST,
     'option.', 'option.'),
    (28, 'module-mapper', 'g++',
     ['-std=c++20', '-fmodules-ts', '-fmodule-mapper=|{touch} {made}'],
     'import x;\n', 'option.', 'option.'),
    (30, '-fplugin', 'gcc', ['-fplugin={w}/evil.so'], HONEST, 'option.',
     'option.'),
    (30, 'clang -load', 'clang', ['-Xclang', '-load', '-Xclang',
                                  '{w}/evil.so'], HONEST, 'option.',
     'option.'),
    (30, 'clang -fplugin', 'clang', ['-fplugin={w}/evil.so'], HONEST,
     'option.', 'option.'),
    (31, '-B', 'gcc', ['-B{w}'], HONEST, 'option.', 'option.'),
    (92, '--output', 'gcc', ['--output={made}'], HONEST, 'ok|option.',
     'ok|option.'),
    (92, '--for-assembler', 'gcc', ['--for-assembler=-a={made}'], HONEST,
     'option.', 'option.'),
    (92, '-Xassembler', 'gcc', ['-Xassembler', '-a={made}'], HONEST,
     'option.', 'option.'),
    (92, '--prefix', 'gcc', ['--prefix={w}'], HONEST, 'option.', 'option.'),
    (92, '--specs', 'gcc', ['--specs={w}/evil.specs'], HONEST, 'option.',
     'option.'),
]


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

    def write(self, name, text):
        with open(os.path.join(self.scratch, name), 'w') as f:
            f.write(text)

    def fill(self, text, where):
        for name, value in (
                ('w', where), ('canary', os.path.join(self.dir, 'canary')),
                ('made', self.made), ('dir', self.dir),
                ('macros', os.path.join(self.scratch, 'macros')),
                ('touch', '/usr/bin/touch')):
            text = text.replace('{' + name + '}', value)
        return text

    def clean(self):
        for name in os.listdir(self.dir):
            if name != 'canary':
                os.unlink(os.path.join(self.dir, name))

    def command(self, case, where, source, out):
        _, _, compiler, options, _, _, _ = case
        options = [self.fill(o, where) for o in options]
        own = [] if any(o == '-o' or o.startswith('--output')
                        for o in options) else ['-o', out]
        return [compiler] + options + ['-c', source] + own

    def effect(self, what):
        if os.listdir(self.dir) != ['canary']:
            return True
        return MARK.lower() in what.lower()

    def outside(self, case):
        suffix = '.cc' if case[2] == 'g++' else '.c'
        name = 'case' + suffix
        self.write(name, self.fill(case[4], self.scratch))
        obj = os.path.join(self.scratch, 'case.o')
        if os.path.exists(obj):
            os.unlink(obj)
        p = subprocess.run(
            self.command(case, self.scratch, name, 'case.o'),
            cwd=self.scratch, capture_output=True, check=False, timeout=30)
        what = p.stderr + p.stdout
        if os.path.exists(obj):
            with open(obj, 'rb') as f:
                what += f.read()
        seen = self.effect(what)
        self.clean()
        return seen

    def inside(self, case, pump):
        suffix = '.cc' if case[2] == 'g++' else '.c'
        name, where = 'case' + suffix, '/home/u' if pump else '/tmp'
        argv = self.command(case, where, name, 'case.o')
        source = self.fill(case[4], where).encode()
        if not pump:
            return escape.ask(self.port, escape.plain_request(argv, source),
                              False)
        files = {'/home/u/' + name: source}
        for extra in ('evil.so', 'evil.specs', 'evil.cfg', 'as'):
            with open(os.path.join(self.scratch, extra), 'rb') as f:
                files['/home/u/' + extra] = f.read()
        return escape.ask(self.port,
                          escape.pump_request(argv, '/home/u', files), True)


def ended(reply, allowed):
    """Which of @allowed the reply is, or None."""
    text = reply.text()
    for one in allowed.split('|'):
        if one == 'ok' and reply.status == 0 and reply.parts[b'DOTO']:
            return one
        if one == 'error' and reply.status == 0x100 and \
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
        said = reply.raw.replace(attack.scratch.encode(), b'')
        if attack.effect(said):
            wrong.append(f'{mode}: it had its effect')
        attack.clean()
    return wrong


def main():
    attack = Attack(int(sys.argv[1]), sys.argv[2])
    bad = 0
    for case in CASES:
        wrong = run(attack, case)
        if wrong:
            bad += 1
            print(f'{case[0]} {case[1]}: ' + '; '.join(wrong))
    print(f'{len(CASES)} cases in two modes, {bad} wrong')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
