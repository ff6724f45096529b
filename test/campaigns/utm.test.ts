import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markLinks } from '../../src/campaigns/mark-links.ts'
import { UTM_KEYS, type Utm, utmProblems, withUtm } from '../../src/campaigns/utm.ts'

const UTM: Utm = { source: 'news letter', medium: 'email', campaign: '', content: '', term: 'a&b', domains: ['shop.example'] }
const place = (utm: Partial<Utm> = {}) => ({ utm: { ...UTM, ...utm }, url: 'https://waybill.example.com' })
const ADDED = 'utm_source=news%20letter&utm_medium=email&utm_term=a%26b'

test.each([
  ['https://shop.example', `https://shop.example?${ADDED}`],
  ['https://www.shop.example/a', `https://www.shop.example/a?${ADDED}`],
  ['http://shop.example:8080/a?b=c%20d&e#f?g', `http://shop.example:8080/a?b=c%20d&e&${ADDED}#f?g`],
  ['https://shop.example/?', `https://shop.example/?${ADDED}`],
  ['https://shop.example/?a=1&#top', `https://shop.example/?a=1&${ADDED}#top`],
  ['https://shop.example/?UTM_Source=ad', 'https://shop.example/?UTM_Source=ad&utm_medium=email&utm_term=a%26b'],
  [`https://shop.example/?${ADDED}`, `https://shop.example/?${ADDED}`],
  ['https://notshop.example/', 'https://notshop.example/'],
  ['https://shop.example.evil.example/', 'https://shop.example.evil.example/'],
  ['https://shop.example@evil.example/', 'https://shop.example@evil.example/'],
  ['https://shop.example/unsubscribe?me', 'https://shop.example/unsubscribe?me'],
  ['mailto:a@shop.example', 'mailto:a@shop.example'],
  ['tel:1', 'tel:1'],
  ['#part', '#part'],
  ['/relative', '/relative'],
])('%s becomes %s', (link, marked) => {
  expect(withUtm(link, place())).toBe(marked)
})

test('the ways to leave, to preferences and to the archive are never marked, whatever is asked for', () => {
  for (const path of ['/u/abc', '/p/abc', '/a/shop/'])
    expect(withUtm(`https://waybill.example.com${path}`, place({ domains: null }))).toBe(`https://waybill.example.com${path}`)
  expect(withUtm('https://x.example/off', place({ domains: null }), 'Abmelden')).toBe('https://x.example/off')
})

test('a link is marked once, keeps everything that stood in it in its order, and leads where it led', () => {
  const piece = fc.stringMatching(/^[a-z0-9%20._~-]{0,8}$/)
  const link = fc
    .record({ path: piece, query: fc.option(fc.array(fc.tuple(piece, piece), { maxLength: 4 })), fragment: fc.option(piece) })
    .map(
      ({ path, query, fragment }) =>
        `https://shop.example/${path}${query ? `?${query.map(([k, v]) => `${k}=${v}`).join('&')}` : ''}${fragment === null ? '' : `#${fragment}`}`,
    )
  const value = fc.string({ maxLength: 20 }).filter((text) => !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(
      link,
      fc.record({ source: value, medium: value, campaign: value, content: value, term: value }),
      (before, said) => {
        const utm = { ...said, domains: null }
        fc.pre(UTM_KEYS.every((key) => said[key] === said[key].trim()))
        const after = withUtm(before, { utm, url: 'https://w.example' })
        expect(withUtm(after, { utm, url: 'https://w.example' })).toBe(after)
        const [a, b] = [new URL(before), new URL(after)]
        expect([b.host, b.pathname, b.hash]).toEqual([a.host, a.pathname, a.hash])
        const kept = [...b.searchParams].filter(([key]) => !key.startsWith('utm_'))
        expect(kept).toEqual([...a.searchParams])
        for (const key of UTM_KEYS) expect(b.searchParams.getAll(`utm_${key}`)).toEqual(said[key] === '' ? [] : [said[key]])
      },
    ),
  )
})

test('links of both parts are marked, with Liquid left where it stands, and nothing around them is changed', () => {
  const { html, text } = markLinks(
    {
      toName: '',
      subject: 'https://shop.example/',
      html: `<p>https://shop.example/</p><a class="x" href='https://shop.example/?a=1&amp;b={{ contact.email | url_encode }}#{{ contact.name }}'>A</a><a href="{{ unsubscribe_url }}">Off</a><a href=https://shop.example/plain>B</a><a href="https://other.example/">C</a>`,
      text: 'See https://shop.example/a. Or (https://shop.example/b?c={{ contact.name }}), not\nUnsubscribe: https://shop.example/x or {{ unsubscribe_url }}\n',
      fields: [],
    },
    place(),
  )
  const inHtml = ADDED.replaceAll('&', '&amp;')
  expect(html).toBe(
    `<p>https://shop.example/</p><a class="x" href='https://shop.example/?a=1&amp;b={{ contact.email | url_encode }}&amp;${inHtml}#{{ contact.name }}'>A</a><a href="{{ unsubscribe_url }}">Off</a><a href=https://shop.example/plain?${inHtml}>B</a><a href="https://other.example/">C</a>`,
  )
  expect(text).toBe(
    `See https://shop.example/a?${ADDED}. Or (https://shop.example/b?c={{ contact.name }}&${ADDED}), not\nUnsubscribe: https://shop.example/x or {{ unsubscribe_url }}\n`,
  )
})

test('what could not stand in a link of everybody is refused by name', () => {
  const problems = utmProblems({
    ...UTM,
    source: '{{ contact.name }}',
    medium: 'x'.repeat(201),
    domains: ['shop.example', 'no domain'],
  })
  expect(problems.map(({ pointer }) => pointer)).toEqual(['/utm/source', '/utm/medium', '/utm/domains/1'])
  expect(utmProblems({ ...UTM, source: '', medium: '', term: '' })).toMatchObject([{ pointer: '/utm/source' }])
})
