"""Run all checks, or those that are named: `python -m tests.checks [kill9 rolling ...]`."""

import importlib
import shutil
import sys
import tempfile
from pathlib import Path

NAMES = ("shutdown", "rolling", "worker_kill", "kill9", "writers", "backup")


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
    sys.exit(main(sys.argv[1:]))
