"""A transformer slips by forty weeks: what CI says of it.

python examples/ci/slip.py [REPLICATIONS]
Makes a repository of its own with the plan, slips the transformer in a second commit, and runs
`dcsim check --against HEAD~1` on it. Ends with what that ends with: 1, as two gates fail.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PLAN = Path(__file__).parent / "plan"
BEFORE, AFTER = "[70 weeks, 80 weeks, 100 weeks]", "[110 weeks, 120 weeks, 140 weeks]"


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=planner", "-c", "user.email=planner@example.org"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


def main(replications: str = "100") -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(PLAN, folder / "plan")
        git(folder, "init", "--quiet")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", "The plan")
        site = folder / "plan" / "site.yaml"
        text = site.read_text(encoding="utf-8")
        site.write_text(text.replace(BEFORE, AFTER), encoding="utf-8")
        git(folder, "commit", "--quiet", "--all", "--message", "The transformer slips")
        options = ("--replications", replications, "--summary", "summary.md")
        done = subprocess.run(
            [sys.executable, "-m", "dcsim", "check", "plan", "--against", "HEAD~1", *options],
            cwd=folder,
            check=False,
        )
        print()
        print((folder / "summary.md").read_text(encoding="utf-8"))
        return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
