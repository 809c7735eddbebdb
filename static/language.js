// The page's language: its sentences by a catalogue, numbers, days and lists as it writes them.
//
// The English sentence is the key, so English needs no catalogue. The page names that of another
// language in a link, which has the browser load it together with the scripts.

/** @typedef {string | number} Value a number is written as the language has it */
/** @typedef {Record<string, string>} Forms of a sentence, by the categories of Intl.PluralRules */
/** @typedef {Record<string, string | Forms>} Catalogue by English sentences; plurals by their `other` */

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const [ISOLATE, ISOLATE_LEFT_TO_RIGHT, END_ISOLATE] = ["\u2068", "\u2066", "\u2069"];
const ENGLISH_RULES = new Intl.PluralRules("en");

export class Language {
  /** @type {Map<string, Intl.NumberFormat>} */
  #formats = new Map();

  /**
   * @param {string} tag such as `de`
   * @param {Catalogue} [catalogue]
   * @param {string} [direction] `ltr` or `rtl`
   */
  constructor(tag, catalogue = {}, direction = "ltr") {
    this.catalogue = catalogue;
    this.isRightToLeft = direction === "rtl";
    this.locale = tag === "en" ? "en-GB" : tag; // days before months
    this.rules = new Intl.PluralRules(this.locale);
  }

  /**
   * Return a sentence with its values in the place of `{name}`.
   * @param {string} sentence in English
   * @param {Record<string, Value>} [values]
   */
  say(sentence, values = {}) {
    const own = this.catalogue[sentence];
    if (own && typeof own === "string") return this.#fill(own, values);
    return this.keepOrder(this.#fill(sentence, values));
  }

  /**
   * Return the form of a sentence that goes with a count, which it may have as `{count}`.
   * @param {number} count
   * @param {{one: string, other: string}} forms in English
   * @param {Record<string, Value>} [values]
   */
  sayCount(count, forms, values = {}) {
    const own = this.catalogue[forms.other];
    const all = { count, ...values };
    if (typeof own === "object" && own.other) {
      return this.#fill(own[this.rules.select(count)] || own.other, all);
    }
    const isOne = ENGLISH_RULES.select(count) === "one";
    return this.keepOrder(this.#fill(isOne ? forms.one : forms.other, all));
  }

  /**
   * @param {number} number
   * @param {Intl.NumberFormatOptions} [options]
   */
  formatNumber(number, options = { maximumFractionDigits: 2 }) {
    const key = JSON.stringify(options);
    const format = this.#formats.get(key) ?? new Intl.NumberFormat(this.locale, options);
    this.#formats.set(key, format); // making one takes far longer than using it
    return format.format(number);
  }

  /**
   * Write a list as it is spoken: `a, b and c`.
   * @param {string[]} texts
   */
  formatList(texts) {
    return new Intl.ListFormat(this.locale).format(texts.map((text) => this.isolate(text)));
  }

  /**
   * Have a text that is no sentence, such as `1920 × 1080`, run from left to right.
   * @param {string} text
   */
  keepOrder(text) {
    return this.isRightToLeft ? ISOLATE_LEFT_TO_RIGHT + text + END_ISOLATE : text;
  }

  /**
   * @param {string} text
   * @param {Record<string, Value>} values
   */
  #fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (hole, name) => {
      const value = values[name];
      if (value === undefined) return hole;
      return typeof value === "number" ? this.formatNumber(value) : this.isolate(value);
    });
  }

  /**
   * Keep a text of another direction from turning what stands around it.
   * @param {string} text
   */
  isolate(text) {
    const isMixed = this.isRightToLeft || RIGHT_TO_LEFT.test(text);
    return isMixed ? ISOLATE + text + END_ISOLATE : text;
  }
}

const LONGEST_WAIT = 10_000; // milliseconds; the page then speaks English

/** Return the catalogue that the page names; without one, or if it does not come, English remains. */
async function readCatalogue() {
  const address = globalThis.document // node has none
    ?.querySelector("link[data-catalogue]")
    ?.getAttribute("href");
  if (!address) return {};
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(LONGEST_WAIT) });
    return response.ok ? /** @type {Catalogue} */ (await response.json()) : {};
  } catch {
    return {};
  }
}

const { lang, dir } = globalThis.document?.documentElement ?? { lang: "en", dir: "ltr" };

/** That of the page. */
export const language = new Language(lang, await readCatalogue(), dir);

/**
 * Return a sentence in the page's language.
 * @param {string} sentence in English
 * @param {Record<string, Value>} [values] in the place of `{name}`
 */
export const say = (sentence, values) => language.say(sentence, values);

/**
 * Return a sentence with a count in the page's language.
 * @param {number} count
 * @param {{one: string, other: string}} forms in English
 * @param {Record<string, Value>} [values]
 */
export const sayCount = (count, forms, values) => language.sayCount(count, forms, values);
