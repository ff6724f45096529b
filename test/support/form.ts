import { createHash } from 'node:crypto'
import Fastify, { type InjectOptions } from 'fastify'
import { sql } from 'kysely'
import PostalMime from 'postal-mime'
import { onTestFinished } from 'vitest'
import type { Actor } from '../../src/accounts/actor.ts'
import { serveForms } from '../../src/api/forms/serve.ts'
import { servePreferences } from '../../src/api/preferences.ts'
import { createList } from '../../src/contacts/lists.ts'
import { ENGINE, type Tx } from '../../src/db/database.ts'
import type { Challenge } from '../../src/forms/altcha.ts'
import type { CaptchaWorld } from '../../src/forms/captcha.ts'
import { FIRST_SETTINGS } from '../../src/forms/first-settings.ts'
import type { Form, FormSettings } from '../../src/forms/form.ts'
import { createForm, publishForm } from '../../src/forms/manage.ts'
import { newId, type UserId } from '../../src/lib/ids.ts'
import { fixedResolver } from './dns.ts'
import type { World } from './world.ts'

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
export const URL_OF_FORMS = 'https://waybill.example.com'

/** As a widget finds it, but with Node's SHA-256. */
export function solved({ challenge, maxnumber, salt, signature }: Challenge): string {
  for (let number = 0; number <= maxnumber; number++)
    if (createHash('sha256').update(`${salt}${number}`).digest('hex') === challenge)
      return Buffer.from(JSON.stringify({ algorithm: 'SHA-256', challenge, number, salt, signature })).toString('base64')
  throw new Error('the challenge has no answer')
}

/** A workspace's forms, and the pages as strangers reach them. */
export async function formsOf(w: World, { captchas, ip = '192.0.2.1' }: { captchas?: CaptchaWorld; ip?: string } = {}) {
  const { workspaceId, clock } = w
  const actor: Actor = { kind: 'user', id: newId<UserId>(), name: 'Ann', workspaceId, role: 'owner' }
  const engine = <T>(work: (tx: Tx) => Promise<T>) => w.database.transaction(ENGINE, work)
  const fastify = Fastify({ logger: false, exposeHeadRoutes: false, routerOptions: { maxParamLength: 2000 }, trustProxy: true })
  const deps = {
    ...{ database: w.database, blobs: w.blobs, secrets: w.secrets, clock, url: URL_OF_FORMS },
    resolver: fixedResolver(),
    wake: () => {},
    ...(captchas && { captchas }),
  }
  await serveForms(fastify, deps)
  await servePreferences(fastify, deps)
  onTestFinished(() => fastify.close())

  const ask = async (
    method: 'GET' | 'HEAD' | 'POST' | 'OPTIONS',
    url: string,
    fields?: Record<string, string | string[]> | string,
    headers: Record<string, string> = {},
  ) => {
    const payload =
      typeof fields === 'object'
        ? new URLSearchParams(
            Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
          ).toString()
        : fields
    return await fastify.inject({
      method,
      url: url.replace(URL_OF_FORMS, ''),
      headers: { 'x-forwarded-for': ip, ...(payload !== undefined && FORM), ...headers },
      ...(payload !== undefined && { payload }),
    } as InjectOptions)
  }

  return {
    actor,
    engine,
    ask,
    newList: (name: string, optIn: 'single' | 'double' = 'single') =>
      engine(async (tx) => (await createList(tx, { name, optIn, visibility: 'public' }, actor, clock.now())).id),
    /** Published, without a captcha unless told otherwise. */
    async newForm(lists: readonly string[], more: Partial<FormSettings> = {}, captchaSecret?: string): Promise<Form> {
      const settings: FormSettings = {
        ...FIRST_SETTINGS,
        lists: lists.map((id) => ({ id, offered: false })),
        sender: 'Shop <news@example.com>',
        captcha: { ...FIRST_SETTINGS.captcha, kind: 'none' },
        ...more,
      }
      return await engine(async (tx) => {
        const wanted = { name: 'Newsletter', settings, random: newId().slice(-6), ...(captchaSecret && { captchaSecret }) }
        const { id } = await createForm(tx, w.secrets, wanted, actor, clock.now())
        return await publishForm(tx, id, actor, clock.now())
      })
    },
    /** What the sandbox kept for an address, oldest first. */
    async mails(to: string) {
      await w.dispatch()
      const { rows } = await sql<{ hash: string }>`
        select encode(content_hash, 'hex') as hash from sandbox_mail where workspace_id = ${workspaceId} and recipient = ${to} order by id`.execute(
        w.database.db,
      )
      const contents = await w.blobs.read(
        w.database.db,
        workspaceId,
        rows.map(({ hash }) => hash),
      )
      return await Promise.all(rows.map(({ hash }) => PostalMime.parse(Buffer.from(contents.get(hash) ?? '', 'latin1'))))
    },
    /** The path of the link to confirm in the last mail to an address. */
    async confirmLink(to: string): Promise<string> {
      const mail = (await this.mails(to)).findLast(({ html }) => /\/confirm\//.test(html ?? ''))
      const found = /\/confirm\/[a-z2-7]+/.exec(mail?.html ?? '')
      if (!found) throw new Error(`no mail to confirm reached ${to}`)
      return found[0]
    },
    async standings(address: string): Promise<Record<string, string>> {
      const { rows } = await sql<{ name: string; status: string }>`
        select l.name, m.status from list_member m join contact_list l on l.id = m.list_id join contact_address a on a.contact_id = m.contact_id
         where a.address = ${address} order by 1`.execute(w.database.db)
      return Object.fromEntries(rows.map(({ name, status }) => [name, status]))
    },
    async person(address: string) {
      const { rows } = await sql<{
        id: string
        name: string
        first_name: string
        language: string
        data: Record<string, unknown>
      }>`
        select c.id, c.name, c.first_name, c.language, c.data from contact c join contact_address a on a.contact_id = c.id where a.address = ${address}`.execute(
        w.database.db,
      )
      return rows[0] ?? null
    },
    async submissions() {
      const { rows } = await sql<{
        state: string
        reason: string
        address: string
        version: number
        consents: unknown
        ip: string | null
        page: string
      }>`
        select state, reason, address, version, consents, host(ip) as ip, page from form_submission order by id`.execute(
        w.database.db,
      )
      return rows
    },
  }
}
