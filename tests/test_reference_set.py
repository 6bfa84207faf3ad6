"""The record of a work: what is written comes back, what is malformed is named."""

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import ReferenceSetError
from screening.references import Character, Licence, Name, ReferenceSet, Status
from screening.references.reference_set import MANIFEST_FILE

MEDUSA = Character(
    id="medusa",
    names=(
        Name(text="美杜莎", language="zh"),
        Name(text="Medusa", language="en", distinctive=False),
    ),
)
RECORD = ReferenceSet(
    id="doupo",
    work="斗破苍穹",
    rights_holder="Holder",
    provenance="frames of season 5",
    art_licence="all rights reserved",
    status=Status.DISPUTED,
    work_names=(Name(text="Battle Through the Heavens", language="en"),),
    characters=(MEDUSA, Character(id="xiao-yan", names=())),
    licences=(
        Licence(
            holder="studio", characters=("medusa",), until=date(2027, 12, 31), note="contract 7"
        ),
        Licence(holder="owner"),
    ),
)

ids = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
filled = texts.filter(str.strip)
names = st.builds(Name, text=filled, language=texts, distinctive=st.booleans())


@st.composite
def records(draw: st.DrawFn) -> ReferenceSet:
    known = draw(st.lists(ids, unique=True, max_size=4))
    some = st.lists(st.sampled_from(known), unique=True) if known else st.just([])
    licences = st.builds(
        Licence,
        holder=filled,
        characters=some.map(tuple),
        until=st.none() | st.dates(),
        note=texts,
    )
    return ReferenceSet(
        id=draw(ids),
        work=draw(filled),
        rights_holder=draw(filled),
        provenance=draw(texts),
        art_licence=draw(texts),
        status=draw(st.sampled_from(Status)),
        work_names=tuple(draw(st.lists(names, max_size=3))),
        characters=tuple(
            Character(id=each, names=tuple(draw(st.lists(names, max_size=3)))) for each in known
        ),
        licences=tuple(draw(st.lists(licences, max_size=3))),
    )


@settings(deadline=None, max_examples=100)
@given(records())
def test_what_is_saved_comes_back(
    tmp_path_factory: pytest.TempPathFactory, record: ReferenceSet
) -> None:
    root = tmp_path_factory.mktemp("sets")
    record.save(root)
    assert ReferenceSet.load(root / record.id) == record


def test_saving_leaves_one_file_that_a_person_can_read(tmp_path: Path) -> None:
    RECORD.save(tmp_path)
    assert [each.name for each in (tmp_path / "doupo").iterdir()] == [MANIFEST_FILE]
    text = (tmp_path / "doupo" / MANIFEST_FILE).read_text(encoding="utf-8")
    assert "美杜莎" in text
    assert "until = 2027-12-31" in text


def write(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "set"
    folder.mkdir(exist_ok=True)
    (folder / MANIFEST_FILE).write_text(text, encoding="utf-8")
    return folder


def test_the_least_record(tmp_path: Path) -> None:
    record = ReferenceSet.load(write(tmp_path, 'work = "W"\nrights_holder = "R"'))
    assert record == ReferenceSet(id="set", work="W", rights_holder="R")
    assert record.status is Status.ACTIVE


HEAD = 'work = "W"\nrights_holder = "R"\n'
HERO = '[[characters]]\nid = "hero"\n'
MALFORMED = {
    "work is missing": 'rights_holder = "R"',
    "rights_holder is missing": 'work = "W"',
    "work must be a string, not 7": 'work = 7\nrights_holder = "R"',
    "work is empty": 'work = " "\nrights_holder = "R"',
    "rights_holder is empty": 'work = "W"\nrights_holder = ""',
    "provenance must be a string, not []": HEAD + "provenance = []",
    "art_licence must be a string": HEAD + "art_licence = false",
    "unknown field 'licence'": HEAD + 'licence = "CC0"',
    "schema is 2, not 1": HEAD + "schema = 2",
    "schema must be a whole number, not True": HEAD + "schema = true",
    "status must be one of active, disabled, disputed, quarantined, not 'off'": (
        HEAD + 'status = "off"'
    ),
    "status must be a string, not 1": HEAD + "status = 1",
    "work_names must be a list of tables": HEAD + 'work_names = "W"',
    "work_names 1 must be a table, not 'W'": HEAD + 'work_names = ["W"]',
    "work_names 2: text is missing": HEAD + 'work_names = [{text = "a"}, {language = "en"}]',
    "work_names 1: language must be a string": HEAD + 'work_names = [{text="a", language=1}]',
    "characters must be a list of tables": HEAD + 'characters = {id = "a"}',
    "characters 1: id is missing": HEAD + "[[characters]]\nnames = []",
    "characters 1: unknown field 'name'": HEAD + HERO + 'name = "Hero"',
    "characters 1: names must be a list of tables": HEAD + HERO + 'names = "Hero"',
    "characters 1: names 1: text must be a string, not 1": HEAD + HERO + "names = [{text = 1}]",
    "the text of a name is empty": HEAD + HERO + 'names = [{text = "  "}]',
    "names 1: distinctive must be true or false, not 'no'": (
        HEAD + HERO + 'names = [{text = "a", distinctive = "no"}]'
    ),
    "names 1: unknown field 'kind'": HEAD + HERO + 'names = [{text = "a", kind = 1}]',
    "id 'Hero' must be lower-case": HEAD + '[[characters]]\nid = "Hero"',
    "id '../x' must be lower-case": HEAD + '[[characters]]\nid = "../x"',
    "id '' must be lower-case": HEAD + '[[characters]]\nid = ""',
    "two characters have the id 'hero'": HEAD + HERO + HERO,
    "licences 1: holder is missing": HEAD + "[[licences]]\nnote = 'x'",
    "the holder of a licence is empty": HEAD + '[[licences]]\nholder = ""',
    "licences 1: characters must be a list of strings": (
        HEAD + HERO + '[[licences]]\nholder = "h"\ncharacters = "hero"'
    ),
    "the licence of 'h' names the unknown character 'heroine'": (
        HEAD + HERO + '[[licences]]\nholder = "h"\ncharacters = ["hero", "heroine"]'
    ),
    "licences 1: until must be a date like 2027-12-31, not '2027'": (
        HEAD + '[[licences]]\nholder = "h"\nuntil = "2027"'
    ),
    "licences 1: until must be a date like 2027-12-31, not datetime": (
        HEAD + '[[licences]]\nholder = "h"\nuntil = 2027-12-31T00:00:00'
    ),
    "licences 1: unknown field 'untill'": HEAD + '[[licences]]\nholder = "h"\nuntill = 2027-01-01',
    "not readable": "work = ",
}


@pytest.mark.parametrize("message", MALFORMED)
def test_what_is_malformed_names_file_and_field(tmp_path: Path, message: str) -> None:
    folder = write(tmp_path, MALFORMED[message])
    with pytest.raises(ReferenceSetError) as raised:
        ReferenceSet.load(folder)
    assert str(raised.value).startswith(f"{folder / MANIFEST_FILE}: ")
    assert message in str(raised.value)


def test_no_record_and_no_text_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ReferenceSetError, match="not readable"):
        ReferenceSet.load(tmp_path)
    (tmp_path / MANIFEST_FILE).write_bytes(b"work = '\xff'")
    with pytest.raises(ReferenceSetError, match="not readable"):
        ReferenceSet.load(tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(replace(RECORD, id="../x"), id="path"),
        pytest.param(replace(RECORD, id="a" * 101), id="long id"),
        pytest.param(replace(RECORD, work="\udc80"), id="not Unicode"),
        pytest.param(replace(RECORD, characters=(MEDUSA, MEDUSA)), id="twice"),
        pytest.param(replace(RECORD, characters=()), id="licence of an unknown character"),
    ],
)
def test_what_could_not_be_loaded_is_not_saved(tmp_path: Path, record: ReferenceSet) -> None:
    RECORD.save(tmp_path)
    before = (tmp_path / "doupo" / MANIFEST_FILE).read_bytes()
    with pytest.raises(ReferenceSetError):
        record.save(tmp_path)
    assert (tmp_path / "doupo" / MANIFEST_FILE).read_bytes() == before
    assert [each.name for each in tmp_path.rglob("*")] == ["doupo", MANIFEST_FILE]


def test_an_interrupted_save_leaves_the_old_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    RECORD.save(tmp_path)

    def full(self: Path, text: str, encoding: str) -> None:
        with self.open("w", encoding=encoding) as file:
            file.write(text[: len(text) // 2])
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="no space"):
            replace(RECORD, work="Other").save(tmp_path)
    assert ReferenceSet.load(tmp_path / "doupo") == RECORD
    assert [each.name for each in (tmp_path / "doupo").iterdir()] == [MANIFEST_FILE]


def test_threads_that_save_leave_one_whole_record(tmp_path: Path) -> None:
    choices = [replace(RECORD, work=f"{n}" * 2000) for n in range(4)]
    threads = [
        threading.Thread(target=lambda each=each: [each.save(tmp_path) for _ in range(10)])
        for each in choices
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert ReferenceSet.load(tmp_path / "doupo") in choices
    assert [each.name for each in (tmp_path / "doupo").iterdir()] == [MANIFEST_FILE]


DAY = date(2027, 12, 31)


@pytest.mark.parametrize(
    ("licence", "uploader", "character", "day", "covered"),
    [
        (Licence(holder="h", until=DAY), "h", "medusa", DAY, True),
        (Licence(holder="h", until=DAY), "h", "medusa", date(2028, 1, 1), False),
        (Licence(holder="h"), "h", "medusa", date.max, True),
        (Licence(holder="h"), "H", "medusa", DAY, False),
        (Licence(holder="h"), "", "medusa", DAY, False),
        (Licence(holder=""), "", "medusa", DAY, False),
        (Licence(holder="h", characters=("medusa",)), "h", "medusa", DAY, True),
        (Licence(holder="h", characters=("medusa",)), "h", "xiao-yan", DAY, False),
        (Licence(holder="h", characters=("medusa",)), "h", "", DAY, False),
    ],
)
def test_whom_a_licence_covers(
    licence: Licence, uploader: str, character: str, day: date, covered: bool
) -> None:
    assert licence.covers(uploader, character, day) is covered


def test_a_character_is_called_by_its_first_name_or_its_id() -> None:
    assert MEDUSA.name == "美杜莎"
    assert RECORD.characters[1].name == "xiao-yan"
    assert RECORD.character("medusa") is MEDUSA
    assert RECORD.character("nobody") is None
