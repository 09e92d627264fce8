// Codes and commands on their way, over a network that fails and answers late.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const kept = new Map();
let answer;
let sent = [];

Object.assign(globalThis, {
  localStorage: {
    get length() {
      return kept.size;
    },
    key: (place) => [...kept.keys()][place],
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => kept.set(name, value),
    removeItem: (name) => kept.delete(name),
  },
  fetch: async (path, { body }) => {
    const entry = JSON.parse(body);
    sent.push(entry);
    return answer(path, entry);
  },
});
const later = globalThis.setTimeout;
globalThis.setTimeout = (then, _milliseconds) => later(then, 0); // pauses between two tries

const { Outbox } = await import("../../pages/components/outbox.js");

const reply = (status, body) => ({ ok: status < 400, status, text: async () => JSON.stringify(body) });
const good = (_path, entry) => reply(200, { pile: entry.pile, done: true });

function open(arrived = []) {
  const noted = (_answer, entry) => arrived.push(entry.code || entry.command);
  return new Outbox({ onVerdict: noted, onAnswer: noted, onProblem() {}, onChange() {} });
}

async function emptied(outbox) {
  for (let turn = 0; turn < 5000 && outbox.waiting.length; turn += 1) await new Promise((on) => later(on, 0));
  assert.equal(outbox.waiting.length, 0);
  assert.equal(kept.size, 0);
}

beforeEach(() => {
  kept.clear();
  sent = [];
  answer = good;
});

test("commands and codes arrive in the order in which they were read, whatever fails on the way", async () => {
  const arrived = [];
  let call = 0;
  answer = (path, entry) => {
    call += 1;
    if (call % 3 === 0) throw new TypeError("network");
    if (call % 5 === 0) return reply(503, {});
    return good(path, entry);
  };
  const outbox = open(arrived);
  const wanted = [];
  for (let number = 0; number < 60; number += 1) {
    const scan = outbox.put({ pile: 1, code: `code-${number}`, source: "scanner" });
    outbox.put({ pile: 1, command: `command-${number}`, source: "command", scan });
    wanted.push(`code-${number}`, `command-${number}`);
  }
  await emptied(outbox);
  assert.deepEqual(arrived, wanted);
  const scans = new Map(sent.filter((one) => one.code).map((one) => [one.key, one.code]));
  for (const one of sent.filter((entry) => entry.command)) {
    assert.equal(scans.get(one.scan), one.command.replace("command", "code"));
  }
});

test("what waits while the desk is away is sent after a reload, in order and under the same keys", async () => {
  answer = () => {
    throw new TypeError("network");
  };
  const away = open();
  const scan = away.put({ pile: 1, code: "one", source: "scanner" });
  away.put({ pile: 1, command: "damaged", source: "command", scan });
  away.put({ pile: 1, code: "two", source: "scanner" });
  const keys = away.waiting.map((entry) => entry.key);
  away.stop();
  answer = good;
  sent = [];
  await emptied(open());
  assert.deepEqual([...new Set(sent.map((entry) => entry.key))], keys);
  assert.equal(sent.find((entry) => entry.command).scan, scan);
});

test("codes read after the command that begins a pile go into that pile", async () => {
  answer = (path, entry) => (entry.command === "new_pile" ? reply(200, { pile: 9, done: true }) : good(path, entry));
  const outbox = new Outbox({
    onVerdict() {},
    onProblem() {},
    onAnswer: (result, entry) => outbox.move(entry.pile, result.pile),
  });
  for (const code of ["a", "b"]) outbox.put({ pile: 1, code, source: "scanner" });
  outbox.put({ pile: 1, command: "new_pile", source: "command" });
  for (const code of ["c", "d"]) outbox.put({ pile: 1, code, source: "scanner" });
  await emptied(outbox);
  const piles = Object.fromEntries(sent.filter((one) => one.code).map((one) => [one.code, one.pile]));
  assert.deepEqual(piles, { a: 1, b: 1, c: 9, d: 9 });
});

test("a refusal for good stops nothing behind it", async () => {
  answer = (path, entry) => (entry.code === "bad" ? reply(404, { error: "gone" }) : good(path, entry));
  const arrived = [];
  const outbox = open(arrived);
  for (const code of ["bad", "fine"]) outbox.put({ pile: 1, code, source: "scanner" });
  await emptied(outbox);
  assert.deepEqual(arrived, ["fine"]);
});

// As the station shows it, without a page around it.
function station() {
  const words = { word_bad: "Look", word_busy: "Reading", kept: "No connection.", ended: "Not let in." };
  const shown = [];
  const fake = { data: { words }, strip: { dataset: {} }, toPrint: new Set(), outbox: { waiting: [{}] } };
  fake.count = () => {};
  fake.show = (kind, word, _order, say, note) => shown.push([kind, word, say, note]);
  return { fake, shown };
}

test("a device that was signed out says so and keeps what it read, which is no lost connection", async () => {
  const { HandStation } = await import("../../pages/components/hand.js");
  const { fake, shown } = station();
  kept.set("refuz-muted", "1");
  let status = 401;
  answer = (path, entry) => {
    if (status === 0) throw new TypeError("network");
    return status === 200 ? good(path, entry) : reply(status, { error: "signed out" });
  };
  const told = [];
  const outbox = new Outbox({
    onVerdict() {},
    onChange() {},
    onProblem: (...what) => {
      told.push(what[3]);
      HandStation.prototype.problem.apply(fake, what);
      status = { 401: 0, 0: 200 }[status];
    },
  });
  outbox.put({ pile: 1, code: "7000", source: "scanner" });
  for (let turn = 0; turn < 5000 && outbox.waiting.length; turn += 1) await new Promise((on) => later(on, 0));
  assert.equal(fake.strip.dataset.flash, "bad");
  assert.deepEqual(shown, [
    ["bad", "Look", "Not let in.", "7000"],
    ["busy", "Reading", "No connection.", "7000"],
  ]);
  assert.deepEqual(told, [401, undefined]);
  assert.deepEqual(new Set(sent.map((one) => one.code)), new Set(["7000"]));
});

test("a call that failed never tells a person the browser's own words", async () => {
  const { Refused, said } = await import("../../pages/components/api.js");
  const words = { signed_out: "Deconectat." };
  assert.equal(said(new TypeError("Failed to fetch"), words, "Nu s-a trimis."), "Nu s-a trimis.");
  assert.equal(said(new Refused(401, "signed out"), words, ""), "Deconectat.");
  assert.equal(said(new Refused(404, "Teancul nu mai este."), words, ""), "Teancul nu mai este.");
});
