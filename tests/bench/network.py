# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines made of network namespaces and shares of the processor.  Needs
root, iproute2, and a cgroup controller for the shares."""
import os
import subprocess

CPU1 = "/sys/fs/cgroup/cpu"
PERIOD_US = 20000


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


class Namespace:
    """A network of its own, and a wire to ours: addresses of 198.18.0.0/15,
    which is for benchmarks (RFC 2544)."""

    def __init__(self, number):
        self.name = f"immure-bench-{os.getpid()}-{number}"
        self.ours, self.theirs = [f"198.18.{100 + number}.{i}" for i in (1, 2)]
        self.wire = f"imb{os.getpid() % 100000}x{number}"
        ip("netns", "add", self.name)
        ip("link", "add", self.wire, "type", "veth", "peer", "name", "up0",
           "netns", self.name)
        ip("addr", "add", self.ours + "/24", "dev", self.wire)
        ip("link", "set", self.wire, "up")
        for words in (["addr", "add", self.theirs + "/24", "dev", "up0"],
                      ["link", "set", "up0", "up"], ["link", "set", "lo", "up"]):
            ip("-n", self.name, *words)

    def under(self):
        """Not `ip netns exec`, which mounts another /sys, without cgroups."""
        return ["nsenter", "--net=/run/netns/" + self.name]

    def remove(self):
        ip("netns", "del", self.name)


class Share:
    """So much of one core, for all that is started in it."""

    def __init__(self, group, cores):
        self.made = None
        if os.path.exists(CPU1 + "/cpu.cfs_quota_us"):
            self.made = CPU1 + "/" + os.path.basename(group.top)
            os.makedirs(self.made)
            self.write("cpu.cfs_period_us", PERIOD_US)
            self.write("cpu.cfs_quota_us", int(PERIOD_US * cores))
            self.place = self.made
        else:
            self.place = None
            parent = os.path.dirname(group.top)
            with open(parent + "/cgroup.subtree_control", "w",
                      encoding="utf-8") as f:
                f.write("+cpu")
            with open(group.top + "/cpu.max", "w", encoding="utf-8") as f:
                f.write(f"{int(PERIOD_US * cores)} {PERIOD_US}")

    def write(self, name, value):
        with open(f"{self.made}/{name}", "w", encoding="utf-8") as f:
            f.write(str(value))

    def enter(self):
        if self.place:
            self.write("cgroup.procs", 0)

    def remove(self):
        if self.made:
            os.rmdir(self.made)
