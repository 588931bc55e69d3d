"""Every kind of bad input is one problem at its exact place, and all of them come at once."""

import os
import shlex

import pytest

from assess import intake
from assess.core.trust import Allowed, granted


def put(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def place(problem):
    return (problem.file, problem.sheet, problem.row, problem.column)


YAML = "engagement.yaml"
SYSTEMS = "id,name\ncrm,CRM\nerp,ERP\n"
I_HEAD = "id,source,target"
CELLS = "id,source,target,volume,growth,peak_per_second,consumers,criticality,partner,goals\n"

BAD = [
    # what is written, into which file, place of the problem, words of the message
    ("YAML syntax", YAML, "client: x\nteam: [1,\n", (YAML, "", 3, ""), "syntax error"),
    ("YAML tab", YAML, "client: x\nteam:\n\tpeople: 3\n", (YAML, "", 3, ""), "syntax error"),
    ("YAML empty", YAML, "", (YAML, "", None, ""), "is empty"),
    ("YAML list", YAML, "- client\n", (YAML, "", 1, ""), "holds no keys"),
    ("YAML two documents", YAML, "client: x\n---\nclient: y\n", (YAML, "", 2, ""), "second document"),
    ("YAML alias", YAML, "client: &a x\ntitle: *a\n", (YAML, "", 1, ""), "anchors"),
    ("YAML depth", YAML, "client: " + "[" * 5000, (YAML, "", 1, ""), "nested too deeply"),
    ("YAML code", YAML, "client: !!python/object/apply:os.system [ls]\n", (YAML, "", 1, "client"), "a list"),
    ("YAML tag", YAML, "client: !secret x\n", (YAML, "", 1, "client"), "YAML tag"),
    ("key twice", YAML, "client: x\nclient: y\n", (YAML, "", 2, "client"), "given twice (first in line 1)"),
    ("unknown key", YAML, "client: x\ncurency: EUR\n", (YAML, "", 2, "curency"), 'did you mean "currency"?'),
    ("unknown nested key", YAML, "client: x\nteam:\n  peple: 3\n", (YAML, "", 3, "team.peple"), 'did you mean "people"?'),
    ("unknown skill", YAML, "client: x\nteam:\n  skills: {apifirst: 1}\n", (YAML, "", 3, "team.skills.apifirst"), 'did you mean "api-first"?'),
    ("unknown goal key", YAML, "client: x\ngoals:\n- id: a\n  gaol: b\n  goal: c\n", (YAML, "", 4, "goals[1].gaol"), 'did you mean "goal"?'),
    ("goal without id", YAML, "client: x\ngoals:\n- goal: b\n", (YAML, "", 3, "goals.id"), "is required"),
    ("goals are text", YAML, "client: x\ngoals: fast\n", (YAML, "", 2, "goals"), "is no list"),
    ("no client", YAML, "title: x\n", (YAML, "", None, "client"), "is required"),
    ("empty client", YAML, "client:\n", (YAML, "", 1, "client"), "is required"),
    ("wrong type", YAML, "client: x\nteam: {people: three}\n", (YAML, "", 2, "team.people"), "is not a number"),
    ("section is text", YAML, "client: x\nteam: three\n", (YAML, "", 2, "team"), "single value"),
    ("single is a map", YAML, "client: {a: b}\n", (YAML, "", 1, "client"), "holds keys"),
    ("negative money", YAML, "client: x\nteam: {day_rate: -720}\n", (YAML, "", 2, "team.day_rate"), "is negative"),
    ("share beyond one", YAML, "client: x\nteam: {focus: 350}\n", (YAML, "", 2, "team.focus"), "out of range"),
    ("share of 150 %", YAML, "client: x\nteam: {focus: 150 %}\n", (YAML, "", 2, "team.focus"), "out of range"),
    ("a comma with two meanings", YAML, "client: x\nteam: {people: '2,500'}\n", (YAML, "", 2, "team.people"), "if the comma begins the decimals"),
    ("infinite", YAML, "client: x\nteam: {people: 1e999}\n", (YAML, "", 2, "team.people"), "too large"),
    ("not a number", YAML, "client: x\nteam: {people: .nan}\n", (YAML, "", 2, "team.people"), "is not a number"),
    ("a date of February", YAML, "client: x\ndate: 2026-02-30\n", (YAML, "", 2, "date"), "not a day"),
    ("a date with two meanings", YAML, "client: x\ndate: 3/1/2026\n", (YAML, "", 2, "date"), "is not a date"),
    ("a wrong word", YAML, "client: x\nmoney: rael\n", (YAML, "", 2, "money"), 'did you mean "real"?'),
    ("currency", YAML, "client: x\ncurrency: Taler\n", (YAML, "", 2, "currency"), "is no currency"),
    ("own currency", YAML, "client: x\nexchange_rates: {EUR: 1}\n", (YAML, "", 2, "exchange_rates"), "own currency"),
    ("horizon", YAML, "client: x\nhorizon_years: 40\n", (YAML, "", 2, "horizon_years"), "out of range"),
    ("list of styles", YAML, "client: x\nconstraints:\n  excluded_styles: [ipass]\n", (YAML, "", 3, "constraints.excluded_styles"), 'did you mean "ipaas"?'),
    ("unknown assumption", YAML, "client: x\nassumptions:\n  no.such.key: 3\n", (YAML, "", 3, "assumptions.no.such.key"), "is no assumption"),
    ("YAML in two encodings", YAML, "client: Plzeň\n".encode("cp1250"), (YAML, "", 1, ""), "can be Windows-1252, or"),
    ("YAML with NUL", YAML, b"client: x\nti\0tle: y\n", (YAML, "", 2, ""), "NUL"),
    ("YAML control character", YAML, b"client: x\ntitle: \x01\n", (YAML, "", 2, ""), "YAML does not allow"),
    ("empty CSV", "systems.csv", "", ("systems.csv", "", None, ""), "is empty"),
    ("blank CSV", "systems.csv", "\n \n", ("systems.csv", "", None, ""), "is empty"),
    ("no encoding", "systems.csv", "id,encoding\ncrm,Latin 99\nerp,\n", ("systems.csv", "", 2, "encoding"), "is no encoding of text"),
    ("bytes as encoding", "systems.csv", "id,encoding\ncrm,\nerp,base64\n", ("systems.csv", "", 3, "encoding"), "is no encoding of text"),
    ("no delimiter", "systems.csv", "id,delimiter\ncrm,;;\nerp,tab\n", ("systems.csv", "", 2, "delimiter"), "is no delimiter"),
    ("a letter as delimiter", "systems.csv", "id,delimiter\ncrm,\nerp,x\n", ("systems.csv", "", 3, "delimiter"), "is no delimiter"),
    ("ragged row, longer", "systems.csv", "id,name\ncrm,CRM,x\nerp,ERP\n", ("systems.csv", "", 2, ""), "has 3 fields, the header has 2"),
    ("ragged row, shorter", "systems.csv", "id,name\ncrm,CRM\nerp\n", ("systems.csv", "", 3, ""), "has 1 fields, the header has 2"),
    ("two encodings", "systems.csv", "id,name\ncrm,CRM\nerp,Plzeň\n".encode("cp1250"), ("systems.csv", "", 3, ""), "can be Windows-1252, or"),
    ("mixed encodings", "systems.csv", "id,name\ncrm,Größe\n".encode() + "erp,Größe\n".encode("cp1252"), ("systems.csv", "", 3, ""), "as other lines"),
    ("neither", "systems.csv", b"id,name\ncrm,CRM\nerp,\x81\xff\n", ("systems.csv", "", 3, ""), "is not UTF-8"),
    ("NUL", "systems.csv", b"id,name\ncrm,C\0M\nerp,ERP\n", ("systems.csv", "", 2, ""), "NUL"),
    ("control character", "systems.csv", b"id,name\ncrm,C\x07M\nerp,ERP\n", ("systems.csv", "", 2, "name"), "U+0007"),
    ("500 kB cell", "systems.csv", f"id,name\ncrm,{'x' * 500_000}\nerp,ERP\n", ("systems.csv", "", 2, ""), "too long"),
    ("open quote", "systems.csv", 'id,name\ncrm,"CRM\nerp,ERP\n', ("systems.csv", "", 2, ""), "never closed"),
    ("text behind a quote", "systems.csv", 'id,name\ncrm,"C"RM\nerp,ERP\n', ("systems.csv", "", 2, ""), "closing quote"),
    ("unknown column", "systems.csv", "id,nmae\ncrm,CRM\nerp,ERP\n", ("systems.csv", "", 1, ""), 'did you mean "name"?'),
    ("column twice", "systems.csv", "id,name,name\ncrm,a,b\nerp,a,b\n", ("systems.csv", "", 1, ""), "2 columns"),
    ("column without name", "systems.csv", "id,name,\ncrm,a,b\nerp,a,\n", ("systems.csv", "", 2, ""), "without a name"),
    ("missing column", "integrations.csv", "id,source\norders,crm\nstock,erp\n", ("integrations.csv", "", 1, "target"), "is missing"),
    ("empty required cell", "integrations.csv", f"{I_HEAD}\norders,crm,\nstock,erp,crm\n", ("integrations.csv", "", 2, "target"), "is required"),
    ("duplicate id", "systems.csv", "id\ncrm\nerp\ncrm\n", ("systems.csv", "", 4, "id"), "the same as row 2"),
    ("duplicate by case", "systems.csv", "id\ncrm\nerp\nCRM\n", ("systems.csv", "", 4, "id"), "but for case or space"),
    ("duplicate goal", YAML, "client: x\ngoals:\n- {id: faster, goal: b}\n- {id: Faster, goal: c}\n", (YAML, "", 4, "goals.id"), "the same as line 3"),
    ("unknown practice", "readiness.csv", "practice,answer\nobservability/alert-set,1\n", ("readiness.csv", "", 2, "practice"), 'did you mean "observability/alerts-set"?'),
    ("misspelt criterion", YAML, "client: x\nweights:\n  latancy: 30\n", (YAML, "", 3, "weights.latancy"), 'is no key, did you mean "latency"?'),
    ("negative weight", YAML, "client: x\nweights: {latency: -1}\n", (YAML, "", 2, "weights.latency"), "is negative"),
    ("weights that are all zero", YAML, "client: x\nweights: {volume: 0, latency: 0, interaction: 0, consumers: 0, heterogeneity: 0, coverage: 0, customisation: 0, skill: 0, governance: 0, change: 0, partner: 0}\n", (YAML, "", 2, "weights"), "are all zero"),
    ("unknown practice of a weight", YAML, "client: x\nimportance:\n  alerts: 1\n", (YAML, "", 3, "importance.alerts"), "is no key"),
    ("target out of range", YAML, "client: x\ntargets:\n  observability/alerts-set: 1.5\n", (YAML, "", 3, "targets.observability/alerts-set"), "out of range"),
    ("own practice of the checklist", "practices.csv", "id,text,days\nobservability/alerts-set,x,1\n", ("practices.csv", "", 2, "id"), "is in the checklist already"),
    ("own practice twice", "practices.csv", "id,text,days\na,x,1\nA,y,1\n", ("practices.csv", "", 3, "id"), "the same as row 2"),
    ("own practice without days", "practices.csv", "id,text\na,x\n", ("practices.csv", "", 1, "days"), "is missing"),
    ("own threshold out of range", "practices.csv", "id,text,days,pilot\na,x,1,200\n", ("practices.csv", "", 2, "pilot"), "out of range"),
    ("unknown practice of a target", YAML, "client: x\ntargets: {alerts: 1}\n", (YAML, "", 2, "targets.alerts"), "is no key"),
    ("time zone", YAML, "client: x\ntime_zone: Berlin\n", (YAML, "", 2, "time_zone"), "is no time zone"),
    ("holiday", YAML, "client: x\nholidays: [25.12.2026]\n", (YAML, "", 2, "holidays"), "is no day"),
    ("memory", YAML, "client: x\ndata: {memory_limit: much}\n", (YAML, "", 2, "data.memory_limit"), "is no amount"),
    ("step with a separator", "value_stream.csv", "step\na:b\n", ("value_stream.csv", "", 2, "step"), "holds a separator"),
    ("id with a separator", "systems.csv", "id\ncrm\nerp\na;b\n", ("systems.csv", "", 4, "id"), "holds a separator"),
    ("duplicate answer", "readiness.csv", "practice,answer,respondent\na,1,Ada\na,0,ada\n", ("readiness.csv", "", 3, "practice, respondent"), "the same as row 2"),
    ("a reason without a requirement", "integrations.csv", f"{I_HEAD},required,required_by\norders,crm,erp,,GDPR\nstock,erp,crm,yes,GDPR\n", ("integrations.csv", "", 2, "required_by"), "required is empty"),
    ("a reason against it", "integrations.csv", f"{I_HEAD},required,required_by\norders,crm,erp,no,GDPR\nstock,erp,crm,no,\n", ("integrations.csv", "", 2, "required_by"), "required is no"),
    ("unknown system", "integrations.csv", f"{I_HEAD}\norders,crm,erpp\nstock,erp,crm\n", ("integrations.csv", "", 2, "target"), 'did you mean "erp"?'),
    ("unknown goal", "integrations.csv", f"{I_HEAD},goals\norders,crm,erp,fastr\nstock,erp,crm,\n", ("integrations.csv", "", 2, "goals"), "not in goals"),
    ("unknown integration of a risk", "risks.csv", "id,integrations\nr1,order\n", ("risks.csv", "", 2, "integrations"), 'did you mean "orders"?'),
    ("unknown component", "stack.csv", "id,product,component\np1,x,gatway\n", ("stack.csv", "", 2, "component"), "api-gateway"),
    ("product without a component", "stack.csv", "id,product,component\np1,x,\n", ("stack.csv", "", 2, "component"), "is required"),
    ("product of no system", "stack.csv", "id,product,component,systems\np1,x,observability,crm; zzz\n", ("stack.csv", "", 2, "systems"), "not in systems"),
    ("negative cost of a product", "stack.csv", "id,product,component,cost_per_year\np1,x,observability,-5\n", ("stack.csv", "", 2, "cost_per_year"), "is negative"),
    ("unknown integration of a wish", "change_requests.csv", "id,integration\nr1,zzz\n", ("change_requests.csv", "", 2, "integration"), "not in integrations"),
    ("unknown integration of an incident", "operations/incidents.csv", "id,integration\nr1,zzz\n", ("operations/incidents.csv", "", 2, "integration"), "not in integrations"),
    ("unknown next step", "value_stream.csv", "step,next\na,b\nc,\n", ("value_stream.csv", "", 2, "next"), "not in value_stream"),
    ("loop that nothing leaves", "value_stream.csv", "step,next\na,b\nb,a\nc,\n", ("value_stream.csv", "", 3, "next"), "closes the loop a → b → a, which no decision leaves"),
    ("loop without an end", "value_stream.csv", "step,next\na,b:0.5; c:0.5\nb,a\nc,a\n", ("value_stream.csv", "", 2, "next"), "never leads to an end"),
    ("share of next step", "value_stream.csv", "step,next\na,c:2\nc,\n", ("value_stream.csv", "", 2, "next"), "out of range"),
    ("system of a step", "value_stream.csv", "step,system\na,sap\n", ("value_stream.csv", "", 2, "system"), "not in systems"),
    ("rework to nowhere", "value_stream.csv", "step,rework_to\na,b\n", ("value_stream.csv", "", 2, "rework_to"), "not in value_stream"),
    ("low above high", "risks.csv", "id,loss_low,loss_high\nr1,5000,100\n", ("risks.csv", "", 2, "loss_high"), "less than loss_low"),
    ("resolved before it started", "operations/incidents.csv", "id,started,resolved\ni,2026-01-02,2026-01-01\n", ("operations/incidents.csv", "", 2, "resolved"), "less than started"),
    ("time zones mixed", "operations/incidents.csv", "id,started,resolved\ni,2026-01-01T10:00Z,2026-01-02T10:00\n", ("operations/incidents.csv", "", 2, "resolved"), "time zone"),
    ("missing contract", "integrations.csv", f"{I_HEAD},contract\norders,crm,erp,contracts/order.yaml\nstock,erp,crm,\n", ("integrations.csv", "", 2, "contract"), "does not exist"),
    ("stray table", "integration.csv", SYSTEMS, ("integration.csv", "", None, ""), 'did you mean "integrations.csv"?'),
    ("incidents at the wrong place", "incidents.csv", "id\n", ("incidents.csv", "", None, ""), "operations/incidents.csv"),
    ("workbook that is none", "intake.xlsx", "PK\x03\x04 but not really", ("intake.xlsx", "", None, ""), "not an Excel workbook"),
    ("empty workbook", "intake.xlsx", "", ("intake.xlsx", "", None, ""), "not an Excel workbook"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "content", "where", "words"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_a_bad_file_is_a_problem_at_its_place(folder, file, content, where, words):
    put(folder, file, content)
    problems = intake.validate(folder)
    at = [problem for problem in problems if place(problem) == where]
    assert at, [str(problem) for problem in problems]
    assert words in str(at[0])


CELL = [
    ("volume", "many", "is not a number"),
    ("volume", "-5", "is negative"),
    ("volume", "1000 / 500 / 2000", "is not in order"),
    ("volume", "1000 / 2000", "has 2 parts"),
    ("volume", "inf", "is not a number"),
    ("volume", "1,500", "if the comma begins the decimals"),
    ("growth", "-200 %", "out of range"),
    ("peak_per_second", "-1", "is negative"),
    ("peak_per_second", "35 %", "a plain number is expected"),
    ("consumers", "2.5", "is not a whole number"),
    ("consumers", "9" * 400, "is too large"),
    ("criticality", "hihg", 'did you mean "high"?'),
    ("partner", "maybe", "is neither yes nor no"),
    ("goals", "faster; faster", "names something twice"),
]


@pytest.mark.parametrize(("column", "value", "words"), CELL, ids=[f"{c}={v[:9]}" for c, v, _ in CELL])
def test_a_bad_cell_is_one_problem_with_its_value_and_what_is_allowed(folder, column, value, words):
    head = CELLS.strip().split(",")
    cells = {"id": "orders", "source": "crm", "target": "erp", column: f'"{value}"'}
    other = {"id": "stock", "source": "erp", "target": "crm"}
    rows = [",".join(row.get(name, "") for name in head) for row in (cells, other)]
    put(folder, "integrations.csv", "\n".join([",".join(head), *rows]))
    (problem,) = intake.validate(folder)
    assert place(problem) == ("integrations.csv", "", 2, column)
    assert words in str(problem)
    assert problem.value.startswith(value[:9])
    assert problem.allowed


PATHS = [
    ("extracts/none.csv", "does not exist"),
    ("extracts", "holds parquet and text files"),
    ("../../etc/passwd", "leaves the engagement folder"),
    ("extracts/../../engagement/../x.csv", "leaves the engagement folder"),
    ("/etc/passwd", "is an absolute path"),
    ("~/secrets.csv", "is an absolute path"),
    ("C:\\data\\crm.csv", "is an absolute path"),
    ("https://example.com/crm.csv", "is a URL"),
    ("file:///etc/passwd", "is a URL"),
    ("extracts/link.csv", "by a symbolic link"),
    ("extracts/empty.parquet", "is empty (0 bytes)"),
    ("extracts/fake.parquet", "is not a Parquet file"),
    ("extracts/fake.xlsx", "is not an Excel workbook"),
    ("extracts/pipe.csv", "is no regular file"),
    ("customers=", "without a path"),
    ("a=extracts/customers.csv; a=extracts/customers.csv", "an entity twice"),
    ("extracts/" + "n" * 300, "can't be read"),
]


@pytest.mark.parametrize(("path", "words"), PATHS, ids=[p for p, _ in PATHS])
def test_an_extract_that_may_not_or_can_not_be_opened(folder, tmp_path, path, words):
    (tmp_path / "outside.csv").write_text("secret\n")
    (folder / "extracts/link.csv").symlink_to(tmp_path / "outside.csv")
    os.mkfifo(folder / "extracts/pipe.csv")
    put(folder, "extracts/empty.parquet", b"")
    put(folder, "extracts/fake.parquet", b"PAR1 and then nothing")
    put(folder, "extracts/fake.xlsx", b"PK\x03\x04 and then nothing")
    put(folder, "systems.csv", f"id,data\ncrm,{path}\nerp,\n")
    (problem,) = intake.validate(folder)
    assert place(problem) == ("systems.csv", "", 2, "data")
    assert words in str(problem)


def test_paths_outside_are_read_where_the_consultant_allows_it(folder, tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("id\n1\n")
    put(
        folder,
        "systems.csv",
        f"id,data\ncrm,{outside}\nerp,orders=../outside.csv; x=https://example.com/a.csv\n",
    )
    put(folder, YAML, (folder / YAML).read_text() + "data:\n  allow_outside: yes\n")
    problems = intake.validate(folder)
    assert len(problems) == 3
    options = [shlex.split(problem.allowed)[-2:] for problem in problems]
    assert options == [["--allow", str(outside)]] * 2 + [["--allow", "https://example.com/a.csv"]]
    with granted(Allowed(sources=tuple(source for _, source in options))):
        engagement = intake.load(folder)
    assert engagement.locate(engagement.tables[1].location) == str(outside)
    assert str(outside) in {file.path for file in engagement.files}


def test_an_outside_path_must_exist_even_where_it_is_allowed(folder):
    put(folder, "systems.csv", "id,data\ncrm,/no/such/file.csv\nerp,\n")
    with granted(Allowed(sources=("/no/such",))):
        (problem,) = intake.validate(folder)
    assert "does not exist" in str(problem)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s3cret@db/crm",
        "postgresql://ada:p@s3cret@db/crm",
        "https://db/crm?password=s3cret&x=1",
        "postgresql://ada:" + "s3cret" * 100 + "@db/crm",
    ],
)
def test_a_password_is_never_printed(folder, url):
    put(folder, "systems.csv", f"id,data\ncrm,{url}\nerp,\n")
    (problem,) = intake.validate(folder)
    assert "is a URL" in str(problem)
    assert "s3cret" not in str(problem) + problem.to_json()


@pytest.mark.parametrize(
    "name", ["engagement.yaml", "systems.csv", "intake.xlsx", "operations/incidents.csv"]
)
def test_a_file_that_is_a_directory(folder, name):
    (folder / name).unlink(missing_ok=True)
    (folder / name).mkdir()
    assert (name, "is a directory") in [(p.file, p.message) for p in intake.validate(folder)]


@pytest.mark.parametrize("name", ["contracts", "catalog", "policies", "operations"])
def test_a_folder_that_is_a_file(folder, name):
    for path in sorted((folder / name).glob("*")):
        path.unlink()
    if (folder / name).exists():
        (folder / name).rmdir()
    put(folder, name, "x")
    assert (name, "is no folder") in [(p.file, p.message) for p in intake.validate(folder)]


def test_a_table_that_leads_elsewhere_is_not_read(folder, tmp_path):
    (tmp_path / "passwd").write_text("root:x\n")
    (folder / "systems.csv").unlink()
    (folder / "systems.csv").symlink_to(tmp_path / "passwd")
    (problem,) = intake.validate(folder)
    assert problem.file == "systems.csv"
    assert "symbolic link" in problem.message
    assert "root" not in str(problem)


def test_a_listed_file_that_leads_elsewhere_is_a_problem(folder, tmp_path):
    (tmp_path / "passwd").write_text("root:x\n")
    (folder / "contracts/passwd").symlink_to(tmp_path / "passwd")
    (problem,) = intake.validate(folder)
    assert (problem.file, problem.message) == (
        "contracts/passwd",
        "leaves the engagement folder by a symbolic link",
    )


def test_a_pipe_in_place_of_a_table_does_not_hang(folder):
    (folder / "systems.csv").unlink()
    os.mkfifo(folder / "systems.csv")
    (problem,) = intake.validate(folder)
    assert problem.message == "is no regular file"


@pytest.mark.parametrize("path", ["no/such/folder", "bad\0name", "x" * 5000])
def test_a_missing_folder(tmp_path, path):
    (problem,) = intake.validate(f"{tmp_path}/{path}")
    assert "does not exist" in problem.message


def test_a_file_in_place_of_a_folder(tmp_path):
    put(tmp_path, "notes.txt", "x")
    (problem,) = intake.validate(tmp_path / "notes.txt")
    assert "is no engagement folder" in problem.message


def test_an_empty_folder_says_which_file_is_missing(tmp_path):
    (problem,) = intake.validate(tmp_path)
    assert (problem.file, problem.message) == ("engagement.yaml", "is missing")


def test_a_misnamed_settings_file_is_recognised(folder):
    (folder / YAML).rename(folder / "engagement.yml")
    assert 'rename "engagement.yml"' in str(intake.validate(folder)[0])


def test_all_problems_come_at_once(folder):
    put(folder, YAML, "client: x\nmonney: real\nteam: {day_rate: -1}\n")
    put(folder, "systems.csv", "id,nmae\ncrm,a\ncrm,b\n")
    put(folder, "integrations.csv", f"{I_HEAD},volume\na,crm,erp,x\nb,zzz,crm,3 / 2 / 1\n")
    with pytest.raises(intake.InvalidEngagement) as raised:
        intake.load(folder)
    places = {place(problem) for problem in raised.value.problems}
    assert places >= {
        (YAML, "", 2, "monney"),
        (YAML, "", 3, "team.day_rate"),
        ("systems.csv", "", 1, ""),
        ("systems.csv", "", 3, "id"),
        ("integrations.csv", "", 2, "target"),
        ("integrations.csv", "", 2, "volume"),
        ("integrations.csv", "", 3, "source"),
        ("integrations.csv", "", 3, "volume"),
    }
    assert str(raised.value).count("\n") + 1 == len(raised.value.problems)


def test_one_mistake_is_not_reported_twice_by_what_refers_to_it(folder):
    put(folder, "systems.csv", "id,name\ncrm,CRM,too much\nerp,ERP\n")
    (ragged,) = intake.validate(folder)
    assert ragged.row == 2
    put(folder, "systems.csv", "id,name\ncrm,Plzeň\nerp,ERP\n".encode("cp1250"))
    (encoding,) = intake.validate(folder)
    assert "is not UTF-8" in encoding.message


@pytest.mark.parametrize(
    "value", ["x" * 100_000, "a\u202eb\u0007", "line\nbreak", "<script>alert(1)</script>"]
)
def test_a_problem_is_one_short_printable_line(folder, value):
    cell = value.replace('"', '""')
    put(folder, "integrations.csv", f'{I_HEAD}\norders,"{cell}",erp\nstock,erp,crm\n')
    line = next(str(p) for p in intake.validate(folder) if p.row == 2)
    assert len(line) < 400
    assert line.isprintable()


def test_a_hostile_header_or_key_is_shown_short_and_printable(folder):
    put(folder, "systems.csv", f"id,{'x' * 50_000},\u202e\ncrm,,\nerp,,\n")
    put(folder, YAML, f'client: x\n"{"y" * 50_000}": 1\n"a\\u202e": 2\n')
    for problem in intake.validate(folder):
        assert len(str(problem)) < 600
        assert str(problem).isprintable()


def test_an_override_is_the_engagements_own_with_the_default_beside_it(folder, monkeypatch):
    from assess.intake import assumptions

    key, default = next(iter((k, a) for k, a in assumptions.defaults().items() if a.low > 1))
    put(
        folder,
        YAML,
        f"client: x\ndate: 2026-10-01\ngoals: [{{id: faster, goal: x}}]\nassumptions:\n  {key}: 4 / 5 / 9\n",
    )
    engagement = intake.load(folder)
    entry = engagement.assumptions.entry(key)
    assert (entry.low, entry.likely, entry.high, entry.overridden) == (4, 5, 9, True)
    assert entry.conflicts[0].likely == default.likely
    assert engagement.assumptions[key].source.of == (f"in:engagement.yaml:5:assumptions.{key}",)


def test_an_override_needs_a_date(folder):
    from assess.intake import assumptions

    key = next(iter(assumptions.defaults()))
    put(folder, YAML, f"client: x\ngoals: [{{id: faster, goal: x}}]\nassumptions:\n  {key}: 0.5\n")
    (problem,) = intake.validate(folder)
    assert (problem.row, problem.message) == (4, "has no date")


def test_what_is_wrong_in_the_process_and_the_checklist_comes_at_once(folder):
    """A loop, a negative time, a respondent who answers twice, a change request for an unknown integration."""
    (folder / "value_stream.csv").write_text("step,wait_minutes,next\na,-3,b\nb,1,a\n")
    (folder / "change_requests.csv").write_text("id,integration\nCR-1,nowhere\n")
    practice = "observability/alerts-set"
    (folder / "readiness.csv").write_text(f"practice,answer,respondent\n{practice},1,Ada\n{practice},0,ada\n")
    problems = intake.validate(folder)
    said = {(problem.file, problem.row, problem.column): problem.message for problem in problems}
    assert "is negative" in said["value_stream.csv", 2, "wait_minutes"]
    assert "closes the loop a → b → a" in said["value_stream.csv", 3, "next"]
    assert "is the same as row 2" in said["readiness.csv", 3, "practice, respondent"]
    assert "is not in integrations" in said["change_requests.csv", 2, "integration"]


def test_an_unknown_step_is_told_beside_the_other_problems(folder):
    (folder / "value_stream.csv").write_text("step,wait_minutes,next\na,-3,zz\nb,1,a\n")
    assert {p.message.split(",")[0] for p in intake.validate(folder) if p.file == "value_stream.csv"} >= {
        "is negative", "is not in value_stream",
    }  # fmt: skip


def test_what_of_a_list_is_not_allowed_is_named(tmp_path):
    folder = intake.init(tmp_path / "acme")
    path = folder / "systems.csv"
    path.write_text(path.read_text("utf-8").replace("rest; webhook", "rest; telepathy; webhok"), "utf-8")
    with pytest.raises(intake.InvalidEngagement) as found:
        intake.load(folder)
    (problem,) = found.value.problems
    assert 'holds "telepathy" and "webhok", not allowed' in str(problem)
