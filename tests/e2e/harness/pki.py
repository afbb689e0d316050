"""Keys and certificates of one control plane: an authority, the API server's certificate, the front proxy's, the key of
service-account tokens."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey
FRONT_PROXY = "front-proxy"
USES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


@dataclass(frozen=True)
class Pki:
    """Where the files are; `<name>.crt` and `<name>.key` belong together."""

    folder: Path

    def certificate(self, name: str) -> Path:
        return self.folder / f"{name}.crt"

    def key(self, name: str) -> Path:
        return self.folder / f"{name}.key"


def write(folder: Path) -> Pki:
    """Make everything; valid for a day."""
    folder.mkdir()
    pki = Pki(folder)
    authority = _key(pki, "ca")
    root = _certificate(pki, "ca", authority, authority)
    for name in ("apiserver", FRONT_PROXY):
        _certificate(pki, name, _key(pki, name), authority, issuer=root)
    _key(pki, "service-accounts")
    return pki


def _key(pki: Pki, name: str) -> Key:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    pki.key(name).write_bytes(pem)
    return key


def _certificate(pki: Pki, name: str, key: Key, signer: Key, issuer: x509.Certificate | None = None) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.DNSName("kubernetes.default.svc"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
    )
    if issuer:
        builder = builder.add_extension(x509.ExtendedKeyUsage(USES), critical=False)
    made = builder.sign(signer, hashes.SHA256())
    pki.certificate(name).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return made
