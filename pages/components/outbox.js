// @ts-check
// Codes and commands on their way to the server, in the order in which they were read: each is
// kept, also over a reload, until the server has acknowledged it. Sending one twice is harmless: by
// its key it is one. A command is about the code it was read behind, so it must not overtake it.
import { newKey, postJson, Refused } from "./api.js";

const PREFIX = "refuz-scan:";
const FINAL = new Set([400, 404, 409, 410, 413, 422]); // asking again would give the same answer

export class Outbox {
  constructor({ onVerdict, onProblem, onChange, onAnswer = null }) {
    this.onVerdict = onVerdict;
    this.onProblem = onProblem;
    this.onChange = onChange;
    this.onAnswer = onAnswer;
    this.waiting = [];
    this.pumping = false;
    this.stopped = false;
    this.last = 0;
    for (let i = 0; i < localStorage.length; i += 1) {
      const name = localStorage.key(i);
      if (name.startsWith(PREFIX)) this.waiting.push(JSON.parse(localStorage.getItem(name)));
    }
    this.waiting.sort((a, b) => a.at - b.at);
    this.pump();
  }

  put(scan) {
    // Two within one millisecond keep their order too.
    this.last = Math.max(Date.now(), this.last + 0.01);
    const entry = { ...scan, key: newKey(scan.source), at: this.last };
    this.keep(entry);
    this.waiting.push(entry);
    this.onChange?.(this.waiting.length);
    this.pump();
    return entry.key;
  }

  keep(entry) {
    localStorage.setItem(PREFIX + entry.key, JSON.stringify(entry));
  }

  // The newest code that waits for its verdict; null where none does.
  newest() {
    return this.waiting.findLast((entry) => entry.code)?.key ?? null;
  }

  // What waits goes into another pile: it was read after the command that began it.
  move(from, to) {
    for (const entry of this.waiting) {
      if (entry.pile !== from) continue;
      entry.pile = to;
      this.keep(entry);
    }
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
        const answer = await postJson(entry.command ? "/api/commands" : "/api/scans", entry);
        this.done(entry);
        if (entry.command) this.onAnswer?.(answer, entry);
        else this.onVerdict(answer, entry);
        pause = 250;
      } catch (error) {
        if (error instanceof Refused && FINAL.has(error.status)) {
          this.done(entry);
          this.onProblem(error.message, entry, true);
          continue;
        }
        this.onProblem(error instanceof Refused ? error.message : "offline", entry, false, error.status);
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
