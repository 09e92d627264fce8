// A certified OpenID provider for the tests of signing in: `oidc-provider`, its own pages included.
import Provider from "oidc-provider";

const [port, back] = process.argv.slice(2);
const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    {
      client_id: "refuz",
      client_secret: "a-secret-of-the-tests",
      redirect_uris: [back],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  conformIdTokenClaims: false,
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@shop.example`,
      email_verified: id !== "unverified",
      groups: ["warehouse"],
    }),
  }),
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
