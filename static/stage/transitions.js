// What a frame of a transition shows, by the same rules as on the server:
// reelqueue/planning/transitions/.

/**
 * Both slides mixed by their weights; the rest to 1 is the weight of a plain grey.
 * @typedef {{kind: "mix", old: number, new: number, grey: number}} Mix
 */

/**
 * A straight edge with one slide before it (left of it, or above) and the other one behind it; all
 * lengths are shares of the frame's width, or of its height where the edge is level.
 * @typedef {object} Edge
 * @property {"edge"} kind
 * @property {boolean} isLevel
 * @property {number} position of the edge
 * @property {boolean} isNewFirst
 * @property {number} oldShift how far the old slide has moved to the right, or down
 * @property {number} newShift
 */

/**
 * The new slide where the level of a map is below a threshold, `softness` wide.
 * @typedef {object} Wipe
 * @property {"wipe"} kind
 * @property {"circle" | "grain"} pattern
 * @property {boolean} isInverted whether the highest level changes first
 * @property {number} threshold from 0 to 1 + softness
 * @property {number} softness
 */

/** @typedef {{kind: "zoom", scale: number, new: number}} Zoom the old slide enlarged, and mixed */
/** @typedef {{kind: "blur", sigma: number, new: number}} Blur `sigma` in shorter sides of the frame */
/** @typedef {Mix | Edge | Wipe | Zoom | Blur} Change */

const GREYS = new Map([
  ["fade_black", 0],
  ["fade_white", 255],
]);
const CIRCLE_SOFTNESS = 1 / 32;
const GRAIN_SOFTNESS = 1 / 4;
const LARGEST_ZOOM = 3;
const LARGEST_SIGMA = 1 / 20;

/** @param {number} share */
const limit = (share) => Math.min(Math.max(share, 0), 1);

/**
 * Return what a step of a transition shows; the last step shows the new slide alone.
 * @param {string} name
 * @param {number} step from 1
 * @param {number} steps
 * @returns {Change}
 */
export function showTransition(name, step, steps) {
  const done = step / steps;
  const [family, direction] = name.split("_");
  const grey = GREYS.get(name);
  if (grey !== undefined) return dip(step, steps, grey);
  if (["wipe", "slide", "push"].includes(family)) return moveEdge(family, direction, done);
  if (family === "circle") return wipe("circle", direction === "close", done, CIRCLE_SOFTNESS);
  if (name === "dissolve") return wipe("grain", false, done, GRAIN_SOFTNESS);
  if (name === "zoom") {
    const scale = 1 + (LARGEST_ZOOM - 1) * done ** 2;
    return { kind: "zoom", scale, new: limit((4 * done - 1) / 3) };
  }
  if (name === "blur") {
    const sigma = LARGEST_SIGMA * (1 - Math.abs(2 * done - 1));
    return { kind: "blur", sigma, new: limit(3 * done - 1) };
  }
  return { kind: "mix", old: 1 - done, new: done, grey: 0 };
}

/**
 * @param {number} step
 * @param {number} steps
 * @param {number} grey
 * @returns {Mix}
 */
function dip(step, steps, grey) {
  const middle = Math.floor(steps / 2);
  if (step <= middle) return { kind: "mix", old: 1 - step / middle, new: 0, grey };
  return { kind: "mix", old: 0, new: (step - middle) / (steps - middle), grey };
}

/**
 * @param {string} family
 * @param {string} direction in which the edge moves
 * @param {number} done
 * @returns {Edge}
 */
function moveEdge(family, direction, done) {
  const isBackward = ["left", "up"].includes(direction);
  const side = isBackward ? 1 : -1;
  return {
    kind: "edge",
    isLevel: ["up", "down"].includes(direction),
    position: isBackward ? 1 - done : done,
    isNewFirst: !isBackward,
    oldShift: family === "push" ? -side * done : 0,
    newShift: family === "wipe" ? 0 : side * (1 - done),
  };
}

/**
 * @param {"circle" | "grain"} pattern
 * @param {boolean} isInverted
 * @param {number} done
 * @param {number} softness
 * @returns {Wipe}
 */
function wipe(pattern, isInverted, done, softness) {
  return { kind: "wipe", pattern, isInverted, threshold: done * (1 + softness), softness };
}
