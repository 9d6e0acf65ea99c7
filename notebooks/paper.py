"""What the notebooks share: where the audit is, and how a figure for a paper looks."""

import os
import textwrap
from collections.abc import Callable
from functools import wraps
from pathlib import Path

import matplotlib.pyplot as plt

from analysis.matrix import Audit, read_audit

# Lightness falls with the level, so that the colours are told apart without colour too (and by the colour-blind)
LEVELS = ["#dde3e9", "#c3ced9", "#fbe3b5", "#f2a65a", "#b5432c"]
LEVEL_NAMES = ["0 none", "1 boilerplate", "2 mention", "3 component", "4 dedicated"]
BLUE, ORANGE, GREY = "#1f3a5f", "#d9772b", "#8c959f"


def audit() -> Audit:
    """The audit in GAP_AUDIT_FOLDER, else the one that `make demo` made."""
    default = Path(__file__).resolve().parent.parent / "demo-audit"
    return read_audit(Path(os.environ.get("GAP_AUDIT_FOLDER", default)))


def set_up() -> None:
    """Figures as for a paper: no frame, readable type, white ground."""
    plt.rcParams.update(
        {
            "figure.figsize": (8.5, 4.8), "figure.dpi": 110, "figure.constrained_layout.use": True, "font.size": 10,
            "axes.spines.top": False, "axes.spines.right": False, "axes.titlelocation": "left",
            "axes.titleweight": "bold", "axes.titlesize": 12, "legend.frameon": False,
        }
    )  # fmt: skip


def finding(text: str) -> str:
    """A title that says what the figure shows, in lines that fit."""
    return textwrap.fill(text, 70)


def figure(draw: Callable[..., None]) -> Callable[..., None]:
    """Set up the looks, draw, and show."""

    @wraps(draw)
    def shown(*args: object, **more: object) -> None:
        set_up()
        draw(*args, **more)
        plt.show()

    return shown
