import { expect, test } from 'vitest'
import { unsubscribeHeaders, withWayOut } from '../../../src/campaigns/leaving/way-out.ts'
import { compileParts } from '../../../src/templates/compile.ts'
import type { Content } from '../../../src/templates/content.ts'
import { toParts } from '../../../src/templates/parts.ts'

const NOW = new Date('2026-11-22T10:00:00.000Z')
const LINK = 'https://waybill.example.com/u/token'

function written(content: Partial<Content>) {
  const made = toParts({ format: 'html', subject: 'News', body: '', text: null, toName: '', fields: [], ...content })
  if (!made.ok) throw new Error(made.problems[0]?.sentence)
  const parts = withWayOut(made.parts)
  const compiled = compileParts(parts, {}, ['unsubscribe_url'], NOW)
  const rendered = compiled.render({ contact: { language: 'de' }, own: { unsubscribe_url: LINK } }, NOW)
  const values = rendered.kind === 'ready' ? rendered.values : []
  const fill = (part: typeof compiled.html) =>
    part?.literals.reduce((out, literal, i) => {
      const place = part.places[i - 1]
      return out + (i === 0 ? '' : typeof place === 'number' ? values[place] : LINK) + literal
    }, '') ?? ''
  return { html: fill(compiled.html), text: fill(compiled.text), usesOwn: compiled.usesOwn }
}

const linksIn = (text: string) => text.split(LINK).length - 1

test('a content without a link to leave gets one at the foot of each of its parts, within the body', () => {
  const html = written({ body: '<html><body><p>Hi</p>{{ "</body>" | size }}</body></html>' })
  expect(html.html).toMatch(
    /<p>Hi<\/p>7<p style="[^"]+"><a href="https:\/\/waybill\.example\.com\/u\/token">Unsubscribe<\/a><\/p><\/body><\/html>$/,
  )
  expect(html.text).toMatch(/\n\nUnsubscribe: https:\/\/waybill\.example\.com\/u\/token\n$/)
  const markdown = written({ format: 'markdown', body: 'Hi' })
  expect([linksIn(markdown.html), linksIn(markdown.text)]).toEqual([1, 1])
  expect(linksIn(written({ format: 'text', body: 'Hi' }).text)).toBe(1)
})

test('whoever wrote the link has it where they wrote it, also within a tag or behind a filter, and no second one', () => {
  const alone = written({ body: '<a href="{{ unsubscribe_url }}">Leave</a>' })
  expect(alone).toEqual({ html: `<a href="${LINK}">Leave</a>`, text: expect.stringContaining(LINK), usesOwn: false })
  expect([linksIn(alone.html), linksIn(alone.text)]).toEqual([1, 1])
  const within = written({
    body: '{% if contact.language == "de" %}<a href="{{ unsubscribe_url }}">Abmelden</a>{% endif %}',
    text: '{{ unsubscribe_url | append: "#top" }}',
  })
  expect(within).toEqual({ html: `<a href="${LINK}">Abmelden</a>`, text: `${LINK}#top`, usesOwn: true })
})

test('one click is offered over HTTPS alone, and an address for mail where one of ours takes it', () => {
  expect(unsubscribeHeaders('https://waybill.example.com', 'a+b@example.com')).toEqual([
    ['List-Unsubscribe', { literals: ['<', '>, <mailto:a%2Bb@example.com?subject=unsubscribe>'], places: ['unsubscribe_url'] }],
    ['List-Unsubscribe-Post', { literals: ['List-Unsubscribe=One-Click'], places: [] }],
  ])
  expect(unsubscribeHeaders('http://localhost:8025', null)).toEqual([
    ['List-Unsubscribe', { literals: ['<', '>'], places: ['unsubscribe_url'] }],
  ])
})
