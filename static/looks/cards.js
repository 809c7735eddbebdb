// The cards of the looks: each plays on the first photos, and sets the form when it is chosen.

import { call } from "../api.js";
import { announce, find } from "../elements.js";
import { say } from "../language.js";
import { Painter } from "../stage/painter.js";
import { Pictures } from "../stage/pictures.js";
import { Player } from "../stage/player.js";
import { whenLettersLoad } from "../stage/words.js";
import { LOOKS, matchLook, orderSample } from "./looks.js";

/** @import { Plan } from "../stage/timeline.js" */
/** @import { Look } from "./looks.js" */

/** @typedef {{id?: string, thumbnail?: string}} SamplePhoto */
/** @typedef {{session_id: string | null, photos: {id?: string, caption?: string}[]}} SampleOrder */
/** @typedef {{look: Look, title: string, input: HTMLInputElement, painter: Painter, player: Player, plan: Plan | null}} Card */

const CARD_WIDTH = 256; // pixels, for screens of twice as many
const STILL_SECONDS = 0.5; // into the sample, which is seen while it stands still

export class Looks {
  #asked = "";
  #asking = new AbortController();
  /** The size that was chosen before a look brought its own. */
  #size = "";

  /**
   * @param {HTMLElement} root
   * @param {HTMLFormElement} form
   * @param {{photos: SamplePhoto[]}} uploads
   */
  constructor(root, form, uploads) {
    this.root = root;
    this.form = form;
    this.uploads = uploads;
    this.cards = LOOKS.map((look) => this.#makeCard(look));
    root.addEventListener("input", (event) => event.stopPropagation()); // it chooses no field itself
    root.addEventListener("change", ({ target }) => {
      const card = this.cards.find(({ input }) => input === target);
      if (card) this.#choose(card);
    });
    form.addEventListener("input", () => this.#mark());
    this.#mark();
  }

  /**
   * Play the looks on the first photos of an order.
   * @param {unknown} plan of the order, which the cards replace by their own
   * @param {SampleOrder} order
   */
  async show(plan, order) {
    const asked = JSON.stringify(orderSample(LOOKS[0], order).photos);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    for (const card of this.cards) {
      const body = orderSample(card.look, order);
      const sample = await call("POST", "/generate_video", { body, signal }).catch(() => null);
      if (signal.aborted) return;
      if (sample) this.#load(card, sample);
    }
  }

  /** @param {Look} look */
  #makeCard(look) {
    const input = find(this.root, `input[value="${look.name}"]`, HTMLInputElement);
    const label = find(this.root, `label:has([value="${look.name}"])`, HTMLElement);
    const canvas = find(label, "canvas", HTMLCanvasElement);
    /** @type {Card} */
    const card = {
      look,
      title: find(label, ".look-name", HTMLElement).textContent,
      input,
      plan: null,
      painter: new Painter(canvas, new Pictures(() => this.#draw(card))),
      player: new Player(() => this.#draw(card)),
    };
    whenLettersLoad(() => this.#draw(card));
    const play = () => {
      const isUnwanted = matchMedia("(prefers-reduced-motion: reduce)").matches;
      if (card.plan && !isUnwanted) card.player.play();
    };
    const stop = () => {
      if (label.matches(":hover, :has(:focus-visible)")) return;
      card.player.pause();
      card.player.seek(STILL_SECONDS * card.player.fps);
    };
    for (const name of ["pointerenter", "focusin"]) label.addEventListener(name, play);
    for (const name of ["pointerleave", "focusout"]) label.addEventListener(name, stop);
    return card;
  }

  /**
   * @param {Card} card
   * @param {Plan} plan
   */
  #load(card, plan) {
    const { canvas } = card.painter.context;
    const width = Math.min(CARD_WIDTH, (CARD_WIDTH * plan.width) / plan.height);
    const height = Math.round((width * plan.height) / plan.width);
    Object.assign(canvas, { width: Math.round(width), height });
    card.plan = plan;
    card.player.load(plan);
    card.player.seek(STILL_SECONDS * plan.fps);
    this.root.classList.add("shown");
  }

  /** @param {Card} card */
  #draw({ plan, painter, player }) {
    if (!plan) return;
    const findPicture = (/** @type {number} */ photo) =>
      this.uploads.photos[photo]?.thumbnail ?? "";
    painter.draw(plan, { find: findPicture }, player.frame);
  }

  /** @param {Card} card */
  #choose({ look, title }) {
    const { values } = look;
    const size = this.#read("resolution");
    if (values.resolution && size !== values.resolution) this.#size = size;
    const back = !values.resolution && this.#size ? { resolution: this.#size } : {};
    if (!values.resolution) this.#size = "";
    for (const [field, value] of Object.entries({ ...values, ...back })) this.#write(field, value);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
    announce(say("The slideshow has the look {name}.", { name: title }));
  }

  /** Show which look the form has, if it has one of them. */
  #mark() {
    const name = matchLook((field) => this.#read(field));
    for (const { look, input } of this.cards) input.checked = look.name === name;
  }

  /** @param {string} name of a field */
  #read(name) {
    const field = this.form.elements.namedItem(name);
    return field && "value" in field ? String(field.value) : "";
  }

  /**
   * @param {string} name of a field
   * @param {string} value
   */
  #write(name, value) {
    const field = this.form.elements.namedItem(name);
    if (field && "value" in field) Object.assign(field, { value });
  }
}
