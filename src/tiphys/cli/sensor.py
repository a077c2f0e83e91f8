"""`tiphys sensor`: tries a sensor on events; nothing is executed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import click

from tiphys.cli import output


@click.group(
    short_help="Try a sensor on events, executing nothing.", epilog="Example: tiphys sensor simulate sensor.yaml e.json"
)
def sensor() -> None:
    """Sensors, before they are let loose."""


@sensor.command(epilog="Example: tiphys sensor simulate sensor.yaml event1.json event2.json")
@click.argument("sensor_file", metavar="SENSOR")
@click.argument("event_files", metavar="EVENTFILE...", nargs=-1, required=True)
@output.output_option("json")
def simulate(sensor_file: str, event_files: tuple[str, ...], output: str | None) -> int:
    """Show what the Sensor in SENSOR would do with the events of EVENTFILEs, one after the other.

    Every dependency with its filters, every trigger that would fire with its resolved parameters, and what still waits.
    An event is a CloudEvent, or `{context, data}`. The exit status is 1 when nothing would fire.
    """
    simulations = _simulate(sensor_file, event_files)
    _print(simulations, output)
    return 0 if any(simulation.would_fire for simulation in simulations) else 1


def _simulate(sensor_file: str, event_files: Sequence[str]) -> list[Any]:
    from tiphys.events.compiling import compile_sensor
    from tiphys.events.simulate import read_event
    from tiphys.events.simulate import simulate as simulated

    now = output.now()
    events = [
        read_event(tree, default_id=f"event-{number}", at=now) for number, tree in enumerate(_trees(event_files), 1)
    ]
    return [simulated(compile_sensor(item), events, now) for item in _sensors(sensor_file)]


def _sensors(file: str) -> list[Any]:
    from tiphys.cli.documents import read_texts
    from tiphys.errors import Refused
    from tiphys.manifest import documents
    from tiphys.manifest.events_model import Sensor

    read = (document for name, text in read_texts([file]) for document in documents.read_documents(text, file=name))
    found = [document.resource for document in read if isinstance(document.resource, Sensor)]
    if not found:
        raise Refused(f"no Sensor found in {file}")
    return found


def _trees(files: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The documents of the event files, each an event."""
    from tiphys.cli.documents import read_texts
    from tiphys.errors import InvalidManifest
    from tiphys.manifest.parse import parse_text

    for file, text in read_texts(files):
        for parsed in parse_text(text, file=file):
            if parsed.problems:
                raise InvalidManifest(parsed.problems)
            yield parsed.tree


def _print(simulations: Sequence[Any], form: str | None) -> None:
    if form == "json":
        output.print_json([dataclasses.asdict(simulation) for simulation in simulations])
        return
    for simulation in simulations:
        for line in _lines(simulation):
            click.echo(line)


def _lines(simulation: Any) -> Iterator[str]:
    yield f"sensor {simulation.sensor}"
    for delivery in simulation.deliveries:
        reason = f": {delivery.reason}" if delivery.reason else ""
        yield f"  event {delivery.event} at {delivery.trigger}/{delivery.dependency}: {delivery.outcome}{reason}"
        for finding in delivery.filters:
            yield f"      {finding.kind} filter: {finding.error or ('passed' if finding.passed else 'did not pass')}"
    yield from (f"  event {event}: no dependency names it" for event in simulation.unmatched)
    for firing in simulation.firings:
        yield f"  trigger {firing.trigger} would {'fail: ' + firing.error if firing.error else 'fire'}"
        yield from (f"      {item.dest} = {item.value}" for item in firing.parameters)
    for waiting in simulation.waiting:
        yield f"  trigger {waiting.trigger} waits for {', '.join(waiting.missing)} ({waiting.condition})"
    if not simulation.would_fire:
        yield "  nothing would fire"
