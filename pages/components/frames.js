// A worker that makes JPEG of frames. On the page's own thread a browser encodes only while that is
// idle, and waits up to a second for it (Chromium's CanvasAsyncBlobCreator).
const canvas = new OffscreenCanvas(1, 1);
const pen = canvas.getContext("2d", { willReadFrequently: true });

self.onmessage = async ({ data: { frame, quality } }) => {
  const { width, height } = frame;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  pen.drawImage(frame, 0, 0);
  frame.close();
  try {
    self.postMessage(await canvas.convertToBlob({ type: "image/jpeg", quality }));
  } catch (error) {
    self.postMessage(error);
  }
};
