"""A mail server for tests: STARTTLS, login, and the moods that real ones have.

Usage: server.py PORT CHAIN KEY USER PASSWORD. Its mood is read from the file `mood` at every
message: ok, refuse, busy, slow. What it takes is written to `mail/`, one JSON file for each.
"""

import asyncio
import json
import pathlib
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

PORT, CHAIN, KEY, USER, PASSWORD = sys.argv[1:6]
MAIL = pathlib.Path("mail")


def mood():
    try:
        return pathlib.Path("mood").read_text().strip()
    except FileNotFoundError:
        return "ok"


class Box:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if mood() == "refuse":
            return f"550 5.1.1 <{address}>: no such user here"
        if mood() == "busy":
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if mood() == "slow":
            await asyncio.sleep(600)
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        number = len(list(MAIL.glob("*.json")))
        text = envelope.content.decode("utf-8", "replace")
        told = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "login": session.authenticated,
            "text": text,
        }
        whole = MAIL / f"{number:04}.part"
        whole.write_text(json.dumps(told))
        whole.rename(MAIL / f"{number:04}.json")
        return "250 taken"


def login(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and (
        data.login.decode(),
        data.password.decode(),
    ) == (USER, PASSWORD)
    return AuthResult(success=right, handled=right)


def main():
    MAIL.mkdir(exist_ok=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CHAIN, KEY)
    Controller(
        Box(),
        hostname="127.0.0.1",
        port=int(PORT),
        require_starttls=True,
        tls_context=context,
        authenticator=login,
        auth_required=True,
    ).start()
    pathlib.Path("ready").write_text("ready")
    asyncio.new_event_loop().run_forever()


main()
