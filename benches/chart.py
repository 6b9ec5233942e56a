#!/usr/bin/env python3
"""Draws how the time for an event depends on the size of the chunks, for this crate, the others and the floor.

    cargo bench -p llm-response-benches --bench ratios -- --csv ../target/ratios.csv deltas && python3 benches/chart.py

reads target/ratios.csv and writes pictures/speed.svg; other paths may be given as two arguments.
"""

import csv
import math
import sys
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 900, 520
LEFT, RIGHT, TOP, BOTTOM = 84, 178, 76, 74
LABEL_HEIGHT = 18

# Contestant: colour on light, colour on dark. Distinct also to those who confuse red and green.
COLOURS = {
    "llm-response": ("#c2410c", "#fb923c"),
    "sse-stream": ("#0369a1", "#38bdf8"),
    "sse-core": ("#047857", "#34d399"),
    "sseer": ("#7e22ce", "#c084fc"),
    "sse-parse": ("#a16207", "#facc15"),
    "eventsource-stream": ("#be185d", "#f472b6"),
    "line loop": ("#57606a", "#9aa4af"),
}


def main():
    source, target = (sys.argv[1:] + ["target/ratios.csv", "pictures/speed.svg"][len(sys.argv) - 1 :])[:2]
    series, cuts = read(source)
    with open(target, "w", encoding="utf-8") as file:
        file.write(draw(series, cuts))


def read(source):
    """Nanoseconds per event by contestant and chunk size, and what each chunk size is called."""
    series, cuts = {}, {}
    with open(source, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["workload"] == "deltas" and row["contestant"] in COLOURS:
                size = int(row["chunk_bytes"])
                cuts[size] = {"event": "one event", "whole": "whole"}.get(row["cut"], f"{size:,}")
                points = series.setdefault(row["contestant"], [])
                points.append((size, float(row["median_ns"]) / int(row["events"])))
    if not series:
        sys.exit(f"{source} has no times for the deltas")
    return {name: sorted(points) for name, points in series.items()}, cuts


def draw(series, cuts):
    times = [time for points in series.values() for _, time in points]
    decades = range(math.floor(math.log10(min(times))), math.ceil(math.log10(max(times))) + 1)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(size):
        return LEFT + (right - LEFT) * math.log(size / min(cuts)) / math.log(max(cuts) / min(cuts))

    def y(time):
        return bottom - (bottom - TOP) * (math.log10(time) - decades[0]) / (decades[-1] - decades[0])

    parts = []
    for decade in decades:
        height = y(10**decade)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{height:.1f}" y2="{height:.1f}"/>')
        parts.append(text(LEFT - 10, height + 4, duration(10**decade), "tick end"))
    for size, name in cuts.items():
        parts.append(f'<line class="grid" x1="{x(size):.1f}" x2="{x(size):.1f}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(text(x(size), bottom + 20, name, "tick middle"))
    parts.append(text((LEFT + right) / 2, bottom + 48, "bytes in a chunk", "middle"))

    for name in sorted(series, key=lambda name: name == "llm-response"):
        points = " ".join(f"{x(size):.1f},{y(time):.1f}" for size, time in series[name])
        dots = "".join(
            f'<circle cx="{x(size):.1f}" cy="{y(time):.1f}" r="3.5">'
            f"<title>{escape(name)}, {escape(cuts[size])}: {time:,.1f} ns</title></circle>"
            for size, time in series[name]
        )
        parts.append(f'<g class="{css(name)}"><polyline points="{points}"/>{dots}</g>')

    ends = {name: y(points[-1][1]) for name, points in series.items()}
    for name, height in spread(ends, TOP, bottom).items():
        leader = f"{right + 6},{ends[name]:.1f} {right + 18},{height:.1f}"
        parts.append(f'<g class="{css(name)}"><polyline class="leader" points="{leader}"/></g>')
        parts.append(text(right + 23, height + 4.5, name, f"label {css(name)}"))

    description = "; ".join(
        f"{name}: " + ", ".join(f"{time:,.0f} ns at {cuts[size]}" for size, time in points)
        for name, points in series.items()
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc">
<title id="title">Time for an event by the size of the chunks</title>
<desc id="desc">{escape(description)}</desc>
<style>{style()}</style>
<rect class="card" width="{WIDTH}" height="{HEIGHT}" rx="8"/>
{text(LEFT, 32, "Time for one event of about 270 bytes", "title")}
{text(LEFT, 54, "lower is better; both axes are logarithmic; the line loop finds line ends and does nothing else", "tick")}
{chr(10).join(parts)}
</svg>
"""


def spread(ends, top, bottom):
    """Moves labels apart that would cover each other, each as little as possible."""
    names = sorted(ends, key=ends.get)
    heights = [ends[name] for name in names]
    for _ in range(1000):
        for upper in range(len(heights) - 1):
            overlap = LABEL_HEIGHT - (heights[upper + 1] - heights[upper])
            if overlap > 0.01:
                heights[upper] -= overlap / 2
                heights[upper + 1] += overlap / 2
        heights = [min(max(height, top), bottom) for height in heights]
    return dict(zip(names, heights))


def text(x, y, content, classes):
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}">{escape(content)}</text>'


def duration(nanoseconds):
    for unit, length in (("ms", 10**6), ("µs", 10**3)):
        if nanoseconds >= length:
            return f"{nanoseconds // length:,} {unit}"
    return f"{nanoseconds} ns"


def css(name):
    return name.replace(" ", "-")


def style():
    def theme(index, card, ink, faint, grid):
        rules = [f".card{{fill:{card};stroke:{grid}}}", f"text{{fill:{ink}}}", f".tick{{fill:{faint}}}"]
        rules.append(f".grid{{stroke:{grid}}}")
        for name, colours in COLOURS.items():
            colour = colours[index]
            rules.append(f"g.{css(name)}{{stroke:{colour};fill:{colour}}}text.{css(name)}{{fill:{colour}}}")
        return "".join(rules)

    return (
        "text{font:14px system-ui,-apple-system,'Segoe UI',sans-serif}.title{font-size:18px;font-weight:600}"
        ".tick{font-size:12.5px}.middle{text-anchor:middle}.end{text-anchor:end}.label{font-weight:500}"
        "polyline{fill:none;stroke-width:2;stroke-linejoin:round}.leader{stroke-width:1}circle{stroke:none}"
        "g.llm-response polyline{stroke-width:3.5}g.llm-response .leader{stroke-width:1}text.llm-response{font-weight:700}"
        "g.line-loop polyline{stroke-dasharray:5 4}g.line-loop .leader{stroke-dasharray:none}"
        + theme(0, "#ffffff", "#1f2328", "#59636e", "#d8dee4")
        + "@media(prefers-color-scheme:dark){"
        + theme(1, "#0d1117", "#e6edf3", "#9198a1", "#30363d")
        + "}"
    )


if __name__ == "__main__":
    main()
