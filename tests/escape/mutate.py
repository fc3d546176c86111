#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes each layer out of a copy of the tree, and says who notices.

mutate.py [--seconds N] [--seed N] [--keep FILE] [--write] [NAME...]
mutate.py --compare

The layers are in tests/escape/mutations.  Each is taken out twice.  With the
probes as they are: what refuses to start, and which layer it names.  With the
probes switched off, so that only what the layers themselves do is seen: does a
slot start at all, does what the kernel says of its compiler differ
(faults.py), which rows of escape.py's table, and which fields of roles.py's, do
not end as they must.  Some have a unit test instead.

A removal that nobody notices fails, unless the list THROUGH below says why.
--seconds: a sample by a seed that is printed.  --write: the table, of all,
into docs/threat-model.md.  --keep: results of earlier runs are taken from FILE,
and those of this one are put there.  --compare: do the table and the mutations
name the same?  Needs root and a built tree.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TREE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import faults  # noqa: E402

DOCUMENT = os.path.join(TREE, 'docs/threat-model.md')
BEGIN, END = '<!-- mutations: begin -->', '<!-- mutations: end -->'
OFF = r's/^\treturn b & expected;/\treturn b \& expected \& 0;/'
PROBES = [(f'sandbox/{f}.c', OFF)
          for f in ('probe', 'probe_full', 'probe_beneath')]

# What may be taken out unnoticed, and why it stays.
THROUGH = {
    'image.nosuid':
        "the file system that the images lie on is mounted so already",
    'landlock.truncate':
        "a job may open nothing else for writing, and the files are not its",
    'filter.mprotect':
        "PR_SET_MDWE gives the same answer; pair.code is noticed",
    'filter.xattr':
        "the zygote's filter, which includes the job's, gives the same answer",
    'filter.prlimit':
        "the other processes of the cell have another uid",
    'group.kill':
        "a cell ends with its pid 1 as well; cgroup.bats sees it",
    'memfd.kind':
        "what is no memfd has no seals",
    'memfd.flags':
        "an O_PATH descriptor has no seals to be asked for",
    'securebits':
        "no case sees them; a job has no capability and no_new_privs",
    'dumpable.zygote':
        "set again for each stage; pair.dumpable is noticed",
    'dumpable.job':
        "inherited from the zygote; pair.dumpable is noticed",
    'env':
        "stages are static, and a compiler's environment is its plan's",
}


class Mutation:
    def __init__(self, head):
        self.name, self.what, units = (w.strip() for w in head.split('|'))
        self.units, self.edits = units.split(), []


def mutations():
    found = []
    with open(os.path.join(HERE, 'mutations')) as f:
        for line in f:
            line = line.rstrip('\n')
            if line.startswith('= '):
                found.append(Mutation(line[2:]))
            elif line and not line.startswith('#'):
                name, _, script = line.partition('|')
                found[-1].edits.append((name.strip(), script.strip()))
    return found


class Copy:
    """The tree, built, to be changed and put back."""
    def __init__(self, place):
        self.at = os.path.join(place, 'tree')
        shutil.copytree(TREE, self.at, symlinks=True,
                        ignore=shutil.ignore_patterns('.git', 'asan',
                                                      'test-logs'))
        self.env = {k: v for k, v in os.environ.items()
                    if k not in ('B', 'MAKEFLAGS', 'WERROR')}

    def path(self, name):
        return os.path.join(self.at, name)

    def make(self, *goals):
        cc = 'ccache gcc' if shutil.which('ccache') else 'gcc'
        p = subprocess.run(
            ['make', '-s', '-j2', f'CC={cc}', 'WARN=-w', *goals],
            cwd=self.at, env=self.env, capture_output=True, text=True,
            check=False)
        if p.returncode != 0:
            raise SystemExit(f'the changed tree does not build: {p.stderr}')

    def change(self, edits):
        """Old text by name; dies when a script changes nothing."""
        old = {}
        for name, script in edits:
            path = self.path(name)
            with open(path) as f:
                before = f.read()
            old.setdefault(name, before)
            after = subprocess.run(['sed', script], input=before, text=True,
                                   capture_output=True, check=True).stdout
            if after == before:
                raise SystemExit(f'{name}: changes nothing: {script}')
            with open(path, 'w') as f:
                f.write(after)
        return old

    def restore(self, old):
        for name, text in old.items():
            with open(self.path(name), 'w') as f:
                f.write(text)


def run(command, copy, **more):
    return subprocess.run(command, cwd=copy.at, env=dict(copy.env, **more),
                          stdin=subprocess.DEVNULL, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def drive(copy, scratch):
    """One slot, with the witness: is it ready, what was said, what the kernel
    says of the witness (None: it never ran)."""
    log = os.path.join(scratch, 'log')
    if os.path.exists(log):
        os.unlink(log)
    p = subprocess.run(
        ['build/tests/escape/drive_executor', 'faults'], cwd=copy.at,
        env=dict(copy.env, VERBOSE='1'), input=f'{log} plain - -\n',
        text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=200)
    state = faults.Run(log).state if os.path.exists(log) else None
    return 'ready=1' in p.stdout, p.stdout, state


def why_not(text):
    """What refused, in words, of the output of a slot that did not start."""
    layers = re.findall(
        r'(?:layer |layer\.failed: slot [0-9]+, toolchain [0-9]+: )'
        r'([a-z.-]+) does not hold', text)
    if layers:
        return ['probe: ' + ' '.join(dict.fromkeys(layers))]
    said = re.findall(r'immured: ([a-z]+: .*); slot not started', text) + \
        re.findall(r'# (?:[a-z.]+: slot [0-9]+: )(.*)', text)
    return ['does not start: ' + re.sub('[0-9]{4,}', 'N', said[0])
            if said else 'does not start']


def with_probes(copy, scratch):
    ready, text, state = drive(copy, scratch)
    if not ready:
        return why_not(text)
    said = re.search(r'said=witness:([0-9a-f]+(?::unheard)?)', text)
    if said is None or said.group(1) != '0':
        return ['the witness in the compiler\'s place']
    return []


def without_probes(copy, scratch):
    ready, text, state = drive(copy, scratch)
    if not ready:
        return why_not(text)
    found = ['faults.py: ' + line for line in faults.not_whole(state or set())]
    role = faults.Role(os.path.join(copy.at, 'build'), scratch, 'front').run()
    found += ['faults.py: front ' + line for line in
              faults.role_not_whole(role[0].state or set())]
    os.makedirs(os.path.join(scratch, 'node'), exist_ok=True)
    p = run(['timeout', '600', 'tests/escape/with_attacker',
             os.path.join(scratch, 'node'), '--jobs', '1',
             '--allow', '127.0.0.0/8', '--',
             'tests/escape/notice.py'], copy)
    if p.returncode != 0:
        found.append('a node does not serve')
    return found + re.findall(r'^NOTICED (.*)', p.stdout, re.M)


def unit_tests(copy, units):
    found = []
    for name in units:
        copy.make(f'build/tests/unit/{name}')
        p = run([f'build/tests/unit/{name}'], copy, CMOCKA_MESSAGE_OUTPUT='TAP')
        found += [f'{name}: {case}' for case in
                  re.findall(r'^not ok [0-9]+ - (.*)', p.stdout, re.M)]
    return found


def try_one(copy, scratch, m):
    """(noticed with probes, noticed without)"""
    old = copy.change(m.edits)
    try:
        if m.units:
            return [], unit_tests(copy, m.units)
        copy.make('all')
        probes = with_probes(copy, scratch)
        for name, text in copy.change(PROBES).items():
            old.setdefault(name, text)
        copy.make('all')
        return probes, without_probes(copy, scratch)
    finally:
        copy.restore(old)


# -- the table --

def shorten(found):
    """A few of them, and how many more."""
    by_suite = {}
    for text in found:
        suite, _, case = text.partition(': ')
        by_suite.setdefault(suite, []).append(case)
    words = []
    for suite, cases in by_suite.items():
        more = f', {len(cases) - 3} more' if len(cases) > 3 else ''
        words.append(f'{suite}: ' + ', '.join(c[:60] for c in cases[:3]) + more)
    return '; '.join(words).replace('|', '\\|').replace('<', '&lt;') or '–'


def table(results):
    yield '| gone | what that is | with probes | without |'
    yield '|---|---|---|---|'
    for m, (probes, cases) in results:
        yield f'| {m.name} | {m.what.replace(chr(92), "")} | ' \
              f'{shorten(probes)} | {shorten(cases)} |'
    yield ''
    yield 'Taken out unnoticed, and why it stays:'
    yield ''
    for name, why in THROUGH.items():
        yield f'- `{name}`: {why}'
    if not THROUGH:
        yield '- none'


def write_table(results):
    with open(DOCUMENT) as f:
        text = f.read()
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    with open(DOCUMENT, 'w') as f:
        f.write(head + BEGIN + '\n' + '\n'.join(table(results)) + '\n' + END +
                tail)


def compare():
    with open(DOCUMENT) as f:
        part = f.read().partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r'^\| ([a-z.-]+) \| ', part, re.M)[1:]
    want = [m.name for m in mutations()]
    for name in sorted(set(rows) ^ set(want)):
        print(f'{name}: only in ' + ('docs/threat-model.md' if name in rows
                                     else 'tests/escape/mutations'))
    for name in sorted(set(THROUGH) - set(want)):
        print(f'{name}: no mutation is called so')
    for name, why in THROUGH.items():
        if f'- `{name}`: {why}\n' not in part:
            print(f'{name}: why it stays is not in docs/threat-model.md')
            return 1
    return 0 if rows == want and set(THROUGH) <= set(want) else 1


def choose(options):
    every = mutations()
    unknown = set(options.names) - {m.name for m in every}
    if unknown:
        raise SystemExit(f'no mutation {sorted(unknown)}')
    if options.names:
        return [m for m in every if m.name in options.names]
    if options.seconds:
        seed = options.seed if options.seed is not None else \
            random.SystemRandom().randrange(1 << 32)
        print(f'seed {seed}', flush=True)
        random.Random(seed).shuffle(every)
    return every


def judge(m, probes, cases):
    """0, or 1 and a line."""
    print(f'{m.name}: with probes: {shorten(probes)}; without: '
          f'{shorten(cases)}', flush=True)
    if not probes and not cases and m.name not in THROUGH:
        print(f'{m.name}: nobody notices', flush=True)
        return 1
    if (probes or cases) and m.name in THROUGH:
        print(f'{m.name}: noticed, but the list says it is not', flush=True)
        return 1
    return 0


class Kept:
    """Results by name, in a file or nowhere."""
    def __init__(self, path):
        self.path, self.found = path, {}
        if path and os.path.exists(path):
            with open(path) as f:
                self.found = json.load(f)

    def put(self, name, result):
        self.found[name] = result
        if self.path:
            with open(self.path, 'w') as f:
                json.dump(self.found, f, indent=1)


def try_all(options, kept):
    """How many are wrong."""
    bad, begin = 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix='immure-mutate.') as scratch:
        os.chmod(scratch, 0o755)
        copy = Copy(scratch)
        todo = [m for m in choose(options) if m.name not in kept.found]
        noise = try_one(copy, scratch, Mutation('nothing | nothing |'))
        if noise != ([], []):
            raise SystemExit(f'noticed with nothing gone: {noise}')
        for m in todo:
            if options.seconds and time.monotonic() - begin > options.seconds:
                break
            kept.put(m.name, try_one(copy, scratch, m))
            bad += judge(m, *kept.found[m.name])
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=float)
    parser.add_argument('--seed', type=int)
    parser.add_argument('--keep')
    for name in 'write', 'compare':
        parser.add_argument('--' + name, action='store_true')
    parser.add_argument('names', nargs='*')
    options = parser.parse_args()
    if options.compare:
        return compare()
    kept = Kept(options.keep)
    bad = try_all(options, kept)
    if options.write:
        write_table([(m, kept.found[m.name]) for m in mutations()])
    print(f'{len(kept.found)} mutations, {bad} wrong')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
