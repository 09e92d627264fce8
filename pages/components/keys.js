// @ts-check
// Tells a hand scanner from a person at the keyboard, by speed, and takes its codes away from
// whatever has the focus: an open dialog, another field, a button that Enter would press.
// Times are the events' own, so a page that is busy does not blur them. A key in a field is kept
// back until it is known whose it is, so that a scanner leaves no letter there.
import { byPlace, chosen } from "./layouts.js";

const FAST = 36; // ms between two keys of a scanner, on average
const SURE = 4; // keys in a row that fast: a scanner
const PERSONS = 1.5; // times as slow: a person's letters before a scanner's
const IDLE = 90; // ms of silence that end a code without Enter or Tab
const BY_NUMBER = 4; // times as slow: a scanner in Alt mode types a character in several keys
const TYPED = 45; // ms of silence after which a key in a field was a person's
const HOLD = 1000; // ms that a part of unusual length waits for its other part
const SHORTEST = 5;
const SHORT_END = 8;
const ALONE = 150; // ms of silence before a key that may be a shortcut
const UNTOLD = "\ufffd"; // a key that only makes an accent: its place tells
const REMEMBERED = 20; // codes whose lengths count as usual
const LENGTHS = "refuz-code-lengths";

const NUMPAD = /^Numpad([0-9])$/;
const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);
const TEXT = ["text", "search", "url", "tel", "email", "password", "number"];

const isField = (node) =>
  node instanceof HTMLTextAreaElement || (node instanceof HTMLInputElement && TEXT.includes(node.type));

// Streamlit's fields are React's: the value must be set behind its back and announced.
function setValue(field, value) {
  const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export class KeyReader {
  constructor(onCode) {
    this.onCode = onCode;
    this.lengths = JSON.parse(localStorage.getItem(LENGTHS) || "[]");
    this.pieces = [];
    this.scannedAt = -1e9;
    this.lastAt = -1e9;
    this.held = new Set();
    this.timer = 0; // of `wait`, as the next two
    this.holding = 0;
    this.typing = 0;
    this.part = null;
    this.number = ""; // of a character that comes as Alt and the digits of its number
    this.ended = false; // whether the last code came with Enter or Tab behind it
    this.wasPlaced = false; // whether the scanner is known to type for another layout than ours
    this.down = (event) => this.keydown(event);
    this.up = (event) => this.keyup(event);
    this.made = (event) => this.keypress(event);
    window.addEventListener("keydown", this.down, true);
    window.addEventListener("keyup", this.up, true);
    window.addEventListener("keypress", this.made, true);
  }

  stop() {
    window.removeEventListener("keydown", this.down, true);
    window.removeEventListener("keyup", this.up, true);
    window.removeEventListener("keypress", this.made, true);
    this.finish(true);
  }

  silence(event) {
    return event.timeStamp - this.lastAt;
  }

  keydown(event) {
    if (!event.isTrusted || event.isComposing) return;
    if (this.part && this.silence(event) > this.patience()) this.finish(false);
    if (this.numbered(event)) return;
    if (event.key === "Enter" || event.key === "Tab") return this.end(event);
    // GS between fields, as scanners type it
    const separator = event.ctrlKey && !event.altKey && (event.key === "]" || event.code === "BracketRight");
    const third = event.getModifierState("AltGraph"); // signs that a layout has as third ones
    if (third && event.key.length === 1) return this.take(event, event.key);
    if (event.altKey || event.metaKey || (event.ctrlKey && !separator)) return this.typeOut();
    if (event.key.length === 1) return this.take(event, separator ? "\u001d" : event.key);
    if (event.key === "Dead" && byPlace(event)) return this.take(event, UNTOLD);
    if (this.isUnlocked(event)) return this.take(event, byPlace(event));
    if (!MODIFIERS.has(event.key)) this.typeOut();
  }

  // Alt mode: each character as Alt and the digits of its number on the number pad.
  numbered(event) {
    const digit = event.altKey && !event.ctrlKey && NUMPAD.exec(event.code || "");
    if (!digit) {
      if (event.key !== "Alt") return false;
      // Alt goes down anew and was never seen to go up: its number is not known to be whole.
      if (this.number && !event.repeat) this.untold(event);
      return this.part?.byNumber;
    }
    this.number += digit[1];
    event.preventDefault();
    event.stopImmediatePropagation();
    return true;
  }

  untold(event) {
    this.number = "";
    this.take(event, UNTOLD, true);
  }

  // Without Num Lock the number pad's digits are arrows, whose places tell the digits all the same.
  // In a field they move a person's cursor, unless a scanner is known to be at it.
  isUnlocked(event) {
    if (event.key.length === 1 || !NUMPAD.test(event.code || "")) return false;
    return Boolean(this.part?.sure) || !isField(event.composedPath()[0]);
  }

  // Windows makes the character of an Alt number itself when Alt goes up, whatever became of the
  // keys: it must not reach a field.
  keypress(event) {
    if (!event.isTrusted || !this.part?.byNumber || this.silence(event) > TYPED) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  patience() {
    return this.part?.byNumber || this.number ? IDLE * BY_NUMBER : IDLE;
  }

  keyup(event) {
    if (!event.isTrusted) return;
    if (event.key === "Alt" && this.number) this.takeNumber(event);
    if (this.held.delete(event.code)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  takeNumber(event) {
    const number = Number(this.number) % 256;
    this.number = "";
    event.preventDefault();
    if (number === 13 || number === 10 || number === 9) return this.end(event);
    if (number < 29) return; // what frames a code (STX, ETX) is no part of it
    this.take(event, number > 126 ? UNTOLD : String.fromCharCode(number), true);
  }

  take(event, character, byNumber = false) {
    const silence = this.silence(event);
    let part = this.part || this.resume(silence) || this.begin(event, silence);
    if (byNumber) part.byNumber = true;
    if (part.text) part.silences.push(part.byNumber ? silence / BY_NUMBER : silence);
    part.text += character;
    const place = byNumber || character === "\u001d" ? character : byPlace(event);
    // A third sign has no place of its own on a US keyboard.
    const third = event.getModifierState("AltGraph");
    part.placed = part.placed === null || place === null || third ? null : part.placed + place;
    this.lastAt = event.timeStamp;
    if (!part.sure && isFast(part.silences)) {
      part = this.part = this.withoutTyped(part);
      part.sure = true;
      restore(part);
    }
    this.swallow(event, part, byNumber);
    if (part.sure) this.scannedAt = event.timeStamp;
    else if (part.field) this.wait("typing", TYPED, () => this.typeOut());
    clearTimeout(this.holding);
    this.wait("timer", this.patience() + 15, () => this.finish(false));
  }

  // A timer that comes late tells of a busy page: the next key may be waiting behind it.
  wait(name, milliseconds, then) {
    clearTimeout(this[name]);
    const due = performance.now() + milliseconds;
    this[name] = setTimeout(() => {
      if (performance.now() - due > 20) this.wait(name, milliseconds, then);
      else then();
    }, milliseconds);
  }

  // By its own time this key came at once, though we saw it late: the part goes on.
  resume(silence) {
    if (silence > this.patience() || !this.pieces.length) return null;
    clearTimeout(this.holding);
    this.part = this.pieces.pop();
    return this.part;
  }

  begin(event, silence) {
    const node = event.composedPath()[0];
    const field = isField(node) ? node : null;
    this.part = {
      text: "",
      placed: "",
      byNumber: false,
      silences: [],
      after: silence,
      sure: false,
      swallowed: [],
      node,
      field,
      before: field?.value,
      typed: false,
    };
    return this.part;
  }

  // A person may still be typing when the scan begins: those letters stay where they went.
  withoutTyped(part) {
    const keys = fastKeys(part.silences);
    const typed = part.text.length - keys;
    const waiting = part.swallowed.length - (keys - 1); // of the typed letters; the newest key is not among them yet
    if (waiting < 0 || !this.isTyped(part, typed)) return part;
    giveBack({ ...part, text: part.text.slice(0, typed), swallowed: part.swallowed.slice(0, waiting) });
    return {
      ...part,
      text: part.text.slice(typed),
      placed: part.placed?.slice(typed) ?? null,
      silences: part.silences.slice(typed),
      after: part.silences[typed - 1],
      swallowed: [],
      before: part.field?.value,
      typed: false,
    };
  }

  // One letter by itself counts behind others of the same field: a scanner may stall after its first.
  isTyped(part, typed) {
    const slow = mean(part.silences.slice(0, typed));
    if (!typed || part.byNumber || slow < PERSONS * Math.max(FAST, mean(part.silences.slice(typed)))) return false;
    const before = this.pieces.at(-1);
    return typed > 1 || (part.field && before?.field === part.field && !isScanners(before));
  }

  // What waits to be told from a scanner goes into its field: it was a person's.
  typeOut() {
    if (this.part?.field && !this.part.sure) giveBack(this.part);
  }

  swallow(event, part, byNumber) {
    if (event.key.length > 1 && !part.sure && !byNumber && event.key !== "Dead") return; // an arrow goes on
    event.preventDefault();
    event.stopImmediatePropagation();
    if (byNumber) return; // its keys are up already, and a person types no letters so
    this.held.add(event.code);
    if (!part.sure) part.swallowed.push(event);
  }

  // Enter or Tab after a code must press no button and leave no field; also when it comes late,
  // and the second half of CR LF.
  end(event) {
    const ours = event.timeStamp - this.scannedAt < HOLD;
    if (ours) {
      event.preventDefault();
      event.stopImmediatePropagation();
      this.held.add(event.code);
    }
    this.finish(ours);
  }

  finish(complete) {
    clearTimeout(this.timer);
    const { part } = this;
    this.part = null;
    if (part) this.settle(part, complete);
    else if (complete) this.release(true);
  }

  // A stall in the middle of a code cuts it into pieces: neighbours of unusual lengths that make
  // a usual one together are one code.
  settle(part, complete) {
    if (part.after >= HOLD) this.release();
    const pieces = [...this.pieces, part];
    const together = pieces.map((piece) => piece.text).join("");
    const sure = pieces.some((piece) => piece.sure);
    // Before any length is known, what Enter ends is whole, and its short end no code by itself.
    const usual = this.lengths.length > 0 && this.usual(part.text.length);
    const whole = this.lengths.length
      ? this.usual(together.length) && !usual
      : complete && part.text.length < SHORT_END;
    const begun = complete && part.sure && !usual && this.pieces.every(isScanners);
    if (pieces.length > 1 && sure && (whole || begun)) {
      pieces.forEach(restore);
      this.pieces = [];
      this.ended = complete;
      this.emit(together, joined(pieces));
      return;
    }
    // Silence alone ends nothing where Enter does: the rest may be late, and some code is as short.
    if (part.sure && (complete || (usual && !this.ended))) {
      this.release();
      this.ended = complete;
      this.emit(part.text, part.placed);
      return;
    }
    if (!part.sure) giveBack(part);
    if (!(sure || isScanners(part)) || together.length > Math.max(SHORTEST, ...this.lengths)) this.release();
    this.pieces.push(part);
    this.wait("holding", HOLD, () => this.release());
  }

  release(ended = false) {
    clearTimeout(this.holding);
    const { pieces } = this;
    this.pieces = [];
    if (pieces.some((piece) => piece.sure)) this.ended = ended;
    for (const piece of pieces) if (piece.sure) this.emit(piece.text, piece.placed);
  }

  usual(length) {
    return this.lengths.includes(length);
  }

  emit(text, placed) {
    const best = chosen(text, placed, this.wasPlaced);
    const code = best.text.trim();
    if (code.length < SHORTEST) return;
    this.lengths = [text.length, ...this.lengths].slice(0, REMEMBERED);
    localStorage.setItem(LENGTHS, JSON.stringify(this.lengths));
    if (placed !== null && placed !== text && !best.odd) this.wasPlaced = best.placed;
    this.onCode(code, best.odd);
  }
}

// The places of several pieces; null where a key of one had none.
function joined(pieces) {
  return pieces.some((piece) => piece.placed === null) ? null : pieces.map((piece) => piece.placed).join("");
}

function isFast(silences) {
  const recent = silences.slice(1 - SURE);
  return recent.length === SURE - 1 && mean(recent) <= FAST;
}

// How many of the last keys came without a pause.
function fastKeys(silences) {
  let first = silences.length;
  while (first > 0 && silences[first - 1] <= FAST) first -= 1;
  return silences.length - first + 1;
}

function mean(numbers) {
  return numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length);
}

// A beginning that no person types: at a scanner's speed, or digits where there is no field.
function isScanners({ sure, silences, field, text }) {
  if (sure) return true;
  if (!silences.length) return !field && /^[0-9]$/.test(text);
  return mean(silences) <= FAST;
}

// A part that began like a person's typing and turned out to be a scanner's leaves its field again.
function restore(part) {
  if (part.typed) setValue(part.field, part.before);
  part.swallowed = [];
}

// A person's keys go where they were going, into the field or to the page's shortcuts.
function giveBack(part) {
  const events = part.swallowed;
  part.swallowed = [];
  if (!events.length) return;
  const target = part.node?.isConnected ? part.node : document.body;
  // A shortcut is one key by itself: the letters of a code that came too slowly must press nothing.
  if (!part.field && (part.text.length > 1 || part.after < ALONE)) return;
  if (part.field && target === part.field) {
    part.typed = true;
    insert(target, events.map((event) => event.key).join(""));
    return;
  }
  for (const { key, code, shiftKey } of events) {
    const again = { key, code, shiftKey, bubbles: true, cancelable: true, composed: true };
    target.dispatchEvent(new KeyboardEvent("keydown", again));
    // Streamlit's shortcuts take a key for pressed until it goes up, and no other works beside it.
    target.dispatchEvent(new KeyboardEvent("keyup", again));
  }
}

// As if typed: at the cursor, in place of what is selected, with its place in the undo history.
function insert(field, text) {
  if (field.getRootNode().activeElement === field && document.execCommand("insertText", false, text)) return;
  setValue(field, field.value + text);
}
