import { afterAll, expect, test } from 'vitest'
import type { Content } from '../../src/templates/content.ts'
import { createMjmlReader } from '../../src/templates/mjml/mjml.ts'
import { MAX_MJML } from '../../src/templates/mjml/read-mjml.ts'
import { makeParts } from '../../src/templates/parts.ts'

const mjml = createMjmlReader()
afterAll(() => mjml.close())

const content = (body: string): Content => ({ format: 'mjml', subject: 'x', body, text: null, toName: '', fields: [] })
const page = (inside: string) => `<mjml>\n<mj-body>\n${inside}\n</mj-body>\n</mjml>`
const textOf = (inside: string) => page(`<mj-section><mj-column><mj-text>${inside}</mj-text></mj-column></mj-section>`)

test('Liquid stands where it stood: in text, in attributes, and around whole sections', async () => {
  const made = await makeParts(
    content(
      page(`{% if contact.vip
  == true %}
<mj-section background-color="{{ contact.colour }}"><mj-column>
<mj-text>Hello {{ contact.first_name | default: "<you>" }} {% for tag in contact.tags %}<b>{{ tag }}</b>{% endfor %}</mj-text>
<mj-button href="https://shop.example/?id={{ contact.external_id }}&amp;x=1">Go</mj-button>
</mj-column></mj-section>
{% endif %}`),
    ),
    null,
    mjml,
  )
  if (!made.ok) throw new Error(JSON.stringify(made.problems))
  const { html, text } = made.parts
  for (const piece of [
    '{% if contact.vip\n  == true %}',
    '{% endif %}',
    'Hello {{ contact.first_name | default: "<you>" }}',
    '{% for tag in contact.tags %}<b>{{ tag }}</b>{% endfor %}',
    'https://shop.example/?id={{ contact.external_id }}&amp;x=1',
    '{{ contact.colour }}',
  ])
    expect(html).toContain(piece)
  expect(html?.indexOf('{% if')).toBeLessThan(html?.indexOf('{% endif') ?? 0)
  // Whoever reads would be known to whoever serves fonts.
  expect(html).not.toMatch(/fonts\.|@import/)
  expect(text).toContain('Go [https://shop.example/')
})

test.each([
  [page('<mj-include path="/etc/passwd" />'), 3, /mj-include/],
  [page('<mj-section>\n<mj-column>\n<mj-foo>x</mj-foo></mj-column></mj-section>'), 5, /mj-foo/],
  [
    page('{% comment %}\n\n\n{% endcomment %}\n<mj-section><mj-column><mj-text wide="1">x</mj-text></mj-column></mj-section>'),
    7,
    /wide/,
  ],
  [page('<mj-section>\n<mj-column>\n</mj-section>'), 4, /<mj-column> does not end/],
  ['<p>hello</p>', 1, /begins with <mjml>/],
])('what is wrong in %j is told with its line', async (body, line, words) => {
  const made = await makeParts(content(body), null, mjml)
  expect(made).toMatchObject({ ok: false, problems: [{ where: 'body', line, sentence: expect.stringMatching(words) }] })
})

test('what is too long, too deep or takes too long is refused in words, and the next one is read', async () => {
  const told = async (body: string, reader = mjml) => {
    const made = await makeParts(content(body), null, reader)
    return made.ok ? 'ok' : made.problems[0]?.sentence
  }
  expect(await told(textOf('x'.repeat(MAX_MJML)))).toMatch(/at most 512 KB/)
  expect(await told(page('<mj-section>'.repeat(60) + '</mj-section>'.repeat(60)))).toMatch(/nested too deeply/)
  expect(await told(page('<mj-spacer />'.repeat(5_100)))).toMatch(/at most 5000 elements/)
  const hasty = createMjmlReader({ deadlineMs: 1 })
  expect(await told(page(textOf('x').repeat(1)), hasty)).toMatch(/longer than 0.001 seconds|does not end|nested|mjml/i)
  expect(await told(page('<mj-section><mj-column><mj-text>y</mj-text></mj-column></mj-section>'.repeat(400)), hasty)).toMatch(
    /takes longer than 0.001 seconds/,
  )
  await hasty.close()
  expect(await told(textOf('fine'))).toBe('ok')
})

test('one that was closed says so, also to whoever waits', async () => {
  const closing = createMjmlReader()
  const waiting = closing.read(textOf('a'))
  await closing.close()
  expect(await waiting).toEqual({ ok: false, problems: [{ line: null, sentence: 'The server is stopping.' }] })
  expect(await closing.read(textOf('b'))).toMatchObject({ ok: false })
})
