"""A look-alike of MDB-stem-synth: some stems, short sounds, pitch of some frames."""

from pathlib import Path

from published_layouts import sound

HOP_S = 128 / 44100


def make(data: Path, stems: int = 20) -> None:
    root = data / "mdb_stem_synth/MDB-stem-synth"
    (root / "annotation_stems").mkdir(parents=True)
    for n in range(stems):
        name = f"Artist{n // 10}_Song{n // 5}_STEM_{n % 5 + 1:02d}.RESYN"
        sound(root / f"audio_stems/{name}.wav", 0.02)
        rows = (0.0, 110.0, 110.5, 0.0)
        lines = [f"{i * HOP_S:.6f},{hz:.6f}" for i, hz in enumerate(rows)]
        (root / f"annotation_stems/{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
