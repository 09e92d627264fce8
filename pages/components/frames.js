// @ts-check
// A worker that makes JPEG of frames. On the page's own thread a browser encodes only while that is
// idle, and waits up to a second for it (Chromium's CanvasAsyncBlobCreator).
const canvas = new OffscreenCanvas(1, 1);
const pen = canvas.getContext("2d", { willReadFrequently: true });
const camera = { latest: null, ended: false, wake() {} };

self.onmessage = async ({ data: { frames, frame, size, quality } }) => {
  if (frames) return follow(frames.getReader());
  try {
    self.postMessage(await jpeg(frame || (await newest(size)), quality));
  } catch (error) {
    self.postMessage(error);
  }
};

// The camera's own frames. It has room for a few only: what nobody asks for is let go at once.
async function follow(reader) {
  while (!camera.ended) {
    const { done, value } = await reader.read();
    camera.latest?.close();
    camera.latest = value || null;
    camera.ended = done;
    camera.wake();
  }
}

// The newest frame, each once. None once the camera stops, nor where the page turns its frames.
async function newest({ width, height }) {
  if (!camera.latest && !camera.ended) {
    await new Promise((wake) => {
      camera.wake = () => wake(null);
    });
  }
  const frame = camera.latest;
  camera.latest = null;
  if (!frame || (frame.displayWidth === width && frame.displayHeight === height && !frame.rotation)) return frame;
  frame.close();
  return null;
}

async function jpeg(frame, quality) {
  if (!frame) return null;
  const [width, height] = [frame.displayWidth || frame.width, frame.displayHeight || frame.height];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  pen.drawImage(frame, 0, 0);
  frame.close();
  return canvas.convertToBlob({ type: "image/jpeg", quality });
}
