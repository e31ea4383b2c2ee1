"""CloudEvents 1.0: what is told, as attributes and bytes, in every form we hand it out."""

import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.contracts.base import PARTITIONS, Spec, encode, spec_of
from shared.contracts.murmur2 import partition_of

LIMIT = 65_536
"""The largest structured CloudEvent, in bytes (E10)."""
NEAR = LIMIT - 4_096
"""Data and attributes up to here fit for sure: what surrounds them is ids and times."""
FURTHER_PART = len("/9999")
"""What an id grows by where one event tells several contracts of one type."""
LAST_NUMBER = 2**63 - 1


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
    if len(envelope.data) + len(envelope.attributes) > NEAR and _size(envelope) > LIMIT:
        raise TooLarge(f"{spec.type} is larger than {LIMIT} bytes")
    return envelope


def _size(envelope: Envelope) -> int:
    """Bytes of the structured form, with the longest of what only the commit gives."""
    longest = _event(envelope, instant(datetime.max.replace(tzinfo=UTC)), 0)
    return len(longest.structured()) + FURTHER_PART


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
    return _event(row, instant(row.recorded_at), row.n)


def _event(told: Any, recordedtime: str, n: int) -> CloudEvent:
    return CloudEvent(
        attributes={
            "specversion": "1.0",
            "id": told.id,
            "type": told.type,
            "subject": told.subject,
            "time": told.time,
            **orjson.loads(told.attributes),
            "recordedtime": recordedtime,
            "sequence": f"{n:020d}",
        },
        data=bytes(told.data),
    )


class NotACloudEvent(ValueError):
    """Headers and value that hold no CloudEvent; says what is wrong, never what they hold."""


Headers = Iterable[tuple[str, bytes | None]]


def from_kafka(headers: Headers, value: bytes | None) -> CloudEvent:
    """Reads binary or structured mode (E8). Raises NotACloudEvent."""
    if value is None:
        raise NotACloudEvent("a record without a value")
    found = _texts(headers)
    media = found.get("content-type", "")
    if media.lower().startswith("application/cloudevents"):
        return _from_structured(value)
    attributes = {name[3:]: text for name, text in found.items() if name.startswith("ce_")}
    if media:
        attributes["datacontenttype"] = media
    return _checked(attributes, value)


def _texts(headers: Headers) -> dict[str, str]:
    try:
        return {name.lower(): text.decode() for name, text in headers if text is not None}
    except UnicodeDecodeError as error:
        raise NotACloudEvent("a header not in UTF-8") from error


def _from_structured(value: bytes) -> CloudEvent:
    try:
        whole = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise NotACloudEvent("structured mode without JSON") from error
    if not isinstance(whole, dict):
        raise NotACloudEvent("structured mode without an object")
    data = _data(whole)
    told = {name: one for name, one in whole.items() if one is not None}
    if any(not isinstance(one, str | int) for one in told.values()):
        raise NotACloudEvent("an attribute of no type that CloudEvents has")
    return _checked({name: _text(one) for name, one in told.items()}, data)


def _data(whole: dict[str, Any]) -> bytes:
    encoded = whole.pop("data_base64", None)
    plain = whole.pop("data", None)
    if encoded is None:
        return orjson.dumps(plain)
    try:
        return b64decode(encoded, validate=True)
    except (TypeError, ValueError) as error:
        raise NotACloudEvent("data_base64 that is none") from error


def _text(one: str | int) -> str:
    return str(one).lower() if isinstance(one, bool) else str(one)


_NEEDED = ("id", "source", "type", "sequence", "partitionkey")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_DIGITS = re.compile(r"[0-9]{1,20}\Z")


def _checked(attributes: dict[str, str], data: bytes) -> CloudEvent:
    odd = [] if attributes.get("specversion") == "1.0" else ["specversion"]
    odd += [name for name in _NEEDED if not attributes.get(name)]
    if not _numbers(attributes.get("sequence", "")):
        odd.append("sequence")
    if any(_CONTROL.search(text) for text in attributes.values()):
        odd.append("a control character")
    if odd:
        raise NotACloudEvent(f"missing or odd: {', '.join(dict.fromkeys(odd))}")
    return CloudEvent(attributes=attributes, data=data)


def _numbers(sequence: str) -> bool:
    return _DIGITS.match(sequence) is not None and 0 < int(sequence) <= LAST_NUMBER
