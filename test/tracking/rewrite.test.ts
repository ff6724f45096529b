import fc from 'fast-check'
import { expect, test } from 'vitest'
import { anchorsOf } from '../../src/mail/html-anchors.ts'
import { type Rewriting, rewrite } from '../../src/tracking/rewrite.ts'
import { unsubscribeUrls } from '../../src/tracking/unsubscribe.ts'

const wanted: Rewriting = {
  opens: false,
  clicks: true,
  base: 'https://links.example.com',
  standIn: 'standin',
  unsubscribe: [],
  isTemplate: false,
}
const link = (n: number) => `https://links.example.com/t/c/standin/${n}`

test('links of the web lead through us, and nothing else of the text changes', () => {
  const { html, urls } = rewrite(
    '<P CLASS=x>One <A  class="a" HREF="https://shop.example/a?x=1&amp;y=2#z">here</A>\r\n<a href=\'http://other.example\'>there</a> <a href=https://shop.example/b>b</a> <area href="https://shop.example/c">',
    wanted,
  )
  expect(html).toBe(
    `<P CLASS=x>One <A  class="a" HREF="${link(1)}">here</A>\r\n<a href='${link(2)}'>there</a> <a href=${link(3)}>b</a> <area href="${link(4)}">`,
  )
  expect(urls).toEqual([
    'https://shop.example/a?x=1&y=2#z',
    'http://other.example/',
    'https://shop.example/b',
    'https://shop.example/c',
  ])
})

test('two links to one place are one', () => {
  const { html, urls } = rewrite('<a href="https://a.example/">1</a><a href="https://a.example">2</a>', wanted)
  expect([html, urls]).toEqual([`<a href="${link(1)}">1</a><a href="${link(1)}">2</a>`, ['https://a.example/']])
})

test.each([
  ['mail', '<a href="mailto:ann@example.com">'],
  ['a telephone', '<a href="tel:+43123">'],
  ['a place in the text', '<a href="#top">'],
  ['a place on no server', '<a href="/news">'],
  ['a script', '<a href="javascript:alert(1)">'],
  ['one that was taken out', '<a data-track="off" href="https://a.example/">'],
  ['one that was taken out, without quotes', '<a href="https://a.example/" DATA-TRACK=Off>'],
  ['a way off the list, by its address', '<a href="https://a.example/unsubscribe?x=1">here</a>'],
  ['a way off the list, by its words', '<a href="https://a.example/l?x=1">Newsletter <b>abbestellen</b></a>'],
  ['a way off the list, named in the header', '<a href="https://a.example/bye">here</a>'],
  ['one of ours already', `<a href="${link(1)}">`],
  ['one in a comment', '<!--[if mso]><a href="https://a.example/"><![endif]-->'],
  ['one in a style sheet', '<style>/* <a href="https://a.example/"> */</style>'],
  ['one with an entity that is not known here', '<a href="https://a.example/&nbsp;x">'],
  ['one that does not end', '<a href="https://a.example/'],
  ['a picture', '<img src="https://a.example/a.png">'],
  ['a word with a smaller sign', 'a <b and <abbr href="https://a.example/">'],
])('left as it is: %s', (_, html) => {
  const unsubscribe = unsubscribeUrls([['List-Unsubscribe', '<mailto:bye@a.example>, <https://a.example/bye>']])
  expect(rewrite(html, { ...wanted, unsubscribe })).toEqual({ html, urls: [] })
})

test('the picture stands at the end of the body', () => {
  const { html } = rewrite('<html><body><p>Hello</p></BODY></html>', { ...wanted, clicks: false, opens: true })
  expect(html).toMatch(/<p>Hello<\/p><img src="https:\/\/links.example.com\/t\/o\/standin.gif"[^<>]*><\/BODY><\/html>$/)
})

test('values may stand in a link but not decide whose server it leads to', () => {
  const template = { ...wanted, isTemplate: true }
  expect(rewrite('<a href="https://a.example/{{ id }}?n={{ n }}">', template)).toEqual({
    html: `<a href="${link(1)}">`,
    urls: ['https://a.example/{{ id }}?n={{ n }}'],
  })
  for (const html of [
    '<a href="{{ url }}">',
    '<a href="https://{{ host }}/x">',
    '<a href="https://a.example{{ rest }}">',
    '<a href=https://a.example/{{id}}>',
  ])
    expect(rewrite(html, template), html).toEqual({ html, urls: [] })
  expect(rewrite('<a href="https://a.example/{{ id }}">', wanted).urls).toEqual(['https://a.example/%7B%7B%20id%20%7D%7D'])
})

const someHtml = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '<a href="https://a.example/1">',
        '</a>',
        '<a ',
        'href=',
        '"',
        "'",
        '<!--',
        '-->',
        '<style>',
        '</style>',
        '>',
        '<',
        '=',
      ),
      fc.string({ maxLength: 5 }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join(''))

test('whatever the text is, what is found in it is where it is said to be, and putting it back gives the text', () => {
  fc.assert(
    fc.property(someHtml, (html) => {
      let last = 0
      for (const { start, end } of anchorsOf(html)) {
        expect(start).toBeGreaterThanOrEqual(last)
        expect(end).toBeGreaterThanOrEqual(start)
        last = end
      }
      const { html: out, urls } = rewrite(html, wanted)
      const back = urls.reduce((text, url, i) => text.replaceAll(link(i + 1), url), out)
      expect(back).toBe(html)
    }),
  )
})

test.each([
  ['<a '],
  ['<a href='],
  ['<a href="'],
  ["<a b='"],
  ['<!--'],
  ['<style>'],
  ['< '],
  ['<a  ='],
  ['<a href="https://a.example/">'],
  ['&amp;'],
])('a million times %s is read as fast as anything else', (piece) => {
  const { html } = rewrite(piece.repeat(1_000_000 / piece.length), { ...wanted, opens: true })
  expect(html.length).toBeGreaterThan(900_000)
  expect(rewrite(`<a href="${piece.repeat(100_000)}`, wanted).urls.length).toBeLessThanOrEqual(1)
})
