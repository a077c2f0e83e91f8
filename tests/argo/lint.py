"""Answers lint vectors with our own reader and rules, in the form of `conformance/vectors/lint.jsonl`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tiphys.manifest.documents import Document, Documents, find_duplicates, parse_documents
from tiphys.manifest.library import Library, library_of
from tiphys.manifest.validate import validate_document

KINDS = ("Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow", "WorkflowEventBinding")
MODES = {"strict": (True, True), "lenient": (False, True), "create": (False, False)}
"""By mode: strict reading, and whether it is a lint (else a creation)."""
SOURCES = ("WorkflowTemplate", "ClusterWorkflowTemplate")


def answer(question: Mapping[str, Any]) -> dict[str, Any]:
    """What we say to a question in all modes."""
    return {mode: answer_in(mode, question) for mode in MODES}


def answer_in(mode: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """What we say in one mode: `{"fatal": text}` or `{"objects": [...]}`."""
    strict, lint = MODES[mode]
    files = {file["name"]: file["content"] for file in question["files"]}
    sources = [parse_documents(text, file=name, strict=False) for name, text in files.items()]
    everything = [document for documents in sources for document in documents if document.kind in KINDS]
    for document in everything:
        if not document.is_valid:
            return {"fatal": next(problem.message for problem in document.problems if problem.severity == "error")}
    duplicates = find_duplicates(document for document in everything if document.kind in SOURCES)
    if duplicates:
        return {"fatal": duplicates[0].message}
    library = library_of(everything)
    targets = [parse_documents(files[name], file=name, strict=strict) for name in question["targets"]]
    objects = [_object(document, library, lint=lint) for documents in targets for document in _known(documents)]
    return {"objects": objects}


def _known(documents: Documents) -> list[Document]:
    return [document for document in documents if document.kind in KINDS and not document.listed]


def _object(document: Document, library: Library, *, lint: bool) -> dict[str, Any]:
    errors = [problem for problem in document.problems if problem.severity == "error"]
    stage = "parse"
    if not errors:
        errors, stage = validate_document(document, library, lint=lint), "validate"
    if not errors:
        return {"ok": True}
    message = re.sub(r"__argo__internal__placeholder-\d+", "<placeholder>", errors[0].message)
    return {"ok": False, "error": message, "stage": stage}


def agrees_in_all(expected: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether the answers of all modes are the expected ones, words included."""
    return all(agrees(expected[mode], given[mode], texts=True) for mode in MODES)


def agrees(expected: dict[str, Any], given: dict[str, Any], *, texts: bool = False) -> bool:
    """Whether an answer is the expected one: every object's `ok`, and with `texts` the words of stage `validate`."""
    if "anyOf" in expected:
        return any(agrees(one, given, texts=texts) for one in expected["anyOf"])
    if "fatal" in expected or "fatal" in given:
        return "fatal" in expected and "fatal" in given
    if [o["ok"] for o in expected["objects"]] != [o["ok"] for o in given["objects"]]:
        return False
    return not texts or all(
        left.get("stage") != "validate" or re.sub(r"<placeholder>\d*", "<placeholder>", left["error"]) == right["error"]
        for left, right in zip(expected["objects"], given["objects"], strict=True)
        if not left["ok"]
    )
