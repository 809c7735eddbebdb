// The page's own elements: finding them, copying templates, speaking to screen readers.

/**
 * Find the first element under `root` that a selector matches.
 * @template {Element} E
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => E} kind
 * @returns {E}
 * @throws {TypeError} if there is none of that kind: template and script disagree
 */
export function find(root, selector, kind) {
  const element = root.querySelector(selector);
  if (element instanceof kind) return element;
  throw new TypeError(`The page has no ${kind.name} at ${selector}.`);
}

/**
 * @param {ParentNode} root
 * @param {string} name the element's `data-part`
 */
export const findPart = (root, name) => find(root, `[data-part="${name}"]`, HTMLElement);

/**
 * @param {ParentNode} root
 * @param {string} name the button's `data-act`
 */
export const findButton = (root, name) => find(root, `[data-act="${name}"]`, HTMLButtonElement);

/**
 * @param {ParentNode} root
 * @param {string} name the input's `name` or `data-part`
 */
export function findInput(root, name) {
  return find(root, `input:is([name="${name}"], [data-part="${name}"])`, HTMLInputElement);
}

/**
 * @param {string} id
 * @throws {TypeError} if the page has no such element
 */
export function findId(id) {
  return find(document, `#${id}`, HTMLElement);
}

/**
 * Find what an event happened in: the nearest element that a selector matches, or null.
 * @param {Event} event
 * @param {string} selector
 * @returns {HTMLElement | null}
 */
export function findAround({ target }, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

/**
 * Copy the one element of a template.
 * @param {string} id
 */
export function copyTemplate(id) {
  const { content } = find(document, `#${id}`, HTMLTemplateElement);
  return /** @type {HTMLElement} */ (find(content, "*", HTMLElement).cloneNode(true));
}

/**
 * Open what hides an element: parts that are closed, and a drawer.
 * @param {Element | null} element
 */
function uncover(element) {
  for (
    let part = element?.closest("details");
    part;
    part = part.parentElement?.closest("details")
  ) {
    part.open = true;
  }
  const drawer = element?.closest("[popover]");
  if (drawer instanceof HTMLElement && !drawer.getClientRects().length) drawer.showPopover();
}

/**
 * Move the focus to an element, wherever it is.
 * @param {HTMLElement} element
 */
export function reveal(element) {
  uncover(element);
  element.focus();
}

/**
 * Whether a form can be sent; where a field is wrong, show it and let the browser say why.
 * @param {HTMLFormElement} form
 */
export function checkForm(form) {
  uncover(form.querySelector(":is(input, select, textarea):invalid")); // else it takes no focus
  return form.reportValidity();
}

/**
 * Show a sentence in an element; hide the element when the sentence is empty.
 * @param {HTMLElement} element
 * @param {string} sentence
 */
export function tell(element, sentence) {
  // The same text again would make a screen reader repeat an alert.
  if (element.textContent !== sentence) element.textContent = sentence;
  element.hidden = !sentence;
}

/**
 * Say a sentence to screen readers.
 * @param {string} sentence
 */
export function announce(sentence) {
  findId("announcer").textContent = sentence;
}

/**
 * Fill a strip of film with pictures; without any, with empty frames.
 * @param {HTMLElement} strip
 * @param {(string | null | undefined)[]} pictures addresses
 */
export function fillStrip(strip, pictures) {
  const frames = pictures.length ? pictures : Array(8).fill(null);
  strip.replaceChildren(
    ...frames.map((picture) => {
      const frame = document.createElement("span");
      if (picture) frame.style.backgroundImage = `url("${picture}")`;
      return frame;
    }),
  );
}
