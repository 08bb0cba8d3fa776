"""The texts of an assignment are found where they stand, and nothing else is touched."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from autograder.course.code_strings import in_calls, in_code, in_markdown, in_tree

Say = Callable[[str], str]


def said(**translations: str) -> Say:
    return lambda text: translations.get(text.split()[0].strip("#*:"), text)


def all_of(translate: Callable[[str, Say], object], source: str) -> list[str]:
    asked: list[str] = []

    def listen(text: str) -> str:
        asked.append(text)
        return text

    translate(source, listen)
    return asked


def test_a_text_is_asked_for_paragraph_by_paragraph_and_formulas_are_not() -> None:
    text = "# Zero\n\nTake $w = 0$.\n\n$$\n\\sigma(0)\n$$\n\n- one\n- two"
    assert all_of(in_markdown, text) == ["# Zero", "Take $w = 0$.", "- one\n- two"]
    assert in_markdown(text, said(Take="取 $w = 0$。")) == text.replace(
        "Take $w = 0$.", "取 $w = 0$。"
    )


CODE = '''\
def step(w, rate):
    """Takes a step.

    Args:
        rate: how far it goes.
    """
    # Against the gradient,
    # never along it.
    print(f"The step has length {rate:.3g}.")  # tell the learner
    plt.plot(w, "o-", label="my weights")
    plot.lines({"weights of mine": w}, "number of steps")
    plt.xlabel("number of steps")
    return {"w1": w, "no words": "#0072B2"}
'''


def test_of_code_docstrings_comments_and_sentences_are_texts() -> None:
    assert sorted(all_of(in_code, CODE)) == sorted(
        [
            "Takes a step.",
            "Args:\n    rate: how far it goes.",
            "Against the gradient,\nnever along it.",
            "The step has length {rate:.3g}.",
            "tell the learner",
            "no words",
        ]
    )


def test_code_in_which_nothing_is_said_otherwise_stays_letter_by_letter() -> None:
    assert in_code(CODE, str) == CODE


def test_translated_code_does_the_same_and_says_it_in_other_words() -> None:
    translated = in_code(
        CODE,
        said(
            Takes="走一步。",
            Args="Args:\n    rate: 步长。",
            Against="沿梯度的反方向。",
            The="步长为 {rate:.3g}。",
        ),
    )
    assert '    """走一步。\n\n    Args:\n        rate: 步长。\n    """\n' in translated
    assert "    # 沿梯度的反方向。\n    print(" in translated
    assert 'print(f"步长为 {rate:.3g}。")  # tell the learner' in translated
    assert 'label="my weights"' in translated
    assert 'plot.lines({"weights of mine": w}, "number of steps")' in translated


def test_a_translation_may_choose_other_words_inside_a_placeholder() -> None:
    source = "f\"{'yes' if done else 'no'} it is {kind} {{here}}\""
    (text,) = all_of(in_code, source)
    assert text == "{'yes' if done else 'no'} it is {kind} {{here}}"
    translated = in_code(source, lambda _: "{kind}：{'是' if done else '否'} {{这里}}")
    for done, word in ((True, "是"), (False, "否")):
        assert eval(translated, {"done": done, "kind": "tanh"}) == f"tanh：{word} {{这里}}"  # noqa: S307


@pytest.mark.parametrize("text", ['他说 "no"\\n', "第一行\n第二行", "制表\t符 {{}}"])
def test_whatever_a_translation_holds_is_said_as_it_stands(text: str) -> None:
    assert eval(in_code('str("some words")', lambda _: text)) == text  # noqa: S307
    doubled = in_code('f"some words {1}"', lambda _: text + "{1}")
    assert eval(doubled) == text.replace("{{}}", "{}") + "1"  # noqa: S307


def test_a_long_text_that_went_over_lines_goes_over_lines_again() -> None:
    source = 'print(\n    f"A long sentence about {x}, "\n    "and its end."\n)'
    translated = in_code(source, lambda _: "很长的一句话。" * 20 + "{x}")
    assert eval(translated, {"x": 3, "print": str}) == "很长的一句话。" * 20 + "3"  # noqa: S307
    assert len(translated.splitlines()) > 3
    assert max(map(len, translated.splitlines())) <= 60


@pytest.mark.parametrize("source", ['print("A sentence.")', 'print(end="A sentence.")'])
def test_a_long_text_that_a_call_is_given_goes_over_lines(source: str) -> None:
    translated = in_code(source, lambda _: "很长的一句话。" * 20)
    assert len(translated.splitlines()) > 2
    assert max(map(len, translated.splitlines())) <= 60
    call = ast.parse(translated, mode="eval").body
    assert isinstance(call, ast.Call)
    (given,) = [*call.args, *(each.value for each in call.keywords)]
    assert ast.literal_eval(given) == "很长的一句话。" * 20


def test_a_long_text_without_brackets_stays_on_its_line() -> None:
    translated = in_code('text = "A sentence."\n', lambda _: "很长的一句话。" * 20)
    assert translated == f'text = "{"很长的一句话。" * 20}"\n'


def test_code_that_is_run_says_other_words_on_the_same_lines() -> None:
    tree = in_tree(ast.parse(CODE + "\nx = 1 / 0\n"), said(The="步长为 {rate:.3g}。"))
    with pytest.raises(ZeroDivisionError) as raised:
        exec(compile(tree, "checks.py", "exec"))  # noqa: S102
    assert raised.traceback[-1].lineno == CODE.count("\n") + 1


def test_of_what_is_run_only_the_docstrings_of_decorated_functions_are_asked_for() -> None:
    source = '@check\ndef one(x):\n    """The sentence.\n\n    Its reason.\n    """\n' + CODE

    def translate(source: str, say: Say) -> object:
        return in_tree(ast.parse(source), say)

    asked = all_of(translate, source)
    assert "The sentence." in asked
    assert not {"Its reason.", "Takes a step."} & set(asked)


def test_of_code_of_our_own_only_what_is_marked_is_a_text() -> None:
    source = 'x = _("{name} is not here.").format(name="not a text")'
    assert all_of(in_calls, source) == ["{name} is not here."]
    assert in_calls(source, lambda _: "没有 {name}。") == source.replace(
        "{name} is not here.", "没有 {name}。"
    )
