// What was typed into the fields of a form.

/**
 * @param {FormData} data
 * @param {string} name
 */
export function readText(data, name) {
  return String(data.get(name) ?? "").trim();
}

/**
 * Return a number; where nothing was typed, what this means.
 * @param {FormData} data
 * @param {string} name
 * @param {number} plain
 */
export function readNumber(data, name, plain) {
  const text = readText(data, name);
  return text === "" ? plain : Number(text);
}

/**
 * Return a refusal without the path that it begins with.
 * @param {string} sentence
 * @param {string} path
 */
export function stripPath(sentence, path) {
  const bare =
    path && sentence.startsWith(`${path}: `) ? sentence.slice(path.length + 2) : sentence;
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}
