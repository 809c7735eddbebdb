// Small pictures as arrays of RGBA bytes: blurred backdrops, and the grain of a dissolve.

/** @typedef {{data: Uint8ClampedArray, width: number, height: number}} Pixels */

const REACH = 3; // of a Gaussian, in its sigmas

/**
 * Blur pixels by a Gaussian and make them darker, in place; beyond an edge lies what is at it.
 * @param {Pixels} pixels
 * @param {number} sigma in pixels
 * @param {number} brightness from 0 to 1
 */
export function blurPixels({ data, width, height }, sigma, brightness) {
  const kernel = makeKernel(sigma);
  const blurred = new Float32Array(data.length);
  convolve(data, blurred, { kernel, length: width, lines: height, step: 4, stride: 4 * width });
  const out = new Float32Array(data.length);
  convolve(blurred, out, { kernel, length: height, lines: width, step: 4 * width, stride: 4 });
  for (let index = 0; index < data.length; index++) {
    data[index] = index % 4 === 3 ? 255 : out[index] * brightness;
  }
}

/** @param {number} sigma */
function makeKernel(sigma) {
  const reach = Math.ceil(sigma * REACH);
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-0.5 * ((index - reach) / sigma) ** 2),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * Convolve each line of an array, which runs in steps.
 * @param {ArrayLike<number>} from
 * @param {Float32Array} to
 * @param {{kernel: number[], length: number, lines: number, step: number, stride: number}} layout
 */
function convolve(from, to, { kernel, length, lines, step, stride }) {
  const reach = (kernel.length - 1) / 2;
  for (let line = 0; line < lines; line++) {
    for (let place = 0; place < length; place++) {
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let tap = -reach; tap <= reach; tap++) {
          const near = Math.min(Math.max(place + tap, 0), length - 1);
          sum += kernel[tap + reach] * from[line * stride + near * step + channel];
        }
        to[line * stride + place * step + channel] = sum;
      }
    }
  }
}

/**
 * Return levels from 0 to 1 in a random order that is the same each time, all equally frequent.
 * @param {number} count
 */
export function makeGrain(count) {
  const order = Array.from({ length: count }, (_, index) => index);
  let state = 1;
  for (let index = count - 1; index > 0; index--) {
    state = (state * 48_271) % 2_147_483_647; // MINSTD (Park and Miller, 1993)
    const other = state % (index + 1);
    [order[index], order[other]] = [order[other], order[index]];
  }
  return order.map((rank) => (rank + 0.5) / count);
}
