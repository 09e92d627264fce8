// Tells a hand scanner from a person at the keyboard, by speed, and takes its codes away from
// whatever has the focus: an open dialog, another field, a button that Enter would press.
// Times are the events' own, so a page that is busy does not blur them.
const FAST = 36; // ms between two keys of a scanner, on average
const SURE = 4; // keys in a row that fast: a scanner
const IDLE = 70; // ms of silence that end a code without Enter or Tab
const IDLE_WITH_SUFFIX = 450; // the same for a scanner known to send Enter or Tab
const SHORTEST = 5;

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
    this.suffix = false;
    this.endedAt = -1e9;
    this.held = new Set();
    this.reset();
    this.down = (event) => this.keydown(event);
    this.up = (event) => this.keyup(event);
    window.addEventListener("keydown", this.down, true);
    window.addEventListener("keyup", this.up, true);
  }

  stop() {
    window.removeEventListener("keydown", this.down, true);
    window.removeEventListener("keyup", this.up, true);
    this.finish();
  }

  reset() {
    clearTimeout(this.timer);
    this.text = "";
    this.times = [];
    this.swallowed = [];
    this.field = null;
    this.sure = false;
  }

  idle() {
    return this.sure && this.suffix ? IDLE_WITH_SUFFIX : IDLE;
  }

  keydown(event) {
    if (!event.isTrusted || event.isComposing) return;
    const at = event.timeStamp;
    const last = this.times[this.times.length - 1];
    if (last !== undefined && at - last > this.idle()) this.finish();
    if (event.key === "Enter" || event.key === "Tab") return this.end(event);
    const separator = event.ctrlKey && event.key === "]"; // GS between fields, as scanners type it
    if (event.altKey || event.metaKey || (event.ctrlKey && !separator)) return;
    if (event.key.length !== 1) return;
    this.take(event, separator ? "\u001d" : event.key, at);
  }

  keyup(event) {
    if (this.held.delete(event.code)) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }

  take(event, character, at) {
    if (this.text === "") this.begin(event);
    this.text += character;
    this.times.push(at);
    if (!this.sure && this.isFast()) this.becomeSure();
    if (this.sure || !this.field) this.swallow(event);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.finish(), this.idle() + 15);
  }

  begin(event) {
    const node = event.composedPath()[0];
    this.field = editable(node) ? node : null;
    this.target = node;
    this.before = this.field && "value" in this.field ? this.field.value : null;
  }

  isFast() {
    const recent = this.times.slice(-SURE);
    if (recent.length < SURE) return false;
    return (recent[SURE - 1] - recent[0]) / (SURE - 1) <= FAST;
  }

  becomeSure() {
    this.sure = true;
    if (this.field && this.before !== null) setValue(this.field, this.before);
  }

  swallow(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    this.held.add(event.code);
    if (!this.sure) this.swallowed.push(event);
  }

  end(event) {
    const echo = event.timeStamp - this.endedAt < 60; // the second half of CR LF
    if (!this.sure && !echo) return this.finish();
    event.preventDefault();
    event.stopImmediatePropagation();
    this.held.add(event.code);
    if (this.sure) {
      this.suffix = true;
      this.endedAt = event.timeStamp;
      this.finish();
    }
  }

  finish() {
    const { text, sure, swallowed, target } = this;
    this.reset();
    if (sure && text.trim().length >= SHORTEST) this.onCode(text.trim());
    else if (!sure) this.giveBack(swallowed, target);
  }

  // Keys of a person outside any field go where they were going: shortcuts work as before.
  giveBack(events, target) {
    for (const event of events) {
      const { key, code, shiftKey } = event;
      const again = { key, code, shiftKey, bubbles: true, cancelable: true, composed: true };
      (target?.isConnected ? target : document.body).dispatchEvent(new KeyboardEvent("keydown", again));
    }
  }
}
