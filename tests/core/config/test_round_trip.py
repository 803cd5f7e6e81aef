import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings

from core.config.checks import check
from core.config.document import Desk, Document
from core.config.plan import applied, merge, plan
from core.config.reading import read
from core.config.starter import starter
from core.config.writing import dump
from tests.core.config.documents import documents, text

ROOT = Path(__file__).parents[3]
slow = settings(max_examples=100, deadline=None)


@slow
@given(documents())
def test_an_export_is_read_back_as_the_same_document(document: Document) -> None:
    assert check(document) == []
    exported = dump(document)
    again, _ = read(exported, "desk.yaml")
    assert again == document
    assert dump(again) == exported


@slow
@given(text)
def test_any_text_survives_the_export(name: str) -> None:
    document = Document(desk=Desk(name=name, case_types=(name,)))
    assert read(dump(document), "desk.yaml")[0] == document


@slow
@given(documents())
def test_applying_an_export_changes_nothing(document: Document) -> None:
    again, lines = read(dump(document), "desk.yaml", document)
    assert plan(document, again, False, lines) == ()
    assert plan(document, again, True, lines) == ()


@slow
@given(documents(), documents())
def test_an_export_with_prune_restores_what_it_was_made_from(before: Document, meanwhile: Document) -> None:
    wanted, _ = read(dump(before), "desk.yaml", meanwhile, prune=True)
    assert applied(meanwhile, plan(meanwhile, wanted, True)) == before


def test_the_document_of_a_new_desk_is_exported_in_a_dozen_lines() -> None:
    assert (
        dump(starter())
        == """\
desk:
  name: Service desk

channels:
  email: {label: Mail}

presence_statuses:
  available: {label: Available, kind: available, channels: [email]}
  away: {label: Away, kind: busy}
  offline: {label: Offline, kind: offline}

presence_configurations:
  standard: {}

routing_configurations:
  normal: {}
"""
    )
    assert read(dump(starter()), "desk.yaml")[0] == starter()


def test_an_empty_document_still_says_so() -> None:
    assert read(dump(Document()), "desk.yaml")[0] == Document()
    assert merge(starter(), Document(), prune=False) == starter()


def test_to_write_a_configuration_nothing_is_imported_that_checks_or_plans_one() -> None:
    code = "import sys, core.config.stored, core.config.writing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = {name for name in done.stdout.split() if name.startswith("core.config.")}
    assert loaded == {
        f"core.config.{name}"
        for name in ("document", "hosts", "problems", "scalars", "stored", "values", "weeks", "writing")
    }
