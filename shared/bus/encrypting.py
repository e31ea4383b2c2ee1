"""Kafka by TLS: whom this process trusts, and the certificate by which brokers know it."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from shared.kernel.errors import Misconfigured

Tls = ssl.SSLContext | None
"""None: the brokers are reached in the clear."""


def open_tls(ca: Path | None, certificate: Path | None, key: Path | None) -> Tls:
    """What the three PEM files say; without `ca` no TLS. A certificate and its key come together.
    They are read once: after a renewal the process is started anew. Raises Misconfigured."""
    if (certificate is None) != (key is None):
        raise Misconfigured(
            "OPENDOOR_KAFKA_CERTIFICATE_FILE and OPENDOOR_KAFKA_KEY_FILE come together."
        )
    if ca is None:
        if certificate is not None:
            raise Misconfigured("OPENDOOR_KAFKA_CA_FILE is missing: no TLS without whom to trust.")
        return None
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(ca)
        if certificate is not None:
            context.load_cert_chain(certificate, key)
    except OSError as error:
        what = "no PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise Misconfigured(f"A file of OPENDOOR_KAFKA_..._FILE cannot be read: {what}.") from error
    return context


def by(tls: Tls) -> Mapping[str, object]:
    """The arguments of any aiokafka client."""
    return {"security_protocol": "SSL", "ssl_context": tls} if tls else {}
