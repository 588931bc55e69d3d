"""What a client writes is text in every Markdown that is written: notebooks, exports, the list of questions."""

import pytest
from nbconvert.filters import markdown2html

from assess.decisions.questions import Question
from assess.report import ask_sheet
from assess.report.prose import escape_markdown, markdown_line, markdown_table

HOSTILE = "<script>x</script> [a](javascript:x) | $y$ *b* `c` \\ # http://z ![p](q) \n&amp;"


def asked(text):
    question = Question(id="integrations/volume", ask=text, role="operations", low=text, high=text, swing=1.0)
    return ask_sheet.as_markdown([question], "EUR", text)


WRITERS = {
    "text": escape_markdown,
    "line": markdown_line,
    "table": lambda text: markdown_table(("A", "B"), [(text, text)], (False, True)),
    "questions": asked,
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_a_client_writes_is_text_in_markdown(name):
    html = markdown2html(WRITERS[name](HOSTILE))
    for mark in ("<script", "<a href", "<em", "<code", "<img"):
        assert mark not in html
    assert "&lt;script&gt;" in html and "|" in html and "&amp;amp;" in html


@pytest.mark.parametrize("name", ["table", "questions"])
def test_a_cell_opens_no_other_cell_and_no_other_row(name):
    html = markdown2html(WRITERS[name](HOSTILE))
    (head, row) = (part.split("</tr>")[0] for part in html.split("<tr>")[1:])
    assert row.count("<td") == head.count("<th") and html.count("<tr>") == 2
