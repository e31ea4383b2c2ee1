"""What was once told is read, and told again the same, for ever (E15-E17)."""

import os
import re

import jsonschema_rs
import orjson
import pytest

from shared.contracts.base import decode, encode, json_schema
from shared.contracts.registry import PARTITIONS, REGISTRY
from tests.kit.goldens import FOLDER

TYPES = sorted(REGISTRY)
FILES = {name.removesuffix(".json") for name in os.listdir(FOLDER)}


def golden(type_: str) -> bytes:
    return (FOLDER / f"{type_}.json").read_bytes()


def test_every_contract_has_a_golden_and_every_golden_a_contract():
    assert set(TYPES) == FILES


@pytest.mark.parametrize("type_", TYPES)
def test_todays_code_reads_it_and_tells_it_byte_for_byte(type_: str):
    assert encode(decode(type_, golden(type_))) + b"\n" == golden(type_)


@pytest.mark.parametrize("type_", TYPES)
def test_a_field_that_is_not_known_is_ignored(type_: str):
    known = orjson.loads(golden(type_))
    later = orjson.dumps({"a_later_field": {"deep": [1, None]}, **known, "another": "x"})
    assert decode(type_, later) == decode(type_, golden(type_))


@pytest.mark.parametrize("type_", TYPES)
def test_it_fits_the_schema_that_is_served(type_: str):
    schema = json_schema(REGISTRY[type_])
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validator_for(schema).validate(orjson.loads(golden(type_)))


@pytest.mark.parametrize("type_", TYPES)
def test_a_required_field_is_missed(type_: str):
    schema = json_schema(REGISTRY[type_])
    known = orjson.loads(golden(type_))
    for name in schema["required"]:
        without = orjson.dumps({field: held for field, held in known.items() if field != name})
        with pytest.raises(ValueError, match=name):
            decode(type_, without)


@pytest.mark.parametrize("type_", TYPES)
def test_its_names_follow_the_rules(type_: str):
    spec = REGISTRY[type_]
    assert re.fullmatch(r"opendoor\.[a-z]+\.[a-z0-9_]+\.v[1-9][0-9]*", type_)
    assert spec.dataschema == f"urn:open-door:schema:{type_}"
    assert spec.source.startswith(f"urn:open-door:{spec.service}")
    assert spec.topic in PARTITIONS
    assert spec.audience in ("public", "restricted")


def test_a_golden_is_one_line_of_json_without_absent_fields():
    for type_ in TYPES:
        assert golden(type_).endswith(b"}\n")
        assert golden(type_).count(b"\n") == 1
        assert None not in orjson.loads(golden(type_)).values()
