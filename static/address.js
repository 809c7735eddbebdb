// The addresses of the page's places, drafts and videos: what stands after the #.

/**
 * `draft` and `video` have an id, of a draft or a job; the other places have none.
 * @typedef {"make" | "cut" | "videos" | "draft" | "video"} Place
 * @typedef {{place: Place, id: string}} Address
 */

/** @type {Record<string, Place>} */
const PLACES = { make: "make", cut: "cut", videos: "videos", s: "draft", v: "video" };
/** @type {Record<string, Place>} bookmarks of earlier versions */
const EARLIER = { "#slideshow": "make", "#clip": "cut" };
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Return what a fragment leads to. Any that means nothing leads to Make.
 *
 * An address is never the id of an element, so the browser does not scroll to it.
 * @param {string} hash with its #
 * @returns {Address}
 */
export function readAddress(hash) {
  const [, name, id = ""] = /^#\/(\w+)(?:\/([\w-]+))?$/.exec(hash) ?? [];
  const place = EARLIER[hash] ?? PLACES[name] ?? "make";
  const needsId = place === "draft" || place === "video";
  if (!needsId) return { place, id: "" };
  return ID.test(id) ? { place, id } : { place: "make", id: "" };
}

/**
 * @param {Place} place
 * @param {string} [id]
 */
export function writeAddress(place, id = "") {
  const name = Object.keys(PLACES).find((key) => PLACES[key] === place);
  return id ? `#/${name}/${id}` : `#/${name}`;
}

/** Have the links to other languages carry the address: the place that is open stays open. */
export function keepPlace() {
  for (const link of document.querySelectorAll(".languages a")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    link.addEventListener("click", () => {
      link.hash = location.hash;
    });
  }
}
