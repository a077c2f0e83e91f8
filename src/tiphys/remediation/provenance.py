"""Every parameter's value comes from a source that the catalog declares, or it is refused. Pure.

For each parameter code works out what may stand there (an `Offer`); a planner's answer is accepted only when it is in
the offer, and what is kept is the value with its source. A value that merely looks right is refused, and so is a
parameter one of whose labels holds something that cannot be such a value: a selector with a flag in it is not trimmed
to its nice part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tiphys import jsons
from tiphys.remediation import cleaning, derivations, kinds
from tiphys.remediation import evidence as findings
from tiphys.remediation.catalog import Action, Parameter
from tiphys.remediation.evidence import Finding
from tiphys.remediation.intake import AlertGroup
from tiphys.remediation.kinds import Value
from tiphys.remediation.origins import BoundedInt, Choice, Derived, FromLabel, Origin


@dataclass(frozen=True, slots=True)
class Resolved:
    """A parameter with its provenance.

    `source` is the origin as the catalog writes it, `path` where the value stood (`labels.namespace`), `digest` names
    the evidence it stood in, empty when it stood in the alert or the catalog.
    """

    name: str
    value: Value
    source: str
    path: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a planner may answer for one parameter: one of `values`, or, with `bounds`, any whole number within them.

    `fault` says why there is nothing to answer; empty otherwise.
    """

    parameter: str
    values: tuple[Resolved, ...] = ()
    bounds: tuple[int, int] | None = None
    fault: str = ""

    def to_json(self) -> jsons.JsonObject:
        """As planners see it."""
        if self.fault:
            return {"unavailable": self.fault}
        if self.bounds:
            return {"min": self.bounds[0], "max": self.bounds[1]}
        return {"values": [resolved.value for resolved in self.values]}


@dataclass(frozen=True, slots=True)
class Ground:
    """What offers are worked out from."""

    group: AlertGroup
    evidence: Sequence[Finding]


def make_offers(action: Action, ground: Ground, chosen: Mapping[str, Value]) -> tuple[Offer, ...]:
    """The offer for each parameter of `action`, in order.

    A list that hangs on another parameter (prefixes of a cluster) uses `chosen`, else the only value of that parameter.
    """
    known: dict[str, Value] = {}
    offers: list[Offer] = []
    for parameter in action.parameters:
        offer = _make_offer(action, parameter, ground, known | dict(chosen))
        offers.append(offer)
        if len(offer.values) == 1:
            known[parameter.name] = offer.values[0].value
    return tuple(offers)


def check_value(offer: Offer, given: object) -> Resolved | str:
    """The parameter with its provenance, when `given` is in the offer; else what is wrong, in words."""
    name = offer.parameter
    if offer.fault:
        return f"{name}: {offer.fault}"
    if offer.bounds:
        least, most = offer.bounds
        if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
            return f"{name}: {cleaning.quoted(given)} is not a whole number from {least} to {most}"
        return Resolved(name, given, "int", f"bounds {least}..{most}")
    same = [value for value in offer.values if value.value == given and type(value.value) is type(given)]
    return same[0] if same else f"{name}: {cleaning.quoted(given)} comes from none of the declared sources"


def _make_offer(action: Action, parameter: Parameter, ground: Ground, known: Mapping[str, Value]) -> Offer:
    found: list[Resolved] = []
    for origin in parameter.origins:
        resolved = _resolve(parameter, origin, ground)
        if isinstance(resolved, str):
            return Offer(parameter.name, fault=resolved)
        if resolved:
            found.append(resolved)
    if found:
        return _first(parameter, found, ground)
    for origin in parameter.origins:
        if isinstance(origin, Choice):
            values = _choices(parameter, origin, action.constraints, known)
            return Offer(parameter.name, values, fault="" if values else "there is nothing to choose from")
        if isinstance(origin, BoundedInt):
            return _bounded(parameter, ground)
    wanted = ", ".join(map(str, parameter.origins))
    return Offer(parameter.name, fault=f"none of its sources has a value ({wanted})")


def _resolve(parameter: Parameter, origin: Origin, ground: Ground) -> Resolved | str | None:
    """The value that a label or derivation gives; why it is refused; or None when it gives nothing."""
    path, digest = "", ""
    match origin:
        case FromLabel(label, form) if label in ground.group.labels:
            text, path = form.replace("{}", ground.group.labels[label]), f"labels.{label}"
        case Derived(name):
            derived = derivations.derive(name, parameter.kind, ground.group, ground.evidence)
            if derived is None:
                return None
            text, path, digest = derived.value, derived.path, derived.digest
        case _:
            return None
    value = kinds.read_value(parameter.kind, text)
    if value is None:
        return f"{path} holds {cleaning.quoted(text)}, which {kinds.value_fault(parameter.kind, text)}"
    return Resolved(parameter.name, value, str(origin), path, digest)


def _first(parameter: Parameter, found: Sequence[Resolved], ground: Ground) -> Offer:
    """The first source wins, unless a label and a derivation name two different things."""
    first = found[0]
    others = [other for other in found if other.value != first.value]
    disputed = [other for other in others if other.source.startswith("derived:") != first.source.startswith("derived:")]
    if disputed and parameter.kind not in ("label_selector", "redis_pattern"):
        other = disputed[0]
        said = [f"{item.path} says {cleaning.quoted(item.value)}" for item in (first, other)]
        fault = f"two sources disagree: {', '.join(said)}"
        return Offer(parameter.name, fault=fault)
    if parameter.kind == "int":
        limits = _bounded(parameter, ground)
        least, most = limits.bounds or (1, 0)
        if not least <= int(first.value) <= most:
            return Offer(parameter.name, fault=limits.fault or f"{first.value} is not from {least} to {most}")
    return Offer(parameter.name, (first,))


def _bounded(parameter: Parameter, ground: Ground) -> Offer:
    least, most = parameter.minimum or 0, parameter.maximum or 0
    if parameter.relative_to and parameter.max_factor:
        current = findings.number_of(ground.evidence, parameter.relative_to)
        if current is None:
            return Offer(parameter.name, fault=f"the fact {parameter.relative_to} is not known")
        most = min(most, int(current * parameter.max_factor))
    if least > most:
        return Offer(parameter.name, fault=f"nothing lies between {least} and {most}")
    return Offer(parameter.name, bounds=(least, most))


def _choices(
    parameter: Parameter, origin: Choice, limits: Mapping[str, Any], known: Mapping[str, Value]
) -> tuple[Resolved, ...]:
    values = origin.values or _listed(origin.constraint, limits, known)
    path = origin.constraint or "the list itself"
    return tuple(Resolved(parameter.name, value, str(origin), path) for value in values)


def _listed(constraint: str, limits: Mapping[str, Any], known: Mapping[str, Value]) -> Sequence[str]:
    """The list that one of `origins.CHOICES` names."""
    enumerated = jsons.as_object(limits.get("enumerated"))
    keys = jsons.as_object(enumerated.get(str(known.get("configmap"))))
    match constraint:
        case "keys of enumerated":
            return tuple(enumerated)
        case "keys of the config map":
            return tuple(keys)
        case "values of the key":
            return tuple(keys.get(str(known.get("key")), ()))
        case "allowed_prefixes of the cluster, with a trailing *":
            prefixes = jsons.as_object(limits.get("allowed_prefixes")).get(str(known.get("cluster")), ())
            return tuple(f"{prefix}*" for prefix in prefixes)
        case _:
            return tuple(limits.get(constraint, ()))
