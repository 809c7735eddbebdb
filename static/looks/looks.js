// Looks: whole sets of choices, each under one name.

/** @typedef {Record<string, string>} Values of the form's fields, by their names */
/** @typedef {{name: string, values: Values}} Look */

const SAMPLE_PHOTOS = 3;
const STORY = "1080x1920";

/** @type {Look[]} */
export const LOOKS = [
  make("calm", "fade 1.5", "4", "kenburns blur", "bottom medium shadow", "photo"),
  make("album", "none 1", "3", "none contain", "bottom medium box", "color #3a3128"),
  make("energetic", "random 0.4", "1.2", "none cover", "middle large outline", "color #b0213f"),
  make("story", "push_up 0.5", "2.5", "kenburns cover", "bottom large box", "color #1d3557", STORY),
  make("film", "fade_black 1.2", "4", "zoom_in cover", "bottom small outline", "color #000000"),
  make("plain", "fade 1", "3", "none blur", "bottom medium box", "photo"),
];

/**
 * @param {string} name
 * @param {string} transition and its seconds
 * @param {string} duration seconds of a photo
 * @param {string} camera its motion, and how photos fill the frame
 * @param {string} captions their position, the size of their letters, and what is behind them
 * @param {string} title what is behind titles, and its colour if it is one
 * @param {string} [resolution] where the look is for one shape alone
 * @returns {Look}
 */
function make(name, transition, duration, camera, captions, title, resolution) {
  const [kind, seconds] = transition.split(" ");
  const [motion, fit] = camera.split(" ");
  const [position, size, backing] = captions.split(" ");
  const [backdrop, color] = title.split(" ");
  const values = {
    transition: kind,
    transition_duration: seconds,
    duration,
    motion,
    fit,
    caption_position: position,
    caption_size: size,
    caption_backing: backing,
    card_backdrop: backdrop,
    ...(color ? { card_background: color } : {}),
  };
  return { name, values: resolution ? { ...values, resolution } : values };
}

/**
 * Return the name of the look that a form has; an empty one if it has none of them.
 * @param {(name: string) => string} read a field of the form
 */
export function matchLook(read) {
  const found = LOOKS.filter(({ values }) =>
    Object.entries(values).every(([name, value]) => isSame(read(name), value)),
  );
  return found[0]?.name ?? "";
}

/**
 * Whether two values are one choice, such as `1` and `1.0`.
 * @param {string} one
 * @param {string} other
 */
function isSame(one, other) {
  return one === other || (one !== "" && Number(one) === Number(other));
}

/**
 * Return an order for a sample of a look, with as little of it as shows what it is like.
 * @param {Look} look
 * @param {{session_id: string | null, photos: {id?: string, caption?: string}[]}} order
 */
export function orderSample({ values }, { session_id, photos }) {
  const plain = Object.entries(values).filter(([name]) => !/^(caption|card)_/.test(name));
  return {
    session_id,
    photos: photos
      .slice(0, SAMPLE_PHOTOS)
      .map(({ id, caption }) => (caption ? { id, caption } : { id })),
    ...Object.fromEntries(plain),
    duration: Number(values.duration),
    transition_duration: Number(values.transition_duration),
    caption_style: {
      position: values.caption_position,
      size: values.caption_size,
      backing: values.caption_backing,
    },
    dry_run: true,
  };
}
