import { byName, splitMail } from '../../../mail/dkim/canonical.ts'
import { signedNames } from '../../../mail/dkim/signed-names.ts'
import { listed } from '../text.ts'
import { type DomainExam, skip } from './exam.ts'
import type { DomainFinding } from './report.ts'

/** The last bulk mail has both headers, and our signature covers them (RFC 8058 §3, §4). */
export async function checkUnsubscribe({ ours }: DomainExam): Promise<DomainFinding> {
  if (!ours) return skip('The domain is not one of ours, so its mail cannot be looked at.')
  if (ours.bulkContent === null) return skip('No bulk mail was sent from it.')
  const headers = byName(splitMail(ours.bulkContent).headers)
  const [list] = headers.get('list-unsubscribe') ?? []
  const [post] = headers.get('list-unsubscribe-post') ?? []
  const found = [list, post].filter((header) => header !== undefined)
  if (list === undefined || !/<https:\/\//i.test(list))
    return { status: 'fail', evidence: 'The last bulk mail has no List-Unsubscribe with an https address.', found }
  if (post === undefined || !/List-Unsubscribe=One-Click/i.test(post))
    return { status: 'fail', evidence: 'The last bulk mail has no "List-Unsubscribe-Post: List-Unsubscribe=One-Click".', found }
  const names = signedNames(headers, 'unchanged').map((name) => name.toLowerCase())
  const isCovered = names.includes('list-unsubscribe') && names.includes('list-unsubscribe-post')
  if (!isCovered || !ours.keys.some(({ state }) => state === 'active'))
    return {
      status: 'fail',
      evidence: 'Both headers are there, but no signature covers them: receivers then do not show the button.',
      found,
    }
  return { status: 'ok', evidence: 'The last bulk mail has both headers, and the signature covers them.', found }
}

/** What the routes say of the domain: the provider's own verification, and alignment. */
export async function checkProvider({ ours }: DomainExam): Promise<DomainFinding> {
  const routes = (ours?.routes ?? []).filter(({ kind }) => kind === 'ses' || kind === 'scaleway')
  if (routes.length === 0) return skip('No route goes through a provider that verifies domains.')
  const wrong = routes.filter(({ aligned }) => !aligned)
  const found = routes.map(({ name, reason }) => `${name}: ${reason}`)
  if (wrong.length > 0)
    return { status: 'fail', evidence: wrong.map(({ name, reason }) => `${name}: ${reason}`).join(' '), found }
  return { status: 'ok', evidence: found.join(' '), found }
}

/** Less says nothing about a receiver. */
const ENOUGH = 20
const REFUSED_MUCH = 0.05
const PUT_OFF_MUCH = 0.3
/** Gmail and Yahoo: stay below 0.1 %, never reach 0.3 %. */
const COMPLAINED_SOME = 0.001
const COMPLAINED_MUCH = 0.003

export async function checkAcceptance({ ours }: DomainExam): Promise<DomainFinding> {
  if (!ours) return skip('The domain is not one of ours, so nothing is known of its mail.')
  const known = ours.receivers.filter(({ sent, bounced }) => sent + bounced >= ENOUGH)
  if (known.length === 0) return skip(`Less than ${ENOUGH} mails went to any receiver.`)
  const found = known.map(
    ({ receiver, sent, deferred, bounced, complained }) =>
      `${receiver}: ${sent} accepted, ${bounced} refused, ${deferred} put off, ${complained} reported as spam`,
  )
  const judged = known.map((each) => {
    const ended = each.sent + each.bounced
    const complaints = each.sent === 0 ? 0 : each.complained / each.sent
    const bad = each.bounced / ended >= REFUSED_MUCH || complaints >= COMPLAINED_MUCH
    const odd = each.deferred / (ended + each.deferred) >= PUT_OFF_MUCH || complaints >= COMPLAINED_SOME
    return { receiver: each.receiver, status: bad ? ('fail' as const) : odd ? ('warn' as const) : ('ok' as const) }
  })
  const named = (status: string) => judged.filter((each) => each.status === status).map(({ receiver }) => receiver)
  const [bad, odd] = [named('fail'), named('warn')]
  if (bad.length > 0)
    return {
      status: 'fail',
      evidence: `${listed(bad)} refused much of what was sent, or people there reported it as spam.`,
      found,
    }
  if (odd.length > 0)
    return { status: 'warn', evidence: `${listed(odd)} put much off, or some people there reported it as spam.`, found }
  return {
    status: 'ok',
    evidence: `Of all mail of this workspace, ${listed(known.map(({ receiver }) => receiver))} accepted nearly everything.`,
    found,
  }
}
