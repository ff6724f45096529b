import { judgeSpf } from '../../../delivery/domains/judge-spf.ts'
import { type SpfNode, walkSpf } from '../../../delivery/domains/spf-walk.ts'
import type { DomainExam } from './exam.ts'
import type { DomainFinding } from './report.ts'

/** RFC 7208 §3.4: longer answers may not fit into one packet. */
const LENGTH_MAX = 450

export async function checkSpf({ domain, resolver, ours, needed }: DomainExam): Promise<DomainFinding> {
  const walk = await walkSpf(resolver, domain)
  const { status, sentence, found, publish } = await judgeSpf(walk, ours?.publishing.spf ?? needed, resolver)
  const record = publish === undefined ? undefined : { type: 'TXT' as const, name: domain, value: publish }
  const told = { found, ...(record && { record }) }
  if (status === 'error') return { status: 'error', evidence: sentence, found }
  // What is not needed for our routes is their owner's matter: a domain that sends with its signature alone is complete.
  if (status !== 'correct')
    return { status: status === 'incomplete' && ours !== null && signs(ours.keys) ? 'warn' : 'fail', evidence: sentence, ...told }
  const odd = walk.root ? oddities(walk.root) : []
  return odd.length > 0
    ? { status: 'warn', evidence: `${sentence} ${odd.join(' ')}`, found }
    : { status: 'ok', evidence: sentence, found }
}

function signs(keys: readonly { readonly state: string }[]): boolean {
  return keys.some(({ state }) => state === 'active')
}

function oddities(root: SpfNode): string[] {
  const all = root.terms.find(({ mechanism }) => mechanism === 'all')
  return [
    ...(root.terms.some(({ mechanism }) => mechanism === 'ptr')
      ? ['It uses ptr, which receivers are told not to follow (RFC 7208 §5.5).']
      : []),
    ...(root.text.length > LENGTH_MAX
      ? [`It has ${root.text.length} characters; more than ${LENGTH_MAX} may not fit into an answer.`]
      : []),
    ...(!all && root.redirect === null ? ['It has no "all" at its end: nothing is said of other servers.'] : []),
    ...(all?.qualifier === '?' ? ['It ends in ?all, which says nothing of other servers.'] : []),
  ]
}
