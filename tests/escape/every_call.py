#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""every_call.py JAIL PROGRAM: the job's filter against the running kernel.

PROGRAM (every_call.c) makes each system call by its number, outside to learn
which of them this kernel has, and in JAIL.  Neither a header nor libseccomp
says which numbers there are: what gets through is this list, by number, and
all others must be killed or answered by the filter, up to whatever is the
kernel's highest, and far beyond.  x86_64; with i386's and x32's numbers.
"""
import subprocess
import sys

BEYOND = 640       # numbers that are tried
NEWEST = 469       # the highest that sandbox/kernel_abi.h knows
KILLED = 'SIG31'

# What reaches the kernel, some of it with certain arguments only: read to
# dup2, getpid ... exec, fork, wait, kill, files, clocks, threads.
THROUGH = ('0-15 17-26 28 32-39 56-63 72 74-85 87 89-91 95-100 102 104 107-111 '
           '115 118 120 121 124 127 130 131 140 157 158 160 186 200-202 204 '
           '217-219 228-231 234 247 257 258 262-264 267-271 273 274 280 285 '
           '292 293 302 309 316 318 332 334 436 437 439')
# What the filter answers, with which errno's number.
ANSWERED = {
    'ok': '221',                                 # fadvise64
    '1': '86 88 133 141 203 259 265 266',        # links, nodes, priority
    '25': '16',                                  # ioctl
    '38': '27 40 137 138 275 319 324 326 435 451-469',
    '95': '188-196',                             # extended attributes
    '97': '41 53',                               # socket, socketpair
}
# uretprobe (6.11) and uprobe (6.18): the kernel asks no filter about them
# (kernel/seccomp.c), and they do nothing but in a trampoline of its own.
KERNELS_OWN = {335: ('SIG4', KILLED, '38'), 336: ('6', KILLED, '38')}


def numbers(text):
    for word in text.split():
        first, _, last = word.partition('-')
        yield from range(int(first), int(last or first) + 1)


def run(command, abi):
    done = subprocess.run([*command, abi, str(BEYOND)], text=True, timeout=100,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=True)
    found = dict(line.split() for line in done.stdout.splitlines())
    assert len(found) == BEYOND, f'{abi}: {len(found)} answers'
    return {int(n): word for n, word in found.items()}


def wanted(nr):
    """The answers that are right, or None: any."""
    if nr in set(numbers(THROUGH)):
        return None
    if nr in KERNELS_OWN:
        return KERNELS_OWN[nr]
    for word, some in ANSWERED.items():
        if nr in set(numbers(some)):
            return (word,)
    return (KILLED,) if nr <= NEWEST else ('38',)


def check(outside, inside):
    for nr, word in inside['native'].items():
        want = wanted(nr)
        if want is not None and word not in want:
            yield f'native {nr}: {word}, not {"|".join(want)} ' \
                  f'(outside {outside["native"][nr]})'
    for abi in 'x32', 'i386':
        for nr, word in inside[abi].items():
            if word != KILLED:
                yield f'{abi} {nr}: {word} (outside {outside[abi][nr]})'
    there = [nr for nr, word in outside['native'].items() if word != '38']
    if len(there) < 300 or KILLED in outside['native'].values():
        yield f'void: outside there are {len(there)} calls'


def main():
    jail, program = sys.argv[1:]
    abis = 'native', 'x32', 'i386'
    outside = {a: run([program], a) for a in abis}
    inside = {a: run([jail, '--usual', '--exec', program + ':/every', '--',
                      '/every'], a) for a in abis}
    wrong = list(check(outside, inside))
    print('\n'.join(wrong))
    for a in abis:
        there = [nr for nr, word in outside[a].items() if word != '38']
        print(f'# {a}: this kernel has {len(there)}, the highest '
              f'{max(there, default="none")}; in the jail '
              f'{sum(w == KILLED for w in inside[a].values())} of {BEYOND} '
              'are killed')
    print(f'{len(wrong)} wrong')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
