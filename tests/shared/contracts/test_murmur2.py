"""The partition of a key: Kafka's own choice, as two other implementations of it make it."""

import random

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.partitioner import murmur2 as theirs

from shared.contracts.murmur2 import murmur2, partition_of

KAFKA_OWN = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}
"""Signed hashes from Apache Kafka's own test, UtilsTest.testMurmur2."""


@pytest.mark.parametrize("key", KAFKA_OWN)
def test_the_hash_is_that_of_the_java_client(key: bytes):
    signed = murmur2(key) - 2**32 if murmur2(key) >= 2**31 else murmur2(key)
    assert signed == KAFKA_OWN[key]


def test_the_partition_is_that_of_aiokafka_for_keys_of_every_length():
    seed = random.Random(20181219)
    choose = DefaultPartitioner()
    for length in range(200):
        key = seed.randbytes(length)
        assert murmur2(key) == theirs(key) & 0xFFFFFFFF
        for partitions in (1, 3, 12):
            every = list(range(partitions))
            assert partition_of(key, partitions) == choose(key, every, every)


def test_keys_spread_over_all_partitions():
    counts = [0] * 12
    for n in range(12_000):
        counts[partition_of(f"incident-{n}".encode(), 12)] += 1
    assert min(counts) > 800
    assert max(counts) < 1_200
