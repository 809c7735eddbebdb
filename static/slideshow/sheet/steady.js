// Which frames can stay where they are while the others change places.

/**
 * Return the indexes of the longest run of numbers that rise, with others between them.
 * Source: the patience method, en.wikipedia.org/wiki/Longest_increasing_subsequence
 * @param {number[]} numbers that all differ
 * @returns {Set<number>}
 */
export function findRising(numbers) {
  /** @type {number[]} for each length, the index at which a run of it ends lowest */
  const ends = [];
  /** @type {number[]} the index before each in its run */
  const before = [];
  numbers.forEach((number, index) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before.push(ends[low - 1] ?? -1);
    ends[low] = index;
  });
  const rising = new Set();
  for (let index = ends.at(-1) ?? -1; index >= 0; index = before[index]) rising.add(index);
  return rising;
}

/**
 * Return those that keep their order, as many as can be: the others alone have to be moved.
 * @template P
 * @param {P[]} before
 * @param {P[]} after
 * @returns {Set<P>}
 */
export function findSteady(before, after) {
  const places = new Map(before.map((item, index) => [item, index]));
  const kept = after.filter((item) => places.has(item));
  const rising = findRising(kept.map((item) => places.get(item) ?? 0));
  return new Set(kept.filter((_, index) => rising.has(index)));
}
