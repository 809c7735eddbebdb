// Stills of a video, as the browser plays it.

const PATIENCE_MS = 10_000; // with slow devices

/**
 * Return pictures of a video at equal distances, as addresses; none where it cannot be played.
 * @param {string} url
 * @param {{count: number, height: number, signal?: AbortSignal}} options `height` in pixels
 */
export async function drawStills(url, { count, height, signal }) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, preload: "auto", src: url });
  const canvas = document.createElement("canvas");
  /** @type {string[]} */
  const pictures = [];
  try {
    await waitFor(video, "loadeddata");
    canvas.height = height;
    canvas.width = Math.round((height * video.videoWidth) / video.videoHeight);
    for (let index = 0; index < count && !signal?.aborted; index++) {
      video.currentTime = (video.duration * (index + 0.5)) / count;
      await waitFor(video, "seeked");
      canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
      pictures.push(canvas.toDataURL("image/jpeg", 0.7));
    }
    return pictures;
  } catch {
    return []; // this browser cannot play it, or not in time
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}

/**
 * Wait for an event of a video; reject when it fails, or takes too long.
 * @param {HTMLVideoElement} video
 * @param {string} name
 */
function waitFor(video, name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", reject, { once: true });
    setTimeout(reject, PATIENCE_MS);
  });
}
