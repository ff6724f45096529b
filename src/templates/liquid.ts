import { Context, Liquid, LiquidError, type Template, Token, Tokenizer, TokenKind, toValueSync } from 'liquidjs'

/**
 * Liquid with limits. Templates reach what they are given and nothing else: own properties only, no files, no other templates, no chance, and
 * the time that they are told. How long they are, how much they may build and how long they may take is bounded.
 */
export const MAX_TEMPLATE = 1024 * 1024
const RENDER_MS = 250
/** Of objects built on the way, in the library's own measure. */
const MEMORY = 1_000_000
/** Each reads other templates. */
const NOT_OURS = ['include', 'render', 'layout', 'block'] as const

const base = {
  ownPropertyOnly: true,
  strictFilters: true,
  parseLimit: MAX_TEMPLATE,
  renderLimit: RENDER_MS,
  memoryLimit: MEMORY,
  timezoneOffset: 'Etc/UTC',
  templates: {},
} as const

/** Where filters find the time; no template can name it. */
const NOW = Symbol('now')

function engine(escapes: boolean): Liquid {
  const made = new Liquid({ ...base, ...(escapes && { outputEscape: 'escape' as const }) })
  for (const name of NOT_OURS) delete made.tags[name]
  delete made.filters.sample
  const date = made.filters.date as (this: unknown, value: unknown, ...rest: unknown[]) => unknown
  made.registerFilter('date', function (value: unknown, ...rest: unknown[]) {
    const isNow = value === 'now' || value === 'today'
    return date.call(this, isNow ? (this.context.globals as { [NOW]?: Date })[NOW] : value, ...rest)
  })
  return made
}

/** By what a value becomes part of: HTML has to be escaped. */
const ENGINES = { plain: engine(false), html: engine(true) } as const
export type Escaping = keyof typeof ENGINES

export type Parsed =
  | { readonly ok: true; readonly nodes: readonly Template[] }
  | { readonly ok: false; readonly line: number | null; readonly sentence: string }

export function parseLiquid(source: string, escaping: Escaping): Parsed {
  try {
    return { ok: true, nodes: ENGINES[escaping].parse(source) }
  } catch (error) {
    return { ok: false, ...explain(error) }
  }
}

/** One recipient's turn through a template: nodes are rendered one after the other, and what one assigns the next ones see. */
export interface Turn {
  render(nodes: readonly Template[]): string
}

/** `data` is what names reach; `now` what "now" is. */
export function newTurn(escaping: Escaping, data: object, now: Date): Turn {
  const { options, renderer } = ENGINES[escaping]
  const context = new Context(data, options, { sync: true, globals: { [NOW]: now } })
  return {
    render: (nodes) =>
      toValueSync(renderer.renderTemplates(nodes as Template[], context) as Generator<unknown, string>) as string,
  }
}

/**
 * What a template asks for, as paths: `contact.first_name`. Names that it defines itself are not among them. The library counts lines for each name from
 * the beginning of the source, which nobody asks for here: a long text with many names would take minutes.
 */
export function pathsIn(nodes: readonly Template[], escaping: Escaping): string[] {
  const { getPosition } = Token.prototype
  Token.prototype.getPosition = () => [1, 1]
  try {
    return ENGINES[escaping].globalFullVariablesSync(nodes as Template[])
  } finally {
    Token.prototype.getPosition = getPosition
  }
}

/** A fault of rendering in words for people; anything else is a bug of ours and flies on. */
export function explain(error: unknown): { readonly line: number | null; readonly sentence: string } {
  // What is nested thousands of times runs out of stack, in the parser or later.
  if (error instanceof RangeError) return { line: null, sentence: 'This is nested too deeply.' }
  if (isOutOfTime(error)) return { line: null, sentence: 'Template render limit exceeded.' }
  if (!LiquidError.is(error)) throw error
  const line = /, line:(\d+)/.exec(error.message)?.[1]
  const words = (error.originalError?.message ?? error.message).replace(/, (?:file|line|col):.*$/s, '').replace(/\s+/g, ' ')
  return { line: line === undefined ? null : Number(line), sentence: `${words[0]?.toUpperCase() ?? ''}${words.slice(1, 300)}.` }
}

/** True for what passes when the machine was busy with something else. Between two nodes the library says so by an error that is none of its own kind. */
export function isOutOfTime(error: unknown): boolean {
  return (
    error instanceof Error &&
    (LiquidError.is(error) || error.name === 'AssertionError') &&
    /template render limit/.test(error.message)
  )
}

/** A source with letters and digits in the place of what is Liquid in it, so that others can read it as what it is: HTML, Markdown. */
export interface Covered {
  readonly text: string
  readonly isCover: RegExp
  /** Puts the Liquid back. */
  uncover(text: string): string
  /** True for what stands for a tag, which writes nothing itself. */
  isTag(cover: string): boolean
}

/** Throws what parsing would: cover only what was parsed before. */
export function cover(source: string): Covered {
  let prefix = 'lqd'
  while (source.includes(prefix)) prefix += 'q'
  const pieces: { readonly text: string; readonly isTag: boolean }[] = []
  let text = ''
  for (const token of new Tokenizer(source).readTopLevelTokens()) {
    if (token.kind === TokenKind.HTML) text += token.getText()
    else {
      text += `${prefix}${pieces.length}z`
      pieces.push({ text: token.getText(), isTag: token.kind === TokenKind.Tag })
    }
  }
  const pieceOf = (found: string) => pieces[Number(found.slice(prefix.length, -1))]
  const isCover = new RegExp(`${prefix}\\d+z`, 'g')
  return {
    text,
    isCover,
    uncover: (covered) => covered.replace(isCover, (found) => pieceOf(found)?.text ?? found),
    isTag: (found) => pieceOf(found)?.isTag === true,
  }
}

/** What stands between tags and outputs. */
export function isText(node: Template): boolean {
  return node.token.kind === TokenKind.HTML
}

export function isOutput(node: Template): boolean {
  return node.token.kind === TokenKind.Output
}

export type { Template }
