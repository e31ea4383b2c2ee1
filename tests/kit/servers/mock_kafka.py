"""Kafka's protocol with errors on demand: the mock cluster inside confluent-kafka's librdkafka.

It speaks real TCP, so that an ordinary client of ours meets an error that a healthy broker never
sends. It knows no admin requests and no groups of two: those belong to real Kafka.
"""

import ctypes
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ctypes import c_char_p, c_int, c_int16, c_size_t, c_void_p
from pathlib import Path

import confluent_kafka

PRODUCE = 0
"""The protocol's number of a produce request."""
TOPIC_AUTHORIZATION_FAILED = 29
"""An error that a client does not try again."""


class MockKafka:
    """One broker; `bootstrap` is where it listens."""

    def __init__(self, library: ctypes.CDLL, cluster: int) -> None:
        self._library = library
        self._cluster = c_void_p(cluster)
        self.bootstrap = str(library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def create(self, topic: str, partitions: int) -> None:
        self._done(
            self._library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), partitions, 1)
        )

    def answer(self, request: int, errors: Sequence[int]) -> None:
        """The next requests of that kind are answered with these errors, one each; 0 is none."""
        codes = (c_int * len(errors))(*errors)
        self._done(
            self._library.rd_kafka_mock_push_request_errors_array(
                self._cluster, c_int16(request), c_size_t(len(errors)), codes
            )
        )

    def down(self) -> None:
        self._done(self._library.rd_kafka_mock_broker_set_down(self._cluster, 1))

    def up(self) -> None:
        self._done(self._library.rd_kafka_mock_broker_set_up(self._cluster, 1))

    def _done(self, code: int | None) -> None:
        assert not code, f"the mock cluster refused: {code}"


@contextmanager
def mock_kafka() -> Iterator[MockKafka]:
    """A mock cluster for one test."""
    library = _library()
    said = ctypes.create_string_buffer(512)
    handle = library.rd_kafka_new(0, None, said, len(said))
    assert handle, said.value
    cluster = library.rd_kafka_mock_cluster_new(c_void_p(handle), 1)
    try:
        yield MockKafka(library, cluster)
    finally:
        library.rd_kafka_mock_cluster_destroy(c_void_p(cluster))
        library.rd_kafka_destroy(c_void_p(handle))


def _library() -> ctypes.CDLL:
    package = Path(str(confluent_kafka.__file__)).parent
    beside = sorted(package.parent.glob("confluent_kafka.libs/librdkafka*"))
    inside = sorted(package.glob(".dylibs/librdkafka*"))
    library = ctypes.CDLL(str((beside + inside)[0]))
    library.rd_kafka_new.restype = c_void_p
    library.rd_kafka_new.argtypes = (c_int, c_void_p, c_char_p, c_size_t)
    library.rd_kafka_mock_cluster_new.restype = c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = c_char_p
    return library
