/**
 * MJML with Liquid in it as HTML with the same Liquid in it. The library drops text between its elements, so Liquid tags that stand there are told to
 * it as raw; and it repairs in silence what is not closed, so that is looked for here.
 */
import { type Covered, cover } from '../liquid.ts'

export interface MjmlProblem {
  readonly line: number | null
  readonly sentence: string
}

export type MjmlRead =
  | { readonly ok: true; readonly html: string }
  | { readonly ok: false; readonly problems: readonly MjmlProblem[] }

export const MAX_MJML = 512 * 1024
const MAX_ELEMENTS = 5_000
const MAX_DEPTH = 50
const MAX_PROBLEMS = 20

/** Elements whose inside is HTML or text and is left alone. */
const HOLDS_HTML = new Set([
  'mj-text',
  'mj-button',
  'mj-table',
  'mj-raw',
  'mj-style',
  'mj-title',
  'mj-preview',
  'mj-navbar-link',
  'mj-social-element',
  'mj-accordion-title',
  'mj-accordion-text',
])
const EMPTY = new Set([
  'mj-image',
  'mj-divider',
  'mj-spacer',
  'mj-font',
  'mj-breakpoint',
  'mj-class',
  'mj-all',
  'mj-html-attribute',
])

/** The part of the library that we use. */
export type MjmlLibrary = (
  source: string,
) => Promise<{ readonly html: string; readonly errors: ReadonlyArray<{ line: number; message: string; tagName: string }> }>

/** Throws what parsing Liquid would. */
export async function readMjml(source: string, compile: MjmlLibrary): Promise<MjmlRead> {
  if (source.length > MAX_MJML) return refused([{ line: null, sentence: `MJML is at most ${MAX_MJML / 1024} KB long.` }])
  const covered = cover(source)
  const { text, problems } = prepared(covered)
  if (problems.length > 0) return refused(problems)
  try {
    const { html, errors } = await compile(text)
    // What a value will be is not known now: an attribute that is one is not wrong.
    const real = errors.filter(({ message }) => message.search(covered.isCover) === -1)
    if (real.length > 0)
      return refused(
        real.map(({ line, message, tagName }) => ({ line: lineOf(covered, text, line), sentence: sentenceOf(message, tagName) })),
      )
    return { ok: true, html: covered.uncover(html) }
  } catch (error) {
    return refused([{ line: null, sentence: `This is no MJML: ${error instanceof Error ? error.message : 'it cannot be read'}` }])
  }
}

function refused(problems: readonly MjmlProblem[]): MjmlRead {
  return { ok: false, problems: problems.slice(0, MAX_PROBLEMS) }
}

const TAG = /<!--[\s\S]*?(?:-->|$)|<(\/?)(mjml|mj-[a-z-]{1,40})(?=[\s/>])((?:[^>"']|"[^"]*"|'[^']*')*)>/gi

/** One walk over its elements: which of them do not close, and where Liquid stands between them. */
function prepared(covered: Covered): { readonly text: string; readonly problems: readonly MjmlProblem[] } {
  const { text } = covered
  const problems: MjmlProblem[] = []
  const open: { readonly name: string; readonly index: number }[] = []
  const told = (index: number, sentence: string) =>
    problems.push({ line: lineOf(covered, text, text.slice(0, index).split('\n').length), sentence })
  let [out, at, elements] = ['', 0, 0]
  const between = (piece: string) => {
    const inside = open.at(-1)?.name
    return inside === undefined || HOLDS_HTML.has(inside) ? piece : piece.replace(covered.isCover, '<mj-raw>$&</mj-raw>')
  }
  for (const found of text.matchAll(TAG)) {
    const name = found[2]?.toLowerCase()
    const isEnd = found[1] === '/'
    const inside = open.at(-1)?.name
    // The inside of these ends with their own end, whatever is in it.
    if (name === undefined || (inside !== undefined && HOLDS_HTML.has(inside) && !(isEnd && name === inside))) continue
    out += between(text.slice(at, found.index)) + found[0]
    at = found.index + found[0].length
    if (++elements > MAX_ELEMENTS)
      return { text, problems: [{ line: null, sentence: `MJML has at most ${MAX_ELEMENTS} elements.` }] }
    if (name === 'mj-include')
      told(found.index, 'mj-include is not known here: files are read by nobody. Put the text itself in its place.')
    else if (isEnd) {
      if (!open.some((begun) => begun.name === name)) {
        if (!EMPTY.has(name)) told(found.index, `</${name}> ends what did not begin.`)
        continue
      }
      for (let last = open.pop(); last && last.name !== name; last = open.pop()) told(last.index, `<${last.name}> does not end.`)
    } else if (!found[3]?.trimEnd().endsWith('/') && !(EMPTY.has(name) && !closesLater(text, at, name))) {
      open.push({ name, index: found.index })
      if (open.length > MAX_DEPTH) return { text, problems: [{ line: null, sentence: 'This is nested too deeply.' }] }
    }
    if (problems.length >= MAX_PROBLEMS) break
  }
  for (const { name, index } of open.slice(-3)) told(index, `<${name}> does not end.`)
  if (elements === 0) problems.push({ line: 1, sentence: 'MJML begins with <mjml> and has an <mj-body> in it.' })
  return { text: out + text.slice(at), problems }
}

/** Some elements may be written with an end or without. */
function closesLater(text: string, from: number, name: string): boolean {
  return new RegExp(`^\\s*</${name}\\s*>`, 'i').test(text.slice(from, from + 200))
}

/** As whoever wrote it counts: Liquid may run over several lines and is covered by a word. */
function lineOf(covered: Covered, text: string, line: number): number {
  const before = text.split('\n', line - 1).join('\n')
  return covered.uncover(line > 1 ? `${before}\n` : before).split('\n').length
}

function sentenceOf(message: string, tagName: string): string {
  const words = message.trim().replace(/\s+/g, ' ')
  return `${tagName === '' || words.includes(tagName) ? '' : `${tagName}: `}${words.replace(/\.$/, '')}.`
}
