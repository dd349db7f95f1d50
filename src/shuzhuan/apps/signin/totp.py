"""Time-based one-time codes (RFC 6238): six digits, thirty seconds, SHA-1, as every app expects."""

from __future__ import annotations

import base64
import hmac
import secrets

import qrcode
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from qrcode.constants import ERROR_CORRECT_M

DIGITS = 6
STEP_SECONDS = 30
# Clocks of phones are off by up to this many steps, before and after.
TOLERANCE_STEPS = 1
SECRET_BYTES = 20
ISSUER = "数转灯塔"
QUIET_ZONE = 4


def new_secret() -> str:
    """A fresh secret in the letters that people can type (base32)."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _engine(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303


def code_at(secret: str, seconds: int) -> str:
    """The code that an authenticator shows at a moment."""
    return _engine(secret).generate(seconds).decode()


def step_of(secret: str, code: str, seconds: int) -> int | None:
    """The time step that a code belongs to, or none. Every step is compared, in equal time."""
    found = None
    here = seconds // STEP_SECONDS
    for step in range(here - TOLERANCE_STEPS, here + TOLERANCE_STEPS + 1):
        expected = code_at(secret, step * STEP_SECONDS)
        if hmac.compare_digest(expected.encode(), code.encode()):
            found = step
    return found


def address(secret: str, login_name: str) -> str:
    """The otpauth address that an authenticator reads from the picture."""
    return _engine(secret).get_provisioning_uri(login_name, ISSUER)


def picture(text: str) -> tuple[int, str]:
    """Side length and path of a QR code, to be drawn as SVG without any style."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    dark = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, filled in enumerate(row) if filled
    ]
    return len(rows), "".join(dark)
