// Sockets of the official client, as promises.
import assert from "node:assert/strict";
import { io } from "socket.io-client";

const open = (baseUrl, options) => io(`${baseUrl}/live-stream`, { forceNew: true, ...options });

/** A socket that is connected. */
export async function connectTo(baseUrl, options) {
  const socket = open(baseUrl, options);
  await new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  return socket;
}

/** The text with which a connection is refused. */
export async function refusalOf(baseUrl, options) {
  const socket = open(baseUrl, { ...options, reconnection: false });
  const refusal = await new Promise((resolve, reject) => {
    socket.once("connect", () => reject(new Error("it was let in")));
    socket.once("connect_error", (error) => resolve(error.message));
  });
  socket.disconnect();
  return refusal;
}

/** Enters the room of this live stream. */
export async function joined(socket, streamId) {
  const answer = await socket.emitWithAck("joinStream", { streamId });
  assert.equal(answer.isSuccess, true, JSON.stringify(answer));
}

/** What the server emits from now on, one after the other. */
export function eventsOf(socket) {
  const [came, waiting] = [[], []];
  socket.onAny((...event) => (waiting.length ? waiting.shift()(event) : came.push(event)));
  return { next: () => (came.length ? Promise.resolve(came.shift()) : new Promise((go) => waiting.push(go))) };
}

export { open };
