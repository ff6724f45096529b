import { assert } from '../lib/assert.ts'
import type { Place, Slotted } from '../mail/stencil.ts'
import { MAX_VALUES } from '../mail/stencil.ts'
import { type Parts, withFallbacks } from './content.ts'
import {
  type Escaping,
  explain,
  isOutOfTime,
  isOutput,
  isText,
  newTurn,
  parseLiquid,
  pathsIn,
  type Template,
  type Turn,
} from './liquid.ts'
import { plainField, plainValue } from './plain-field.ts'

/** The texts of a mail with places in them, and how one person's values for these places are made. */
export interface Compiled {
  readonly toName: Slotted
  readonly subject: Slotted
  readonly text: Slotted | null
  readonly html: Slotted | null
  /** How many values each person has. */
  readonly size: number
  /** Every field of a person that is used, as `contact.first_name`. */
  readonly paths: readonly string[]
  /** Whether a value is made of what belongs to the delivery: it stands within a tag or goes through a filter. */
  readonly usesOwn: boolean
  /** Pure: the same person at the same moment gives the same values. */
  render(person: Person, now: Date): Rendered
}

export interface Person {
  readonly contact: Readonly<Record<string, unknown>>
  /** What belongs to the delivery, by the names that stand for it. */
  readonly own: Readonly<Record<string, string>>
}

export type Rendered =
  | { readonly kind: 'ready'; readonly values: readonly string[] }
  | { readonly kind: 'missing_field'; readonly fields: readonly string[] }
  | { readonly kind: 'unrenderable'; readonly sentence: string }

const SECTIONS = ['toName', 'subject', 'text', 'html'] as const
type SectionName = (typeof SECTIONS)[number]

/** A template's nodes in runs: what is the same for everybody, and what is a place. */
interface Section {
  readonly name: SectionName
  readonly escaping: Escaping
  readonly runs: readonly Run[]
}

interface Run {
  readonly nodes: Template[]
  /** All that it is, where it is one field of the person. */
  field: string | null
}

/** What leaves something behind for what follows: then nothing is the same for everybody. */
const LEAVES_SOMETHING = /\{%-?\s*(?:assign|capture|increment|decrement|cycle|liquid|break|continue)\b/

/**
 * Each output and each outermost tag that depends on the person is a place; neighbours share one. What is known now (`shared`: the campaign's
 * own data) is written at once. `ownNames`: names that stand for what the delivery brings along when it leaves; alone in an output they are a
 * place of that name, and cost no stored value.
 */
export function compileParts(
  parts: Parts,
  shared: Readonly<Record<string, unknown>>,
  ownNames: readonly string[],
  now: Date,
): Compiled {
  const sections: Section[] = []
  const paths = new Set<string>()
  let size = 0
  let usesOwn = false
  const slotted = (name: SectionName): Slotted | null => {
    const source = parts[name]
    if (source === null) return null
    const escaping = name === 'html' ? 'html' : 'plain'
    const parsed = parseLiquid(source, escaping)
    assert(parsed.ok, 'parts were looked through when they were made')
    for (const path of pathsIn(parsed.nodes, escaping)) if (path.startsWith('contact.')) paths.add(path)
    const isFree = !LEAVES_SOMETHING.test(source)
    const stillText = (node: Template) =>
      isText(node) || (isFree && isSame(node, escaping, shared)) ? textNow(node, escaping, shared, now) : null
    const runs: Run[] = []
    const literals = ['']
    const places: Place[] = []
    let isOpen = false
    for (const node of parsed.nodes) {
      const own = ownNameOf(node, ownNames)
      const text = own === null ? stillText(node) : null
      if (text !== null) {
        literals[literals.length - 1] += inHeader(name, text)
        isOpen = false
        continue
      }
      if (own === null) usesOwn ||= pathsIn([node], escaping).some((path) => ownNames.includes(path))
      if (own !== null) places.push(own)
      else if (isOpen) {
        const run = runs.at(-1)
        assert(run, 'an open run is the last one')
        run.nodes.push(node)
        run.field = null
        continue
      } else {
        runs.push({ nodes: [node], field: isFree ? plainField(node) : null })
        places.push(size++)
      }
      isOpen = own === null
      literals.push('')
    }
    sections.push({ name, escaping, runs })
    return { literals, places }
  }
  const [toName, subject, text, html] = SECTIONS.map(slotted)
  assert(toName && subject, 'every mail has a subject')
  return {
    toName,
    subject,
    text: text ?? null,
    html: html ?? null,
    size,
    paths: [...paths].sort(),
    usesOwn,
    render: (person, at) => renderFor(person, { sections, fields: parts.fields, shared }, at),
  }
}

interface Program {
  readonly sections: readonly Section[]
  readonly fields: Parts['fields']
  readonly shared: Readonly<Record<string, unknown>>
}

function renderFor(person: Person, program: Program, now: Date): Rendered {
  const { contact, missing } = withFallbacks(person.contact, program.fields)
  if (missing.length > 0) return { kind: 'missing_field', fields: missing }
  const data = { ...program.shared, ...person.own, contact }
  try {
    return valuesOf(program.sections, data, now)
  } catch (error) {
    if (!isOutOfTime(error)) return { kind: 'unrenderable', sentence: explain(error).sentence }
  }
  // A moment in which the machine did something else must not cost anybody a mail.
  try {
    return valuesOf(program.sections, data, now)
  } catch (error) {
    return { kind: 'unrenderable', sentence: explain(error).sentence }
  }
}

interface Data {
  readonly contact: Readonly<Record<string, unknown>>
}

function valuesOf(sections: readonly Section[], data: Data, now: Date): Rendered {
  const values: string[] = []
  let length = 0
  for (const { name, escaping, runs } of sections) {
    let turn: Turn | undefined
    const render = (nodes: readonly Template[]) => (turn ??= newTurn(escaping, data, now)).render(nodes)
    for (const { nodes, field } of runs) {
      const plain = field === null ? null : plainValue(data.contact, field, escaping)
      const value = inHeader(name, plain ?? render(nodes))
      length += value.length
      if (length > MAX_VALUES) return { kind: 'unrenderable', sentence: 'What is filled in for this person is too long.' }
      if (value.includes('\0'))
        return { kind: 'unrenderable', sentence: 'What is filled in for this person contains a NUL character.' }
      values.push(value)
    }
  }
  return { kind: 'ready', values }
}

/** A header is one line. What somebody has in his name cannot make two of it. */
function inHeader(section: SectionName, value: string): string {
  return section === 'text' || section === 'html' ? value : value.replace(/[\s\p{Cc}\u2028\u2029]+/gu, ' ')
}

/** Whether an output is the same for everybody: it asks for nothing but what is known now. Tags are never: what might run out of time would be one now and the other later. */
function isSame(node: Template, escaping: Escaping, shared: object): boolean {
  return isOutput(node) && pathsIn([node], escaping).every((path) => Object.hasOwn(shared, path.split(/[.[]/, 1)[0] ?? ''))
}

/** What cannot be rendered for everybody is left to each: it becomes their outcome, not the end of the campaign. */
function textNow(node: Template, escaping: Escaping, shared: object, now: Date, tries = 3): string | null {
  try {
    return newTurn(escaping, shared, now).render([node])
  } catch (error) {
    // What is the same for everybody must not hang on how busy the machine is: the places are counted again by whoever goes on.
    if (tries > 1 && isOutOfTime(error)) return textNow(node, escaping, shared, now, tries - 1)
    explain(error)
    return null
  }
}

function ownNameOf(node: Template, names: readonly string[]): string | null {
  const alone = /^\{\{-?\s*([a-z_]+)\s*-?\}\}$/.exec(node.token.getText())?.[1]
  return alone !== undefined && names.includes(alone) ? alone : null
}
