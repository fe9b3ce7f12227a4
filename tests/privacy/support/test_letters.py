"""Mails as they come, and as somebody builds them on purpose: what was written is read, and nothing is raised."""

from __future__ import annotations

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from privacy.support import links
from privacy.support.inbound import automatic, letters, quoting, words_of_html
from privacy.support.inbound.account import BadAddress, account
from privacy.support.mailing import MARKER

OWN = "Thanks, that was it.\n\nOne more thing: the blue one too."
QUOTED = "\n".join(f"> {line}" for line in (MARKER, "", "Turn it around.", "https://example.org/"))
HISTORIES = {
    "gmail": f"{OWN}\n\nOn Mon, 1 Dec 2026 at 10:00, Image 2 <no-reply@example.org> wrote:\n{QUOTED}\n",
    "gmail, wrapped": f"{OWN}\n\nOn Mon, 1 Dec 2026 at 10:00, Image 2\n<no-reply@example.org> wrote:\n\n{QUOTED}",
    "german": f"{OWN}\n\nAm 01.12.26 um 10:00 schrieb Image 2:\n{QUOTED}",
    "french": f"{OWN}\n\nLe lun. 1 déc. 2026 à 10:00, Image 2 <a@b.example> a écrit :\n{QUOTED}",
    "outlook": f"{OWN}\n\n________________________________\nFrom: Image 2 <a@b.example>\nSent: Monday\nTo: Me\n"
    "Subject: Our answer\n\nTurn it around.",
    "old outlook": f"{OWN}\n\n-----Original Message-----\nFrom: Image 2\nTurn it around.",
    "marker alone": f"{OWN}\n\n{MARKER}\n\nTurn it around.",
    "marker in html that lost its marks": f"{OWN}\n\nImage 2\n{MARKER}\nTurn it around.",
    "quoted tail": f"{OWN}\n\n> Turn it around.\n> Please.",
    "nothing quoted": OWN,
}


@pytest.mark.parametrize("text", HISTORIES.values(), ids=HISTORIES.keys())
def test_the_history_is_cut_off(text: str) -> None:
    cut = quoting.cut(text)
    assert cut.startswith(OWN)
    assert "Turn it around" not in cut
    assert "wrote" not in cut


@pytest.mark.parametrize(
    "text",
    [
        f"On Monday, Image 2 wrote:\n{QUOTED}\n\nBelow: yes, that helped.",
        "> Which picture?\nThe second.\n> And when?\nYesterday.",
        "On Tuesday my friend wrote:\nthe colours are wrong. Is that so?",
        "From: the second picture on\nI see stripes.",
        QUOTED,
    ],
)
def test_a_persons_own_words_are_never_cut(text: str) -> None:
    cut = quoting.cut(text)
    for words in ("Below: yes, that helped.", "The second.", "Yesterday.", "I see stripes."):
        assert (words in cut) == (words in text)
    assert cut


@given(st.text(alphabet="ab:>-_ \n", max_size=400) | st.text(max_size=200))
@settings(max_examples=200)
def test_any_text_can_be_cut(text: str) -> None:
    cut = quoting.cut(text)
    assert cut in text
    assert bool(cut.strip()) == bool(text.strip())


def test_html_alone_becomes_its_words() -> None:
    html = (
        "<html><head><style>p{color:red}</style><title>x</title></head><body><p>Hello &amp; <b>thanks</b>,</p>"
        "<div>it works<br>now.</div><script>alert(1)</script><blockquote>Turn it around.</blockquote></body></html>"
    )
    assert words_of_html.words(html) == "Hello & thanks,\n\nit works\nnow."
    assert words_of_html.words("<p>unclosed <blockquote>quoted") == "unclosed"
    assert words_of_html.words("</blockquote></style>plain") == "plain"


def a_mail(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = headers.pop("From", "Alice <alice@example.test>")
    mail["To"] = headers.pop("To", "support@example.test")
    mail["Message-ID"] = "<one@example.test>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content("Hello there.")
    return mail


def test_the_parts_of_a_mail_are_told_apart() -> None:
    mail = a_mail(Subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    mail.add_alternative("<p>Hello in HTML.</p>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="bild ä.png")
    mail.add_attachment("a list", filename="list.txt")
    mail.add_attachment(b"key", maintype="application", subtype="pgp-signature", filename="signature.asc")
    inner = a_mail(Subject="forwarded")
    mail.add_attachment(inner)
    letter = letters.read(mail.as_bytes())
    assert letter.text == "Hello there."
    assert letter.head.sender == "alice@example.test"
    assert letter.head.get("Subject") == "Grüße"
    assert [file.name for file in letter.files][:2] == ["bild ä.png", "list.txt"]
    assert len(letter.files) == 3


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"no header at all",
        b"From: \xff\xfe\nTo: \x00\nSubject: =?nope?b?////?=\n\n\xff\x00\xed\xa0\x80",
        b"Content-Type: text/plain; charset=nope\n\nhello",
        b"Content-Type: text/plain; charset=base64\n\nhello",
        b"Content-Type: text/plain; charset=punycode\n\n" + b"a-" * 100_000,
        b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n!!!!",
        b"Content-Type: multipart/mixed\n\n--x\n\nhello",
        b'Content-Type: multipart/mixed; boundary=""\n\n--\n\nhello',
        b'Content-Disposition: =?x?q?=\nFrom: """<@>,,,;:\n\nhello',
        b"Subject: " + b"=?utf-8?q?a?= " * 5000 + b"\n\nhello",
        b"From: " + b"(" * 50_000 + b"\n\nhello",
    ],
    ids=range(13),
)
def test_broken_mails_are_read_or_refused_quickly(raw: bytes) -> None:
    letter = letters.read(raw)
    assert "\0" not in letter.text
    assert letter.head.sender == ""
    letter.head.message_id.encode()
    letter.head.receivers.encode()
    automatic.why(letter.head)


def nested(depth: int) -> bytes:
    mail: MIMEMultipart | MIMEText = MIMEText("deep")
    for _level in range(depth):
        outer = MIMEMultipart()
        outer.attach(mail)
        mail = outer
    return mail.as_bytes()


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 3_000,
        b"X: y\n" * 40_000 + b"\n\nhello",
        b"From: a@b.example\n\n" + b"\n" * 700_000,
        nested(150),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 150 + b"--b--\n",
    ],
    ids=["edges", "headers", "lines", "depth", "parts"],
)
def test_what_was_built_to_cost_much_is_refused_before_or_soon(raw: bytes) -> None:
    try:
        letter = letters.read(raw)
    except letters.Unreadable:
        return
    assert letter.text == "deep"


@given(st.binary(max_size=2000))
@settings(max_examples=150)
def test_any_bytes_are_read(raw: bytes) -> None:
    letter = letters.read(b"From: a@b.example\n" + raw)
    letter.text.encode()
    automatic.why(letter.head)


MACHINES = {
    "vacation": "Auto-Submitted: auto-replied (vacation)",
    "notice": "Auto-Submitted: auto-generated",
    "bulk": "Precedence: Bulk",
    "list": "Precedence: list",
    "bounce": "Return-Path: <>",
    "exchange": "X-Auto-Response-Suppress: All",
    "autoreply": "X-Autoreply: yes",
    "mailing list": "List-Id: <talk.example.org>",
    "newsletter": "List-Unsubscribe: <https://example.org/>",
    "report": "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
    "failed": "X-Failed-Recipients: a@b.example",
    "daemon": "From: Mail Delivery System <MAILER-DAEMON@mx.example>",
    "postmaster": "From: postmaster@example.org",
    "no-reply": "From: Shop <no-reply@shop.example>",
    "ourselves": "From: Image 2 <no-reply@localhost>",
    "our own address": "From: support+abcdefghijkmnpqrstuvwxyz23@example.test",
}
PEOPLE = {
    "plain": "Subject: Hello",
    "said so": "Auto-Submitted: no",
    "normal": "Precedence: normal",
    "path": "Return-Path: <alice@example.test>",
}


def _head(line: str) -> letters.Head:
    raw = line.encode() + b"\n" + (b"" if line.startswith("From") else b"From: alice@example.test\n") + b"\n"
    return letters.Head(BytesHeaderParser().parsebytes(raw))


@pytest.fixture
def address(settings: Settings) -> str:
    settings.SUPPORT_REPLY_ADDRESS = "Image 2 <support+{token}@example.test>"
    return "support+{}@example.test"


@pytest.mark.parametrize("line", MACHINES.values(), ids=MACHINES.keys())
def test_mails_of_machines_are_known(line: str, address: str) -> None:
    assert automatic.why(_head(line))


@pytest.mark.parametrize("line", PEOPLE.values(), ids=PEOPLE.keys())
def test_mails_of_people_are_not_taken_for_those_of_machines(line: str, address: str) -> None:
    assert automatic.why(_head(line)) == ""


def test_the_token_is_found_wherever_a_server_writes_the_receiver(address: str) -> None:
    token = "abcdefghijkmnpqrstuvwxyz23"
    for name in ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To"):
        head = _head(f'{name}: someone@example.test, "Image 2" <{address.format(token.upper())}>')
        assert links.tokens_in(head.receivers) == [token]
    for wrong in (
        f"support+{token}@example.test.evil.example",
        f"support+{token[:-1]}@example.test",
        "support@example.test",
    ):
        assert links.tokens_in(f"To: {wrong}") == []
    assert links.tokens_in(_head(f"Subject: {address.format(token)}").receivers) == []


def test_the_address_of_a_mailbox_is_read_or_refused() -> None:
    read = account("imaps://me%40x.example:p%40ss@mail.example.org/Support")
    assert (read.user, read.password, read.host, read.port, read.folder) == (
        "me@x.example",
        "p@ss",
        "mail.example.org",
        993,
        "Support",
    )
    assert account("imap://a:b@127.0.0.1:1143").folder == "INBOX"
    for wrong in (
        "",
        "smtp://a:b@c",
        "imaps://c",
        "imaps://a@c",
        "imap://a:b@mail.example.org",
        "imaps://a:b@c:x",
    ):
        with pytest.raises(BadAddress) as refusal:
            account(wrong)
        assert "b@" not in str(refusal.value).replace("password@host", "")
