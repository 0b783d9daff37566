"""A look-alike of TinySOL: its list and folders, three instruments' notes, short sounds."""

from pathlib import Path

from published_layouts import sound

HEADER = (
    "Path,Fold,Family,Instrument (abbr.),Instrument (in full),Technique (abbr.),Technique (in full),"
    "Pitch,Pitch ID,Dynamics,Dynamics ID,Instance ID,String ID (if applicable),Needs digital retuning"
)
PLAYED = (
    ("Winds", "Flute", "Fl", "Flute", ("N",) * 10),
    ("Strings", "Violin", "Vn", "Violin", ("1c", "2c") * 5),
    ("Brass", "Bass_Tuba", "BTb", "Bass Tuba", ("N",) * 10),
)
NAMES = ("C4", "C#4", "D4", "D#4", "E4", "F4", "F#4", "G4", "G#4", "A4")


def make(data: Path) -> None:
    root = data / "tinysol"
    lines = [HEADER]
    for family, folder, short, full, strings in PLAYED:
        for n, (pitch, string) in enumerate(zip(NAMES, strings)):
            retuned = {1: "T14d", 2: "R100u"}.get(n, "N")
            path = f"{family}/{folder}/ordinario/{short}-ord-{pitch}-mf-{string}-{retuned}.wav"
            on = string[0] if string != "N" else ""
            tail = "TRUE" if retuned != "N" else "FALSE"
            lines.append(
                f"{path},{n % 5},{family},{short},{full},ord,ordinario,{pitch},{60 + n},mf,2,0,{on},{tail}"
            )
            sound(root / "audio" / path, 0.01)
    (root / "TinySOL_metadata.csv").write_text("\n".join(lines) + "\n", "utf-8")
