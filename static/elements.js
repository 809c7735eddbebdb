// The page's own elements: finding them, copying templates, saying things aloud.

export const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
export const act = (root, name) => root.querySelector(`[data-act="${name}"]`);

export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

/** Show a sentence in an element, or hide the element when there is none. */
export function tell(element, sentence) {
  const text = sentence || "";
  if (element.textContent !== text) element.textContent = text; // else an alert is read out again
  element.hidden = !sentence;
}

/** Say a sentence to screen readers. */
export function announce(sentence) {
  document.getElementById("announcer").textContent = sentence;
}

/** Add a refused file to a list, where it stays until it is dismissed. */
export function listRefused(list, name, sentence) {
  const item = document.createElement("li");
  const dismiss = document.createElement("button");
  Object.assign(dismiss, { type: "button", className: "quiet", textContent: "Dismiss" });
  dismiss.setAttribute("aria-label", `Dismiss the message about ${name}`);
  dismiss.addEventListener("click", () => item.remove());
  const title = document.createElement("b");
  title.textContent = name;
  const reason = document.createElement("span");
  reason.textContent = sentence;
  item.append(title, reason, dismiss);
  list.append(item);
  announce(`${name}: ${sentence}`);
}

/** Fill a strip of film with pictures; without any, with empty frames. */
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
