"""HTML from elsewhere becomes text that is safe in a message, and readable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.views.html import https_url, readable, web_url

READ = {
    "plain text": ("Enter the code at checkout.", "Enter the code at checkout."),
    "lines of plain text": ("One.\nTwo.\r\n\n\nThree.", "One.\nTwo.\nThree."),
    "nothing": ("", ""),
    "empty elements": ("<p> </p><div><br></div>", ""),
    "paragraphs": ("<p>One.</p><p>Two,\n  three.</p>", "One.\nTwo, three."),
    "breaks": ("One<br>two<br/>three<br />four", "One\ntwo\nthree\nfour"),
    "a list": ("<ul><li>One</li><li>Two</li></ul>after", "• One\n• Two\nafter"),
    "a table": ("<table><tr><td>a</td><td> b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
    "inline tags": ("Go <b>now</b> and <i>then</i>", "Go now and then"),
    "a word across tags": ("<b>Pay</b> <em>nothing</em>.", "Pay nothing."),
    "tags within a word": ("a<b>b</b>c <i>d</i>e<p>f</p>g", "abc de\nf\ng"),
    "a link in brackets": ('go (<a href="https://x.example/">there</a>).', "go (<https://x.example/|there>)."),
    "entities": ("<p>Caf&eacute; &amp; bar&nbsp;&lt;3 &#8364;5 &#x2014;</p>", "Café &amp; bar &lt;3 €5 —"),
    "an entity in plain text": ("Tom &amp; Ann", "Tom &amp; Ann"),
    "a mention in entities": ("<p>&lt;!channel&gt; &lt;@U1&gt;</p>", "&lt;!channel&gt; &lt;@U1&gt;"),
    "a mention as a tag": ("<!channel> hello <@U0MAYA001>", "hello &lt;@U0MAYA001&gt;"),
    "a sign that is no tag": ("if 2 < 3 then", "if 2 &lt; 3 then"),
    "a script": ("<p>a</p><script>alert('x < y')</script><p>b</p>", "a\nb"),
    "a script that never ends": ("<p>a</p><script>alert(1)", "a"),
    "a style": ("<style>p { color: red }</style>text", "text"),
    "a head": ("<html><head><title>T</title></head><body>text</body></html>", "text"),
    "a comment": ("a<!-- hidden -->b c", "ab c"),
    "unread within unread": ("<object><script>x</script>y</object>z", "z"),
    "an unread end without a beginning": ("</script>a", "a"),
    "attributes": ('<p onclick="x()" style="y">text</p>', "text"),
    "an image": ('a <img src="https://x.example/p.png" alt="p"> b', "a b"),
    "a link": ('<a href="https://x.example/r?a=1&amp;b=2">Open it</a>.', "<https://x.example/r?a=1&amp;b=2|Open it>."),
    "a link without words": ('<a href="https://x.example/"></a>', "<https://x.example/|https://x.example/>"),
    "a link with signs of ours": (
        '<a href="https://x.example/a|b">go > here</a>',
        "<https://x.example/a%7Cb|go &gt; here>",
    ),
    "a link that never ends": ('<a href="https://x.example/">go', "<https://x.example/|go>"),
    "a link within a link": (
        '<a href="https://x.example/">a<a href="https://y.example/">b</a>',
        "<https://x.example/|a><https://y.example/|b>",
    ),
    "a link without https": ('<a href="http://x.example/r">go</a>', "go (http://x.example/r)"),
    "the same, with its address as words": (
        '<a href="http://x.example/r">http://x.example/r</a>',
        "http://x.example/r",
    ),
    "a link that runs": ('<a href="javascript:alert(1)">go</a>', "go"),
    "a link to a mailbox": ('<a href="mailto:a@x.example">write</a>', "write"),
    "a link with a user's name": ('<a href="https://bank.example@evil.example/">go</a>', "go"),
    "an anchor": ('<a name="top">Top</a>', "Top"),
    "characters that are not printed": ("a\x00b\x07c\x1b[31m", "abc[31m"),
}


@pytest.mark.parametrize(("html", "text"), READ.values(), ids=READ)
def test_html_is_read(html: str, text: str):
    assert readable(html, 3_000) == text


def test_what_does_not_fit_is_left_out_whole_words_at_a_time():
    assert readable("one two three four", 12) == "one two …"
    assert readable("<p>one</p><p>two</p><p>three</p>", 11) == "one\ntwo …"
    assert readable('one <a href="https://x.example/">two</a>', 20) == "one …", "a link is never cut"
    assert readable("&amp;" * 30, 20) == "…", "nor what stands for a character"
    assert readable("word " * 5_000, 3_000).endswith("word …")


@given(
    st.text(alphabet=st.sampled_from("<>&;!@#|/\\ab \n\"'=ahrefscriptlijx:.").map(str), max_size=200),
    st.integers(2, 300),
)
def test_whatever_comes_nothing_of_it_acts(html: str, most: int):
    text = readable(html, most)
    assert len(text) <= most
    without_links = re.sub(r"<https://[^<>|\s]+\|[^<>]*>", "", text)
    assert "<" not in without_links
    assert ">" not in without_links
    assert re.search(r"&(?!amp;|lt;|gt;)", without_links) is None


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("https://x.example/r/1/abc?d=e#f", "https"),
        ("HTTPS://x.example", "https"),
        ("  https://x.example:8443/  ", "https"),
        ("http://x.example/", "http"),
        ("https://" + "x" * 3_000, ""),
        ("https:///path", ""),
        ("https://x.example/a b", ""),
        ("https://x.example/\n", "https"),
        ("https://x.example\\@evil.example", ""),
        ("https://me:secret@x.example/", ""),
        ("https://x.example:port/", ""),
        ("https://[x.example/", ""),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//x.example/", ""),
        ("x.example", ""),
        ("", ""),
    ],
)
def test_an_address_is_one_that_a_person_can_be_sent_to(url: str, scheme: str):
    assert web_url(url) == (url.strip() if scheme else None)
    assert https_url(url) == (url.strip() if scheme == "https" else None)
