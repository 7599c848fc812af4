// What the official EventSource of npm gets of the feed: each thing that it dispatches, as a line of JSON on standard
// output. On standard input: demo.json. It comes back by itself when the connection ends, as browsers do.
import { json } from "node:stream/consumers";
import { EventSource } from "eventsource";

const { baseUrl, tokens } = await json(process.stdin);
const authorization = `Bearer ${tokens.platformModerator}`;

/** The one way to send a token: an EventSource takes no headers, but its own fetch. */
const withToken = (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization } });
const feed = new EventSource(`${baseUrl}/api/v1/moderation/feed`, { fetch: withToken });

const tell = (line) => console.log(JSON.stringify(line));
feed.addEventListener("error", (event) => tell({ error: event.code ?? null, readyState: feed.readyState }));
for (const type of ["Position", "BanCreated", "BanRevoked", "ReportFiled", "ReportReviewed", "Unreadable"]) {
  feed.addEventListener(type, (event) => tell({ type, lastEventId: event.lastEventId, data: JSON.parse(event.data) }));
}

// While it waits before it comes back, nothing else keeps the program alive.
setInterval(() => {}, 60_000);
