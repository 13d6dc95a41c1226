"""What all tests share: one cache of judged lines for the whole run, and hypothesis without chance or clock."""

from __future__ import annotations

import fcntl
import os
import shutil

import hypothesis
import pytest
from playwright.sync_api import sync_playwright

from symformer.book import chapters, contents, results

hypothesis.settings.register_profile("house", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def shared_cache(tmp_path_factory):
    """Results are kept in one folder for all workers, never in the reader's own cache."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "symformer-cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SYMFORMER_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def book(shared_cache):
    """The result of every chapter of our book, by slug, in reading order; judged by whichever worker comes first."""
    with (shared_cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        titles = {listed.slug: listed.title for listed in contents()}
        found = {result.chapter.slug: result for result in results(chapters(), titles)}
    return {chapter.slug: found[chapter.slug] for chapter in chapters()}


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, one for each worker; tests that need it are left out where there is none, but not in CI."""
    chromium = shutil.which("chromium")
    if chromium is None and not os.environ.get("CI"):
        pytest.skip("chromium is not installed")
    with sync_playwright() as play:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        running = play.chromium.launch(executable_path=chromium, args=flags)
        yield running
        running.close()
