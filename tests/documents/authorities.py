"""Certificate authorities of this process: one that issues to several, one that stamps the time over HTTP."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from casework.core import clock

USES = ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only")


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: tuple[str, rsa.RSAPrivateKey] | None = None,
    *,
    stamps: bool = False,
) -> x509.Certificate:
    """That of `name`, by the `issuer` (name and key), else self-made as an authority's; for time stamps if it `stamps`."""
    by, signing = issuer or (name, key)
    is_authority = issuer is None and not stamps
    now = clock.real_now()
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        **dict.fromkeys(USES, False),
    )
    builder = (
        x509.CertificateBuilder(
            named(by), named(name), key.public_key(), x509.random_serial_number()
        )
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=300))
        .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
        .add_extension(usage, critical=True)
    )
    if stamps:
        only = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(only, critical=True)
    return builder.sign(signing, hashes.SHA256())


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def issued(names: Sequence[str], folder: Path) -> dict[str, str]:
    """Key files of several customers of one authority, its own certificate in each."""
    key = new_key()
    authority = certificate("An authority", key)
    files = {}
    for name in names:
        own = new_key()
        mine = certificate(name, own, ("An authority", key))
        data = pkcs12.serialize_key_and_certificates(
            name.encode(), own, mine, [authority], NoEncryption()
        )
        files[name] = str(folder / f"{name}.p12")
        Path(files[name]).write_bytes(data)
    return files


@contextmanager
def stamping() -> Iterator[str]:
    """The address of an RFC 3161 authority that answers as long as the block goes on."""
    server = HTTPServer(("127.0.0.1", 0), _answering(_stamper()))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _stamper() -> Any:
    from pyhanko.sign.timestamps import DummyTimeStamper

    key = new_key()
    own = certificate("Stamps", key, stamps=True)
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return DummyTimeStamper(
        asn1_x509.Certificate.load(own.public_bytes(Encoding.DER)),
        asn1_keys.PrivateKeyInfo.load(private),
    )


def _answering(stamper: Any) -> type[BaseHTTPRequestHandler]:
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            said = stamper.request_tsa_response(tsp.TimeStampReq.load(asked)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *arguments: object) -> None:
            return

    return Answer
