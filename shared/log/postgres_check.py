"""Settings of a PostgreSQL server with which no acknowledged report would be safe."""

from collections.abc import Mapping

from shared.kernel.errors import Misconfigured

NEEDED: Mapping[str, frozenset[str]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
    "default_transaction_isolation": frozenset({"read committed"}),
}
"""What each setting may be (F3)."""


def refuse_unsafe(settings: Mapping[str, str], *, durable: bool = True) -> None:
    """Raises Misconfigured for a server that can lose or mis-order what it acknowledged.

    `durable=False` (development) judges the isolation level alone.
    """
    judged = NEEDED if durable else {"default_transaction_isolation": frozenset({"read committed"})}
    wrong = [
        f"{name} is {settings.get(name, 'unknown')}"
        for name, allowed in judged.items()
        if settings.get(name) not in allowed
    ]
    if wrong:
        raise Misconfigured(f"The database server is not safe for a log: {', '.join(wrong)}.")
