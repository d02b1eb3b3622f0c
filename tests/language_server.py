"""A client of yaml-language-server, as an editor is one: opens a file, and asks what is wrong and what may follow."""

from __future__ import annotations

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

SERVER = Path(__file__).parent / "editor/node_modules/yaml-language-server/bin/yaml-language-server"
# nothing is fetched: the only schema is the one that the file itself names
SETTINGS = {"yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False, "url": ""}}}
PATIENCE = 120  # seconds, after which a server that hangs is ended


class LanguageServer:
    """A running server; messages as in the Language Server Protocol."""

    def __init__(self, node: str, folder: Path) -> None:
        self._folder = folder
        command = [node, str(SERVER), "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self._timer = threading.Timer(PATIENCE, self._process.kill)
        self._timer.start()
        self._number = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        formats = ["markdown", "plaintext"]
        capabilities = {
            "textDocument": {
                "completion": {"completionItem": {"documentationFormat": formats, "snippetSupport": True}},
                "hover": {"contentFormat": formats},
                "publishDiagnostics": {},
            },
            "workspace": {"configuration": True, "didChangeConfiguration": {}},
        }
        self.ask("initialize", {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": SETTINGS})

    def close(self) -> None:
        """Ends the server."""
        self._timer.cancel()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """What the server finds wrong in a file, whose text is the editor's own."""
        uri = self._uri(name)
        self._tell(
            "textDocument/didOpen",
            {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}},
        )
        while uri not in self._diagnostics:
            self._read()
        return self._diagnostics.pop(uri)

    def completions(self, name: str, line: int, column: int) -> dict[str, str]:
        """The words that may be written there, each with its help."""
        found = self.ask("textDocument/completion", self._at(name, line, column))
        items = found["items"] if isinstance(found, dict) else found
        return {item["label"]: _plain(item.get("documentation", "")) for item in items}

    def hover(self, name: str, line: int, column: int) -> str:
        """The help on what stands there."""
        found = self.ask("textDocument/hover", self._at(name, line, column))
        return _plain(found["contents"]) if found else ""

    def ask(self, method: str, parameters: dict[str, Any]) -> Any:
        """The answer to a request."""
        self._number += 1
        number = self._number
        self._send({"id": number, "method": method, "params": parameters})
        while True:
            message = self._read()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def _at(self, name: str, line: int, column: int) -> dict[str, Any]:
        """Lines and columns count from 0 here, as the protocol has it."""
        return {"textDocument": {"uri": self._uri(name)}, "position": {"line": line, "character": column}}

    def _uri(self, name: str) -> str:
        return (self._folder / name).as_uri()

    def _tell(self, method: str, parameters: dict[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        """The next message; the server's own questions are answered."""
        assert self._process.stdout
        length = 0
        while (header := self._process.stdout.readline()) not in (b"\r\n", b""):
            if header.lower().startswith(b"content-length:"):
                length = int(header.partition(b":")[2])
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            sections = [item.get("section", "") for item in message["params"]["items"]]
            self._send({"id": message["id"], "result": [SETTINGS.get(section) for section in sections]})
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": None})
        return message


def _plain(contents: Any) -> str:
    if isinstance(contents, dict):
        return str(contents.get("value", ""))
    return str(contents)
