#!/usr/bin/env python3
"""A second mail server, aiosmtpd, that shares no code with Sluss.

It speaks STARTTLS and takes nothing without; it prints its port, and writes
each letter it takes as a file. Recipients called nobody are refused.
    mail.py FOLDER CERTIFICATE KEY
"""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP

folder, cert, key = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)


class Keep:
    n = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if session.ssl is None:
            return "530 5.7.0 STARTTLS first"
        Keep.n += 1
        pathlib.Path(folder, f"{Keep.n}.eml").write_bytes(envelope.content)
        return "250 taken"


async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Keep(), tls_context=context, require_starttls=True, hostname="localhost"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
