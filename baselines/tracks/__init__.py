"""Hand-crafted systems for whole tracks: genre, rhythm, tags, emotion, latent factors.

Features of a track (a small file each), a head for classes, tags or values by what ``y`` is
(`heads`), and one estimator around both (`estimator`); `methods` puts them together.
"""
