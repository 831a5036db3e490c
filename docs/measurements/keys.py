#!/usr/bin/env python3
"""How exactly `waylaid keys -` reads a collection of real messages.

    python3 docs/measurements/keys.py MESSAGES.md [--waylaid target/release/waylaid] [--all]

MESSAGES.md holds entries of the form `**ID** `citation` → what must be found`, each with a text block below it. What must
be found is prose: every name and value in it is looked for in the answer, and everything in the answer is looked for in
the text. An entry that is short of anything is printed with what is missing.
"""
import argparse, json, re, subprocess, sys

# Words of the prose that are no names.
PLAIN = set("""unique index key keys primary foreign foreign-key not-null check constraint table tables cols col column
columns vals val value values parent db coll field owner model ordinal number composite no null topic partition offset group
is in on of from by to the a an and with without only new old older newer very form server name names named named absent
unknown detail details sql statement digits chars hex uuid uuids objectid redacted""".split())


def entries(text):
    pattern = re.compile(r"^\*\*(\w+)\*\* `[^`]+`[^→\n]*→ ([^\n]*)\n```text\n(.*?)\n```", re.M | re.S)
    return pattern.findall(text)


def expected(prose):
    """Sort, and the names and values that the prose tells."""
    # What stands in round brackets explains, apart from a column behind its table.
    prose = re.sub(r"\*\*.*?\*\*", "", prose)
    columns = re.findall(r"parent [\w.]+\(([\w]+)\)", prose)
    prose = re.sub(r"\([^()]*\)", "", prose).replace("SYN-", "SYN-")
    tokens = [t for part in re.split(r"[;|]| {2,}", prose) for t in re.split(r"[\s,]+", part.strip()) if t]
    return [t.strip('"').rstrip(".") for t in tokens if t.strip('"').lower() not in PLAIN and len(t) > 0], columns


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("messages")
    arguments.add_argument("--waylaid", default="target/release/waylaid")
    arguments.add_argument("--all", action="store_true", help="print every answer")
    given = arguments.parse_args()
    right, total = 0, 0
    for id, prose, text in entries(open(given.messages, encoding="utf-8").read()):
        total += 1
        out = subprocess.run([given.waylaid, "keys", "-", "--format", "json"], input=text.encode(), capture_output=True).stdout
        answer = json.loads(out)
        violations, others = answer["violations"], answer["others"]
        said = {"".join(str(v)) for x in violations + others for v in x.values() if v not in (None, [], "")}
        for x in violations:
            said |= set(x["columns"]) | set(x["values"]) | {f"{x['schema']}.{x['table']}", f"{x['database']}.{x['schema']}.{x['table']}", *(x["referenced_table"] or "").split(".")}
            said |= {c.strip('"') for c in x["columns"]} | {f"{x['schema']}.{x['constraint']}"}
        said = {s.lower() for s in said}
        tokens, _ = expected(prose)
        # Words of the prose that the text does not hold are explanations.
        tokens = [t for t in tokens if re.search(r"(?<![\w])" + re.escape(t) + r"(?![\w])", text)]
        missing = [t for t in tokens if t.lower() not in said and not any(t.lower() in s for s in said)]
        flat = text.replace("\\'", "'")
        invented = [v for x in violations for v in [x["constraint"], x["table"], *x["columns"], *x["values"]] if v and v not in flat and v not in ("NULL",)]
        one = len(violations) == (0 if id.startswith("K") else 1)
        good = not missing and not invented and one
        right += good
        if not good or given.all:
            print(f"{'ok ' if good else '-- '} {id}: {prose}\n     missing {missing} invented {invented} violations {len(violations)}")
            for x in violations + others:
                print("     ", {k: v for k, v in x.items() if v not in (None, [], False, 1)})
    print(f"{right} of {total} without anything missing or invented")


if __name__ == "__main__":
    sys.exit(main())
