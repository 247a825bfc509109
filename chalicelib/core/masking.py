"""Personal details as they may be shown to who has no need of them: enough to recognise, too little to use. Pure."""

import re

_PHONE = re.compile(r"\+?[0-9]{6,15}")


def masked(text: str) -> str:
    """`138****5678` for a phone number, `l***@example.com` for an address, the first letter of anything else."""
    if not text:
        return ""
    if _PHONE.fullmatch(text):
        return f"{text[:3]}****{text[-4:]}" if len(text) >= 10 else f"{text[:2]}****"
    name, at, domain = text.partition("@")
    return f"{name[:1]}***{at}{domain}"
