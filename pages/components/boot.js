// @ts-check
// Starts a station component: its code is a module the server serves, shared with the phone page.
export default async function (component) {
  const url = new URL(component.data.module, window.location.origin);
  const module = await import(url.href);
  const stop = module.mount(component);
  // The page asks for a cleanup also when only the data changed: leave what is still on screen.
  return () =>
    setTimeout(() => {
      if (!component.parentElement.isConnected) stop();
    }, 0);
}
