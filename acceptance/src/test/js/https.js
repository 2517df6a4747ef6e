#!/usr/bin/env node
// Serves HTTPS and asks for it with Node.js, which carries OpenSSL's bytes to the sockets itself.
//
//   https.js serve ADDRESS CERTIFICATE KEY LOG    logs "METHOD PATH STATUS" of each request
//   https.js get CERTIFICATE TIMES URL...         asks for each URL so many times, over up to two kept-alive connections
"use strict";
const fs = require("fs");
const https = require("https");

const STATUS = { "/missing": 404, "/broken": 500 };

function serve(address, certificate, key, log) {
  const judge = fs.openSync(log, "a");
  const server = https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, (request, response) => {
    const status = STATUS[request.url] || 200;
    fs.writeSync(judge, `${request.method} ${request.url} ${status}\n`);
    const body = request.url === "/large" ? "0123456789".repeat(30000) : "hello\n";
    response.writeHead(status, { "Content-Length": body.length });
    response.end(body);
  });
  const [host, port] = address.split(":");
  server.listen(Number(port), host);
}

async function get(certificate, times, urls) {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 2, ca: fs.readFileSync(certificate) });
  const ask = (url) =>
    new Promise((done, failed) => {
      https.get(url, { agent }, (response) => response.resume().on("end", done)).on("error", failed);
    });
  for (let i = 0; i < Number(times); i++) {
    await Promise.all(urls.map(ask));
  }
  agent.destroy();
}

const [, , command, ...words] = process.argv;
if (command === "serve") {
  serve(...words);
} else {
  get(words[0], words[1], words.slice(2));
}
