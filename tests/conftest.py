"""What every test may rely on.

A test that needs a real service skips without it, and fails without it when CI=true. No event loop is current when the
tests begin: on Python 3.11 pytest-asyncio would otherwise make one by asking for it, and leave it open, which is then
reported in whatever test happens to run next.
"""

import asyncio
import os
import shutil

import pytest

SERVICES = {
    "prometheus": ("prometheus", "prometheus-alertmanager"),
}
"""The programs that a service consists of; `@pytest.mark.service(name)` asks for them."""


def pytest_sessionstart():
    asyncio.set_event_loop(None)


def pytest_runtest_setup(item: pytest.Item):
    for marker in item.iter_markers("service"):
        (name,) = marker.args
        missing = [program for program in SERVICES[name] if shutil.which(program) is None]
        if missing:
            reason = f"needs {name}: {', '.join(missing)} not on the PATH"
            if os.environ.get("CI") == "true":
                pytest.fail(f"{reason}; with CI=true nothing may be skipped")
            pytest.skip(reason)
