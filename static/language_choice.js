// The languages at the foot of the page: the place that is open stays open in another language.

/** Have each link carry the address of the place. */
export function keepPlace() {
  for (const link of document.querySelectorAll(".languages a")) {
    if (!(link instanceof HTMLAnchorElement)) continue;
    link.addEventListener("click", () => {
      link.hash = location.hash;
    });
  }
}
