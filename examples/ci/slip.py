"""A transformer slips by forty weeks: what CI says of it.

python examples/ci/slip.py [SUMMARY]
Makes a repository of its own with the plan, slips the transformer in a second commit, and runs
`dcsim check --against HEAD~1` on it. Ends with what that ends with: 1, as two gates fail. What a
reviewer reads goes to the file SUMMARY, if one is named.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PLAN = Path(__file__).parent / "plan"
BEFORE = "{triangular: [70 weeks, 80 weeks, 100 weeks]}, source: quotation"
AFTER = "{triangular: [110 weeks, 120 weeks, 140 weeks]}, source: letter"
CHECK = "check plan --against HEAD~1 --replications 100 --summary summary.md"


def git(folder: Path, *words: str) -> None:
    """Run git as a planner whose commits are always the same."""
    who = {"NAME": "planner", "EMAIL": "planner@example.org", "DATE": "2026-07-01T09:00:00Z"}
    roles = ("AUTHOR", "COMMITTER")
    names = {f"GIT_{role}_{key}": value for role in roles for key, value in who.items()}
    plain = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment = {**os.environ, **names, **plain}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=environment)


def main(summary: str = "") -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(PLAN, folder / "plan")
        git(folder, "init", "--quiet")
        git(folder, "add", "plan")
        git(folder, "commit", "--quiet", "--message", "The plan")
        site = folder / "plan" / "site.yaml"
        text = site.read_text(encoding="utf-8")
        site.write_text(text.replace(BEFORE, AFTER), encoding="utf-8")
        git(folder, "commit", "--quiet", "--all", "--message", "The transformer slips")
        command = [sys.executable, "-m", "dcsim", *CHECK.split()]
        done = subprocess.run(command, cwd=folder, check=False)
        if summary:
            shutil.copy(folder / "summary.md", summary)
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
