// The scanner's reader with injected times: no browser, no waiting.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

let [now, timers] = [0, []];
const kept = new Map();

class Field {
  constructor() {
    this.type = "text";
    this.isConnected = true;
    this.text = "";
  }
  get value() {
    return this.text;
  }
  set value(text) {
    this.text = text;
  }
  getRootNode() {
    return { activeElement: null };
  }
  dispatchEvent() {}
}

Object.assign(globalThis, {
  window: { addEventListener() {}, removeEventListener() {} },
  localStorage: { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) },
  HTMLInputElement: Field,
  HTMLTextAreaElement: class {},
  KeyboardEvent: class {
    constructor(type, more) {
      Object.assign(this, more, { type });
    }
  },
  document: {
    body: { isConnected: true, dispatchEvent: (event) => given.push(event) },
    execCommand: () => false,
  },
});
Object.defineProperty(globalThis, "performance", { value: { now: () => now } });
globalThis.setTimeout = (then, milliseconds) => {
  const timer = { at: now + milliseconds, then };
  timers.push(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  timers = timers.filter((one) => one !== timer);
};

const { KeyReader } = await import("../../pages/components/keys.js");
let given = [];
const shortcuts = (type = "keydown") => given.filter((one) => one.type === type).map((one) => one.key);
let [codes, reader] = [];

function pass(milliseconds) {
  const until = now + milliseconds;
  for (;;) {
    const due = timers.filter((one) => one.at <= until).sort((one, other) => one.at - other.at)[0];
    if (!due) break;
    timers = timers.filter((one) => one !== due);
    now = Math.max(now, due.at);
    due.then();
  }
  now = until;
}

function made(key, node, more) {
  return {
    key,
    code: `Key${key}`,
    isTrusted: true,
    timeStamp: now,
    prevented: false,
    composedPath: () => [node],
    preventDefault() {
      this.prevented = true;
    },
    stopImmediatePropagation() {},
    getModifierState: () => false,
    ...more,
  };
}

function press(key, node = document.body, more = {}) {
  const event = made(key, node, more);
  reader.keydown(event);
  reader.keyup(event);
  return event;
}

function type(text, pause, node) {
  for (const key of text) {
    pass(pause);
    press(key, node);
  }
}

beforeEach(() => {
  pass(10_000);
  timers = [];
  kept.clear();
  codes = [];
  given = [];
  reader = new KeyReader((code) => codes.push(code));
});

test("a thousand codes of any length and speed are each told once", () => {
  const wanted = [];
  for (let number = 0; number < 1000; number += 1) {
    const code = String(7_000_000_000_000 + number * 7919);
    pass(1500);
    type(code, 3 + (number % 30));
    press("Enter");
    wanted.push(code);
  }
  pass(5000);
  assert.deepEqual(codes, wanted);
});

test("a scanner without Enter ends by silence once its length is known", () => {
  type("7000121083646", 12);
  press("Enter");
  pass(3000);
  type("7000121083653", 12);
  pass(3000);
  assert.deepEqual(codes, ["7000121083646", "7000121083653"]);
});

test("a person's typing is no code, and reaches the field", () => {
  const field = new Field();
  type("Popescu", 140, field);
  pass(500);
  assert.deepEqual(codes, []);
  assert.equal(field.value, "Popescu");
});

test("a scanner leaves no letter in the field that has the focus", () => {
  const field = new Field();
  field.value = "note: ";
  type("1ONB24222000001", 10, field);
  const enter = press("Enter", field);
  pass(2000);
  assert.deepEqual(codes, ["1ONB24222000001"]);
  assert.equal(field.value, "note: ");
  assert.equal(enter.prevented, true);
});

test("Enter by itself presses what it presses", () => {
  assert.equal(press("Enter").prevented, false);
});

test("a single key of a person goes on to the page's shortcuts", () => {
  pass(500);
  press("n");
  pass(2000);
  assert.deepEqual(codes, []);
  assert.deepEqual(shortcuts(), ["n"]);
  assert.deepEqual(shortcuts("keyup"), ["n"]);
});

test("a code cut by a stall is one code again when its length is usual", () => {
  type("7000121083646", 10);
  press("Enter");
  pass(2000);
  type("7000121", 10);
  pass(300);
  type("083653", 10);
  press("Enter");
  pass(3000);
  assert.deepEqual(codes, ["7000121083646", "7000121083653"]);
});

test("a separator between fields is kept as GS", () => {
  type("0100012345", 10);
  pass(10);
  press("]", document.body, { ctrlKey: true });
  type("21ABC", 10);
  press("Enter");
  pass(2000);
  assert.deepEqual(codes, ["0100012345\u001d21ABC"]);
});

// Types `text` at the scanner's own pace; after `at` keys the rest reaches the page `late` ms later.
function typeLate(text, pause, at, late) {
  let clock = now;
  for (const [place, key] of [...text, "Enter"].entries()) {
    if (place === at) pass(late);
    clock += pause;
    if (clock > now) pass(clock - now);
    press(key, document.body, { timeStamp: clock });
  }
}

test("the rest of a code may reach the page late, at any place, also where another code ends", () => {
  const lengths = [8, 10, 13, 14, 15];
  const wanted = [];
  for (let number = 0; number < 600; number += 1) {
    const code = String(10 ** 14 + number * 7919).slice(-lengths[number % 5]);
    pass(100 + (number % 7) * 200);
    typeLate(code, 8, number % (code.length + 1), number % 3 ? 120 + (number % 13) * 60 : 0);
    wanted.push(code);
  }
  pass(5000);
  assert.deepEqual(codes, wanted);
});

test("a code that stalls by its own clock keeps its beginning, also the first one of all", () => {
  for (const at of [1, 2, 3, 5]) {
    const code = "7000121083646";
    kept.clear();
    codes = [];
    reader = new KeyReader((one) => codes.push(one));
    type(code.slice(0, at), 8);
    pass(500);
    type(code.slice(at), 8);
    press("Enter");
    pass(3000);
    assert.deepEqual(codes, [code], `cut after ${at}`);
  }
});

test("a letter pressed by a person just before a code is no part of it", () => {
  type("7000121083646", 8);
  press("Enter");
  pass(3000);
  press("o");
  pass(500);
  type("7000121083653", 8);
  press("Enter");
  pass(3000);
  assert.deepEqual(codes, ["7000121083646", "7000121083653"]);
  assert.deepEqual(shortcuts(), ["o"]);
});

test("a scan that begins while a person types takes none of the letters along", () => {
  for (const [pause, gap] of [
    [70, 60],
    [62, 75],
    [85, 40],
    [130, 70],
    [180, 55],
  ]) {
    const field = new Field();
    pass(2000);
    type("colt lovit", pause, field);
    pass(gap - 8);
    type("1ONB24222035189", 8, field);
    press("Enter", field);
    pass(2000);
    assert.equal(field.value, "colt lovit", `at ${pause} ms, the scan ${gap} ms later`);
    assert.equal(codes.pop(), "1ONB24222035189", `at ${pause} ms, the scan ${gap} ms later`);
  }
});

test("letters that went into no field are no part of the code behind them", () => {
  type("loc", 70);
  pass(50);
  type("7000121083646", 12);
  press("Enter");
  pass(2000);
  assert.deepEqual(codes, ["7000121083646"]);
});

test("a scanner that stalls within its first keys keeps them", () => {
  for (const stalled of [1, 2, 3]) {
    pass(2000);
    type("1ONB24222035189".slice(0, stalled), 12);
    pass(70);
    type("1ONB24222035189".slice(stalled), 12);
    press("Enter");
    pass(2000);
    assert.equal(codes.pop(), "1ONB24222035189", `after ${stalled}`);
  }
});

test("a scanner set from Enter to nothing is heard at once again after one code", () => {
  type("7000121083646", 12);
  press("Enter");
  pass(3000);
  type("7000121083653", 12);
  pass(1500);
  type("7000121083660", 12);
  pass(200);
  assert.deepEqual(codes, ["7000121083646", "7000121083653", "7000121083660"]);
});

// Alt mode, as scanners have it: each character as Alt and the digits of its number.
const ARROWS = Array.from("0123456789", (digit) => `Arrow of ${digit}`);

function altKey(type, key, code, node, more = {}) {
  const event = made(key, node, { code, altKey: true, ctrlKey: false, ...more });
  reader[type](event);
  return event;
}

function oddCodes() {
  const odd = [];
  reader.stop();
  reader = new KeyReader((code, strange) => odd.push([code.length, strange]));
  return odd;
}

function altNumber(number, width, { node = document.body, locked = true, pause = 2 } = {}) {
  altKey("keydown", "Alt", "AltLeft", node);
  for (const digit of String(number).padStart(width, "0")) {
    pass(pause);
    const key = locked ? digit : ARROWS[digit];
    assert.equal(altKey("keydown", key, `Numpad${digit}`, node).prevented, true);
    altKey("keyup", key, `Numpad${digit}`, node);
  }
  altKey("keyup", "Alt", "AltLeft", node, { altKey: false });
  return altKey("keypress", String.fromCharCode(number), "", node).prevented; // what Windows makes of it
}

for (const width of [0, 3, 4, 5]) {
  for (const [locked, field] of [[true], [false], [true, new Field()], [false, new Field()]]) {
    const node = field ?? document.body;
    test(`Alt mode: ${width} digits, Num Lock ${locked}, in a ${node.type ?? "page"}`, () => {
      const wanted = ["]C1ZQY-98765.4", "1ONB24222308781", "jd 0146/00+$%*:", "~12345{}|", "A\u001d7654321"];
      node.text = "note";
      for (const code of wanted) {
        pass(3000);
        for (const letter of code) {
          assert.equal(altNumber(letter.charCodeAt(0), width, { node, locked }), true);
        }
        altNumber(13, width, { node, locked });
      }
      pass(5000);
      assert.equal(node.text, "note");
      assert.deepEqual(codes, wanted);
    });
  }
}

test("Alt mode: what frames a code is left out, and a number above 255 counts as Windows counts it", () => {
  for (const number of [2, ..."76543219".split("").map((one) => one.charCodeAt(0)), 256 + 65, 3, 10]) {
    pass(4);
    altNumber(number, 3);
  }
  pass(5000);
  assert.deepEqual(codes, ["76543219A"]);
});

test("Alt mode: a character that is not known is told as odd, never left out", () => {
  const odd = oddCodes();
  for (const number of [55, 48, 233, 49, 50, 51, 52, 53, 13]) {
    pass(4);
    altNumber(number, 4);
  }
  pass(5000);
  assert.deepEqual(odd, [[8, true]]);
});

test("Alt mode: an Alt that was not seen to go up glues no two numbers", () => {
  const odd = oddCodes();
  for (const letter of "7654321589") {
    pass(4);
    if (letter !== "5") altNumber(letter.charCodeAt(0), 4);
    else for (const key of ["Alt", "5"]) altKey("keydown", key, key === "5" ? "Numpad5" : "AltLeft", document.body);
  }
  altNumber(13, 2);
  pass(5000);
  assert.deepEqual(odd, [[10, true]]);
});

test("a person's Alt and letters, and arrows of the number pad, are no code", () => {
  for (const digit of "2468") {
    pass(160);
    const event = press(ARROWS[digit], document.body, { code: `Numpad${digit}` });
    assert.equal(event.prevented, false);
  }
  const field = new Field();
  for (const digit of "44466") {
    pass(12);
    assert.equal(press(ARROWS[digit], field, { code: `Numpad${digit}` }).prevented, false);
  }
  pass(5000);
  assert.deepEqual(codes, []);
  assert.equal(field.value, "");
});

test("digits of a number pad are read with Num Lock on and off", () => {
  for (const locked of [true, false]) {
    for (const code of ["7000121083646", "4040506070809", "1ONB24222308781"]) {
      pass(3000);
      for (const letter of code) {
        pass(9);
        const digit = /[0-9]/.test(letter);
        const key = digit && !locked ? ARROWS[letter] : letter;
        press(key, document.body, digit ? { code: `Numpad${letter}` } : { code: `Key${letter}`, shiftKey: true });
      }
      press("Enter");
    }
  }
  pass(5000);
  const wanted = ["7000121083646", "4040506070809", "1ONB24222308781"];
  assert.deepEqual(codes, [...wanted, ...wanted]);
  assert.deepEqual(shortcuts(), []);
});
