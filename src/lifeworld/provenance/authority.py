"""Who signs here: a certificate authority of this user's own, made once, and the certificate of the author under it.

    mine = Authority.usual()               # $LIFEWORLD_SIGNING, or lifeworld/signing in the user's configuration folder
    mine.fingerprint                       # '3f2a…': what to compare with whom you send files to
    mine.remember(their_pem)               # from now on files signed under theirs are of somebody known

The folder holds `mine/` (certificates, and two keys that only their owner may read) and `known/` (certificates of others). Nobody vouches
for this authority but itself: it says that files come from the same hands, and who knows the fingerprint knows whose.

Source: C2PA 2.2, section 14.5 (certificates of signers); RFC 5280.
"""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lifeworld.core.errors import InputError, UnreadableFile
from lifeworld.core.storage import on_disk
from lifeworld.core.write import replace_file

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

LASTS = timedelta(days=3650)
SERVES = timedelta(days=30)
MOST_NAME, MOST_PEM, MOST_KNOWN = 64, 20_000, 1_000
ORGANISATION = "lifeworld, an author's own authority"


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificates in a folder. `chain` is the author's, then the authority's (PEM); `key` is the author's private key."""

    folder: Path
    name: str
    chain: str
    pem: str
    key: bytes = field(repr=False)

    @classmethod
    def usual(cls) -> Authority:
        """This user's, made if there is none yet; the author is called as LIFEWORLD_AUTHOR says, else by a made-up name.

        Raises:
            StorageError: if it cannot be written. UnreadableFile: if it is damaged.
        """
        return cls.at(usual_folder(), name=os.environ.get("LIFEWORLD_AUTHOR") or None)

    @classmethod
    def at(cls, folder: Path, *, name: str | None = None) -> Authority:
        """The one in a folder, made if there is none; of two that make it at once both get the same.

        Args:
            name: what the author is called in files from now on; None for what they were called, at first for a made-up name.

        Raises:
            InputError: for a name that is none. StorageError, UnreadableFile: as `usual`.
        """
        if name is not None and (not name.strip() or len(name) > MOST_NAME or not name.isprintable()):
            raise InputError("an author's name is a line", got=name[:MOST_NAME], expected=f"1 to {MOST_NAME} letters that can be printed")
        mine = folder / "mine"
        with on_disk(folder):
            if not mine.is_dir():
                _make(mine)
            found = _read(folder)
            if name is not None and name != found.name:
                _name(mine, name)
                found = _read(folder)
        return found

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the authority's certificate, 64 hexadecimal digits."""
        return fingerprint(self.pem)

    def remember(self, pem: str) -> str:
        """From now on the authority of this certificate is known here; its fingerprint.

        Raises:
            UnreadableFile: if it is no certificate of an authority.
        """
        return remember(self.folder, pem)

    def served(self, hosts: Sequence[str]) -> tuple[bytes, bytes]:
        """A certificate for a server that answers to these names and addresses, with its chain, and its key: PEM, good for a month."""
        from cryptography import x509
        from cryptography.x509.oid import ExtendedKeyUsageOID

        key = _new_key()
        names = [_host(host) for host in hosts]
        more = [
            (x509.SubjectAlternativeName(names), False),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        ]
        made = _issued(self.folder / "mine", "lifeworld studio", key.public_key(), more, lasts=SERVES)
        return _pem(made).encode() + self.pem.encode(), _private(key)


def usual_folder() -> Path:
    """Where this user's authority lies."""
    if given := os.environ.get("LIFEWORLD_SIGNING"):
        return Path(given)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "lifeworld" / "signing"


def known(folder: Path) -> dict[str, str]:
    """The authorities that are known in a folder, this user's own first: fingerprint → certificate (PEM). Damaged ones are left out."""
    out: dict[str, str] = {}
    own = folder / "mine" / "authority.pem"
    for path in [own, *sorted((folder / "known").glob("*.pem"))[:MOST_KNOWN]]:
        with suppress(OSError, UnreadableFile):
            pem = _read_pem(path)
            out[fingerprint(pem)] = pem
    return out


def remember(folder: Path, pem: str) -> str:
    """Note an authority as known; its fingerprint.

    Raises:
        UnreadableFile: if it is no certificate of an authority.
    """
    digits = fingerprint(pem)
    if digits not in known(folder):
        with on_disk(folder), replace_file(folder / "known" / f"{digits}.pem") as beside:
            beside.write_text(pem)
    return digits


def fingerprint(pem: str) -> str:
    """The SHA-256 of an authority's certificate.

    Raises:
        UnreadableFile: if it is no certificate of an authority.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        made = x509.load_pem_x509_certificate(pem.encode())
        if not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            raise ValueError("it may not vouch for others")
    except (ValueError, x509.ExtensionNotFound) as error:
        raise UnreadableFile("this is no certificate of an authority", got=str(error)[:200]) from None
    return hashlib.sha256(made.public_bytes(Encoding.DER)).hexdigest()


def spoken(fingerprint: str) -> str:
    """The first half of a fingerprint in groups, as people read one to each other."""
    return " ".join(fingerprint[i : i + 4] for i in range(0, 32, 4))


# -- below -----------------------------------------------------------------------------------------------------------------


def _make(mine: Path) -> None:
    """All four files in a folder beside, which is then given its name: whoever is first wins."""
    from cryptography import x509

    mine.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = mine.with_name(f".part-{secrets.token_hex(6)}")
    beside.mkdir(mode=0o700)
    try:
        key = _new_key()
        name = _subject(f"lifeworld authority {secrets.token_hex(4)}")
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, _sha256())
        )
        _write(beside / "authority.key", _private(key), 0o600)
        _write(beside / "authority.pem", _pem(made).encode(), 0o644)
        _name(beside, f"author {secrets.token_hex(4)}")
        try:
            os.rename(beside, mine)
        except OSError:
            if not mine.is_dir():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _name(mine: Path, name: str) -> None:
    """An author of this name under the authority, in place of whoever it was; the key and its certificate are one file."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID

    key = _new_key()
    made = _issued(mine, name, key.public_key(), [(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), True)], lasts=LASTS)
    beside = mine / f".part-{secrets.token_hex(6)}"
    _write(beside, _private(key) + _pem(made).encode(), 0o600)
    os.replace(beside, mine / "author.key")


def _read(folder: Path) -> Authority:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    mine = folder / "mine"
    try:
        pem = _read_pem(mine / "authority.pem")
        both = (mine / "author.key").read_bytes()
        at = both.index(b"-----BEGIN CERTIFICATE-----")
        author = both[at:].decode("ascii")
        name = x509.load_pem_x509_certificate(both[at:]).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    except (FileNotFoundError, ValueError, IndexError) as error:
        raise UnreadableFile(
            "the signing keys are damaged", where=str(mine), got=str(error)[:200], fix="Move the folder away: new ones are made."
        ) from None
    return Authority(folder, str(name), author + pem, pem, both[:at])


def _read_pem(path: Path) -> str:
    with path.open("rb") as file:
        data = file.read(MOST_PEM + 1)
    try:
        pem = data[:MOST_PEM].decode("ascii")
    except UnicodeDecodeError as error:
        raise UnreadableFile("this is no certificate", where=str(path)) from error
    fingerprint(pem)
    return pem


def _issued(mine: Path, name: str, public: Any, more: Sequence[tuple[Any, bool]], *, lasts: timedelta) -> Certificate:
    """A certificate under the authority, for signing alone."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    authority = x509.load_pem_x509_certificate((mine / "authority.pem").read_bytes())
    key: Any = load_pem_private_key((mine / "authority.key").read_bytes(), None)
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_subject(name))
        .issuer_name(authority.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(max(now - timedelta(days=1), authority.not_valid_before_utc))
        .not_valid_after(min(now + lasts, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, _sha256())


def _subject(name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION)])


def _usage(**said: bool) -> Any:
    from cryptography import x509

    every = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign encipher_only"
    return x509.KeyUsage(**{**dict.fromkeys((*every.split(), "decipher_only"), False), **said})


def _host(host: str) -> Any:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _new_key() -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1())


def _sha256() -> Any:
    from cryptography.hazmat.primitives import hashes

    return hashes.SHA256()


def _private(key: Any) -> bytes:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _pem(made: Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return made.public_bytes(Encoding.PEM).decode("ascii")


def _write(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.write(handle, data)
        os.fsync(handle)
    finally:
        os.close(handle)
