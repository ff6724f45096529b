/** What the interfaces of Keila and listmonk answer, as rows of a file: their people with everything that their CSV leaves out. Pure. */
import { z } from 'zod'
import { csvCell } from './csv-cell.ts'
import { MAX_SOURCE_LISTS, type Membership, type Source, type SourceList } from './source.ts'

export interface Exported {
  readonly source: Source
  readonly rows: readonly Row[]
  readonly lists: readonly SourceList[]
}

interface Row {
  readonly email: string
  readonly name: string
  readonly firstName: string
  readonly lastName: string
  readonly externalId: string
  readonly data: string
  readonly status: string
  readonly confirmedAt: string
  readonly memberships: readonly Membership[]
}

const text = z.string().nullish()
const object = z.record(z.string(), z.unknown()).nullish()

/** GET /api/v1/contacts of Keila. */
const KeilaContact = z.object({
  email: z.string(),
  first_name: text,
  last_name: text,
  external_id: text,
  status: z.string(),
  data: object,
  double_opt_in_at: text,
})

const ListmonkList = z.object({
  name: z.string(),
  type: z.string().nullish(),
  optin: z.string().nullish(),
  subscription_status: z.string().nullish(),
  subscription_created_at: text,
  subscription_updated_at: text,
  subscription_meta: object,
})

/** GET /api/subscribers of listmonk. */
const ListmonkSubscriber = z.object({
  email: z.string(),
  name: text,
  uuid: z.string(),
  status: z.string(),
  attribs: object,
  lists: z.array(ListmonkList).nullish(),
})

/** Null: neither of them. Several answers may be given as one, page after page. */
export function readAnswers(answers: readonly unknown[]): Exported | null {
  const items = answers.flatMap(itemsOf)
  const lists = items.filter((item) => !hasEmail(item)).flatMap(asList)
  const people = items.filter(hasEmail)
  const keila = z.array(KeilaContact).safeParse(people)
  const listmonk = z.array(ListmonkSubscriber).safeParse(people)
  if (people.length === 0) return null
  if (listmonk.success) return fromListmonk(listmonk.data, lists)
  return keila.success ? { source: 'keila', rows: keila.data.map(fromKeila), lists: [] } : null
}

function itemsOf(answer: unknown): unknown[] {
  if (Array.isArray(answer)) return answer
  if (typeof answer !== 'object' || answer === null) return []
  const { data, results } = answer as { data?: unknown; results?: unknown }
  if (Array.isArray(results)) return results
  return data === undefined ? [] : itemsOf(data)
}

function hasEmail(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'email' in item
}

function asList(item: unknown): SourceList[] {
  const read = ListmonkList.safeParse(item)
  return read.success && read.data.optin ? [toList(read.data)] : []
}

function toList({ name, type, optin }: z.output<typeof ListmonkList>): SourceList {
  return { name: name.trim().slice(0, 100), isPublic: type === 'public', optIn: optin === 'double' ? 'double' : 'single' }
}

function fromKeila(contact: z.output<typeof KeilaContact>): Row {
  return {
    email: contact.email,
    name: '',
    firstName: contact.first_name ?? '',
    lastName: contact.last_name ?? '',
    externalId: contact.external_id ?? '',
    data: dataOf(contact.data),
    status: contact.status,
    confirmedAt: contact.double_opt_in_at ?? '',
    memberships: [],
  }
}

function fromListmonk(people: readonly z.output<typeof ListmonkSubscriber>[], told: readonly SourceList[]): Exported {
  const lists = new Map(told.map((list) => [list.name, list]))
  for (const { lists: of } of people)
    for (const one of of ?? []) {
      const list = toList(one)
      if (list.name !== '' && !lists.has(list.name)) lists.set(list.name, list)
    }
  const rows = people.map(
    (person): Row => ({
      email: person.email,
      name: person.name ?? '',
      firstName: '',
      lastName: '',
      externalId: person.uuid,
      data: dataOf(person.attribs),
      status: person.status,
      confirmedAt: '',
      memberships: (person.lists ?? []).flatMap((one) => {
        const list = lists.get(one.name.trim().slice(0, 100))
        return list ? [membershipOf(one, list)] : []
      }),
    }),
  )
  return { source: 'listmonk', rows, lists: [...lists.values()].slice(0, MAX_SOURCE_LISTS + 1) }
}

/** listmonk sends to whoever has not confirmed where the list asks for no confirmation. */
function membershipOf(one: z.output<typeof ListmonkList>, { name, optIn }: SourceList): Membership {
  const at = one.subscription_updated_at ?? one.subscription_created_at ?? undefined
  const ip = one.subscription_meta?.optin_ip
  const proof = { ...(at !== undefined && { at }), ...(typeof ip === 'string' && { ip }) }
  switch (one.subscription_status) {
    case 'confirmed':
      return { list: name, wants: 'subscribed', confirmed: true, ...proof }
    case 'unconfirmed':
      return { list: name, wants: optIn === 'single' ? 'subscribed' : 'pending' }
    default:
      return { list: name, wants: 'unsubscribed' }
  }
}

function dataOf(data: Readonly<Record<string, unknown>> | null | undefined): string {
  return data && Object.keys(data).length > 0 ? JSON.stringify(data) : ''
}

const HEAD = ['email', 'name', 'first name', 'last name', 'external id', 'data', 'status', 'confirmed at', 'memberships']

/** The same as CSV: from here on it is a file like others, and every row of it has a line. */
export function* toCsv({ rows }: Exported): Generator<string> {
  yield `${HEAD.join(',')}\n`
  for (const row of rows) {
    const memberships = row.memberships.length > 0 ? JSON.stringify(row.memberships) : ''
    const cells = [
      row.email,
      row.name,
      row.firstName,
      row.lastName,
      row.externalId,
      row.data,
      row.status,
      row.confirmedAt,
      memberships,
    ]
    yield `${cells.map(csvCell).join(',')}\n`
  }
}
