"""What is shown of an answer: the new words, with history and signature folded."""

from __future__ import annotations

from time import perf_counter

import pytest

from intake.email.quotes import reply_from_html, reply_from_text

ATTRIBUTIONS = [
    "On Tue, 3 Nov 2026 at 10:00, Desk <desk@example.com> wrote:",
    "On Tue, 3 Nov 2026 at 10:00, Desk <\ndesk@example.com> wrote:",
    "Am 03.11.2026 um 10:00 schrieb Desk <desk@example.com>:",
    "Le 3 nov. 2026 à 10:00, Desk <desk@example.com> a écrit :",
    "El mar, 3 nov 2026 a las 10:00, Desk (<desk@example.com>) escribió:",
    "Il giorno mar 3 nov 2026 alle ore 10:00 Desk <desk@example.com> ha scritto:",
    "Op di 3 nov 2026 om 10:00 schreef Desk <desk@example.com>:",
    "Em 3 de novembro de 2026 10:00, Desk <desk@example.com> escreveu:",
    "Den tis 3 nov. 2026 kl 10:00 skrev Desk <desk@example.com>:",
    "W dniu 3.11.2026 o 10:00, Desk pisze:",
    "3 ноября 2026 г., 10:00 пользователь Desk <desk@example.com> написал:",
    "2026年11月3日 10:00 Desk <desk@example.com>:",
    "2026-11-03 10:00 GMT+01:00 Desk <desk@example.com>:",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_a_quote_is_folded_with_the_line_that_introduces_it(line: str) -> None:
    assert reply_from_text(f"It works now.\n\n{line}\n\n> Please try again.\n> Desk\n") == "It works now."


@pytest.mark.parametrize(
    "head",
    [
        "-----Original Message-----\nFrom: Desk <desk@example.com>\nSent: Tuesday\nTo: Ann\nSubject: x",
        "-----Ursprüngliche Nachricht-----\nVon: Desk\nGesendet: Dienstag\nAn: Ann\nBetreff: x",
        "________________________________\nDe : Desk\nEnvoyé : mardi\nÀ : Ann\nObjet : x",
        "*From:* Desk\n*Sent:* Tuesday\n*To:* Ann\n*Subject:* x",
        "发件人: Desk\n发送时间: 2026\n收件人: Ann\n主题: x",
    ],
)
def test_a_header_in_the_text_begins_history(head: str) -> None:
    assert reply_from_text(f"Done.\n\n{head}\n\nold words\n") == "Done."


def test_answers_between_the_quotes_keep_the_quotes() -> None:
    text = "On 3 Nov 2026 desk@example.com wrote:\n> Which floor?\n\nThe third.\n\n> Which room?\n\n12\n"
    assert reply_from_text(text) == text.strip()


@pytest.mark.parametrize(
    "end", ["-- \nAnn\nExample Ltd", "Sent from my iPhone", "Von meinem iPhone gesendet", "Get Outlook for iOS"]
)
def test_signatures_and_device_notes_are_folded(end: str) -> None:
    assert reply_from_text(f"Thanks, it works.\n\n{end}\n") == "Thanks, it works."


@pytest.mark.parametrize(
    "text",
    [
        "> only a quote",
        "--\nAnn",
        "Sent from my iPhone",
        "From: a\nTo: b\nSubject: c\n\nforwarded words",
        "On Monday we wrote to you about this.\nPlease answer.",
        "Sent from my desk, is much easier than my phone.",
        "From: is a field I cannot fill in.\nThe form says so.",
    ],
)
def test_words_are_never_folded_away_wholly(text: str) -> None:
    assert reply_from_text(text) == text


@pytest.mark.parametrize(
    "history",
    [
        '<div class="gmail_quote">On Tue Desk wrote:<blockquote class="gmail_quote">old</blockquote></div>',
        '<div class="moz-cite-prefix">Zzz 3.11. Desk:</div><blockquote type="cite">old</blockquote>',
        '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3pt 0 0 0"><p>Zender: Desk</p></div><p>old</p>',
        '<hr id="stopSpelling">Datum: old',
        '<div id="divRplyFwdMsg">Zender: Desk</div><div>old</div>',
        '<div class="yahoo_quoted"><div>Zzz Desk</div><div>old</div></div>',
    ],
)
def test_history_in_html_is_known_by_its_structure(history: str) -> None:
    assert reply_from_html(f"<html><body><div>It works.</div>{history}</body></html>") == "It works."


def test_an_indented_paragraph_is_no_quote() -> None:
    html = '<div>See:</div><blockquote style="margin:0 0 0 40px;border:none">my order 7</blockquote>'
    assert "my order 7" in reply_from_html(html)


def test_a_long_history_takes_no_time() -> None:
    begun = perf_counter()
    assert (
        reply_from_text("Yes.\n\nOn 3 Nov 2026 desk@example.com wrote:\n" + "> again and again\n" * 100_000) == "Yes."
    )
    assert perf_counter() - begun < 3
