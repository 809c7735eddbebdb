// Bars by the hour, as SVG, and the same numbers as a table.

const NAMESPACE = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 96;
const GAP = 3;

/**
 * @typedef {object} Series
 * @property {string} key
 * @property {string} name
 * @property {(values: number[]) => string} sum what the key of the chart says of all values
 * @property {(value: number) => string} [format] writes a value in the table
 */
/** @typedef {Record<string, number | string> & {hour: string}} Row */

const hourFormat = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 */
function createShape(tag, attributes) {
  const shape = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, String(value));
  return shape;
}

/**
 * Draw stacked bars, one for each row.
 * @param {Row[]} rows
 * @param {Series[]} series from the bottom
 * @param {string} label what a screen reader says
 */
function drawBars(rows, series, label) {
  const svg = createShape("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
    role: "img",
    "aria-label": label,
  });
  const sum = (/** @type {Row} */ row) =>
    series.reduce((all, { key }) => all + Number(row[key]), 0);
  const most = Math.max(1, ...rows.map(sum));
  const width = WIDTH / Math.max(1, rows.length);
  svg.append(
    createShape("line", { class: "axis", x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
  );
  rows.forEach((row, index) => {
    let top = HEIGHT - 1;
    for (const { key } of series) {
      const height = (Number(row[key]) / most) * (HEIGHT - 6);
      top -= height;
      const place = { x: index * width + GAP / 2, y: top, width: width - GAP, height };
      if (height) svg.append(createShape("rect", { class: `bar ${key}`, ...place }));
    }
  });
  return svg;
}

/**
 * @param {string[]} titles
 * @param {(string | number)[][]} rows the first cell of each is its title
 */
export function makeTable(titles, rows) {
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const title of titles) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = title;
    head.append(cell);
  }
  const body = table.createTBody();
  for (const [title, ...values] of rows) {
    const row = body.insertRow();
    const cell = document.createElement("th");
    cell.scope = "row";
    cell.textContent = String(title);
    row.append(cell);
    for (const value of values) row.insertCell().textContent = String(value);
  }
  return table;
}

/**
 * Make a chart with its title, its key, and its numbers as a table.
 * @param {string} title
 * @param {Row[]} rows
 * @param {Series[]} series
 */
export function makeChart(title, rows, series) {
  const figure = document.createElement("figure");
  const caption = document.createElement("figcaption");
  caption.textContent = title;
  const key = document.createElement("span");
  key.className = "chart-key hint";
  for (const each of series) {
    const item = document.createElement("span");
    item.className = `key ${each.key}`;
    item.textContent = each.sum(rows.map((row) => Number(row[each.key])));
    key.append(item);
  }
  const label = `${title}: ${[...key.children].map((item) => item.textContent).join(", ")}.`;
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.textContent = "As a table";
  summary.setAttribute("aria-label", `As a table: ${title}`);
  const cells = rows.map((row) => [
    hourFormat.format(new Date(row.hour)),
    ...series.map(({ key: name, format = String }) => format(Number(row[name]))),
  ]);
  details.append(summary, makeTable(["Hour", ...series.map((each) => each.name)], cells));
  figure.append(caption, key);
  const isEmpty = rows.every((row) => series.every((each) => !row[each.key]));
  if (!isEmpty) figure.append(drawBars(rows, series, label), details);
  return figure;
}
