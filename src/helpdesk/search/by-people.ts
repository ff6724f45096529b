/** Conversations that are found by who takes part in them, where their words alone find little. */
import type { Actor } from '../../accounts/actor.ts'
import { contactsLike } from '../../contacts/contact-names.ts'
import type { Db, Tx } from '../../db/database.ts'
import type { ConversationId } from '../../lib/ids.ts'
import type { Question } from '../list/list-queries.ts'
import { selectOfPeople, selectQuestion, selectSlice } from './search-queries.ts'
import type { Term } from './search-query.ts'

const PEOPLE = 20

/** Conversations of whoever is meant by the words. */
export async function ofPeople(tx: Db | Tx, actor: Actor, terms: readonly Term[], limit: number): Promise<ConversationId[]> {
  const text = terms
    .filter(({ without }) => !without)
    .map((term) => term.text)
    .join(' ')
  if (text.length < 2) return []
  const contacts = await contactsLike(tx, actor.workspaceId, text.slice(0, 200), PEOPLE)
  return contacts.length === 0 ? [] : (await selectOfPeople(tx, actor.workspaceId, contacts, PEOPLE)).slice(0, limit)
}

/** More words than this are not tried as a name and what it is about. */
const MOST_WORDS = 4

/**
 * Some of the words may be a person or a company, which stand in no message, and the others what was said: "alder works tent". Every run of words is
 * tried as who, with all others as what; asked only where words alone find little, so what it costs is known.
 */
export async function ofPeopleAbout(tx: Db | Tx, question: Question, terms: readonly Term[]): Promise<ConversationId[]> {
  const words = terms.filter(({ without }) => !without)
  if (words.length < 2 || words.length > MOST_WORDS) return []
  const found: ConversationId[] = []
  for (const [from, to] of runsOf(words.length)) {
    const who = words
      .slice(from, to)
      .map(({ text }) => text)
      .join(' ')
    if (who.length < 3) continue
    const contacts = await contactsLike(tx, question.workspaceId, who.slice(0, 200), PEOPLE)
    const text = contacts.length > 0 ? await selectQuestion(tx, [...words.slice(0, from), ...words.slice(to)]) : null
    if (text === null) continue
    const ids = await selectOfPeople(tx, question.workspaceId, contacts, PEOPLE)
    const slice = await selectSlice(tx, question, text, { kind: 'ids', ids }, Number.MAX_SAFE_INTEGER)
    found.push(...slice.found.map(({ id }) => id))
  }
  return found.slice(0, question.limit)
}

/** The longest runs first, none of them whole. */
function runsOf(length: number): [number, number][] {
  const runs: [number, number][] = []
  for (let size = length - 1; size > 0; size -= 1)
    for (let from = 0; from + size <= length; from += 1) runs.push([from, from + size])
  return runs
}
