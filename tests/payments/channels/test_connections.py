"""How channels are reached: real sockets, and on the other side a server that answers byte for byte what a test says."""

import asyncio
import contextlib
import datetime as dt
import gzip
import ipaddress
import ssl

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core.payments.channels import connections
from core.payments.channels.http import channel_client

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each request with the next of some scripts: bytes are written, a number is a wait in seconds, None hangs up."""

    def __init__(self, *scripts: list) -> None:
        self.scripts = list(scripts)
        self.heads: list[bytes] = []
        self.connected = 0
        self.open: list[asyncio.StreamWriter] = []
        self.asked = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected += 1
        self.open.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                self.asked.set()
                length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
                await reader.readexactly(length)
                for step in self.scripts.pop(0):
                    if step is None:
                        writer.close()
                        return
                    if isinstance(step, bytes):
                        writer.write(step)
                        await writer.drain()
                    else:
                        await asyncio.sleep(step)


@contextlib.asynccontextmanager
async def answering(*scripts: list, tls: ssl.SSLContext | None = None):
    made = Server(*scripts)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, channel_client(20) as client:
        try:
            yield made, client
        finally:
            for writer in made.open:
                writer.transport.abort()
            await asyncio.sleep(0)


@pytest.mark.parametrize(
    "script",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
        [b"HTTP/1.1 200 OK\r\nContent-Le", 0.01, b"ngth: 5\r\n\r\nhe", 0.01, b"llo"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", 0.01, b"3\r\nllo\r\n0\r\n\r\n"],
        [b"HTTP/1.1 100 Continue\r\n\r\n", 0.01, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
        [b"HTTP/1.1 200 OK\r\n\r\nhe", 0.01, b"llo", None],
        [b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (25, gzip.compress(b"hello"))],
    ],
    ids=["length", "in pieces", "chunked", "go on first", "until it hangs up", "gzip"],
)
async def test_a_body_is_read_however_its_end_is_told(script):
    async with answering(script, [OK]) as (server, client):
        answer = await client.post(f"{server.url}/v3/pay?a=1", content=b"{}")
        assert (answer.status_code, answer.content) == (200, b"hello")
        assert server.heads[0].startswith(b"POST /v3/pay?a=1 HTTP/1.1\r\n")
        assert (await client.get(server.url)).content == b"ok"


async def test_a_connection_serves_one_call_after_the_other():
    async with answering([OK], [b"HTTP/1.1 204 No Content\r\n\r\n"], [OK]) as (server, client):
        assert [(await client.get(server.url)).status_code for _ in range(3)] == [200, 204, 200]
        assert server.connected == 1


@pytest.mark.parametrize(
    "last",
    [
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"],
        [OK + OK],
        [OK, 0.01, OK],
        [OK, None],
    ],
    ids=["as told", "two answers", "something unasked", "hung up"],
)
async def test_a_connection_in_doubt_is_not_used_again(last):
    async with answering(last, [b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nhi"]) as (server, client):
        assert (await client.get(server.url)).content == b"ok"
        await asyncio.sleep(0.05)
        assert (await client.get(server.url)).content == b"hi"
        assert server.connected == 2


async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ones():
    async with answering([0.1, OK], [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine"]) as (server, client):
        with pytest.raises(httpx.ReadTimeout):
            await client.get(server.url, timeout=httpx.Timeout(5, read=0.03))
        await asyncio.sleep(0.1)
        assert (await client.get(server.url)).content == b"mine"


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ([None], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", None], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n", None], httpx.RemoteProtocolError),
        ([b"SSH-2.0-OpenSSH\r\n\r\n"], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"], httpx.RemoteProtocolError),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 1.0], httpx.ReadTimeout),
    ],
    ids=["nothing", "half a body", "half a chunked body", "another protocol", "upgrade", "stuck half-way"],
)
async def test_what_is_no_whole_answer_is_an_error_that_httpx_knows(script, fault):
    async with answering(script) as (server, client):
        with pytest.raises(fault) as caught:
            await client.get(server.url, timeout=httpx.Timeout(5, read=0.1))
        assert str(caught.value.request.url) == server.url


async def test_nobody_at_the_address_is_an_error_that_httpx_knows(monkeypatch):
    async with answering() as (server, client):
        pass
    async with channel_client(20) as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(server.url)
        with pytest.raises(httpx.UnsupportedProtocol):
            await client.get("ftp://127.0.0.1/")


async def test_calls_beyond_the_number_wait_for_their_turn_and_not_for_ever(monkeypatch):
    monkeypatch.setattr(connections, "AT_ONCE", 1)
    async with answering([0.4, OK], [OK], [OK]) as (server, client):
        first = asyncio.create_task(client.get(server.url))
        await server.asked.wait()
        with pytest.raises(httpx.PoolTimeout):
            await client.get(server.url, timeout=httpx.Timeout(5, pool=0.02))
        assert (await client.get(server.url)).content == (await first).content == b"ok"
        assert server.connected == 1


async def test_a_call_that_is_given_up_frees_its_place(monkeypatch):
    monkeypatch.setattr(connections, "AT_ONCE", 1)
    async with answering([1.0], [OK]) as (server, client):
        given_up = asyncio.create_task(client.get(server.url))
        await server.asked.wait()
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert (await client.get(server.url)).content == b"ok"


async def test_a_header_cannot_smuggle_another_one_in():
    async with answering([OK]) as (server, client):
        with pytest.raises(httpx.LocalProtocolError):
            await client.get(server.url, headers={"Wechatpay-Serial": "1\r\nAuthorization: stolen"})
        assert server.heads == []


async def test_a_channels_cookies_do_not_travel_to_the_next_call():
    async with answering([b"HTTP/1.1 200 OK\r\nSet-Cookie: who=first; Path=/\r\nContent-Length: 2\r\n\r\nok"], [OK]) as (server, client):
        await client.get(server.url)
        await client.get(server.url)
        assert b"cookie" not in server.heads[1].lower()


async def test_a_caller_who_wants_the_next_address_is_led_there():
    async with answering([b"HTTP/1.1 302 Found\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"], [OK]) as (server, client):
        answer = await client.get(server.url, follow_redirects=True)
        assert (answer.content, answer.url.path) == (b"ok", "/there")


async def test_a_long_file_is_read_as_it_comes_in_both_directions():
    content = bytes(range(256)) * 20_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content)
    async with answering([head + content], [head + content], [OK]) as (server, client):
        assert (await client.post(server.url, content=content)).content == content
        async with client.stream("GET", server.url) as answer:
            got = b"".join([part async for part in answer.aiter_bytes()])
        assert got == content
        assert (await client.get(server.url)).content == b"ok"
        assert server.connected == 1


async def test_a_stream_that_nobody_reads_to_its_end_frees_its_place(monkeypatch):
    monkeypatch.setattr(connections, "AT_ONCE", 1)
    async with answering([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 1.0], [OK]) as (server, client):
        async with client.stream("GET", server.url) as answer:
            assert answer.status_code == 200
        assert (await client.get(server.url)).content == b"ok"
        assert server.connected == 2


def _certificate(folder) -> ssl.SSLContext:
    """A server's side for 127.0.0.1; its certificate lies in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "channel")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "channel.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "channel.pem", folder / "key.pem")
    return served


async def test_over_tls_a_certificate_that_is_known_is_believed(tmp_path, monkeypatch):
    served = _certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "channel.pem"))
    async with answering([OK], [OK], tls=served) as (server, client):
        assert [(await client.get(server.url)).content for _ in range(2)] == [b"ok", b"ok"]
        assert server.connected == 1


async def test_over_tls_a_strangers_certificate_is_refused(tmp_path):
    async with answering([OK], tls=_certificate(tmp_path)) as (server, client):
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            await client.get(server.url)
        assert server.heads == []
