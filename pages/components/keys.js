// Tells a hand scanner from a person at the keyboard, by speed, and takes its codes away from
// whatever has the focus: an open dialog, another field, a button that Enter would press.
// Times are the events' own, so a page that is busy does not blur them. A key in a field is kept
// back until it is known whose it is, so that a scanner leaves no letter there.
const FAST = 36; // ms between two keys of a scanner, on average
const SURE = 4; // keys in a row that fast: a scanner
const IDLE = 90; // ms of silence that end a code without Enter or Tab
const TYPED = 45; // ms of silence after which a key in a field was a person's
const HOLD = 1000; // ms that a part of unusual length waits for its other part
const SHORTEST = 5;
const SHORT_END = 8;
const REMEMBERED = 20; // codes whose lengths count as usual
const LENGTHS = "refuz-code-lengths";

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
    this.part = null;
    this.down = (event) => this.keydown(event);
    this.up = (event) => this.keyup(event);
    window.addEventListener("keydown", this.down, true);
    window.addEventListener("keyup", this.up, true);
  }

  stop() {
    window.removeEventListener("keydown", this.down, true);
    window.removeEventListener("keyup", this.up, true);
    this.finish(true);
  }

  silence(event) {
    return event.timeStamp - this.lastAt;
  }

  keydown(event) {
    if (!event.isTrusted || event.isComposing) return;
    if (this.part && this.silence(event) > IDLE) this.finish(false);
    if (event.key === "Enter" || event.key === "Tab") return this.end(event);
    const separator = event.ctrlKey && event.key === "]"; // GS between fields, as scanners type it
    if (event.altKey || event.metaKey || (event.ctrlKey && !separator)) return this.typeOut();
    if (event.key.length === 1) return this.take(event, separator ? "\u001d" : event.key);
    if (!MODIFIERS.has(event.key)) this.typeOut();
  }

  keyup(event) {
    if (this.held.delete(event.code)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  take(event, character) {
    const silence = this.silence(event);
    const part = this.part || this.resume(silence) || this.begin(event, silence);
    if (part.text) part.silences.push(silence);
    part.text += character;
    this.lastAt = event.timeStamp;
    if (!part.sure && isFast(part.silences)) {
      part.sure = true;
      restore(part);
    }
    this.swallow(event, part);
    if (part.sure) this.scannedAt = event.timeStamp;
    else if (part.field) this.wait("typing", TYPED, () => this.typeOut());
    clearTimeout(this.holding);
    this.wait("timer", IDLE + 15, () => this.finish(false));
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
    if (silence > IDLE || !this.pieces.length) return null;
    clearTimeout(this.holding);
    this.part = this.pieces.pop();
    return this.part;
  }

  begin(event, silence) {
    const node = event.composedPath()[0];
    const field = isField(node) ? node : null;
    this.part = {
      text: "", silences: [], after: silence, sure: false, swallowed: [], node, field,
      before: field?.value, typed: false,
    };
    return this.part;
  }

  // What waits to be told from a scanner goes into its field: it was a person's.
  typeOut() {
    if (this.part?.field && !this.part.sure) giveBack(this.part);
  }

  swallow(event, part) {
    event.preventDefault();
    event.stopImmediatePropagation();
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
    else if (complete) this.release();
  }

  // A stall in the middle of a code cuts it into pieces: neighbours of unusual lengths that make
  // a usual one together are one code.
  settle(part, complete) {
    if (part.after >= HOLD) this.release();
    const pieces = [...this.pieces, part];
    const together = pieces.map((piece) => piece.text).join("");
    const sure = pieces.some((piece) => piece.sure);
    // Before any length is known, what Enter ends is whole, and its short end no code by itself.
    const whole = this.lengths.length
      ? this.usual(together.length) && !this.usual(part.text.length)
      : complete && part.text.length < SHORT_END;
    if (pieces.length > 1 && sure && whole) {
      pieces.forEach(restore);
      this.pieces = [];
      this.emit(together);
      return;
    }
    if (part.sure && (complete || this.usual(part.text.length))) {
      this.release();
      this.emit(part.text);
      return;
    }
    if (!part.sure) giveBack(part);
    if (!sure || together.length > Math.max(SHORTEST, ...this.lengths)) this.release();
    this.pieces.push(part);
    this.wait("holding", HOLD, () => this.release());
  }

  release() {
    clearTimeout(this.holding);
    const { pieces } = this;
    this.pieces = [];
    for (const piece of pieces) if (piece.sure) this.emit(piece.text);
  }

  usual(length) {
    return this.lengths.includes(length);
  }

  emit(text) {
    const code = text.trim();
    if (code.length < SHORTEST) return;
    this.lengths = [text.length, ...this.lengths].slice(0, REMEMBERED);
    localStorage.setItem(LENGTHS, JSON.stringify(this.lengths));
    this.onCode(code);
  }
}

function isFast(silences) {
  const recent = silences.slice(1 - SURE);
  return recent.length === SURE - 1 && recent.reduce((sum, one) => sum + one, 0) / recent.length <= FAST;
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
  if (part.field && target === part.field) {
    part.typed = true;
    insert(target, events.map((event) => event.key).join(""));
    return;
  }
  for (const { key, code, shiftKey } of events) {
    const again = { key, code, shiftKey, bubbles: true, cancelable: true, composed: true };
    target.dispatchEvent(new KeyboardEvent("keydown", again));
  }
}

// As if typed: at the cursor, in place of what is selected, with its place in the undo history.
function insert(field, text) {
  if (field.getRootNode().activeElement === field && document.execCommand("insertText", false, text)) return;
  setValue(field, field.value + text);
}
