"""Run all checks, or those that are named: `python -m tests.checks [kill9 rolling ...] [--cases 20000]`."""

import argparse
import importlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

NAMES = (
    *("shutdown", "rolling", "worker_kill", "kill9", "job_kill", "import_kill", "writers", "backup", "contract"),
    *("matrix", "enumeration", "logins", "limits", "sse"),
)


def main(names: list[str]) -> int:
    missed = 0
    for name in names or NAMES:
        place = Path(tempfile.mkdtemp(prefix=f"bookapp-{name}-"))
        good = importlib.import_module(f"tests.checks.{name}").run(place)
        missed += not good
        if good:
            shutil.rmtree(place)
        else:
            print(f"     what was left is in {place}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.checks")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--cases", help="how many requests `contract` sends to each database")
    parser.add_argument("--as", dest="role", choices=("guest", "member", "admin"), help="who asks in `contract`")
    asked = parser.parse_args()
    if asked.cases:
        os.environ["BOOKAPP_CHECK_CASES"] = asked.cases
    if asked.role:
        os.environ["BOOKAPP_CHECK_AS"] = asked.role
    sys.exit(main(asked.names))
