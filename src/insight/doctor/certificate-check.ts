import { checkServerIdentity, type PeerCertificate, type TLSSocket } from 'node:tls'
import { DAY } from '../../lib/clock.ts'
import { causeOf, type Examination, type Found, failureOf, findingOf, type Place } from './examination.ts'
import type { Finding, Fix } from './report.ts'
import { listed, shown } from './text.ts'

const SOON_DAYS = 14
const NAMES_SHOWN = 6

/** The certificate, judged as sending judges it: by the pinned fingerprint, or by chain, dates and name. */
export async function checkCertificate(exam: Examination, place: Place, socket: TLSSocket): Promise<Found<true>> {
  const certificate = socket.getPeerCertificate()
  if (!certificate.fingerprint256) {
    const none = {
      stage: 'tls',
      kind: 'lost',
      code: 'ERR_TLS_NO_CERTIFICATE',
      message: 'the server showed no certificate',
      bodySent: false,
    } as const
    return { finding: findingOf(failureOf(exam, place, none), { evidence: none.message }), value: null }
  }
  const now = exam.deps.clock.now()
  const evidence = evidenceOf(certificate)
  const pinned = exam.input.certificate_fingerprint
  if (pinned) return judgePinned(pinned, certificate, evidence)

  const faults = faultsOf(socket, exam.input.host, certificate)
  const first = faults[0]
  if (!first) return { finding: inOrder(certificate, evidence, now), value: true }
  const failures = faults.map((fault) => failureOf(exam, place, { stage: 'tls', kind: 'lost', ...fault, bodySent: false }))
  const fixes = [...(await nameFixes(exam, place, faults, certificate)), ...pinFixes(faults, certificate)]
  const cause = [datesOf(first, certificate, now), ...failures.map(causeOf)].filter((part) => part !== null).join(' ')
  return { finding: { status: 'fail', evidence, cause, fixes }, value: null }
}

interface Fault {
  readonly code: string
  readonly message: string
}

/** OpenSSL reports the chain's first fault only; the name is compared here, so that both are told at once. */
function faultsOf(socket: TLSSocket, host: string, certificate: PeerCertificate): Fault[] {
  const byName = checkServerIdentity(host, certificate)
  const code = byName && 'code' in byName && typeof byName.code === 'string' ? byName.code : 'ERR_TLS_CERT_ALTNAME_INVALID'
  const chain = socket.authorizationError as unknown as string | Error | null
  const chainCode =
    chain === null || chain === undefined ? null : String(chain instanceof Error && 'code' in chain ? chain.code : chain)
  return [
    ...(chainCode && chainCode !== code ? [{ code: chainCode, message: '' }] : []),
    ...(byName ? [{ code, message: byName.message }] : []),
  ]
}

function judgePinned(pinned: string, certificate: PeerCertificate, evidence: string): Found<true> {
  if (plain(certificate.fingerprint256) === plain(pinned)) {
    return { finding: { status: 'ok', evidence: `${evidence} Its fingerprint is the pinned one.` }, value: true }
  }
  const fixes: Fix[] = [
    { label: 'Pin the certificate shown now', patch: { certificate_fingerprint: certificate.fingerprint256 } },
    { label: 'Verify name and issuer instead of a pin', patch: { certificate_fingerprint: null } },
  ]
  const cause =
    'The server shows another certificate than the pinned one: it was renewed, or somebody sits in between. Compare the new fingerprint with its administrator before you pin it.'
  return {
    finding: {
      status: 'fail',
      evidence: `${evidence} Fingerprint ${certificate.fingerprint256}, pinned ${pinned}.`,
      cause,
      fixes,
    },
    value: null,
  }
}

function plain(fingerprint: string): string {
  return fingerprint.replaceAll(':', '').toUpperCase()
}

function inOrder(certificate: PeerCertificate, evidence: string, now: Date): Finding {
  const days = daysFrom(now, certificate.valid_to)
  if (days >= SOON_DAYS) return { status: 'ok', evidence }
  const cause = `It expires in ${days} ${days === 1 ? 'day' : 'days'}. If nobody renews it, mail stops then.`
  return { status: 'warn', evidence, cause }
}

function datesOf({ code }: Fault, certificate: PeerCertificate, now: Date): string | null {
  if (code === 'CERT_HAS_EXPIRED') {
    const days = -daysFrom(now, certificate.valid_to)
    return `Expired ${days <= 0 ? 'today' : days === 1 ? 'yesterday' : `${days} days ago`}.`
  }
  return code === 'CERT_NOT_YET_VALID' ? `Valid only from ${isoDay(certificate.valid_from)} on.` : null
}

function daysFrom(now: Date, text: string): number {
  return Math.floor((new Date(text).getTime() - now.getTime()) / DAY)
}

function evidenceOf(certificate: PeerCertificate): string {
  const names = namesOf(certificate)
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : ''
  const told = names.length === 0 ? 'no name' : `${more ? names.slice(0, NAMES_SHOWN).join(', ') : listed(names)}${more}`
  const issuer = shown(String(certificate.issuer?.O ?? certificate.issuer?.CN ?? 'nobody'), 80)
  return `For ${told}; issued by ${issuer}; valid from ${isoDay(certificate.valid_from)} to ${isoDay(certificate.valid_to)}.`
}

function isoDay(text: string): string {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? shown(text, 40) : date.toISOString().slice(0, 10)
}

/** Subject alternative names; the common name where there are none (it then counts for nothing, but tells what was meant). */
function namesOf(certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): string[] {
  const alternative = (certificate.subjectaltname ?? '')
    .split(', ')
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined)
  if (alternative.length > 0) return alternative.map((name) => shown(name, 100))
  const common = certificate.subject?.CN
  return common ? [shown(String(common), 100)] : []
}

/** A name of the certificate that leads to the same address is the server's right name. */
async function nameFixes(
  exam: Examination,
  place: Place,
  faults: readonly Fault[],
  certificate: PeerCertificate,
): Promise<Fix[]> {
  if (faults.length !== 1 || faults[0]?.code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return []
  const candidates = namesOf(certificate)
    .filter((name) => !name.includes('*') && name.includes('.'))
    .slice(0, NAMES_SHOWN)
  const known = await Promise.all(candidates.map((name) => exam.deps.resolver.addresses(name)))
  return candidates
    .filter((_, index) => {
      const answer = known[index]
      return answer?.ok === true && answer.found.some(({ address }) => address === place.address)
    })
    .slice(0, 2)
    .map((name) => ({ label: `Use ${name}`, patch: { host: name } }))
}

/** Only where nobody vouches for it: an expired certificate or one for another name is not made right by trusting it. */
function pinFixes(faults: readonly Fault[], certificate: PeerCertificate): Fix[] {
  const untrusted = faults.some(({ code }) => /SELF_SIGNED|UNABLE_TO_/.test(code))
  return untrusted
    ? [
        {
          label: `Pin this certificate (SHA-256 ${certificate.fingerprint256.slice(0, 11)}…)`,
          patch: { certificate_fingerprint: certificate.fingerprint256 },
        },
      ]
    : []
}
