"""Numbers of things, for people."""


def counted(n: int, one: str, many: str = "") -> str:
    """`1 key`, `2 keys`; `many` where an `s` at the end does not make it."""
    return f"{n} {one if n == 1 else many or f'{one}s'}"
