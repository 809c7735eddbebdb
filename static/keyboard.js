// How much of the window the keyboard of a phone covers, in Safari. Other browsers make the window
// lower, as `interactive-widget` in the head of the page asks for.

const LOWEST = 100; // px; less is a bar of the browser

/** Keep the height that is covered in `--keyboard`, for styles. */
export function watchKeyboard() {
  const { visualViewport: seen } = window;
  if (!seen) return;
  const note = () => {
    const covered = seen.scale === 1 ? innerHeight - seen.offsetTop - seen.height : 0; // else zoomed
    const height = covered < LOWEST ? 0 : Math.ceil(covered);
    document.documentElement.style.setProperty("--keyboard", `${height}px`);
  };
  seen.addEventListener("resize", note);
  seen.addEventListener("scroll", note);
}
