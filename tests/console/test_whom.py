"""To whom a message of ours went is said as it was: a mail to a colleague does not look like an answer to the customer."""

from __future__ import annotations

from pathlib import Path

from core.actions import cases, sending
from tests.console.driving import program
from tests.console.screen_driving import a_day, console, opened, shown, until


async def test_a_mail_to_a_colleague_names_the_colleague(tmp_path: Path) -> None:
    story = a_day(tmp_path)
    story.act("maya", sending.post, 1, "We look at it.")
    story.act("maya", sending.send_mail, 1, "boss@ursamajor.example", "Her again", "Shall we pay?")
    app = console(story, tmp_path)
    async with opened(app) as pilot:
        await until(pilot, lambda: "Shall we pay?" in shown(app))
        assert "to boss@ursamajor.example by mail" in shown(app)
        assert "to Lena Ortiz by mail" in shown(app)
    story.act("maya", cases.follow, 1, "tom")
    story.act("maya", cases.follow, 1, "maya", part="collaborator")
    assert "  followed by maya (collaborates), tom\n" in program("case", "show", "1", desk=story.desk.where).out
    told = program("case", "show", "1", desk=story.desk.where).out.splitlines()
    [mail] = [line for line in told if "boss@ursamajor.example" in line]
    assert "to boss@ursamajor.example · ◔ queued" in mail
    assert [line for line in told if " · to " in line] == [mail]
