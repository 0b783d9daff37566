"""Embedded notes: the same bytes, notes that behave as their instruments, databases that differ."""

import inspect
import wave

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.fft import next_fast_len
from scipy.signal import hilbert
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import recall_score
from sklearn.model_selection import GroupKFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from synthetic_sounds import folder

from mirbench.corpora import load_corpus, synthetic
from mirbench.corpora.notes import pitch_blocks
from mirbench.corpora.synthetic import note_decaying, note_held, notes, signals
from mirbench.corpora.synthetic.note_table import DATABASES, INSTRUMENTS, SR
from mirbench.errors import DataError
from mirbench.features.spectral import mfcc
from mirbench.tasks import load_task

N = 33_075  # 1.5 s
MIDDLE = {  # the middle of every span: an ordinary instrument
    name: {key: sum(span) / 2 for key, span in instrument.spans.items()}
    for name, instrument in INSTRUMENTS.items()
}


def play(name, hz, force=0.6, n=N, seed=0, **changed):
    rng = np.random.RandomState(seed)
    return INSTRUMENTS[name].play(hz, force, n, SR, rng, **{**MIDDLE[name], **changed})


def partial_levels(x, hz, count, share=0.02):
    """Largest magnitude within ``share`` of each multiple of ``hz``, in dB re the first."""
    spectrum = np.abs(np.fft.rfft(x * np.blackman(len(x))))
    freqs = np.fft.rfftfreq(len(x), 1 / SR)
    peaks = [spectrum[np.abs(freqs - k * hz) < share * k * hz].max() for k in range(1, count + 1)]
    return 20 * np.log10(np.array(peaks) / peaks[0])


def peak_hz(x, low, high):
    """Frequency of the largest peak between ``low`` and ``high`` Hz."""
    size = next_fast_len(8 * len(x), real=True)
    spectrum = np.abs(np.fft.rfft(x * np.blackman(len(x)), size))
    freqs = np.fft.rfftfreq(size, 1 / SR)
    inside = (freqs > low) & (freqs < high)
    return freqs[inside][np.argmax(spectrum[inside])]


def centroid_hz(x):
    spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x))))
    return np.sum(np.fft.rfftfreq(len(x), 1 / SR) * spectrum) / spectrum.sum()


def envelope(x, width=441):
    """RMS of frames of ``width`` samples."""
    return np.sqrt(np.mean(x[: len(x) // width * width].reshape(-1, width) ** 2, axis=1))


def read(path):
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, SR)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


# --- the note models -------------------------------------------------------------------------


def test_modes_are_decaying_sines():
    impulse = np.zeros(4000)
    impulse[0] = 1
    hz, levels, t60 = np.array([300.0, 1234.5]), np.array([1.0, -0.4]), np.array([0.3, 0.1])
    t = np.arange(4000)[:, None] / SR
    expected = (levels * np.sin(2 * np.pi * hz * t) * 10 ** (-3 * t / t60)).sum(axis=1)
    np.testing.assert_allclose(
        note_decaying.ring(impulse, hz, levels, t60, SR), expected, atol=2e-7
    )


@pytest.mark.parametrize("stiffness", [0.0, 4e-4, 1e-3])
def test_partials_of_a_string_are_stretched(stiffness):
    x = play("piano", 261.63, stiffness=stiffness, knock=0.0, contact_s=1e-4, prompt=0.0)
    for k in (1, 2, 5, 9):
        expected = k * 261.63 * np.sqrt(1 + stiffness * k * k)
        found = peak_hz(x, expected - 100, expected + 100)
        assert abs(1200 * np.log2(found / expected)) < 3


def test_where_a_string_is_plucked_is_a_comb():
    x = play("guitar", 110.0, position=0.25, stiffness=0.0, damping=9000.0)
    levels = partial_levels(x, 110.0, 9)
    assert levels[3] < min(levels[2], levels[4]) - 20
    assert levels[7] < min(levels[6], levels[8]) - 20


def test_a_partial_at_the_damping_frequency_dies_twice_as_fast():
    x = play("piano", 130.8, damping=1308.0, stiffness=0.0, prompt=0.0, contact_s=2e-4)

    def fall_db(k):
        t = 2j * np.pi * k * 130.8 / SR * np.arange(6000)
        early, late = (
            np.sum(x[a : a + 6000] * np.blackman(6000) * np.exp(-t)) for a in (2000, 22000)
        )
        return 20 * np.log10(np.abs(early / late))

    assert fall_db(10) / fall_db(1) == pytest.approx(2 / 1.01, rel=0.02)


def test_two_polarisations_give_a_double_decay():
    x = 20 * np.log10(envelope(play("piano", 220.0, n=2 * N, prompt=0.8, ring_s=6.0)))
    assert x[2] - x[20] > 1.5 * (x[100] - x[118])


@pytest.mark.parametrize(("undercut", "ratio"), [(0.0, 2.76), (1.0, 4.0)])
def test_modes_of_a_bar(undercut, ratio):
    x = play("xylophone_marimba", 300.0, undercut=undercut, hardness=0.6, contact_s=2e-4)
    first = peak_hz(x, 200, 450)
    second = peak_hz(x, 500, 1500)
    assert abs(1200 * np.log2(first / 300.0)) < 3
    assert second / first == pytest.approx(ratio, rel=0.011)  # wood is uneven by 1 %


def test_a_reed_on_a_cylinder_has_odd_partials():
    levels = partial_levels(play("clarinet", 147.0, even=0.02), 147.0, 7)
    assert levels[1] < levels[2] - 15
    assert levels[3] < levels[4] - 10
    high = partial_levels(play("clarinet", 1000.0, even=0.02), 1000.0, 2)
    assert high[1] > -25  # above the cut-off the even ones are there


def test_brass_brightens_with_level_and_during_the_attack():
    soft, loud = (play("trumpet", 350.0, force) for force in (0.3, 1.0))
    assert centroid_hz(loud[10000:20000]) > 1.2 * centroid_hz(soft[10000:20000])
    x = play("trumpet", 350.0, 1.0, attack_s=0.1, breath_db=-90.0)
    rising = 20 * np.log10(envelope(x))
    start = int(np.flatnonzero(rising > rising.max() - 12)[0]) * 441
    assert centroid_hz(x[start : start + 441]) < 0.8 * centroid_hz(x[10000:10441])


def test_a_flute_has_few_partials_and_breath():
    x = play("flute", 784.0)
    levels = partial_levels(x, 784.0, 6)
    assert levels[3:].max() < -20
    dry = play("flute", 784.0, breath_db=-90.0)
    breath = np.mean((x - dry)[5000:20000] ** 2) / np.mean(dry[5000:20000] ** 2)
    level = 10 * np.log10(breath)
    assert level == pytest.approx(MIDDLE["flute"]["breath_db"], abs=2)


def test_the_bow_leaves_a_comb_and_a_vibrato():
    x = play("violin", 220.0, position=0.125, vibrato=0.0, bow_db=-80.0)
    levels = partial_levels(x, 220.0, 12)
    assert levels[7] < min(levels[5], levels[9]) - 4
    x = play("violin", 440.0, n=2 * N, vibrato=0.012, rate_hz=6.0, bow_db=-60.0)
    spectrum = np.fft.rfft(x)
    freqs = np.fft.rfftfreq(len(x), 1 / SR)
    spectrum[(freqs < 380) | (freqs > 500)] = 0
    phase = np.unwrap(np.angle(hilbert(np.fft.irfft(spectrum, len(x)))))
    track = np.diff(phase)[15000:50000] * SR / (2 * np.pi)
    track -= track.mean()
    sway = np.abs(np.fft.rfft(track * np.hanning(len(track))))
    rate = np.argmax(sway[:40]) * SR / len(track)
    assert 5.3 < rate < 6.7
    assert np.ptp(np.quantile(track, [0.02, 0.98])) / 880 == pytest.approx(0.012, rel=0.3)


@pytest.mark.parametrize("name", ["violin", "clarinet", "trumpet"])
@pytest.mark.parametrize("attack_s", [0.05, 0.2])
def test_attack_time_is_the_10_to_90_rise(name, attack_s):
    x = envelope(play(name, 440.0, 0.05, attack_s=attack_s, vibrato=0.0), 110)  # one spectrum
    top = np.median(x[len(x) // 2 : len(x) // 2 + 60])
    rise = (np.argmax(x > 0.9 * top) - np.argmax(x > 0.1 * top)) * 110 / SR
    assert rise == pytest.approx(attack_s, rel=0.25, abs=0.01)


@pytest.mark.parametrize("name", list(INSTRUMENTS))
def test_notes_are_in_tune_and_go_on_or_decay(name):
    hz = signals.midi_hz(sum(INSTRUMENTS[name].pitches) // 2)
    x = play(name, hz, vibrato=0.0) if "vibrato" in MIDDLE[name] else play(name, hz)
    assert abs(1200 * np.log2(peak_hz(x, 0.8 * hz, 1.25 * hz) / hz)) < 8
    level = 20 * np.log10(envelope(x))
    falls = np.median(level[5:10]) - np.median(level[-20:-15])
    held = INSTRUMENTS[name].family in ("woodwind", "brass", "strings")
    assert abs(falls) < 3 if held else falls > 8


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(sorted(INSTRUMENTS)),
    place=st.floats(0, 1),
    force=st.floats(0.05, 1),
    n=st.integers(500, 12000),
    corner=st.integers(0, 2**8 - 1),
)
def test_any_setting_gives_a_finite_note_of_the_asked_length(name, place, force, n, corner):
    """Every corner of the settings' box, any pitch of the range, any length."""
    low, high = INSTRUMENTS[name].pitches
    spans = INSTRUMENTS[name].spans
    chosen = {key: span[corner >> i & 1] for i, (key, span) in enumerate(spans.items())}
    x = play(name, signals.midi_hz(low + place * (high - low)), force, n, **chosen)
    assert x.shape == (n,)
    assert np.isfinite(x).all()
    assert 0 < np.abs(x).max() < 1e3


# --- the table -------------------------------------------------------------------------------


def test_instruments_are_the_tasks_and_settings_are_the_models():
    labels = load_task("instruments").labels
    for name, instrument in INSTRUMENTS.items():
        assert name in labels
        wanted = {
            key
            for key, parameter in inspect.signature(instrument.play).parameters.items()
            if parameter.kind is parameter.KEYWORD_ONLY
        }
        assert set(instrument.spans) == wanted
        assert all(low < high for low, high in instrument.spans.values())


@pytest.mark.parametrize("seed", range(5))
def test_databases_share_no_third_of_a_setting(seed):
    for name, instrument in INSTRUMENTS.items():
        built = [notes.build(name, database, seed).settings for database in DATABASES]
        for key, (low, high) in instrument.spans.items():
            thirds = {int(3 * (b[key] - low) / (high - low)) for b in built}
            assert thirds == {0, 1, 2}
    assert notes.build("flute", "hall", seed) != notes.build("flute", "hall", seed + 1)


def test_unknown_database():
    with pytest.raises(DataError, match="hall, booth, attic"):
        synthetic.render_notes("cellar", "nowhere")


# --- the corpora -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def databases():
    """Every database of seed 0, rendered once: name -> (root, index)."""
    return {name: (folder(name), synthetic.render_notes(name, folder(name))) for name in DATABASES}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DATABASES))
def test_bytes_are_the_expected_ones(databases, name):
    root, index = databases[name]
    synthetic.verify(name, root, index)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(DATABASES))
def test_index_tells_what_is_there(databases, name):
    root, index = databases[name]
    columns = "path instrument family pitch dynamics database duration_s note"
    assert " ".join(index.columns) == columns
    assert set(index["instrument"]) == set(INSTRUMENTS) - set(DATABASES[name].lacks)
    assert (index["instrument"].value_counts() == notes.NOTES).all()
    assert index["dynamics"].value_counts().nunique() == 1
    assert (index["database"] == name).all()
    low, high = DATABASES[name].length_s
    assert index["duration_s"].between(low - 0.001, high).all()
    for row in index.itertuples():
        x = read(root / row.path)
        assert len(x) / SR == row.duration_s
        assert 0.01 < np.abs(x).max() < 0.95
        hz = signals.midi_hz(row.pitch)
        assert abs(1200 * np.log2(peak_hz(x, 0.8 * hz, 1.25 * hz) / hz)) < 40
        lead = np.sqrt(np.mean(x[:441] ** 2))
        assert 20 * np.log10(lead + 1e-9) < -60  # hiss and hum come first, then the note


@pytest.mark.slow
def test_dynamics_are_kept_in_the_hall_and_levelled_in_the_booth(databases):
    for name, step in (("hall", 3.0), ("booth", 0.0)):
        root, index = databases[name]
        level = np.array(
            [20 * np.log10(np.sqrt(np.mean(read(root / p) ** 2))) for p in index["path"]]
        )
        for softer, louder in (("p", "mf"), ("mf", "f")):
            found = np.median(level[index["dynamics"] == louder]) - np.median(
                level[index["dynamics"] == softer]
            )
            assert found == pytest.approx(step, abs=0.3)


@pytest.mark.slow
def test_attic_lacks_two_and_loads_by_name():
    corpus = load_corpus("embedded-attic")
    assert corpus.evidence == "embedded"
    assert len(set(corpus.items["instrument"])) == len(INSTRUMENTS) - 2
    blocks = corpus.items.groupby("group")["pitch"].agg(lambda p: np.ptp(p.astype(int)))
    assert len(blocks) == 35
    assert blocks.max() < 12


def test_last_bits_of_transcendental_functions_do_not_reach_the_samples(monkeypatch):
    """Another machine's sin, exp and pow, imitated by an error of 2e-15 before each rounding."""

    def one_of_each():
        for name, instrument in INSTRUMENTS.items():
            made, here = notes.build(name, "hall", 0), DATABASES["hall"]
            rng = np.random.RandomState(5)
            dry = notes._dry(instrument, made, here, 64, "mf", rng)
            yield notes._record(dry, here, "mf", rng)

    def render(error):
        for module in (signals, note_decaying, note_held, notes):
            monkeypatch.setattr(module, "steady", lambda v: np.round(v * (1 + error), 12))
        return list(one_of_each())

    exact, last_bits, large = (render(error) for error in (0.0, 2e-15, 1e-5))
    for first, second, third in zip(exact, last_bits, large):
        np.testing.assert_array_equal(first, second)
        assert not np.array_equal(first, third)  # what is patched does reach the samples


# --- what they are for -----------------------------------------------------------------------


def statistics(root, index):
    """Mean and standard deviation of 20 MFCC of each note at one level, shape (n, 40)."""
    rows = []
    for path in index["path"]:
        x = read(root / path)
        frames = mfcc(x / np.sqrt(np.mean(x**2)), SR)
        rows.append(np.concatenate([frames.mean(axis=0), frames.std(axis=0)]))
    return np.array(rows)


def lda():
    return make_pipeline(
        StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    )


def svm():
    return make_pipeline(StandardScaler(), SVC(C=10))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_within_a_database_is_far_easier_than_across(databases, tmp_path, seed):
    data = {}
    for name in DATABASES:
        root = tmp_path / name if seed else databases[name][0]  # those of seed 0 are there
        index = synthetic.render_notes(name, root, seed)
        block = np.array([g[-1] for g in pitch_blocks(index, name, root.parent)])
        label = index["instrument"].to_numpy(str)
        data[name] = (statistics(root, index), label, block)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)

    def recall(truth, said, labels):
        return recall_score(truth, said, labels=labels, average="macro", zero_division=0)

    for model in (lda, svm):
        random, blocks, across = [], [], []
        for name, (X, y, block) in data.items():
            random.append(recall(y, cross_val_predict(model(), X, y, cv=folds), np.unique(y)))
            by_block = cross_val_predict(model(), X, y, groups=block, cv=GroupKFold(5))
            blocks.append(recall(y, by_block, np.unique(y)))
            for other, (Z, z, _) in data.items():
                shared = np.intersect1d(y, z)
                seen, asked = np.isin(y, shared), np.isin(z, shared)
                if other != name:
                    said = model().fit(X[seen], y[seen]).predict(Z[asked])
                    across.append(recall(z[asked], said, shared))
        assert np.mean(random) > np.mean(across) + 0.15
        assert np.mean(blocks) > np.mean(across) + (0.15 if model is lda else 0.05)
        assert np.mean(across) > 0.35  # chance: 0.11 to 0.14
