// The demo's music, from arithmetic alone.
const tau = 2 * Math.PI;

/**
 * Sixteen seconds, four chords, written into a circle: what rings on past the end sounds at the beginning, so that the
 * loop has no seam. 750 AAC frames exactly.
 */
export function composeMusic() {
  const rate = 48_000;
  const length = 16 * rate;
  const dry = [new Float64Array(length), new Float64Array(length)];
  const note = (midi) => 440 * 2 ** ((midi - 69) / 12);
  const add = (start, seconds, pan, voice) => {
    const first = Math.round(start * rate);
    const left = Math.cos(((pan + 1) * Math.PI) / 4);
    const right = Math.sin(((pan + 1) * Math.PI) / 4);
    for (let sample = 0; sample < seconds * rate; sample += 1) {
      const value = voice(sample / rate);
      const at = (first + sample) % length;
      dry[0][at] += value * left;
      dry[1][at] += value * right;
    }
  };
  // Am9 · Fmaj9 · Cmaj9 · G6/9
  const chords = [
    { root: 45, tones: [57, 60, 64, 67, 71] },
    { root: 41, tones: [57, 60, 64, 65, 67] },
    { root: 48, tones: [55, 59, 62, 64, 67] },
    { root: 43, tones: [55, 59, 62, 64, 69] },
  ];
  chords.forEach(({ root, tones }, bar) => {
    const begin = bar * 4;
    tones.forEach((tone, index) => {
      for (const [detune, pan] of [
        [-0.06, -0.7],
        [0.05, 0.7],
        [0, 0],
      ]) {
        const hz = note(tone + detune);
        add(begin, 5.6, pan, (t) => {
          const envelope = Math.min(1, t / 1.1) * Math.min(1, Math.max(0, (5.6 - t) / 1.8));
          const tremble = 1 + 0.06 * Math.sin(tau * (0.25 * t + index / 5));
          return (
            0.02 *
            envelope ** 1.5 *
            tremble *
            (Math.sin(tau * hz * t) + 0.28 * Math.sin(tau * hz * 2 * t) + 0.08 * Math.sin(tau * hz * 3 * t))
          );
        });
      }
    });
    for (const [at, weight] of [
      [0, 1],
      [1.5, 0.6],
      [2.5, 0.75],
    ]) {
      const hz = note(root - 12);
      add(
        begin + at,
        1.3,
        0,
        (t) =>
          0.11 *
          weight *
          Math.min(1, t / 0.02) *
          Math.exp(-t * 2.4) *
          (Math.sin(tau * hz * t) + 0.25 * Math.sin(tau * hz * 2 * t)),
      );
    }
    const climb = [0, 2, 4, 3, 1, 4, 2, 3, 0, 3, 4, 1, 2, 4, 3, 2];
    climb.forEach((degree, step) => {
      if ((step * 5 + bar) % 7 === 3) return; // it breathes
      const hz = note(tones[degree] + 12);
      const weight = 0.75 + 0.25 * Math.sin(step * 1.9 + bar);
      add(begin + step * 0.25, 1.4, Math.sin(step * 1.3 + bar) * 0.6, (t) => {
        const strike = Math.min(1, t / 0.004) * Math.exp(-t * 5.5);
        return (
          0.055 *
          weight *
          strike *
          Math.sin(tau * hz * t + 1.4 * Math.exp(-t * 9) * Math.sin(tau * hz * 2 * t))
        );
      });
    });
    for (let beat = 0; beat < 4; beat += 1) {
      add(
        begin + beat,
        0.3,
        0,
        (t) => 0.16 * Math.exp(-t * 16) * Math.sin(tau * (44 * t + 7.5 * (1 - Math.exp(-t * 28)))),
      );
    }
  });
  // Echo, round the circle as well: the other side answers after three eighths.
  const wet = dry.map((channel) => Float64Array.from(channel));
  let gain = 0.34;
  for (let echo = 1; echo <= 4; echo += 1, gain *= 0.5) {
    const delay = Math.round(0.375 * rate * echo);
    for (let at = 0; at < length; at += 1) {
      const to = (at + delay) % length;
      for (const side of [0, 1]) wet[side][to] += gain * dry[(side + echo) % 2][at];
    }
  }
  let peak = 0;
  for (const channel of wet) for (const value of channel) peak = Math.max(peak, Math.abs(value));
  const samples = new Float32Array(length * 2);
  // AAC knows nothing of the circle and would step at the seam: both ends touch zero for two milliseconds, under the beat.
  const dip = 0.002 * rate;
  for (let at = 0; at < length; at += 1) {
    const edge = Math.min(1, at / dip, (length - 1 - at) / dip);
    const level = (0.4 / peak) * Math.sin((edge * Math.PI) / 2) ** 2;
    samples[at * 2] = wet[0][at] * level;
    samples[at * 2 + 1] = wet[1][at] * level;
  }
  return Buffer.from(samples.buffer);
}
