"""docs/events.md: every contract, where and when it is told, an example, and who reacts."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from pages.words import sentences
from shared.contracts.base import Spec
from shared.contracts.registry import PARTITIONS, REGISTRY
from shared.runtime.service import Service

HEAD = """\
# Contracts

Made from the code by `make docs`. Each is a CloudEvent of the given type; its data is below, as the
golden file has it, with line breaks for the eye. Topics, headers and schemas for programs
stand in [asyncapi.json](asyncapi.json), and are served at `/<service>/asyncapi.json` and
`/<service>/schemas/<type>`.

`restricted` is for organisations that may read the incident, `public` for everybody. A contract is
added to, never changed: whoever reads passes by the fields and types that it does not know.
"""


def page(services: Sequence[Service], goldens: Path) -> str:
    """The page; `goldens` is the folder of the examples."""
    parts = [HEAD, _contents(services)]
    for service in services:
        parts.append(f"## {service.name} tells\n")
        parts += [_contract(spec, services, goldens) for spec in _told_by(service)]
    return "\n".join(parts)


def _told_by(service: Service) -> Iterator[Spec]:
    specs = (spec for spec in REGISTRY.values() if spec.service == service.name)
    yield from sorted(specs, key=lambda spec: (spec.topic, spec.type))


def _contents(services: Sequence[Service]) -> str:
    rows = [
        f"| [{spec.cls.__name__}](#{_anchor(spec)}) | `{spec.topic}` | {spec.audience} | "
        f"{_who(spec, services)} |"
        for service in services
        for spec in _told_by(service)
    ]
    return "\n".join(
        ["| contract | topic | for | who reacts |", "| --- | --- | --- | --- |", *rows, ""]
    )


def _anchor(spec: Spec) -> str:
    return spec.type.replace(".", "")


def _contract(spec: Spec, services: Sequence[Service], goldens: Path) -> str:
    example = orjson.loads((goldens / f"{spec.type}.json").read_bytes())
    shown = orjson.dumps(example, option=orjson.OPT_INDENT_2).decode()
    facts = "\n".join(
        (
            f"- topic `{spec.topic}`, partitions: {PARTITIONS[spec.topic]}",
            f"- source `{spec.source}`, {spec.audience}",
            f"- who reacts: {_who(spec, services)}",
        )
    )
    said = sentences(spec.cls.__doc__)
    return f"### {spec.type}\n\n{said}\n\n{facts}\n\n```json\n{shown}\n```\n"


def _who(spec: Spec, services: Sequence[Service]) -> str:
    found = [
        f"{service.name} {'remembers it' if row.remember else 'acts on it'}"
        for service in services
        for row in service.reactions
        if row.hears is spec.cls
    ]
    return ", ".join(found) or "subscribers alone"
