/**
 * Expressions that compute: CEL, the Common Expression Language (github.com/google/cel-spec). It has no loops, no state and reaches nothing but what it is
 * given; what it may cost is bounded before and after.
 *
 * JSON knows one sort of number. Those without a fraction are `int` here and the others `double`, and the two may be mixed.
 */
import { type ASTNode, Environment, EvaluationError, Optional, ParseError, TypeError as TypeFault } from '@marcbachmann/cel-js'
import type { Json } from './graph.ts'
import { MAY_GO_ON, ONE_MORE, paced } from './paced.ts'
import { faultOfPattern, MAX_LOOKED_AT, matches } from './regex.ts'

export const MAX_EXPRESSION = 2_000
/** Of what an expression gives, as JSON. */
export const MAX_VALUE = 64 * 1024
const MAX_LIST = 500
/** Over all lists that it goes through, and of all texts that its patterns are held against. */
const MAX_ROUNDS = 25_000
const MAX_MATCHED = 200_000
const MAX_ROUNDS_DEEP = 2
const MACROS = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** What a person who wrote it reads: what is wrong, and where it begins (0-based, in characters). */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly at: number | null
  constructor(sentence: string, at: number | null) {
    super(sentence)
    this.at = at
  }
}

const ARITHMETIC: readonly (readonly [string, (a: number, b: number) => number])[] = [
  ['+', (a, b) => a + b],
  ['-', (a, b) => a - b],
  ['*', (a, b) => a * b],
  ['/', (a, b) => a / b],
]

/** Of the evaluation that goes on: it is one, and ends before anything else begins. */
const left = { rounds: 0, characters: 0 }

function spend(what: keyof typeof left, much: number, sentence: string): void {
  left[what] -= much
  if (left[what] >= 0) return
  // Rounds that take a fault for an answer end, too.
  left.rounds = -1
  throw new ExpressionError(sentence, null)
}

const TOO_MANY = `It goes through more than ${MAX_ROUNDS} entries in all.`
const TOO_LONG = `Its patterns are held against more than ${MAX_MATCHED} characters in all.`

/** What people write is read by the first, and worked out by the second, which may be asked whether it may go on. */
const ENVIRONMENT = environment(500)
const PACED = environment(2_000)
PACED.registerFunction(`${ONE_MORE}(dyn): dyn`, (value: unknown) => {
  spend('rounds', 1, TOO_MANY)
  return value
})
PACED.registerFunction(`${MAY_GO_ON}(): bool`, () => {
  left.rounds -= 1
  return left.rounds >= 0
})

function environment(maxAstNodes: number): Environment {
  const made = new Environment({
    unlistedVariablesAreDyn: true,
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: {
      maxAstNodes,
      maxDepth: maxAstNodes > 500 ? 64 : 32,
      maxListElements: 200,
      maxMapEntries: 200,
      maxCallArguments: 10,
    },
  })
  for (const [sign, of] of ARITHMETIC) {
    made.registerOperator(`int ${sign} double`, (a: bigint, b: number) => of(Number(a), b))
    made.registerOperator(`double ${sign} int`, (a: number, b: bigint) => of(a, Number(b)))
  }
  made.registerFunction('regex(string, string): bool', (text: string, pattern: string) => {
    spend('characters', Math.min(text.length, MAX_LOOKED_AT), TOO_LONG)
    return matches(text, patternOf(pattern))
  })
  made.registerFunction('round(double): int', (value: number) => BigInt(Math.round(value)))
  made.registerFunction('round(int): int', (value: bigint) => value)
  made.registerFunction('floor(double): int', (value: number) => BigInt(Math.floor(value)))
  made.registerFunction('ceil(double): int', (value: number) => BigInt(Math.ceil(value)))
  return made
}

function patternOf(pattern: string): string {
  const fault = faultOfPattern(pattern)
  if (fault !== null) throw new ExpressionError(`The pattern of regex() cannot be used: ${fault}.`, null)
  return pattern
}

interface Compiled {
  readonly ast: ASTNode
  /** The names at which it begins: nothing else of what it is given is looked at. */
  readonly roots: readonly string[]
  run(values: Record<string, unknown>): unknown
}
const CACHED = 2_000
const cache = new Map<string, Compiled>()

/** Parsed and found to be within limits; throws ExpressionError. */
function compiled(source: string): Compiled {
  const known = cache.get(source)
  if (known) return known
  if (source.trim() === '') throw new ExpressionError('There is nothing to work out.', 0)
  if (source.length > MAX_EXPRESSION)
    throw new ExpressionError(`An expression has at most ${MAX_EXPRESSION} characters; this has ${source.length}.`, null)
  const run = within(() => ENVIRONMENT.parse(source))
  refuseCostly(run.ast, 0)
  const types = run.check()
  if (!types.valid && types.error) throw inWords(types.error)
  const roots = [...new Set(pathsIn(run.ast).map((path) => path.split('.', 1)[0] as string))]
  const made = { ast: run.ast, roots, run: within(() => PACED.parse(paced(source))) }
  if (cache.size >= CACHED) cache.clear()
  cache.set(source, made)
  return made
}

/** What is wrong with an expression, before it is ever worked out; null: nothing. */
export function faultOfExpression(source: string): ExpressionError | null {
  try {
    compiled(source)
    return null
  } catch (error) {
    if (error instanceof ExpressionError) return error
    throw error
  }
}

/** What an expression reads, as paths: `vars.reminders`, `event.subject`. */
export function pathsOfExpression(source: string): string[] {
  return pathsIn(compiled(source).ast)
}

function pathsIn(ast: ASTNode): string[] {
  const found = new Set<string>()
  const walk = (node: ASTNode, tail: string): void => {
    if (node.op === 'id') found.add(tail === '' ? node.args : `${node.args}.${tail}`)
    else if (node.op === '.' || node.op === '.?') walk(node.args[0], tail === '' ? node.args[1] : `${node.args[1]}.${tail}`)
    else for (const child of childrenOf(node)) walk(child, '')
  }
  walk(ast, '')
  return [...found]
}

/** The value of an expression, of what it is given; throws ExpressionError. `now()` is not there: times are given as texts, `timestamp(x)` reads them. */
export function evaluate(source: string, scope: { readonly [name: string]: Json }): Json {
  const made = compiled(source)
  const given = Object.fromEntries(made.roots.filter((root) => root in scope).map((root) => [root, toCel(scope[root])]))
  Object.assign(left, { rounds: MAX_ROUNDS, characters: MAX_MATCHED })
  const found = within(() => made.run(given))
  // Where a fault is one answer of several, the end of patience would be one, too.
  if (left.characters < 0) throw new ExpressionError(TOO_LONG, null)
  if (left.rounds < 0) throw new ExpressionError(TOO_MANY, null)
  const value = toJson(found)
  const size = JSON.stringify(value).length
  if (size > MAX_VALUE) throw new ExpressionError(`It gives ${size} bytes; a value has at most ${MAX_VALUE}.`, null)
  return value
}

function within<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw inWords(error)
  }
}

/** What the parser counts, as it says it: `Exceeded maxListElements (200)`. */
const COUNTED: Readonly<Record<string, string>> = {
  maxAstNodes: 'It has too many parts',
  maxDepth: 'It is nested too deeply',
  maxListElements: 'Too much stands in a list that is written out',
  maxMapEntries: 'Too much stands in a map that is written out',
  maxCallArguments: 'A function is given too much',
}

function sayLimit(words: string): string {
  const [, what = '', limit] = /^Exceeded (\w+) \((\d+)\)/.exec(words) ?? []
  return limit === undefined ? words : `${COUNTED[what] ?? 'It is too much'}: ${limit} is the limit.`
}

function inWords(error: unknown): unknown {
  if (error instanceof ExpressionError) return error
  if (error instanceof ParseError || error instanceof EvaluationError || error instanceof TypeFault) {
    if (error.cause instanceof ExpressionError) return error.cause
    const words = sayLimit((error.summary || error.message.split('\n')[0] || 'it cannot be read').trim())
    return new ExpressionError(
      `${words[0]?.toUpperCase() ?? ''}${words.slice(1, 300)}${words.endsWith('.') ? '' : '.'}`,
      error.range?.start ?? null,
    )
  }
  if (error instanceof RangeError) return new ExpressionError('It is nested too deeply, or gives too much.', null)
  return error
}

/** `matches` takes time without end for some patterns, and rounds within rounds multiply. */
function refuseCostly(node: ASTNode, depth: number): void {
  const called = node.op === 'rcall' || node.op === 'call' ? node.args[0] : null
  if (called === 'matches')
    throw new ExpressionError('matches() is not there; use regex(text, pattern), which takes linear time.', node.start)
  const isRound = node.op === 'rcall' && MACROS.has(node.args[0])
  if (isRound && depth >= MAX_ROUNDS_DEEP)
    throw new ExpressionError(`Lists are gone through inside one another at most ${MAX_ROUNDS_DEEP} deep.`, node.start)
  for (const child of childrenOf(node)) refuseCostly(child, isRound ? depth + 1 : depth)
}

function childrenOf(node: ASTNode): ASTNode[] {
  const found: ASTNode[] = []
  const take = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) take(one)
    else if (typeof value === 'object' && value !== null && 'op' in value) found.push(value as ASTNode)
  }
  take(node.args)
  return found
}

function toCel(value: Json | undefined): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) {
    if (value.length > MAX_LIST)
      throw new ExpressionError(`A list that is worked with has at most ${MAX_LIST} entries; one has ${value.length}.`, null)
    return value.map(toCel)
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toCel(one as Json)]))
  return value ?? null
}

function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (!Number.isSafeInteger(number)) throw new ExpressionError('It gives a whole number beyond 9 007 199 254 740 991.', null)
    return number
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new ExpressionError('It gives no number: something is divided by zero, or too large.', null)
    return value
  }
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Optional) return value.hasValue() ? toJson(value.value()) : null
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), toJson(one)]))
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]))
  if ('valueOf' in Object(value) && typeof Object(value).valueOf() === 'bigint') return toJson(Object(value).valueOf())
  throw new ExpressionError('It gives something that cannot be kept: give a text, a number, yes or no, a list or a map.', null)
}
