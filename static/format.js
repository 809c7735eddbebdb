// Numbers as people read them.

/** `75.5` seconds as `1:15.5`; tenths only where there are any. */
export function formatTime(seconds) {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const tail = String(whole % 60).padStart(2, "0") + (tenths % 10 ? `.${tenths % 10}` : "");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

export function formatBytes(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e8 ? 1 : 0)} MB`;
}

/** A length in words: `5.5 s`, from a minute on `1:15`. */
export function formatLength(seconds) {
  return seconds < 60 ? `${formatNumber(seconds)}\u00a0s` : formatTime(seconds);
}

/** How long something takes, no more exact than the guess is. */
export function formatSpan(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))}\u00a0s`;
  return `${Math.ceil(seconds / 60)}\u00a0min`;
}

/** How far an upload is. */
export function formatSending(sent, total) {
  const percent = Math.floor((100 * sent) / total);
  return `Sending: ${percent} %, ${formatBytes(sent)} of ${formatBytes(total)}`;
}

export function formatCount(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number without needless digits: `3`, `2.5`. */
export function formatNumber(number) {
  return String(Math.round(number * 100) / 100);
}
