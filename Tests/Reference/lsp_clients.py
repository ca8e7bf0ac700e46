"""Talks to `moonlight lsp` as real editors do: with pygls's client, which reads every answer into lsprotocol's types and
announces what Visual Studio Code, Neovim and Emacs announce (as pytest-lsp knows it), and with Neovim itself. By hand:

    python3 -m venv /tmp/lsp && /tmp/lsp/bin/pip install pytest-lsp
    /tmp/lsp/bin/python lsp_clients.py --moonlight ../../.build/debug/moonlight [--record] [--seed 1] [only...]

With `--record` what was said is written to `Fixtures/lsp`, which the tests in Swift say again. Prints a line a conversation,
and ends with status 1 where an answer is not the one that an editor needs.
"""

import argparse
import asyncio
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import traceback

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient
from pytest_lsp import client_capabilities

HERE = pathlib.Path(__file__).resolve().parent
FIXTURES = HERE.parent / "Fixtures" / "lsp"

NATIVE = """extends: base.yaml
rng:
  seed: 0
validation:
  eval_interval: 600000  # 𝄞 é
parallelism:
  tensor_model_parallel_size: 4
  sequence_paralel: true
train:
  global_batch_size: 64
"""
BASE = """extends: moonlight_16b_pretrain_config
software:
  megatron_bridge: 0.6.2
rng:
  seed: 5
"""
CONTAINER = """_target_: megatron.bridge.training.config.ConfigContainer
ddp:
  _target_: megatron.bridge.training.config.DistributedDataParallelConfig
  overlap_grad_reduce: true
  overlap_param_gather: true
rng:
  _target_: megatron.bridge.training.config.RNGConfig
  seed: 0
"""


class Editor:
    """A client with a server of its own, in a folder of its own."""

    def __init__(self, arguments, name, files, announces=None, record=True):
        self.arguments, self.name, self.files, self.announces = arguments, name, files, announces
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="moonlight-lsp-"))
        self.log = self.folder / "log"
        self.record = record
        self.published = asyncio.Queue()
        self.refreshed = 0
        self.registered = []
        self.versions = {}
        for path, text in files.items():
            (self.folder / path).write_text(text)

    def uri(self, name):
        return (self.folder / name).as_uri()

    async def __aenter__(self):
        client = self.client = LanguageClient("lsp_clients", "1")

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params):
            self.published.put_nowait(params)

        @client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)
        def refreshed(*_):
            self.refreshed += 1

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def registered(params):
            self.registered += params.registrations

        await client.start_io(sys.executable, str(HERE / "lsp_tee.py"), str(self.log), self.arguments.moonlight, "lsp")
        return self

    async def initialize(self):
        capabilities = client_capabilities(self.announces) if self.announces else types.ClientCapabilities()
        self.server = await self.client.initialize_async(
            types.InitializeParams(capabilities=capabilities, root_uri=self.folder.as_uri())
        )
        self.client.initialized(types.InitializedParams())
        return self.server.capabilities

    async def __aexit__(self, kind, *_):
        process = self.client._server
        if process.returncode is None:
            try:
                process.terminate()
            except ProcessLookupError:
                pass
        try:
            await self.client.stop()
        except Exception:
            pass
        if kind is None and self.record and self.arguments.record:
            write_fixture(self.name, self.folder, self.files)
        shutil.rmtree(self.folder)

    # What an editor does.

    def open(self, name, text, language):
        self.versions[name] = 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(types.TextDocumentItem(self.uri(name), language, 1, text))
        )

    def change(self, name, *changes):
        """Each change is (start line, start column, end line, end column, text), or a whole text."""
        self.versions[name] += 1
        events = []
        for change in changes:
            if isinstance(change, str):
                events.append(types.TextDocumentContentChangeWholeDocument(text=change))
            else:
                events.append(types.TextDocumentContentChangePartial(range=region(*change[:4]), text=change[4]))
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name)), events
            )
        )

    async def findings(self, name):
        """What is published next, which must be about this document."""
        params = await asyncio.wait_for(self.published.get(), 20)
        assert params.uri == self.uri(name), (params.uri, name)
        assert params.version == self.versions.get(name), (params.version, self.versions.get(name))
        return params.diagnostics

    async def latest_findings(self, name):
        """What is found in the text as it is now; a slow client is told of texts between, too."""
        while (params := await asyncio.wait_for(self.published.get(), 20)).version != self.versions[name]:
            pass
        return params.diagnostics

    def about(self, name):
        return types.TextDocumentIdentifier(self.uri(name))

    async def hover(self, name, line, column):
        answer = await self.client.text_document_hover_async(
            types.HoverParams(self.about(name), types.Position(line, column))
        )
        return answer and answer.contents.value

    async def completions(self, name, line, column):
        items = await self.client.text_document_completion_async(
            types.CompletionParams(self.about(name), types.Position(line, column))
        )
        labels = [item.label for item in items]
        assert len(set(labels)) == len(labels), labels
        for item in items:
            place = item.text_edit.range
            assert place.start.line == place.end.line == line
            assert place.start.character <= column <= place.end.character
        return labels

    async def actions(self, name, start, end, diagnostics=(), only=None):
        return await self.client.text_document_code_action_async(
            types.CodeActionParams(
                self.about(name), region(*start, *end), types.CodeActionContext(list(diagnostics), only)
            )
        )

    async def definitions(self, name, line, column):
        places = await self.client.text_document_definition_async(
            types.DefinitionParams(self.about(name), types.Position(line, column))
        )
        return [(pathlib.Path(place.uri).name, place.range.start.line) for place in places or []]

    async def symbols(self, name):
        answer = await self.client.text_document_document_symbol_async(types.DocumentSymbolParams(self.about(name)))
        return answer

    async def hints(self, name, lines):
        answer = await self.client.text_document_inlay_hint_async(
            types.InlayHintParams(self.about(name), region(0, 0, lines, 0))
        )
        return [hint.label for hint in answer]

    async def refused(self, code, method, params=None):
        try:
            answer = await self.client.protocol.send_request_async(method, params)
        except JsonRpcException as error:
            assert error.code == code, (error.code, code)
        else:
            raise AssertionError(f"{method} was answered: {answer}")

    async def end(self, orderly=True):
        if orderly:
            assert await self.client.shutdown_async(None) is None
            await self.refused(-32600, "textDocument/hover", NOWHERE)
        self.client.exit(None)
        status = await asyncio.wait_for(self.client._server.wait(), 20)
        assert status == (0 if orderly else 1), status


NOWHERE_PARTS = types.TextDocumentIdentifier("file:///p/nowhere.yaml"), types.Position(0, 0)
NOWHERE = types.HoverParams(*NOWHERE_PARTS)


def region(start_line, start, end_line, end):
    return types.Range(types.Position(start_line, start), types.Position(end_line, end))


def codes(diagnostics):
    return [diagnostic.code for diagnostic in diagnostics]


def titles(actions):
    return [action.title for action in actions]


def has(found, *wanted):
    for one in wanted:
        assert one in found, (one, found)


def applied(text, edits, width):
    """A text with the edits of an action; `width` is how many units of a column a character takes."""

    def offset(place):
        lines = text.split("\n")
        column, index = 0, 0
        while column < place.character:
            column += width(lines[place.line][index])
            index += 1
        return sum(len(line) + 1 for line in lines[: place.line]) + index

    for start, end, new in sorted(((offset(e.range.start), offset(e.range.end), e.new_text) for e in edits), reverse=True):
        text = text[:start] + new + text[end:]
    return text


WIDTHS = {
    "utf-8": lambda character: len(character.encode()),
    "utf-16": lambda character: len(character.encode("utf-16-le")) // 2,
    "utf-32": lambda character: 1,
}


# MARK: The conversations


async def native_yaml(arguments):
    """A config that extends a file, in Visual Studio Code, which counts UTF-16."""
    async with Editor(arguments, "native-yaml", {"a.yaml": NATIVE, "base.yaml": BASE}, "visual-studio-code") as editor:
        capabilities = await editor.initialize()
        assert capabilities.position_encoding == "utf-16"
        editor.open("a.yaml", NATIVE, "yaml")
        found = await editor.findings("a.yaml")
        has(codes(found), "TRAIN-04", "FIELD-01")
        assert all(one.range.start.line == one.range.end.line for one in found), found
        # Hover: a key, a value, a code.
        has(await editor.hover("a.yaml", 9, 4) or "", "train.global_batch_size")
        text = await editor.hover("a.yaml", 2, 8)
        has(text, "TRAIN-04", "rng.seed")
        assert await editor.hover("a.yaml", 4, 30) is None
        # Two edits, the second before the first was checked: a key is mended and a comment written.
        editor.change("a.yaml", (7, 2, 7, 18, "sequence_parallel"))
        editor.change("a.yaml", (4, 31, 4, 31, "  # moonlight: ignore EVAL-02, TRAIN-05"), (2, 8, 2, 9, "7"))
        found = await editor.findings("a.yaml")
        assert "TRAIN-04" not in codes(found) and "EVAL-02" not in codes(found), codes(found)
        has(await editor.hover("a.yaml", 4, 56) or "", "EVAL-02")
        # Completion: keys, words, recipes and files, codes.
        editor.change("a.yaml", (10, 0, 10, 0, "recompute:\n  recompute_granularity: \n  \n"))
        await editor.findings("a.yaml")
        has(await editor.completions("a.yaml", 11, 25), "selective", "full")
        keys = await editor.completions("a.yaml", 12, 2)
        has(keys, "recompute_method")
        assert "recompute_granularity" not in keys
        has(await editor.completions("a.yaml", 0, 9), "base.yaml", "moonlight_16b_pretrain_config")
        assert not await editor.completions("a.yaml", 4, 27)
        # Definition: the base, and what it says of a field.
        assert await editor.definitions("a.yaml", 0, 10) == [("base.yaml", 0)]
        assert await editor.definitions("a.yaml", 2, 4) == [("base.yaml", 4)]
        names = [symbol.name for symbol in await editor.symbols("a.yaml")]
        has(names, "extends", "parallelism", "recompute")
        hints = await editor.hints("a.yaml", 20)
        assert any("data-parallel size" in hint for hint in hints) and any("micro-batch" in hint for hint in hints), hints
        # The base is edited: what builds on it is told anew.
        editor.open("base.yaml", BASE, "yaml")
        await editor.findings("base.yaml")
        await editor.findings("a.yaml")
        editor.change("base.yaml", (4, 8, 4, 9, "five"))
        has(codes(await editor.findings("base.yaml")), "FIELD-02")
        found = await editor.findings("a.yaml")
        related = [place for one in found for place in one.related_information or []]
        assert any(place.location.uri == editor.uri("base.yaml") for place in related), found
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.about("base.yaml")))
        del editor.versions["base.yaml"]
        assert not await editor.findings("base.yaml")
        await editor.findings("a.yaml")
        await editor.end()


async def actions(arguments):
    """Fixes, safe and not, and comments that accept a finding, in Neovim, which counts UTF-8."""
    text = NATIVE.replace("base.yaml", "moonlight_16b_pretrain_config")
    async with Editor(arguments, "actions", {}, "neovim") as editor:
        encoding = (await editor.initialize()).position_encoding
        width = WIDTHS[encoding or "utf-16"]
        editor.open("a.yaml", text, "yaml")
        found = await editor.findings("a.yaml")

        async def after(action):
            whole = applied(text, action.edit.changes[editor.uri("a.yaml")], width)
            editor.change("a.yaml", whole)
            then = codes(await editor.findings("a.yaml"))
            editor.change("a.yaml", text)
            await editor.findings("a.yaml")
            return then, whole

        safe = await editor.actions("a.yaml", (7, 4), (7, 4))
        assert safe[0].is_preferred and not safe[0].title.endswith("(unsafe)"), titles(safe)
        assert "FIELD-01" not in (await after(safe[0]))[0]
        unsafe = await editor.actions("a.yaml", (2, 8), (2, 9))
        assert all(title.endswith("(unsafe)") for title in titles(unsafe)), titles(unsafe)
        # A cursor at the start of the line, as Neovim sends it, with the findings of the line.
        ofline = [one for one in found if one.range.start.line == 4]
        ignored = await editor.actions("a.yaml", (4, 0), (4, 0), ofline)
        has(titles(ignored), "ignore EVAL-02 here")
        then, whole = await after(next(action for action in ignored if action.title.startswith("ignore")))
        assert "EVAL-02" not in then and "# 𝄞 é" in whole, whole
        every = await editor.actions("a.yaml", (0, 0), (10, 0), only=["source.fixAll"])
        then, whole = await after(every[0])
        assert whole == text.replace("paralel", "parallel"), whole
        await editor.end()


async def native_json(arguments):
    """The same tree as JSON, in Emacs."""
    text = json.dumps(
        {"$ignore": ["EVAL-02"], "extends": "moonlight_16b_pretrain_config", "rng": {"seed": 0}, "logger": {"wandb_project": "𝄞é", "log_interval": 0}},
        indent=2, ensure_ascii=False,
    )
    async with Editor(arguments, "native-json", {}, "emacs") as editor:
        await editor.initialize()
        editor.open("a.json", text, "json")
        has(codes(await editor.findings("a.json")), "TRAIN-04")
        has(await editor.hover("a.json", 6, 6) or "", "rng.seed")
        has([symbol.name for symbol in await editor.symbols("a.json")], "rng", "logger")
        lines = text.split("\n")
        line = next(number for number, one in enumerate(lines) if "log_interval" in one)
        end = len(lines[line])
        editor.change("a.json", (line, end, line, end, ',\n    "'))
        found = await editor.findings("a.json")
        assert len(found) == 1 and found[0].severity == types.DiagnosticSeverity.Error, found
        keys = await editor.completions("a.json", line + 1, 5)
        has(keys, "tensorboard_dir")
        assert "log_interval" not in keys and "wandb_project" not in keys
        editor.change("a.json", (line + 1, 4, line + 1, 5, '"log_progress": tr'))
        await editor.findings("a.json")
        has(await editor.completions("a.json", line + 1, 22), "true", "false")
        editor.change("a.json", (line + 1, 22, line + 1, 22, "ue"), (line, 10, line, 10, ""))
        has(codes(await editor.findings("a.json")), "TRAIN-04")
        await editor.end()


async def bridge(arguments, form):
    """A file of Megatron-Bridge, in a client that says nothing of itself."""
    name = "a." + form
    text = CONTAINER
    if form == "json":
        text = json.dumps(
            {
                "_target_": "megatron.bridge.training.config.ConfigContainer",
                "ddp": {"_target_": "megatron.bridge.training.config.DistributedDataParallelConfig", "overlap_grad_reduce": True, "overlap_param_gather": True},
                "rng": {"_target_": "megatron.bridge.training.config.RNGConfig", "seed": 0},
            },
            indent=2,
        )
    async with Editor(arguments, f"bridge-{form}", {}, None) as editor:
        capabilities = await editor.initialize()
        assert capabilities.position_encoding == "utf-16"
        editor.open(name, text, form)
        has(codes(await editor.findings(name)), "TRAIN-04")
        lines = text.split("\n")
        line = next(number for number, one in enumerate(lines) if "overlap_param_gather" in one)
        has(await editor.hover(name, line, 8) or "", "overlap_param_gather")
        end = len(lines[line])
        # Half a key makes the file unreadable; it is still one of Megatron-Bridge.
        editor.change(name, (line, end, line, end, ',\n    "bu' if form == "json" else "\n  bu"))
        await editor.findings(name)
        keys = await editor.completions(name, line + 1, 7 if form == "json" else 4)
        has(keys, "bucket_size")
        assert "overlap_grad_reduce" not in keys and "tensor_model_parallel_size" not in keys
        editor.change(name, text)
        await editor.findings(name)
        has([symbol.name for symbol in await editor.symbols(name)], "ddp", "rng")
        await editor.end()


async def life_cycle(arguments):
    """The order of the protocol."""
    async with Editor(arguments, "life-cycle", {}) as editor:
        await editor.refused(-32002, "textDocument/hover", NOWHERE)
        await editor.initialize()
        await editor.refused(-32600, "initialize", types.InitializeParams(types.ClientCapabilities()))
        await editor.refused(-32601, "textDocument/declaration", types.DeclarationParams(*NOWHERE_PARTS))
        await editor.refused(-32601, "no/such")
        await editor.refused(-32602, "textDocument/hover", NOWHERE)
        editor.client.cancel_request(types.CancelParams(77))
        editor.client.set_trace(types.SetTraceParams(types.TraceValue.Off))
        editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams({}))
        editor.open("k.yaml", "kind: Pod\n---\nkind: Service\n", "yaml")
        assert not await editor.findings("k.yaml")
        assert not await editor.completions("k.yaml", 0, 2)
        await editor.end()
    async with Editor(arguments, "no-shutdown", {}) as editor:
        await editor.initialize()
        await editor.end(orderly=False)


async def cancel(arguments):
    """Requests that are taken back are answered, with a result or as cancelled, and the server goes on."""
    async with Editor(arguments, "cancel", {}, record=False) as editor:
        await editor.initialize()
        editor.open("a.yaml", NATIVE, "yaml")
        requests = []
        for _ in range(50):
            identity = f"r{len(requests)}"
            requests.append(
                editor.client.protocol.send_request_async(
                    "textDocument/completion",
                    types.CompletionParams(editor.about("a.yaml"), types.Position(9, 2)),
                    msg_id=identity,
                )
            )
        answers = asyncio.gather(*requests, return_exceptions=True)
        await asyncio.sleep(0)
        for number in range(50):
            editor.client.cancel_request(types.CancelParams(f"r{number}"))
        answers = await asyncio.wait_for(answers, 30)
        cancelled = sum(isinstance(answer, JsonRpcException) and answer.code == -32800 for answer in answers)
        assert all(isinstance(answer, list) or isinstance(answer, JsonRpcException) and answer.code == -32800 for answer in answers)
        await editor.findings("a.yaml")
        await editor.end()
        return f"{cancelled} of 50 not worked on"


async def random_edits(arguments, encoding):
    """Edits of random ranges in a text of characters of every width: what is then found is what is found in the whole text."""
    generator = random.Random(f"{arguments.seed} {encoding}")
    pieces = ["é", "𝄞", "漢", "\n", "\r\n", "  ", "seed: 0\n", "rng:\n", "# ", "a", "7", ": ", "{", "'", "train_iters: 3\n", "validation:\n  eval_iters: -1\n", ""]
    width = WIDTHS[encoding]
    rounds = 0
    async with Editor(arguments, "random", {}, record=False) as editor:
        editor.server = await editor.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=[encoding]))
            )
        )
        assert editor.server.capabilities.position_encoding == encoding
        editor.client.initialized(types.InitializedParams())
        for _ in range(30):
            text = NATIVE.replace("base.yaml", "moonlight_16b_pretrain_config") + "# é𝄞漢\n"
            editor.open("a.yaml", text, "yaml")
            for _ in range(6):
                changes = []
                for _ in range(generator.randrange(1, 4)):
                    start, end = sorted(generator.randrange(len(text) + 1) for _ in range(2))
                    end = min(end, start + generator.randrange(12))
                    # No client has a place within a line end.
                    if text[start - 1 : start + 1] == "\r\n" or text[end - 1 : end + 1] == "\r\n":
                        continue
                    new = generator.choice(pieces)
                    if start > 0 and text[start - 1] == "\r" and new.startswith("\n"):
                        continue
                    changes.append((*place(text, start, width), *place(text, end, width), new))
                    text = text[:start] + new + text[end:]
                editor.change("a.yaml", *changes)
            edited = await editor.latest_findings("a.yaml")
            editor.open("b.yaml", text, "yaml")
            fresh = await editor.findings("b.yaml")

            def plain(diagnostics):
                return [(one.code, one.range, one.message) for one in diagnostics]

            # A half-written text keeps what kind of file it was, which a fresh one has not been.
            assert plain(edited) == plain(fresh) or not fresh, (text, edited, fresh)
            rounds += 1
            for name in ["a.yaml", "b.yaml"]:
                editor.client.text_document_did_close(types.DidCloseTextDocumentParams(editor.about(name)))
                del editor.versions[name]
                assert not await editor.findings(name)
        await editor.end()
    return f"{rounds} texts of 6 edits"


def place(text, offset, width):
    lines = text[:offset].replace("\r\n", "\n").split("\n")
    return len(lines) - 1, sum(width(character) for character in lines[-1])


async def neovim(arguments):
    """Neovim itself, without a screen: what it types, undoes and asks for, by `lsp_neovim.lua`."""
    if not shutil.which("nvim"):
        return "not run: no nvim"
    if arguments.record:
        # Random edits come in another order each time.
        run_neovim(arguments, seed="", record=True)
    return run_neovim(arguments, seed=str(arguments.seed))


def run_neovim(arguments, seed, record=False):
    files = {"a.yaml": NATIVE, "base.yaml": BASE}
    with tempfile.TemporaryDirectory(prefix="moonlight-nvim-") as name:
        folder = pathlib.Path(name)
        for path, text in files.items():
            (folder / path).write_text(text)
        server = {"MOONLIGHT": arguments.moonlight, "TEE": str(HERE / "lsp_tee.py"), "LOG": str(folder / "log"), "PYTHON": sys.executable}
        environment = dict(os.environ, **server, SEED=seed, XDG_STATE_HOME=name, XDG_CACHE_HOME=name)
        command = ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-S", str(HERE / "lsp_neovim.lua"), "a.yaml"]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, (done.stdout + done.stderr).strip()
        if record:
            write_fixture("neovim", folder, files)
        return done.stdout.strip()


def write_fixture(name, folder, files):
    """What was said, as if the folder was `/p`, and without what is another in every run."""
    lines = [json.dumps({"files": files}, ensure_ascii=False)]
    for line in (folder / "log").read_text().replace(str(folder), "/p").splitlines():
        entry = json.loads(line)
        if isinstance(params := entry.get("client", {}).get("params"), dict) and "processId" in params:
            params["processId"] = None
        if isinstance(result := entry.get("server", {}).get("result"), dict) and "serverInfo" in result:
            result["serverInfo"]["version"] = "recorded"
        # Where in our recipes a value stands is another matter.
        lines.append(re.sub(r"\.swift:\d+", ".swift:LINE", json.dumps(entry, ensure_ascii=False)))
    FIXTURES.mkdir(exist_ok=True)
    (FIXTURES / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


CONVERSATIONS = {
    "native-yaml": native_yaml,
    "actions": actions,
    "native-json": native_json,
    "bridge-yaml": lambda arguments: bridge(arguments, "yaml"),
    "bridge-json": lambda arguments: bridge(arguments, "json"),
    "life-cycle": life_cycle,
    "cancel": cancel,
    "random-utf-8": lambda arguments: random_edits(arguments, "utf-8"),
    "random-utf-16": lambda arguments: random_edits(arguments, "utf-16"),
    "random-utf-32": lambda arguments: random_edits(arguments, "utf-32"),
    "neovim": neovim,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--moonlight", required=True)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("only", nargs="*")
    arguments = parser.parse_args()
    arguments.moonlight = os.path.abspath(arguments.moonlight)
    failed = 0
    for name, conversation in CONVERSATIONS.items():
        if arguments.only and name not in arguments.only:
            continue
        try:
            note = asyncio.run(asyncio.wait_for(conversation(arguments), 300))
            print(f"{name:<14} ok{'; ' + note if note else ''}", flush=True)
        except Exception as error:
            failed += 1
            line = next(frame.lineno for frame in reversed(traceback.extract_tb(error.__traceback__)) if frame.filename == __file__)
            print(f"{name:<14} FAILED at line {line}: {type(error).__name__}: {error}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
