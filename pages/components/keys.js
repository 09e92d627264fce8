// Tells a hand scanner from a person at the keyboard, by speed, and takes its codes away from
// whatever has the focus: an open dialog, another field, a button that Enter would press.
// Times are the events' own, so a page that is busy does not blur them.
const FAST = 36; // ms between two keys of a scanner, on average
const SURE = 4; // keys in a row that fast: a scanner
const IDLE = 70; // ms of silence that end a code without Enter or Tab
const HOLD = 450; // ms that a part of unusual length waits for its other part
const SHORTEST = 5;
const REMEMBERED = 20; // codes whose lengths count as usual

const editable = (node) =>
  node instanceof HTMLElement &&
  (node.isContentEditable || node.matches("input:not([type=checkbox]):not([type=radio]), textarea"));

// Streamlit's fields are React's: the value must be set behind its back and announced.
function setValue(field, value) {
  const prototype = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

export class KeyReader {
  constructor(onCode) {
    this.onCode = onCode;
    this.lengths = [];
    this.pending = null;
    this.scannedAt = -1e9;
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

  keydown(event) {
    if (!event.isTrusted || event.isComposing) return;
    if (this.part && event.timeStamp - this.part.last > IDLE) this.finish(false);
    if (event.key === "Enter" || event.key === "Tab") return this.end(event);
    const separator = event.ctrlKey && event.key === "]"; // GS between fields, as scanners type it
    if (event.altKey || event.metaKey || (event.ctrlKey && !separator)) return;
    if (event.key.length === 1) this.take(event, separator ? "\u001d" : event.key);
  }

  keyup(event) {
    if (this.held.delete(event.code)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  take(event, character) {
    const part = this.part || this.begin(event);
    part.text += character;
    part.last = event.timeStamp;
    part.times.push(event.timeStamp);
    if (!part.sure && isFast(part.times)) {
      part.sure = true;
      restore(part);
    }
    if (part.sure || !part.field) this.swallow(event, part);
    if (part.sure) this.scannedAt = event.timeStamp;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.finish(false), IDLE + 15);
  }

  begin(event) {
    const node = event.composedPath()[0];
    const field = editable(node) ? node : null;
    const before = field && "value" in field ? field.value : null;
    this.part = { text: "", times: [], first: event.timeStamp, sure: false, swallowed: [], node, field, before };
    return this.part;
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
    else if (complete && this.pending) this.release();
  }

  // A stall in the middle of a code cuts it in two: parts of unusual lengths that make a usual
  // one together are one code.
  settle(part, complete) {
    const { pending } = this;
    const together = pending ? pending.text.length + part.text.length : 0;
    const near = pending && part.first - pending.last < HOLD;
    if (near && part.sure && this.usual(together) && !this.usual(part.text.length)) {
      restore(pending);
      this.pending = null;
      this.emit(pending.text + part.text);
      return;
    }
    this.release();
    if (part.sure && (complete || !this.lengths.length || this.usual(part.text.length))) {
      this.emit(part.text);
      return;
    }
    if (!part.sure) giveBack(part);
    this.pending = part;
    this.holding = setTimeout(() => this.release(), HOLD);
  }

  release() {
    clearTimeout(this.holding);
    const { pending } = this;
    this.pending = null;
    if (pending?.sure) this.emit(pending.text);
  }

  usual(length) {
    return this.lengths.includes(length);
  }

  emit(text) {
    clearTimeout(this.holding);
    const code = text.trim();
    if (code.length < SHORTEST) return;
    this.lengths = [text.length, ...this.lengths].slice(0, REMEMBERED);
    this.onCode(code);
  }
}

function isFast(times) {
  const recent = times.slice(-SURE);
  return recent.length === SURE && (recent[SURE - 1] - recent[0]) / (SURE - 1) <= FAST;
}

function restore(part) {
  if (part.field && part.before !== null) setValue(part.field, part.before);
}

// Keys of a person outside any field go where they were going: shortcuts work as before.
function giveBack(part) {
  const target = part.node?.isConnected ? part.node : document.body;
  for (const { key, code, shiftKey } of part.swallowed) {
    const again = { key, code, shiftKey, bubbles: true, cancelable: true, composed: true };
    target.dispatchEvent(new KeyboardEvent("keydown", again));
  }
}
