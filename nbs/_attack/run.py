"""Attack the package with odd inputs: python nbs/_attack/run.py [section ...] [-v]

Each section is a file cases_<section>.py with a list CASES. Cases run in child processes with limits of time
and memory, many in each; where one ends its child, that is a bad answer, and another child goes on with the
next. Prints a table; exits 1 at any bad answer, and at a case known to fail that does not fail any more.
"""

import importlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
SECONDS, PATIENCE, MEMORY = 30, 300, 6 << 30  # CPU and clock of a case; growth of a child


def limit_memory():
    """Let this process grow by MEMORY at most."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY,) * 2)


def too_slow(*_):
    """End a case that takes too long."""
    raise TimeoutError(f"more than {SECONDS} CPU s")


def run_cases(cases, start, pipe):
    """In a child: run cases and write the number of each before it and its answer after it."""
    limit_memory()
    signal.signal(signal.SIGPROF, too_slow)
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)  # libraries complain of broken files on their own
    for k in range(start, len(cases)):
        os.write(pipe, f"{k}\n".encode())
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            with tempfile.TemporaryDirectory() as folder:
                wrong = cases[k].run(Path(folder))
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            wrong = f"{type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
        signal.setitimer(signal.ITIMER_PROF, 0)
        os.write(pipe, (json.dumps([k, wrong and wrong[:600]]) + "\n").encode())
    os._exit(0)


def attack(cases):
    """Run cases in children; return what was wrong with each, None where nothing was."""
    answers, start = {}, 0
    while start < len(cases):
        read, write = os.pipe()
        child = os.fork()
        if not child:
            os.close(read)
            run_cases(cases, start, write)
        os.close(write)
        current, buffer = start, b""
        while True:
            ready, _, _ = select.select([read], [], [], PATIENCE)
            chunk = os.read(read, 65536) if ready else b""
            if not chunk:
                break
            *lines, buffer = (buffer + chunk).split(b"\n")
            for line in lines:
                found = json.loads(line)
                if isinstance(found, list):
                    answers[found[0]], current = found[1], found[0] + 1
                else:
                    current = found
        if current < len(cases):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        os.close(read)
        if current < len(cases):
            how = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "an exit"
            answers[current] = f"CRASH: the process ended by {how}"
        start = current + 1
    return [answers.get(k) for k in range(len(cases))]


def main(words):
    """Run the sections asked for, and print the table."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ["MPLBACKEND"] = "Agg"
    sys.path[:0] = [str(HERE), str(HERE.parent / "readers")]
    wordy, names = "-v" in words, [word for word in words if not word.startswith("-")]
    names = names or sorted(path.stem.removeprefix("cases_") for path in HERE.glob("cases_*.py"))
    bad, rows = [], []
    for name in names:
        began, cpu = time.time(), os.times()
        cases = importlib.import_module(f"cases_{name}").CASES
        counts = dict.fromkeys(("good", "bad", "known", "mended"), 0)
        for case, wrong in zip(cases, attack(cases)):
            kind = ("known" if wrong else "mended") if case.xfail else ("bad" if wrong else "good")
            counts[kind] += 1
            if kind in ("bad", "mended") or wordy:
                bad.append(f"{kind:6} {name}: {case.name}: {wrong or 'fails no more'}")
        now = os.times()
        spent = sum(now[:4]) - sum(cpu[:4])
        rows.append([name, len(cases), *counts.values(), f"{spent:.0f}", f"{time.time() - began:.0f}"])
    print("\n".join(bad))
    total = ["all", *(sum(row[k] for row in rows) for k in range(1, 6)), "", ""]
    for row in [["section", "cases", "good", "bad", "known", "mended", "CPU s", "s"], *rows, total]:
        print(f"{row[0]:12}" + "".join(f"{entry!s:>8}" for entry in row[1:]))
    return int(total[3] + total[5] > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
