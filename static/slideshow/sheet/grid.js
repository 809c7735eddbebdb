// The cells of the contact sheet, as numbers: where they are, and what lies beside them.

/**
 * @typedef {object} Grid
 * @property {number} count of cells that are in use
 * @property {number} columns
 * @property {number} width of a cell, in pixels
 * @property {number} height of a row with the gap below it, in pixels
 * @property {boolean} isRtl whether the first column is the right one
 */

/**
 * Return the index of the cell under a point, or of the nearest one.
 * @param {Grid} grid
 * @param {{x: number, y: number}} point from the top left corner of the grid
 */
export function findCell({ count, columns, width, height, isRtl }, { x, y }) {
  const column = clamp(Math.floor(x / width), columns - 1);
  const place = isRtl ? columns - 1 - column : column;
  return clamp(Math.max(0, Math.floor(y / height)) * columns + place, count - 1);
}

/**
 * Return the top left corner of a cell.
 * @param {Grid} grid
 * @param {number} index
 */
export function locateCell({ columns, width, height, isRtl }, index) {
  const place = index % columns;
  const column = isRtl ? columns - 1 - place : place;
  return { x: column * width, y: Math.floor(index / columns) * height };
}

/**
 * Return where a cell's content is shown while that of another is carried to a new place.
 * @param {number} index
 * @param {number} from index of what is carried
 * @param {number} to index of the place that it would get
 */
export function shiftIndex(index, from, to) {
  if (index === from) return to;
  if (from < index && index <= to) return index - 1;
  return to <= index && index < from ? index + 1 : index;
}

/**
 * Return the first and the last index of which anything is to be seen.
 * @param {Grid} grid
 * @param {number} top of the window, in pixels below that of the grid
 * @param {number} bottom of the window
 * @returns {[number, number]}
 */
export function findSeen({ count, columns, height }, top, bottom) {
  const first = Math.max(0, Math.floor(top / height)) * columns;
  const last = (Math.floor(bottom / height) + 1) * columns - 1;
  return [Math.min(first, count - 1), clamp(last, count - 1)];
}

/**
 * Return the index to which a key leads; null where it leads nowhere.
 * @param {Grid} grid
 * @param {number} index
 * @param {string} key
 * @param {number} rows that a page has
 * @returns {number | null}
 */
export function followKey(grid, index, key, rows) {
  const { count, columns, isRtl } = grid;
  const forth = isRtl ? -1 : 1;
  /** @type {Record<string, number>} */
  const targets = {
    ArrowLeft: index - forth,
    ArrowRight: index + forth,
    ArrowUp: index - columns,
    ArrowDown: index + columns,
    Home: 0,
    End: count - 1,
    PageUp: Math.max(index % columns, index - rows * columns),
    PageDown: index + rows * columns,
  };
  if (!(key in targets)) return null;
  const target = targets[key];
  if (target < 0) return index;
  if (target < count) return target;
  const isBelow = Math.floor((count - 1) / columns) > Math.floor(index / columns);
  return isBelow ? count - 1 : index; // the last row is shorter
}

/**
 * @param {number} number
 * @param {number} most
 */
function clamp(number, most) {
  return Math.max(0, Math.min(most, number));
}
