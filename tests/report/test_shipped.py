"""Parameters of the notebooks: what is unknown or does not fit is refused, all at once."""

from pathlib import Path

import nbformat
import pytest

from assess.report import shipped


def notebook(path: Path, parameters: str) -> Path:
    cell = nbformat.v4.new_code_cell(parameters)
    cell.metadata["tags"] = ["parameters"]
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 1 · T\n\nQ?"), cell])
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(node, path)
    return path


@pytest.fixture
def two(tmp_path, monkeypatch):
    found = {
        1: notebook(
            tmp_path / "1_a.ipynb", 'engagement = "x"\nseed = 7  # of the draws\nshow_values = False'
        ),
        2: notebook(tmp_path / "2_b.ipynb", 'engagement = "x"\nseed = 7\nrate = 0.5\nname = "n"'),
    }
    monkeypatch.setattr(shipped, "notebooks", lambda: found)
    return found


def test_each_notebook_gets_the_parameters_that_it_takes(two):
    assert shipped.chosen({"seed": 3, "rate": 1}, (1, 2)) == {1: {"seed": 3}, 2: {"seed": 3, "rate": 1}}


def test_every_problem_is_told_at_once_with_what_is_valid(two):
    with pytest.raises(shipped.UnknownParameters) as refused:
        shipped.chosen({"sed": 3, "rate": "much", "show_values": 1, "engagement": "y"}, (1, 2))
    problems = "\n".join(refused.value.problems)
    assert len(refused.value.problems) == 4
    assert "'sed', did you mean 'seed'?; valid are: name, rate, seed, show_values" in problems
    assert "'rate': 'much' is not a number (default 0.5)" in problems
    assert "'show_values': 1 is not true or false (default False)" in problems
    assert "unknown parameter 'engagement'" in problems


@pytest.mark.parametrize(
    ("value", "fits"), [(3, True), (3.5, False), (True, False), ("3", False), (None, False)]
)
def test_a_whole_number_stays_one(two, value, fits):
    if fits:
        shipped.chosen({"seed": value}, (1,))
    else:
        with pytest.raises(shipped.UnknownParameters):
            shipped.chosen({"seed": value}, (1,))


def test_the_help_of_a_parameter_is_its_comment(two):
    assert shipped.parameters(two[1])["seed"].help == "of the draws"
