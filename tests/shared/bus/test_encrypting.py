"""TLS to Kafka: what the three files must be. That it works is tried with a cluster's users."""

import ssl
from pathlib import Path

import pytest

from shared.bus.encrypting import by, open_tls
from shared.kernel.errors import Misconfigured
from tests.kit.certificates import Authority


def test_without_a_file_brokers_are_reached_in_the_clear():
    assert by(open_tls(None, None, None)) == {}


def test_with_an_authority_brokers_are_checked_and_this_process_is_known(tmp_path: Path):
    authority = Authority(tmp_path)
    for pair in ((None, None), authority.issue("intake-kafka")):
        tls = open_tls(authority.certificate, *pair)
        assert tls is not None
        assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert by(tls) == {"security_protocol": "SSL", "ssl_context": tls}


def test_files_that_cannot_serve_are_one_sentence(tmp_path: Path):
    authority = Authority(tmp_path)
    certificate, key = authority.issue("intake-kafka")
    other = authority.issue("other")[1]
    text = tmp_path / "text"
    text.write_text("not a certificate")
    for files, said in (
        ((authority.certificate, certificate, None), "come together"),
        ((authority.certificate, None, key), "come together"),
        ((None, certificate, key), "OPENDOOR_KAFKA_CA_FILE is missing"),
        ((tmp_path / "nowhere", None, None), "No such file or directory"),
        ((text, None, None), "no PEM"),
        ((authority.certificate, certificate, other), "no PEM"),
    ):
        with pytest.raises(Misconfigured, match=said):
            open_tls(*files)
