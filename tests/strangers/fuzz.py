"""`make fuzz`: the long form. Prints the seed, a bar, what was answered, and each fault with a
request that shows it; ends with status 1 where there is one."""

import os
import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from shared.runtime.progress import progress_bar
from tests.kit.processes import SERVICES
from tests.strangers.asking import Asking
from tests.strangers.fuzzing import Budget, Found, Fuzz, lines, schema_at
from tests.strangers.staged import staged


def tell(line: str) -> None:
    """Prints at once, also where the output is a file."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Asks each operation EXAMPLES times in each mode and takes as many walks along the links."""
    examples = int(os.environ.get("EXAMPLES") or 100)
    seed = int(os.environ.get("SEED") or random.randrange(2**32))
    tell(f"make fuzz EXAMPLES={examples} SEED={seed}")
    found = Found()
    with tempfile.TemporaryDirectory() as folder, staged(Path(folder)) as stage:
        prepare = Asking(stage)
        for service in SERVICES:
            with progress_bar(service) as told:
                fuzz = Fuzz(schema_at(stage.url, service), prepare, found)
                fuzz.run(Budget(each=examples, walks=examples), seed, told)
    statuses = Counter[int]()
    for (_, status), count in found.answers.items():
        statuses[status] += count
    answered = ", ".join(f"{count} x {status}" for status, count in sorted(statuses.items()))
    tell(f"{found.asked} requests; {answered}; {len(found.faults)} faults")
    tell("\n".join(lines(found)))
    return 1 if found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
