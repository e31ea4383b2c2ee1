"""CloudEvents as we write and read them, with the official SDK as the judge of both forms."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import orjson
import pytest
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary, from_structured, to_binary
from cloudevents.core.bindings.kafka import to_structured as sdk_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent as SdkEvent

from shared.contracts.base import decode
from shared.contracts.envelope import (
    FURTHER_PART,
    LIMIT,
    CloudEvent,
    Envelope,
    NotACloudEvent,
    Tell,
    TooLarge,
    cloud_event,
    from_kafka,
    seal_envelope,
)
from shared.contracts.intake import EventWithdrawnV1
from shared.contracts.learning import LessonDrawnV1, LessonWithdrawnV1

STREAM = "incident-abcdefghijklmnopqrstuvwxyz"
STRUCTURED = (("content-type", b"application/cloudevents+json"),)
WITHDRAWN = EventWithdrawnV1(
    incident="abcdefghijklmnopqrstuvwxyz",
    kind="safety_event",
    reported_by="RTH",
    occurred_at="RTH01",
    leads="RTH",
    day="2018-12-19",
    day_precision="day",
    identified_on="2018-12-19",
    framework="SIF2015",
    reason="entered_twice",
)
TELL = Tell(
    contract=WITHDRAWN,
    time="2018-12-19T09:30:00Z",
    subject="abcdefghijklmnopqrstuvwxyz",
    dataref="/intake/events/abcdefghijklmnopqrstuvwxyz",
)


def sealed(tell: Tell = TELL, **more: str) -> Envelope:
    told = {"correlation": "c-1", "causation": "case-1/3", "traceparent": "", **more}
    return seal_envelope(tell, stream=STREAM, version=7, **told)


def row(envelope: Envelope, n: int = 42) -> SimpleNamespace:
    """As the commit stores it."""
    names = ("topic", "partition", "id", "type", "key", "subject", "time", "attributes", "data")
    at = datetime(2018, 12, 19, 9, 30, 1, 250, tzinfo=UTC)
    return SimpleNamespace(n=n, recorded_at=at, **{name: getattr(envelope, name) for name in names})


def told() -> CloudEvent:
    return cloud_event(row(sealed()))


class TestWhatIsTold:
    def test_every_attribute_is_there(self):
        assert told().attributes == {
            "specversion": "1.0",
            "id": f"{STREAM}/7",
            "source": "urn:open-door:intake",
            "type": "opendoor.intake.event_withdrawn.v1",
            "subject": "abcdefghijklmnopqrstuvwxyz",
            "time": "2018-12-19T09:30:00Z",
            "datacontenttype": "application/json",
            "dataschema": "urn:open-door:schema:opendoor.intake.event_withdrawn.v1",
            "dataclassification": "restricted",
            "dataref": "/intake/events/abcdefghijklmnopqrstuvwxyz",
            "partitionkey": STREAM,
            "correlationid": "c-1",
            "causationid": "case-1/3",
            "recordedtime": "2018-12-19T09:30:01.000250Z",
            "sequence": "00000000000000000042",
        }

    def test_names_are_lower_case_letters_and_digits(self):
        for name in told().attributes:
            assert name.isascii()
            assert name.isalnum()
            assert name == name.lower()
            assert len(name) <= 20

    def test_a_key_of_its_own_chooses_the_partition_and_is_told(self):
        aside = sealed(replace(TELL, key="other-stream"))
        assert aside.key == "other-stream"
        assert cloud_event(row(aside)).key == "other-stream"
        assert aside.partition != sealed().partition

    def test_a_lesson_is_public_and_what_its_sources_hear_has_another_source(self):
        withdrawn = LessonWithdrawnV1(
            lesson="l1", number="OD-1", version=1, reason="superseded", withdrawn_on="2019-06-03"
        )
        drawn = LessonDrawnV1(
            lesson="l1", number="OD-1", version=1, what="withdrawn", on="2019-06-03"
        )
        public, aside = (
            cloud_event(row(sealed(replace(TELL, contract=one)))).attributes
            for one in (withdrawn, drawn)
        )
        assert public["dataclassification"] == "public"
        assert aside["dataclassification"] == "restricted"
        assert public["source"] == "urn:open-door:learning"
        assert aside["source"] == "urn:open-door:learning:sources"


class TestSize:
    def of(self, letters: int) -> Envelope:
        return sealed(replace(TELL, contract=replace(WITHDRAWN, reason="x" * letters)))

    def largest(self) -> int:
        """Letters of the longest reason that is taken."""
        low, high = 0, LIMIT
        while low < high:
            middle = (low + high + 1) // 2
            try:
                self.of(middle)
                low = middle
            except TooLarge:
                high = middle - 1
        return low

    def test_the_structured_form_never_exceeds_64_kib_and_nearly_reaches_it(self):
        largest = row(self.of(self.largest()), n=10**19)
        largest.recorded_at = largest.recorded_at.replace(year=9999, microsecond=999_999)
        assert len(cloud_event(largest).structured()) == LIMIT - FURTHER_PART

    def test_the_limit_counts_bytes_not_letters(self):
        half = self.largest() // 2
        self.of(half)
        with pytest.raises(TooLarge, match=r"event_withdrawn\.v1 is larger"):
            sealed(replace(TELL, contract=replace(WITHDRAWN, reason="é" * (half + 10))))


class TestOurForms:
    def test_binary_goes_out_and_comes_back(self):
        event = told()
        assert from_kafka(event.kafka_headers(), event.data) == event

    def test_structured_goes_out_and_comes_back(self):
        assert from_kafka(STRUCTURED, told().structured()) == told()

    @pytest.mark.parametrize(
        "media", ["application/cloudevents", "APPLICATION/CloudEvents+JSON; charset=utf-8"]
    )
    def test_structured_mode_is_known_by_its_media_type_in_any_case(self, media: str):
        headers = [("Content-Type", media.encode())]
        assert from_kafka(headers, told().structured()) == told()

    def test_the_stored_bytes_stand_inside_the_structured_form(self):
        assert told().structured().endswith(b',"data":' + told().data + b"}")

    def test_further_attributes_stand_beside_the_others(self):
        assert orjson.loads(told().structured(previous="41"))["previous"] == "41"


class TestOfficialSdk:
    def test_it_reads_our_binary_form(self):
        event = told()
        theirs = from_binary(
            KafkaMessage(dict(event.kafka_headers()), event.key.encode(), event.data),
            JSONFormat(),
            SdkEvent,
        )
        self.same(theirs, event)

    def test_it_reads_our_structured_form(self):
        event = told()
        message = KafkaMessage(dict(STRUCTURED), event.key.encode(), event.structured())
        self.same(from_structured(message, JSONFormat(), SdkEvent), event)

    def same(self, theirs: BaseCloudEvent, event: CloudEvent) -> None:
        attributes = dict(theirs.get_attributes())
        at = datetime(2018, 12, 19, 9, 30, tzinfo=UTC)
        assert attributes.pop("time") == at  # it reads the text; ours stays the text as told
        assert attributes == {name: one for name, one in event.attributes.items() if name != "time"}
        assert theirs.get_data() == orjson.loads(event.data)

    @pytest.mark.parametrize("form", [to_binary, sdk_structured])
    def test_we_read_what_it_writes(self, form):
        event = told()
        attributes = {**event.attributes, "time": datetime(2018, 12, 19, 9, 30, tzinfo=UTC)}
        written = form(SdkEvent(attributes, orjson.loads(event.data)), JSONFormat())
        back = from_kafka(written.headers.items(), written.value)
        assert back.attributes == event.attributes
        assert decode(back.type, back.data) == WITHDRAWN

    def test_we_read_data_that_it_wrote_as_base64(self):
        event = told()
        attributes = {**event.attributes, "time": datetime(2018, 12, 19, 9, 30, tzinfo=UTC)}
        written = sdk_structured(SdkEvent(attributes, event.data), JSONFormat())
        assert b"data_base64" in written.value
        assert from_kafka(written.headers.items(), written.value) == event


def changed(**more: object) -> bytes:
    """The structured form with some members set; those set to `...` are taken out."""
    whole = {**orjson.loads(told().structured()), **more}
    return orjson.dumps({name: one for name, one in whole.items() if one is not ...})


class TestWhatIsNone:
    def test_a_tombstone(self):
        with pytest.raises(NotACloudEvent, match="without a value"):
            from_kafka(told().kafka_headers(), None)

    @pytest.mark.parametrize(
        "value", [b"", b"{", b"[1]", b'"text"', b"\xff\xfe", b'{"id":"\\ud800"}']
    )
    def test_a_value_that_is_no_structured_event(self, value: bytes):
        with pytest.raises(NotACloudEvent):
            from_kafka(STRUCTURED, value)

    @pytest.mark.parametrize("name", ["id", "source", "type", "specversion", "partitionkey"])
    @pytest.mark.parametrize("held", [..., "", None])
    def test_a_needed_attribute_that_is_missing(self, name: str, held: object):
        with pytest.raises(NotACloudEvent, match=name):
            from_kafka(STRUCTURED, changed(**{name: held}))

    @pytest.mark.parametrize(
        "sequence",
        [..., "", "0", "-1", "+1", "1.0", "0x1", " 1", "1\n", "²", "١", "1_0", "9" * 20, "1" * 21],
    )
    def test_a_sequence_that_is_no_number_of_ours(self, sequence: object):
        with pytest.raises(NotACloudEvent, match="sequence"):
            from_kafka(STRUCTURED, changed(sequence=sequence))

    def test_another_version_of_the_standard(self):
        with pytest.raises(NotACloudEvent, match="specversion"):
            from_kafka(STRUCTURED, changed(specversion="0.3"))

    @pytest.mark.parametrize("held", [1.5, [], {"a": 1}])
    def test_an_attribute_of_no_type_of_the_standard(self, held: object):
        with pytest.raises(NotACloudEvent, match="no type"):
            from_kafka(STRUCTURED, changed(extra=held))

    @pytest.mark.parametrize("control", ["\x00", "\n", "\x7f", "\x85"])
    def test_a_control_character_in_an_attribute(self, control: str):
        with pytest.raises(NotACloudEvent, match="control"):
            from_kafka(STRUCTURED, changed(partitionkey=f"a{control}b"))

    def test_base64_that_is_none(self):
        for encoded in ("*", 5):
            with pytest.raises(NotACloudEvent, match="base64"):
                from_kafka(STRUCTURED, changed(data_base64=encoded))

    def test_a_header_that_is_no_text(self):
        with pytest.raises(NotACloudEvent, match="UTF-8"):
            from_kafka([*told().kafka_headers(), ("ce_extra", b"\xff")], told().data)

    def test_a_header_without_a_value_counts_as_absent(self):
        headers: list[tuple[str, bytes | None]] = [*told().kafka_headers(), ("ce_extra", None)]
        assert from_kafka(headers, told().data) == told()
        nameless = [one for one in headers if one[0] != "ce_source"]
        with pytest.raises(NotACloudEvent, match="source"):
            from_kafka([*nameless, ("ce_source", None)], told().data)

    def test_what_is_wrong_is_said_without_what_it_holds(self):
        with pytest.raises(NotACloudEvent) as said:
            from_kafka(STRUCTURED, changed(sequence="a patient's name"))
        assert "patient" not in str(said.value)


def test_numbers_and_truths_become_the_text_that_the_standard_gives_them():
    back = from_kafka(STRUCTURED, changed(extra=5, flag=True))
    assert back.attributes["extra"] == "5"
    assert back.attributes["flag"] == "true"
