# SPDX-License-Identifier: GPL-2.0-or-later
"""What is compiled: sources, and who compiles them."""
import collections
import os
import subprocess

# Names of files are the work's, so that all contenders read the same.
Work = collections.namedtuple("Work", "name file compilers")


class Job(collections.namedtuple("Job", "work compiler mode")):
    def label(self):
        return f"{self.work.name} {self.compiler} {self.mode}"


TINY_C = "int f(int a)\n{\n\treturn a + 1;\n}\n"

SMALL_C = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int count(const char *s, char c)
{
	int n = 0;
	for (; *s; s++)
		n += *s == c;
	return n;
}
int main(void) { return printf("%d %zu\\n", count("hello", 'l'), strlen("x")); }
"""

# A kernel's headers look like this: types, prototypes, short functions of
# which few are used.
LARGE_BLOCK = """
struct record_%(n)d {
	struct record_%(before)d *before;
	unsigned long flags, length;
	int (*act)(struct record_%(n)d *self, unsigned long how);
	char name[%(size)d];
};
extern int record_%(n)d_open(struct record_%(n)d *r, const char *name, int how);
extern void record_%(n)d_close(struct record_%(n)d *r);
static inline int record_%(n)d_act(struct record_%(n)d *r, unsigned long how)
{
	if (r->flags & how)
		return r->act(r, how | %(n)d);
	return r->length > sizeof(r->name) ? -1 : 0;
}
"""
LARGE_BLOCKS = 2250
LARGE_C = "#include \"large.h\"\n" + "".join(
    "int use_%d(struct record_%d *r) { return record_%d_act(r, %d); }\n" %
    (n, n, n, n) for n in range(0, LARGE_BLOCKS, 100))

LARGE_CXX = """
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <vector>
std::map<std::string, std::vector<int>> seen;
std::string join(const std::vector<std::string> &words)
{
	std::string all;
	for (const auto &w : words)
		all += w + " ";
	return all;
}
int main(int argc, char **argv)
{
	std::vector<std::string> words(argv, argv + argc);
	std::sort(words.begin(), words.end(), std::greater<std::string>());
	for (const auto &w : words)
		seen[w].push_back(int(w.size()));
	std::cout << join(words) << seen.size() << "\\n";
}
"""

WORKS = [
    Work("tiny C", "tiny.c", ("gcc", "clang")),
    Work("small C", "small.c", ("gcc", "clang")),
    Work("1 MB C", "large.c", ("gcc", "clang")),
    Work("1.3 MB C++", "large.cc", ("g++", "clang++")),
]
MODES = {"plain": "", "lzo": ",lzo", "pump": ",cpp,lzo"}
FLAGS = ["-O2", "-c"]


def large_h():
    return "".join(
        LARGE_BLOCK % {"n": n, "before": max(n - 1, 0), "size": 8 + n % 57}
        for n in range(LARGE_BLOCKS))


def write(directory):
    for name, text in (("tiny.c", TINY_C), ("small.c", SMALL_C),
                       ("large.c", LARGE_C), ("large.h", large_h()),
                       ("large.cc", LARGE_CXX)):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as f:
            f.write(text)


def preprocessed(job, directory):
    """The file that the compiler's own cpp makes of it; made once."""
    stem, suffix = os.path.splitext(job.work.file)
    name = "%s.%s.%s" % (stem, job.compiler, "ii" if suffix == ".cc" else "i")
    if not os.path.exists(os.path.join(directory, name)):
        subprocess.run([job.compiler, "-E", job.work.file, "-o", name],
                       check=True, cwd=directory)
    return name


def sent(job, directory):
    """The file that a node compiles."""
    return job.work.file if job.mode == "pump" else \
        preprocessed(job, directory)
