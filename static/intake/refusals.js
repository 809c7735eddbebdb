// A list of files that were not taken: one entry for each reason, until it is dismissed.

import { announce } from "../elements.js";
import { say, sayCount } from "../language.js";

/**
 * @typedef {object} Group files with the same reason
 * @property {string[]} names
 * @property {HTMLElement} item
 */

export class RefusedFiles {
  /** @type {Map<string, Group>} by the reason */
  #groups = new Map();
  #isTelling = false;

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  /**
   * Add a file; bound to the list, as it is handed on.
   * @param {string} name
   * @param {string} sentence
   */
  add = (name, sentence) => {
    const group = this.#groups.get(sentence) ?? this.#open(sentence);
    group.names.push(name);
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => this.#tell()); // once for all that are refused together
  };

  clear() {
    for (const sentence of [...this.#groups.keys()]) this.#dismiss(sentence);
  }

  /** @param {string} sentence */
  #open(sentence) {
    const item = document.createElement("li");
    this.list.append(item);
    const group = { names: [], item };
    this.#groups.set(sentence, group);
    return group;
  }

  /** @param {string} sentence */
  #dismiss(sentence) {
    this.#groups.get(sentence)?.item.remove();
    this.#groups.delete(sentence);
  }

  #tell() {
    this.#isTelling = false;
    const news = [...this.#groups].filter(
      ([, { names, item }]) => item.dataset.count !== String(names.length),
    );
    const words = news.map(([sentence, { names, item }]) => {
      const title =
        names.length === 1
          ? names[0]
          : sayCount(names.length, { one: "{count} file", other: "{count} files" });
      this.#draw(item, title, sentence, names);
      item.dataset.count = String(names.length);
      return `${title}: ${sentence}`;
    });
    announce(words.join(" "));
  }

  /**
   * @param {HTMLElement} item
   * @param {string} title
   * @param {string} sentence
   * @param {string[]} names
   */
  #draw(item, title, sentence, names) {
    const head = document.createElement("b");
    head.textContent = title;
    const reason = document.createElement("span");
    reason.textContent = sentence;
    const dismiss = newButton(say("Dismiss"), say("Dismiss the message about {title}", { title }));
    dismiss.addEventListener("click", () => this.#dismiss(sentence));
    const [show, list] = names.length > 1 ? newNameList(title, names) : [];
    item.replaceChildren(
      ...[head, reason, show, dismiss, list].filter((part) => part !== undefined),
    );
  }
}

/**
 * Return a button that shows the names of files, and their list.
 * @param {string} title
 * @param {string[]} names
 */
function newNameList(title, names) {
  const list = document.createElement("ul");
  list.className = "refused-names";
  list.hidden = true;
  list.append(
    ...names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }),
  );
  const show = newButton(say("Show"), say("Show the names of {title}", { title }));
  show.setAttribute("aria-expanded", "false");
  show.addEventListener("click", () => {
    list.hidden = !list.hidden;
    show.setAttribute("aria-expanded", String(!list.hidden));
    show.textContent = list.hidden ? say("Show") : say("Hide");
    const label = list.hidden
      ? say("Show the names of {title}", { title })
      : say("Hide the names of {title}", { title });
    show.setAttribute("aria-label", label);
  });
  return [show, list];
}

/**
 * @param {string} text
 * @param {string} label
 */
function newButton(text, label) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: text });
  button.setAttribute("aria-label", label);
  return button;
}
