# SPDX-License-Identifier: GPL-2.0-or-later
"""Results on the terminal as they come, and as JSON at the end."""
import json
import os
import platform
import subprocess
import sys
import time

TITLES = {
    "client": "The stock client, start to end",
    "crowd": "As many clients as cores: jobs a second",
    "node": "The node's side: last byte of the request to last of the reply",
    "idle": "The same after a second without a job",
    "jail": "The jail alone",
    "jail-rate": "Whole lives of a jail on one core, one after the other",
    "cpu": "Processor time of all the node's processes, a job",
    "ssh": "The stock client over ssh",
    "cold": "A node that was just started",
    "build": "Whole builds",
    "scale": "One, two and three nodes",
    "beside": "An honest client's job beside others' connections",
}
GOVERNOR = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"
SHORT = {"immured/distccd": "to distccd", "immured/bare": "to bare"}


def figure(x):
    """Three digits that say something."""
    for limit, form in ((10, "%.2f"), (100, "%.1f")):
        if abs(x) < limit:
            return form % x
    return "%.0f" % x


def spread(s):
    return "%s (%s-%s)" % (figure(s["median"]), figure(s["q1"]),
                           figure(s["q3"]))


def output(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              check=False)
    except OSError:
        return ""
    return (done.stdout or done.stderr).splitlines()[0].strip() \
        if done.stdout or done.stderr else ""


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu_model(), "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "kernel": platform.release(),
        "system": output("sh", "-c", ". /etc/os-release; echo $PRETTY_NAME"),
        "gcc": output("gcc", "--version"),
        "clang": output("clang", "--version"),
        "distccd": output("distccd", "--version"),
        "load_before": os.getloadavg()[0],
        "autogroup": output("cat", "/proc/sys/kernel/"
                            "sched_autogroup_enabled"),
        "governor": output("sh", "-c", "cat " + GOVERNOR + " 2>/dev/null ||"
                           " echo unknown"),
    }


class Report:
    def __init__(self, command):
        self.result = {"machine": machine(), "command": command,
                       "date": time.strftime("%Y-%m-%d", time.gmtime()),
                       "rows": [], "failed": []}
        self.columns = None
        self.begun = time.monotonic()
        self.terminal = sys.stderr.isatty()
        if os.getloadavg()[0] > os.cpu_count() / 2:
            # Sessions share a busy processor evenly, whatever runs in them.
            self.say("This machine is busy (load %.1f): ratios below are "
                     "those of shares of it" % os.getloadavg()[0])

    def say(self, text):
        self.clear()
        print(text, flush=True)

    def clear(self):
        if self.terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def progress(self, label, done):
        if self.terminal:
            print("\r\033[K[%4.0f s] %s: round %d" %
                  (time.monotonic() - self.begun, label, done), end="",
                  file=sys.stderr, flush=True)

    def head(self, row):
        columns = (row["section"], list(row["contenders"]))
        if columns == self.columns:
            return
        self.columns = columns
        self.say("\n%s; %s: median (quartiles)%s; ratios pair by pair" %
                 (TITLES[row["section"]], row["unit"],
                  "" if row["unit"].endswith("/s") else " p99"))
        names = "".join(" %-26s" % n for n in row["contenders"])
        names += "".join(" %-17s" % SHORT.get(n, n) for n in row["ratios"]
                         if n != "distccd/bare")
        self.say("%-26s%s" % ("", names))

    def add(self, row):
        self.result["rows"].append(row)
        self.head(row)
        text = "%-26s" % row["label"]
        for s in row["contenders"].values():
            text += " %-26s" % (spread(s) + self.tail(row, s))
        for name, s in row["ratios"].items():
            if name != "distccd/bare":
                text += " %-17s" % spread(s)
        self.say(text.rstrip())
        self.more(row)

    @staticmethod
    def tail(row, s):
        return "" if row["unit"].endswith("/s") else " " + figure(s["p99"])

    def more(self, row):
        for note in row.get("notes", []):
            self.say("  " + note)
        for name, s in row.get("over_bare", {}).items():
            self.say("  %s over the compiler alone: %s ms" %
                     (name, spread(s)))
        if "latency_ms" in row:
            self.say("  a job, p50 / p99: " + ", ".join(
                "%s %s / %s ms" % (n, figure(s["median"]), figure(s["p99"]))
                for n, s in row["latency_ms"].items()))

    def failed(self, section, label, error):
        self.result["failed"].append({"section": section, "label": label,
                                      "why": str(error)})
        self.say("%-26s NOT MEASURED: %s" % (label, str(error).strip()))

    def write(self, path):
        self.result["seconds"] = round(time.monotonic() - self.begun)
        self.result["machine"]["load_after"] = os.getloadavg()[0]
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.result, f, indent=1)
            f.write("\n")
        self.say("\n%d s; figures: %s" % (self.result["seconds"], path))
