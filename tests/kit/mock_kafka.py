"""librdkafka's mock cluster: a broker over real TCP that answers with errors when it is told to.

It shows no more than its protocol: what is said of Kafka is said of runs against Apache Kafka (F4).
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import confluent_kafka

PRODUCE = 0
"""The number of the protocol's Produce request."""
BROKER = 1


class MockKafka:
    """One broker with one topic."""

    def __init__(self, topic: str, partitions: int) -> None:
        self._library = _library()
        said = ctypes.create_string_buffer(512)
        conf = self._library.rd_kafka_conf_new()
        self._library.rd_kafka_conf_set(conf, b"log_level", b"0", said, len(said))
        self._client = self._library.rd_kafka_new(0, conf, said, len(said))
        assert self._client, said.value.decode()
        self._cluster = self._library.rd_kafka_mock_cluster_new(self._client, BROKER)
        failed = self._library.rd_kafka_mock_topic_create(
            self._cluster, topic.encode(), partitions, BROKER
        )
        assert not failed
        self.bootstrap = str(self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def refuse(self, *codes: int) -> None:
        """Answers the next Produce requests with these error codes of the protocol."""
        errors = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(
            self._cluster, PRODUCE, len(codes), errors
        )

    def down(self) -> None:
        """Cuts every connection and takes no new one."""
        assert not self._library.rd_kafka_mock_broker_set_down(self._cluster, BROKER)

    def up(self) -> None:
        assert not self._library.rd_kafka_mock_broker_set_up(self._cluster, BROKER)

    def slow(self, milliseconds: int) -> None:
        """Delays each answer by so much."""
        assert not self._library.rd_kafka_mock_broker_set_rtt(self._cluster, BROKER, milliseconds)

    def close(self) -> None:
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._client)


@contextmanager
def mock_kafka(topic: str, partitions: int = 1) -> Iterator[MockKafka]:
    """A mock cluster for one test."""
    cluster = MockKafka(topic, partitions)
    try:
        yield cluster
    finally:
        cluster.close()


def _library() -> ctypes.CDLL:
    folder = Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    (found,) = folder.glob("librdkafka-*")
    library = ctypes.CDLL(str(found))
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, answer, *told in (
        ("rd_kafka_conf_new", pointer),
        ("rd_kafka_conf_set", number, pointer, text, text, text, ctypes.c_size_t),
        ("rd_kafka_new", pointer, number, pointer, text, ctypes.c_size_t),
        ("rd_kafka_destroy", None, pointer),
        ("rd_kafka_mock_cluster_new", pointer, pointer, number),
        ("rd_kafka_mock_cluster_bootstraps", text, pointer),
        ("rd_kafka_mock_cluster_destroy", None, pointer),
        ("rd_kafka_mock_topic_create", number, pointer, text, number, number),
        (
            "rd_kafka_mock_push_request_errors_array",
            None,
            pointer,
            ctypes.c_int16,
            ctypes.c_size_t,
            ctypes.POINTER(number),
        ),
        ("rd_kafka_mock_broker_set_down", number, pointer, ctypes.c_int32),
        ("rd_kafka_mock_broker_set_up", number, pointer, ctypes.c_int32),
        ("rd_kafka_mock_broker_set_rtt", number, pointer, ctypes.c_int32, number),
    ):
        function = getattr(library, str(name))
        function.restype, function.argtypes = answer, told
    return library
