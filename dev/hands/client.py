"""A web client as far as the server sees it: a session that logs in and calls methods over JSON-RPC."""

import http.client
import json
import time

# What Odoo tells a user in a sentence: the record is gone, the rule is broken, the role is missing.
SENTENCES = ("UserError", "AccessError", "MissingError", "ValidationError", "RedirectWarning")


class CallError(Exception):
    """The server's answer is an error."""

    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.is_sentence = name.rpartition(".")[2] in SENTENCES


class Client:
    """One logged-in user; :attr:`uid` is the id, :attr:`context` that of the user."""

    def __init__(self, port, database, login, password):
        self._port, self._cookie, self._connection = port, "", None
        params = {"db": database, "login": login, "password": password}
        answer = self.post("/web/session/authenticate", params)
        self.uid, self.context = answer["uid"], answer["user_context"]

    def post(self, path, params):
        """The result of a request.

        :raise CallError: the answer is an error, or no JSON
        """
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        status, text = self._send(path, body)
        if status != 200:
            raise CallError("HTTP", f"{status} {text[:200]}")
        answer = json.loads(text)
        if error := answer.get("error"):
            raise CallError(error["data"]["name"], error["data"]["message"])
        return answer.get("result")

    def _send(self, path, body):
        headers = {"Content-Type": "application/json", "Cookie": self._cookie}
        for attempt in range(2):
            if not self._connection:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=300)
            try:
                self._connection.request("POST", path, body, headers)
                response = self._connection.getresponse()
                text = response.read().decode()
                break
            except (http.client.RemoteDisconnected, ConnectionError):
                # A worker closes a connection that was quiet for a while; the client opens another one.
                self._connection = None
                if attempt:
                    raise
        for value in response.headers.get_all("Set-Cookie") or ():
            if value.startswith("session_id="):
                self._cookie = value.partition(";")[0]
        return response.status, text

    def call(self, model, method, *args, **kwargs):
        """Call a method of a model, as the web client does."""
        context = {**self.context, **kwargs.pop("context", {})}
        params = {"model": model, "method": method, "args": args, "kwargs": {**kwargs, "context": context}}
        return self.post(f"/web/dataset/call_kw/{model}/{method}", params)

    def timed(self, model, method, *args, **kwargs):
        """The same, with the seconds that it took before the result."""
        begun = time.monotonic()
        result = self.call(model, method, *args, **kwargs)
        return time.monotonic() - begun, result
