"""A guitar or bass amplifier for directly recorded strings."""
import numpy as np
import scipy.fft
import scipy.signal


def _filter(x, rate, kind, hertz):
    return scipy.signal.sosfilt(scipy.signal.butter(1, hertz / (rate / 2), kind, output="sos"), x)


def _cabinet(hertz, rng, bass):
    """Roll-off, resonance, presence and a few notches: a gain for each frequency."""
    corner = rng.uniform(1800, 4000) if bass else rng.uniform(3500, 5500)
    gain = 1 / np.sqrt(1 + (hertz / corner) ** rng.choice([6, 8, 10]))
    gain *= 1 / np.sqrt(1 + ((35 if bass else 70) / np.maximum(hertz, 1)) ** 4)
    peaks = [(rng.uniform(90, 140), 2, rng.uniform(0, 5)), (rng.uniform(350, 700), 1, rng.uniform(-6, 2)),
             (rng.uniform(1800, 3200), 2, rng.uniform(0, 7))]
    peaks += [(rng.uniform(800, 4500), 6, rng.uniform(-8, 4)) for _ in range(3)]
    for f, q, db in peaks:
        gain *= 10 ** (db / 20 / (1 + (q * (hertz / f - f / np.maximum(hertz, 1))) ** 2))
    return gain.astype(np.float32)


def amplify(x, rate, rng, drive_db, bass):
    """x: mono float32 of any level -> the same loudness through a random amplifier: low cut, treble boost, asymmetric soft
    clipping at four times the rate, cabinet. `drive_db`: 0 clean, 40 metal. `rng`: random.Random."""
    y = x / (np.percentile(np.abs(x), 99.5) + 1e-9)
    y = _filter(y, rate, "highpass", rng.uniform(25, 45) if bass else rng.uniform(60, 220))
    if not bass:
        y = y + rng.uniform(0, 1.5) * _filter(y, rate, "highpass", rng.uniform(700, 1500))
    y = scipy.signal.resample_poly(y.astype(np.float32), 4, 1)
    bias = rng.uniform(0, 0.3)
    y = np.tanh(10 ** (drive_db / 20) * y + bias) - np.tanh(bias)
    y = scipy.signal.resample_poly(y, 1, 4)[:len(x)]
    n = scipy.fft.next_fast_len(len(y) + rate // 4, real=True)
    hertz = np.fft.rfftfreq(n, 1 / rate).astype(np.float32)
    y = scipy.fft.irfft(scipy.fft.rfft(y.astype(np.float32), n) * _cabinet(hertz, rng, bass), n)[:len(x)]
    return (y * (np.sqrt((x ** 2).mean()) / (np.sqrt((y ** 2).mean()) + 1e-9))).astype(np.float32)
