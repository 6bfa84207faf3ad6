"""A Celery worker that screens a pack, verifies it and trains: copy it and change `command`.

    SCREENING_SETTINGS=screening.toml celery -A celery_worker worker

The verdict is an answer and not a failure: a refused pack is refused again however often it is
tried, so nothing is retried, and what the uploader may read is in the result. Errors (an index that
is being rebuilt, a disk that fails) are failures, tried again and then reported: they never train.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from celery import Celery

from screening import (
    PackRefused,
    Screener,
    ScreeningError,
    Settings,
    screen_or_raise,
    verify_or_raise,
)

app = Celery(
    "training",
    broker=os.environ.get("BROKER_URL", "memory://"),
    backend=os.environ.get("RESULTS_URL", "cache+memory://"),
)


@cache
def screener() -> Screener:
    """One for each worker process, opened by its first task and not before the fork."""
    settings = os.environ.get("SCREENING_SETTINGS")
    return Screener.open(settings=Settings.load(Path(settings) if settings else None))


def command(pack: str) -> list[str]:
    """The trainer's command line."""
    return [sys.executable, "-c", f"print('would train on', {pack!r})"]


@app.task(
    autoretry_for=(ScreeningError, OSError), max_retries=3, retry_backoff=True, acks_late=True
)
def train(pack: str, uploader: str, language: str = "en") -> dict[str, Any]:
    """Train on ``pack`` if it is allowed; what came of it: ``verdict``, ``trained``, ``notice``."""
    gate = screener()
    try:
        decision = screen_or_raise(pack, screener=gate, uploader=uploader)
    except PackRefused as refused:
        refusal = refused.decision
        notice = refusal.notice(language)
        return {"trained": False, "verdict": refusal.verdict.value, "notice": notice}
    verify_or_raise(pack, decision, limits=gate.settings.limits)
    subprocess.run(command(pack), check=True)
    return {"trained": True, "verdict": decision.verdict.value, "notice": ""}
