import { randomInt } from 'node:crypto'
import type { Tx } from '../../db/database.ts'
import { Refusal } from '../../errors.ts'
import type { Form as Known } from '../../forms/form.ts'
import { changedSincePublished, countedFor, findForm, listForms as list, listSubmissions, testMails } from '../../forms/forms.ts'
import { EXAMPLE_DATA, writeMail, wrongInMail } from '../../forms/mail.ts'
import {
  changeForm as change,
  createForm as create,
  missingOf,
  publishForm as publish,
  removeForm as remove,
  unpublishForm as unpublish,
} from '../../forms/manage.ts'
import { embedsOf, escaped } from '../../forms/markup.ts'
import { type Shown, showDraft } from '../../forms/published.ts'
import { isHttps } from '../auth.ts'
import type { ServerDeps } from '../deps.ts'
import {
  changeForm,
  createForm,
  type Form,
  getForm,
  listFormSubmissions,
  listForms,
  previewForm,
  publishForm,
  removeForm,
  testForm,
  unpublishForm,
} from '../endpoints/forms.ts'
import { previewHeaders } from '../forms/headers.ts'
import { formPage, outcomePage } from '../forms/pages.ts'
import { pageById } from '../page.ts'
import { publicPage } from '../public-page.ts'
import { type Route, route } from '../route.ts'
import { toFormSubmission, toFormSummary } from '../wire/forms.ts'

type Deps = Pick<ServerDeps, 'blobs' | 'secrets' | 'url'>

export function formRoutes(deps: Deps): Route[] {
  const { blobs, secrets, url } = deps
  const https = isHttps(deps)
  return [
    route(listForms, async ({ tx, params, actor, now }) => {
      const page = pageById('forms', params)
      const found = await list(tx, actor.workspaceId, page.query)
      const ids = found.map(({ id }) => id)
      const counts = await countedFor(tx, actor.workspaceId, ids, now)
      const changed = await changedSincePublished(tx, actor.workspaceId, ids)
      return page.of(found, (form) => toFormSummary(form, counts, url, changed.has(form.id)))
    }),
    route(getForm, async ({ tx, params, actor, now }) => told(tx, deps, await mustFind(tx, actor.workspaceId, params.id), now)),
    route(createForm, async ({ tx, body, actor, now }) => {
      const { captcha_secret: captchaSecret, ...said } = body
      const random = randomInt(36 ** 3, 36 ** 4).toString(36)
      const made = await create(
        tx,
        secrets,
        { ...said, random, ...(captchaSecret !== undefined && { captchaSecret }) },
        actor,
        now,
      )
      return await told(tx, deps, made, now)
    }),
    route(changeForm, async ({ tx, params, body, actor, now }) => {
      const { captcha_secret: captchaSecret, revision = null, ...said } = body
      const wanted = { ...said, ...(captchaSecret !== undefined && { captchaSecret }) }
      return await told(tx, deps, await change(tx, secrets, params.id, wanted, revision, actor, now), now)
    }),
    route(publishForm, async ({ tx, params, actor, now }) => told(tx, deps, await publish(tx, params.id, actor, now), now)),
    route(unpublishForm, async ({ tx, params, actor, now }) => told(tx, deps, await unpublish(tx, params.id, actor, now), now)),
    route(removeForm, async ({ tx, params, actor, now }) => remove(tx, params.id, actor, now)),
    route(previewForm, async ({ tx, params, actor, reply, now }) => {
      const shown = await showDraft(tx, await mustFind(tx, actor.workspaceId, params.id))
      reply.headers(previewHeaders(https))
      return { content: Buffer.from(withoutScripts(preview(shown, params.show ?? 'form', now))) }
    }),
    route(testForm, async ({ tx, params, body, actor, now }) => ({
      message_ids: await testMails(tx, { blobs, url }, { id: params.id, to: body.to }, actor, now),
    })),
    route(listFormSubmissions, async ({ tx, params, actor }) => {
      await mustFind(tx, actor.workspaceId, params.id)
      const page = pageById('form-submissions', params)
      const filter = { formId: params.id, state: params.state ?? null, ...page.query }
      return page.of(await listSubmissions(tx, actor.workspaceId, filter), toFormSubmission)
    }),
  ]
}

async function mustFind(tx: Tx, workspaceId: Known['workspaceId'], id: Known['id']): Promise<Known> {
  const form = await findForm(tx, workspaceId, id)
  if (!form) throw new Refusal('not_found', { what: 'form' })
  return form
}

async function told(tx: Tx, { url }: Deps, form: Known, now: Date): Promise<Form> {
  const counts = await countedFor(tx, form.workspaceId, [form.id], now)
  const changed = await changedSincePublished(tx, form.workspaceId, [form.id])
  return {
    ...toFormSummary(form, counts, url, changed.has(form.id)),
    settings: form.settings,
    revision: form.revision,
    has_captcha_secret: form.sealedSecret !== null,
    missing: await missingOf(tx, form, now),
    embed: { ...embedsOf(await showDraft(tx, form), url) },
  }
}

const WRONG = new Map([['email', 'This is not an email address.']])

/** As it would be, without script and with nowhere to be sent to. */
function preview(shown: Shown, show: NonNullable<(typeof previewForm)['params']['_output']['show']>, now: Date): string {
  const parts = { action: '#', url: '', started: null, isFrame: false, trouble: null, values: new Map<string, string[]>() }
  switch (show) {
    case 'form':
      return formPage(shown, { ...parts, errors: new Map() })
    case 'errors':
      return formPage(shown, { ...parts, values: new Map([['email', ['ann at example']]]), errors: WRONG })
    case 'confirmation':
    case 'welcome': {
      const mail = show === 'welcome' ? shown.settings.welcome : shown.settings.confirmation
      const wrong = mail && wrongInMail(mail, now)
      if (!mail || wrong !== null)
        return publicPage({ title: 'Mail', content: `<p>${escaped(wrong ?? 'There is no such mail.')}</p>` })
      const { form, settings, lists } = shown
      const data = {
        ...EXAMPLE_DATA,
        form: { name: form.name, title: settings.title || form.name },
        lists: lists.map(({ name }) => name),
      }
      return writeMail(mail, data, now).html
    }
    default:
      return outcomePage(shown, show, false)
  }
}

/** The frame lets none run, and browsers complain of each; what stands there for those without script is not what visitors see either. */
function withoutScripts(html: string): string {
  return html.replace(/<(noscript|script)\b.*?<\/\1>/gs, '')
}
