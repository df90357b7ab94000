"""Puts the tokens of the test `every_rule_by_itself` before Microsoft's own library: it lets in what we let in, and nothing else.

    pip install botframework-connector==4.17.1 aiohttp
    CLAVIGER_TEAMS_VERDICTS=verdicts.json cargo test --test it teams::gate::every_rule_by_itself
    python tests/chat/teams_tokens.py verdicts.json
"""

import asyncio
import http.server
import json
import sys
import threading

from botframework.connector.auth import AuthenticationConfiguration, ChannelValidation, SimpleCredentialProvider


def serve(told):
    """The metadata and the keys, where the library looks for them."""

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            base = f"http://127.0.0.1:{self.server.server_port}"
            page = told["keys"]
            if self.path == "/openid":
                page = {
                    "issuer": told["issuer"],
                    "jwks_uri": base + "/keys",
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            body = json.dumps(page).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/openid"


async def lets_in(credentials, case):
    activity = case["activity"]
    try:
        await ChannelValidation.authenticate_channel_token_with_service_url(
            "Bearer " + case["token"],
            credentials,
            activity.get("serviceUrl"),
            activity.get("channelId"),
            AuthenticationConfiguration(),
        )
        return True
    except Exception:
        # The library says no in many ways, its own and its parsers'.
        return False


async def main():
    told = json.load(open(sys.argv[1], encoding="utf-8"))
    ChannelValidation.open_id_metadata_endpoint = serve(told)
    credentials = SimpleCredentialProvider(told["app"], "")
    apart = []
    for case in told["cases"]:
        theirs = await lets_in(credentials, case)
        print(f"{'in ' if theirs else 'out'}  {case['name']}")
        if theirs != case["ours"]:
            apart.append(case["name"])
    assert any(case["ours"] for case in told["cases"]) and not all(case["ours"] for case in told["cases"])
    if apart:
        raise SystemExit(f"Microsoft's library decides otherwise: {', '.join(apart)}")
    print(f"{len(told['cases'])} tokens, the same verdict on each")


asyncio.run(main())
