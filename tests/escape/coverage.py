#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""coverage.py [-v]: does each hostile job of jail.md §4 have an act?

Of both attackers: arbitrary code ("raw") and a compiler with hostile sources
and options ("gcc") for 1 to 82, a client ("node") from 83 on.  Acts are those
of the tables that run; a case without one stands in `elsewhere` with the test
that covers it, or with the reason why there is none.  -v: what covers what.
"""
import collections
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import escape  # noqa: E402
import gcc_cases  # noqa: E402
import more_cases  # noqa: E402
import resources  # noqa: E402
import sequences  # noqa: E402

TESTS = os.path.dirname(HERE)
LIST = os.path.join(TESTS, '../docs/design/jail.md')
CLIENT = 83  # the first that is of the protocol


def cases():
    """Numbers and texts of §4."""
    with open(LIST) as f:
        text = f.read()
    part = text[text.index('\n## 4.'):text.index('\n## 5.')]
    found = {int(n): t for n, t in
             re.findall(r'^(\d+)\. (.*)', part, re.M)}
    assert sorted(found) == list(range(1, len(found) + 1)), 'the list itself'
    return found


def first_words(table):
    return [line.split()[:2] for line in table.strip().splitlines() if line]


def acts():
    """(attacker, number): names of what is run for it."""
    found = collections.defaultdict(list)
    raw = first_words(escape.TABLE) + first_words(escape.TABLE_BY_MODE) + \
        first_words(more_cases.TABLE) + first_words(more_cases.DYNAMIC) + \
        first_words(resources.ACTS) + [row[:2] for row in escape.ENDS] + \
        [(n, f.__name__) for n, f in sequences.ALL]
    gcc = [row[:2] for row in gcc_cases.CASES + gcc_cases.ORACLES +
           resources.SOURCES]
    for attacker, rows in ('raw', raw), ('gcc', gcc):
        for number, name in rows:
            key = attacker if int(number) < CLIENT else 'node'
            found[key, int(number)].append(f'{attacker} {name}')
    return found


def numbers_of(words):
    for word in words:
        first, _, last = word.partition('-')
        yield from range(int(first), int(last or first) + 1)


def elsewhere():
    """Lines of the table: (attacker, number), suite or "-", test or reason."""
    with open(os.path.join(HERE, 'elsewhere')) as f:
        lines = [line.rstrip('\n') for line in f if line[0] != '#']
    for line in lines:
        words, suite, what = (w.strip() for w in line.split('|'))
        attacker, *numbers = words.split()
        for number in numbers_of(numbers):
            yield (attacker, number), suite, what


def test_is_there(suite, test):
    try:
        with open(os.path.join(TESTS, suite + '.bats')) as f:
            text = f.read()
    except OSError:
        return False
    return f'@test "{test}"' in text


def wanted(numbers):
    for n in numbers:
        if n >= CLIENT:
            yield 'node', n
        else:
            yield 'raw', n
            yield 'gcc', n


def check(found):
    """Lines of what is wrong."""
    told = collections.defaultdict(list)
    for key, suite, what in elsewhere():
        if suite != '-' and not test_is_there(suite, what):
            yield f'{key[0]} {key[1]}: no test "{what}" in {suite}'
        if suite == '-' and found.get(key):
            yield f'{key[0]} {key[1]}: has an act, and a reason for none'
        told[key].append(f'{suite}: {what}')
    known = set(wanted(cases()))
    for key in known:
        if not found.get(key) and not told.get(key):
            yield f'{key[0]} {key[1]}: nothing tries it: {cases()[key[1]]}'
    for key in set(told) | set(found):
        if key not in known:
            yield f'{key[0]} {key[1]}: there is no such case'


def main():
    found = acts()
    wrong = sorted(check(found))
    print('\n'.join(wrong))
    if '-v' in sys.argv:
        for key in wanted(cases()):
            print(f'{key[0]} {key[1]}: {", ".join(found.get(key, []))}')
    count = collections.Counter(k[0] for k in found)
    print(f'{len(cases())} cases; with acts: ' + ', '.join(
        f'{a} {n}' for a, n in count.items()) +
        f'; acts: {sum(map(len, found.values()))}; {len(wrong)} wrong')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
