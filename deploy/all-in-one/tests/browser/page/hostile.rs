//! What hostile people write into their names, titles and reasons.

/// Texts that a page must show as they are. Each sets `window.__xss`, or does worse, where one is taken for code.
pub(crate) const TEXTS: [&str; 32] = [
    "<script>window.__xss=1;alert(1)</script>",
    "<ScRiPt >window.__xss=1</sCrIpT >",
    "</script><script>window.__xss=1</script>",
    "<img src=x onerror=\"window.__xss=1;alert(1)\">",
    "<img src=x onerror=window.__xss=1//",
    "<svg onload=window.__xss=1>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=window.__xss=1 attributeName=x dur=1s>",
    "<details open ontoggle=window.__xss=1>",
    "<iframe srcdoc=\"<script>parent.__xss=1</script>\">",
    "<a href=\"javascript:window.__xss=1\">x</a>",
    "javascript:window.__xss=1",
    "data:text/html,<script>alert(1)</script>",
    "\" onmouseover=\"window.__xss=1\" autofocus onfocus=\"window.__xss=1\" x=\"",
    "' onmouseover='window.__xss=1' autofocus onfocus='window.__xss=1' x='",
    "` onmouseover=`window.__xss=1` x=`",
    "\"><script>window.__xss=1</script>",
    "'><img src=x onerror=window.__xss=1>",
    "</textarea><script>window.__xss=1</script>",
    "</title><script>document.title='pwned'</script>",
    "<!-- <script>window.__xss=1</script> -->",
    "--><script>window.__xss=1</script><!--",
    "<style>body{display:none}</style>",
    "<p style=\"background:url(javascript:alert(1))\">x</p>",
    "<base href=\"https://evil.invalid/\">",
    "<form action=\"https://evil.invalid/\"><button>OK</button>",
    "hx-get=\"/dashboard\" hx-trigger=\"load\" data-hx-on::load=\"window.__xss=1\"",
    "{{7*7}} ${7*7} #{7*7} {% raw %} { $name } { -brand } \\u003cscript\\u003e",
    "&lt;b&gt; &amp; &quot; &#x3c;i&#x3e; &#0; &nbsp;",
    "null",
    "\u{202e}txt.exe \u{2066}abc",
    "line\u{2028}separator\u{2029}paragraph\u{feff}\u{200b}end",
];

/// A word that no line is long enough for.
pub(crate) fn long_word() -> String {
    "Weltrekordhalter".repeat(30)
}
