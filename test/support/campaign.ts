import { sql } from 'kysely'
import type { Actor } from '../../src/accounts/actor.ts'
import type { CampaignId, CampaignText } from '../../src/campaigns/campaign.ts'
import { type CampaignDeps, prepareAll, startDue } from '../../src/campaigns/jobs.ts'
import { startCampaign } from '../../src/campaigns/life.ts'
import { createCampaign } from '../../src/campaigns/manage.ts'
import { type Progress, readProgress } from '../../src/campaigns/progress.ts'
import { NO_SETTINGS } from '../../src/campaigns/settings.ts'
import { watchCampaigns } from '../../src/campaigns/watch.ts'
import type { ListId } from '../../src/contacts/consent/change-consent.ts'
import { createList } from '../../src/contacts/lists.ts'
import { plainArray, textArray } from '../../src/db/arrays.ts'
import { type Database, ENGINE, type Tx } from '../../src/db/database.ts'
import { mailingJobs } from '../../src/delivery/mailings/mailings.ts'
import { findInbox } from '../../src/helpdesk/inboxes.ts'
import { type ContactId, newId, type UserId } from '../../src/lib/ids.ts'
import { createMjmlReader } from '../../src/templates/mjml/mjml.ts'
import { createOwn } from '../../src/tracking/personalise.ts'
import type { World } from './world.ts'

export interface APerson {
  readonly address: string
  readonly firstName?: string
  readonly data?: object
  readonly status?: 'subscribed' | 'unsubscribed' | 'pending'
}

/** A workspace with lists and people, and the jobs of campaigns. */
export function campaignsOf(w: World) {
  const { workspaceId, clock } = w
  const actor: Actor = { kind: 'user', id: newId<UserId>(), name: 'Ann', workspaceId, role: 'owner' }
  const depsOn = (database: Database): CampaignDeps => ({
    database,
    blobs: w.blobs,
    tracking: { database, url: 'https://waybill.example.com' },
    ownOf: createOwn({ secrets: w.secrets, url: 'https://waybill.example.com' }),
    mjml: createMjmlReader(),
    takesMail: async (_, address) => address === 'news@example.com',
    replyInbox: (_, id) => findInbox(database.db, workspaceId, id),
    wake: () => {},
    now: () => clock.now(),
  })
  const deps = depsOn(w.database)
  const engine = <T>(work: (tx: Tx) => Promise<T>) => w.database.transaction(ENGINE, work)
  const now = () => clock.now()

  /** Written past everything that looks at what is written: as a broken import of another tool, or somebody at the database, would. */
  async function addPeople(list: ListId, people: readonly APerson[]): Promise<ContactId[]> {
    const ids = people.map(() => newId<ContactId>(now().getTime()))
    await engine(async (tx) => {
      await sql`
        insert into contact (workspace_id, id, name, first_name, data, created_at, updated_at)
        select ${workspaceId}, p.id, p.first, p.first, p.data::jsonb, ${now()}, ${now()}
          from unnest(${plainArray(ids)}::uuid[], ${textArray(people.map((p) => p.firstName ?? ''))}::text[],
                      ${textArray(people.map((p) => JSON.stringify(p.data ?? {})))}::text[]) as p (id, first, data)`.execute(tx)
      await sql`
        insert into contact_address (workspace_id, address, contact_id, is_primary, created_at)
        select ${workspaceId}, lower(p.address), p.id, true, ${now()}
          from unnest(${plainArray(ids)}::uuid[], ${textArray(people.map((p) => p.address))}::text[]) as p (id, address)
         where p.address <> ''`.execute(tx)
    })
    await join(
      list,
      ids,
      people.map((p) => p.status ?? 'subscribed'),
    )
    return ids
  }

  async function join(list: ListId, ids: readonly ContactId[], statuses?: readonly string[]): Promise<void> {
    await sql`
      insert into list_member (workspace_id, list_id, contact_id, status, source, since)
      select ${workspaceId}, ${list}, p.id, p.status, 'import', ${now()}
        from unnest(${plainArray(ids)}::uuid[], ${plainArray(ids.map((_, i) => statuses?.[i] ?? 'subscribed'))}::text[]) as p (id, status)`.execute(
      w.database.db,
    )
  }

  const progress = (id: CampaignId): Promise<Progress> => readProgress(w.database.db, workspaceId, id, now())
  return {
    actor,
    deps,
    depsOn,
    engine,
    addPeople,
    join,
    progress,
    newList: async (name: string) => (await engine((tx) => createList(tx, { name }, actor, now()))).id,
    draft: (lists: readonly ListId[], more: Partial<CampaignText> = {}) =>
      engine((tx) => createCampaign(tx, { ...aText(lists), ...more }, actor, now())),
    async started(lists: readonly ListId[], more: Partial<CampaignText> = {}) {
      const { id } = await this.draft(lists, more)
      await engine((tx) => startCampaign(tx, id, actor, now()))
      return id
    },
    prepare: () => prepareAll(deps),
    startDue: () => startDue(deps, now()),
    async watch() {
      for (const job of mailingJobs(w.database)) await job.run(now())
      await watchCampaigns(w.database, now())
    },
  }
}

export function aText(lists: readonly ListId[]): CampaignText {
  return {
    ...NO_SETTINGS,
    name: 'Spring news',
    content: {
      format: 'html',
      subject: 'News for {{ contact.first_name }}',
      body: '<p>Dear {{ contact.first_name }},</p><p><a href="https://example.com/spring">Spring is here</a></p>',
      text: null,
      toName: '{{ contact.name }}',
      fields: [{ path: 'contact.first_name', fallback: 'friend', required: false }],
    },
    sender: 'Shop <news@example.com>',
    replyTo: null,
    audience: { kind: 'lists', lists },
    pace: null,
    tracking: {},
  }
}

/** The sum of everybody who is accounted for. */
export function sumOf({ excluded, preparing, awaitsWinner, deliveries }: Progress): number {
  return (
    excluded.reduce((sum, { n }) => sum + n, 0) +
    preparing +
    awaitsWinner +
    Object.values(deliveries).reduce((sum, n) => sum + n, 0)
  )
}
