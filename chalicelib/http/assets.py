"""Files that ship with the bundle, each served under a name that holds its hash: what it names never changes.

They are served as text, for Chalice refuses a binary answer to a request without `Accept`.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    name: str
    """For example `docs.1f3a9c2b.js`."""
    content_type: str
    text: str


@cache
def load(file: str) -> Asset:
    """`docs.js`, from `static/docs.js` or `static/docs.js.gz`; read once a process."""
    packed = STATIC / f"{file}.gz"
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else (STATIC / file).read_bytes()
    stem, suffix = Path(file).stem, Path(file).suffix
    digest = hashlib.sha256(content).hexdigest()[:8]
    return Asset(f"{stem}.{digest}{suffix}", _TYPES[suffix], content.decode())
