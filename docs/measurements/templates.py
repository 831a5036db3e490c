#!/usr/bin/env python3
"""Grouping accuracy and lines a second: Waylaid beside drain3 and logdrain at their defaults, in one run.

    python3 docs/measurements/templates.py FOLDER [--waylaid target/release/waylaid] [--lines 1000000]

FOLDER holds X_2k.log (raw lines) and X_2k.log_structured.csv (columns Content and EventId). Needs `pip install drain3`
and cargo (a small program around the crate logdrain is built in a temporary folder). Accuracy is the share of lines
whose group holds exactly the lines of their true group. Speed is lines a second of processor time (all threads), on each
system's raw lines repeated up to --lines, from the start of the process to its end, the best of three.
"""
import argparse, collections, csv, glob, os, resource, shutil, subprocess, sys, tempfile, time

MAIN = r'''
use std::io::Write;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let miner = logdrain::Miner::from_options(logdrain::Options::default());
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in text.lines() {
        let id = miner.add(line).cluster_id;
        writeln!(out, "{id:?}").unwrap();
    }
}
'''


def accuracy(groups, truth):
    by_group, by_truth = collections.Counter(groups), collections.Counter(truth)
    pairs = collections.Counter(zip(groups, truth))
    return sum(n for (g, t), n in pairs.items() if by_group[g] == n and by_truth[t] == n) / len(truth)


def waylaid(binary):
    def group(path):
        out = subprocess.run([binary, "templates", "--assign", path], capture_output=True, check=True).stdout
        return [line.split(b"\t", 1)[0] for line in out.split(b"\n")[:-1]]
    return group


def drain3(path):
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig
    config = TemplateMinerConfig()
    config.profiling_enabled = False
    miner = TemplateMiner(config=config)
    with open(path, encoding="utf-8", errors="replace") as lines:
        return [miner.add_log_message(line.rstrip("\n"))["cluster_id"] for line in lines]


def logdrain(program):
    def group(path):
        return subprocess.run([program, path], capture_output=True, check=True).stdout.split()
    return group


def seconds(command):
    """Processor time, user and system: other load on the machine doubles the wall's time and hardly this."""
    best = None
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = took if best is None else min(best, took)
    return best


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("folder")
    arguments.add_argument("--waylaid", default="target/release/waylaid")
    arguments.add_argument("--lines", type=int, default=1_000_000)
    arguments.add_argument("--peer", default="", help="a program around logdrain that was built before")
    given = arguments.parse_args()
    work = tempfile.mkdtemp()
    peer = given.peer or build(work)
    ways = {"waylaid": waylaid(given.waylaid), "drain3": drain3, "logdrain": logdrain(peer)}
    sums = collections.defaultdict(float)
    tables = sorted(glob.glob(os.path.join(given.folder, "*_structured.csv")))
    print(f"{'':12}" + "".join(f"{w + ' messages':>19}{w + ' raw':>14}" for w in ways) + f"{'lines/s':>12}{'drain3':>10}{'logdrain':>12}")
    for table in tables:
        name = os.path.basename(table).split("_")[0]
        rows = list(csv.DictReader(open(table, encoding="utf-8")))
        truth = [row["EventId"] for row in rows]
        raw = [l for l in open(table.replace("_structured.csv", ""), encoding="utf-8", errors="replace").read().split("\n") if l.strip()]
        shown = f"{name:12}"
        for way, group in ways.items():
            for kind, lines, columns in (("messages", [row["Content"] for row in rows], 19), ("raw", raw, 14)):
                path = os.path.join(work, kind)
                open(path, "w", encoding="utf-8").write("\n".join(lines) + "\n")
                value = accuracy(group(path), truth)
                sums[way, kind] += value / len(tables)
                shown += f"{value:{columns}.4f}"
        many = os.path.join(work, "many")
        times = max(1, given.lines // len(raw))
        open(many, "w", encoding="utf-8").write(("\n".join(raw) + "\n") * times)
        few = os.path.join(work, "few")
        open(few, "w", encoding="utf-8").write(("\n".join(raw) + "\n") * max(1, times // 20))
        for command, path, count in (
            ([given.waylaid, "templates", many], many, times), ([peer, many], many, times),
        ):
            rate = count * len(raw) / seconds(command)
            sums[command[0], "rate"] += rate / len(tables)
            if command[0] == peer:
                start = time.process_time(); drain3(few)
                slow = max(1, times // 20) * len(raw) / (time.process_time() - start)
                sums["drain3", "rate"] += slow / len(tables)
                shown += f"{slow:10,.0f}"
            shown += f"{rate:12,.0f}"
        print(shown, flush=True)
    shown = f"{'mean':12}"
    for way in ways:
        shown += f"{sums[way, 'messages']:19.4f}{sums[way, 'raw']:14.4f}"
    print(shown + f"{sums[given.waylaid, 'rate']:12,.0f}{sums['drain3', 'rate']:10,.0f}{sums[peer, 'rate']:12,.0f}")
    shutil.rmtree(work)


def build(work):
    folder = os.path.join(work, "peer")
    os.makedirs(os.path.join(folder, "src"))
    open(os.path.join(folder, "Cargo.toml"), "w").write(
        '[package]\nname = "peer"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\nlogdrain = "=0.3.2"\n[profile.release]\nlto = "thin"\n[workspace]\n')
    open(os.path.join(folder, "src/main.rs"), "w").write(MAIN)
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder, check=True)
    return os.path.join(folder, "target/release/peer")


if __name__ == "__main__":
    sys.exit(main())
