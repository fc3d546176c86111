# SPDX-License-Identifier: GPL-2.0-or-later
"""What the same command gives without a node, as identity is defined:
pump (protocol 3): the one-step compile; plain and lzo (1, 2): `cc -E`, then
`cc -x cpp-output -c` of what that gave, with the options a client sends
(those that only the preprocessor needs are taken out, as the client does).

As a program: local_compile.py PROTO OUTPUT [--comp-dir DIR] -- command...
"""
import os
import subprocess
import sys
import tempfile

LANGUAGES = {
    ".c": "c", ".i": "cpp-output",
    ".cc": "c++", ".cpp": "c++", ".cxx": "c++", ".cp": "c++", ".c++": "c++",
    ".C": "c++", ".ii": "c++-cpp-output",
    ".m": "objective-c", ".mi": "objective-c-cpp-output",
    ".mm": "objective-c++", ".M": "objective-c++",
    ".mii": "objective-c++-cpp-output",
}
PREPROCESSED = {
    "c": "cpp-output", "c++": "c++-cpp-output",
    "objective-c": "objective-c-cpp-output",
    "objective-c++": "objective-c++-cpp-output",
}
SUFFIX = {"c": ".i", "c++": ".ii", "objective-c": ".mi",
          "objective-c++": ".mii"}

# Options of the preprocessor that the client does not send in plain mode:
# with their value as the next word; joined with it; alone.
CPP_PAIRS = {"-D", "-I", "-U", "-L", "-l", "-MF", "-MT", "-MQ", "-include",
             "-imacros", "-iprefix", "-iwithprefix", "-isystem",
             "-iwithprefixbefore", "-idirafter"}
CPP_JOINED = ("-Wp,", "-Wl,", "-D", "-U", "-I", "-l", "-L", "-MF", "-MT",
              "-MQ", "-isystem", "-stdlib")
CPP_SINGLE = {"-undef", "-nostdinc", "-nostdinc++", "-MD", "-MMD", "-MG",
              "-MP"}
DEPS_PAIRS = {"-MF", "-MT", "-MQ"}
DEPS_SINGLE = {"-MD", "-MMD", "-MG", "-MP"}
VALUES = CPP_PAIRS | {"-o", "-x", "-Xlinker", "-Xpreprocessor", "-Xassembler",
                      "-Xclang", "-mllvm", "-target", "-iquote", "-isysroot",
                      "-imultilib", "-B", "-T", "-u", "-z", "-arch",
                      "--param", "-framework", "-iframework"}


class NotACompile(Exception):
    """The command is not one that a client sends."""


class Command:
    """A compile's command line, taken apart."""

    def __init__(self, argv):
        self.argv = argv
        self.source = None
        self.output = None
        language = None
        asm = False
        i = 1
        while i < len(argv):
            word = argv[i]
            if word == "-S":
                asm = True
            if word == "-o":
                self.output = argv[i + 1]
            elif word == "-x":
                language = argv[i + 1]
            elif word.startswith("-o") and len(word) > 2:
                self.output = word[2:]
            if word in VALUES:
                i += 2
                continue
            if not word.startswith("-") and \
                    os.path.splitext(word)[1] in LANGUAGES:
                self.source = word
            i += 1
        if self.source is None or not {"-c", "-S"} & set(argv):
            raise NotACompile(" ".join(argv))
        base, ext = os.path.splitext(os.path.basename(self.source))
        self.language = language or LANGUAGES[ext]
        if self.output is None:
            self.output = base + (".s" if asm else ".o")

    def without(self, pairs, joined=(), single=()):
        """The words, but for these options, the output and the input."""
        words = []
        i = 0
        while i < len(self.argv):
            word = self.argv[i]
            if word in pairs or word in ("-o", "-x"):
                i += 2
                continue
            if not (i and (word in single or word == self.source or
                           word.startswith("-o") or
                           (joined and word.startswith(joined)))):
                words.append(word)
            i += 1
        return words


def local(proto, argv, output, comp_dir=None, cwd=None):
    """Compile into file output; the CompletedProcess of the last step."""
    cmd = Command(argv)
    env = {k: v for k, v in os.environ.items()
           if not k.startswith("DISTCC") and k != "INCLUDE_SERVER_PORT"}
    env["LC_ALL"] = "C.UTF-8"

    def run(words, where=cwd):
        return subprocess.run(words, cwd=where, env=env, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True)

    clang = "clang" in os.path.basename(argv[0])
    extra = ["-fdebug-compilation-dir=" + comp_dir] if comp_dir else []
    if proto == 3:
        words = cmd.without(DEPS_PAIRS, ("-MF", "-MT", "-MQ"), DEPS_SINGLE)
        if cmd.language != LANGUAGES[os.path.splitext(cmd.source)[1]]:
            words += ["-x", cmd.language]
        return run(words + extra + [cmd.source, "-o", output])

    with tempfile.TemporaryDirectory() as scratch:
        words = cmd.without(CPP_PAIRS, CPP_JOINED, CPP_SINGLE)
        if cmd.language not in PREPROCESSED:
            return run(words + extra + ["-x", cmd.language, cmd.source,
                                        "-o", output])
        base = os.path.splitext(os.path.basename(cmd.source))[0]
        text = base + SUFFIX[cmd.language]
        first = cmd.without(DEPS_PAIRS, ("-MF", "-MT", "-MQ"), DEPS_SINGLE)
        first = [w if w not in ("-c", "-S") else "-E" for w in first]
        done = run(first + ["-x", cmd.language, cmd.source,
                            "-o", os.path.join(scratch, text)])
        if done.returncode != 0:
            return done
        # clang writes the name of an Objective-C text as it was given, so
        # it is given as on a node: in the working directory.  gcc's text
        # says which directory it comes from, clang has to be told.
        if clang and not extra:
            extra = ["-fdebug-compilation-dir=" + (cwd or os.getcwd())]
        return run(words + extra + ["-x", PREPROCESSED[cmd.language], text,
                                    "-o", output], scratch)


def main():
    """local_compile.py PROTO OUTPUT [--comp-dir DIR] -- command..."""
    proto, output = int(sys.argv[1]), sys.argv[2]
    rest = sys.argv[3:]
    comp_dir = rest[1] if rest[0] == "--comp-dir" else None
    argv = rest[rest.index("--") + 1:]
    done = local(proto, argv, os.path.abspath(output), comp_dir)
    sys.stdout.buffer.write(done.stdout)
    sys.stderr.buffer.write(done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
