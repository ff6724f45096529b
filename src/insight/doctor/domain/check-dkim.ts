import type { DkimKey } from '../../../delivery/domains/dkim-key.ts'
import { judgeKey } from '../../../delivery/domains/judge.ts'
import type { Resolver } from '../../../dns/resolver.ts'
import { formatKeyRecord, type KeyRecord, parseKeyRecord } from '../../../mail/dkim/key-record.ts'
import { dkimSignatures } from '../../../mail/dkim/sign.ts'
import { verifyDkim } from '../../../mail/dkim/verify.ts'
import { type DomainExam, darkness, type Ours, skip } from './exam.ts'
import type { DomainFinding } from './report.ts'

/** What providers commonly call their selectors: a look from outside can only guess. */
const USUAL_SELECTORS = ['default', 'dkim', 'google', 'k1', 'mail', 's1', 's2', 'selector1', 'selector2', 'smtp', 'tem', 'fm1']
const WEAK_BITS = 2048

export async function checkDkim(exam: DomainExam): Promise<DomainFinding> {
  return exam.ours ? checkOurs(exam, exam.ours) : checkFromOutside(exam)
}

async function checkOurs({ domain, resolver, now }: DomainExam, ours: Ours): Promise<DomainFinding> {
  const keys = ours.keys.filter(({ state }) => state === 'active' || state === 'new' || state === 'published')
  const judged = await Promise.all(
    keys.map(async (key) => ({ key, ...judgeKey(key, await resolver.txt(nameOf(domain, key.selector))) })),
  )
  const found = judged.flatMap((each) => each.found.map((text) => `${each.key.selector}: ${text}`))
  const dark = judged.find(({ status }) => status === 'error')
  const wrong = judged.filter(({ status }) => status !== 'correct' && status !== 'error')
  const [first] = wrong
  if (first) {
    const record = {
      type: 'TXT' as const,
      name: nameOf(domain, first.key.selector),
      value: formatKeyRecord(first.key.algorithm, first.key.publicKey),
    }
    const isUrgent = wrong.some(({ key }) => key.algorithm === 'rsa' && (key.state === 'active' || !hasActive(ours.keys)))
    return { status: isUrgent ? 'fail' : 'warn', evidence: `${first.key.selector}: ${first.sentence}`, found, record }
  }
  if (dark) return { status: 'error', evidence: dark.sentence, found }
  if (ours.signing === null)
    return {
      status: 'fail',
      evidence: 'The private keys cannot be opened with the WAYBILL_SECRET of this server: its mail is held.',
      found,
    }
  const problem = await trial(domain, resolver, ours, now)
  if (problem) return { status: 'fail', evidence: problem, found }
  return {
    status: 'ok',
    evidence: `A mail signed with ${ours.signing.map(({ selector }) => selector).join(' and ') || 'no key'} verifies with what the DNS has.`,
    found,
  }
}

function hasActive(keys: readonly DkimKey[]): boolean {
  return keys.some(({ algorithm, state }) => algorithm === 'rsa' && state === 'active')
}

/** Signs as sending does, and verifies with the keys of the DNS. Why not, or null. */
async function trial(domain: string, resolver: Resolver, { signing }: Ours, now: Date): Promise<string | null> {
  if (!signing || signing.length === 0) return null
  const mail = `From: doctor@${domain}\r\nTo: doctor@${domain}\r\nSubject: A trial\r\nDate: ${now.toUTCString()}\r\n\r\nIt is not sent.\r\n`
  const published = new Map<string, KeyRecord>()
  for (const { selector } of signing) {
    const answer = await resolver.txt(nameOf(domain, selector))
    const [text] = answer.ok ? answer.found : []
    if (text !== undefined) published.set(selector, parseKeyRecord(text))
  }
  const verdicts = await verifyDkim(`${await dkimSignatures(mail, signing, now)}${mail}`, (_, selector) => {
    const record = published.get(selector)
    return record?.kind === 'key' ? { algorithm: record.algorithm, key: record.key } : null
  })
  const broken = verdicts.find(({ pass }) => !pass)
  return broken ? `A trial signature with ${broken.selector} does not verify: ${broken.why}.` : null
}

async function checkFromOutside({ domain, resolver, selectors }: DomainExam): Promise<DomainFinding> {
  const asked = selectors.length > 0 ? selectors : USUAL_SELECTORS
  const answers = await Promise.all(asked.map((selector) => resolver.txt(nameOf(domain, selector))))
  const dark = darkness(answers)
  const seen = asked.flatMap((selector, index) => {
    const answer = answers[index]
    return answer?.ok ? answer.found.map((text) => ({ selector, text, record: parseKeyRecord(text) })) : []
  })
  const keys = seen.filter(({ record }) => record.kind === 'key')
  const found = seen.map(({ selector, text }) => `${selector}: ${text}`)
  if (seen.length === 0 && dark) return dark
  if (seen.length === 0 && selectors.length === 0)
    return skip(
      'No key is at a usual selector. Which one signs stands in the DKIM-Signature of a mail, after s=: give it to have it looked at.',
    )
  if (seen.length === 0) return { status: 'fail', evidence: `There is no key at ${selectors.join(', ')}.` }
  const [broken] = seen.filter(({ record }) => record.kind === 'invalid')
  if (broken?.record.kind === 'invalid')
    return { status: 'fail', evidence: `${broken.selector} cannot be read: ${broken.record.why}.`, found }
  const weak = keys.find(({ record }) => record.kind === 'key' && record.algorithm === 'rsa' && record.bits < WEAK_BITS)
  if (weak?.record.kind === 'key')
    return {
      status: weak.record.bits < 1024 ? 'fail' : 'warn',
      evidence: `The key ${weak.selector} has ${weak.record.bits} bits; 2048 are usual, less than 1024 count as none (RFC 8301).`,
      found,
    }
  const testing = keys.find(({ record }) => record.kind === 'key' && record.testing)
  if (testing)
    return {
      status: 'warn',
      evidence: `The key ${testing.selector} says t=y, "only testing": its signatures count for nothing.`,
      found,
    }
  if (keys.length === 0) return { status: 'fail', evidence: 'The keys there are revoked.', found }
  return {
    status: 'ok',
    evidence: `Keys are at ${keys.map(({ selector }) => selector).join(', ')}. Whether mail is signed with them cannot be seen from here.`,
    found,
  }
}

function nameOf(domain: string, selector: string): string {
  return `${selector}._domainkey.${domain}`
}
