"""A look-alike of Flickr-SoundNet: its lists, short sounds, frames of some videos."""

from pathlib import Path

from PIL import Image
from published_layouts import sound

VIDEOS = {
    "train_videos.txt": ("videos/1/2/3/11.mp4", "videos2/4/5/6/12.mp4"),
    "val_videos.txt": ("videos/7/8/9/13.mp4",),
}


def make(data: Path) -> None:
    root = data / "flickr_soundnet"
    (root / "lists").mkdir(parents=True)
    for name, videos in VIDEOS.items():
        (root / "lists" / name).write_text("\n".join(videos) + "\n", "utf-8")
        for video in videos:
            sound(root / f"mp3/{video}.mp3", 0.5)
    frame = root / "frames/videos/1/2/3/11.mp4/00000008.jpg"
    frame.parent.mkdir(parents=True)
    Image.new("RGB", (8, 6), (200, 30, 30)).save(frame)
