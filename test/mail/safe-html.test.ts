import { expect, test } from 'vitest'
import { safeHtml } from '../../src/mail/safe-html.ts'

const safe = (html: string, options: Partial<Parameters<typeof safeHtml>[1]> = {}) =>
  safeHtml(html, { images: false, styles: false, inlineImage: () => null, ...options })

test.each([
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" jAvAsCrIpT&colon;alert(1)">x</a>',
  '<a href="java\nscript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+">',
  '<form action="https://evil.example"><input name=password></form>',
  '<object data="https://evil.example"></object><embed src="https://evil.example">',
  '<link rel=stylesheet href="https://evil.example"><base href="https://evil.example">',
  '<meta http-equiv=refresh content="0;url=https://evil.example">',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
  '<textarea><img src=x onerror=alert(1)></textarea>',
  '<a target="_self" onclick="alert(1)" href="https://ok.example">x</a>',
  '<div style="background:url(javascript:alert(1))" onmouseover=alert(1)>x</div>',
  '<template><script>alert(1)</script></template>',
  '<button formaction="javascript:alert(1)">x</button>',
  '<video src=x onerror=alert(1)><audio src=x onerror=alert(1)>',
])('nothing that acts is left of %s', (html) => {
  for (const styles of [false, true]) {
    const { html: left } = safe(html, { styles, images: true })
    // Quoted values are escaped, so what stands between < and > is a tag.
    const tags = left.match(/<[^>]*>/g) ?? []
    for (const tag of tags) {
      expect(tag).not.toMatch(
        /^<(script|svg|iframe|object|embed|link|base|meta|form|input|textarea|button|math|template|video|audio|noscript)/i,
      )
      expect(tag.replace(/"[^"]*"/g, '""')).not.toMatch(/\son\w+\s*=/i)
      expect(tag).not.toMatch(/(href|src)="\s*(javascript|data:(?!image\/(png|jpeg|gif|webp))|vbscript)/i)
    }
    expect(left.replace(/<[^>]*>/g, '')).not.toContain('<')
  }
})

test('links open elsewhere and show where they lead', () => {
  const { html } = safe('<a href="https://example.org/x" title="https://bank.example" target=_top>x</a>')
  expect(html).toBe(
    '<a target="_blank" href="https://example.org/x" title="https://example.org/x" rel="noopener noreferrer nofollow">x</a>',
  )
})

test('remote images are counted, and shown only when asked for', () => {
  const mail =
    '<img src="https://track.example/1.gif"><img src="//track.example/2.gif"><img src="HTTP://track.example/3.gif" srcset="https://track.example/4.gif 2x">'
  expect(safe(mail).remoteImages).toBe(2)
  expect(safe(mail).html).not.toMatch(/\ssrc(set)?=/)
  expect(safe(mail, { images: true }).html).toContain('src="https://track.example/1.gif"')
  expect(safe(mail, { images: true }).html).not.toContain('srcset')
})

test('pictures that came with the mail are shown in place', () => {
  const inlineImage = (id: string) => (id === 'logo@x' ? 'data:image/png;base64,AAAA' : null)
  const { html, remoteImages } = safe('<img src="cid:logo@x" alt="Logo"><img src="cid:gone">', { inlineImage })
  expect(html).toContain('src="data:image/png;base64,AAAA"')
  expect(html.match(/src=/g)).toHaveLength(1)
  expect(remoteImages).toBe(0)
})

test('what mails look like stays', () => {
  const mail = '<table width="600" bgcolor="#eee"><tr><td style="color:red" align="center"><b>Hi</b></td></tr></table>'
  expect(safe(mail).html).toBe(mail)
})

test('a mail of a hundred thousand open elements ends', () => {
  expect(safe('<div>'.repeat(100_000)).html.length).toBeLessThan(10_000_000)
})
