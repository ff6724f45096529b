import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { findGotten, LEAVING_REASONS, preferringOf } from '../campaigns/leaving/leaving.ts'
import { readLanguage } from '../contacts/contact.ts'
import {
  changePreferences,
  leaveEverything,
  type PreferencesWish,
  type Preferring,
  viewPreferences,
} from '../contacts/preferences/preferences.ts'
import { askForData, askForErasure } from '../contacts/preferences/requests.ts'
import { contactIdsOf } from '../contacts/save-contact.ts'
import type { Tx } from '../db/database.ts'
import { findConfirming } from '../forms/confirm.ts'
import { submissionsOfPerson } from '../forms/forms.ts'
import { wrongInName } from '../forms/read-answers.ts'
import { readFormPreferencesToken } from '../forms/tokens.ts'
import { type Mailbox, parseMailbox } from '../mail/address.ts'
import { PREFERENCES_PATH } from '../tracking/personalise.ts'
import { readPreferencesToken, trackingKey } from '../tracking/token.ts'
import { isHttps } from './auth.ts'
import { createBodyBudgets, takeBytes } from './body.ts'
import type { ServerDeps } from './deps.ts'
import { linkNowhere } from './forms/pages.ts'
import { PREFERENCES_SAID, type PreferencesSaid, preferencesPage } from './preferences-page.ts'
import { securityHeaders } from './security-headers.ts'
import { createThrottle, OF_ONE_LINK } from './throttle.ts'
import { busyPage } from './unsubscribe-page.ts'

const MAX_BODY_BYTES = 32 * 1024
/** Of what Intl knows, those that most people who get mail here read. Whoever has another one keeps it. */
const LANGUAGES = [
  'cs',
  'da',
  'de',
  'en',
  'es',
  'fi',
  'fr',
  'hu',
  'it',
  'ja',
  'nl',
  'no',
  'pl',
  'pt',
  'pt-BR',
  'ro',
  'sv',
  'tr',
  'uk',
  'zh',
]

type Deps = Pick<ServerDeps, 'database' | 'blobs' | 'secrets' | 'clock' | 'url' | 'wake'>
type Asking = FastifyRequest<{ Params: { token: string } }>
type Person = Preferring & { readonly sender: Mailbox | null }

/** Where `{{ preferences_url }}` leads. As with leaving: looking changes nothing, a POST does, nothing is kept in the browser. */
export async function servePreferences(fastify: FastifyInstance, deps: Deps): Promise<void> {
  const { database, clock, secrets } = deps
  const key = trackingKey(secrets)
  const budgets = createBodyBudgets()
  const throttle = createThrottle(OF_ONE_LINK, clock)
  const headers = {
    ...securityHeaders('leaving', isHttps(deps)),
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
  }
  const page = (reply: FastifyReply, code: number, html: string) =>
    reply.code(code).headers(headers).type('text/html; charset=utf-8').send(html)

  async function personBy(token: string): Promise<Person | null> {
    const deliveryId = readPreferencesToken(token, key)
    if (deliveryId) {
      const gotten = await findGotten(database.db, deliveryId)
      return gotten && preferringOf(gotten)
    }
    const id = readFormPreferencesToken(token, secrets)
    const found = id && (await findConfirming(database.db, id))
    // Before a form's mail was confirmed nothing says that whoever typed the address has it.
    if (!found || (found.said.state !== 'confirmed' && found.said.state !== 'accepted')) return null
    const { workspaceId, address } = found.said
    const sender = parseMailbox(found.shown.settings.sender)
    const { form } = found.shown
    return {
      ...{ workspaceId, address, deliveryId: null, sourceId: found.said.id, sender },
      contactId: (await contactIdsOf(database.db, workspaceId, [address])).get(address) ?? null,
      from: sender?.name || form.name,
      told: { form_id: form.id, form: form.name, submission_id: found.said.id },
      by: `form "${form.name}"`,
    }
  }

  /** Null: it was answered. */
  async function foundBy({ params }: Asking, reply: FastifyReply): Promise<Person | null> {
    const isOurs = readPreferencesToken(params.token, key) ?? readFormPreferencesToken(params.token, secrets)
    if (isOurs !== null && throttle.refuses(isOurs, reply)) {
      void page(reply, 429, busyPage())
      return null
    }
    const found = isOurs === null ? null : await personBy(params.token)
    if (!found) void page(reply, 404, linkNowhere())
    return found
  }

  async function act(tx: Tx, who: Person, fields: URLSearchParams, now: Date): Promise<PreferencesSaid | null> {
    const why = LEAVING_REASONS.find((reason) => reason === fields.get('why')) ?? null
    const { contactId, sender } = who
    switch (fields.get('act')) {
      case 'save':
        return (await changePreferences(tx, who, wishIn(fields, why), now)) ? 'saved' : 'same'
      case 'everything':
        await leaveEverything(tx, who, why, now)
        return 'left'
      case 'data': {
        if (contactId === null || !sender) return null
        const more = { forms: await submissionsOfPerson(tx, who.workspaceId, { contactId, addresses: [who.address] }) }
        return (await askForData(tx, deps.blobs, { ...who, contactId, sender }, more, now)) ? 'data' : 'data_before'
      }
      case 'erase':
        if (contactId === null || !sender) return null
        return (await askForErasure(tx, { ...who, contactId, sender }, now)) ? 'erase' : 'erase_before'
      default:
        return null
    }
  }

  await fastify.register(async (scope) => {
    takeBytes(scope, budgets, MAX_BODY_BYTES)
    scope.route<{ Params: { token: string }; Querystring: Record<string, string | string[]> }>({
      method: ['GET', 'HEAD'],
      url: `${PREFERENCES_PATH}:token`,
      handler: async (request, reply) => {
        const who = await foundBy(request, reply)
        if (!who) return reply
        const said = PREFERENCES_SAID.find((one) => one === request.query.said) ?? null
        return page(reply, 200, preferencesPage(await viewPreferences(database.db, who, clock.now()), said, LANGUAGES))
      },
    })
    scope.post<{ Params: { token: string } }>(`${PREFERENCES_PATH}:token`, async (request, reply) => {
      const who = await foundBy(request, reply)
      if (!who) return reply
      const now = clock.now()
      const fields = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '')
      const said = await database.transaction({ as: 'api', workspaceId: who.workspaceId }, (tx) => act(tx, who, fields, now))
      if (said === null) return page(reply, 400, preferencesPage(await viewPreferences(database.db, who, now), null, LANGUAGES))
      deps.wake()
      return reply.code(303).headers(headers).header('location', `${PREFERENCES_PATH}${request.params.token}?said=${said}`).send()
    })
  })
}

/** A field that did not come is not touched; a name that is none stays as it was. */
function wishIn(fields: URLSearchParams, why: string | null): PreferencesWish {
  const name = (key: string) => {
    const text = fields.get(key)?.trim().toWellFormed()
    return text === undefined || wrongInName(text) !== null ? undefined : text
  }
  const [firstName, lastName, said] = [name('first_name'), name('last_name'), fields.get('language')]
  const language = said === null ? null : said === '' ? '' : readLanguage(said)
  return {
    lists: fields.getAll('list').slice(0, 1_000),
    keepsOthers: fields.get('had_others') === null || fields.get('others') !== null,
    words: {
      ...(firstName !== undefined && { firstName }),
      ...(lastName !== undefined && { lastName }),
      ...(language !== null && { language }),
    },
    why,
  }
}
