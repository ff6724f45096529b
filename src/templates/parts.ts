import { htmlToText } from 'html-to-text'
import {
  type Content,
  type ContentField,
  FIELD_PATH,
  MAX_BODY,
  MAX_FIELDS,
  MAX_SUBJECT,
  type Parts,
  type Problem,
} from './content.ts'
import { cover, parseLiquid } from './liquid.ts'
import { markdownToHtml } from './markdown.ts'

export type Made = { readonly ok: true; readonly parts: Parts } | { readonly ok: false; readonly problems: readonly Problem[] }

/** The parts of a mail from what somebody wrote. Everything that is wrong is told at once. */
export function toParts(content: Content): Made {
  const { format, subject, body, toName, fields } = content
  const problems = [
    ...tooLong(content),
    ...wrongFields(fields),
    ...wrongLiquid('to_name', toName),
    ...wrongLiquid('subject', subject),
    ...wrongLiquid('body', body),
    ...(content.text === null ? [] : wrongLiquid('text', content.text)),
  ]
  if (problems.length > 0) return { ok: false, problems }
  const html = format === 'html' ? body : format === 'markdown' ? markdownToHtml(body) : null
  const text = html === null ? body : (content.text ?? (format === 'markdown' ? body : textOf(html)))
  return { ok: true, parts: { toName, subject, text, html, fields } }
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

function tooLong({ subject, body, text, toName }: Content): Problem[] {
  const over = (where: Problem['where'], value: string | null, most: number): Problem[] =>
    (value?.length ?? 0) > most ? [{ where, line: null, sentence: `This is longer than ${most} characters.` }] : []
  return [
    ...over('subject', subject, MAX_SUBJECT),
    ...over('to_name', toName, MAX_SUBJECT),
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
