// What a finished video must be: the place it goes to, its quality and its largest file.

const BYTES = 1e6; // in a megabyte, as places count

/**
 * Return what the fields of a form say, as the API has it; what is left as it was is left out.
 * @param {FormData} data
 * @returns {{target?: string, quality?: string, max_bytes?: number}}
 */
export function readDelivery(data) {
  const target = String(data.get("place") ?? "");
  const quality = String(data.get("quality") ?? "standard");
  const megabytes = Number(data.get("max_megabytes") ?? 0);
  return {
    ...(target ? { target } : {}),
    ...(quality === "standard" ? {} : { quality }),
    ...(megabytes > 0 ? { max_bytes: Math.round(megabytes * BYTES) } : {}),
  };
}

/**
 * Return what the fields of a form have to say for an order.
 * @param {{target?: string, quality?: string, max_bytes?: number}} order
 */
export function showDelivery({ target, quality, max_bytes: bytes }) {
  return { place: target, quality, max_megabytes: bytes && bytes / BYTES };
}

/**
 * Leave out of a slideshow's settings what is as the page first has it, so that its target sets it.
 * @template {{target?: string, resolution: unknown, fps: unknown}} Settings
 * @param {Settings} settings
 */
export function leaveOpen(settings) {
  if (!settings.target && !("max_bytes" in settings)) return settings;
  const { resolution, fps } = settings;
  return {
    ...settings,
    resolution: resolution === "1920x1080" ? undefined : resolution,
    fps: fps === 30 ? undefined : fps,
  };
}
