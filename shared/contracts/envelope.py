"""CloudEvents 1.0: what is told, as attributes and bytes, in every form we hand it out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.contracts.base import PARTITIONS, Spec, encode, spec_of
from shared.contracts.murmur2 import partition_of

LIMIT = 65_536
"""The largest structured CloudEvent, in bytes (E10)."""
ROOM_FOR_SEQUENCE = 128
"""What `sequence` and `recordedtime` add, given only at commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """One thing a publisher says: the contract, when it happened (RFC 3339 text), what it is
    about (`subject`, an id) and where its narrative is read (`dataref`, a path that needs a
    token). `key` is set only where it is not the stream of the event behind it."""

    contract: object
    time: str
    subject: str
    dataref: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A told contract as bytes, ready for the commit: the fields of a `published` row."""

    topic: str
    partition: int
    id: str
    type: str
    key: str
    subject: str
    time: str
    attributes: bytes
    data: bytes


class TooLarge(ValueError):
    """A contract over 64 KiB: put the rest behind `dataref`."""


def seal_envelope(
    tell: Tell, *, stream: str, version: int, correlation: str, causation: str, traceparent: str
) -> Envelope:
    """Translates what is told into bytes, once, before the commit. Raises TooLarge (E10)."""
    spec = spec_of(type(tell.contract))
    key = tell.key or stream
    attributes = _attributes(spec, tell, key, correlation, causation, traceparent)
    envelope = Envelope(
        topic=spec.topic,
        partition=partition_of(key.encode(), PARTITIONS[spec.topic]),
        id=f"{stream}/{version}",
        type=spec.type,
        key=key,
        subject=tell.subject,
        time=tell.time,
        attributes=orjson.dumps(attributes),
        data=encode(tell.contract),
    )
    if len(envelope.data) + len(envelope.attributes) + ROOM_FOR_SEQUENCE > LIMIT:
        raise TooLarge(f"{spec.type} is larger than {LIMIT} bytes")
    return envelope


def _attributes(
    spec: Spec, tell: Tell, key: str, correlation: str, causation: str, traceparent: str
) -> dict[str, str]:
    optional = {
        "correlationid": correlation,
        "causationid": causation,
        "dataref": tell.dataref,
        "traceparent": traceparent,
    }
    return {
        "source": spec.source,
        "dataschema": spec.dataschema,
        "datacontenttype": "application/json",
        "partitionkey": key,
        "dataclassification": spec.audience,
        **{name: text for name, text in optional.items() if text},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """A contract as a reader meets it: all attributes as text, data as the stored bytes."""

    attributes: Mapping[str, str]
    data: bytes

    @property
    def id(self) -> str:
        return self.attributes["id"]

    @property
    def type(self) -> str:
        return self.attributes["type"]

    @property
    def sequence(self) -> int:
        return int(self.attributes["sequence"])

    @property
    def key(self) -> str:
        return self.attributes["partitionkey"]

    def structured(self, **more: str) -> bytes:
        """The JSON form, the data's bytes unchanged inside (E9); `more` adds attributes."""
        head = orjson.dumps({**self.attributes, **more})
        return head[:-1] + b',"data":' + self.data + b"}"

    def kafka_headers(self) -> list[tuple[str, bytes]]:
        """Binary mode: `ce_<name>` for each attribute, `content-type` for the media type (E7)."""
        return [
            ("content-type" if name == "datacontenttype" else f"ce_{name}", text.encode())
            for name, text in self.attributes.items()
        ]


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def cloud_event(row: Any) -> CloudEvent:
    """The CloudEvent of a `published` row (any object with the columns of that table)."""
    return CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": row.id,
            "type": row.type,
            "subject": row.subject,
            "time": row.time,
            **orjson.loads(row.attributes),
            "recordedtime": instant(row.recorded_at),
            "sequence": f"{row.n:020d}",
        },
        data=bytes(row.data),
    )


class NotACloudEvent(ValueError):
    """Headers and value that hold no CloudEvent."""


def from_kafka(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> CloudEvent:
    """Reads binary or structured mode (E8). Raises NotACloudEvent."""
    found = {name.lower(): text.decode() for name, text in headers}
    if value is None:
        raise NotACloudEvent("a record without a value")
    media = found.get("content-type", "")
    if media.lower().startswith("application/cloudevents"):
        return _from_structured(value)
    attributes = {name[3:]: text for name, text in found.items() if name.startswith("ce_")}
    if media:
        attributes["datacontenttype"] = media
    return _checked(attributes, value)


def _from_structured(value: bytes) -> CloudEvent:
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise NotACloudEvent("structured mode without JSON") from error
    if not isinstance(whole, dict):
        raise NotACloudEvent("structured mode without an object")
    data = orjson.dumps(whole.pop("data", None))
    return _checked({name: str(text) for name, text in whole.items()}, data)


def _checked(attributes: dict[str, str], data: bytes) -> CloudEvent:
    missing = [
        name
        for name in ("specversion", "id", "source", "type", "sequence", "partitionkey")
        if not attributes.get(name)
    ]
    if missing or not attributes["sequence"].isdigit():
        raise NotACloudEvent(f"missing or odd: {', '.join(missing or ['sequence'])}")
    return CloudEvent(attributes=attributes, data=data)
