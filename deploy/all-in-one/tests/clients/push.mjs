// What the official client of Socket.IO gets from a running Docket. On standard input: demo.json, with `otherStreamId`,
// another live stream of its creator's, `expiredToken`, and `expiringToken`, which is good for a few seconds more.
import assert from "node:assert/strict";
import { json } from "node:stream/consumers";
import { connectTo, eventsOf, joined, refusalOf } from "./sockets.mjs";

const world = await json(process.stdin);
const { baseUrl, tokens, liveStreamId, otherStreamId, viewerId } = world;
const BANS = "/api/v1/live-stream-ban";
const CHAT_BANS = "/youtube/v3/liveChat/bans";
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function ask(method, path, body) {
  const headers = { authorization: `Bearer ${tokens.creator}`, "content-type": "application/json" };
  const response = await fetch(baseUrl + path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? undefined : response.json();
}

const ban = async (body) => (await ask("POST", BANS, { targetUserId: viewerId, liveStreamId, ...body })).data;
const unban = async ({ _id }) => (await ask("DELETE", `${BANS}/${_id}`)).data;

function chatBan() {
  const bannedUserDetails = { channelId: world.viewerChannelId };
  const snippet = { liveChatId: world.liveChatId, type: "temporary", banDurationSeconds: "300", bannedUserDetails };
  return ask("POST", `${CHAT_BANS}?part=id,snippet`, { snippet });
}

/** What is told of this ban, an answer of the Allmine API. */
const banned = (ban) => [
  "userBanned",
  {
    targetUserId: viewerId,
    targetUser: { _id: viewerId, username: ban.targetUser.username },
    actionType: ban.actionType,
    reason: ban.reason,
    timestamp: ban.createdAt,
  },
];
const revoked = (ban) => ["userBanRevoked", { targetUserId: viewerId, timestamp: ban.deletedAt }];

async function tokensAreChecked(options) {
  const required = "Authentication required";
  const missing = `${required}: a token is required: as auth.token, or as a bearer token in the header Authorization`;
  assert.equal(await refusalOf(baseUrl, options), missing);
  assert.equal(await refusalOf(baseUrl, { ...options, query: { token: tokens.viewer } }), missing);
  const bad = { ...options, auth: { token: `${tokens.viewer}x` } };
  assert.equal(await refusalOf(baseUrl, bad), `${required}: the token is not valid`);
  const expired = { ...options, auth: { token: world.expiredToken, language: "tr" } };
  assert.equal(await refusalOf(baseUrl, expired), "Kimlik doğrulaması gerekli: belirtecin süresi dolmuş");

  const bearing = { ...options, extraHeaders: { authorization: `Bearer ${tokens.viewer}` } };
  (await connectTo(baseUrl, bearing)).disconnect();
}

async function roomsAreJoined(socket) {
  const good = await socket.emitWithAck("joinStream", { streamId: liveStreamId });
  assert.match(good.timestamp, TIME);
  const expected = { isSuccess: true, statusCode: 200, data: { streamId: liveStreamId }, errors: [] };
  assert.deepEqual(good, { ...expected, timestamp: good.timestamp });
  const bad = await socket.emitWithAck("joinStream", { streamId: "nowhere" });
  const errors = ["Resource not found", "there is no such live stream"];
  assert.deepEqual(bad, { isSuccess: false, statusCode: 404, data: null, errors, timestamp: bad.timestamp });
}

async function bansArePushed(events) {
  const first = await ban({ reason: "spam & <b>more</b> 🎈" });
  assert.deepEqual(await events.next(), banned(first));
  const freed = await unban(first);
  assert.deepEqual(await events.next(), revoked(freed));

  // It runs out by itself. Somebody who asks for it then is told when.
  const short = await ban({ actionType: "CHAT_ONLY", durationSeconds: 1 });
  assert.deepEqual(await events.next(), banned(short));
  const [name, told] = await events.next();
  assert.deepEqual([name, told.targetUserId], ["userBanRevoked", viewerId]);
  assert.ok(told.timestamp >= short.expiresAt, `${told.timestamp} < ${short.expiresAt}`);

  // The second takes the place of the first, whose end nobody is told of.
  await chatBan();
  const { id } = await chatBan();
  for (const _ of [1, 2]) {
    const [name, told] = await events.next();
    assert.match(told.timestamp, TIME);
    assert.deepEqual([name, told], banned({ ...short, createdAt: told.timestamp }));
  }
  await ask("DELETE", `${CHAT_BANS}?id=${id}`);
  assert.equal((await events.next())[0], "userBanRevoked");
}

async function scenario(options) {
  await tokensAreChecked(options);
  const socket = await connectTo(baseUrl, { ...options, auth: { token: tokens.viewer } });
  const other = await connectTo(baseUrl, { ...options, auth: { token: tokens.streamModerator } });
  const [events, others] = [eventsOf(socket), eventsOf(other)];
  await roomsAreJoined(socket);
  await joined(other, otherStreamId);
  await bansArePushed(events);

  // Who has left the room hears of the other one next, as does whoever was there alone.
  assert.equal((await socket.emitWithAck("leaveStream", { streamId: liveStreamId })).isSuccess, true);
  await joined(socket, otherStreamId);
  await unban(await ban({}));
  const elsewhere = await ban({ liveStreamId: otherStreamId });
  assert.deepEqual(await events.next(), banned(elsewhere));
  assert.deepEqual(await others.next(), banned(elsewhere));
  await unban(elsewhere);
  for (const one of [socket, other]) one.disconnect();
}

async function expiryDisconnects() {
  const socket = await connectTo(baseUrl, { auth: { token: world.expiringToken } });
  const reason = await new Promise((resolve) => socket.once("disconnect", resolve));
  assert.equal(reason, "io server disconnect");
}

const expired = expiryDisconnects();
await scenario({ transports: ["websocket"] });
await scenario({ transports: ["polling"] });
// Polling first and a WebSocket when there is one, as the client does unless it is told otherwise.
await scenario({});
await expired;
process.exit(0);
