import { isIP } from 'node:net'
import {
  type AuthenticationCheck,
  type AuthenticationDns,
  type DnsAnswer,
  type MailAuthentication,
  passesFor,
  type SmtpClient,
} from './authentication.ts'

const QUESTIONS_MAX = 100
const SIGNATURES_MAX = 10
const ARC_MAX = 150

/** Checks a mail ourselves. Without the connection it came by there is no SPF, and signatures alone have to tell. */
export async function checkedAuthentication(
  raw: Buffer,
  client: SmtpClient | null,
  dns: AuthenticationDns,
): Promise<MailAuthentication> {
  // Loaded at first use: nobody who receives no mail waits for it.
  const [{ dkimVerify }, { spf: checkSpf }, { arc: checkArc }, { evaluateDmarc }] = await Promise.all([
    import('mailauth/lib/dkim/verify.js'),
    import('mailauth/lib/spf/index.js'),
    import('mailauth/lib/arc/index.js'),
    import('mailauth/lib/dmarc/index.js'),
  ])
  const resolver = asker(dns) as never
  const signed = await dkimVerify(withFewerSignatures(raw), { resolver })
  const spf =
    client === null
      ? null
      : await checkSpf({ resolver, ip: client.ip, helo: heloOf(client), sender: client.envelopeSender, mta: 'waybill' })
  const arc = await checkArc(signed.arc as never, { resolver })
  const passed = signed.results.filter(({ status }) => status.result === 'pass')
  const { response } = await evaluateDmarc({
    resolver,
    headerFrom: signed.headerFrom,
    fromFields: signed.fromFields,
    spfDomains: spf?.status.result === 'pass' && spf.domain ? [spf.domain] : [],
    dkimDomains: passed.map(({ signingDomain, status, id }) => ({
      id: id as string,
      domain: signingDomain ?? '',
      aligned: status.aligned ?? false,
      // What was added behind a signature of part of the body is nobody's.
      ...(status.underSized ? { underSized: status.underSized } : {}),
    })),
    arcResult: arc as never,
  })
  const dmarc = response === false ? null : response
  const spfChecks = spf === null ? [] : [checkOf(spf.status, spf.domain)]
  const dkimChecks = signed.results
    .filter(({ signingDomain }) => Boolean(signingDomain))
    .map(({ status, signingDomain }) => checkOf(status, signingDomain))
  // Of a mail with two senders nobody can say whose it is.
  const from =
    signed.fromFields === 1 && signed.headerFrom.length === 1 ? (signed.headerFrom[0]?.split('@').at(-1) ?? null) : null
  const hasNoPolicy = dmarc !== null && dmarc.status.result === 'none'
  return {
    spf: spfChecks,
    dkim: dkimChecks,
    dmarc: dmarc === null ? [] : [checkOf(dmarc.status, dmarc.status.header?.from ?? dmarc.domain)],
    arc: arc.status.result === 'none' ? [] : [checkOf(arc.status, (arc.signature || null)?.signingDomain ?? null)],
    source: 'checked',
    aligned: dmarc?.status.result === 'pass' || (hasNoPolicy && passesFor(from, [...spfChecks, ...dkimChecks])),
  }
}

function checkOf(
  status: { readonly result: string; readonly comment?: string | undefined },
  domain: unknown,
): AuthenticationCheck {
  const { result, comment = '' } = status
  return {
    result,
    // What is no letter of a name shows that it is none, and is equal to nobody's.
    domain: typeof domain === 'string' && domain !== '' ? plain(domain.toLowerCase(), '\ufffd', 253) : null,
    detail: comment === '' ? null : plain(comment, ' ', 500),
  }
}

/** Cut without leaving half of a letter, which no database takes. */
function plain(text: string, inPlaceOfControls: string, length: number): string {
  return text
    .replace(/[\x00-\x1f\x7f-\x9f]/g, inPlaceOfControls)
    .slice(0, length)
    .toWellFormed()
}

function heloOf({ helo, ip }: SmtpClient): string {
  const name = helo === '' ? ip : helo
  return isIP(name) === 0 ? name : `[${name}]`
}

type Ask = (name: string, type: string) => Promise<unknown[]>

/** The checker asks as Node does: answers as arrays, no answer as an error with a code. Each question is asked once, and not too many are. */
function asker(dns: AuthenticationDns): Ask {
  const asked = new Map<string, Promise<unknown[]>>()
  return (name, type) => {
    const key = `${type} ${name.toLowerCase()}`
    const before = asked.get(key)
    if (before) return before
    const answer = asked.size >= QUESTIONS_MAX ? Promise.reject(failure('ETIMEOUT', 'too many questions')) : ask(dns, name, type)
    answer.catch(() => {})
    asked.set(key, answer)
    return answer
  }
}

async function ask(dns: AuthenticationDns, name: string, type: string): Promise<unknown[]> {
  switch (type) {
    case 'TXT':
      return foundIn(await dns.txt(name)).map((text) => [text])
    case 'MX':
      return foundIn(await dns.mx(name)).map(({ host, preference }) => ({ exchange: host, priority: preference }))
    case 'A':
    case 'AAAA':
      return foundIn(await dns.addressesOf(name, type === 'A' ? 4 : 6)).map(({ address }) => address)
    case 'PTR':
      return [...foundIn(await dns.ptr(addressIn(name)))]
    default:
      return []
  }
}

const CODES = { nxdomain: 'ENOTFOUND', nodata: 'ENODATA', servfail: 'ESERVFAIL', timeout: 'ETIMEOUT' } as const

function foundIn<Found>(answer: DnsAnswer<Found>): readonly Found[] {
  if (answer.ok) return answer.found
  throw failure(CODES[answer.kind], answer.message)
}

function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}

/** `4.3.2.1.in-addr.arpa` is the question for 1.2.3.4 (RFC 1035 §3.5, RFC 3596 §2.5). */
function addressIn(name: string): string {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.').slice(0, -2).reverse()
  return labels.length > 4
    ? (labels
        .join('')
        .match(/.{1,4}/g)
        ?.join(':') ?? name)
    : labels.join('.')
}

/**
 * Signatures beyond a number that no honest mail has are taken out, with others of the trace: each one asked for costs a question to the DNS and a
 * pass over the whole body.
 */
function withFewerSignatures(raw: Buffer): Buffer {
  const end = headEnd(raw)
  const head = raw.toString('latin1', 0, end)
  const fields = head.match(/[^\n]*(?:\n[ \t][^\n]*)*\n?/g) ?? []
  let [signatures, seals] = [0, 0]
  const kept = fields.filter((field) => {
    if (/^dkim-signature[ \t]*:/i.test(field)) return ++signatures <= SIGNATURES_MAX
    return /^arc-/i.test(field) ? ++seals <= ARC_MAX : true
  })
  return signatures <= SIGNATURES_MAX && seals <= ARC_MAX
    ? raw
    : Buffer.concat([Buffer.from(kept.join(''), 'latin1'), raw.subarray(end)])
}

function headEnd(raw: Buffer): number {
  const [crlf, lf] = [raw.indexOf('\r\n\r\n'), raw.indexOf('\n\n')]
  const ends = [crlf === -1 ? raw.length : crlf + 2, lf === -1 ? raw.length : lf + 1]
  return Math.min(...ends)
}
