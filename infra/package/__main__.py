"""`make package`: build/<architecture>/ gets souk.zip, template.json and manifest.json.

ARGS="--architecture x86_64" for the rehearsal on a machine of that kind; Lambda's functions run on arm64.
"""

from __future__ import annotations

import argparse
import sys

from infra.package import build
from infra.package.chalice_step import PackagingFailed
from infra.package.translate import TranslationFailed


def main() -> int:
    parser = argparse.ArgumentParser(prog="make package", description=__doc__)
    parser.add_argument("--architecture", choices=build.ARCHITECTURES, default="arm64")
    asked = parser.parse_args()
    try:
        made = build.build(asked.architecture)
    except (PackagingFailed, TranslationFailed, build.OverTheLimit) as error:
        print(f"Not packaged: {error}", file=sys.stderr)
        return 1
    build.show(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
