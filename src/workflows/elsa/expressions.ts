/** What Elsa computes, in our two languages: Liquid where text is wanted, CEL where a value is. Scripts are carried where they are no more than a comparison. */
import type { Given } from './read.ts'

/** What could not be carried, said by whoever asked for it. */
export type Lost = (sentence: string) => void

/** `orderTotal` as our variables are named: `order_total`. */
export function keyOf(name: string): string {
  const key = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 40)
  return key === '' ? 'value' : key
}

/** Text with places; '' and a word of regret where it was computed by a script. */
export function toText(given: Given | null, lost: Lost): string {
  if (!given || given.value === null || given.value === undefined) return ''
  const { kind, value } = given
  switch (kind) {
    case 'Literal':
      return typeof value === 'string' ? value : JSON.stringify(value)
    case 'Liquid':
      return liquid(String(value))
    case 'Variable':
      return `{{ vars.${keyOf(variableName(value))} }}`
    case 'Input':
      return `{{ inputs.${keyOf(variableName(value))} }}`
    case 'Object':
      return typeof value === 'string' ? value : JSON.stringify(value)
    default: {
      const cel = kind === 'JavaScript' ? script(String(value)) : null
      const path = cel && /^[a-z_]+(\.[a-z0-9_]+)+$/.test(cel) ? cel : null
      if (path) return `{{ ${path} }}`
      if (cel && /^"(?:[^"\\]|\\.)*"$/.test(cel)) return JSON.parse(cel) as string
      lost(`The text is computed by ${kind}: ${short(value)}`)
      return ''
    }
  }
}

/** An expression; null and a word of regret where it cannot be carried. */
export function toCel(given: Given | null, lost: Lost): string | null {
  if (!given || given.value === undefined) return null
  const { kind, value } = given
  switch (kind) {
    case 'Literal':
      return literal(value)
    case 'Object':
      return typeof value === 'string' ? objectIn(value, lost) : literal(value)
    case 'Variable':
      return `vars.${keyOf(variableName(value))}`
    case 'Input':
      return `inputs.${keyOf(variableName(value))}`
    case 'JavaScript': {
      const cel = script(String(value))
      if (cel === null) lost(`The script is more than a comparison: ${short(value)}`)
      return cel
    }
    case 'Liquid': {
      const path = /^\s*\{\{\s*([\w.]+)\s*\}\}\s*$/.exec(liquid(String(value)))?.[1]
      if (path === undefined) lost(`A value is computed by Liquid: ${short(value)}`)
      return path ?? null
    }
    default:
      lost(`A value is computed by ${kind}: ${short(value)}`)
      return null
  }
}

/** An object, key by key; anything else is its `value`. Null: there is nothing, or it cannot be carried. */
export function objectOf(given: Given | null, lost: Lost): Record<string, string> | null {
  if (!given || given.value === undefined || given.value === null || given.value === '') return null
  const { kind, value } = given
  const plain = kind === 'Literal' || kind === 'Object' ? (typeof value === 'string' ? parsed(value) : value) : null
  if (typeof plain === 'object' && plain !== null && !Array.isArray(plain))
    return Object.fromEntries(Object.entries(plain).map(([key, one]) => [keyOf(key), literal(one) ?? 'null']))
  const entries = kind === 'JavaScript' ? entriesOf(String(value)) : null
  if (entries) {
    const found: Record<string, string> = {}
    for (const [key, source] of entries) {
      const cel = script(source)
      if (cel === null) lost(`“${key}” is computed by a script that is more than a comparison: ${short(source)}`)
      else found[keyOf(key)] = cel
    }
    return found
  }
  const cel = toCel(given, lost)
  return cel === null ? null : { value: cel }
}

const ENTRY = /^\s*(?:["']([^"']+)["']|([A-Za-z_$][\w$]*))\s*:\s*([\s\S]+?)\s*$/

/** The entries of an object that a script is nothing but; null where it is more. */
function entriesOf(source: string): [key: string, value: string][] | null {
  const inside = /^\s*(?:return\s*)?\(?\s*\{([\s\S]*)\}\s*\)?\s*;?\s*$/.exec(source)?.[1]
  if (inside === undefined || inside.length > 4_000) return null
  const parts = splitAtCommas(inside).filter((part) => part.trim() !== '')
  const found = parts.map((part) => ENTRY.exec(part))
  if (parts.length === 0 || found.some((one) => one === null)) return null
  return found.map((one) => [one?.[1] ?? one?.[2] ?? '', one?.[3] ?? ''])
}

/** At those that stand within no text and no brackets. */
function splitAtCommas(source: string): string[] {
  const parts: string[] = []
  let [begin, depth, quote] = [0, 0, '']
  for (let at = 0; at < source.length; at++) {
    const sign = source[at] as string
    if (quote !== '') {
      if (sign === '\\') at += 1
      else if (sign === quote) quote = ''
    } else if (sign === '"' || sign === "'" || sign === '`') quote = sign
    else if ('([{'.includes(sign)) depth += 1
    else if (')]}'.includes(sign)) depth -= 1
    else if (sign === ',' && depth === 0) {
      parts.push(source.slice(begin, at))
      begin = at + 1
    }
  }
  return [...parts, source.slice(begin)]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

function literal(value: unknown): string | null {
  if (value === 'true' || value === 'false') return value
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  return JSON.stringify(value)
}

function objectIn(text: string, lost: Lost): string | null {
  try {
    return JSON.stringify(JSON.parse(text))
  } catch {
    lost(`This is no JSON: ${short(text)}`)
    return null
  }
}

function variableName(value: unknown): string {
  if (typeof value === 'string') return value
  const name = typeof value === 'object' && value !== null ? (value as { name?: unknown; id?: unknown }).name : null
  return typeof name === 'string' ? name : 'value'
}

function liquid(text: string): string {
  return text
    .replace(/\b(?:Variables|Variable)\.([A-Za-z_]\w*)/g, (_, name: string) => `vars.${keyOf(name)}`)
    .replace(/\b(?:Input|Inputs)\.([A-Za-z_]\w*)/g, (_, name: string) => `inputs.${keyOf(name)}`)
}

const TOKEN =
  /\s*(?:(getVariable\(\s*["'](\w+)["']\s*\))|(getInput\(\s*["'](\w+)["']\s*\))|(?:variables|Variables)\.(\w+)|get([A-Z]\w*)\(\)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\d+(?:\.\d+)?)|(===|!==|==|!=|<=|>=|&&|\|\||[-+*/%<>!()])|(true|false|null|undefined)\b)/y

/** A script that reads variables and compares, adds or joins them, as CEL; null for anything more. */
export function script(source: string): string | null {
  const text = source
    .trim()
    .replace(/^return\s+/, '')
    .replace(/;\s*$/, '')
  if (text === '' || text.length > 1_000) return null
  const out: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const found = TOKEN.exec(text)
    if (!found) return null
    const [, byName, variable, byInput, input, dotted, getter, quoted, number, operator, word] = found
    if (byName) out.push(`vars.${keyOf(variable ?? '')}`)
    else if (byInput) out.push(`inputs.${keyOf(input ?? '')}`)
    else if (dotted !== undefined) out.push(`vars.${keyOf(dotted)}`)
    else if (getter !== undefined) out.push(`vars.${keyOf(getter)}`)
    else if (quoted !== undefined) out.push(JSON.stringify(quoted.slice(1, -1).replace(/\\(['"\\])/g, '$1')))
    else if (operator !== undefined) out.push(operator === '===' ? '==' : operator === '!==' ? '!=' : operator)
    else if (word !== undefined) out.push(word === 'undefined' ? 'null' : word)
    else out.push(number ?? '')
    if (/^\s*$/.test(text.slice(TOKEN.lastIndex))) break
  }
  const cel = out.join(' ').replaceAll('( ', '(').replaceAll(' )', ')').replaceAll('! ', '!')
  return cel
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** `1.02:03:04` (days, hours, minutes, seconds) or ISO 8601, in seconds; null for what is none. */
export function secondsOf(span: string): number | null {
  const parts = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?$/.exec(span.trim())
  if (parts) return Number(parts[1] ?? 0) * 86_400 + Number(parts[2]) * 3_600 + Number(parts[3]) * 60 + Number(parts[4])
  const iso = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(span.trim())
  if (!iso || span.trim() === 'P') return null
  return Number(iso[1] ?? 0) * 86_400 + Number(iso[2] ?? 0) * 3_600 + Number(iso[3] ?? 0) * 60 + Number(iso[4] ?? 0)
}

/** As our lengths are written, in the largest unit that divides it. */
export function lengthOf(seconds: number): string {
  for (const [unit, size] of [
    ['w', 604_800],
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
  ] as const)
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`
  return `${Math.max(1, Math.round(seconds))}s`
}
