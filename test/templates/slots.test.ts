import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_LOOK } from '../../src/templates/blocks/block.ts'
import type { Content } from '../../src/templates/content.ts'
import { fillSlots } from '../../src/templates/fill-slots.ts'
import { READY_TEMPLATES } from '../../src/templates/library/ready.ts'
import { createMjmlReader } from '../../src/templates/mjml/mjml.ts'
import { makeParts } from '../../src/templates/parts.ts'
import { slotFaults, slotsIn } from '../../src/templates/slots.ts'
import { filledIn } from '../../src/templates/template.ts'

const TEMPLATE =
  '<h1>{% slot title line %}News{% endslot %}</h1>\n{% slot content %}Write *here*.{% endslot %}{% slot extra raw %}<hr>{% endslot %}'

test('a slot has a name, a kind, and what stands there until it is filled', () => {
  expect(slotsIn({ body: TEMPLATE })).toEqual([
    { name: 'title', kind: 'line', text: 'News' },
    { name: 'content', kind: 'markdown', text: 'Write *here*.' },
    { name: 'extra', kind: 'raw', text: '<hr>' },
  ])
  expect(fillSlots(TEMPLATE, 'html', {})).toBe('<h1>News</h1>\n<p>Write <em>here</em>.</p>\n<hr>')
})

test('lines and Markdown are escaped around their Liquid, raw is the template’s own language', () => {
  const filled = fillSlots(TEMPLATE, 'html', {
    title: 'Tom & <b>Jerry</b>,\n{{ contact.first_name | default: "<you>" }}',
    content: '<script>x</script>\n\n**bold** {{ contact.city }}',
    extra: '<b>mine</b>',
  })
  expect(filled).toContain('<h1>Tom &#38; &#60;b&#62;Jerry&#60;/b&#62;, {{ contact.first_name | default: "<you>" }}</h1>')
  expect(filled).toContain('&lt;script&gt;')
  expect(filled).toContain('<strong>bold</strong> {{ contact.city }}')
  expect(filled).toContain('<b>mine</b>')
  expect(fillSlots('{% slot a line %}x{% endslot %}', 'text', { a: 'Tom & Jerry' })).toBe('Tom & Jerry')
})

test.each([
  ['{% slot a %}x', 1, 'does not end'],
  ['a\n{% endslot %}', 2, 'did not begin'],
  ['{% slot a %}{% slot b %}{% endslot %}', 1, 'before another one begins'],
  ['{% slot Über %}{% endslot %}', 1, 'small letters'],
  ['\n\n{% slot a wide %}{% endslot %}', 3, '"wide" is none'],
])('%j is told with its line', (source, line, words) => {
  expect(slotFaults(source)[0]).toEqual({ line, sentence: expect.stringContaining(words) })
  expect(fillSlots(source, 'html', { a: 'x' })).toBe(source)
})

test('a source without slots stays as it is, and filling needs one walk', () => {
  fc.assert(fc.property(fc.string(), (source) => fillSlots(source, 'html', { a: 'b' }) === source || source.includes('slot')))
  const many = '{% slot a %}'.repeat(30_000)
  const startedMs = performance.now()
  expect(slotFaults(many).length).toBeGreaterThan(0)
  expect(performance.now() - startedMs).toBeLessThan(20_000)
})

test('what a campaign says of a field counts; what it does not speak of is as the template has it', () => {
  const used: Content = {
    format: 'text',
    subject: 'x',
    body: 'ignored',
    template: { id: 't' as never, slots: { content: 'Hi' } },
    text: null,
    toName: '',
    fields: [{ path: 'contact.city', fallback: 'here', required: false }],
  }
  const fields = [
    { path: 'contact.city', fallback: 'there', required: false },
    { path: 'contact.first_name', fallback: 'friend', required: false },
  ]
  const filled = filledIn(used, { format: 'html', body: '{% slot content line %}{% endslot %}', blocks: null, fields })
  expect(filled).toMatchObject({ format: 'html', body: 'Hi' })
  expect(filled.fields).toEqual([{ path: 'contact.city', fallback: 'here', required: false }, fields[1]])
  const blocks = { look: DEFAULT_LOOK, blocks: [{ id: '1', type: 'slot' as const, name: 'content', text: 'x' }] }
  expect(filledIn(used, { format: 'blocks', body: '', blocks, fields: [] }).blocks?.blocks).toEqual([
    { id: '1', type: 'slot', name: 'content', text: 'Hi' },
  ])
})

test('each template to begin with can be sent as it is, and with its slots filled', async () => {
  const mjml = createMjmlReader()
  for (const { body, blocks, format, fields, key } of READY_TEMPLATES) {
    const slots = Object.fromEntries(slotsIn({ body, blocks }).map(({ name }) => [name, `filled ${name}`]))
    expect(Object.keys(slots).length, key).toBeGreaterThan(2)
    for (const values of [{}, slots]) {
      const use = { id: 't' as never, slots: values }
      const content: Content = { format, subject: 'x', body: '', template: use, text: null, toName: '', fields: [] }
      const made = await makeParts(content, { format, body, blocks, fields }, mjml)
      if (!made.ok) throw new Error(`${key}: ${JSON.stringify(made.problems)}`)
      expect(made.parts.html).toContain('unsubscribe_url')
      for (const name of Object.keys(values)) expect(made.parts.html, key).toContain(`filled ${name}`)
    }
  }
  await mjml.close()
})
