// Whether there is a worker to wait for: asked once a job has waited for a while.

import { call } from "../api.js";
import { say } from "../language.js";

/** @import { Status } from "./status.js" */

const PATIENCE_POLLS = 5;
const NO_WORKER = say(
  "No worker is running right now. The video will be made when one is; you may close this page.",
);

export class WorkerWatch {
  #waits = 0;
  /** A sentence while there is no worker. */
  notice = "";

  /**
   * @param {Status} status of the job
   * @param {AbortSignal} signal
   */
  async look(status, signal) {
    const isWaiting = status.status === "queued";
    this.#waits = isWaiting ? this.#waits + 1 : 0;
    if (!isWaiting) this.notice = "";
    if (!isWaiting || this.#waits % PATIENCE_POLLS) return;
    const health = await call("GET", "/health", { signal }).catch(() => null);
    this.notice = health?.workers === 0 ? NO_WORKER : "";
  }
}
