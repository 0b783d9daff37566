"""A look-alike of IRMAS: training folders, three test parts with their labels, short sounds."""

from pathlib import Path

from published_layouts import sound

CODES = ("cel", "cla", "flu", "gac", "gel", "org", "pia", "sax", "tru", "vio", "voi")
TESTED = (
    ("IRMAS-TestingData-Part1/Part1", "02 - And The Body Will Die-8", "gel\t\nvoi\t\n"),
    ("IRMAS-TestingData-Part1/Part1", "02 - And The Body Will Die-9", "voi\t\n"),
    ("IRMAS-TestingData-Part2/IRTestingData-Part2", "(02) dont kill the whale-1", "org\t\n"),
    ("IRMAS-TestingData-Part3/Part3", "02. School Boy-1", "sax\t\npia\t\n"),
)


def make(data: Path) -> None:
    root = data / "irmas"
    for number, code in enumerate(CODES, start=1):
        for name in (f"[{code}][cla]{number:04d}__1", f"[{code}][cla]{number:04d}__2"):
            sound(root / f"IRMAS-TrainingData/{code}/{name}.wav", 0.01)
    other = "IRMAS-TrainingData/flu/057__[flu][dru][cou_fol]0407__1.wav"
    sound(root / other, 0.01)
    for folder, name, text in TESTED:
        sound(root / folder / f"{name}.wav", 0.01)
        (root / folder / f"{name}.txt").write_text(text, "utf-8")
