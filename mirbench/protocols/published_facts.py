"""Facts about published lists: where each is from, its hash and its length."""

from __future__ import annotations

from mirbench.protocols.published_lists import PublishedList

SPLIT_REPOSITORY = ("jongpillee/music_dataset_split", "07e855758f18", "MIT")
MUSICNN = ("jordipons/musicnn-training", "c7aa67bd1641", "ISC")
JAMENDO = ("MTG/mtg-jamendo-dataset", "1b4fa8c32e07", "CC BY-NC-SA 4.0")


def _text(name: str, source: tuple[str, str, str], sha256: str | None, count: int) -> PublishedList:
    corpus = name.partition("/")[0].replace("_", "-")
    return PublishedList(name, *source, sha256, count, corpus)


def _jamendo(split: int, subset: str, part: str) -> PublishedList:
    file = f"autotagging{'' if subset == 'all' else f'_{subset}'}-{part}.tsv"
    sha256, count = JAMENDO_SPLIT_0.get((subset, part), (None, None)) if split == 0 else (None,) * 2
    return PublishedList(
        f"mtg_jamendo/split-{split}/{file}",
        *JAMENDO,
        sha256,
        count,
        "mtg-jamendo",
        header=True,
        elsewhere=(f"data/splits/split-{split}/{file}", *([file] if split == 0 else [])),
    )


SUBSETS = ("top50tags", "genre", "instrument", "moodtheme", "all")
PARTS = ("train", "validation", "test")
JAMENDO_SPLIT_0: dict[tuple[str, str], tuple[str | None, int]] = {
    ("top50tags", "train"): (
        "6dee445ddd1901286184c2059d3d5eef7486f083ae80de9011705f852a850dde",
        32136,
    ),
    ("top50tags", "validation"): (
        "4f5f0f0a7662f523b45727476f67d799d6e98151b2c585a8e94e19d980ad93c1",
        10888,
    ),
    ("top50tags", "test"): (
        "3ede06a35e6cb27e1dbe8cfc84708a607622e30e5cd0a7199fce6c081124bc35",
        11356,
    ),
    ("genre", "train"): (
        "c1cddb195ef94a07e67e227bf38e2a79389c1820950702b8c8894a2096f21e54",
        32572,
    ),
    ("genre", "validation"): (
        "3e203b4c573db6ec63a06c7066cf678dcf673a68ad5694c8fed22637c270dbcf",
        11043,
    ),
    ("genre", "test"): ("cf917388eebfa7d17d363c2fca037e2379ac027e31aa6dbe92e8dbf409ac5098", 11479),
    ("instrument", "train"): (
        "f844a85f0b40bb31a5d5b448ddfc10a68d7b38ecc760673d23df2bd6e7ca0f4c",
        14395,
    ),
    ("instrument", "validation"): (
        "a5060020013ac5ba65c6470ee83fc2a9785db1fe554b55065de08aa9b0cca70d",
        5466,
    ),
    ("instrument", "test"): (
        "8c1ab86f3212b6484106baf2e78f70dd5520b917607487ac98999adbd5d7ab1a",
        5115,
    ),
    ("moodtheme", "train"): (
        "e5e9e798364b34bd241b773e5011809b24429edf471f27cf21dd8181077ba2d4",
        9949,
    ),
    ("moodtheme", "validation"): (
        "ecaa279367153476884d84d686479e566234cef1814bd6892a8755ba0a550dbf",
        3802,
    ),
    ("moodtheme", "test"): (
        "4341b5586bb3e5a80a882ce9ef33cb8b1bdaa7df856246ecc5de188dfe1cf394",
        4231,
    ),
    ("all", "train"): (None, 32859),  # 55,525 tracks (the repository's README) less the other two
    ("all", "validation"): (
        "b93639bc4f716148e7a41e35e9a1d73058a0b9e65c1cc723b66e9e72726072a7",
        11101,
    ),
    ("all", "test"): ("c80e43416e89afc0b2656848e9d4d6f076ca0426003d7e0148ac8cdc6254d366", 11565),
}

GTZAN_LISTS = {
    "train": _text(
        "gtzan/train_filtered.txt",
        SPLIT_REPOSITORY,
        "2b04966cef1486f1a7767b74271533fa23e220388db804a1937835e1fc4fa3fa",
        443,
    ),
    "validation": _text(
        "gtzan/valid_filtered.txt",
        SPLIT_REPOSITORY,
        "f8fbee7c52397a0e0f3a91dc54fedecb2e27f5bdc9a9daeab8cb10d077e26956",
        197,
    ),
    "test": _text(
        "gtzan/test_filtered.txt",
        SPLIT_REPOSITORY,
        "09cafa6a89ce0a27f30ed250d56ecb4d03c22fffb5a693f96c7ae655ee02ac72",
        290,
    ),
}
MTAT_LISTS = {
    "train": _text(
        "magnatagatune/train_list.txt",
        SPLIT_REPOSITORY,
        "72b0c88725f721f39dc92e066e8045018a5b5962b0947df4020c8ffd062d709e",
        15244,
    ),
    "validation": _text(
        "magnatagatune/valid_list.txt",
        SPLIT_REPOSITORY,
        "70037565a444bbf58eb73253c4ce43c26655675782ec3c1dc47bda5f6179f2bf",
        1529,
    ),
    "test": _text(
        "magnatagatune/test_list.txt",
        SPLIT_REPOSITORY,
        "7fab41650aa458cb0eee0b8ce2b08557307bfe9548faea7dc325668b526604b9",
        4332,
    ),
}
"""The source's pickled lists as plain text, a path a line; ``.npy`` stands for the clip's ``.mp3``."""
MTAT_TRUTH = {
    "validation": _text(
        "magnatagatune/y_valid_tags.txt",
        SPLIT_REPOSITORY,
        "f2ebe647213a62f691fb9ff82550f10a1921fa346e64671fe991d2ff9742db78",
        1529,
    ),
    "test": _text(
        "magnatagatune/y_test_tags.txt",
        SPLIT_REPOSITORY,
        "b55396c72c20be3fe751cd61dd396031a5dbb44b4a648d45f817745d02ac610e",
        4332,
    ),
}
"""For each line of the list the positions in the list of tags that hold."""
MTAT_TAGS = _text(
    "magnatagatune/top50_tags.txt",
    SPLIT_REPOSITORY,
    "f54e613d7a687de34a19cf99d1d1d252466134f11da8c9f31efbd365a77a29ff",
    50,
)
MTAT_INDEX = _text(
    "magnatagatune/index_mtt.tsv",
    MUSICNN,
    "e4bb40f3bcb7efec044aeae2a5cf1a94cadab143b71e5d23f6a4398673af5e9d",
    25863,
)
MTAT_FOLDER_TRUTH = {
    "validation": _text(
        "magnatagatune/val_gt_mtt.tsv",
        MUSICNN,
        "257716aa50b6c3c287f26b442e5d1469ec2e7186113219510dacb681e0438ec1",
        1825,
    ),
    "test": _text(
        "magnatagatune/test_gt_mtt.tsv",
        MUSICNN,
        "b5dc5dd44ebfadae0781aac8d3cc9c83187456fa6e1f8d50cc3a59628d58570c",
        5329,
    ),
}
MSD_TAGS = _text(
    "msd_lastfm/50tagList.txt",
    SPLIT_REPOSITORY,
    "3b0fd183e73f8a0e7e65b955f61ec3034e517a6427cacad8ec0c2f16394d0770",
    50,
)
MSD_LISTS = {
    part: _text(f"msd_lastfm/{file}_list.txt", SPLIT_REPOSITORY, None, count)
    for part, file, count in (
        ("train", "train", 201680),
        ("validation", "valid", 11774),
        ("test", "test", 28435),
    )
}
"""A track id a line, as the MagnaTagATune lists are; the source holds pickles, over 4 MiB."""
JAMENDO_LISTS = {
    (split, subset, part): _jamendo(split, subset, part)
    for split in range(5)
    for subset in SUBSETS
    for part in PARTS
}
JAMENDO_MOODS = PublishedList(
    "mtg_jamendo/autotagging_moodtheme.tsv",
    *JAMENDO,
    "c920e97252586f3e570fa89c4708adcd45a1924dc0e3d3460ac65788257865a8",
    18486,
    "mtg-jamendo",
    header=True,
    elsewhere=("data/autotagging_moodtheme.tsv",),
)
LISTS: tuple[PublishedList, ...] = (
    *GTZAN_LISTS.values(),
    *MTAT_LISTS.values(),
    *MTAT_TRUTH.values(),
    MTAT_TAGS,
    MTAT_INDEX,
    *MTAT_FOLDER_TRUTH.values(),
    MSD_TAGS,
    *MSD_LISTS.values(),
    JAMENDO_MOODS,
    *JAMENDO_LISTS.values(),
)
