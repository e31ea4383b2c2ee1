"""AsyncAPI 3.1.0 from the registry: what is told on which topic, and how it stands there (E19)."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.contracts.base import json_schema
from shared.contracts.registry import PARTITIONS, REGISTRY, Spec

Schema = dict[str, Any]

MEDIA = "application/json"
KAFKA = "0.5.0"
"""The version of AsyncAPI's Kafka bindings that is written."""
_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_VARYING: Mapping[str, Schema] = {
    "id": {**_TEXT, "description": "`<stream>/<version>`: a repeat has the same."},
    "subject": {**_TEXT, "description": "The id of what it is about."},
    "time": {**_TIME, "description": "When it happened."},
    "recordedtime": {**_TIME, "description": "When it was recorded."},
    "sequence": {
        "type": "string",
        "pattern": "^[0-9]{20}$",
        "description": "Its number in the partition, from 1 on without gaps.",
    },
    "partitionkey": {**_TEXT, "description": "The stream; the record's key."},
}
_OPTIONAL: Mapping[str, Schema] = {
    "correlationid": {**_TEXT, "description": "The same for all that followed one request."},
    "causationid": {**_TEXT, "description": "The id of what it answers."},
    "dataref": {
        "type": "string",
        "format": "uri-reference",
        "description": "Where more is read, with a token.",
    },
    "traceparent": {**_TEXT, "description": "W3C Trace Context."},
}


def document(version: str, service: str | None = None) -> Schema:
    """The AsyncAPI document of one service, or of all; `version` is the program's."""
    told = sorted(
        (spec for spec in REGISTRY.values() if service in (None, spec.service)),
        key=lambda spec: spec.type,
    )
    topics = {
        topic: [spec for spec in told if spec.topic == topic]
        for topic in sorted({spec.topic for spec in told})
    }
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": f"Open Door: what {service or 'its services'} tell{'s' if service else ''}",
            "version": version,
            "description": "CloudEvents 1.0 on Kafka, binary mode. A deployment may set a prefix "
            "before each topic. Contracts hold codes, counts, days and links, no personal text; "
            "fields are added, never changed or taken away.",
        },
        "defaultContentType": MEDIA,
        "channels": {topic: _channel(topic, specs) for topic, specs in topics.items()},
        "operations": {f"tell-{topic}": _operation(topic) for topic in topics},
        "components": {"messages": {spec.type: _message(spec) for spec in told}},
    }


def _channel(topic: str, specs: Iterable[Spec]) -> Schema:
    return {
        "address": topic,
        "messages": {spec.type: {"$ref": f"#/components/messages/{spec.type}"} for spec in specs},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": PARTITIONS[topic],
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
                "bindingVersion": KAFKA,
            }
        },
    }


def _operation(topic: str) -> Schema:
    return {"action": "send", "channel": {"$ref": f"#/channels/{topic}"}}


def _message(spec: Spec) -> Schema:
    said = " ".join((spec.cls.__doc__ or "").split())
    return {
        "name": spec.type,
        "title": spec.cls.__name__,
        "summary": said.partition(". ")[0].rstrip(".") + ".",
        "description": said,
        "contentType": MEDIA,
        "headers": _headers(spec),
        "payload": json_schema(spec),
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "The stream."},
                "bindingVersion": KAFKA,
            }
        },
    }


def _headers(spec: Spec) -> Schema:
    fixed = {
        "specversion": "1.0",
        "type": spec.type,
        "source": spec.source,
        "dataschema": spec.dataschema,
        "dataclassification": spec.audience,
    }
    always = {**{name: {"type": "string", "const": one} for name, one in fixed.items()}, **_VARYING}
    return {
        "type": "object",
        "required": ["content-type", *(f"ce_{name}" for name in always)],
        "properties": {
            "content-type": {"type": "string", "const": MEDIA},
            **{f"ce_{name}": one for name, one in {**always, **_OPTIONAL}.items()},
        },
    }
