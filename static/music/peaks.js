// The loudest moments of a song, for its waveform.

/**
 * Return the highest level of each of equal parts of sound, from 0 to 1; the loudest part has 1.
 * @param {Float32Array} samples from -1 to 1
 * @param {number} count of parts
 */
export function findPeaks(samples, count) {
  const peaks = Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * samples.length) / count);
    const end = Math.max(Math.floor(((index + 1) * samples.length) / count), start + 1);
    let peak = 0;
    for (let at = start; at < Math.min(end, samples.length); at++) {
      peak = Math.max(peak, Math.abs(samples[at]));
    }
    return peak;
  });
  const highest = Math.max(...peaks);
  return highest ? peaks.map((peak) => peak / highest) : peaks;
}
