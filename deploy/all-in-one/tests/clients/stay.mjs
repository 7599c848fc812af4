// Clients that stay in a room whatever becomes of the server, each over one transport. They say in a line of JSON
// whatever happens to them. On standard input: demo.json.
import { json } from "node:stream/consumers";
import { joined, open } from "./sockets.mjs";

const { baseUrl, tokens, liveStreamId } = await json(process.stdin);
const say = (...line) => console.log(JSON.stringify(line));

for (const transport of ["websocket", "polling"]) {
  const auth = { token: tokens.viewer };
  const socket = open(baseUrl, { transports: [transport], auth, reconnectionDelayMax: 200 });
  socket.on("connect", async () => {
    await joined(socket, liveStreamId);
    say(transport, "joined");
  });
  socket.on("disconnect", (reason) => say(transport, reason));
  socket.onAny((event) => say(transport, event));
}
