// Oblio's official client, unchanged but for its address. Each test finds a fresh world.
import assert from "node:assert/strict";
import { test } from "node:test";
import OblioApi from "@obliosoftware/oblioapi";

const CIF = "RO12345674";

class Kept {
  token = null;
  get() {
    return this.token;
  }
  set(token) {
    this.token = token;
  }
}

function client(secret = "sandbox-secret") {
  const api = new OblioApi("sandbox@refuz.example", secret, new Kept());
  api._baseURL = `${process.env.SANDBOX}/oblio`;
  api.setCif(CIF);
  return api;
}

const storno = (number) => ({
  seriesName: "FR",
  referenceDocument: { type: "Factura", seriesName: "FR", number, refund: 1 },
});

test("signs in and names its companies", async () => {
  const companies = await client().nomenclature("companies");
  assert.equal(companies.data[0].cif, CIF);
});

test("is told of a wrong secret", async () => {
  await assert.rejects(client("wrong").nomenclature("companies"), (error) => error.response.status === 401);
});

test("signs in once for all its calls", async () => {
  const api = client();
  await api.list("invoice");
  const first = (await api.getAccessToken()).access_token;
  await api.list("invoice");
  assert.equal((await api.getAccessToken()).access_token, first);
});

test("reads series and rates of VAT", async () => {
  const api = client();
  assert.deepEqual(
    (await api.nomenclature("series")).data.map((one) => one.name),
    ["FR"],
  );
  assert.ok((await api.nomenclature("vat_rates")).data.length > 0);
});

test("pages through every invoice", async () => {
  const api = client();
  const numbers = new Set();
  for (let offset = 0; ; offset += 10) {
    const page = await api.list("invoice", { limitPerPage: 10, offset, orderBy: "id", orderDir: "DESC" });
    page.data.forEach((one) => numbers.add(one.number));
    if (page.data.length < 10) break;
  }
  assert.equal(numbers.size, 35);
});

test("reverses once and is told the second time", async () => {
  const api = client();
  const made = await api.createInvoice(storno("0001"));
  assert.equal(made.status, 200);
  assert.equal(made.data.number, "0036");
  await assert.rejects(api.createInvoice(storno("0001")), { code: 400, message: /stornata/ });
});

test("sees both sides of a reversal", async () => {
  const api = client();
  const made = await api.createInvoice(storno("0002"));
  const own = (await api.get("invoice", "FR", "0002")).data;
  const other = (await api.get("invoice", made.data.seriesName, made.data.number)).data;
  assert.deepEqual([own.stornoed, own.storno], ["1", "0"]);
  assert.deepEqual([other.stornoed, other.storno, other.total], ["0", "1", "-121.00"]);
});

test("the same idempotency key reverses once", async () => {
  const api = client();
  const body = { ...storno("0003"), idempotencyKey: "foreign-3" };
  const first = await api.createInvoice({ ...body });
  const again = await api.createInvoice({ ...body });
  assert.deepEqual(again.data, first.data);
});

test("annuls an invoice and restores it", async () => {
  const api = client();
  await api.cancel("invoice", "FR", "0004");
  assert.equal((await api.get("invoice", "FR", "0004")).data.canceled, "1");
  await assert.rejects(api.cancel("invoice", "FR", "0004"), { code: 400, message: /anulata/ });
  await api.cancel("invoice", "FR", "0004", false);
  assert.equal((await api.get("invoice", "FR", "0004")).data.canceled, "0");
});

test("a refund deletes what was collected", async () => {
  const api = client();
  await api.collect("FR", "0005", { type: "Ramburs", value: 121 });
  assert.equal((await api.get("invoice", "FR", "0005")).data.collected, "1");
  await api.createInvoice(storno("0005"));
  assert.equal((await api.get("invoice", "FR", "0005")).data.collected, "0");
});

test("deletes only the newest of a series", async () => {
  const api = client();
  await assert.rejects(api.delete("invoice", "FR", "0006"), { code: 400 });
  assert.equal((await api.delete("invoice", "FR", "0035")).status, 200);
});

test("is told of an unknown invoice and of another company", async () => {
  const api = client();
  await assert.rejects(api.get("invoice", "FR", "9999"), { code: 400, message: /gasita/ });
  api.setCif("RO99");
  await assert.rejects(api.list("invoice"), { code: 400, message: /Firma/ });
});

test("is told in words of a limit", async () => {
  const control = `${process.env.SANDBOX}/_sandbox/faults`;
  const put = (body) => fetch(control, { method: "PUT", body: JSON.stringify(body) });
  const api = client();
  await api.list("invoice");
  await put({ share: 1.0, kinds: ["block"], services: ["oblio"] });
  try {
    await assert.rejects(api.list("invoice"), { code: 403, message: /limita/ });
  } finally {
    await put({ share: 0.0, kinds: [] });
  }
});
