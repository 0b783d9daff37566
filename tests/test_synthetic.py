"""The embedded corpora: same bytes, balanced, two domains that differ as they say."""

import wave

import numpy as np
import pandas as pd
import pytest
from scipy.signal import butter, lfilter, sosfilt, welch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from synthetic_sounds import folder

from mirbench.corpora import synthetic
from mirbench.corpora.synthetic import signals, store
from mirbench.corpora.synthetic.instruments import pluck
from mirbench.corpora.synthetic.rooms import pcm
from mirbench.corpora.synthetic.voices import draw_voice, sing, speak
from mirbench.errors import DataError

RENDER = {
    "studio": lambda root: synthetic.render("studio", root),
    "phone": lambda root: synthetic.render("phone", root),
    "programmes": synthetic.render_programmes,
    "songs": synthetic.render_songs,
    "fingerprint": synthetic.render_fingerprint,
}


@pytest.fixture(scope="module")
def corpora():
    """Every corpus, rendered once: name -> (root, index)."""
    return {name: (folder(name), render(folder(name))) for name, render in RENDER.items()}


def read(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return samples.astype(float) / 32768, file.getframerate()


def dominant_hz(signal, sr):
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 8 * len(signal)))
    return np.argmax(spectrum) * sr / (8 * len(signal))


@pytest.mark.slow
@pytest.mark.parametrize("name", list(RENDER))
def test_bytes_are_the_expected_ones(corpora, name):
    root, index = corpora[name]
    assert store.pcm_sha256(root, index) == synthetic.EXPECTED_SHA256[name]
    synthetic.verify(name, root, index)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(RENDER))
def test_index_and_files_agree(corpora, name):
    root, index = corpora[name]
    assert index["note"].str.contains("no substitute for real recordings").all()
    for row in index.itertuples():
        samples, sr = read(root / row.path)
        assert len(samples) / sr == row.duration_s
        assert 0.01 < np.abs(samples).max() < 0.95
    again = RENDER[name](root)  # complete: read, not rendered
    pd.testing.assert_frame_equal(index, again)


@pytest.mark.slow
@pytest.mark.parametrize("domain", ["studio", "phone"])
def test_clips_are_balanced(corpora, domain):
    _, index = corpora[domain]
    assert index["label"].value_counts().to_dict() == {"speech": 24, "music": 24}
    assert index.groupby("label")["group"].nunique().to_dict() == {"speech": 12, "music": 12}
    assert (index["group"].value_counts() == 2).all()
    assert (index["duration_s"] == 15.0).all()
    music = index[index["label"] == "music"]
    assert (music["style"].value_counts() == 4).all()
    assert ((index["speaker"] != "") == (index["label"] == "speech")).all()
    assert ((index["artist"] != "") == (index["label"] == "music")).all()


@pytest.mark.slow
def test_groups_of_corpora_are_disjoint(corpora):
    groups = [set(corpora[name][1]["group"]) for name in ("studio", "phone", "programmes", "songs")]
    assert len(set.union(*groups)) == sum(map(len, groups))


@pytest.mark.slow
def test_domains_differ_in_level_bandwidth_and_noise(corpora):
    level, treble, bass, floor = {}, {}, {}, {}
    for domain in ("studio", "phone"):
        root, index = corpora[domain]
        rows = []
        for path in index["path"]:
            x, sr = read(root / path)
            hz, power = welch(x, sr, nperseg=2048)
            frames = 10 * np.log10(np.mean(x[: len(x) // 441 * 441].reshape(-1, 441) ** 2, axis=1))
            rms = 10 * np.log10(np.mean(x**2))
            rows.append(
                (
                    rms,
                    power[hz > 5000].sum() / power.sum(),
                    power[hz < 200].sum() / power.sum(),
                    frames.min() - rms,
                )
            )
        level[domain], treble[domain], bass[domain], floor[domain] = np.median(rows, axis=0)
    assert 8 < level["studio"] - level["phone"] < 14
    assert bass["phone"] < 0.3 * bass["studio"]
    assert treble["phone"] < 0.01
    assert floor["studio"] < floor["phone"] - 10


@pytest.mark.slow
def test_level_is_not_a_shortcut(corpora):
    for domain in ("studio", "phone"):
        root, index = corpora[domain]
        level = np.array([np.sqrt(np.mean(read(root / p)[0] ** 2)) for p in index["path"]])
        speech = (index["label"] == "speech").to_numpy()
        louder = np.mean(level[speech][:, None] > level[~speech][None, :])
        assert 0.25 < louder < 0.75


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "labels"),
    [("programmes", {"speech", "music", "speech+music"}), ("songs", {"instrumental", "vocal"})],
)
def test_labels_cover_the_recording(corpora, name, labels):
    root, index = corpora[name]
    for row in index.itertuples():
        lab = pd.read_csv(root / row.labels, sep="\t", names=["start", "end", "label"])
        assert lab["start"].iloc[0] == 0
        assert lab["end"].iloc[-1] == pytest.approx(row.duration_s)
        np.testing.assert_array_equal(lab["start"][1:], lab["end"][:-1])
        assert (lab["end"] - lab["start"]).min() > 3
        assert set(lab["label"]) == labels
        assert (lab["label"] == "speech+music").sum() == (name == "programmes")


@pytest.mark.slow
def test_vocal_stretches_hold_the_voice(corpora):
    """Between 500 Hz and 4 kHz a song is louder where it is sung, in most songs."""
    root, index = corpora["songs"]
    louder = []
    for row in index.itertuples():
        x, sr = read(root / row.path)
        x = sosfilt(butter(2, (500, 4000), "bandpass", fs=sr, output="sos"), x)
        lab = pd.read_csv(root / row.labels, sep="\t", names=["start", "end", "label"])
        power = {"vocal": [], "instrumental": []}
        for a, b, label in lab.itertuples(index=False):
            power[label].append(np.mean(x[int(a * sr) : int(b * sr)] ** 2))
        louder.append(np.mean(power["vocal"]) > np.mean(power["instrumental"]))
    assert np.mean(louder) >= 5 / 6


def test_random_folds_inflate_on_the_fingerprint_corpus(tmp_path):
    index = synthetic.render_fingerprint(tmp_path)
    spectra = []
    for path in index["path"]:
        x, sr = read(tmp_path / path)
        spectra.append(np.log(welch(x, sr, nperseg=128)[1]))
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    X, y, groups = np.array(spectra), index["label"].to_numpy(str), index["group"].to_numpy(str)
    random = cross_val_score(model, X, y, cv=KFold(6, shuffle=True, random_state=0)).mean()
    grouped = cross_val_score(model, X, y, groups=groups, cv=GroupKFold(6)).mean()
    assert random > 0.95
    assert grouped < 0.6


def test_seed_changes_the_sound_and_a_stale_rendering_is_replaced(tmp_path):
    first = store.pcm_sha256(tmp_path, synthetic.render_fingerprint(tmp_path))
    second = store.pcm_sha256(tmp_path, synthetic.render_fingerprint(tmp_path, seed=1))
    assert first != second
    assert store.pcm_sha256(tmp_path, synthetic.render_fingerprint(tmp_path)) == first


def test_interrupted_rendering_is_completed(tmp_path):
    index = synthetic.render_fingerprint(tmp_path)
    (tmp_path / index["path"][3]).unlink()
    synthetic.verify("fingerprint", tmp_path, synthetic.render_fingerprint(tmp_path))
    (tmp_path / "index.csv").unlink()
    synthetic.verify("fingerprint", tmp_path, synthetic.render_fingerprint(tmp_path))
    assert not list(tmp_path.rglob("*.part"))


def test_verify_names_the_folder_and_the_mend(tmp_path):
    index = synthetic.render_fingerprint(tmp_path)
    path = tmp_path / index["path"][0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-2] + b"\x01\x01")
    with pytest.raises(DataError, match="delete the folder"):
        synthetic.verify("fingerprint", tmp_path, index)
    path.write_bytes(b"")
    with pytest.raises(DataError, match="not a whole WAV file"):
        synthetic.verify("fingerprint", tmp_path, index)


def test_unknown_domain(tmp_path):
    with pytest.raises(DataError, match="studio, phone"):
        synthetic.render("cinema", tmp_path)


def test_resonators_peak_at_their_formants():
    sections = signals.resonators(np.array([700.0]), np.array([60.0]), 16000)
    impulse = np.zeros(16000)
    impulse[0] = 1
    spectrum = np.abs(np.fft.rfft(sosfilt(sections, impulse)))
    assert abs(np.argmax(spectrum) - 700) <= 5
    assert spectrum[0] == pytest.approx(1, rel=1e-6)


def test_block_comb_is_the_recursive_filter():
    x = np.random.RandomState(0).standard_normal(1000)
    expected = lfilter([1.0], [1.0] + [0.0] * 36 + [-0.7], x)
    np.testing.assert_allclose(signals._comb(x, 37, 0.7), expected, atol=1e-12)


def test_smooth_is_a_centred_mean():
    x = np.random.RandomState(0).standard_normal(50)
    padded = np.pad(x, 2, mode="edge")
    expected = [padded[i : i + 5].mean() for i in range(50)]
    np.testing.assert_allclose(signals.smooth(x, 5), expected, atol=1e-12)


@pytest.mark.parametrize("hz", [110.0, 261.6, 440.0, 659.3])
def test_plucked_string_is_in_tune(hz):
    note = pluck(hz, 1.0, 22050, np.random.RandomState(1), 0.3)
    found = dominant_hz(note, 22050)
    cents = 1200 * np.log2(found / hz / max(1, round(found / hz)))
    assert abs(cents) < 5


def test_sung_note_has_the_asked_pitch():
    rng = np.random.RandomState(0)
    x = sing(draw_voice(rng, True), [(0.0, 2.0, 220.0)], 2.0, 22050, rng)
    x = x[11025:33075]
    lags = np.correlate(x, x[: len(x) // 2], mode="valid")
    lag = 60 + np.argmax(lags[60:150])
    assert abs(1200 * np.log2(22050 / lag / 220.0)) < 60  # vibrato: +-31 cents


def test_speech_has_pauses_and_a_syllable_rhythm():
    rng = np.random.RandomState(3)
    x = speak(draw_voice(rng, False), 12.0, 22050, rng)
    assert len(x) == 12 * 22050
    envelope = np.sqrt(np.mean(x[: len(x) // 441 * 441].reshape(-1, 441) ** 2, axis=1))
    assert np.mean(envelope < 0.02 * envelope.max()) > 0.05
    hz, power = welch(envelope - envelope.mean(), 50, nperseg=256)
    assert power[(hz > 1.5) & (hz < 7)].sum() > 2 * power[hz > 7].sum()


def test_pcm_turns_down_what_would_clip():
    samples = pcm(np.array([0.0, 2.0, -1.0]))
    assert samples.dtype == np.dtype("<i2")
    np.testing.assert_array_equal(samples, [0, 29163, -14581])
