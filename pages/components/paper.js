// @ts-check
// A page that is made to be printed asks for the printer by itself, once its drawing is there.
window.addEventListener("load", () => setTimeout(() => window.print(), 200));
