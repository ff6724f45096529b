/** What a campaign's text would be like for the people it is meant for: looked at before it is sent, on the real audience. */
import { countEmptyFields, samplePeople } from '../../contacts/audience/empty-fields-queries.ts'
import { peopleForMail } from '../../contacts/audience/people.ts'
import { type Database, ENGINE } from '../../db/database.ts'
import type { ContactId } from '../../lib/ids.ts'
import { parseMailbox } from '../../mail/address.ts'
import { CLIPPED_BYTES, type ContentField, type Problem } from '../../templates/content.ts'
import { readAs } from '../../templates/read.ts'
import { UNSUBSCRIBE_PLACE } from '../../tracking/personalise.ts'
import { planTracking, type TrackingPlan, trackText } from '../../tracking/track.ts'
import type { Campaign } from '../campaign.ts'
import { suppressedFor } from '../choose.ts'
import { candidatesFor } from '../count-audience.ts'
import { readerOf } from './person.ts'
import { draftOf, ownOfTest, type ReadDeps, type Written, writeDraft } from './preview.ts'
import { whoGets } from './queries.ts'
import { type FoundImage, type FoundLink, imagesIn, linksIn } from './seen-html.ts'

export interface FieldCheck extends ContentField {
  /** False: the text asks for it and nobody declared it; where it is empty there is nothing. */
  readonly declared: boolean
  /** How many of the people have nothing there. */
  readonly empty: number
}

export interface ContentChecks {
  readonly problems: readonly Problem[]
  /** Those who would get it, by what is known of them now. */
  readonly people: number
  readonly fields: readonly FieldCheck[]
  /** Who is left out because something required is empty. */
  readonly lacking: number
  /** Whose mails were written to try: all, or some. */
  readonly looked: number
  readonly unrenderable: number
  readonly examples: readonly { readonly contactId: ContactId; readonly address: string; readonly sentence: string }[]
  readonly subject: { readonly text: string; readonly longest: number }
  /** Of the part with markup, the largest of those written. */
  readonly html: { readonly bytes: number; readonly limit: number } | null
  readonly text: { readonly isOwn: boolean; readonly characters: number } | null
  readonly hasOwnWayOut: boolean
  readonly links: readonly FoundLink[]
  readonly images: readonly FoundImage[]
  /** Where its links will lead first, because clicks are counted; null: straight to their pages. */
  readonly countedAt: string | null
}

export interface CheckDeps extends ReadDeps {
  readonly database: Database
}

/** Writing a thousand mails takes a second. */
const SAMPLE = 1_000
const MAX_EXAMPLES = 10
const TIME_LIMIT_MS = 30_000

/** `version`: of several, which of them; it is looked at for everybody, since any of them may win. */
export async function checkContent(deps: CheckDeps, asked: Campaign, version: number, now: Date): Promise<ContentChecks> {
  const campaign = await draftOf(deps, asked, version)
  const written = await writeDraft(deps, campaign, now)
  const fields = fieldsOf(written, campaign)
  const counted = await countPeople(deps, campaign, fields, now)
  const common = {
    people: counted.people,
    lacking: counted.lacking,
    fields: fields.map((field, i) => ({ ...field, empty: counted.empty[i] ?? 0 })),
  }
  if (!written.ok) return { ...NOTHING, ...common, problems: written.problems }
  const seen = await writeSample(deps, campaign, written, counted.sample, now)
  return { ...NOTHING, ...common, ...seen, ...textsOf(written, campaign) }
}

const NOTHING = {
  problems: [],
  looked: 0,
  unrenderable: 0,
  examples: [],
  subject: { text: '', longest: 0 },
  html: null,
  text: null,
  hasOwnWayOut: false,
  links: [],
  images: [],
  countedAt: null,
} as const

/** What is declared, and what is only used. */
function fieldsOf(written: Written, { content }: Campaign): Omit<FieldCheck, 'empty'>[] {
  const declared = (written.ok ? written.parts.fields : content.fields).map((field) => ({ ...field, declared: true }))
  if (!written.ok) return declared
  const others = written.compiled.paths.filter(
    (path) => path !== 'contact.email' && !declared.some((field) => field.path === path),
  )
  return [...declared, ...others.map((path) => ({ path, fallback: '', required: false, declared: false }))].filter(({ path }) =>
    PATH.test(path),
  )
}

/** What stands for a place in a list is nobody's field. */
const PATH = /^contact(?:\.[a-z][a-z0-9_]*){1,3}$/

/** As the owner of the tables, bound to the workspace: behind row-level security no index would serve. */
async function countPeople({ database }: CheckDeps, campaign: Campaign, fields: readonly Omit<FieldCheck, 'empty'>[], now: Date) {
  const { workspaceId, audience } = campaign
  return await database.transaction(
    ENGINE,
    async (tx) => {
      const people = whoGets(await candidatesFor(tx, workspaceId, audience, now), suppressedFor({ workspaceId, audience }, now))
      const counted = await countEmptyFields(tx, workspaceId, people, fields)
      return { ...counted, sample: counted.people === 0 ? [] : await samplePeople(tx, people, SAMPLE) }
    },
    { readOnly: true, statementTimeoutMs: TIME_LIMIT_MS },
  )
}

type Ready = Extract<Written, { ok: true }>

/** Mails of real people, or of somebody made up where there are none yet: as they would leave. */
async function writeSample(
  deps: CheckDeps,
  campaign: Campaign,
  { compiled }: Ready,
  sample: readonly { readonly contactId: ContactId; readonly address: string }[],
  now: Date,
) {
  const own = ownOfTest(deps.url)
  const plan = await planOf(deps, campaign)
  const people = await peopleForMail(
    deps.db,
    campaign.workspaceId,
    sample.map(({ contactId }) => contactId),
  )
  const examples: ContentChecks['examples'][number][] = []
  let [unrenderable, longest, largest, looked] = [0, 0, 0, 0]
  let first: ReturnType<typeof readAs> | null = null
  const look = (contact: Readonly<Record<string, unknown>>): string | null => {
    const rendered = compiled.render({ contact, own }, now)
    if (rendered.kind === 'missing_field') return null
    if (rendered.kind === 'unrenderable') return rendered.sentence
    const texts = readAs(compiled, rendered.values, own)
    first ??= texts
    longest = Math.max(longest, texts.subject.length)
    largest = Math.max(largest, bytesAsSent(texts.html ?? '', plan))
    return null
  }
  const startedMs = performance.now()
  for (const { contactId, address } of sample) {
    const person = people.get(contactId)
    const sentence = person ? look({ ...person, email: address }) : null
    looked += 1
    if (sentence !== null) {
      unrenderable += 1
      if (examples.length < MAX_EXAMPLES) examples.push({ contactId, address, sentence })
    }
    // What takes long for each is long for all: what was seen until then is what is told.
    if (performance.now() - startedMs > SAMPLE_LIMIT_MS) break
  }
  if (first === null) look((await readerOf(deps.db, campaign.workspaceId, null)).contact)
  const texts = first as ReturnType<typeof readAs> | null
  return {
    looked,
    unrenderable,
    examples,
    subject: { text: texts?.subject ?? '', longest },
    html: compiled.html && { bytes: largest, limit: CLIPPED_BYTES },
    links: texts?.html ? linksIn(texts.html) : [],
    images: texts?.html ? imagesIn(texts.html) : [],
    countedAt: plan?.clicks && texts?.html ? plan.base : null,
  }
}

async function planOf({ database, url }: CheckDeps, { workspaceId, sender, tracking }: Campaign): Promise<TrackingPlan | null> {
  const fromDomain = parseMailbox(sender)?.address.domain
  if (fromDomain === undefined) return null
  return await planTracking({ database, url }, { workspaceId, stream: 'bulk', fromDomain }, tracking)
}

/** Links that are counted are longer than those that were written, and a picture that tells of opening comes along. */
function bytesAsSent(html: string, plan: TrackingPlan | null): number {
  return Buffer.byteLength(plan ? trackText(plan, { html, headers: {}, isTemplate: false }).html : html)
}

const SAMPLE_LIMIT_MS = 5_000

function textsOf({ parts }: Ready, { content }: Campaign) {
  const asks = (source: string | null) => source?.includes(UNSUBSCRIBE_PLACE) === true
  return {
    text: parts.text === null ? null : { isOwn: content.text !== null || parts.html === null, characters: parts.text.length },
    hasOwnWayOut:
      asks(content.body) || asks(JSON.stringify(content.blocks ?? null)) || asks(JSON.stringify(content.template ?? null)),
  }
}
