// Codes on their way to the server: each is kept, also over a reload, until the server has
// acknowledged it. Sending one twice is harmless: the key makes it one scan.
import { newKey, postJson, Refused } from "./api.js";

const PREFIX = "refuz-scan:";
const FINAL = new Set([400, 404, 409, 410, 413, 422]); // asking again would give the same answer

export class Outbox {
  constructor({ onVerdict, onProblem, onChange }) {
    Object.assign(this, { onVerdict, onProblem, onChange });
    this.waiting = [];
    this.pumping = false;
    this.stopped = false;
    for (let i = 0; i < localStorage.length; i += 1) {
      const name = localStorage.key(i);
      if (name.startsWith(PREFIX)) this.waiting.push(JSON.parse(localStorage.getItem(name)));
    }
    this.waiting.sort((a, b) => a.at - b.at);
    this.pump();
  }

  put(scan) {
    const entry = { ...scan, key: newKey(scan.source), at: Date.now() };
    localStorage.setItem(PREFIX + entry.key, JSON.stringify(entry));
    this.waiting.push(entry);
    this.onChange?.(this.waiting.length);
    this.pump();
    return entry.key;
  }

  // The newest code that waits for its verdict; null where none does.
  newest() {
    return this.waiting.at(-1)?.key ?? null;
  }

  stop() {
    this.stopped = true;
  }

  async pump() {
    if (this.pumping) return;
    this.pumping = true;
    let pause = 250;
    while (this.waiting.length && !this.stopped) {
      const entry = this.waiting[0];
      try {
        const verdict = await postJson("/api/scans", entry);
        this.done(entry);
        this.onVerdict(verdict, entry);
        pause = 250;
      } catch (error) {
        if (error instanceof Refused && FINAL.has(error.status)) {
          this.done(entry);
          this.onProblem(error.message, entry, true);
          continue;
        }
        this.onProblem(error instanceof Refused ? error.message : "offline", entry, false);
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(5000, pause * 2);
      }
    }
    this.pumping = false;
  }

  done(entry) {
    localStorage.removeItem(PREFIX + entry.key);
    this.waiting.shift();
    this.onChange?.(this.waiting.length);
  }
}
