#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Walk the option tables of an installed compiler and of its assembler: what
our table lets through must touch nothing but the job's own files.

  option_walk.py [--beyond COMPILER] DECIDE gcc|clang COMPILER [CACHE]

Each option that the compiler itself lists (--help=..., -cc1 --help,
--autocomplete=, -mllvm --help-hidden, as --help) is tried bare, with a value
joined and with one that is the next word.  The value is a name that nothing
else has.  Of these the ones that options_decide() accepts (DECIDE, the broker's
own code) are run under strace, outside the jail, so that also attempts are
seen that the jail would stop.  A wrong row is an option that

  touches   looks for, reads, writes or runs what its value names;
  writes    makes a file beside the object, without the note that our table
            gives for it;
  runs      starts a program that a plain compile does not start;
  reads     reads a file of the host outside the compiler's own directories;
  talks     uses a socket.

With --beyond, only what that compiler and its assembler do not list: another
target's own options, another language's driver.

The preprocessor's options in a pump job name the job's own files: that they
touch those is what they are for.

Prints a line for each wrong one and a summary; exit status 1 when there is one.
With CACHE, a directory, a result without fault is kept under the content of
compiler, assembler, table and of this program, and not tried again.
"""

import argparse
import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile

WORKERS = max(2, os.cpu_count() or 2)
BATCH = 96
# Libraries, charsets (iconv loads modules from there), messages.
OWN = re.compile(r"/(usr/)?lib(32|64|x32)?/|/usr/include/|/usr/share/locale/|"
                 r"/usr/share/gcc|/usr/[^/]*-linux-gnu[^/]*/|"
                 r"/etc/ld\.so\.|/etc/debian_version$|/etc/lsb-release$|"
                 r"/etc/os-release$|/usr/local/include")
# What is said of a pump job's search paths in the table.
OF_THE_JOB = "the preprocessor's"
NOTED = re.compile("its file|not returned|debug information stays")
TEMPORARY = re.compile(r"/tmp/(cc[A-Za-z0-9]{6}|[a-z]+-[0-9a-f]{6}"
                       r"(-[0-9a-f]{8})?)(\.[a-z]+)*$")
# These change what all others mean, so they are tried alone.
ALONE = re.compile("-(-?target|arch|march|mcpu|x|-language|std|mabi|nostd|"
                   "nobuiltin|-no-standard-inc|undef)")
MISSING = re.compile("[Nn]o such|not found|cannot|could not|can't|unable")
TOKEN = re.compile("trip[0-9]{5}x")


class Compiler:
    def __init__(self, decide, family, cc):
        self.decide, self.family, self.cc = decide, family, cc
        self.tokens, self.beyond = 0, None

    def ask(self, *words):
        return subprocess.run([self.cc, *words], text=True, errors="replace",
                              stdin=subprocess.DEVNULL, cwd="/", check=False,
                              env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def token(self):
        self.tokens += 1
        return "trip%05dx" % self.tokens

    def program(self, name):
        path = self.ask("-print-prog-name=" + name).stdout.strip()
        return shutil.which(path) or path


def names_in(text):
    """Names of options at the beginning of lines, without placeholders."""
    found = re.findall(r"^ {1,6}(-[^\s,<\[|:]+)", text, re.M)
    return {n.rstrip(".") for n in found if n not in ("-", "--")}


def option_names(c):
    names = listed_names(c)
    return names - listed_names(c.beyond) if c.beyond else names


def listed_names(c):
    if c.family == "gcc":
        # The whole table is in the driver, as strings; --help=... has but
        # the options that the compiler proper has too.
        with open(os.path.realpath(shutil.which(c.cc)), "rb") as f:
            text = f.read()
        found = re.findall(rb"\0(-[A-Za-z#-][!-~]*)(?=\0)", text)
        # "-wrapper" is the end of "lto-wrapper": see below.
        found += re.findall(rb"\0[a-z]+(-[a-z]+=?)(?=\0)", text)
        found = {n.decode() for n in found}
        # The linker keeps a string that ends another one but once.
        found |= {n[1:] for n in found if n.startswith("--")}
        found |= {"-" + n.split("-", 2)[2] for n in found
                  if n.startswith("-no-")}
        for name in ("common", "target", "c", "c++", "objc", "params",
                     "undocumented", "joined", "separate"):
            found |= names_in(c.ask("--help=" + name).stdout)
        return {n for n in found if not re.search("[%*{}]", n)}
    found = {line.split("\t")[0].strip()
             for line in c.ask("--autocomplete=-").stdout.splitlines()}
    return {n for n in found if n.startswith("-")} | \
        names_in(c.ask("--help-hidden").stdout)


def verdicts(c, lines, proto):
    """What is decided on each list of words."""
    text = "".join("\t".join(words) + "\n" for words in lines)
    done = subprocess.run([c.decide, "--each", c.family, proto], text=True,
                          input=text, stdout=subprocess.PIPE, check=True)
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(answers) == len(lines), "as many verdicts as lines"
    return answers


class Trial:
    """Words for the compiler's command line, and what they are an option of."""

    def __init__(self, words, token, bare):
        self.words, self.token, self.bare = words, token, bare
        self.decided, self.text = None, ""

    def __str__(self):
        return " ".join(self.words)


def driver_forms(c):
    names = option_names(c)
    joined = []
    for name in sorted(names):
        if not name.endswith("="):
            yield Trial([name], None, True)
        # Warnings whose value is joined have their "=" in the table.
        if name.endswith("=") or not name.startswith("-W"):
            t = c.token()
            yield Trial([name + t], t, False)
            if not name.endswith("=") and name + "=" not in names:
                joined.append(name)
        t = c.token()
        yield Trial([name, t], t, False)
    # -fopt-info takes anything behind it; what is behind "=" may be a file.
    trials = []
    for name in joined:
        t = c.token()
        trials.append(Trial([name + "=" + t], t, False))
    yield from trials


def assembler_names(c):
    help_text = subprocess.run([c.program("as"), "--help"], text=True,
                               stdout=subprocess.PIPE, check=False).stdout
    found = set(re.findall(r"(?<![\w-])(--?[A-Za-z@][\w@-]*=?)", help_text))
    # Not in its help, or with a value that it tells in another way.
    found |= {"-I", "-o", "-a", "--MD", "@", "-J", "-R", "-X", "-Z", "-f",
              "--listing-lhs-width=", "--hash-size=", "--dump-config",
              "--itbl", "-t"}
    return found


def assembler_forms(c):
    found = assembler_names(c)
    if c.beyond:
        found -= assembler_names(c.beyond)
    for name in sorted(found):
        yield Trial(["-Wa," + name], None, True)
        for value in ("%s", "=%s", ",%s"):
            t = c.token()
            yield Trial(["-Wa," + name + value % t], t, False)
        t = c.token()
        yield Trial(["-Xassembler", name, "-Xassembler", t], t, False)
    t = c.token()
    yield Trial(["-Wa," + t], t, False)


def inner_forms(c):
    """clang -cc1's, and LLVM's."""
    if c.family != "clang" or c.beyond:
        return
    cc1 = names_in(c.ask("-cc1", "--help").stdout)
    llvm = names_in(c.ask("-mllvm", "--help-hidden", "-c", "-x", "c",
                          "/dev/null", "-o", "/dev/null").stdout)
    llvm = {re.sub("^--", "-", n) for n in llvm}
    llvm = {n.split("=")[0] for n in llvm}
    for flag, names in (("-Xclang", cc1), ("-mllvm", llvm)):
        for name in sorted(names):
            yield Trial([flag, name], None, True)
            for value in ("%s", "=%s"):
                t = c.token()
                yield Trial([flag, name + value % t], t, False)
            t = c.token()
            yield Trial([flag, name, flag, t], t, False)


def taken(c, trials):
    """Those that the driver does not refuse by itself.  It tells of many at
    once, though not of all, so it is asked until it finds no more."""
    if not trials:
        return []
    words = [w for t in trials for w in t.words]
    said = c.ask("-###", "-c", "-x", "c", "/dev/null", *words)
    if said.returncode == 0:
        return trials
    errors = "\n".join(line for line in said.stdout.splitlines()
                       if "error: " in line)
    # It knows an option whose file it misses: that one is to be run.
    missing = set(TOKEN.findall("\n".join(
        line for line in errors.splitlines() if MISSING.search(line))))
    if missing:
        rest = [t for t in trials if t.token not in missing]
        if len(rest) < len(trials):
            return [t for t in trials if t.token in missing] + taken(c, rest)
    tokens = set(TOKEN.findall(errors))
    quoted = set(re.findall("'([^']+)'", errors))
    left = [t for t in trials
            if t.token not in tokens and t.words[-1] not in quoted]
    if len(left) < len(trials):
        return taken(c, left)
    if len(trials) == 1:
        return []
    half = len(trials) // 2
    return taken(c, trials[:half]) + taken(c, trials[half:])


def swallowed(c, trials):
    """Bare options that take the next word, which our table takes for the
    input: (trial, kind, what).  The words of the others are missing files."""
    words, by_token = [], {}
    for t in trials:
        token = c.token()
        words += [*t.words, token]
        by_token[token] = t
    said = c.ask("-###", "-c", *words).stdout
    missed = set(TOKEN.findall("\n".join(
        line for line in said.splitlines() if MISSING.search(line))))
    if not missed and len(trials) > 1:
        # One of them ends the driver before it looks for files.
        half = len(trials) // 2
        return swallowed(c, trials[:half]) + swallowed(c, trials[half:])
    if not missed and "error: " in said:
        return []  # it is refused
    return [(t, "takes", "the next word") for token, t in by_token.items()
            if token not in missed]


def accepted(c, trials):
    """Those that a pump job may have; a plain one where that differs."""
    tail = ["-c", "in.c"]
    out = []
    pump = verdicts(c, [t.words + tail for t in trials], "3")
    plain = verdicts(c, [t.words + tail for t in trials], "1")
    for t, p3, p1 in zip(trials, pump, plain):
        for answer in (p3, p1):
            if answer[0] != "accepted":
                continue
            t.action, t.name, t.text = answer[1:4]
            decided = [w for w in answer[4:] if w not in ("-c", "in.c", "in.i")]
            if t.token and not any(t.token in w for w in decided):
                break  # it is left out or replaced
            if decided and (decided == t.words or not t.bare or p3 is answer):
                t.decided = decided
                out.append(t)
            break
    return out


CALL = re.compile(r"^\d+ +(\w+)\((.*)$")
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')


def events(log, place):
    """(kind, path) of what a run did to files that are not its own."""
    found = set()
    for line in log.splitlines():
        m = CALL.match(line)
        if not m:
            continue
        call, rest = m.groups()
        if call in ("connect", "bind", "sendto"):
            found.add(("talks", rest[:60]))
            continue
        paths = STRING.findall(rest)
        if not paths:
            continue
        failed = " = -1 " in rest
        for path in paths[:2 if call.startswith(("rename", "link", "symlink"))
                          else 1]:
            path = os.path.normpath(os.path.join(place, path))
            found.update(event(call, rest, path, failed, place))
    return found


def event(call, rest, path, failed, place):
    if TOKEN.search(path):
        yield ("touches", path)
    if failed:
        return
    if call == "execve":
        yield ("runs", os.path.realpath(path))
    elif call in ("mkdir", "mkdirat", "symlink", "symlinkat", "mknod",
                  "mknodat", "creat", "truncate") or \
            call.startswith(("rename", "link")) or \
            (call.startswith("open") and
             re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", rest)):
        base = os.path.basename(path)
        if path in ("/dev/null", "/dev/tty") or TEMPORARY.match(path) or \
                (path.startswith(place + "/out/") and
                 re.match(r"(o|deps)(-[0-9a-f]{8}\.o)?(\.tmp)?$", base)) or \
                re.match(r"o-[0-9a-f]{8}", base):
            return
        yield ("writes", path)
    elif call.startswith("open"):
        if path.startswith(place) or OWN.match(path) or \
                TEMPORARY.match(path) or path == "/dev/null" or \
                path.startswith("/dev/urandom"):
            return
        yield ("reads", path)


class Runner:
    def __init__(self, c, top):
        self.c, self.top = c, top
        self.runs = 0
        self.base = None

    def run(self, trials, source):
        """One compile with the options of all @trials: status, events."""
        self.runs += 1
        place = tempfile.mkdtemp(dir=self.top)
        os.mkdir(place + "/out")
        for name in ("in.c", "in.cc"):
            with open(place + "/" + name, "w", encoding="ascii") as f:
                f.write('#include <stddef.h>\n#include "h.h"\n'
                        "int f(int *a) { int i; for (i = 0; i < 9; i++) "
                        "a[i] += g(i); return a[3]; }\n")
        with open(place + "/h.h", "w", encoding="ascii") as f:
            f.write("int g(int);\n")
        words = [w for t in trials for w in t.decided]
        words = [{"deps": "out/deps"}.get(w, w) for w in words]
        line = [self.c.cc, "-g", "-O1", *words, "-c", source, "-o", "out/o"]
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": place}
        try:
            done = subprocess.run(
                ["strace", "-f", "--seccomp-bpf", "-qq", "-s", "400", "-o",
                 place + "/.log", "-e", "trace=%file,connect,bind,sendto",
                 "-e", "signal=none", *line], cwd=place, env=env, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, errors="replace",
                timeout=60)
            with open(place + "/.log", encoding="utf-8",
                      errors="replace") as f:
                log = f.read()
            said = "\n".join(s for s in done.stderr.splitlines()
                             if not re.search("warning:|note:", s))
            found = events(log, place)
            if "PLEASE submit a bug report" in said:
                # The driver looks into its own crash.
                found = {e for e in found if e[0] == "touches"}
            if done.returncode == 0 and \
                    not os.path.exists(place + "/out/o") and \
                    not any(w in ("-mllvm", "-Xclang") for w in words):
                found.add(("makes no", "object"))
            return done.returncode, found, said
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def strange(self, found):
        return {e for e in found if e[0] == "touches" or e not in self.base}

    def found_of(self, trials, found):
        """A list of (trial, kind, path), and whether there are strange ones
        without a token, which are somebody's among @trials."""
        by_token = {t.token: t for t in trials if t.token}
        wrong, other = [], False
        for kind, path in self.strange(found):
            m = TOKEN.search(path)
            t = by_token.get(m.group(0)) if m else None
            t = trials[0] if len(trials) == 1 else t
            if t is None:
                other = True
            elif not is_declared(t, kind, path):
                wrong.append((t, kind, re.sub(
                    "^" + self.top + "/[^/]+/", "", path)))
        return wrong, other

    def together(self, trials, source):
        """All in one run.  What a compiler refuses is left out of the next
        one; where it does not say what, or something strange has no name, the
        halves are tried."""
        if not trials:
            return []
        status, found, said = self.run(trials, source)
        wrong, other = self.found_of(trials, found)
        if len(trials) == 1 or (status == 0 and not other):
            return wrong
        if status != 0 and not other:
            tokens = set(TOKEN.findall(said))
            quoted = set(re.findall("[\u2018'\"]([^'\"\u2019]+)", said)) | \
                set(re.findall(r"for the -?(-\S+) option", said))
            left = [t for t in trials if t.token not in tokens and
                    not is_named(t.words[-1], quoted)]
            if len(left) < len(trials):
                return wrong + self.together(left, source)
        half = len(trials) // 2
        return wrong + self.together(trials[:half], source) + \
            self.together(trials[half:], source)


def is_named(word, quoted):
    """Does a compiler's complaint mean @word?  By all of it, by its name, or
    by its end: "unknown CPU 'mips1'"."""
    return word in quoted or word.split("=")[0] in quoted or \
        any(len(q) > 3 and word.endswith(q) for q in quoted)


def is_declared(trial, kind, path):
    """Does the table itself say that it does this?  Files then lie beside the
    object, where a cell may write, and die with it."""
    if kind == "touches" and trial.text == OF_THE_JOB:
        return True
    # The name of a target is a part of names; it holds no "/".
    if kind == "touches" and trial.name in ("--target=", "-target"):
        return not trial.token + "/" in path
    return kind in ("writes", "touches") and "/out/" in path and \
        (NOTED.search(trial.text) is not None or trial.name == "-save-temps")


def walk(c, top):
    runner = Runner(c, top)
    status, runner.base, said = runner.run([], "in.c")
    assert status == 0, said
    runner.base |= runner.run([], "in.cc")[1]
    runner.base.add(("runs", os.path.realpath(c.program("as"))))

    driver = accepted(c, list(driver_forms(c)))
    known = taken(c, [t for t in driver if not ALONE.match(t.words[0])])
    inner = accepted(c, list(assembler_forms(c)) + list(inner_forms(c)))
    trials = known + inner
    outer = set(known)
    print("# %s: %d forms that our table accepts, %d of them known to the "
          "driver, %d for other programs" %
          (c.cc, len(driver) + len(inner), len(known), len(inner)))
    jobs = [([t], "in.c") for t in driver if ALONE.match(t.words[0])]
    for kind in (True, False):
        some = [t for t in trials if t.bare is kind]
        # Neighbours in the alphabet are alike: they go into different runs.
        n = -(-len(some) // (BATCH if kind else BATCH // 3))
        for i in range(n):
            jobs.append((some[i::n], "in.c"))
            jobs.append(([t for t in some[i::n] if t in outer and
                          not t.words[0].startswith("-W")], "in.cc"))
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        results = pool.map(lambda job: runner.together(*job), jobs)
        wrong = {(str(t), kind, path): t for r in results
                 for t, kind, path in r}
    wrong.update({(str(t), kind, path): t for t, kind, path in
                  swallowed(c, [t for t in known if t.bare])})
    print("# %d compiles" % runner.runs)
    return wrong


def key(c):
    """The content of all that the result depends on."""
    cc = os.path.realpath(shutil.which(c.cc))
    files = {cc, c.program("as"), c.decide, os.path.abspath(__file__)}
    if c.family == "gcc":
        files |= {c.program("cc1"), c.program("cc1plus")}
    libraries = subprocess.run(["ldd", cc], text=True, check=False,
                               stdout=subprocess.PIPE).stdout
    files |= set(re.findall(r"=> (/\S+)", libraries))
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.encode())
        if os.path.isabs(path):  # else it has none: gcc without g++
            with open(path, "rb") as f:
                digest.update(hashlib.sha256(f.read()).digest())
    return digest.hexdigest()


def arguments():
    a = argparse.ArgumentParser()
    a.add_argument("--beyond", metavar="COMPILER")
    for word in "decide", "family", "compiler":
        a.add_argument(word)
    a.add_argument("cache", nargs="?")
    return a.parse_args()


def main():
    a = arguments()
    cc, c = a.compiler, Compiler(os.path.abspath(a.decide), a.family, a.compiler)
    if a.beyond:
        c.beyond = Compiler(c.decide, a.family, a.beyond)
    mark = os.path.join(a.cache, key(c)) if a.cache else None
    if mark and os.path.exists(mark):
        print("# %s: tried before, as it is" % cc)
        return 0
    top = tempfile.mkdtemp(prefix="immure-walk.")
    try:
        wrong = walk(c, top)
    finally:
        shutil.rmtree(top, ignore_errors=True)
    for (words, kind, path), t in sorted(wrong.items()):
        print("%s: %s %s (%s: %s)" % (words, kind, path, t.action, t.text))
    print("# %d wrong" % len(wrong))
    if mark and not wrong:
        os.makedirs(a.cache, exist_ok=True)
        with open(mark, "w", encoding="ascii"):
            pass
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
