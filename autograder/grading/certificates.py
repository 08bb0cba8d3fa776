"""Make certificates for a Dask cluster, in a folder that each of its machines has a copy of.

Dask accepts any certificate that the cluster's authority has signed and compares no host names. One
certificate therefore serves the scheduler, the workers and the instructor, each of whom can do
anything on the cluster. The authority's key is never written, so that nobody can sign another
certificate.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = timedelta(days=365)

CLOCKS_DIFFER = timedelta(days=1)
"""How far behind a machine's clock may be: a certificate is valid that long before it is made."""


def make(folder: Path) -> None:
    """Write a certificate, its key, its authority and a configuration of Dask that names them.

    The folder is created, readable by its owner only.
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700)
    key = ec.generate_private_key(ec.SECP256R1())
    authority, certificate = _signed(key.public_key())
    own = {"cert": str(folder / "cluster.pem"), "key": str(folder / "cluster-key.pem")}
    tls = {"ca-file": str(folder / "ca.pem"), "client": own, "scheduler": own, "worker": own}
    comm = {"require-encryption": True, "tls": tls}
    # Dask would write what exceeds a worker's memory into a folder that other users may read.
    worker = {"memory": {"target": False, "spill": False}}
    settings = {"distributed": {"comm": comm, "worker": worker}}
    files = {
        "ca.pem": authority.public_bytes(Encoding.PEM),
        "cluster.pem": certificate.public_bytes(Encoding.PEM),
        "cluster-key.pem": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "dask.yaml": json.dumps(settings, indent=2).encode() + b"\n",  # JSON is YAML too
    }
    for name, content in files.items():
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)


def _signed(key: ec.EllipticCurvePublicKey) -> tuple[x509.Certificate, x509.Certificate]:
    """Make an authority and a certificate for this key that it has signed."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    name = _name("authority of an autograder cluster")
    identifier = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        _begun(name, name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(authority_key, SHA256())
    )
    both_sides = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    by_authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
    certificate = (
        _begun(_name("autograder cluster"), name, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_sides), critical=False)
        .add_extension(by_authority, critical=False)
        .sign(authority_key, SHA256())
    )
    return authority, certificate


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCKS_DIFFER)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
