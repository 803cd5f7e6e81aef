"""Makes the picture in the README: `python docs/picture.py` plays the demo and keeps what it says as SVG."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

TARGET = Path(__file__).with_name("pictures") / "demo.svg"


def main() -> None:
    """Play the demo once and write the picture."""
    deskline = str(Path(sys.executable).with_name("deskline"))
    told = subprocess.run([deskline, "demo"], check=True, capture_output=True, text=True).stdout  # noqa: S603
    console = Console(record=True, width=92, file=io.StringIO(), force_terminal=True)
    console.print(Text("$ make demo", style="bold"))
    for line in told.splitlines():
        style = "green" if line.startswith("✓") else "red" if line.startswith("✗") else "dim" if line[:1] == " " else ""
        console.print(Text(line, style=style))
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(console.export_svg(title="deskline"), encoding="utf-8")


if __name__ == "__main__":
    main()
