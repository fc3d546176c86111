# SPDX-License-Identifier: GPL-2.0-or-later
"""A group of processes whose processor time can be read, whatever they start
and whoever of them ends.  cgroup 1's cpuacct where it is mounted, else any
cgroup 2 (cpu.stat needs no controller).  Needs root."""
import os
import time

CPUACCT = "/sys/fs/cgroup/cpuacct"


def mounted(kind):
    """Where a cgroup file system is, or None."""
    with open("/proc/self/mounts", encoding="utf-8") as f:
        for line in f:
            words = line.split()
            if words[2] == kind:
                return words[1]
    return None


class Group:
    """@processes is a directory below @top: a node that makes groups beside
    its own makes them below @top, too."""

    def __init__(self, name):
        self.acct = os.path.exists(CPUACCT + "/cpuacct.usage")
        root = CPUACCT if self.acct else mounted("cgroup2")
        self.top = f"{root}/immure-bench.{os.getpid()}.{name}"
        self.processes = self.top if self.acct else self.top + "/node"
        os.makedirs(self.processes)

    def enter(self):
        """Called in the child, before its exec."""
        with open(self.processes + "/cgroup.procs", "w",
                  encoding="utf-8") as f:
            f.write("0")

    def cpu_ns(self):
        if self.acct:
            with open(self.top + "/cpuacct.usage", encoding="utf-8") as f:
                return int(f.read())
        with open(self.top + "/cpu.stat", encoding="utf-8") as f:
            return int(f.readline().split()[1]) * 1000

    def remove(self):
        """Those killed last are still leaving."""
        if self.processes != self.top:
            remove_patiently(self.processes)
        remove_patiently(self.top)


def remove_patiently(path):
    for _ in range(100):
        try:
            os.rmdir(path)
            return
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(0.05)
