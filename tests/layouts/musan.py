"""A look-alike of MUSAN: lists and folders as published, few short sounds."""

from pathlib import Path

from published_layouts import sound

MUSIC = {
    "fma": ("music-fma-0000 electronic,pop Y Airglow", "music-fma-0001 blues N Cullah"),
    "fma-western-art": ("music-fma-wa-0000 romantic N Player Chopin",),
    "hd-classical": ("music-hd-0000 baroque N Ensemble Bach",),
    "jamendo": ("music-jamendo-0000 rock Y Band", "music-jamendo-0001 rock N Band"),
    "rfm": ("music-rfm-0000 jazz N Trio",),
}
SPEECH = {
    "librivox": ("speech-librivox-0000 m english", "speech-librivox-0001 f german"),
    "us-gov": ("speech-us-gov-0000 m english",),
}


def make(data: Path, noises: int = 3, seconds: float = 0.01) -> None:
    root = data / "musan/musan"
    for kind, folders in (("music", MUSIC), ("speech", SPEECH)):
        for folder, lines in folders.items():
            for line in lines:
                sound(root / kind / folder / f"{line.split()[0]}.wav", seconds)
            (root / kind / folder / "ANNOTATIONS").write_text("\n".join(lines) + "\n", "utf-8")
            (root / kind / folder / "LICENSE").write_text("CC BY\n", "utf-8")
    for n in range(noises):
        sound(root / f"noise/free-sound/noise-free-sound-{n:04d}.wav", 0.01)
    (root / "README").write_text("MUSAN\n", "utf-8")
