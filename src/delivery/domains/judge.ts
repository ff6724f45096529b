/** What the DNS' answers say about the records of a domain. Pure: answers in, findings out. */
import type { HostAddress, Lookup, MxRecord } from '../../dns/resolver.ts'
import { parseKeyRecord } from '../../mail/dkim/key-record.ts'
import { policyFor, withPolicy } from '../../mail/records/dmarc.ts'
import { mtaStsId, mtaStsTexts, tlsReportAddresses, tlsReportTexts } from '../../mail/records/transport.ts'
import type { Finding } from './check.ts'
import type { DkimKey } from './dkim-key.ts'
import type { DmarcWalk } from './dmarc-walk.ts'

type Failed = Extract<Lookup<unknown>, { ok: false }>
type Texts = Lookup<readonly string[]>

/** A DNS that cannot be asked is never taken for one that says no. */
function unanswered(answers: readonly Lookup<unknown>[]): Finding | null {
  const failed = answers.find(
    (answer): answer is Failed => !answer.ok && (answer.kind === 'servfail' || answer.kind === 'timeout'),
  )
  return failed ? { status: 'error', sentence: `The DNS could not be asked: ${failed.message}.`, found: [] } : null
}

/** Compared by what the tags say, not letter by letter (RFC 6376 §3.6.1). */
export function judgeKey(key: Pick<DkimKey, 'algorithm' | 'publicKey'>, answer: Texts): Finding {
  const error = unanswered([answer])
  if (error) return error
  const found = answer.ok ? answer.found : []
  const say = (status: Finding['status'], sentence: string): Finding => ({ status, sentence, found })
  if (found.length === 0) return say('missing', 'There is no record with this key.')
  if (found.length > 1)
    return say('duplicate', `There are ${found.length} texts at this name; verifiers may take any of them. Leave one.`)
  const record = parseKeyRecord(found[0] ?? '')
  switch (record.kind) {
    case 'invalid':
      return say('invalid', `The record cannot be read as a key: ${record.why}.`)
    case 'revoked':
      return say('incorrect', 'The record says that the key is revoked: its p= is empty.')
    case 'key':
      if (record.algorithm !== key.algorithm || record.data !== key.publicKey)
        return say('incorrect', 'The record holds another key: signatures made here do not verify with it.')
      if (record.testing)
        return say('insecure', 'The record says t=y, "only testing": receivers take the mail as unsigned. Remove t=y.')
      return say('correct', 'The key is published.')
  }
}

export function judgeDmarc(walk: DmarcWalk): Finding {
  const { own, domain } = walk
  const found = own.texts.length > 0 ? own.texts : walk.found.map((each) => `${each.text}`)
  const say = (status: Finding['status'], sentence: string, publish?: string): Finding => ({
    status,
    sentence,
    found,
    ...(publish !== undefined && { publish }),
  })
  if (own.texts.length > 1)
    return say('duplicate', `There are ${own.texts.length} DMARC records: receivers then follow none of them.`)
  if (own.why) return say('invalid', `The record cannot be read: ${own.why}.`)
  const policy = policyFor(domain, walk.found)
  const [error] = walk.unanswered
  if (!policy && error) return say('error', `The DNS could not be asked: ${error}.`)
  if (!policy) return say('missing', 'Neither this domain nor one above it has a DMARC record.')
  const where = policy.from === domain ? '' : `, from ${policy.from}`
  if (policy.policy === 'none') {
    const text = policy.from === domain ? own.texts[0] : undefined
    return say(
      'insecure',
      `The policy is p=none${where}: receivers only watch. Raise it when the reports show that all your mail passes.`,
      text === undefined ? undefined : withPolicy(text, 'quarantine'),
    )
  }
  if (policy.dmarc.testing)
    return say('insecure', `The policy is ${policy.policy}${where}, but t=y says that it is only being tried.`)
  return say('correct', `The policy is ${policy.policy}${where}.`)
}

/** Bounces have to come to us, and to nobody else. A CNAME to our host does as well, since a host takes its own mail (RFC 5321 §5.1). */
export function judgeReturnPath(mailHost: string, mx: Lookup<readonly MxRecord[]>, cname: Texts): Finding {
  const alias = cname.ok ? cname.found : []
  const isAlias = alias.some((name) => name === mailHost)
  if (isAlias) return { status: 'correct', sentence: 'Bounces come back here.', found: alias.map((name) => `CNAME ${name}`) }
  const error = unanswered([mx, cname])
  if (error) return error
  const hosts = mx.ok ? mx.found : []
  const found = [
    ...alias.map((name) => `CNAME ${name}`),
    ...hosts.map(({ host, preference }) => `MX ${preference} ${host || '.'}`),
  ]
  const ours = hosts.filter(({ host }) => host === mailHost)
  if (hosts.length === 0 && alias.length > 0)
    return { status: 'conflicting', sentence: `The name is an alias of ${alias[0]}; bounces go there. Remove the alias.`, found }
  if (hosts.length === 0)
    return { status: 'missing', sentence: 'There is no MX record: bounces have nowhere to come back to.', found }
  if (ours.length === 0)
    return { status: 'incorrect', sentence: `Bounces go to ${hosts.map(({ host }) => host).join(', ')} instead of here.`, found }
  if (ours.length < hosts.length)
    return {
      status: 'conflicting',
      sentence: 'Bounces go to other servers as well, and are lost there. Leave one MX record.',
      found,
    }
  return { status: 'correct', sentence: 'Bounces come back here.', found }
}

export interface TrackingAnswers {
  readonly cname: Texts
  readonly own: Lookup<readonly HostAddress[]>
  readonly target: Lookup<readonly HostAddress[]>
}

export function judgeTracking(webHost: string, { cname, own, target }: TrackingAnswers): Finding {
  if (cname.ok) {
    const found = cname.found.map((name) => `CNAME ${name}`)
    return cname.found.includes(webHost)
      ? { status: 'correct', sentence: 'Links lead here.', found }
      : { status: 'incorrect', sentence: `The name is an alias of ${cname.found[0]} instead of ${webHost}.`, found }
  }
  const error = unanswered([cname, own])
  if (error) return error
  const addresses = own.ok ? own.found.map(({ address }) => address) : []
  if (addresses.length === 0)
    return { status: 'missing', sentence: 'The name does not exist: links cannot stay on your own domain.', found: [] }
  const ours = target.ok ? target.found.map(({ address }) => address) : []
  const found = addresses.map((address) => `${address.includes(':') ? 'AAAA' : 'A'} ${address}`)
  return addresses.every((address) => ours.includes(address))
    ? { status: 'correct', sentence: 'Links lead here.', found }
    : {
        status: 'conflicting',
        sentence: `The name leads to another address than ${webHost}; an alias cannot stand beside it.`,
        found,
      }
}

export function judgeMtaSts(answer: Texts): Finding {
  return judgeText(
    answer,
    mtaStsTexts,
    (text) => (mtaStsId(text) === null ? 'it has no id= of up to 32 letters and digits' : null),
    {
      none: 'There is no MTA-STS record: mail to you may be read on its way.',
      fine: 'The record is there.',
    },
  )
}

export function judgeTlsReports(answer: Texts): Finding {
  return judgeText(
    answer,
    tlsReportTexts,
    (text) => (tlsReportAddresses(text).length === 0 ? 'its rua= names nowhere to report to' : null),
    {
      none: 'There is no record: nobody tells you when mail to you could not be encrypted.',
      fine: 'Reports are asked for.',
    },
  )
}

function judgeText(
  answer: Texts,
  select: (texts: readonly string[]) => string[],
  problemOf: (text: string) => string | null,
  words: { readonly none: string; readonly fine: string },
): Finding {
  const error = unanswered([answer])
  if (error) return error
  const found = answer.ok ? select(answer.found) : []
  const [text] = found
  if (text === undefined) return { status: 'missing', sentence: words.none, found }
  if (found.length > 1)
    return { status: 'duplicate', sentence: `There are ${found.length} such records, which count as none.`, found }
  const problem = problemOf(text)
  return problem
    ? { status: 'invalid', sentence: `The record cannot be used: ${problem}.`, found }
    : { status: 'correct', sentence: words.fine, found }
}
