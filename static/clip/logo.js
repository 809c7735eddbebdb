// The logo of a clip: a picture that is uploaded as soon as it is chosen.

import { toRefusal } from "../api.js";
import { find, findButton, findInput, findPart, tell } from "../elements.js";
import { sendFiles, UnreadableError } from "../intake/send.js";
import { say } from "../language.js";

/** @import { ApiError } from "../api.js" */
/** @import { Pause } from "../intake/retry.js" */

/** @param {ApiError} refusal */
const explain = ({ body, message }) => body.rejected?.[0]?.error ?? message;

export class Logo {
  /** @type {string | null} the id of its upload */
  #id = null;
  #sending = new AbortController();

  /**
   * @param {HTMLElement} root
   * @param {() => void} onChange
   */
  constructor(root, onChange) {
    this.root = root;
    this.onChange = onChange;
    const input = findInput(root, "logo_file");
    input.addEventListener("change", async () => {
      for (const file of input.files ?? []) await this.#open(file);
      input.value = "";
    });
    findButton(root, "remove-logo").addEventListener("click", () => {
      this.#sending.abort();
      this.#show(null, "");
    });
  }

  /** The logo as an order has it; null without one. */
  get order() {
    const position = find(this.root, "select", HTMLSelectElement).value;
    const read = (/** @type {string} */ name) => findInput(this.root, name).valueAsNumber / 100;
    const [width, opacity] = [read("logo_width"), read("logo_opacity")];
    if (!this.#id) return null;
    return {
      id: this.#id,
      position,
      ...(Number.isNaN(width) ? {} : { width }),
      ...(Number.isNaN(opacity) ? {} : { opacity }),
    };
  }

  /** What a draft keeps; null without a logo. */
  get state() {
    return this.#id ? { id: this.#id, name: findPart(this.root, "logo-line").textContent } : null;
  }

  /** @param {{id: string, name: string} | null} state of a draft */
  restore(state) {
    this.#sending.abort();
    this.#show(state?.id ?? null, state?.name ?? "");
  }

  /** @param {File} file */
  async #open(file) {
    this.#sending.abort();
    const { signal } = (this.#sending = new AbortController());
    this.#show(null, say("Sending {name}.", { name: file.name }));
    try {
      const onPause = (/** @type {Pause} */ { sentence }) =>
        this.#show(null, say("{reason} Trying again.", { reason: sentence }));
      const answer = await sendFiles("photo", [file], { onPause, signal });
      if (signal.aborted) return;
      this.#show(answer.images[0].id, file.name);
    } catch (error) {
      if (signal.aborted) return;
      const isUnreadable = error instanceof UnreadableError;
      this.#show(null, isUnreadable ? error.message : explain(toRefusal(error)));
    }
  }

  /**
   * @param {string | null} id
   * @param {string} line
   */
  #show(id, line) {
    this.#id = id;
    tell(findPart(this.root, "logo-line"), line);
    findButton(this.root, "remove-logo").hidden = !id;
    this.onChange();
  }
}
