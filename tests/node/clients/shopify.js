// Shopify's own client, unchanged but for its address. Each test finds a fresh world.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createAdminApiClient } from "@shopify/admin-api-client";

const SHOP = "casa-verde.myshopify.com";

function client({ token = "shpat_sandbox", apiVersion = "2026-10", retries = 0 } = {}) {
  return createAdminApiClient({
    storeDomain: SHOP,
    apiVersion,
    accessToken: token,
    retries,
    customFetchApi: (url, init) => fetch(url.replace(`https://${SHOP}`, `${process.env.SANDBOX}/shopify`), init),
    logger: () => undefined,
  });
}

const control = (path, body) =>
  fetch(`${process.env.SANDBOX}/_sandbox/${path}`, { method: "PUT", body: JSON.stringify(body) });

async function ask(document, variables, options) {
  const answer = await client(options).request(document, { variables });
  assert.equal(answer.errors, undefined, JSON.stringify(answer.errors));
  return answer.data;
}

const gid = (number) => `gid://shopify/Order/${number}`;

const CANCEL = `mutation ($id: ID!, $note: String) {
  orderCancel(orderId: $id, reason: DECLINED, restock: true, staffNote: $note) {
    job { id done } orderCancelUserErrors { code field message } } }`;

test("reads the shop and its plan", async () => {
  const { shop } = await ask("{ shop { name currencyCode plan { publicDisplayName shopifyPlus } } }");
  assert.equal(shop.name, "Casa Verde");
  assert.equal(shop.plan.shopifyPlus, false);
});

test("reads every order page by page", async () => {
  const query = `query ($after: String) {
    orders(first: 5, after: $after, sortKey: CREATED_AT) { edges { cursor node { name } } pageInfo { hasNextPage } } }`;
  const names = [];
  for (let after = null; ; ) {
    const { orders } = await ask(query, { after });
    names.push(...orders.edges.map((one) => one.node.name));
    if (!orders.pageInfo.hasNextPage) break;
    after = orders.edges.at(-1).cursor;
  }
  assert.equal(new Set(names).size, 12);
  assert.equal(names.length, 12);
});

test("finds an order by its identifier, its id and its name", async () => {
  const query = `query ($id: ID!) {
    orderByIdentifier(identifier: {id: $id}) { name }
    order(id: $id) { name }
    node(id: $id) { id ... on Order { name } }
    orders(first: 5, query: "name:5003") { nodes { name } } }`;
  const answer = await ask(query, { id: gid(5003) });
  assert.equal(answer.orderByIdentifier.name, "#5003");
  assert.equal(answer.order.name, answer.node.name);
  assert.deepEqual(answer.orders.nodes, [{ name: "#5003" }]);
});

test("finds what was shipped", async () => {
  const { orders } = await ask(`{ orders(first: 50, query: "fulfillment_status:shipped") { nodes { id } } }`);
  assert.equal(orders.nodes.length, 12);
});

test("cancels once and is told the second time", async () => {
  const first = (await ask(CANCEL, { id: gid(5001) })).orderCancel;
  assert.deepEqual(first.orderCancelUserErrors, []);
  assert.match(first.job.id, /^gid:\/\/shopify\/Job\//);
  const again = (await ask(CANCEL, { id: gid(5001) })).orderCancel;
  assert.equal(again.job, null);
  assert.match(again.orderCancelUserErrors[0].message, /already/);
});

test("a job tells the order by its query", async () => {
  const { job } = (await ask(CANCEL, { id: gid(5002) })).orderCancel;
  const query = `query ($job: ID!, $id: ID!) {
    job(id: $job) { done query { order(id: $id) { cancelledAt
      refunds { refundLineItems(first: 5) { nodes { quantity restockType restocked } } } } } } }`;
  const answer = (await ask(query, { job: job.id, id: gid(5002) })).job;
  assert.equal(answer.done, true);
  assert.ok(answer.query.order.cancelledAt);
  const [line] = answer.query.order.refunds[0].refundLineItems.nodes;
  assert.deepEqual([line.restockType, line.restocked], ["CANCEL", true]);
});

test("is told of a note that is too long and of an unknown order", async () => {
  const long = (await ask(CANCEL, { id: gid(5004), note: "x".repeat(256) })).orderCancel;
  assert.match(long.orderCancelUserErrors[0].message, /255/);
  const none = (await ask(CANCEL, { id: gid(1) })).orderCancel;
  assert.equal(none.orderCancelUserErrors[0].code, "NOT_FOUND");
});

test("adds tags and removes them", async () => {
  const change = (name) => `mutation ($id: ID!, $tags: [String!]!) {
    ${name}(id: $id, tags: $tags) { node { id } userErrors { message } } }`;
  const tags = async () => (await ask("query ($id: ID!) { order(id: $id) { tags } }", { id: gid(5005) })).order.tags;
  await ask(change("tagsAdd"), { id: gid(5005), tags: ["refused", "seen"] });
  assert.deepEqual(await tags(), ["refused", "seen"]);
  await ask(change("tagsRemove"), { id: gid(5005), tags: ["refused"] });
  assert.deepEqual(await tags(), ["seen"]);
});

test("cancels a fulfillment twice", async () => {
  const document = `mutation ($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }`;
  const id = "gid://shopify/Fulfillment/5006";
  for (const _ of [1, 2]) {
    assert.equal((await ask(document, { id })).fulfillmentCancel.fulfillment.status, "CANCELLED");
  }
});

test("subscribes by the old name of the address and is told of a repeat", async () => {
  const document = `mutation ($address: URL!) {
    webhookSubscriptionCreate(topic: ORDERS_CANCELLED, webhookSubscription: {callbackUrl: $address, format: JSON}) {
      webhookSubscription { id uri } userErrors { message } } }`;
  const address = "https://refuz.example/hook";
  const first = (await ask(document, { address })).webhookSubscriptionCreate;
  assert.equal(first.webhookSubscription.uri, address);
  const again = (await ask(document, { address })).webhookSubscriptionCreate;
  assert.match(again.userErrors[0].message, /already been taken/);
});

test("runs a bulk query and fetches its lines", async () => {
  const query = "{ orders { edges { node { id name } } } }";
  const start = `mutation ($query: String!) {
    bulkOperationRunQuery(query: $query) { bulkOperation { id status } userErrors { message } } }`;
  const begun = (await ask(start, { query })).bulkOperationRunQuery;
  assert.deepEqual(begun.userErrors, []);
  const { currentBulkOperation: done } = await ask("{ currentBulkOperation { id status url } }");
  assert.equal(done.status, "COMPLETED");
  const lines = (await (await fetch(done.url)).text()).trim().split("\n").map(JSON.parse);
  assert.equal(lines.filter((one) => one.name).length, 12);
});

test("is told of a wrong token", async () => {
  const answer = await client({ token: "shpat_wrong" }).request("{ shop { name } }");
  assert.equal(answer.errors.networkStatusCode, 401);
});

test("is told of an unknown field and of a missing variable", async () => {
  const field = await client().request("{ shop { nonsense } }");
  assert.match(field.errors.graphQLErrors[0].message, /nonsense/);
  const none = await client().request("query ($id: ID!) { order(id: $id) { id } }");
  assert.match(none.errors.graphQLErrors[0].message, /\$id/);
});

test("has data and errors beside each other without customer data", async () => {
  await control("settings", { protected_data: false });
  try {
    const answer = await client().request("query ($id: ID!) { order(id: $id) { name email } }", {
      variables: { id: gid(5007) },
    });
    assert.deepEqual(answer.data.order, { name: "#5007", email: null });
    assert.match(answer.errors.graphQLErrors[0].message, /not approved/);
  } finally {
    await control("settings", { protected_data: true });
  }
});

test("is told of a missing scope", async () => {
  const scopes = (await (await fetch(`${process.env.SANDBOX}/_sandbox/settings`)).json()).scopes;
  await control("settings", { scopes: ["read_orders"] });
  try {
    const answer = await client().request(CANCEL, { variables: { id: gid(5008) } });
    assert.equal(answer.errors.graphQLErrors[0].extensions.code, "ACCESS_DENIED");
  } finally {
    await control("settings", { scopes });
  }
});

test("is told of its cost and of being throttled", async () => {
  const answer = await client().request("{ orders(first: 10) { nodes { id } } }");
  assert.equal(answer.extensions.cost.requestedQueryCost, 6);
  await control("faults", { share: 1.0, kinds: ["too_many_requests"], services: ["shopify"] });
  try {
    const throttled = await client().request("{ shop { name } }");
    assert.equal(throttled.errors.graphQLErrors[0].extensions.code, "THROTTLED");
  } finally {
    await control("faults", { share: 0.0, kinds: [] });
  }
});

test("an older version of the API knows no jobResult", async () => {
  const document = `mutation ($id: ID!) {
    orderCancel(orderId: $id, reason: OTHER, restock: false) { jobResult { id } } }`;
  const old = await client({ apiVersion: "2026-07" }).request(document, { variables: { id: gid(5009) } });
  assert.match(old.errors.graphQLErrors[0].message, /jobResult/);
  assert.ok((await ask(document, { id: gid(5009) })).orderCancel.jobResult.id);
});
