"""A SAM template on standard input, CloudFormation on standard output. Run by `.venv-emulator`, apart from our code.

Its partition is decided by a region; every address in the result is made of pseudo parameters all the same.
"""

import json
import logging
import sys

from samtranslator.model.exceptions import InvalidDocumentException  # type: ignore[import-not-found]
from samtranslator.translator.transform import transform  # type: ignore[import-not-found]


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


if __name__ == "__main__":
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    try:
        print(json.dumps(transform(json.load(sys.stdin), {}, _NoManagedPolicies())))
    except InvalidDocumentException as error:
        sys.exit("; ".join([error.message, *(cause.message for cause in error.causes)]))
