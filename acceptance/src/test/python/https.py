#!/usr/bin/python3
"""Serves HTTPS and asks for it with asyncio, which carries OpenSSL's bytes to the sockets itself.

    https.py serve ADDRESS CERTIFICATE KEY LOG    logs "METHOD PATH STATUS" of each request
    https.py get CERTIFICATE TIMES URL...         asks for each URL so many times, over two kept-alive connections at a time
"""
import asyncio
import ssl
import sys
from urllib.parse import urlsplit

STATUS = {"/missing": "404 Not Found", "/broken": "500 Internal Server Error"}


async def message(reader):
    """The first line of a message and its body; None at the end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    length = next((int(line.split(":")[1]) for line in head if line.lower().startswith("content-length:")), 0)
    return head[0], await reader.readexactly(length)


async def serve(address, certificate, key, log):
    async def connected(reader, writer):
        try:
            while True:
                line, _ = await message(reader)
                method, path, _ = line.split(" ")
                status = STATUS.get(path, "200 OK")
                body = b"0123456789" * 30_000 if path == "/large" else b"hello\n"
                judge.write(f"{method} {path} {status[:3]}\n")
                judge.flush()
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    judge = open(log, "a", encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    host, port = address.rsplit(":", 1)
    server = await asyncio.start_server(connected, host, int(port), ssl=context)
    await server.serve_forever()


async def get(certificate, times, urls):
    context = ssl.create_default_context(cafile=certificate)

    async def ask(some):
        url = urlsplit(some[0])
        reader, writer = await asyncio.open_connection(url.hostname, url.port, ssl=context)
        for one in some:
            writer.write(f"GET {urlsplit(one).path} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n".encode())
            await message(reader)
        writer.close()
        await writer.wait_closed()

    asked = urls * int(times)
    await asyncio.gather(ask(asked[::2]), ask(asked[1::2]))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(*sys.argv[2:6]))
    else:
        asyncio.run(get(sys.argv[2], sys.argv[3], sys.argv[4:]))
