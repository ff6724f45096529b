import { load } from 'cheerio'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Block, DEFAULT_LOOK, type Leaf, MAX_BLOCKS } from '../../src/templates/blocks/block.ts'
import { inkOn, luminance, readableOn } from '../../src/templates/blocks/colours.ts'
import { compileBlocks } from '../../src/templates/blocks/compile-blocks.ts'
import type { Content } from '../../src/templates/content.ts'
import { toParts } from '../../src/templates/parts.ts'

function html(...blocks: Block[]): string {
  const made = compileBlocks({ look: DEFAULT_LOOK, blocks })
  if (!made.ok) throw new Error(made.problems.map(({ sentence }) => sentence).join(' '))
  return made.html
}

const text = (id: string, words: string): Leaf => ({ id, type: 'text', html: `<p>${words}</p>`, align: 'left' })
const heading: Leaf = { id: 'h', type: 'heading', level: 1, text: 'Spring & <i>summer</i>', align: 'left' }

test('blocks are rows of tables, with their styles in them, and the words of the part without markup', () => {
  const content: Content = {
    format: 'blocks',
    subject: 'x',
    body: '',
    blocks: {
      look: DEFAULT_LOOK,
      blocks: [
        heading,
        text('t', 'Dear {{ contact.first_name }}'),
        { id: 'l', type: 'list', ordered: false, items: ['one', 'two'] },
        { id: 'b', type: 'button', label: 'Look & see', url: 'https://shop.example/?a=1&b=2', align: 'center' },
        { id: 'q', type: 'quote', html: '<p>So it is</p>', by: 'Ann' },
        { id: 'c', type: 'columns', columns: [[text('c1', 'left')], [text('c2', 'right')]] },
        { id: 's', type: 'social', links: [{ kind: 'mastodon', url: 'https://social.example/@shop' }], align: 'left' },
      ],
    },
    text: null,
    toName: '',
    fields: [],
  }
  const made = toParts(content)
  if (!made.ok) throw new Error(made.problems[0]?.sentence)
  const $ = load(made.parts.html ?? '')
  expect($('h1').html()).toBe('Spring &amp; <i>summer</i>')
  expect($('a[href="https://shop.example/?a=1&b=2"]').text()).toBe('Look & see')
  expect($('.wb-column')).toHaveLength(2)
  expect($('[style*="font-family"]').length).toBeGreaterThan(5)
  for (const words of [
    'Spring & summer',
    'Dear {{ contact.first_name }}',
    '* one',
    '> So it is',
    'Mastodon [https://social.example/@shop]',
  ])
    expect(made.parts.text).toContain(words)
})

/** What anybody may type, and what somebody types who wants out. */
const typed = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        '</td>',
        '</tr>',
        '</table>',
        '<td>',
        '<tr>',
        '<table>',
        '</div>',
        '<p>',
        '</p>',
        '<b>',
        '<a href="',
        '">',
        '<!--',
        '-->',
        '<![endif]-->',
        '<script>',
        '</script>',
        '<style>',
        '</style>',
        '</body>',
        '</html>',
        '"',
        "'",
        '>',
        '<',
        '&',
        '{',
        '}}',
        '%}',
        'x',
        '<svg>',
        '<math>',
        '<select>',
        '<li>',
        '<caption>',
        '<plaintext>',
        '<textarea>',
        '<title>',
        '<frameset>',
        '<form>',
      ),
      { maxLength: 14 },
    )
    .map((pieces) => pieces.join('')),
)
const leaf: fc.Arbitrary<Leaf> = typed.chain((words) =>
  fc.constantFrom<Leaf>(
    { id: 'x', type: 'heading', level: 2, text: words, align: 'left' },
    { id: 'x', type: 'text', html: words, align: 'center' },
    { id: 'x', type: 'list', ordered: true, items: [words, words] },
    { id: 'x', type: 'image', url: words, alt: words, link: words, width: 40, align: 'left' },
    { id: 'x', type: 'button', label: words, url: words, align: 'left' },
    { id: 'x', type: 'quote', html: words, by: words },
    { id: 'x', type: 'social', links: [{ kind: 'x', url: words }], align: 'left' },
    { id: 'x', type: 'html', html: words },
    { id: 'x', type: 'slot', name: 'content', text: words },
  ),
)

test('whatever is typed into a block stays in it: what stands before and behind is where it was', () => {
  const rowsOf = (page: string) => load(page)('.wb-card > tbody > tr')
  fc.assert(
    fc.property(leaf, fc.boolean(), (inside, isInColumns) => {
      const block: Block = isInColumns ? { id: 'c', type: 'columns', columns: [[inside], [text('n', 'neighbour')]] } : inside
      const made = compileBlocks({ look: DEFAULT_LOOK, blocks: [text('a', 'before it'), block, text('b', 'behind it')] })
      // What is not finished Liquid is that block's fault, told with its number.
      if (!made.ok) return made.problems.every(({ line, where }) => line === 2 && where === 'blocks')
      const rows = rowsOf(made.html)
      expect(rows).toHaveLength(5)
      expect(rows.eq(1).text().trim()).toBe('before it')
      expect(rows.eq(3).text().trim()).toBe('behind it')
      const $ = load(made.html)
      expect($('script, iframe, form, [onclick], [onerror]')).toHaveLength(0)
      expect(
        $('a')
          .toArray()
          .every((a) => !/^\s*(javascript|data|vbscript):/i.test($(a).attr('href') ?? '')),
      ).toBe(true)
      return true
    }),
    { numRuns: 400 },
  )
})

test('Liquid that a block does not end is that block’s fault, and one too many is told', () => {
  const made = compileBlocks({ look: DEFAULT_LOOK, blocks: [heading, text('t', '{% if contact.vip %}open')] })
  expect(made).toMatchObject({ ok: false, problems: [{ where: 'blocks', line: 2 }] })
  expect(compileBlocks({ look: DEFAULT_LOOK, blocks: Array.from({ length: MAX_BLOCKS + 1 }, () => heading) })).toMatchObject({
    ok: false,
    problems: [{ sentence: 'A mail has at most 200 blocks.' }],
  })
})

test('links that would run something lead nowhere', () => {
  const page = html(
    { id: 'b', type: 'button', label: 'x', url: ' java\tscript:alert(1)', align: 'left' },
    text('t', '<a href="javascript:alert(1)">y</a><a href="{{ contact.url }}">z</a>'),
  )
  expect(
    load(page)('a')
      .toArray()
      .map((a) => load(page)(a).attr('href')),
  ).toEqual(['', undefined, '{{ contact.url }}'])
})

test('what is written on a colour can be read, whatever the colour', () => {
  const colour = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`)
  const contrast = (a: string, b: string) => {
    const [x = 0, y = 0] = [luminance(a), luminance(b)].sort((p, q) => q - p)
    return (x + 0.05) / (y + 0.05)
  }
  fc.assert(
    fc.property(colour, colour, (paper, ink) => {
      expect(contrast(paper, readableOn(paper, ink))).toBeGreaterThan(4.49)
      expect(contrast(paper, inkOn(paper))).toBeGreaterThan(4.49)
    }),
  )
})
