import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sanitizeMailHtml } from '../../src/mail/html.ts'
import { safeStyle } from '../../src/mail/html-style.ts'

const options = { cidUrl: (id: string) => (id === 'logo@x' ? '/v1/sandbox/1/parts/2' : null), allowRemoteImages: false }

function clean(html: string): string {
  return sanitizeMailHtml(html, options).html
}

const TAG = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+(?:="[^"<>]*")?)*)( ?\/)?>$/
const FORBIDDEN_TAG =
  /^(?:script|style|link|meta|base|iframe|frame|object|embed|applet|form|input|button|textarea|select|option|svg|math|audio|video|source|template|noscript|xmp|title|html|head|body|area|map|marquee|layer|bgsound|isindex|keygen|canvas|dialog|slot|portal)$/

/** Reads the result independently of how it was made: every tag and attribute by name, every address by its beginning. */
function expectHarmless(html: string): void {
  const tags = html.match(/<[^>]*>/g) ?? []
  expect(html.replace(/<[^>]*>/g, '')).not.toContain('<')
  for (const tag of tags) {
    const [, , name = '', attributes = ''] = TAG.exec(tag) ?? []
    expect([tag, name === '']).toEqual([tag, false])
    expect(name).not.toMatch(FORBIDDEN_TAG)
    for (const [, attribute = '', value = ''] of attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
      expect(attribute).toMatch(
        /^(?:align|bgcolor|border|color|dir|height|lang|style|valign|width|href|title|target|rel|face|size|alt|src|referrerpolicy|start|type|cellpadding|cellspacing|rules|summary|colspan|rowspan|nowrap|scope|span|role|value|hspace|vspace)$/,
      )
      if (attribute === 'href') expect(value).toMatch(/^(?:https?:\/\/|mailto:|tel:)/)
      if (attribute === 'src') expect(value).toMatch(/^(?:\/v1\/|data:image\/(?:png|gif|jpeg|jpg|webp|bmp);base64,)/)
      if (attribute === 'style')
        expect(value).not.toMatch(/url|expression|import|\\|behaviou?r|position|@|\/\*|javascript|binding/i)
    }
  }
}

test('an ordinary mail keeps its look', () => {
  const html =
    '<p style="color:#333;font-family:Arial, sans-serif">Hello <b>Ann</b>,</p><table width="600" cellpadding="0"><tr><td bgcolor="#eeeeee" style="padding:10px 20px;border:1px solid rgb(1, 2, 3)">x</td></tr></table>'
  expect(
    clean(
      `<html><head><title>T</title><style>p{color:red}</style></head><body style="margin:0" onload="x()">${html}</body></html>`,
    ),
  ).toBe(`<div style="margin:0">${html}</div>`)
})

test('a link goes where it says, in a tab of its own, and shows where', () => {
  expect(
    clean(
      '<a href="https://evil.example/x?a=1&amp;b=2" title="https://bank.example" target="_top" onclick="x()">https://bank.example</a>',
    ),
  ).toBe(
    '<a href="https://evil.example/x?a=1&amp;b=2" title="https://evil.example/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">https://bank.example</a>',
  )
  for (const href of ['/v1/messages', 'settings', '#top', '?x=1', '//evil.example/x', ''])
    expect(clean(`<a href="${href}">x</a>`)).toBe('<a>x</a>')
})

test('pictures of the mail itself are shown, those from elsewhere are left out and counted', () => {
  const html =
    '<img src="cid:logo%40x" alt="Logo"><img src="cid:none"><img src="https://t.example/p.gif" alt="a"><img src="//t.example/q.gif"><img src="data:image/png;base64,AAAA"><img src="x.png">'
  expect(sanitizeMailHtml(html, options)).toEqual({
    html: '<img alt="Logo" src="/v1/sandbox/1/parts/2" /><img /><img alt="a" /><img /><img src="data:image/png;base64,AAAA" /><img />',
    remoteImages: 2,
    truncated: false,
  })
  const shown = sanitizeMailHtml(html, { ...options, allowRemoteImages: true })
  expect(shown).toMatchObject({ remoteImages: 2 })
  expect(shown.html).toContain('<img alt="a" src="https://t.example/p.gif" referrerpolicy="no-referrer" />')
  expect(shown.html).toContain('src="https://t.example/q.gif"')
})

test.each([
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//evil.example/x.js></SCRIPT>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<<SCRIPT>alert("XSS");//<</SCRIPT>',
  '<script\x00>alert(1)</script>',
  '<script/xss src="x">alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img src="x"onerror="alert(1)">',
  '<img/src="x"/onerror=alert(1)>',
  '<IMG """><SCRIPT>alert("XSS")</SCRIPT>">',
  '<img src=javascript:alert(1)>',
  '<img src="jav&#x09;ascript:alert(1)">',
  '<img src="jav\nascript:alert(1)">',
  '<img src=" &#14; javascript:alert(1)">',
  '<img src=`javascript:alert(1)`>',
  '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
  '<img src="data:text/html,<script>alert(1)</script>">',
  '<img srcset="https://t.example/x 2x" src="blob:https://x">',
  '<img lowsrc="https://t.example/x" dynsrc="javascript:alert(1)">',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg><set attributeName="onmouseover" to="alert(1)"/></svg>',
  '<svg><use href="data:image/svg+xml,<svg id=x onload=alert(1)>#x"/></svg>',
  '<svg><style><img src=x onerror=alert(1)></style></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<math href="javascript:alert(1)">x</math>',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="https://evil.example/x.swf">',
  '<applet code="x"></applet>',
  '<form action="https://evil.example"><input name=password><button formaction="javascript:alert(1)">x</button></form>',
  '<input autofocus onfocus=alert(1)>',
  '<select autofocus onfocus=alert(1)><option>x</option></select>',
  '<textarea autofocus onfocus=alert(1)></textarea><textarea><img src=x onerror=alert(1)></textarea>',
  '<button onclick=alert(1)>x</button>',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<meta http-equiv="Set-Cookie" content="a=b">',
  '<base href="javascript:alert(1)//">',
  '<link rel=stylesheet href="https://evil.example/x.css">',
  '<style>@import "https://evil.example/x.css";</style>',
  '<style>body{background:url("javascript:alert(1)")}</style>',
  '<style><!--</style><script>alert(1)//--></script>',
  '<div style="background:url(https://t.example/x.png)">x</div>',
  '<div style="background-image:url(&quot;https://t.example/x.png&quot;)">x</div>',
  '<div style="width:expression(alert(1))">x</div>',
  '<div style="xss:expr/*x*/ession(alert(1))">x</div>',
  '<div style="background:\\75rl(https://t.example)">x</div>',
  '<div style="behavior:url(x.htc);-moz-binding:url(x.xml#x)">x</div>',
  '<div style="position:fixed;top:0;left:0;width:100%;height:100%">x</div>',
  '<div style="color:red;@import url(x)">x</div>',
  '<div style="font-family:\'x;position:fixed">x</div>',
  '<div style="background:image-set(\'https://t.example/x.png\' 1x)">x</div>',
  '<div style="content:attr(x);list-style:url(x)">x</div>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="JaVaScRiPt:alert(1)">x</a>',
  '<a href="&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)">x</a>',
  '<a href="java\tscript:alert(1)">x</a>',
  '<a href="\x01javascript:alert(1)">x</a>',
  '<a href="\u00a0javascript:alert(1)">x</a>',
  '<a href="vbscript:msgbox(1)">x</a>',
  '<a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">x</a>',
  '<a href="feed:javascript:alert(1)">x</a>',
  '<a href="view-source:javascript:alert(1)">x</a>',
  '<a href="file:///etc/passwd">x</a>',
  '<a href=https://x.example/" onmouseover="alert(1)>x</a>',
  '<a href="https://x.example/&quot; onmouseover=&quot;alert(1)">x</a>',
  '<a id=x name=y class=z ping="https://t.example" download>x</a>',
  '<body background="https://t.example/x.png" onload=alert(1)>x',
  '<table background="javascript:alert(1)"><td background="https://t.example/x">x</table>',
  '<video src=x onerror=alert(1)><source onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)>',
  '<details open ontoggle=alert(1)>x</details>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<div onpointerover=alert(1) onfocus=alert(1) tabindex=1>x</div>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<xmp><img src=x onerror=alert(1)></xmp>',
  '<title><img src=x onerror=alert(1)></title>',
  '<plaintext><img src=x onerror=alert(1)>',
  '<p title="</p><script>alert(1)</script>">x</p>',
  '<!--[if IE]><script>alert(1)</script><![endif]-->',
  '<!--><script>alert(1)</script>-->',
  '<!-- --!><img src=x onerror=alert(1)> -->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?><?import namespace="t"><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
  '<isindex type=image src=1 onerror=alert(1)>',
  '<frameset onload=alert(1)><frame src="javascript:alert(1)"></frameset>',
  '<layer src="https://evil.example/x.js"></layer>',
  '<portal src="https://evil.example"></portal>',
  '<dialog open onclose=alert(1)>x</dialog>',
  '<map name=x><area href="javascript:alert(1)"></map>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<p>\ud800<img src=x onerror=alert(1)>\u2028</p>',
  '<font face="&quot;><script>alert(1)</script>">x</font>',
  '<td width="1 onload=alert(1)" colspan="javascript:x">x</td>',
])('%j does no harm', (html) => {
  expectHarmless(clean(html))
  expectHarmless(clean(`<div>before</div>${html}<div>after</div>`))
  expectHarmless(clean(clean(html)))
})

test('what was cleaned once is not changed by cleaning it again', () => {
  const once = clean('<p style="color: red ; margin:0">a &amp; b &lt; c <a href="https://x.example/?a=1&b=2">l</a></p>')
  expect(clean(once)).toBe(once)
})

test('deep, dense and long pages are cut, not endless', () => {
  const deep = sanitizeMailHtml('<div>'.repeat(1_000) + 'x' + '</div>'.repeat(1_000), options)
  expect(deep).toMatchObject({ truncated: false, html: `${'<div>'.repeat(100)}x${'</div>'.repeat(100)}` })
  expect(sanitizeMailHtml('<b><i>'.repeat(100_000) + 'x', options).truncated).toBe(true)
  expect(sanitizeMailHtml('<'.repeat(900_000), options).html.length).toBeLessThan(200_000)
  const many = sanitizeMailHtml('<p>x<br>'.repeat(5_000), options)
  expect(many).toMatchObject({ truncated: false, html: expect.stringMatching(/^(?:<p>x<br \/><\/p>){5000}$/) })
  const long = sanitizeMailHtml(`<p>${'x'.repeat(2_000_000)}`, options)
  expect(long.truncated).toBe(true)
  expect(long.html.length).toBeLessThan(1_000_100)
})

test.each([
  ['color:red', 'color:red'],
  [' COLOR : red ; margin : 0 auto !important', 'color:red;margin:0 auto !important'],
  ['font:12px/1.5 "Segoe UI", Arial', 'font:12px/1.5 "Segoe UI", Arial'],
  ['background:#fff', 'background:#fff'],
  ['background:rgba(0, 0, 0, .5)', 'background:rgba(0, 0, 0, .5)'],
  ['background:#fff url(x.png)', ''],
  ['color:red;position:absolute;color:blue', 'color:red;color:blue'],
  ['color', ''],
  ['color:', ''],
  ['color:r/**/ed', ''],
  ['color:var(--x)', ''],
  ["font-family:'Arial", ''],
  ['a'.repeat(20_000), ''],
])('of the style %j remains %j', (given, expected) => {
  expect(safeStyle(given)).toBe(expected)
})

test('no heap of fragments becomes harmful', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '`',
    '=',
    '/',
    ' ',
    '<a href=',
    'javascript:',
    '<img src=',
    ' onerror=alert(1)',
    '<script>',
    '</script>',
    '<style>',
    '</style>',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<svg>',
    '<math>',
    '</p>',
    '<p title="',
    '<textarea>',
    '<noscript>',
    '&lt;',
    '&#60;',
    '&quot;',
    'style="',
    'url(x)',
    '\0',
    '\n',
    'x',
    '<table><td>',
    '<select><option>',
    '<xmp>',
    'https://x.example/',
    'data:text/html,',
    '<iframe srcdoc="',
    '<form>',
    '<body onload=',
    'cid:logo@x',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      expectHarmless(clean(pieces.join('')))
    }),
    { numRuns: 3000 },
  )
})
