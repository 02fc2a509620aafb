// Handles requests as express-session with connect-redis does, with the same commands to Redis: GET, then SET with EX.
// Each line on the input is "NUMBER SESSION"; the request increments the session's `node`. The output has a line
// "NUMBER ok" for each, or "NUMBER error TEXT", which would be a status of 500.
"use strict";
const net = require("net");
const readline = require("readline");

const prefix = "sess:";
const socket = net.connect(Number(process.argv[2]), "127.0.0.1");
const waiting = [];
let received = Buffer.alloc(0);

function command(...parts) {
  const chunks = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = Buffer.from(String(part));
    chunks.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
  }
  socket.write(Buffer.concat(chunks));
  return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
}

function takeReply() {
  const end = received.indexOf("\r\n");
  if (end < 0) return false;
  const line = received.toString("utf8", 1, end);
  const kind = String.fromCharCode(received[0]);
  let next = end + 2;
  let value = line;
  if (kind === "$") {
    const length = Number(line);
    if (length < 0) {
      value = null;
    } else {
      if (received.length < next + length + 2) return false;
      value = received.toString("utf8", next, next + length);
      next += length + 2;
    }
  }
  received = received.subarray(next);
  const { resolve, reject } = waiting.shift();
  if (kind === "-") reject(new Error(value));
  else resolve(value);
  return true;
}

socket.on("data", (bytes) => {
  received = Buffer.concat([received, bytes]);
  while (received.length > 0 && takeReply());
});

async function request(id) {
  const text = await command("GET", prefix + id);
  if (!text) return;
  const session = JSON.parse(text);
  // It throws for a record without a cookie, as Express does.
  let expires = session.cookie.expires;
  if (typeof expires === "string") expires = new Date(expires);
  session.node = (session.node || 0) + 1;
  const age = session.cookie.originalMaxAge;
  if (age !== null && age !== undefined) {
    expires = new Date(Date.now() + age);
    session.cookie.expires = expires.toISOString();
  }
  const seconds = expires ? Math.ceil((expires - Date.now()) / 1000) : 86400;
  const answer = await command("SET", prefix + id, JSON.stringify(session), "EX", seconds);
  if (answer !== "OK") throw new Error(answer);
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const [number, id] = line.split(" ");
  request(id).then(
    () => process.stdout.write(`${number} ok\n`),
    (error) => process.stdout.write(`${number} error ${error.message}\n`),
  );
}).on("close", () => process.exit(0));
