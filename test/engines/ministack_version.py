"""The additions to MiniStack use its private names: only the version whose names they know may run with them."""

import sys
from importlib.metadata import version

KNOWN_VERSION = "1.5.33"


def require_known_version() -> None:
    if version("ministack") != KNOWN_VERSION:
        sys.exit(
            f"What is added to MiniStack knows {KNOWN_VERSION} from inside, and this is {version('ministack')}: "
            'run "npm run engines", or compare the private names that are used before you change the version.'
        )
