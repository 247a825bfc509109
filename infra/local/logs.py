"""Where a local run's log lines go: all to a file, and what needs a person to the terminal in one line."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

_MOST_BYTES = 20 * 1024 * 1024


def open_log(path: Path) -> None:
    """Send every logger's lines to `path` as JSON, and warnings and errors to stderr as well."""
    to_file = RotatingFileHandler(path, maxBytes=_MOST_BYTES, backupCount=1, encoding="utf-8")
    to_file.setFormatter(JsonLine())
    to_terminal = logging.StreamHandler(sys.stderr)
    to_terminal.setLevel(logging.WARNING)
    to_terminal.setFormatter(TerminalLine())
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in (to_file, to_terminal):
        root.addHandler(handler)
    # Eight threads and a ninth request is no news on a developer's machine.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def adopt() -> None:
    """Turn loggers that write to the terminal by themselves, as they must on Lambda, over to ours."""
    loggers = [
        found for found in logging.Logger.manager.loggerDict.values() if isinstance(found, logging.Logger)
    ]
    for logger in loggers:
        own = [handler for handler in logger.handlers if _is_terminal(handler)]
        for handler in own:
            logger.removeHandler(handler)
        if own:
            logger.propagate = True


def _is_terminal(handler: logging.Handler) -> bool:
    terminals = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    return isinstance(handler, logging.StreamHandler) and handler.stream in terminals


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """The line as fields. The app's own lines are JSON already; anybody else's become it."""
    message = record.getMessage()
    if message.startswith("{"):
        try:
            fields: dict[str, Any] = json.loads(message)
        except ValueError:
            pass
        else:
            return fields
    time = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
    return {"time": time, "level": record.levelname, "logger": record.name, "event": message}


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), default=str)


class TerminalLine(logging.Formatter):
    """`warning: what happened key=value (Error: message)`; the traceback is in the file."""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        details = " ".join(
            f"{name}={value}"
            for name, value in fields.items()
            if name not in {"time", "level", "logger", "event", "error"}
        )
        line = f"{record.levelname.lower()}: {fields.get('event', '')} {details}".rstrip()
        reason = fields.get("error", "").strip().rpartition("\n")[2]
        if record.exc_info and record.exc_info[1]:
            reason = f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        return f"{line} ({reason})".replace("\n", " ") if reason else line.replace("\n", " ")
