"""Files beside the report: written where they are linked from, escaped, and told when they could not be made."""

import pytest

from assess import intake
from assess.core.cache import Cache
from assess.decisions.assessment import Assessment
from assess.evidence.quality import deep
from assess.report import chapters
from assess.report.chapter import Chapter, FactsFile, Head, Results
from assess.report.page import render


@pytest.fixture(scope="module")
def assessment(tmp_path_factory):
    found = Assessment.open(intake.init(tmp_path_factory.mktemp("new") / "acme"), draws=200)
    found._cache = Cache(None)
    return found


def page(files):
    chapter = Chapter(
        number=2, key="data_quality", title="Data", question="Fit?", verdict="Yes.", files=files
    )
    return render(Results(engagement=Head(client="Acme"), chapters=(chapter,)), generated="").evidence


def test_a_link_is_quoted_and_a_title_escaped():
    html = page((FactsFile(path='cleansing/a "b"#1.sql', title="<script>x</script>", group="Repairs"),))
    assert 'href="cleansing/a%20%22b%22%231.sql"' in html
    assert "<script>x</script>" not in html and "&lt;script&gt;x&lt;/script&gt;" in html


def test_what_could_not_be_made_has_its_reason_and_no_link():
    html = page(
        (FactsFile(path="", title="crm → billing", group="Deep profiles", note="the library stopped"),)
    )
    assert "the library stopped" in html and 'href="profiles' not in html


def test_repairs_are_written_where_the_chapter_links_them(assessment, tmp_path):
    files = chapters.save_beside(assessment, str(tmp_path))
    assert files and all((tmp_path / file.path).is_file() for file in files)
    assert {file.group for file in files} == {"Repairs"}
    assert {file.path for file in chapters.data_quality(assessment, files).files} == {f.path for f in files}


def test_no_folder_writes_nothing_and_profiles_ask_for_one(assessment):
    assert chapters.save_beside(assessment, "") == ()
    with pytest.raises(ValueError, match="set the parameter beside"):
        chapters.save_beside(assessment, "", profiles=True)


def test_profiles_are_made_only_when_they_are_wanted(assessment, tmp_path, monkeypatch):
    made = []

    def write(wanted, folder):
        made.extend(wanted)
        return tuple(deep.Written(page=page.name, reason="no") for page in wanted)

    monkeypatch.setattr(deep, "write", write)
    chapters.save_beside(assessment, str(tmp_path))
    assert made == []
    files = chapters.save_beside(assessment, str(tmp_path), profiles=True)
    (told,) = (file for file in files if file.group == "Deep profiles")
    assert (told.path, told.note) == ("", "no")
    assert [side.name for side in made[0].sides] == told.title.split(" → ")
