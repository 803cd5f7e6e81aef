"""What a mail says for the first time: its text without quoted history and signature.

This is a guess made for reading, so it errs towards showing: answers between quotes keep the quotes, and when nothing would be left the
whole text is shown. Every rule looks at a line and at most five neighbours, so time grows with the text alone.
"""

from __future__ import annotations

import re

from intake.email.html import html_to_text
from intake.email.html_writer import ATTRIBUTION_MARK, HISTORY_MARK, SIGNATURE_MARK
from intake.email.languages import ATTRIBUTION_START, HEADER_FROM, HEADER_OTHER, ORIGINAL, SENT_FROM, WROTE

_QUOTED = re.compile(r"[ \t]{0,4}(?:[>＞]|\|(?![^\n]*\|[ \t]*$)(?:\s|$))")
_SPLIT_END = re.compile(r">\s*(?:[^>\n]{0,40}[:：]|" + WROTE.pattern + r"[:：]?)\s*$", re.I)
_MAIL = re.compile(r"[^\s<>\"]@[^\s<>\"]")
_DATE = re.compile(r"\d{1,2}[.:/h-]\d{1,2}|\d{4}|\d{1,2}[日. ]")
_DATED_NAME = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S[^\n]{0,150}")
_RULE = re.compile(r"[ \t*]*(?:[-_=*~#+]{2,}|ᐧ)[ \t*]*")  # the last one is what a tracking add-on leaves
_LONG_RULE = re.compile(r"[ \t]*(?:-{5,}|_{5,})[ \t]*")
_BAR = re.compile(r"[ \t>]*[-_=*~─—]{8,}[ \t]*")
_TITLED_RULE = re.compile(r"[ \t]*\*?[-_=*#+~]{2,}>?\s*(\S[^\r\n]{2,80}?)\s*[:：]?\s*<?[-_=*#+~]{2,}\*?[ \t]*")
_BARE_TITLE = re.compile(r"[ \t]*\*?([^\W\d_][^\r\n]{4,60}?)[:：]\*?[ \t]*")
_DELIMITER = re.compile(r"[ \t]{0,3}(?:--|__|—|––|- -)[ \t\xa0]*")
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]{1,80})\]\([^()]{0,300}\)")
_FROM_DEVICE = re.compile(
    r"(?:[\w.'’]+ ){0,3}(?:from|via)\s+(?:my\s+)?(?:mobile|i?phone|ipad|android|blackberry|cell|tablet)[\w ]{0,20}",
    re.I,
)
_SHORT_DEVICE = re.compile(r"[(<\[*_ -]*(?:[\w.'’]+ ){0,4}$")
_ABOVE = re.compile(
    r"[\W_]*(?:please\s+)?(?:reply|type\s+your\s+(?:reply|response)|write|respond|antwort\w*|répondre\w*)\b.{0,40}\b(?:above|oberhalb|au-dessus)\b.{0,40}",
    re.I,
)
_TITLE_ENDS = frozenset("-_=*#+~>─—:：")
_READ = 500_000
"""Characters in which history must begin to be found; what only repeats for longer is shown whole."""
_WORDS = re.compile(r"^(?![ \t]*[>＞])[^\n]*[^\s]", re.M)
_HEADER_LINES = 8
_JOINED = 5
_LONGEST = 700
_SIGNATURE_LINES = 25


def reply_from_text(text: str) -> str:
    """The words of this mail alone; never empty when the text is not."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _reply(text) or text.strip("\n")


def reply_from_html(html: str) -> str:
    """The words of an HTML mail alone, by the marks that mail programs leave in its structure and by its text."""
    return _reply(html_to_text(html, marks=True)) or html_to_text(html).strip("\n")


def _reply(text: str) -> str:
    cut = text.find("\n", _READ)
    lines = (text if cut < 0 else text[:cut]).split("\n")
    kinds, history = _classify(lines)
    if cut >= 0 and history == len(lines) and _WORDS.search(text, cut):
        return _plain(_without_marks(text.split("\n")))
    first = kinds.index("w") if "w" in kinds else history
    end = _trim(lines, kinds, history, first)
    kept = [
        line for at, line in enumerate(lines[:end]) if kinds[at] != "s" and line not in (HISTORY_MARK, ATTRIBUTION_MARK)
    ]
    if first >= end:
        return _plain(_without_marks(lines if cut < 0 else text.split("\n")))
    return _plain(kept)


def _without_marks(lines: list[str]) -> list[str]:
    return [line.lstrip(SIGNATURE_MARK) for line in lines if line not in (HISTORY_MARK, ATTRIBUTION_MARK)]


def _plain(lines: list[str]) -> str:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return "\n".join(line.rstrip() for line in lines[start:end])


def _classify(lines: list[str]) -> tuple[list[str], int]:
    """What each line is, and where history without quote signs begins.

    Kinds: `q` quoted, `a` introduces a quote, `s` signature by its markup, `b` blank, `w` words.
    """
    kinds: list[str] = []
    for at, line in enumerate(lines):
        if line.startswith(SIGNATURE_MARK):
            kinds.append("s")
        elif not line.strip():
            kinds.append("b")
        elif _QUOTED.match(line) and not (at and kinds[-1] == "w" and _ends_address(lines[at - 1], line)):
            kinds.append("q")
        else:
            kinds.append("q" if at and kinds[-1] == "q" and _wrapped(lines[at - 1], line) else "w")
    history = len(lines)
    words = 0  # lines of the sender's own words so far
    labelled = False  # the line above could be one of a header: the block was looked at from its first line
    at = 0
    while at < len(lines):
        if kinds[at] != "w":
            at += 1
            continue
        line = lines[at]
        above, labelled = labelled, ":" in line[:40] or "：" in line[:40]
        labelled = labelled and HEADER_OTHER.match(line) is not None
        span = 0 if above and labelled else _history_at(lines, kinds, at, labelled)
        if span:
            if words:
                history = at
                break
            at += span
            continue
        if line == ATTRIBUTION_MARK:
            kinds[at] = "a"
            following = _next_quote(kinds, at + 1, 6)
            if following is None and words:
                history = at
                break
            for number in range(at, following or at):
                kinds[number] = "a" if kinds[number] == "w" else kinds[number]
            at += 1
            continue
        verdict = _attribution(lines, kinds, at)
        if verdict:
            begin, followed = verdict
            words -= sum(1 for number in range(begin, at) if kinds[number] == "w")
            if followed:
                for number in range(begin, at + 1):
                    kinds[number] = "a"
            elif words > 0:
                history = begin
                break
        else:
            words += 1
        at += 1
    return kinds, history


def _ends_address(above: str, line: str) -> bool:
    """The `>` of `<address` was wrapped to this line."""
    return len(line) < 80 and _SPLIT_END.match(line) is not None and ("@" in above or above.rstrip().endswith("<"))


def _wrapped(above: str, line: str) -> bool:
    """A quoted line that was too long and went on without its quote sign."""
    return len(above) >= 70 and len(line) < 75 and line[:1].islower() and above.rstrip()[-1:] not in ".?!:"


def _history_at(lines: list[str], kinds: list[str], at: int, labelled: bool) -> int:
    """How many lines at `at` introduce history that carries no quote signs; 0 when they do not."""
    line = lines[at]
    if line == HISTORY_MARK:
        return 1
    if len(line) > 300:
        return 0
    if labelled:
        block = _header_block(lines, at)
        return block if block >= 3 or (block == 2 and (at == 0 or kinds[at - 1] == "b") and _MAIL.search(line)) else 0
    if line.rstrip()[-1:] not in _TITLE_ENDS:
        return 0
    titled = _TITLED_RULE.fullmatch(line)
    if titled and (ORIGINAL.search(titled[1]) or _header_block(lines, _after_blank(lines, at + 1)) >= 2):
        return 1 + _header_block(lines, _after_blank(lines, at + 1))
    if titled and _ABOVE.fullmatch(titled[1]):
        return 1
    bare = _BARE_TITLE.fullmatch(line)
    if bare and ORIGINAL.match(bare[1]):
        return 1 + _header_block(lines, _after_blank(lines, at + 1))
    if _BAR.fullmatch(line):
        block = _header_block(lines, _after_blank(lines, at + 1))
        return 1 + block if block >= 2 else 0
    return 0


def _after_blank(lines: list[str], at: int) -> int:
    end = min(at + 2, len(lines))
    while at < end and not lines[at].strip():
        at += 1
    return at


def _header_block(lines: list[str], at: int) -> int:
    """The number of labelled lines (`From:`, `Gesendet:` ...) that begin at `at`, when they are the header of a mail."""
    if at >= len(lines) or len(lines[at]) > 1_000 or not HEADER_OTHER.match(lines[at]):
        return 0
    labelled = sender = 0
    blank = False
    for line in lines[at : at + _HEADER_LINES * 2]:
        if not line.strip():
            if blank or labelled >= 3:
                break
            blank = True
            continue
        if len(line) <= 2_000 and HEADER_OTHER.match(line):
            labelled += 1
            sender += bool(HEADER_FROM.match(line))
        elif blank or line.startswith(">") or not (labelled and line[:1] != "-"):
            break
        blank = False
    return labelled if sender else 0


def _next_quote(kinds: list[str], at: int, within: int) -> int | None:
    for number in range(at, min(at + within, len(kinds))):
        if kinds[number] == "q":
            return number
    return None


def _attribution(lines: list[str], kinds: list[str], at: int) -> tuple[int, bool] | None:
    """Whether the line ends an introduction like `On ... wrote:`: where it begins, and whether quote signs follow."""
    line = lines[at]
    if len(line) > _LONGEST:
        return None
    bare = line.rstrip(" \t*_\xa0")
    colon = bare.endswith((":", "："))
    following = at + 1
    while following < min(at + 3, len(lines)) and kinds[following] == "b":
        following += 1
    quoted = following < len(lines) and kinds[following] == "q"
    if _DATED_NAME.fullmatch(bare):
        return at, quoted
    if not (colon or quoted or WROTE.search(bare[-30:])):
        return None
    begin, joined = at, line
    alone = None
    for up in range(_JOINED):
        started = bool(ATTRIBUTION_START.match(lines[begin]))
        if _introduces(joined, colon, quoted, started):
            if started:
                return begin, quoted
            alone = alone or (begin, quoted)
        if up + 1 == _JOINED or begin == 0 or len(joined) > _LONGEST:
            break
        if kinds[begin - 1] != "w":
            # A blank line inside the introduction, as some programs turn a link into.
            if kinds[begin - 1] != "b" or begin < 2 or kinds[begin - 2] != "w" or not _opens(lines[begin - 2]):
                break
            begin -= 1
        begin -= 1
        joined = f"{lines[begin]} {joined}"
    return alone


def _opens(line: str) -> bool:
    """`On Thu, 31 Mar 2016 at 11:16 Some One`: the beginning of an introduction that is not ended."""
    bare = line.rstrip()
    return (
        len(bare) < 120
        and bare[-1:] not in ".?!:"
        and len(_DATE.findall(bare)) > 1
        and ATTRIBUTION_START.match(bare) is not None
    )


def _introduces(joined: str, colon: bool, quoted: bool, started: bool) -> bool:
    wrote, mail, date = WROTE.search(joined), _MAIL.search(joined), _DATE.search(joined)
    if quoted:
        if started and date and (wrote or mail or colon):
            return True
        return bool(
            (wrote and colon and len(joined) < 200)
            or (mail and date and joined.rstrip().endswith((">", ":", "：", ")")))
        )
    if started and wrote and date and (colon or not joined[wrote.end() :].strip(" *_.")):
        return True
    return bool(colon and mail and date and (wrote or started))


def _trim(lines: list[str], kinds: list[str], end: int, first: int) -> int:
    """The end of the sender's words: quotes, signatures and notes of devices are taken from below the `first` line of words."""
    looks = 5
    while True:
        before = end
        while end and kinds[end - 1] in "bqas":
            end -= 1
        if end <= first + 1:
            return end
        if (len(lines[end - 1]) < 300 and _RULE.fullmatch(lines[end - 1])) or _is_device_note(lines[end - 1]):
            end -= 1
        elif end == before or kinds[end - 1] == "w":
            cut = _signature(lines, kinds, end, first) if looks else None
            if cut is None:
                return end
            end = cut
            looks -= 1


def _signature(lines: list[str], kinds: list[str], end: int, first: int) -> int | None:
    """Where a signature behind a delimiter begins, in the words that end at `end`."""
    found = None
    short = True
    for at in range(end - 1, max(end - _SIGNATURE_LINES, first), -1):
        if kinds[at] in "qa":
            break
        if kinds[at] != "w":
            continue
        if _DELIMITER.fullmatch(lines[at]) or (short and found is None and _LONG_RULE.fullmatch(lines[at])):
            found = at
        short = short and len(lines[at]) <= 80
    return found


def _is_device_note(line: str) -> bool:
    if len(line) > 160:
        return False
    bare = _MARKDOWN_LINK.sub(r"\1", line).strip(" \t*_-<>()[]«»")
    if len(bare) < 6:
        return False
    if _FROM_DEVICE.fullmatch(bare):
        return True
    found = SENT_FROM.search(bare)
    if not found or found.start() > 30 or not _SHORT_DEVICE.fullmatch(bare[: found.start()]):
        return False
    rest = bare[found.end() :]
    rest = re.sub(r"<[^<>]*>|\([^()]*\)|https?://\S+", "", rest)
    sentence = re.split(r"[.,;!?]\s", rest, maxsplit=1)
    if len(sentence) > 1 and not re.match(
        r"\s*(?:please|pls|sorry|excuse|forgive|pardon|bitte|désolé|get|download)\b", sentence[1], re.I
    ):
        return False
    return len(sentence[0].split()) <= 9
