// What scripts have in a browser and not in node, around a real HTTP server.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";

/** @import { RequestListener } from "node:http" */
/** @import { TestContext } from "node:test" */

/**
 * Serve HTTP until a test ends, and return the address.
 * @param {TestContext} t
 * @param {RequestListener} listener
 */
export async function serve(t, listener) {
  const server = createServer(listener);
  await once(server.listen(0, "127.0.0.1"), "listening");
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const address = server.address();
  assert(address && typeof address === "object");
  return `http://127.0.0.1:${address.port}`;
}

/**
 * Until a test ends, have addresses without a host lead to a server.
 * @param {TestContext} t
 * @param {string} url
 */
export function openPage(t, url) {
  const { fetch } = globalThis;
  t.mock.method(globalThis, "fetch", (/** @type {string} */ path, /** @type {object} */ options) =>
    fetch(url + path, options),
  );
}

/**
 * Until a test ends, have the clock of `setTimeout` run so many times as fast.
 * @param {TestContext} t
 * @param {number} speed
 */
export function hurry(t, speed) {
  const { setTimeout } = globalThis;
  t.mock.method(
    globalThis,
    "setTimeout",
    (/** @type {() => void} */ act, ms = 0, /** @type {unknown[]} */ ...args) =>
      setTimeout(act, ms / speed, ...args),
  );
}

/**
 * Until a test ends, keep what is stored in `localStorage` in a map.
 * @param {TestContext} t
 * @param {Map<string, string>} map
 */
export function openStorage(t, map) {
  const value = {
    getItem: (/** @type {string} */ name) => map.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => map.set(name, text),
    removeItem: (/** @type {string} */ name) => map.delete(name),
  };
  Object.defineProperty(globalThis, "localStorage", { value, configurable: true });
  t.after(() => Reflect.deleteProperty(globalThis, "localStorage"));
}

/**
 * Until a test ends, have `XMLHttpRequest` lead to a server.
 * @param {TestContext} t
 * @param {string} url
 */
export function openRequests(t, url) {
  class Request {
    upload = {};
    status = 0;
    responseText = "";
    onload = () => {};
    onerror = () => {};
    onloadend = () => {};
    /** @type {[string, string]} */
    #target = ["", ""];
    /** @type {Record<string, string>} */
    #headers = {};
    /** @type {Response | null} */
    #response = null;

    /**
     * @param {string} method
     * @param {string} path
     */
    open(method, path) {
      this.#target = [method, path];
    }

    /**
     * @param {string} name
     * @param {string} value
     */
    setRequestHeader(name, value) {
      this.#headers[name] = value;
    }

    /** @param {string} name */
    getResponseHeader(name) {
      return this.#response?.headers.get(name) ?? null;
    }

    /** @param {BodyInit} body */
    async send(body) {
      const [method, path] = this.#target;
      try {
        this.#response = await fetch(url + path, { method, headers: this.#headers, body });
        this.status = this.#response.status;
        this.responseText = await this.#response.text();
        this.onload();
      } catch {
        this.onerror();
      }
      this.onloadend();
    }
  }
  Object.defineProperty(globalThis, "XMLHttpRequest", { value: Request, configurable: true });
  t.after(() => Reflect.deleteProperty(globalThis, "XMLHttpRequest"));
}
