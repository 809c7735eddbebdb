// The frames of a video that is played: heard one by one where the browser tells of each.

/**
 * Call a function when a video shows another frame.
 * @param {HTMLVideoElement} video
 * @param {() => void} onFrame
 */
export function watchFrames(video, onFrame) {
  const isTold = "requestVideoFrameCallback" in video;
  let isAsked = false;
  const ask = () => {
    if (isAsked) return;
    isAsked = true;
    if (isTold) video.requestVideoFrameCallback(tell);
    else requestAnimationFrame(tell);
  };
  const tell = () => {
    isAsked = false;
    onFrame();
    if (!video.paused) ask();
  };
  video.addEventListener("play", ask);
  for (const name of ["timeupdate", "seeked", "loadeddata", "emptied"]) {
    video.addEventListener(name, () => onFrame());
  }
}
