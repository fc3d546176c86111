# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of the results, drawn by gnuplot as SVG."""
import subprocess

COLOURS = {"bare": "#9aa0a6", "posix_spawn": "#9aa0a6",
           "distccd": "#d08a2e", "bubblewrap": "#d08a2e",
           "immured": "#2e6fd0", "cell": "#2e6fd0", "immure-jail": "#7fb0ee"}

COMMON = """
set terminal svg size %(width)d,%(height)d font "sans,12" noenhanced background "#ffffff"
set output "%(path)s"
set title "%(title)s"
set grid %(grid)s lc rgb "#e0e0e0"
set border 3
set tics nomirror
"""

BARS = """
set style data histogram
set style histogram errorbars gap 1 lw 1
set style fill solid 0.9
set xtics rotate by -35
set ylabel "%(unit)s"
set yrange [%(low)s:*]
%(scale)s
set key outside top center horizontal
"""

RATIOS = """
set xrange [0:*]
set yrange [%(count)s-0.5:-0.5]
set arrow from 1,-0.5 to 1,%(count)s-0.5 nohead lc rgb "#404040"
set xlabel "%(unit)s"
unset key
"""


def gnuplot(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def block(rows, name):
    """Label, median and quartiles of each, as a data block."""
    lines = []
    for r in rows:
        s = r["contenders"].get(name)
        lines.append('"%s" %s' % (r["label"], "%g %g %g" % (
            s["median"], s["q1"], s["q3"]) if s else "NaN NaN NaN"))
    return "\n".join(lines)


def bars(path, title, rows, log=False):
    """A group of bars for each row, one a contender, quartiles as whiskers."""
    names = list(rows[0]["contenders"])
    medians = [s["median"] for r in rows for s in r["contenders"].values()]
    script = COMMON % {"path": path, "title": title, "grid": "ytics",
                       "width": max(640, 120 + 60 * len(rows)),
                       "height": 460}
    script += BARS % {"unit": rows[0]["unit"],
                      "low": "%g" % (min(medians) / 2) if log else "0",
                      "scale": "set logscale y" if log else ""}
    for i, name in enumerate(names):
        script += "$d%d << EOD\n%s\nEOD\n" % (i, block(rows, name))
    script += "plot " + ", ".join(
        '$d%d using 2:3:4:xtic(1) title "%s" lc rgb "%s"' %
        (i, name, COLOURS.get(name, "#60a060"))
        for i, name in enumerate(names)) + "\n"
    gnuplot(script)


def ratios(path, title, rows, ratio):
    """A point for each row, quartiles as whiskers, and a line at 1."""
    rows = [r for r in rows if ratio in r["ratios"]]
    script = COMMON % {"path": path, "title": title, "grid": "xtics",
                       "width": 720, "height": 120 + 22 * len(rows)}
    script += RATIOS % {"count": len(rows), "unit": ratio}
    script += "$d << EOD\n" + "\n".join(
        '"%s" %d %g %g %g' % (r["label"], i, r["ratios"][ratio]["median"],
                              r["ratios"][ratio]["q1"],
                              r["ratios"][ratio]["q3"])
        for i, r in enumerate(rows)) + "\nEOD\n"
    script += "plot $d using 3:2:4:5:ytic(1) with xerrorbars pt 7 ps 0.7 " \
        "lc rgb \"%s\"\n" % COLOURS["immured"]
    gnuplot(script)
