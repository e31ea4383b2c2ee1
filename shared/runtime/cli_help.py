"""What the help of every verb ends with: an example, and what its exit statuses mean."""

DONE = "done"
FAILED = "refused or failed, with one sentence on standard error"
USAGE = "wrong usage"


def shown(example: str, *, done: str = DONE, failed: str = FAILED) -> str:
    """The end of a verb's help. `example` is what is typed after `opendoor`; `done` and `failed`
    say what statuses 0 and 1 mean where it is not the usual."""
    statuses = "\n".join(f"  {n}  {said}" for n, said in enumerate((done, failed, USAGE)))
    # A lone \b keeps the lines below it as they stand.
    return f"Example: opendoor {example}\n\n\b\nExit status:\n{statuses}"
