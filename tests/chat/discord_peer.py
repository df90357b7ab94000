"""A Discord nobody here wrote, behind real ports: simcord's rules and memory, served as REST and as a gateway on loopback.

    pip install simcord==3.2.1
    python tests/chat/discord_peer.py PORT

`/api/v10/…` is Discord's REST API; `/gateway` its gateway, which numbers what happens, resumes from any number, and tells an application
no more than its intents allow. `/people/…` is what people do: each answers when the application has, or after Discord's three seconds.
simcord's internals are called, so its version is pinned.
"""

import asyncio
import json
import sys
import time

from aiohttp import WSMsgType, web
from simcord import interactions
from simcord.backend import serializers
from simcord.backend.errors import BackendError
from simcord.backend.state import Backend
from simcord.http import router
from simcord.http import routes as _routes  # noqa: F401  (registers them)

# What Discord gives an application to answer a click, in seconds.
DEADLINE = 3.0
# The first answer to a click, by its type.
KINDS = {4: "message", 5: "deferred", 6: "deferred_update", 7: "update", 8: "proposals", 9: "modal"}
DIRECT_MESSAGES, GUILD_MESSAGES = 1 << 12, 1 << 9


def as_json(value):
    return json.dumps(value, default=str)


class Session:
    """What an application was told, by number, and where it is connected now."""

    def __init__(self, number, intents):
        self.id, self.intents, self.told, self.socket = f"session-{number}", intents, [], None

    def may_hear(self, event, data):
        if event == "INTERACTION_CREATE":
            return True
        if not event.startswith("MESSAGE_"):
            return False
        return bool(self.intents & (GUILD_MESSAGES if data.get("guild_id") else DIRECT_MESSAGES))

    def tell(self, event, data):
        self.told.append({"op": 0, "t": event, "s": len(self.told) + 1, "d": data})
        if self.socket is not None:
            asyncio.ensure_future(self.say(self.told[-1]))

    async def say(self, frame):
        try:
            await self.socket.send_str(as_json(frame))
        except (ConnectionError, RuntimeError):
            pass


class Peer:
    def __init__(self, port):
        self.port = port
        self.begin()

    def begin(self):
        self.world = Backend()
        self.sessions = {}
        self.people = {}
        self.clicks = []
        self.first = {}
        self.guild = self.world.create_guild("Acme")
        self.world.add_member(self.guild.id, self.world.bot_user.id)
        self.channel = self.world.create_channel(self.guild.id, "approvals")
        self.world.subscribers.append(self.happened)

    # ------------------------------------------------------------------ gateway

    def happened(self, event, data):
        data = json.loads(as_json(data))
        if event == "MESSAGE_CREATE" and data.get("guild_id"):
            me = str(self.world.bot_user.id)
            if me not in [m["id"] for m in data["mentions"]] and data["author"]["id"] != me:
                # Without the privileged intent, words on servers stay there unless we are called.
                data.update(content="", embeds=[], components=[], attachments=[])
        for session in self.sessions.values():
            if session.may_hear(event, data):
                session.tell(event, data)

    async def gateway(self, request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(as_json({"op": 10, "s": None, "t": None, "d": {"heartbeat_interval": 5_000}}))
        session = None
        async for message in socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                break
            frame = json.loads(message.data)
            if frame["op"] == 1:
                await socket.send_str(as_json({"op": 11, "s": None, "t": None, "d": None}))
            elif frame["op"] == 2:
                session = Session(len(self.sessions), frame["d"]["intents"])
                session.socket = socket
                self.sessions[session.id] = session
                session.tell("READY", self.ready(session))
            elif frame["op"] == 6:
                session = self.sessions.get(frame["d"]["session_id"])
                if session is None:
                    await socket.send_str(as_json({"op": 9, "d": False}))
                    continue
                session.socket = socket
                for missed in session.told[frame["d"]["seq"] :]:
                    await session.say(missed)
                session.tell("RESUMED", {})
        if session is not None and session.socket is socket:
            session.socket = None
        return socket

    def ready(self, session):
        return {
            "v": 10,
            "user": serializers.user_payload(self.world.bot_user),
            "guilds": [{"id": str(self.guild.id), "unavailable": True}],
            "session_id": session.id,
            "resume_gateway_url": f"ws://127.0.0.1:{self.port}/gateway",
            "application": {"id": str(self.world.application_id), "flags": 0},
        }

    # --------------------------------------------------------------------- REST

    async def rest(self, request):
        path = request.match_info["path"]
        if path == "gateway/bot":
            limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
            url = f"ws://127.0.0.1:{self.port}/gateway"
            return web.json_response({"url": url, "shards": 1, "session_start_limit": limit})
        if path == "applications/@me":
            return web.json_response({"id": str(self.world.application_id), "interactions_endpoint_url": None})
        body = await request.json() if request.can_read_body else None
        try:
            found = router.dispatch(self.world, request.method, "/" + path, json=body, params=dict(request.query))
        except (router.RouteNotImplemented, router.UnsupportedField) as gap:
            return web.json_response({"message": str(gap), "code": 0}, status=501)
        except BackendError as error:
            return web.json_response(error.to_json(), status=error.status)
        if path.endswith("/callback"):
            # What was answered first; the record tells what became of it.
            self.first[path.split("/")[1]] = KINDS.get(body["type"])
        if found is None or path.endswith("/callback"):
            return web.Response(status=204)
        return web.json_response(found, dumps=as_json)

    # ------------------------------------------------------------------- people

    async def anew(self, _):
        """Forgets everything."""
        await self.cut(None)
        self.begin()
        return web.json_response({})

    async def somebody(self, request):
        """Makes an account; tells what has to be known to set an application up."""
        asked = await request.json()
        name = asked["name"]
        if name not in self.people:
            self.people[name] = self.world.make_user(name)
            if asked.get("member", True):
                self.world.add_member(self.guild.id, self.people[name].id)
        told = {"id": self.people[name].id, "guild": self.guild.id, "channel": self.channel.id}
        told.update(application=self.world.application_id, bot=self.world.bot_user.id)
        return web.json_response({key: str(value) for key, value in told.items()})

    def place(self, asked):
        who = self.people[asked["who"]]
        alone = not asked.get("public", False)
        return who, (self.world.get_dm_channel(who.id) if alone else self.channel), (None if alone else self.guild.id)

    async def say(self, request):
        asked = await request.json()
        who, channel, _ = self.place(asked)
        said = self.world.create_message(channel.id, who.id, asked["words"])
        return web.json_response({"id": str(said.id)})

    async def command(self, request):
        asked = await request.json()
        data = {"id": "1", "type": 1, "name": "access", "options": []}
        if asked.get("words"):
            data["options"].append({"type": 3, "name": "words", "value": asked["words"]})
        return await self.interact(asked, 2, data)

    async def press(self, request):
        asked = await request.json()
        data = {"component_type": 3 if "value" in asked else 2, "custom_id": asked["custom_id"]}
        if "value" in asked:
            data["values"] = [asked["value"]]
        return await self.interact(asked, 3, data, asked["message"])

    async def fill(self, request):
        """Sends a form back, each field in what it stood in."""
        asked = await request.json()
        parts = []
        for part in asked["modal"]["components"]:
            field = part.get("component") or part["components"][0]
            value = asked["fields"].get(field["custom_id"], "")
            filled = {"type": field["type"], "id": 1, "custom_id": field["custom_id"]}
            filled.update({"values": [value]} if field["type"] == 3 else {"value": value})
            if part["type"] == 18:
                parts.append({"type": 18, "id": 1, "component": filled})
            else:
                parts.append({"type": 1, "id": 1, "components": [filled]})
        data = {"custom_id": asked["modal"]["custom_id"], "components": parts}
        return await self.interact(asked, 5, data, asked["message"])

    async def interact(self, asked, kind, data, message=None):
        who, channel, guild = self.place(asked)
        record, payload = interactions.base_payload(
            self.world, type=kind, channel_id=channel.id, guild_id=guild, user_id=who.id, data=data
        )
        if message is not None:
            known = self.world.get_message(channel.id, int(message))
            payload["message"] = serializers.message_payload(self.world, known)
            record.source_message_id = known.id
        self.clicks.append(record)
        began = time.monotonic()
        self.world.emit("INTERACTION_CREATE", payload)
        while str(record.id) not in self.first and time.monotonic() - began < DEADLINE:
            await asyncio.sleep(0.005)
        kind = self.first.get(str(record.id))
        told = {"answered": kind is not None, "kind": kind, "modal": record.modal}
        return web.json_response(told, dumps=as_json)

    async def reads(self, request):
        """What somebody sees now, oldest first: their own conversation, and the channel with what only they see there."""
        who, alone, _ = self.place({"who": request.query["who"]})
        seen = list(self.world.messages.get(alone.id, {}).values())
        if request.query.get("public"):
            seen = list(self.world.messages.get(self.channel.id, {}).values())
        mine = set()
        for record in self.clicks:
            if record.user_id == who.id:
                mine.update([record.message_id, *record.followup_ids])
        seen = [m for m in seen if not m.is_ephemeral or m.id in mine]
        found = [serializers.message_payload(self.world, m) for m in seen]
        return web.json_response(found, dumps=as_json)

    async def cut(self, _):
        """Cuts every connection without a goodbye."""
        for session in self.sessions.values():
            if session.socket is not None:
                session.socket._req.transport.abort()
                session.socket = None
        return web.json_response({})


def main():
    port = int(sys.argv[1])
    peer = Peer(port)
    app = web.Application()
    app.router.add_get("/gateway", peer.gateway)
    app.router.add_get("/gateway/", peer.gateway)
    app.router.add_route("*", "/api/v10/{path:.*}", peer.rest)
    for name in ("anew", "somebody", "say", "command", "press", "fill", "cut"):
        app.router.add_post(f"/people/{name}", getattr(peer, name))
    app.router.add_get("/people/reads", peer.reads)
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main()
