"""Whatever lies in the folder, the answer is an engagement or its problems, never another exception."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assess import intake

FILES = [
    "engagement.yaml",
    "systems.csv",
    "integrations.csv",
    "value_stream.csv",
    "readiness.csv",
    "operations/incidents.csv",
]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = st.sampled_from(
    [
        "id",
        "name",
        "source",
        "target",
        "crm",
        "erp",
        "volume",
        "growth",
        "data",
        "client",
        "goals",
        "team",
        "people",
        "assumptions",
        ":",
        ",",
        ";",
        "=",
        "-",
        "[",
        "]",
        "{",
        "}",
        "/",
        "%",
        "&",
        "*",
        "!",
        "|",
        ">",
        "#",
        '"',
        "'",
        "\n",
        "\r\n",
        "\t",
        "\ufeff",
        "\u202e",
        "1",
        "-1",
        "1e400",
        "yes",
        "null",
        "~",
        "<<",
    ]
)


def tried(files):
    with tempfile.TemporaryDirectory() as root:
        for name, content in {"engagement.yaml": b"client: x\n", **files}.items():
            path = Path(root, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        try:
            return intake.load(root)
        except intake.InvalidEngagement as invalid:
            assert invalid.problems
            for problem in invalid.problems:
                assert str(problem).isprintable()
                assert len(str(problem)) < 2000
            return None


@pytest.mark.parametrize("name", [*FILES, "intake.xlsx"])
@QUICK
@given(content=st.binary(max_size=300))
def test_random_bytes(name, content):
    tried({name: content})


@pytest.mark.parametrize("name", FILES)
@QUICK
@given(words=st.lists(WORDS, max_size=40))
def test_random_words_of_the_formats(name, words):
    tried({name: "".join(words).encode("utf-8")})


@pytest.mark.parametrize("name", FILES[1:])
@QUICK
@given(
    header=st.permutations(["id", "source", "target", "data", "step", "practice", "answer"]),
    cells=st.lists(st.text(max_size=12), max_size=14),
)
def test_random_cells_below_a_good_header(name, header, cells):
    rows = [
        ",".join(header),
        *(",".join('"' + c.replace('"', '""') + '"' for c in cells[i : i + 7]) for i in (0, 7)),
    ]
    tried({name: "\n".join(rows).encode("utf-8", "surrogatepass")})


@QUICK
@given(data=st.data())
def test_a_damaged_workbook(data):
    content = bytearray(WORKBOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    tried({"intake.xlsx": bytes(content)})


@QUICK
@given(
    part=st.sampled_from(
        ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml"]
    ),
    content=st.binary(max_size=80),
)
def test_a_workbook_with_a_damaged_part(part, content):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, content if name == part else old.read(name))
    tried({"intake.xlsx": out.getvalue()})


def _workbook():
    with tempfile.TemporaryDirectory() as root:
        return Path(intake.init(Path(root, "e"), workbook=True), "intake.xlsx").read_bytes()


WORKBOOK = _workbook()
