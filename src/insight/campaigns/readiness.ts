/** What stands between a draft and its people, or will be noticed by them: looked at before it is sent. */
import type { Campaign } from '../../campaigns/campaign.ts'
import { fromDomainsOf, LEAVES } from '../../campaigns/sent-from.ts'
import type { Db, Tx } from '../../db/database.ts'
import { alignment } from '../../delivery/domains/alignment.ts'
import type { DomainState } from '../../delivery/domains/domain.ts'
import { listDomains } from '../../delivery/domains/manage.ts'
import type { Picture, RouteState } from '../../delivery/routing/picture.ts'
import { readPictures } from '../../delivery/routing/read-picture.ts'
import { type WayOut, waysOut } from '../../delivery/routing/ways-out.ts'
import { parseMailbox } from '../../mail/address.ts'
import { templateOf } from '../../templates/library/templates.ts'
import { problemsOf } from '../../templates/parts.ts'
import type { TemplateSource } from '../../templates/template.ts'
import type { READINESS_IDS } from './readiness-ids.ts'

export interface ReadinessCheck {
  readonly id: (typeof READINESS_IDS)[number]
  readonly status: 'ok' | 'warn' | 'fail'
  readonly sentence: string
  readonly hint: string
}

/** `fail`: it cannot be started so. `warn`: it can, and somebody should know. `url`: where this server is found. */
export async function lookAtReadiness(db: Db | Tx, campaign: Campaign, url: string): Promise<readonly ReadinessCheck[]> {
  const checks: ReadinessCheck[] = [senderCheck(campaign.sender, parseMailbox(campaign.sender) !== null)]
  const domains = await listDomains(db, campaign.workspaceId)
  const picture = (await readPictures(db, new Set([campaign.workspaceId]))).get(campaign.workspaceId)
  const looked = fromDomainsOf(campaign).map((name) => {
    const state = domains.find((each) => each.name === name)?.state ?? null
    return { domain: domainCheck(name, state), route: routeCheck(picture, name, state) }
  })
  const worst = (kind: 'domain' | 'route') => looked.find((each) => each[kind].status !== 'ok')?.[kind] ?? looked[0]?.[kind]
  checks.push(...[worst('domain'), worst('route')].filter((check) => check !== undefined))
  return [
    ...checks,
    contentCheck(campaign, await templateOf(db, campaign.workspaceId, campaign.content)),
    audienceCheck(campaign),
    unsubscribeCheck(url),
  ]
}

/**
 * What is wrong with a domain that a campaign under way, or soon to be, is sent from. A domain that nobody added here says nothing: the mail server of a
 * route may sign for it.
 */
export async function faultOfDomain(db: Db | Tx, campaign: Campaign): Promise<ReadinessCheck | null> {
  if (!LEAVES.includes(campaign.state)) return null
  const domains = await listDomains(db, campaign.workspaceId)
  const known = fromDomainsOf(campaign).flatMap((name) => domains.find((each) => each.name === name) ?? [])
  const looked = known.map(({ name, state }) => domainCheck(name, state))
  return looked.find(({ status }) => status !== 'ok') ?? null
}

function senderCheck(sender: string, isAddress: boolean): ReadinessCheck {
  if (isAddress) return ok('sender', `It is from ${sender}.`)
  return sender === ''
    ? fail('sender', 'Nobody is named as the sender.', 'Write a name and an address, such as Shop <news@example.com>.')
    : fail('sender', `${sender} is no address to send from.`, 'Write a name and an address, such as Shop <news@example.com>.')
}

function domainCheck(name: string, state: DomainState | null): ReadinessCheck {
  switch (state) {
    case 'verified':
      return ok('domain', `Mail from ${name} is signed with its key, and receivers can check it.`)
    case 'warning':
      return warn(
        'domain',
        `The DNS does not show the key of ${name} any more.`,
        'Publish it again within a day: after that its mail is not signed.',
      )
    case 'pending':
    case 'lapsed':
      return warn(
        'domain',
        `Mail from ${name} is not signed: the DNS does not show its key.`,
        'Large receivers refuse unsigned mail to many. Publish the records on the page of the domain.',
      )
    case null:
      return warn(
        'domain',
        `${name} is not among the sending domains, so Waybill does not sign its mail.`,
        'Large receivers refuse unsigned mail to many. Add the domain, unless the mail server of the route signs for it.',
      )
  }
}

/** Every way that its mail may take is looked at, in the order in which rules are asked: the first with something wrong is told. */
function routeCheck(picture: Picture | undefined, name: string, state: DomainState | null): ReadinessCheck {
  const ways = picture ? waysOut(picture, { stream: 'bulk', fromDomain: name }) : []
  const checks = ways.flatMap((way) => {
    const routes = way.routes.flatMap((id) => picture?.routes.find((route) => route.id === id) ?? [])
    if (routes.length === 0) return [noRoute(way)]
    return routes.map((route) => oneRoute(picture, route, way, name, state))
  })
  const last = checks.at(-1)
  return checks.find(({ status }) => status !== 'ok') ?? last ?? noRoute({ rule: null })
}

function noRoute({ rule }: Pick<WayOut, 'rule'>): ReadinessCheck {
  if (rule) return warn('route', `The rule “${rule.name}” takes it and names no route.`, 'It waits until the rule names one.')
  return warn('route', 'No route is the default.', 'It waits until one is, or a rule names another.')
}

function oneRoute(
  picture: Picture | undefined,
  route: RouteState,
  { rule, isForSome }: WayOut,
  name: string,
  state: DomainState | null,
): ReadinessCheck {
  const by = rule ? `, by the rule “${rule.name}”` : ''
  const some = isForSome ? 'Some of it' : 'It'
  if (route.kind === 'sandbox')
    return rule
      ? warn(
          'route',
          `${some} leaves by the sandbox${by}: it is kept here, and nobody gets it.`,
          'Change the rule to send it for real.',
        )
      : warn(
          'route',
          'Mail leaves by the sandbox: it is kept here, and nobody gets it.',
          'Make another route the default to send it for real.',
        )
  const known = picture?.misalignments.find((each) => each.routeId === route.id && each.fromDomain === name)
  const { aligned, reason } = alignment({ name, state, spfCovers: true }, route.kind)
  if (known || !aligned) {
    const why = known?.sentence ?? reason
    return warn('route', rule ? `${some} takes ${route.name}${by}. ${why}` : why, 'Until then it waits.')
  }
  return ok('route', `${some} leaves by ${route.name}${by}. ${reason}`)
}

function contentCheck({ content }: Campaign, template: TemplateSource | null): ReadinessCheck {
  if (content.subject.trim() === '')
    return fail('content', 'It has no subject.', 'Write one: it decides whether the mail is opened.')
  const [first] = problemsOf(content, template)
  if (first) {
    const where = first.line === null ? first.sentence : `Line ${first.line}: ${first.sentence}`
    return fail('content', where, 'It cannot be sent before this is right.')
  }
  return ok('content', 'Subject and text can be sent.')
}

function audienceCheck({ audience }: Campaign): ReadinessCheck {
  const isEmpty =
    (audience.kind === 'lists' && audience.lists.length === 0) ||
    (audience.kind === 'segments' && audience.lists.length + audience.segments.length === 0)
  return isEmpty
    ? fail('audience', 'Nobody is chosen.', 'Choose at least one list.')
    : ok('audience', 'Everybody of the audience is looked at before the first mail leaves.')
}

function unsubscribeCheck(url: string): ReadinessCheck {
  return url.startsWith('https:')
    ? ok('unsubscribe', 'Every mail has a link to unsubscribe, and the button of mail programs (RFC 8058).')
    : warn(
        'unsubscribe',
        'Every mail has a link to unsubscribe, but mail programs show no button for it: this server is not reached by HTTPS.',
        'Gmail and Yahoo ask for the button of whoever sends to many. Set WAYBILL_URL to an address with https.',
      )
}

function ok(id: ReadinessCheck['id'], sentence: string): ReadinessCheck {
  return { id, status: 'ok', sentence, hint: '' }
}
function warn(id: ReadinessCheck['id'], sentence: string, hint: string): ReadinessCheck {
  return { id, status: 'warn', sentence, hint }
}
function fail(id: ReadinessCheck['id'], sentence: string, hint: string): ReadinessCheck {
  return { id, status: 'fail', sentence, hint }
}
