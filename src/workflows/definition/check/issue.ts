/** What a schema says of a value, in the words of whoever wrote it. Most fields say themselves what they want; what is left to the library speaks of types. */
import type { z } from 'zod'
import { listed, quoted } from '../nodes/words.ts'

export interface IssueInWords {
  readonly sentence: string
  readonly fix: string
  /** As in `branches.0.key`; null: all of it. */
  readonly field: string | null
}

type Issue = z.core.$ZodIssue

const OPEN = 'Open the step and mend it there.'
const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
  record: 'an object with fields',
}
/** How sentences of the library begin. */
const OF_LIBRARY = /^(Invalid|Unrecognized|Too (small|big))/

/** `known`: what may stand at the top. */
export function issueInWords(issue: Issue, known: readonly string[]): IssueInWords {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys
    const there = path.length === 0 && known.length > 0 ? ` There are: ${listed(known)}.` : ''
    const sentence = `There is no setting ${quoted(key)} here.`
    return { sentence, fix: `Remove it, or correct its name.${there}`, field: [...path, key].join('.') }
  }
  const sentence = OF_LIBRARY.test(issue.message) ? ofLibrary(issue) : issue.message
  return { sentence, fix: OPEN, field: path.join('.') || null }
}

function ofLibrary(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `This is one of: ${listed(issue.values.map(String), 'or')}.`
    case 'invalid_union': {
      const options = [...issue.message.matchAll(/'([^']+)'/g)].map(([, option]) => option as string)
      return options.length > 0 ? `This is one of: ${listed(options, 'or')}.` : 'This cannot be read here.'
    }
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? 'This is missing.'
        : `This is to be ${TYPES[issue.expected] ?? 'of another kind'}.`
    case 'too_small':
      return issue.origin === 'array' ? `At least ${issue.minimum} of them are needed.` : `This is at least ${issue.minimum}.`
    case 'too_big':
      return issue.origin === 'array' ? `There are at most ${issue.maximum} of them.` : `This is at most ${issue.maximum}.`
    case 'invalid_key':
      return 'This is no name that can stand here.'
    default:
      return 'This cannot be read here.'
  }
}
