"""A template with its inputs: what of its texts is known before any of its nodes exist. Pure.

Argo: workflow/common/util.go (SubstituteParams), v4.1.2. Argo substitutes in the text of the whole template; here each
part is filled when it is wanted, by the same passes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tiphys.engine.plan import TemplatePlan
from tiphys.engine.texts import Layer, Names, fill
from tiphys.engine.variables import encode_struct
from tiphys.jsons import JsonObject
from tiphys.manifest.model import Template


@dataclass(slots=True)
class Body:
    """A template with its inputs: `fill` gives a text of it what is known before any of its nodes exist.

    `inputs` are Argo's parameters as JSON, with values.
    """

    plan: TemplatePlan
    inputs: list[JsonObject]
    passes: tuple[Names, ...]

    @property
    def template(self) -> Template:
        """The template as it stands in the manifest."""
        return self.plan.template

    @property
    def node_inputs(self) -> JsonObject | None:
        """The inputs as a node shows them."""
        return {"parameters": self.inputs} if self.inputs else None

    @property
    def input_values(self) -> dict[str, object]:
        """The inputs as names, for the scope of steps and tasks."""
        return {f"inputs.parameters.{body['name']}": body.get("value", "") for body in self.inputs}

    def fill(self, text: str) -> str:
        """The text after all passes."""
        if "{{" not in text:
            return text
        for names in self.passes:
            text = fill(text, names)
        return text

    def for_attempt(self, names: Mapping[str, object], below: Names) -> Body:
        """The body of one attempt of a Retry node: another round of passes with the names of the attempt."""
        first = Layer(names, below)
        return Body(self.plan, self.inputs, (*self.passes, first, Layer(self.own_names(self.inputs), first)))

    def own_names(self, inputs: list[JsonObject]) -> dict[str, object]:
        """The names under `inputs.` and of output paths."""
        names: dict[str, object] = {f"inputs.parameters.{p['name']}": p["value"] for p in inputs if "value" in p}
        if self.plan.lists_inputs or any("{{" in p.get("value", "") for p in inputs):
            names["inputs.parameters"] = encode_struct(inputs) if inputs else "null"
        for output in self.template.outputs.parameters:
            if output.value_from and output.value_from.path:
                names[f"outputs.parameters.{output.name}.path"] = self.fill(output.value_from.path)
        return names
