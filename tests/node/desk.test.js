// What a screen reader is told of Streamlit's own parts, in the reader's language.
import assert from "node:assert/strict";
import { test } from "node:test";
import { named } from "../../pages/components/desk.js";

const WORDS = {
  day: "zi",
  month: "lună",
  "start date": "de la",
  "end date": "până la",
  Open: "Deschideți",
  "Sort ascending": "Crescător",
};
const word = (said) => Object.hasOwn(WORDS, said) && WORDS[said];

for (const [said, name] of [
  ["day, Expediate start date", "zi, Expediate, de la"],
  ["month, Expediate end date", "lună, Expediate, până la"],
  ["day, De la", "zi, De la"],
  ["Expediate start date", "Expediate, de la"],
  ["Open", "Deschideți"],
  ["Sort ascending: day", "Crescător: day"],
  ["Observație", "Observație"],
  ["year, De la", "year, De la"],
  ["today, De la", "today, De la"],
]) {
  test(`"${said}" is called "${name}"`, () => assert.equal(named(said, word), name));
}

test("what was named once is not named again", () => {
  for (const said of ["day, Expediate start date", "Open"]) {
    const once = named(said, word);
    assert.equal(named(once, word), once);
  }
});
