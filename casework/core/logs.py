"""Log lines as JSON: event names and ids, never a child's data (PRIV-07)."""

import logging

import structlog

TRACEBACK = "Traceback (most recent call last)"


def line_formatter() -> logging.Formatter:
    """One JSON object a line with level, logger, time and event; tracebacks name places, not values."""
    return structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _only_places,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso"),
        ],
    )


def _only_places(
    logger: object, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace an exception by its type and the lines it passed: its message may quote a child's data."""
    info = event.pop("exc_info", None)
    if info and info[0]:
        frames = structlog.tracebacks.extract(*info, show_locals=False).stacks[0].frames
        event["error"] = info[0].__name__
        event["at"] = [f"{frame.filename}:{frame.lineno}" for frame in frames[-6:]]
    said = str(event.get("event", ""))
    if TRACEBACK in said:  # the worker of the jobs logs it as text
        event["event"] = f"{said.splitlines()[0].partition(' : ')[0]} : {TRACEBACK} left out"
    return event
