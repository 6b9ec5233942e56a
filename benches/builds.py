#!/usr/bin/env python3
"""What the parser costs wherever it is called from: the program in builds/, built in many ways.

    benches/builds.py           both parts
    benches/builds.py counts    instructions for an event, in each build
    benches/builds.py times     times, with the machine code laid out in several ways

Counts: codegen units 1 and 16, LTO off, as by default (none between crates), thin and fat, opt-level 2, 3 and "s". Two builds
more have other callers, and more of them. Callgrind counts, so that no neighbour disturbs. Promised: with opt-level 2 and 3 no
count is above the least by more than 15 %, and "s" takes at most twice the instructions of opt-level 3 with the same codegen units
and LTO. Otherwise the exit status is 1. One exception is known, marked as such, and bounded by itself: parts of 16 and 64 bytes
with 16 codegen units and LTO off. Without valgrind the counts are SKIPPED.

Times: the same source with other callers, in another order, with padding between the functions, with functions and blocks aligned,
and with inputs that begin elsewhere in memory. The programs take turns. Times depend on the machine and its neighbours: they
are printed as ranges, and no time is ever an error.

Needs Linux, the crates in builds/Cargo.toml, and for the counts valgrind. Each build has its own directory in target/builds.
"""

import argparse
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "benches" / "builds"
TARGET = ROOT / "target" / "builds"

MOST_SPREAD = 0.15

# Where nothing is inlined between 16 codegen units, `Vec::reserve` is a call, and short parts of a line differ by more than is
# promised (`DESIGN.md` shows the machine code): so much at most, for these, and in this kind of build alone.
KNOWN_SPREAD = 0.40
KNOWN_KIND = ("16", "off")
KNOWN_WORKS = ("deltas, chunks of 16", "deltas, chunks of 64")

MOST_FOR_SIZE = 2.0

# Codegen units and LTO. With one unit, "false" and "off" are the same.
KINDS = [("1", "off"), ("1", "thin"), ("1", "fat"), ("16", "off"), ("16", "false"), ("16", "thin"), ("16", "fat")]

# Where other callers are counted as well, with opt-level 3.
OTHER_CALLERS = [("1", "off"), ("16", "false")]

# Name, features, flags for rustc, bytes before the inputs.
LAYOUTS = [
    ("plain", "", "", 0),
    ("inputs 1 byte later", "", "", 1),
    ("inputs 40 bytes later", "", "", 40),
    ("other callers", "other-callers", "", 0),
    ("other order", "other-order", "", 0),
    ("padding", "padding", "", 0),
    ("order and padding", "other-order padding", "", 0),
    ("functions by 64", "", "-Cllvm-args=-align-all-functions=6", 0),
    ("functions by 32, padding", "padding", "-Cllvm-args=-align-all-functions=5", 0),
    ("blocks by 32", "", "-Cllvm-args=-align-all-nofallthru-blocks=5", 0),
]


def build(name, units, lto, level, features="", flags=""):
    """Builds the program and returns its path. Cargo does nothing where nothing has changed."""
    directory = TARGET / re.sub(r"[^a-z0-9]+", "-", name)
    env = dict(os.environ)
    env.pop("CARGO_ENCODED_RUSTFLAGS", None)
    env |= {
        "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": units,
        "CARGO_PROFILE_RELEASE_LTO": lto,
        "CARGO_PROFILE_RELEASE_OPT_LEVEL": level,
        "RUSTFLAGS": flags,
    }
    command = ["nice", "cargo", "build", "--release", "--quiet", "--manifest-path", str(PROGRAM / "Cargo.toml")]
    command += ["--target-dir", str(directory), "--features", features]
    if subprocess.run(command, env=env, check=False).returncode:
        sys.exit(f"the program does not build: {name}")
    return directory / "release" / "builds"


def passes(program):
    """Each pass of the program: workload, caller, events."""
    lines = subprocess.run([program, "list"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [(work, caller, int(events)) for work, caller, events in (line.split("|") for line in lines)]


def count(program):
    """Instructions for an event, for each pass, by one run under callgrind: it writes a file after each pass."""
    with tempfile.TemporaryDirectory() as directory:
        out = Path(directory) / "out"
        options = ["--toggle-collect=*counted_pass*", "--dump-after=builds::counted_pass*", f"--callgrind-out-file={out}"]
        command = ["nice", "valgrind", "--tool=callgrind", *options, program, "count"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            sys.exit(f"valgrind fails: {run.stderr[-1000:]}")
        counts = {}
        for number, (work, caller, events) in enumerate(passes(program), 1):
            part = out.with_suffix(f".{number}")
            total = re.search(r"^totals: (\d+)", part.read_text() if part.exists() else "", re.MULTILINE)
            if not total or not int(total[1]):
                sys.exit(f"callgrind has counted nothing for pass {number}: is `counted_pass` in the program?")
            counts[work, caller] = int(total[1]) / events
        return counts


def spread(values):
    return max(values) / min(values) - 1


def table(header, rows):
    widths = [max(len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [cell.ljust(width) if column < 2 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths))]
        print("| " + " | ".join(cells) + " |")


def compare_counts():
    """Prints the counts, and returns what is above what is promised."""
    counts = {}
    for level in "3", "2", "s":
        for units, lto in KINDS:
            name = f"units {units} lto {lto} opt {level}"
            counts[units, lto, level] = count(build(name, units, lto, level))
            print(f"counted: {name}", file=sys.stderr)
    for units, lto in OTHER_CALLERS:
        name = f"units {units} lto {lto} opt 3 other callers"
        counts[units, lto, "3", "other callers"] = count(build(name, units, lto, "3", "other-callers"))
        print(f"counted: {name}", file=sys.stderr)
    above = []
    rows, details = [], []
    for work, caller in next(iter(counts.values())):
        here = {how: values[work, caller] for how, values in counts.items()}
        at_3 = [here[how] for how in here if how[2] == "3"]
        fast = {how: value for how, value in here.items() if how[2] != "s"}
        size = {kind: here[*kind, "s"] / here[*kind, "3"] for kind in KINDS}
        least, most = min(fast, key=fast.get), max(fast, key=fast.get)
        worst = max(size, key=size.get)
        marks = []
        others = [value for how, value in fast.items() if how[:2] != KNOWN_KIND]
        is_known = work in KNOWN_WORKS and spread(others) <= MOST_SPREAD and spread(fast.values()) <= KNOWN_SPREAD
        if spread(fast.values()) > MOST_SPREAD and is_known:
            marks.append("known")
        elif spread(fast.values()) > MOST_SPREAD:
            marks.append("spread")
            above.append(f"{work}, {caller}: {spread(fast.values()):.0%} from {label(least)} to {label(most)}")
        if size[worst] > MOST_FOR_SIZE:
            marks.append('"s"')
            above.append(f'{work}, {caller}: "s" takes {size[worst]:.2f} of opt-level 3 with {label(worst)}')
        row = [work, caller, *(f"{value:.0f}" for value in at_3), f"{spread(at_3):.0%}", f"{spread(fast.values()):.0%}"]
        rows.append([*row, f"{size[worst]:.2f}", " and ".join(marks) or "ok"])
        detail = [f"{here[units, lto, level]:.0f}" for level in "2s" for units, lto in KINDS]
        details.append([work, caller, *detail])
    kinds = [label(kind) for kind in KINDS]
    others = [f"{label(kind)} others" for kind in OTHER_CALLERS]
    print(f"\nInstructions for an event ({machine()}), opt-level 3; the spread with 3, and with 2 and 3; the most that \"s\" takes of 3:\n")
    table(["work", "caller", *kinds, *others, "3", "2, 3", "s", "above"], rows)
    print("\nThe same with opt-level 2, then \"s\":\n")
    table(["work", "caller", *(f"{kind} {level}" for level in "2s" for kind in kinds)], details)
    return above


def label(how):
    return " ".join(how)


def compare_times(rounds):
    """Prints the times. The programs take turns, in another order each round."""
    programs = []
    for name, features, flags, shift in LAYOUTS:
        built = "layout plain" if not features and not flags else f"layout {name}"
        programs.append((name, build(built, "1", "off", "3", features, flags), str(shift)))
    least, medians = {}, {}
    for number in range(rounds):
        turn = number % len(programs)
        for name, program, shift in programs[turn:] + programs[:turn]:
            run = subprocess.run([program, "time", "5", shift], capture_output=True, text=True, check=True)
            for line in run.stdout.splitlines():
                work, caller, low, median = line.split("|")
                key = (work, caller), name
                least[key] = min(float(low), least.get(key, float("inf")))
                medians.setdefault(key, []).append(float(median))
    names = [name for name, _, _ in programs]
    rows, details = [], []
    for work, caller, _ in passes(programs[0][1]):
        key = work, caller
        low = {name: least[key, name] for name in names}
        middle = {name: statistics.median(medians[key, name]) for name in names}
        slowest = max(low, key=low.get)
        row = [work, caller, f"{min(low.values()):.1f} to {max(low.values()):.1f}", f"{spread(low.values()):.0%}"]
        rows.append([*row, f"{min(middle.values()):.1f} to {max(middle.values()):.1f}", f"{spread(middle.values()):.0%}", slowest])
        details.append([work, caller, *(f"{low[name]:.1f}" for name in names)])
    print(f"\nNanoseconds for an event ({machine()}), {len(names)} layouts, {rounds} rounds; the range over the layouts of each one's")
    print("least time, and of the median of its medians. Other programs on the machine add to both, and to the medians most.\n")
    table(["work", "caller", "least", "spread", "median", "spread", "slowest by its least"], rows)
    print("\nThe least time in each layout:\n")
    table(["work", "caller", *names], details)


def machine():
    """What counts and times depend on beside the source."""
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split(" (")[0].strip()
    processor = platform.machine()
    try:
        information = Path("/proc/cpuinfo").read_text()
        model = re.search(r"^model name\s*: (.*)", information, re.MULTILINE)
        processor = f"{model[1] if model else processor}, {'AVX2' if ' avx2 ' in information else 'no AVX2'}"
    except OSError:
        pass
    return f"{rustc}, {processor}"


def main():
    parser = argparse.ArgumentParser(description="What the parser costs, however a program is built and laid out.")
    parser.add_argument("part", nargs="?", choices=["counts", "times"], help="only this part")
    parser.add_argument("--rounds", type=int, default=21, help="how often each layout has its turn (21)")
    arguments = parser.parse_args()
    above = []
    if arguments.part != "times":
        if shutil.which("valgrind"):
            above = compare_counts()
        else:
            print("SKIPPED: instructions are counted by valgrind, which is not installed")
    if arguments.part != "counts":
        compare_times(max(arguments.rounds, 1))
    if above:
        print(f"\n{len(above)} counts are above what is promised:")
        for line in above:
            print(f"  {line}")
    sys.exit(bool(above))


if __name__ == "__main__":
    main()
