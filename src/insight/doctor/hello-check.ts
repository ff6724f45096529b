import { type Capabilities, NO_CAPABILITIES, parseCapabilities } from '../../delivery/providers/smtp/capabilities.ts'
import { type Examination, type Found, failureOf, findingOf, type Place } from './examination.ts'
import { quote } from './greeting-check.ts'
import { heloProblem } from './lint-identity.ts'
import type { Finding, Fix } from './report.ts'
import { shown } from './text.ts'
import type { Dialogue, Heard } from './wire.ts'

/** Who we say we are, and what the server offers. */
export async function checkHello(exam: Examination, place: Place, dialogue: Dialogue): Promise<Found<Capabilities>> {
  const heard = await dialogue.ask(`EHLO ${exam.heloName}`, exam.limits.reply)
  if (heard.kind === 'reply' && heard.reply.code === 250) {
    const offered = parseCapabilities(heard.reply.text)
    const cause = await nameProblem(exam)
    return { finding: { status: cause ? 'warn' : 'ok', evidence: evidenceOf(offered), cause }, value: offered }
  }
  // RFC 5321 §3.2: a server that does not know EHLO still knows HELO.
  const unknown = heard.kind === 'reply' && heard.reply.code >= 500 && heard.reply.code <= 504
  const older = unknown ? await dialogue.ask(`HELO ${exam.heloName}`, exam.limits.reply) : heard
  if (older.kind === 'reply' && older.reply.code === 250) {
    const evidence = `EHLO: ${heard.kind === 'reply' ? quote(heard.reply) : ''}; HELO: ${quote(older.reply)}`
    return {
      finding: { status: 'warn', evidence, cause: 'The server knows no extensions at all: no encryption, no log-in.' },
      value: NO_CAPABILITIES,
    }
  }
  return { finding: await refused(exam, place, older), value: null }
}

/** A name that somebody chose has to be in the DNS; that of this machine, which nobody chose, does no harm at a relay that accepts it. */
async function nameProblem({ input: { helo_name }, deps: { resolver } }: Examination): Promise<string | null> {
  if (!helo_name || heloProblem(helo_name) !== null || helo_name.startsWith('[')) return null
  const answer = await resolver.addresses(helo_name)
  if (answer.ok || (answer.kind !== 'nxdomain' && answer.kind !== 'nodata')) return null
  return `The DNS does not know the HELO name ${shown(helo_name, 100)}: this server accepts it, others may refuse it.`
}

async function refused(exam: Examination, place: Place, heard: Heard): Promise<Finding> {
  const failure = failureOf(exam, place, { stage: 'ehlo', ...(heard.kind === 'reply' ? heard : { ...heard, bodySent: false }) })
  const evidence = `EHLO ${shown(exam.heloName, 100)}: ${heard.kind === 'reply' ? quote(heard.reply) : heard.message}`
  return findingOf(failure, { evidence, fixes: heard.kind === 'reply' ? await betterNames(exam) : [] })
}

/** Names of the sender's domain that the DNS knows: servers that look the name up will find it. */
async function betterNames(exam: Examination): Promise<Fix[]> {
  const address = exam.input.from ?? exam.input.user ?? ''
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase()
  const names = address.includes('@') ? [`mail.${domain}`, domain] : []
  for (const name of names.filter((name) => name !== exam.heloName && heloProblem(name) === null)) {
    if ((await exam.deps.resolver.addresses(name)).ok)
      return [{ label: `Announce ${shown(name, 80)}`, patch: { helo_name: name } }]
  }
  return []
}

function evidenceOf(offered: Capabilities): string {
  const names = [
    offered.starttls ? 'STARTTLS' : null,
    offered.auth.length > 0 ? `AUTH ${offered.auth.join(' ')}` : null,
    offered.size === null ? null : offered.size === 0 ? 'SIZE' : `SIZE ${offered.size} (${megabytes(offered.size)})`,
    offered.pipelining ? 'PIPELINING' : null,
    offered.chunking ? 'CHUNKING' : null,
    offered.eightBit ? '8BITMIME' : null,
    offered.internationalized ? 'SMTPUTF8' : null,
  ].filter((name) => name !== null)
  return names.length === 0 ? 'No extension that we use is offered.' : shown(names.join(', '))
}

function megabytes(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.floor(bytes / 1024)} KB` : `${Math.floor(bytes / 1_048_576)} MB`
}
