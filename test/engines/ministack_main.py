"""MiniStack with what the tests need and it lacks. Runs like `ministack` itself, with the same environment variables."""

import ministack_version

ministack_version.require_known_version()

import ministack_cloudformation  # noqa: E402, F401
import ministack_iam  # noqa: E402, F401
import ministack_moves  # noqa: E402, F401
from ministack import app  # noqa: E402

# With TLS it would listen on port 443 too, where that is free.
app._port_is_bindable = lambda *_: False

if __name__ == "__main__":
    app.main()
