// The worker that makes JPEG of the camera's frames, with a camera and a canvas made here.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";

const SCRIPT = readFileSync(new URL("../../pages/components/frames.js", import.meta.url), "utf8");

let [sent, drawn] = [[], []];

class Canvas {
  constructor(width, height) {
    Object.assign(this, { width, height });
  }
  getContext() {
    return { drawImage: (frame) => drawn.push(frame.name) };
  }
  async convertToBlob({ type, quality }) {
    return { type, quality, of: drawn.at(-1), width: this.width, height: this.height };
  }
}

class Camera {
  constructor() {
    this.waiting = [];
    this.readable = { getReader: () => ({ read: () => new Promise((give) => this.waiting.push(give)) }) };
  }
  async shows(value) {
    this.waiting.shift()({ done: !value, value });
    await settled();
  }
}

const settled = () => new Promise((on) => setImmediate(on));
const size = { width: 640, height: 480 };
let worker;
let camera;

function frame(name, more = {}) {
  const made = { name, displayWidth: 640, displayHeight: 480, rotation: 0, closed: 0, ...more };
  made.close = () => {
    made.closed += 1;
  };
  return made;
}

async function asked(more = {}) {
  worker.onmessage({ data: { size, quality: 0.5, ...more } });
  await settled();
}

beforeEach(() => {
  [sent, drawn] = [[], []];
  worker = { postMessage: (made) => sent.push(made) };
  runInNewContext(SCRIPT, { self: worker, OffscreenCanvas: Canvas });
  camera = new Camera();
});

const begin = () => worker.onmessage({ data: { frames: camera.readable } });

test("what is asked for is the newest frame, and every older one was let go", async () => {
  begin();
  const frames = ["one", "two", "three"].map((name) => frame(name));
  for (const one of frames) await camera.shows(one);
  await asked();
  assert.deepEqual(sent, [{ type: "image/jpeg", quality: 0.5, of: "three", ...size }]);
  assert.deepEqual(
    frames.map(({ closed }) => closed),
    [1, 1, 1],
  );
});

test("no frame is sent twice: the second asking waits for the next one", async () => {
  begin();
  await camera.shows(frame("one"));
  await asked();
  await asked();
  assert.equal(sent.length, 1);
  await camera.shows(frame("two"));
  assert.deepEqual(
    sent.map(({ of }) => of),
    ["one", "two"],
  );
});

test("a camera that ends while a frame is waited for gives none, and none afterwards", async () => {
  begin();
  await asked();
  await camera.shows(null);
  assert.deepEqual(sent, [null]);
  await asked();
  assert.deepEqual(sent, [null, null]);
});

test("a frame that the page shows turned is none: its codes would be drawn at another place", async () => {
  begin();
  for (const more of [{ displayWidth: 480, displayHeight: 640 }, { rotation: 180 }]) {
    const turned = frame("turned", more);
    await camera.shows(turned);
    await asked();
    assert.equal(turned.closed, 1);
  }
  assert.deepEqual(sent, [null, null]);
  assert.deepEqual(drawn, []);
});

test("a copy that the page sends is made into JPEG of its own size", async () => {
  await asked({ frame: { name: "copy", width: 1280, height: 720, close() {} } });
  assert.deepEqual(sent, [{ type: "image/jpeg", quality: 0.5, of: "copy", width: 1280, height: 720 }]);
});

test("what goes wrong with a frame is told, and the next one is made", async () => {
  const fails = {
    get width() {
      throw new Error("lost");
    },
  };
  await asked({ frame: fails });
  await asked({ frame: { name: "next", ...size, close() {} } });
  assert.equal(sent[0].message, "lost");
  assert.equal(sent[1].of, "next");
});
