import { htmlToText } from 'html-to-text'
import { EMPTY_DOCUMENT } from './blocks/block.ts'
import { compileBlocks } from './blocks/compile-blocks.ts'
import {
  type Content,
  type ContentField,
  FIELD_PATH,
  MAX_BODY,
  MAX_FIELDS,
  MAX_PREHEADER,
  MAX_SUBJECT,
  type Parts,
  type Problem,
} from './content.ts'
import { cover, parseLiquid } from './liquid.ts'
import { markdownToHtml } from './markdown.ts'
import type { MjmlReader } from './mjml/mjml.ts'
import { withPreheader } from './preheader.ts'
import { slotFaults } from './slots.ts'
import { filledIn, type TemplateSource } from './template.ts'

export type Made = { readonly ok: true; readonly parts: Parts } | { readonly ok: false; readonly problems: readonly Problem[] }

/** The parts of a mail from what somebody wrote, with the template that it uses. Everything that is wrong is told at once. */
export async function makeParts(
  content: Content,
  template: TemplateSource | null,
  mjml: Pick<MjmlReader, 'read'>,
): Promise<Made> {
  const filled = filledIn(content, template)
  const problems = problemsOf(content, template)
  if (filled.format !== 'mjml' || problems.length > 0) return problems.length > 0 ? { ok: false, problems } : toParts(filled)
  const read = await mjml.read(filled.body)
  if (read.ok) return toParts({ ...filled, format: 'html', body: read.html })
  return { ok: false, problems: read.problems.map((problem) => ({ where: 'body', ...problem })) }
}

/** What can be told without reading MJML: at once, and within a transaction. */
export function problemsOf(content: Content, template: TemplateSource | null): readonly Problem[] {
  const source = template ?? content
  if (content.template && !template)
    return [
      { where: 'template', line: null, sentence: 'The template that this uses is gone. Choose another one, or write without.' },
    ]
  const faults = source.format === 'blocks' ? [] : slotFaults(source.body)
  if (faults.length > 0) return faults.map((fault) => ({ where: template ? 'template' : 'body', ...fault }))
  const filled = filledIn(content, template)
  const problems = problemsIn(filled)
  if (problems.length > 0 || filled.format !== 'blocks') return problems
  const made = compileBlocks(filled.blocks ?? EMPTY_DOCUMENT)
  return made.ok ? [] : made.problems
}

/** Of a content that stands alone and is not MJML any more. */
export function toParts(content: Content): Made {
  const { subject, toName, fields } = content
  const problems = problemsIn(content)
  if (problems.length > 0) return { ok: false, problems }
  const written = bodyOf(content)
  if ('problems' in written) return { ok: false, problems: written.problems }
  const { html, text } = written
  return { ok: true, parts: { toName, subject, text, html: html && withPreheader(html, content.preheader ?? ''), fields } }
}

function problemsIn(content: Content): Problem[] {
  return [
    ...tooLong(content),
    ...wrongFields(content.fields),
    ...wrongLiquid('to_name', content.toName),
    ...wrongLiquid('subject', content.subject),
    ...wrongLiquid('preheader', content.preheader ?? ''),
    ...(content.format === 'blocks' ? [] : wrongLiquid('body', content.body)),
    ...(content.text === null ? [] : wrongLiquid('text', content.text)),
  ]
}

type Written = { readonly html: string | null; readonly text: string } | { readonly problems: readonly Problem[] }

function bodyOf({ format, body, blocks, text }: Content): Written {
  switch (format) {
    case 'text':
      return { html: null, text: body }
    case 'markdown':
      return { html: markdownToHtml(body), text: text ?? body }
    case 'html':
      return { html: body, text: text ?? textOf(body) }
    case 'blocks': {
      const made = compileBlocks(blocks ?? EMPTY_DOCUMENT)
      return made.ok ? { html: made.html, text: text ?? textOf(made.html) } : { problems: made.problems }
    }
    case 'mjml':
      throw new Error('MJML is read before')
  }
}

/** The words of an HTML text with Liquid in it. Links are kept, pictures and lay-out are not. */
export function textOf(html: string): string {
  const covered = cover(html)
  const text = htmlToText(covered.text, {
    wordwrap: false,
    limits: { maxInputLength: MAX_BODY, maxDepth: 100, maxBaseElements: 1 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({ selector, options: { uppercase: false } })),
    ],
  })
  return `${covered.uncover(text)}\n`
}

function tooLong({ subject, preheader = '', body, text, toName }: Content): Problem[] {
  const over = (where: Problem['where'], value: string | null, most: number): Problem[] =>
    (value?.length ?? 0) > most ? [{ where, line: null, sentence: `This is longer than ${most} characters.` }] : []
  return [
    ...over('subject', subject, MAX_SUBJECT),
    ...over('to_name', toName, MAX_SUBJECT),
    ...over('preheader', preheader, MAX_PREHEADER),
    ...over('body', body, MAX_BODY),
    ...over('text', text, MAX_BODY),
  ]
}

function wrongFields(fields: readonly ContentField[]): Problem[] {
  const wrong = (sentence: string): Problem => ({ where: 'fields', line: null, sentence })
  if (fields.length > MAX_FIELDS) return [wrong(`More than ${MAX_FIELDS} fields are declared.`)]
  const names = fields.map(({ path }) => path)
  return [
    ...names.filter((path) => !FIELD_PATH.test(path)).map((path) => wrong(`"${path}" is no field of a contact.`)),
    ...names.filter((path, i) => names.indexOf(path) !== i).map((path) => wrong(`"${path}" is declared twice.`)),
  ]
}

function wrongLiquid(where: Problem['where'], source: string): Problem[] {
  const parsed = source.length > MAX_BODY ? { ok: true as const } : parseLiquid(source, 'plain')
  return parsed.ok ? [] : [{ where, line: parsed.line, sentence: parsed.sentence }]
}
