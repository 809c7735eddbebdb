// What a file is, told before it is sent: by its first bytes, and by the type that the browser knows.
// The bytes are those that the server looks for: reelqueue/media/sniff.py.

import { readHead } from "./send.js";

/** @typedef {"photo" | "video" | "audio" | "captions" | "other"} FileKind */
/** @typedef {{file: File, kind: FileKind}} Sorted */

const HEAD_BYTES = 64;
const PHOTO_TYPE = /^image\/(p?jpeg|jpg|a?png|webp|avif|hei[cf](-sequence)?|tiff|gif)$/;
const CAPTIONS_NAME = /\.(srt|vtt|ass|ssa|json)$/i;
const PHOTO_BRANDS = /^(avi[fs]|hei[cxms]|hev[cx]|m[is]f1|jxl )$/;
const SOUND_BRANDS = /^M4[ABP] $/;
const MOV_ATOMS = /^(moov|mdat|free|skip|wide|pnot)$/;

/**
 * Tell the kind of each file, in their order; those that cannot be read are apart.
 * @param {File[]} files
 * @returns {Promise<{sorted: Sorted[], unreadable: File[]}>}
 */
export async function sortFiles(files) {
  const told = await Promise.all(
    files.map(async (file) => {
      const head = await readHead(file, HEAD_BYTES);
      return { file, kind: head && tellKind(file, head) };
    }),
  );
  return {
    sorted: told.flatMap(({ file, kind }) => (kind ? [{ file, kind }] : [])),
    unreadable: told.filter(({ kind }) => !kind).map(({ file }) => file),
  };
}

/**
 * @param {{name: string, type: string}} file
 * @param {Uint8Array} head its first bytes
 * @returns {FileKind}
 */
export function tellKind({ name, type }, head) {
  if (CAPTIONS_NAME.test(name)) return "captions";
  const kind = sniff(head);
  if (kind === "video" && type.startsWith("audio/")) return "audio"; // sound in a video's format
  if (kind) return kind;
  // What the server refuses by its bytes is sent all the same if it is small: the server says why.
  if (PHOTO_TYPE.test(type)) return "photo";
  return type.startsWith("audio/") ? "audio" : "other";
}

/**
 * Tell a format by its first bytes.
 * @param {Uint8Array} head
 * @returns {"photo" | "video" | "audio" | null}
 */
export function sniff(head) {
  const text = String.fromCharCode(...head);
  const [start, brand] = [text.slice(4, 8), text.slice(8, 12)];
  if (start === "ftyp") return sniffBrand(brand);
  if (/^(\xff\xd8\xff|\x89PNG|GIF8[79]a|II[*+]\0|MM\0[*+])/.test(text)) return "photo";
  if (text.startsWith("RIFF") && brand === "WEBP") return "photo";
  if (MOV_ATOMS.test(start) || text.startsWith("\x1aE\xdf\xa3")) return "video";
  if (/^(RIFF|RF64|BW64)/.test(text) && brand === "WAVE") return "audio";
  if (/^(OggS|fLaC|ID3)/.test(text)) return "audio";
  return isSoundFrame(head) ? "audio" : null;
}

/** @param {string} brand of ISO 14496-12, 4.3 */
function sniffBrand(brand) {
  if (PHOTO_BRANDS.test(brand)) return "photo";
  return SOUND_BRANDS.test(brand) ? "audio" : "video";
}

/**
 * Whether a file begins with a frame of MP3 or AAC (ISO 11172-3, 2.4.2.3; ISO 14496-3, 1.A.2).
 * @param {Uint8Array} head
 */
function isSoundFrame([first, second = 0, third = 0]) {
  if (first !== 0xff) return false;
  if ((second & 0xf6) === 0xf0) return true;
  const isLayer3 = (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08;
  return isLayer3 && (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c;
}
