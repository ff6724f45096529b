/** The customers, and their addresses. */
import type pg from 'pg'
import { textArray } from '../src/db/arrays.ts'
import type { ContactId, WorkspaceId } from '../src/lib/ids.ts'
import { copyRows, type Value } from './copy.ts'
import { idAt, type Random } from './random.ts'
import { CITIES, COMPANIES, FIRST_NAMES, JOB_TITLES, LAST_NAMES, MAIL_HOSTS } from './words.ts'

export interface Person {
  readonly id: ContactId
  readonly first: string
  readonly last: string
  readonly address: string
  readonly company: string
}

const BATCH = 20_000

export async function seedPeople(
  client: pg.PoolClient,
  random: Random,
  workspaceId: WorkspaceId,
  count: number,
  from: Date,
  suffix: string,
): Promise<Person[]> {
  const people: Person[] = []
  for (let at = 0; at < count; at += BATCH) {
    const contacts: Value[][] = []
    const addresses: Value[][] = []
    for (let i = at; i < Math.min(count, at + BATCH); i += 1) {
      const person = personOf(random, i, from, suffix)
      people.push(person)
      const { id, first, last, address, company } = person
      const [created, phones] = [
        new Date(from.getTime() + i),
        random.is(0.3) ? [`+49 40 ${1_000_000 + random.below(8_999_999)}`] : [],
      ]
      const note = random.is(0.03) ? `Prefers to be called in the afternoon. Lives in ${random.one(CITIES)}.` : ''
      const name = i % 37 === 36 ? '' : `${first} ${last}`
      contacts.push([
        workspaceId,
        id,
        name,
        company,
        company === '' ? '' : random.one(JOB_TITLES),
        textArray(phones),
        note,
        created,
        created,
      ])
      addresses.push([workspaceId, address, id, true, created])
      if (random.is(0.08)) addresses.push([workspaceId, `${i}.${address}`, id, false, created])
    }
    const columns = ['workspace_id', 'id', 'name', 'company', 'job_title', 'phones', 'note', 'created_at', 'updated_at']
    await copyRows(client, 'contact', columns, contacts)
    await copyRows(client, 'contact_address', ['workspace_id', 'address', 'contact_id', 'is_primary', 'created_at'], addresses)
  }
  return people
}

function personOf(random: Random, i: number, from: Date, suffix: string): Person {
  const [first, last] = [random.skewed(FIRST_NAMES, 1.5), random.skewed(LAST_NAMES, 1.5)]
  const company = random.is(0.25) ? random.skewed(COMPANIES, 1.5) : ''
  const host = company === '' ? random.skewed(MAIL_HOSTS) : `${plain(company.split(' ').slice(0, 2).join('-'))}.example`
  const address = `${plain(first)}.${plain(last)}.${i}${suffix}@${host}`
  return { id: idAt<ContactId>(random, from.getTime() + i), first, last, address, company }
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replace(/[^a-z-]/g, '')
}
