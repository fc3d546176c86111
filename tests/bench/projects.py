# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole projects, and how each is built by its own build system.

Steps are run by sh in the project's tree with $CC, $CXX and $LAUNCHER ("" or
"distcc") of who builds, $J jobs and $OUT, a directory of that builder's own;
`objects` prints what was made.  Configuring is not timed.
"""
import collections
import glob
import os
import subprocess

from measure import TREE, Failed

Project = collections.namedtuple(
    "Project", "name source configure build clean objects quick")

KERNEL = "make -s -j$J CC=gcc HOSTCC=gcc"
CMAKE = ("CC=gcc CXX=g++ cmake -S . -B $OUT -G 'Unix Makefiles' -DCMAKE_BUILD_TYPE=Release "
         "-DCMAKE_C_COMPILER_LAUNCHER=$LAUNCHER "
         "-DCMAKE_CXX_COMPILER_LAUNCHER=$LAUNCHER ")
IN_TREE = "find . -name '*.o' -not -path './scripts/*' -not -path './tools/*'"
SUBSET = "mm/ fs/ext4/ net/ipv4/ kernel/sched/"

PROJECTS = [
    Project("kernel tinyconfig", "linux",
            f"make -s mrproper && make -s tinyconfig && {KERNEL} prepare",
            'make -s -j$J CC="$CC" HOSTCC=gcc vmlinux', "make -s clean",
            IN_TREE, False),
    Project("kernel defconfig", "linux",
            f"make -s mrproper && make -s defconfig && {KERNEL} prepare",
            f'make -s -j$J CC="$CC" HOSTCC=gcc {SUBSET}',
            f"make -s clean && {KERNEL} prepare", IN_TREE, False),
    Project("C++ (lzip)", "lzip", "./configure CXX=g++",
            'make -s -j$J CXX="$CXX"', "make -s clean", IN_TREE, True),
    Project("C++ (cppcheck)", "cppcheck", "true",
            'make -s -j$J CXX="$CXX" '
            '$(ls lib/check*.cpp | sed "s/cpp$/o/")', "make -s clean",
            "find lib -name 'check*.o'", False),
    Project("CMake (leveldb)", "leveldb",
            CMAKE + "-DLEVELDB_BUILD_TESTS=OFF "
            "-DLEVELDB_BUILD_BENCHMARKS=OFF -DHAVE_SNAPPY=OFF",
            "cmake --build $OUT -j $J", "cmake --build $OUT --target clean",
            "find $OUT -name '*.o' -not -path '*/CompilerId*'", True),
]


def linux_source(scratch):
    """Debian's linux-source package, unpacked."""
    tars = sorted(glob.glob("/usr/src/linux-source-*.tar.xz"))
    if not tars:
        raise Failed("no linux-source package is installed")
    tree = os.path.join(scratch, "linux")
    if not os.path.exists(tree):
        os.mkdir(tree)
        subprocess.run(["tar", "-C", tree, "--strip-components=1", "-xf",
                        tars[-1]], check=True)
    return tree


def debian_source(scratch, package):
    done = subprocess.run([TREE + "/tests/compat/debian_source", package],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failed(done.stderr[-300:])
    tree = os.path.join(scratch, package)
    if not os.path.exists(tree):
        subprocess.run(["cp", "-a", done.stdout.strip(), tree], check=True)
    return tree


def tree_of(project, scratch):
    if project.source == "linux":
        return linux_source(scratch)
    return debian_source(scratch, project.source)
