// What the forms of the page can ask of the page around them.

/** @import { Drafts } from "./drafts/drafts.js" */
/** @import { OpenDraft } from "./drafts/open_draft.js" */
/** @import { Order } from "./job/records.js" */

/**
 * @typedef {object} RoomActions
 * @property {Drafts} drafts
 * @property {() => void} onSave hears that the open draft was saved, or that another one is open
 * @property {() => void} onFork hears that it became a copy, as another tab has changed it, too
 * @property {(noun: string, url: string, body: Order, draft: OpenDraft, pictures: (string | null | undefined)[]) => void} order
 *   orders a video; the pictures go on its reel
 */

export {};
